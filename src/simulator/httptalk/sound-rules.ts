// What a camera requires of the sound of one talk over HTTP. Pure: the body of a part goes in, packets as they are recorded and complaints come out.
import { TransportStreamReader } from '../../mpegts/reader.js';
import type { StreamFaultKind } from '../../mpegts/reader.js';
import { MAX_TALK_SOUND_BYTES } from '../limits.js';
import type { Complaints, RecordedPacket } from '../talk/packet-rules.js';
import { Playout } from '../talk/playout.js';

/** PCMA, and the stream type that stands for it. */
const PAYLOAD_TYPE = 8;
const PLAYED_STREAM_TYPE = 0x90;
const SAMPLES_PER_MS = 8;
const TICKS_PER_SAMPLE = 90_000 / 8_000;
/** A group of the maker's app: PAT, PMT and six packets, 120 ms (PROTOCOL.md H14). */
const GROUP_BYTES = 1_504;
const GROUP_SOUND_BYTES = 960;
/** What is wrong with every such group. */
const GROUP_FAULTS: ReadonlySet<StreamFaultKind> = new Set(['psi_crc', 'ts_continuity', 'pes_length']);
/** Sound of a part is a multiple of this in the clients that were heard, bytes: 20 ms. */
const STEP_BYTES = 160;

export interface SoundRulesOptions {
  readonly vendorGroups: boolean;
  /** More sound than this waiting in the loudspeaker when a part comes is a flood, ms. */
  readonly maxAheadMs: number;
  /** The loudspeaker may be without sound for so long, ms. */
  readonly maxGapMs: number;
}

export interface HeardPart extends Complaints {
  /** Absent when nothing of the part can be played. */
  readonly packet?: RecordedPacket;
}

/** Checks part by part. A fault that lasts is reported once, when it begins. */
export class SoundRules {
  readonly #options: SoundRulesOptions;
  readonly #reader = new TransportStreamReader();
  readonly #playout = new Playout();
  readonly #told = new Set<string>();
  #parts = 0;
  #packets = 0;
  #flooded = false;
  #violations: string[] = [];
  #warnings: string[] = [];

  constructor(options: SoundRulesOptions) {
    this.#options = options;
  }

  check(body: Buffer, at: number): HeardPart {
    this.#violations = [];
    this.#warnings = [];
    this.#parts += 1;
    if (body.length > MAX_TALK_SOUND_BYTES) {
      this.#once(this.#violations, 'size', `${body.length} bytes, more than ${MAX_TALK_SOUND_BYTES}`);
    }
    const { audio, pts = 0, streamType, faults } = this.#reader.read(body);
    for (const { kind, text } of faults) {
      if (!this.#options.vendorGroups || !GROUP_FAULTS.has(kind)) this.#once(this.#violations, kind, text);
    }
    if (this.#options.vendorGroups) this.#checkGroup(body, audio);
    const complaints = { violations: this.#violations, warnings: this.#warnings };
    if (audio.length === 0 || streamType !== PLAYED_STREAM_TYPE) return complaints;
    return { ...complaints, packet: this.#take(audio, pts, at) };
  }

  #checkGroup(body: Buffer, audio: Buffer): void {
    if (body.length === GROUP_BYTES && audio.length === GROUP_SOUND_BYTES) return;
    this.#once(this.#violations, 'group', `no group of ${GROUP_BYTES} bytes with ${GROUP_SOUND_BYTES} of sound`);
  }

  #take(payload: Buffer, pts: number, at: number): RecordedPacket {
    if (payload.length % STEP_BYTES !== 0) {
      this.#once(this.#warnings, 'step', `${payload.length} bytes of sound, no multiple of 20 ms`);
    }
    const { waitingMs, gapMs } = this.#playout.add(at, payload.length / SAMPLES_PER_MS);
    const flooded = waitingMs > this.#options.maxAheadMs;
    if (flooded && !this.#flooded) this.#tell(this.#violations, `${Math.round(waitingMs)} ms ahead of real time`);
    if (gapMs > this.#options.maxGapMs) this.#tell(this.#violations, `gap of ${Math.round(gapMs)} ms`);
    this.#flooded = flooded;
    this.#packets += 1;
    return {
      at,
      channel: 0,
      payloadType: PAYLOAD_TYPE,
      marker: this.#packets === 1,
      sequenceNumber: this.#packets % 2 ** 16,
      timestamp: Math.round(pts / TICKS_PER_SAMPLE) % 2 ** 32,
      ssrc: 0,
      payload,
    };
  }

  #once(list: string[], kind: string, text: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#tell(list, text);
  }

  #tell(list: string[], text: string): void {
    list.push(`part ${this.#parts}: ${text}`);
  }
}
