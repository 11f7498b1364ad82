// A proxy between client and camera that changes some of the bytes, both ways, as its random numbers will; and notes what the client really sent.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/clock.js';
import { mutate } from './mutations.js';

export interface ProxyOptions {
  readonly clock: Clock;
  /** Of the camera. */
  readonly port: number;
  readonly random: () => number;
  /** How many of the pieces are changed, 0 to 1. */
  readonly share: number;
}

/** So many of the pieces of one direction may be replayed. */
const REMEMBERED = 20;

export class Proxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #over = new AbortController();
  /** What clients sent, unchanged, connection by connection. */
  readonly sent: Buffer[][] = [];
  /** What reached clients, all of them. */
  readonly received: Buffer[] = [];
  /** What was done, in order: `camera flip`. */
  readonly done: string[] = [];
  /** Bytes pass as they are. */
  clean = false;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
  }

  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Lets go of all connections; new ones pass unchanged. */
  heal(): void {
    this.clean = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.#over.abort(new Error('The proxy is gone'));
    this.heal();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const camera = connect({ port: this.#options.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const sent: Buffer[] = [];
    this.sent.push(sent);
    client.on('data', (bytes: Buffer) => sent.push(Buffer.from(bytes)));
    this.#pass('client', client, camera);
    this.#pass('camera', camera, client);
  }

  #pass(from: string, source: Socket, target: Socket): void {
    this.#sockets.add(source);
    const earlier: Buffer[] = [];
    let held = Buffer.alloc(0);
    let before: Promise<unknown> = Promise.resolve();
    /** One after the other, whatever waits. */
    const then = (step: () => unknown): void => {
      before = before.then(step).catch(() => void target.destroy());
    };
    source.on('data', (bytes: Buffer) => {
      const piece =
        this.clean || this.#options.random() >= this.#options.share
          ? undefined
          : mutate(bytes, this.#options.random, earlier);
      earlier.push(Buffer.from(bytes));
      if (earlier.length > REMEMBERED) earlier.shift();
      if (piece !== undefined) this.done.push(`${from} ${piece.name}`);
      then(async () => {
        const { bytes: parts = [bytes], waitMs = 0, held: hold, ends } = piece ?? {};
        if (hold === true) {
          held = Buffer.concat([held, ...parts]);
          return;
        }
        if (waitMs > 0) await this.#options.clock.wait(waitMs, this.#over.signal);
        for (const part of parts) {
          const whole = Buffer.concat([held, part]);
          if (target.writable) target.write(whole);
          if (from === 'camera') this.received.push(whole);
          held = Buffer.alloc(0);
          await nextTurn();
        }
        if (ends === 'fin') for (const socket of [source, target]) socket.end();
        if (ends === 'rst') for (const socket of [source, target]) socket.resetAndDestroy();
      });
    });
    source.on('end', () => then(() => void target.end()));
    source.on('error', () => then(() => void target.destroy()));
    source.on('close', () => {
      this.#sockets.delete(source);
      then(() => void target.destroy());
    });
  }
}
