// When a sample was heard by the camera, as well as arrival times tell: the earliest arrivals count, the others were held up on the way. Pure.

/** How fast two clocks may drift apart: 200 parts in a million covers cheap quartz twice over. */
const MAX_DRIFT = 200e-6;
/** Later by more than this is not jitter: the camera paused. */
const MAX_HOLD_UP_MS = 1_000;

/** Maps places in a stream of sound to milliseconds on the clock of the arrivals. */
export class Timeline {
  readonly #sampleRate: number;
  /** When sample 0 was heard; undefined before the first arrival. */
  #origin: number | undefined;
  #seenAt = 0;

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  /** At `arrivedAt` the stream had come up to sample `end`, exclusive. */
  observe(arrivedAt: number, end: number): void {
    const origin = arrivedAt - this.#ms(end);
    const drift = (arrivedAt - this.#seenAt) * MAX_DRIFT;
    this.#seenAt = arrivedAt;
    if (this.#origin === undefined || origin - this.#origin > MAX_HOLD_UP_MS) this.#origin = origin;
    else this.#origin = Math.min(origin, this.#origin + drift);
  }

  /** The stream begins anew: forgets what was known of it. */
  restart(): void {
    this.#origin = undefined;
  }

  /** When this sample was heard, ms. */
  at(position: number): number {
    return (this.#origin ?? this.#seenAt) + this.#ms(position);
  }

  #ms(samples: number): number {
    return (samples * 1_000) / this.#sampleRate;
  }
}
