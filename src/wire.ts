// What goes over the connections to cameras, for whoever records it: plain data, so that it may come from another thread. It holds secrets as they were sent.
import type { Clock } from './clock.js';
import { swallowing } from './logger.js';

export type WireEvent = {
  /** Number of the connection; they are counted in each thread. */
  readonly connection: number;
  /** `stream`: the HTTP talk. */
  readonly protocol: 'rtsp' | 'http' | 'stream';
  /** Milliseconds on the clock. */
  readonly at: number;
} & (
  | { readonly what: 'open' }
  | { readonly what: 'sent' | 'received'; readonly bytes: Uint8Array }
  /** Comes last, once; `code` is an errno, or that of our own error. Without `open` before it there was no connection. */
  | { readonly what: 'over'; readonly by: 'us' | 'camera'; readonly code?: string | undefined }
);

export type OnWire = (event: WireEvent) => void;

let counted = 0;

/** One connection that is watched. */
export class Wire {
  readonly #of: Pick<WireEvent, 'connection' | 'protocol'>;
  readonly #clock: Clock;
  readonly #onWire: OnWire;
  #over = false;

  constructor(protocol: WireEvent['protocol'], clock: Clock, onWire: OnWire) {
    this.#of = { connection: ++counted, protocol };
    this.#clock = clock;
    this.#onWire = swallowing(onWire);
  }

  open(): void {
    this.#tell({ what: 'open' });
  }

  sent(bytes: Uint8Array): void {
    this.#pass('sent', bytes);
  }

  received(bytes: Uint8Array): void {
    this.#pass('received', bytes);
  }

  /** The first end counts, and nothing after it. */
  over(by: 'us' | 'camera', code?: string): void {
    this.#tell({ what: 'over', by, code });
    this.#over = true;
  }

  /** Field by field: spreading objects takes 2 µs, and this is done for every packet, whether anybody watches or not. */
  #pass(what: 'sent' | 'received', bytes: Uint8Array): void {
    const { connection, protocol } = this.#of;
    if (!this.#over) this.#onWire({ connection, protocol, at: this.#clock.now(), what, bytes });
  }

  #tell(told: { what: 'open' } | { what: 'over'; by: 'us' | 'camera'; code?: string | undefined }): void {
    if (!this.#over) this.#onWire({ ...this.#of, at: this.#clock.now(), ...told });
  }
}
