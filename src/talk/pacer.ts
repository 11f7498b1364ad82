// The beat of one session: a packet at each deadline from open to close, silence unless a talkspurt is on. Slips, never floods.
import type { Clip } from '../audio/clip.js';
import { abortReason, type Clock } from '../clock.js';
import { abortedError } from '../errors.js';
import { SLIP_BUDGET_MS } from '../limits.js';
import type { TalkProfile } from '../multitrans/profile.js';
import { Talkspurt } from './talkspurt.js';

/** Where packets go; a Session is one. */
export interface PacketSink {
  readonly profile: TalkProfile;
  /** Aborts when nothing can be sent any more; its reason is the error. */
  readonly ended: AbortSignal;
  send(payload: Uint8Array): void;
}

export interface PlayOptions {
  /** Silence the session must have carried before the first sound, ms. */
  readonly leadInMs: number;
  readonly fromByte?: number;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of the clip sent so far; after each packet. */
  readonly onProgress?: ((playedMs: number) => void) | undefined;
}

/** What became of a talkspurt. Times are milliseconds on the clock. */
export interface PlayReport {
  /** When the clip's first sample was due within its packet. */
  readonly firstSoundAt: number;
  /** Packets and payload bytes since the turn began, lead-in included. */
  readonly packets: number;
  readonly bytes: number;
  readonly worstLatenessMs: number;
  readonly slips: number;
}

interface Turn {
  readonly talkspurt: Talkspurt;
  readonly onProgress: ((playedMs: number) => void) | undefined;
  /** Resolves with the time at which the last sample is over. */
  readonly finished: Promise<number>;
  readonly finish: (endsAt: number) => void;
  readonly fail: (error: Error) => void;
  firstSoundAt: number | undefined;
  packets: number;
  worstLatenessMs: number;
  slips: number;
}

/** A deadline counts as reached this much early: below the resolution of timers, 1 ms. */
const EARLY_MS = 0.5;

export class Pacer {
  readonly #sink: PacketSink;
  readonly #clock: Clock;
  readonly #silence: Buffer;
  readonly #stop = new AbortController();
  #turn: Turn | undefined;
  #sentBytes = 0;
  /** When a loudspeaker that plays each packet as it comes is through with everything sent. */
  #playedUntil: number;
  #soundEndsAt: number;

  /** Starts in the next turn of the event loop; ends with the sink or by `stop`. */
  constructor(sink: PacketSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
    this.#silence = Buffer.alloc(sink.profile.packetBytes, sink.profile.silence);
    this.#soundEndsAt = clock.now();
    this.#playedUntil = this.#soundEndsAt;
    const end = (): void => this.#stop.abort(sink.ended.reason);
    if (sink.ended.aborted) end();
    else sink.ended.addEventListener('abort', end, { once: true });
    void this.#run();
  }

  /** When the last sound sent so far is over; the start of the session when there was none. */
  get soundEndsAt(): number {
    return this.#soundEndsAt;
  }

  stop(): void {
    this.#stop.abort(abortedError());
  }

  /**
   * Plays the clip; resolves when its last sample has had its time. One at a time.
   * Rejects with the clip's failure, with what ended the session, or with the signal's reason: then the next packet is silence.
   */
  async play(clip: Clip, options: PlayOptions): Promise<PlayReport> {
    const { sampleRate } = this.#sink.profile;
    const leadInBytes = Math.max(0, Math.round((options.leadInMs * sampleRate) / 1_000) - this.#sentBytes);
    const talkspurt = new Talkspurt({ clip, leadInBytes, fromByte: options.fromByte ?? 0 }, this.#silence);
    const { signal } = options;
    const stopped = this.#stop.signal;
    if (signal?.aborted === true) throw abortReason(signal);
    if (stopped.aborted) throw abortReason(stopped);
    const turn = newTurn(talkspurt, options.onProgress);
    const cut = (): void => turn.fail(abortReason(signal));
    signal?.addEventListener('abort', cut, { once: true });
    this.#turn = turn;
    try {
      const endsAt = await turn.finished;
      await this.#clock.wait(
        endsAt - this.#clock.now(),
        signal === undefined ? stopped : AbortSignal.any([signal, stopped]),
      );
      const { firstSoundAt = endsAt, packets, worstLatenessMs, slips } = turn;
      return { firstSoundAt, packets, bytes: packets * this.#silence.length, worstLatenessMs, slips };
    } finally {
      signal?.removeEventListener('abort', cut);
      if (this.#turn === turn) this.#turn = undefined;
    }
  }

  async #run(): Promise<void> {
    const { frameMs } = this.#sink.profile;
    const stopped = this.#stop.signal;
    try {
      // Whoever opened the session may have something to say at once.
      await this.#clock.wait(0, stopped);
      let start = this.#clock.now();
      for (let n = 0; ; n++) {
        const deadline = start + n * frameMs;
        while (deadline - this.#clock.now() > EARLY_MS) await this.#clock.wait(deadline - this.#clock.now(), stopped);
        stopped.throwIfAborted();
        const lateness = this.#clock.now() - deadline;
        const slipped = lateness > SLIP_BUDGET_MS;
        if (slipped) start += lateness;
        this.#dispatch(lateness, slipped);
      }
    } catch {
      // Only the stop signal and a dead sink end the loop; both carry their reason.
      this.#turn?.fail(abortReason(this.#sink.ended.aborted ? this.#sink.ended : stopped));
    }
  }

  #dispatch(lateness: number, slipped: boolean): void {
    const turn = this.#turn;
    if (turn === undefined) {
      this.#send(this.#silence);
      return;
    }
    let payload;
    try {
      payload = turn.talkspurt.next();
    } catch (error) {
      this.#turn = undefined;
      turn.fail(error as Error);
      this.#send(this.#silence);
      return;
    }
    this.#send(payload.bytes);
    turn.packets += 1;
    turn.worstLatenessMs = Math.max(turn.worstLatenessMs, lateness);
    if (slipped) turn.slips += 1;
    const msPerByte = 1_000 / this.#sink.profile.sampleRate;
    if (payload.soundEnd > payload.soundStart) {
      turn.firstSoundAt ??= this.#clock.now() + payload.soundStart * msPerByte;
      this.#soundEndsAt = this.#playedUntil - (payload.bytes.length - payload.soundEnd) * msPerByte;
      try {
        turn.onProgress?.(turn.talkspurt.position * msPerByte);
      } catch (error) {
        // The listener's trouble ends its clip, not the session.
        this.#turn = undefined;
        turn.fail(error as Error);
        return;
      }
    }
    if (turn.talkspurt.finished) {
      this.#turn = undefined;
      turn.finish(this.#soundEndsAt);
    }
  }

  #send(payload: Buffer): void {
    this.#sink.send(payload);
    this.#sentBytes += payload.length;
    this.#playedUntil = Math.max(this.#playedUntil, this.#clock.now()) + this.#sink.profile.frameMs;
  }
}

function newTurn(talkspurt: Talkspurt, onProgress: Turn['onProgress']): Turn {
  let finish: Turn['finish'] = () => undefined;
  let fail: Turn['fail'] = () => undefined;
  const finished = new Promise<number>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return {
    talkspurt,
    onProgress,
    finished,
    finish,
    fail,
    firstSoundAt: undefined,
    packets: 0,
    worstLatenessMs: 0,
    slips: 0,
  };
}
