// Interleaved frames of one session in, mono samples with their times out. Lost sound becomes silence; nothing here waits or opens anything.
import { isTalkError, TalkError } from '../errors.js';
import { MAX_SOUND_AHEAD_MS } from '../limits.js';
import { logger } from '../logger.js';
import { parseRtp } from '../rtp/packet.js';
import type { InterleavedFrame } from '../rtsp/message.js';
import type { DecoderEvents, SoundDecoder } from './decoder.js';
import { createDepayloader } from './depayload.js';
import type { Depayloader } from './encoded-sound.js';
import { GapMeter } from './gaps.js';
import type { ListenGrant } from './dialogue.js';
import { ReorderWindow, type OrderedPacket } from './reorder.js';
import type { HeardSound, ListenStats } from './states.js';
import { Timeline } from './timeline.js';

const log = logger('listen');

/** How fast the clock of a camera may run: no camera is off by a tenth, and what is sent ahead shrinks all the same. */
const FASTEST = 1.1;

export type OnSound = (sound: HeardSound) => void;

/** A decoder that reports to these events. */
export type CreateDecoder = (events: Pick<DecoderEvents, 'onSamples'>) => SoundDecoder;

export class SoundReceiver {
  readonly #grant: ListenGrant;
  readonly #depayloader: Depayloader;
  readonly #decoder: SoundDecoder;
  readonly #window = new ReorderWindow();
  readonly #gaps: GapMeter;
  readonly #timeline: Timeline;
  /** Samples handed to the decoder, and samples that came out of it. */
  #encoded = 0;
  #decoded = 0;
  #packets = 0;
  #foreign = 0;
  #malformed = 0;
  #filled = 0;
  /** Sound that came before its time, ms. */
  #aheadMs = 0;
  #lastAt: number | undefined;

  constructor(grant: ListenGrant, createDecoder: CreateDecoder, onSound: OnSound) {
    const { clockRate } = grant.track;
    this.#grant = grant;
    this.#depayloader = createDepayloader(grant.track);
    this.#gaps = new GapMeter(clockRate);
    this.#timeline = new Timeline(clockRate);
    this.#decoder = createDecoder({
      onSamples: (samples) => {
        const heardAt = this.#timeline.at(this.#decoded);
        this.#decoded += samples.length;
        onSound({ samples, sampleRate: clockRate, heardAt });
      },
    });
  }

  get stats(): ListenStats {
    return {
      packets: this.#packets,
      lost: this.#window.lost,
      late: this.#window.late,
      foreign: this.#foreign,
      malformed: this.#malformed,
      filledMs: (this.#filled * 1_000) / this.#grant.track.clockRate,
    };
  }

  /** When the last packet of the sound came, ms on the clock of the arrivals; undefined before the first. */
  get lastAt(): number | undefined {
    return this.#lastAt;
  }

  /** Samples that came out of the decoder. */
  get decoded(): number {
    return this.#decoded;
  }

  /** Takes a frame of the camera, which may be about something else. */
  take(frame: InterleavedFrame, arrivedAt: number): void {
    if (frame.channel !== this.#grant.channels.rtp) return;
    const ordered = this.#read(frame);
    if (ordered === undefined) return;
    this.#packets += 1;
    this.#aheadMs = Math.max(0, this.#aheadMs - (arrivedAt - (this.#lastAt ?? arrivedAt)) * FASTEST);
    this.#lastAt = arrivedAt;
    for (const packet of ordered) this.#play(packet, arrivedAt);
  }

  /** Ends the decoder. Idempotent. */
  close(): Promise<void> {
    return this.#decoder.close();
  }

  #read(frame: InterleavedFrame): OrderedPacket[] | undefined {
    try {
      const packet = parseRtp(frame.payload);
      if (packet.payloadType === this.#grant.track.payloadType) return this.#window.push(packet);
      this.#foreign += 1;
    } catch (error) {
      this.#complain(error);
    }
    return undefined;
  }

  #play(ordered: OrderedPacket, arrivedAt: number): void {
    try {
      if (this.#aheadMs > MAX_SOUND_AHEAD_MS) throw tooEarly();
      const sound = this.#depayloader.read(ordered);
      const silence = this.#depayloader.silence(this.#gaps.before(ordered, sound.samples));
      if (ordered.restart) this.#timeline.restart();
      this.#aheadMs += ((silence.samples + sound.samples) * 1_000) / this.#grant.track.clockRate;
      this.#filled += silence.samples;
      this.#encoded += silence.samples + sound.samples;
      this.#timeline.observe(arrivedAt, this.#encoded);
      this.#decoder.decode(silence.samples > 0 ? Buffer.concat([silence.bytes, sound.bytes]) : sound.bytes);
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (!isTalkError(error) || error.code !== 'TALK_ERR_PROTOCOL') throw error;
    this.#malformed += 1;
    if (this.#malformed === 1) log('%s', error.message);
  }
}

function tooEarly(): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', 'The camera sends sound faster than it can be heard');
}
