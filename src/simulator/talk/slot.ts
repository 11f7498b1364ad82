// One talker at a time: who holds the camera's loudspeaker, and how long it stays taken after the talk.
import type { Clock } from '../../clock.js';

export class TalkSlot {
  readonly #clock: Clock;
  readonly #releaseMs: number;
  #talker: number | undefined;
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, releaseMs: number) {
    this.#clock = clock;
    this.#releaseMs = releaseMs;
  }

  /** False while another connection talks, and for the release time after its talk. */
  take(connection: number): boolean {
    if (this.#talker !== undefined || this.#clock.now() < this.#freeAt) return false;
    this.#talker = connection;
    return true;
  }

  /** Does nothing when the connection does not talk. `heldMs`: longer than usual. */
  release(connection: number, heldMs = 0): void {
    if (this.#talker !== connection) return;
    this.#talker = undefined;
    this.#freeAt = this.#clock.now() + this.#releaseMs + heldMs;
  }
}
