// Notices cameras that no longer take what we send. Waiting for a full buffer of ours takes too long: the kernel alone holds minutes of A-law.
import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import type { Clock } from '../clock.js';
import { STALL_TIMEOUT_MS } from '../limits.js';

/** What is watched of a socket; `net.Socket` has it. */
export interface WatchedSocket {
  readonly bytesWritten: number;
  readonly writableLength: number;
  readonly localPort?: number | undefined;
  readonly remotePort?: number | undefined;
  readonly remoteAddress?: string | undefined;
}

/** Bytes sent but not yet acknowledged, by connection, also where there are none; undefined where the system does not tell. */
export type ReadSendQueues = (families: ReadonlySet<4 | 6>) => Promise<ReadonlyMap<string, number> | undefined>;

/** One look for all who ask at the same time: what is asked in one turn of the event loop is read once, at its end. */
export function sharedReads(read: ReadSendQueues): ReadSendQueues {
  let next: { readonly families: Set<4 | 6>; readonly queues: ReturnType<ReadSendQueues> } | undefined;
  return (families) => {
    if (next === undefined) {
      const wanted = new Set<4 | 6>();
      // Read after the turn, so that nobody gets an answer that is older than the question.
      const queues = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        next = undefined;
        return read(wanted);
      });
      next = { families: wanted, queues };
    }
    for (const family of families) next.families.add(family);
    return next.queues;
  };
}

interface Entry {
  readonly socket: WatchedSocket;
  readonly onStall: () => void;
  acknowledged: number;
  since: number;
}

/**
 * How often the queues are looked at, ms. The kernel walks its whole table of connections for it: 0.1 ms on a small machine, 3 to 7 ms with
 * 262144 buckets. Looking may take a thousandth of the time. A queue that seems stuck is looked at again after STALL_TIMEOUT_MS.
 */
const LEAST_PAUSE_MS = 2_000;
const MOST_PAUSE_MS = 10_000;
const PAUSE_PER_COST = 1_000;
/** Between looks for the last bytes of a clip, ms: growing. An acknowledgement comes within 40 ms, delayed ones included (RFC 1122: 500 ms at most). */
const CONFIRM_PAUSES_MS: readonly number[] = [5, 10, 20, 40, 80, 160, 250];

/** One watch for all sessions of a pool; it wakes up only while there is something to watch. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #readSendQueues: ReadSendQueues;
  readonly #entries = new Set<Entry>();
  #running = false;
  #sleep = new AbortController();

  constructor(clock: Clock, readSendQueues: ReadSendQueues = sharedReads(linuxSendQueues)) {
    this.#clock = clock;
    this.#readSendQueues = readSendQueues;
  }

  /** Calls `onStall` once when nothing was acknowledged for STALL_TIMEOUT_MS although something was sent. Returns the way to stop watching. */
  watch(socket: WatchedSocket, onStall: () => void): () => void {
    const entry: Entry = { socket, onStall, acknowledged: 0, since: this.#clock.now() };
    this.#entries.add(entry);
    if (!this.#running) void this.#run();
    return () => {
      this.#entries.delete(entry);
      if (this.#entries.size === 0) this.#sleep.abort();
    };
  }

  /**
   * Waits until the peer's system has taken so many bytes of all written to the socket, STALL_TIMEOUT_MS at most: whether it has, or
   * undefined where nobody can know: the system does not tell, or not of this connection. Rejects with the signal's reason.
   */
  async hasTaken(socket: WatchedSocket, bytes: number, signal: AbortSignal): Promise<boolean | undefined> {
    const deadline = this.#clock.now() + STALL_TIMEOUT_MS;
    let isMissing = false;
    for (let looks = 0; ; looks++) {
      // What is written while the queue is read must not count as taken.
      const { bytesWritten } = socket;
      const queues = await this.#readSendQueues(familyOf(socket)).catch(() => undefined);
      signal.throwIfAborted();
      const queued = queues?.get(connectionKey(socket));
      if (bytesWritten - socket.writableLength - (queued ?? 0) >= bytes) {
        if (queued !== undefined) return true;
        // It may be reset, of which the signal tells in a moment. The table is also read in pieces: a row can slip through.
        if (queues === undefined || isMissing) return undefined;
        isMissing = true;
      } else isMissing = false;
      if (this.#clock.now() >= deadline) return false;
      const pause = CONFIRM_PAUSES_MS[Math.min(looks, CONFIRM_PAUSES_MS.length - 1)] ?? 0;
      await this.#clock.wait(Math.min(pause, deadline - this.#clock.now()), signal);
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    let pauseMs = LEAST_PAUSE_MS;
    while (this.#entries.size > 0) {
      this.#sleep = new AbortController();
      await this.#clock.wait(pauseMs, this.#sleep.signal).catch(() => undefined);
      if (this.#entries.size > 0) pauseMs = await this.#look();
    }
    this.#running = false;
  }

  /** Resolves with how long to wait until the next look, ms. */
  async #look(): Promise<number> {
    const families = new Set([...this.#entries].flatMap(({ socket }) => [...familyOf(socket)]));
    const startedAt = this.#clock.now();
    const queues = await this.#readSendQueues(families).catch(() => undefined);
    const now = this.#clock.now();
    let suspicious = false;
    for (const entry of this.#entries) {
      const { socket } = entry;
      const outstanding = outstandingOf(socket, queues);
      const acknowledged = socket.bytesWritten - outstanding;
      if (outstanding === 0 || acknowledged > entry.acknowledged) {
        entry.acknowledged = acknowledged;
        entry.since = now;
        suspicious ||= outstanding > 0;
      } else if (now - entry.since >= STALL_TIMEOUT_MS) {
        this.#entries.delete(entry);
        entry.onStall();
      } else suspicious = true;
    }
    if (suspicious) return STALL_TIMEOUT_MS;
    return Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, (now - startedAt) * PAUSE_PER_COST));
  }
}

/** Linux lists every TCP socket with the bytes in its send queue (proc(5), `/proc/net/tcp`); elsewhere the files do not exist. */
export async function linuxSendQueues(families: ReadonlySet<4 | 6>): Promise<ReadonlyMap<string, number> | undefined> {
  const paths = [...families].map((family) => (family === 4 ? '/proc/net/tcp' : '/proc/net/tcp6'));
  const tables = await Promise.all(paths.map((path) => readFile(path, 'latin1').catch(() => undefined)));
  return tables.includes(undefined) ? undefined : parseSendQueues(tables.join('\n'));
}

/** Connection key -> bytes in the send queue. A connection that was reset has no row any more, before anybody is told. */
export function parseSendQueues(table: string): Map<string, number> {
  const queues = new Map<string, number>();
  // sl: local:port remote:port state tx:rx …
  const row = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/gm;
  for (const [, local = '', address = '', remote = '', queued = ''] of table.matchAll(row)) {
    const key = `${parseInt(local, 16)} ${address}:${parseInt(remote, 16)}`;
    // Two of our own addresses may have the same port.
    queues.set(key, Math.max(parseInt(queued, 16), queues.get(key) ?? 0));
  }
  return queues;
}

function familyOf(socket: WatchedSocket): ReadonlySet<4 | 6> {
  return new Set([isIPv4(socket.remoteAddress ?? '') ? 4 : 6]);
}

/** Bytes written to the socket that the peer has not taken, as far as the system tells. */
function outstandingOf(socket: WatchedSocket, queues: ReadonlyMap<string, number> | undefined): number {
  return socket.writableLength + (queues?.get(connectionKey(socket)) ?? 0);
}

function connectionKey(socket: WatchedSocket): string {
  return `${socket.localPort ?? 0} ${procAddress(socket.remoteAddress ?? '')}:${socket.remotePort ?? 0}`;
}

/** An address as the kernel prints it: 32-bit words in host order (little endian on every platform Node.js runs on). */
export function procAddress(address: string): string {
  if (isIPv4(address)) return word(address.split('.').map(Number));
  const plain = address.replace(/%.*$/, '');
  const mapped = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const text =
    mapped === null
      ? plain
      : `${mapped[1] ?? ''}${hex(Number(mapped[2]))}${hex(Number(mapped[3]))}:${hex(Number(mapped[4]))}${hex(Number(mapped[5]))}`;
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  const bytes = groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]);
  return [0, 4, 8, 12].map((start) => word(bytes.slice(start, start + 4))).join('');
}

function word(bytes: readonly number[]): string {
  return [...bytes].reverse().map(hex).join('').toUpperCase();
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
