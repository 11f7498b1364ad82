// What the simulated camera heard in one talk session: every packet with its arrival, and what follows from that. Nothing is decoded until asked.
import { serializeWav } from '../../sound/wav-write.js';
import { AUDIBLE_GAP_MS, MAX_RECORDED_BYTES, MAX_SIMULATOR_RECORDS } from '../limits.js';
import type { Complaints, RecordedPacket } from './packet-rules.js';
import { PLAYABLE_CODECS, Playout } from './playout.js';
import type { PlayableCodec } from './playout.js';

/** How a talk session ended. `open`: it has not. */
export type TalkEnd = 'open' | 'client closed' | 'client reset' | 'camera closed';

export interface RecordingStart {
  /** 1 for the first talk session of the camera. */
  readonly number: number;
  /** Number of the TCP connection. */
  readonly connection: number;
  /** As asked for: `half_duplex`, `full_duplex`, `vad` or `aec`. */
  readonly mode: string;
  /** TCP accept and the answer that opened the talk, ms on the camera's clock. */
  readonly acceptedAt: number;
  readonly openedAt: number;
}

/** Numbers of one talk session, milliseconds unless named otherwise; plain data. */
export interface RecordingSummary extends RecordingStart {
  readonly end: TalkEnd;
  readonly codec: string;
  readonly packets: number;
  readonly bytes: number;
  /** All audio, lead-in and tail included. */
  readonly seconds: number;
  /** From the first sound to the last. */
  readonly soundSeconds: number;
  /** Arrival of the first packet that holds sound, since TCP accept and since the talk was opened; null: only silence. */
  readonly firstSoundMs: number | null;
  readonly firstSoundAfterOpenMs: number | null;
  readonly leadInMs: number;
  readonly tailSilenceMs: number;
  /** Each packet against the first arrival plus the audio before it; negative is early. */
  readonly latenessMs: { readonly min: number; readonly p50: number; readonly p99: number; readonly max: number };
  /** Most audio that waited in the loudspeaker's buffer when a packet came. */
  readonly aheadMs: number;
  /** Lateness of the last packet. */
  readonly driftMs: number;
  readonly gaps: readonly Gap[];
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

/** The loudspeaker had nothing to play for `ms` before this packet (1 = first). */
export interface Gap {
  readonly packet: number;
  readonly ms: number;
}

/** One talk session. `packets` stops growing at 16 MiB of audio; the two counts go on. */
export class Recording {
  readonly start: RecordingStart;
  readonly #packets: RecordedPacket[] = [];
  #packetCount = 0;
  #byteCount = 0;
  readonly #violations: string[] = [];
  readonly #warnings: string[] = [];
  #end: TalkEnd = 'open';
  #summary: RecordingSummary | undefined;

  constructor(start: RecordingStart) {
    this.start = start;
  }

  add(packet: RecordedPacket): void {
    this.#packetCount += 1;
    this.#byteCount += packet.payload.length;
    if (this.#byteCount <= MAX_RECORDED_BYTES) this.#packets.push(packet);
  }

  /** Keeps what the packet rules complain about in this talk. */
  note({ violations, warnings }: Complaints): void {
    this.#violations.push(...violations.slice(0, MAX_SIMULATOR_RECORDS - this.#violations.length));
    this.#warnings.push(...warnings.slice(0, MAX_SIMULATOR_RECORDS - this.#warnings.length));
  }

  /** Marks the end; the first call counts. */
  close(end: TalkEnd): void {
    if (this.#end === 'open') this.#end = end;
  }

  get end(): TalkEnd {
    return this.#end;
  }

  /** What a camera would not have accepted during this talk, the first 1000. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  /** What some cameras have been seen to accept, the first 1000. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  get packets(): readonly RecordedPacket[] {
    return this.#packets;
  }

  get packetCount(): number {
    return this.#packetCount;
  }

  /** Payload bytes. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /** By the first packet's payload type; undefined before it and for types no camera plays. */
  get codec(): PlayableCodec | undefined {
    const first = this.#packets[0];
    return first === undefined ? undefined : PLAYABLE_CODECS.get(first.payloadType);
  }

  get sampleRate(): number {
    return this.codec?.sampleRate ?? 8_000;
  }

  get seconds(): number {
    return this.#byteCount / this.sampleRate;
  }

  /** The payloads in one piece, as they came. */
  audio(): Buffer {
    return Buffer.concat(this.#packets.map((packet) => packet.payload));
  }

  /** Everything heard, s16 mono at `sampleRate`. */
  samples(): Int16Array {
    return this.codec?.decode(this.audio()) ?? new Int16Array(0);
  }

  toWav(): Buffer {
    return serializeWav({ sampleRate: this.sampleRate, channels: 1 }, this.samples());
  }

  /** Silence before the first sound, ms; all of it when there is no sound. */
  get leadInMs(): number {
    const isSound = this.#soundTest();
    let samples = 0;
    for (const { payload } of this.#packets) {
      const sound = payload.findIndex(isSound);
      if (sound >= 0) return this.#ms(samples + sound);
      samples += payload.length;
    }
    return this.#ms(samples);
  }

  /** Silence after the last sound, ms; all of it when there is no sound. */
  get tailSilenceMs(): number {
    const isSound = this.#soundTest();
    let samples = 0;
    for (const { payload } of this.#packets.toReversed()) {
      const sound = payload.findLastIndex(isSound);
      if (sound >= 0) return this.#ms(samples + payload.length - 1 - sound);
      samples += payload.length;
    }
    return this.#ms(samples);
  }

  /** Arrival of the first packet that holds sound, ms since TCP accept; undefined: only silence. */
  get firstSoundMs(): number | undefined {
    const isSound = this.#soundTest();
    const sound = this.#packets.find(({ payload }) => payload.some(isSound));
    return sound === undefined ? undefined : sound.at - this.start.acceptedAt;
  }

  /** The same since the talk was opened. */
  get firstSoundAfterOpenMs(): number | undefined {
    const ms = this.firstSoundMs;
    return ms === undefined ? undefined : ms + this.start.acceptedAt - this.start.openedAt;
  }

  /** Per packet: arrival minus (first arrival + the audio before it), ms; negative is early. */
  lateness(): number[] {
    const first = this.#packets[0];
    let samples = 0;
    return this.#packets.map((packet) => {
      const due = (first?.at ?? 0) + this.#ms(samples);
      samples += packet.payload.length;
      return packet.at - due;
    });
  }

  /** Lateness of the last packet, ms. */
  get driftMs(): number {
    return this.lateness().at(-1) ?? 0;
  }

  /** Where the loudspeaker had nothing to play for longer than `minimumMs`. */
  gaps(minimumMs: number = AUDIBLE_GAP_MS): Gap[] {
    return this.#playout().flatMap(({ gapMs }, index) => (gapMs > minimumMs ? [{ packet: index + 1, ms: gapMs }] : []));
  }

  /** Most audio that waited in the loudspeaker's buffer when a packet came, ms. */
  get aheadMs(): number {
    return this.#playout().reduce((most, { waitingMs }) => Math.max(most, waitingMs), 0);
  }

  toJSON(): RecordingSummary {
    if (this.#summary !== undefined) return this.#summary;
    const summary = this.#summarize();
    if (this.#end !== 'open') this.#summary = summary;
    return summary;
  }

  #summarize(): RecordingSummary {
    const sorted = this.lateness().sort((a, b) => a - b);
    const sounding = this.#ms(this.#byteCount) - this.leadInMs - this.tailSilenceMs;
    return {
      ...this.start,
      end: this.#end,
      codec: this.codec?.name ?? 'none',
      packets: this.#packetCount,
      bytes: this.#byteCount,
      seconds: round(this.seconds),
      soundSeconds: round(Math.max(0, sounding) / 1_000),
      firstSoundMs: round(this.firstSoundMs ?? null),
      firstSoundAfterOpenMs: round(this.firstSoundAfterOpenMs ?? null),
      leadInMs: round(this.leadInMs),
      tailSilenceMs: round(this.tailSilenceMs),
      latenessMs: {
        min: round(sorted[0] ?? 0),
        p50: round(percentile(sorted, 50)),
        p99: round(percentile(sorted, 99)),
        max: round(sorted.at(-1) ?? 0),
      },
      aheadMs: round(this.aheadMs),
      driftMs: round(this.driftMs),
      gaps: this.gaps().map(({ packet, ms }) => ({ packet, ms: round(ms) })),
      violations: [...this.#violations],
      warnings: [...this.#warnings],
    };
  }

  #playout(): { readonly waitingMs: number; readonly gapMs: number }[] {
    const playout = new Playout();
    return this.#packets.map(({ at, payload }) => playout.add(at, this.#ms(payload.length)));
  }

  #ms(samples: number): number {
    return (samples * 1_000) / this.sampleRate;
  }

  #soundTest(): (code: number) => boolean {
    const [plus, minus] = this.codec?.silence ?? [-1, -1];
    return (code) => code !== plus && code !== minus;
  }
}

/** Nearest rank of ascending numbers; 0 when there are none. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

function round(value: number): number;
function round(value: number | null): number | null;
function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}
