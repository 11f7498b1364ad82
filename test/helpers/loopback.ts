// When this process has nothing left to do before time moves: every byte and every end that its sockets gave each other has arrived. For sockets between its own servers and clients.
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { procAddress } from '../../src/talk/stall-watch.js';
import type { FakeClock } from './fake-clock.js';
import { watch } from './collect.js';

/** Turns of the event loop without anything on its way; an answer in pieces waits two turns between them. */
const STILL_TURNS = 5;
/** More than the busiest machine needs to pass a byte on, ms. */
const PATIENCE_MS = 30_000;

interface Watched {
  readonly socket: Socket;
  readonly isClient: boolean;
  /** Its own port and the peer's: forgotten by the socket when it ends. */
  ports?: readonly [own: number, peer: number];
}

const CLIENT = 'net.client.socket';
const open = new Set<Watched>();
let opened = 0;

function follow(message: unknown, channel: string | symbol): void {
  const { socket } = message as { socket: Socket };
  const watched: Watched = { socket, isClient: channel === CLIENT };
  const note = (): void => {
    if (socket.localPort !== undefined && socket.remotePort !== undefined)
      watched.ports = [socket.localPort, socket.remotePort];
  };
  note();
  socket.once('connect', note);
  socket.once('close', () => open.delete(watched));
  open.add(watched);
  opened += 1;
}

subscribe(CLIENT, follow);
subscribe('net.server.socket', follow);

/** Sockets that are not closed yet. */
export function openSockets(): number {
  return open.size;
}

/**
 * What the peers in this process have not read yet, for a StallWatch: as the system would tell it of a camera with a small buffer, and without the
 * 40 ms of real time for which it holds an acknowledgement back.
 */
export function unreadBytes(): Promise<ReadonlyMap<string, number>> {
  const unread = new Map<string, number>();
  for (const { socket, ports } of open) {
    const peer = ports === undefined ? undefined : peerOf(ports);
    if (ports === undefined || peer === undefined) continue;
    const bytes = socket.bytesWritten - socket.writableLength - (peer.bytesRead - peer.readableLength);
    unread.set(`${ports[0]} ${procAddress('127.0.0.1')}:${ports[1]}`, Math.max(0, bytes));
  }
  return Promise.resolve(unread);
}

/** Resolves when nothing is on its way between the sockets of this process. */
export async function atRest(): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let before = -1;
  for (let still = 0; still < STILL_TURNS;) {
    await nextTurn();
    const passed = bytesPassed();
    still = passed !== before || isMoving() ? 0 : still + 1;
    before = passed;
    if (still === 0 && performance.now() > giveUpAt) throw new Error('The sockets of this process never come to rest');
  }
}

/** Moves the clock from timer to timer until the promise is settled; in between, all that is on its way arrives. Throws when nothing waits, or after so long. */
export async function passingAtRest<T>(clock: FakeClock, promise: Promise<T>, mostMs: number): Promise<T> {
  const last = clock.now() + mostMs;
  const watched = watch(promise);
  for (;;) {
    await atRest();
    if (watched.state !== 'pending') return promise;
    const next = clock.nextIn;
    if (next === undefined) throw new Error('Hangs: nothing waits on the clock');
    if (clock.now() + next > last) throw new Error(`Hangs: not settled within ${mostMs} ms`);
    await clock.advance(Math.max(0, next));
  }
}

/** Changes whenever something was sent or has arrived since. */
function bytesPassed(): number {
  let passed = opened;
  for (const { socket } of open) passed += socket.bytesRead + socket.bytesWritten;
  return passed;
}

function isMoving(): boolean {
  for (const { socket, ports, isClient } of open) {
    // A client that pauses goes on in the next turn; a camera that does has hung.
    if (socket.destroyed || socket.connecting || (isClient && socket.isPaused())) return true;
    if (ports === undefined) continue;
    const peer = peerOf(ports);
    // Accepted in the next turn, or already gone; then the socket is told.
    if (peer === undefined || !isReading(peer)) continue;
    const sent = socket.bytesWritten - socket.writableLength;
    if (sent !== peer.bytesRead || socket.writableLength > 0) return true;
    if (socket.writableFinished && !peer.readableEnded) return true;
  }
  return false;
}

function peerOf([own, peer]: readonly [number, number]): Socket | undefined {
  for (const other of open) if (other.ports?.[0] === peer && other.ports[1] === own) return other.socket;
  return undefined;
}

function isReading(socket: Socket): boolean {
  return !socket.destroyed && !socket.isPaused();
}
