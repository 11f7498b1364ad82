// One direction of a connection: bytes that wait to be sent, are on their way, or lie unread in the receiver's kernel.
import type { Timers } from './timers.js';

/** What a kernel takes of a writer before it makes it wait, bytes. */
const SEND_BUFFER_BYTES = 262_144;

interface Sent {
  /** Undefined: FIN. */
  readonly bytes: Buffer | undefined;
  readonly at: number;
}

/** What stands between the two ends just now. */
export interface Link {
  readonly latencyMs: number;
  /** Nothing comes through before this instant; what is lost is sent again then. */
  readonly clearAt: number;
  /** No power: nothing comes through. */
  readonly dark: boolean;
}

/** The receiving end. */
export interface Receiver {
  /** False: its kernel has no room; `Half.pump` when it has. */
  take(bytes: Buffer): boolean;
  finish(): void;
}

export class Half {
  readonly #timers: Timers;
  readonly #link: () => Link;
  readonly #receiver: Receiver;
  #waiting: Sent[] = [];
  #waitingBytes = 0;
  /** Delivered, but the sender's kernel does not know yet. */
  #unacknowledged: { readonly bytes: number; readonly until: number }[] = [];
  #room: (() => void)[] = [];
  #onItsWay = false;
  #dead = false;

  constructor(timers: Timers, link: () => Link, receiver: Receiver) {
    this.#timers = timers;
    this.#link = link;
    this.#receiver = receiver;
  }

  /** Bytes the sender's system has not seen acknowledged. */
  get outstanding(): number {
    const now = this.#timers.now();
    this.#unacknowledged = this.#unacknowledged.filter(({ until }) => until > now);
    return this.#unacknowledged.reduce((sum, { bytes }) => sum + bytes, this.#waitingBytes);
  }

  send(bytes: Buffer, taken: () => void): void {
    if (this.#dead) {
      taken();
      return;
    }
    this.#waiting.push({ bytes, at: this.#timers.now() });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > SEND_BUFFER_BYTES) this.#room.push(taken);
    else taken();
    this.pump();
  }

  finish(): void {
    this.#waiting.push({ bytes: undefined, at: this.#timers.now() });
    this.pump();
  }

  /** Nothing more comes through. */
  kill(): void {
    this.#dead = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#unacknowledged = [];
    for (const taken of this.#room.splice(0)) taken();
  }

  /** Sends what is due; called again when the link or the receiver has changed. */
  pump(): void {
    const first = this.#waiting[0];
    const { latencyMs, clearAt, dark } = this.#link();
    if (this.#onItsWay || first === undefined || dark) return;
    this.#onItsWay = true;
    this.#timers.after(Math.max(first.at + latencyMs, clearAt) - this.#timers.now(), () => {
      this.#onItsWay = false;
      this.#arrive();
    });
  }

  #arrive(): void {
    const first = this.#waiting[0];
    const { latencyMs, clearAt, dark } = this.#link();
    if (first === undefined || dark) return;
    if (clearAt > this.#timers.now()) {
      this.pump();
      return;
    }
    if (first.bytes === undefined) {
      this.#waiting.shift();
      this.#receiver.finish();
    } else if (this.#receiver.take(first.bytes)) {
      this.#waiting.shift();
      this.#waitingBytes -= first.bytes.length;
      this.#unacknowledged.push({ bytes: first.bytes.length, until: this.#timers.now() + latencyMs });
      if (this.#waitingBytes <= SEND_BUFFER_BYTES) for (const taken of this.#room.splice(0)) taken();
    } else return;
    this.pump();
  }
}
