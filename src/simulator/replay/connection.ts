// One connection of a camera that repeats a capture: it waits for what was asked and says what was said, as long after it as then.
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.js';
import { AskedReader, type Asked } from './asked.js';
import type { RecordedConnection, Step } from './recorded.js';
import type { Seats } from './seats.js';

export interface ReplayDeps {
  readonly clock: Clock;
  readonly seats: Seats;
  /** What nobody has recorded was asked. */
  readonly strange: (key: string) => void;
}

export class ReplayConnection {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #deps: ReplayDeps;
  readonly #reader = new AskedReader();
  readonly #gone = new AbortController();
  #seat: RecordedConnection | undefined;
  /** What was asked and not answered yet. */
  readonly #asked: string[] = [];
  #first = true;
  #frames = 0;
  /** Frames that earlier steps have counted. */
  #counted = 0;
  #next = 0;
  /** The present minus the capture's time, ms, as of the last thing that the client did. */
  #offset: number;
  #wake: () => void = () => undefined;

  constructor(socket: Socket, deps: ReplayDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#seat = deps.seats.take();
    this.#offset = deps.clock.now() - (this.#seat?.at ?? 0);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#gone.abort();
        this.#wake();
        resolve();
      });
    });
    void this.#play();
  }

  /** Safe to repeat. */
  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const asked = this.#reader.push(chunk);
    if (asked === undefined) this.destroy();
    else for (const one of asked) this.#take(one);
    this.#wake();
  }

  #take(one: Asked): void {
    if (one.kind === 'frame') {
      this.#frames += 1;
      const stall = this.#steps.find((step) => step.kind === 'stall');
      if (stall?.kind === 'stall' && this.#frames >= stall.frames) this.#socket.pause();
      return;
    }
    if (this.#first) this.#settle(one.key);
    this.#first = false;
    this.#asked.push(one.key);
  }

  get #steps(): readonly Step[] {
    return this.#seat?.steps ?? [];
  }

  /** The first request says whether this is the seat. */
  #settle(key: string): void {
    const seat = this.#deps.seats.exchange(this.#seat, key);
    if (seat === undefined || seat === this.#seat) return;
    this.#seat = seat;
    this.#next = 0;
  }

  async #play(): Promise<void> {
    while (!this.#gone.signal.aborted) {
      const step = this.#steps[this.#next];
      if (step === undefined || step.kind === 'ask') {
        const key = this.#asked.shift();
        if (key === undefined) await this.#more();
        else this.#answer(key);
      } else if (step.kind === 'frames') {
        const key = this.#frames - this.#counted < step.count ? this.#asked.shift() : undefined;
        if (key !== undefined) this.#answer(key);
        else if (this.#frames - this.#counted < step.count) await this.#more();
        else {
          this.#counted += step.count;
          this.#done(step);
        }
      } else if (step.kind === 'stall') {
        await this.#more();
      } else {
        // What is due is said in this turn of the event loop: a camera may hang up before it is asked.
        if (this.#in(step) > 0) await this.#until(step);
        if (!this.#isAt(step)) continue;
        this.#next += 1;
        if (step.kind === 'say') this.#socket.write(step.bytes);
        else {
          this.#end(step.reset);
          return;
        }
      }
    }
  }

  /** Whatever is asked after it, nobody answers. */
  #end(reset: boolean): void {
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.end();
  }

  /** Goes on behind what was asked: the next time it was, else the last time. A camera that was never asked it hangs up. */
  #answer(key: string): void {
    const places = this.#steps.flatMap((step, at) => (step.kind === 'ask' && step.key === key ? [at] : []));
    const at = places.find((place) => place >= this.#next) ?? places.at(-1);
    const step = at === undefined ? undefined : this.#steps[at];
    if (at === undefined || step === undefined) {
      this.#deps.strange(key);
      this.#socket.end();
      return;
    }
    this.#next = at;
    this.#done(step);
  }

  /** The client did what it did then: time goes on from there. */
  #done({ at }: Step): void {
    this.#offset = this.#deps.clock.now() - at;
    this.#next += 1;
  }

  /** Ms from now; negative for what is due. */
  #in({ at }: Step): number {
    return at + this.#offset - this.#deps.clock.now();
  }

  async #until(step: Step): Promise<void> {
    await this.#deps.clock.wait(this.#in(step), this.#gone.signal).catch(() => undefined);
  }

  /** It may be gone, or on another seat, by now. */
  #isAt(step: Step): boolean {
    return !this.#gone.signal.aborted && this.#steps[this.#next] === step;
  }

  /** Until the client says something, or is gone. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
