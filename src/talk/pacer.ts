// The beat of one session: a packet at each deadline from open to close, silence unless a talkspurt is on. Slips, never floods.
import type { Clip } from '../sound/clip.js';
import { abortReason, onAbort, throwIfAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { deferred } from '../deferred.js';
import { abortedError } from '../errors.js';
import type { PacketProfile } from '../granted.js';
import { SLIP_BUDGET_MS } from '../limits.js';
import { sharedTimerOf } from './shared-timer.js';
import { Talkspurt } from './talkspurt.js';

/** Where packets go; a Session is one. */
export interface PacketSink {
  readonly profile: PacketProfile;
  /** Aborts when nothing can be sent any more; its reason is the error. */
  readonly ended: AbortSignal;
  /** All bytes handed over so far, whatever became of them. */
  readonly bytesSent: number;
  send(payload: Uint8Array): void;
}

export interface PlayOptions {
  /** Silence that must come before the first sound of a session, ms. */
  readonly leadInMs: number;
  /** The instant of the first sound, ms on the clock; as soon as the lead-in allows unless given. */
  readonly soundAt?: number | undefined;
  readonly fromByte?: number;
  /** What each byte of the clip becomes. */
  readonly codes?: Uint8Array | undefined;
  /** Where to go on instead of at `byte` of the clip, which may be too old. */
  readonly goesOnAt?: ((byte: number) => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of the clip sent so far; after each packet. */
  readonly onProgress?: ((playedMs: number) => void) | undefined;
}

/** What became of a talkspurt. Times are milliseconds on the clock. */
export interface PlayReport {
  /** When the clip's first sample was due within its packet. */
  readonly firstSoundAt: number;
  /** Packets and payload bytes since the playing began, lead-in included. */
  readonly packets: number;
  readonly bytes: number;
  readonly worstLatenessMs: number;
  readonly slips: number;
  /** The sink's `bytesSent` behind the clip's last packet. */
  readonly sentBytes: number;
}

interface Playing {
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
  sentBytes: number;
}

export class Pacer {
  readonly #sink: PacketSink;
  readonly #clock: Clock;
  readonly #silence: Buffer;
  readonly #stop = new AbortController();
  #playing: Playing | undefined;
  /** The timeline: packet n is due `#start` + n frames; a slip moves it. */
  #start: number;
  #packets = 0;
  #cancel: () => void = () => undefined;
  /** When everything sent so far has been played, by a loudspeaker that plays each packet as it comes. */
  #playedUntil: number;
  #soundEndsAt: number;

  /**
   * Sends in later turns of the event loop until the sink ends or `stop`.
   * @param start the first deadline, ms on the clock, which the other cameras of an announcement may delay; must not reject. Now unless given.
   */
  constructor(sink: PacketSink, clock: Clock, start?: Promise<number>) {
    this.#sink = sink;
    this.#clock = clock;
    this.#silence = Buffer.alloc(sink.profile.packetBytes, sink.profile.silence);
    this.#start = clock.now();
    this.#soundEndsAt = this.#start;
    this.#playedUntil = this.#start;
    onAbort(sink.ended, () => this.#end(sink.ended.reason));
    if (start === undefined) this.#begin(this.#start);
    else void start.then((at) => this.#begin(at));
  }

  /** When the last sound sent so far is over; the start of the session when there was none. */
  get soundEndsAt(): number {
    return this.#soundEndsAt;
  }

  /** When a clip's first sample could be due after so much lead-in, ms on the clock. */
  earliestSound(leadInMs: number): number {
    return this.#nextDeadline + this.#leadInLeft(leadInMs) * this.#msPerByte;
  }

  stop(): void {
    this.#end(abortedError());
  }

  /**
   * Plays the clip; resolves when its last sample has had its time. One at a time.
   * Rejects with the clip's failure, with what ended the session, or with the signal's reason: then the next packet is silence.
   */
  async play(clip: Clip, options: PlayOptions): Promise<PlayReport> {
    const { leadInMs, soundAt = 0, fromByte = 0, codes, goesOnAt } = options;
    const untilSound = Math.round((soundAt - this.#nextDeadline) / this.#msPerByte);
    const leadInBytes = Math.max(this.#leadInLeft(leadInMs), untilSound);
    const talkspurt = new Talkspurt({ clip, leadInBytes, fromByte, codes, goesOnAt }, this.#silence);
    const { signal } = options;
    const stopped = this.#stop.signal;
    throwIfAborted(signal);
    throwIfAborted(stopped);
    const playing = newPlaying(talkspurt, options.onProgress);
    const ignore = onAbort(signal, () => playing.fail(abortReason(signal)));
    this.#playing = playing;
    try {
      const endsAt = await playing.finished;
      await this.#clock.wait(
        endsAt - this.#clock.now(),
        signal === undefined ? stopped : AbortSignal.any([signal, stopped]),
      );
      const { firstSoundAt = endsAt, packets, worstLatenessMs, slips, sentBytes } = playing;
      return { firstSoundAt, packets, bytes: packets * this.#silence.length, worstLatenessMs, slips, sentBytes };
    } finally {
      ignore();
      if (this.#playing === playing) this.#playing = undefined;
    }
  }

  get #msPerByte(): number {
    return 1_000 / this.#sink.profile.sampleRate;
  }

  get #nextDeadline(): number {
    return this.#start + this.#packets * this.#sink.profile.frameMs;
  }

  /** Silence the session still owes, bytes. */
  #leadInLeft(leadInMs: number): number {
    return Math.max(0, Math.round(leadInMs / this.#msPerByte) - this.#packets * this.#silence.length);
  }

  #begin(at: number): void {
    this.#start = at;
    this.#soundEndsAt = at;
    this.#playedUntil = at;
    this.#await();
  }

  #await(): void {
    if (!this.#stop.signal.aborted) this.#cancel = sharedTimerOf(this.#clock).at(this.#nextDeadline, this.#tick);
  }

  #end(reason: unknown): void {
    this.#stop.abort(reason);
    this.#cancel();
    this.#playing?.fail(abortReason(this.#stop.signal));
  }

  readonly #tick = (now: number): void => {
    const deadline = this.#nextDeadline;
    // Measured from the wake-up, so that streams that share a timeline still share it after a slip.
    const slipped = now - deadline > SLIP_BUDGET_MS;
    if (slipped) this.#start += now - deadline;
    try {
      this.#dispatch(this.#clock.now() - deadline, slipped);
      this.#await();
    } catch (error) {
      // Only a dead sink throws here, and `ended` holds the reason.
      this.#end(this.#sink.ended.aborted ? this.#sink.ended.reason : error);
    }
  };

  #dispatch(lateness: number, slipped: boolean): void {
    const playing = this.#playing;
    if (playing === undefined) {
      this.#send(this.#silence);
      return;
    }
    let payload;
    try {
      payload = playing.talkspurt.next();
    } catch (error) {
      this.#playing = undefined;
      playing.fail(error as Error);
      this.#send(this.#silence);
      return;
    }
    this.#send(payload.bytes);
    playing.packets += 1;
    playing.worstLatenessMs = Math.max(playing.worstLatenessMs, lateness);
    if (slipped) playing.slips += 1;
    const msPerByte = this.#msPerByte;
    if (payload.soundEnd > payload.soundStart) {
      playing.firstSoundAt ??= this.#clock.now() + payload.soundStart * msPerByte;
      this.#soundEndsAt = this.#playedUntil - (payload.bytes.length - payload.soundEnd) * msPerByte;
      try {
        playing.onProgress?.(playing.talkspurt.position * msPerByte);
      } catch (error) {
        // A listener that throws ends its clip, not the session.
        this.#playing = undefined;
        playing.fail(error as Error);
        return;
      }
    }
    if (playing.talkspurt.finished) {
      this.#playing = undefined;
      playing.sentBytes = this.#sink.bytesSent;
      playing.finish(this.#soundEndsAt);
    }
  }

  #send(payload: Buffer): void {
    this.#sink.send(payload);
    this.#packets += 1;
    this.#playedUntil = Math.max(this.#playedUntil, this.#clock.now()) + this.#sink.profile.frameMs;
  }
}

function newPlaying(talkspurt: Talkspurt, onProgress: Playing['onProgress']): Playing {
  const { promise: finished, resolve: finish, reject: fail } = deferred<number>();
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
    sentBytes: 0,
  };
}
