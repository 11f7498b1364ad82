// The nonces a camera has given out on its port of the HTTP talk, and how often passwords were refused there in a row. No I/O.
import type { Clock } from '../../clock.js';
import { MAX_TALK_NONCES, TALK_ATTEMPTS_MS } from '../limits.js';

export interface GivenNonce {
  readonly value: string;
  /** Number of the connection it was given on. */
  readonly connection: number;
  /** Highest count that came with it. */
  lastNc: number;
}

/** More refused answers in a row than this are more than one try for each form of the password (PROTOCOL.md H5). */
const FORMS = 2;

export class Nonces {
  readonly #clock: Clock;
  readonly #make: () => string;
  readonly #given: GivenNonce[] = [];
  #refused: number[] = [];

  constructor(clock: Clock, make: () => string) {
    this.#clock = clock;
    this.#make = make;
  }

  give(connection: number): string {
    const value = this.#make();
    this.#given.push({ value, connection, lastNc: 0 });
    if (this.#given.length > MAX_TALK_NONCES) this.#given.shift();
    return value;
  }

  /** The one given last, where tests have given it twice. */
  find(value: string): GivenNonce | undefined {
    return this.#given.findLast((nonce) => nonce.value === value);
  }

  accepted(): void {
    this.#refused = [];
  }

  /** True when this was one more than a client may try. */
  refused(): boolean {
    const now = this.#clock.now();
    this.#refused = [...this.#refused.filter((at) => now - at < TALK_ATTEMPTS_MS), now].slice(-FORMS - 1);
    return this.#refused.length > FORMS;
  }
}
