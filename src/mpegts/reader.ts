// A strict reader of the talk's MPEG-TS (ISO 13818-1), for the simulated camera and for tests: sound, times, and all that is wrong. Shares nothing with writer.ts: a mistake of both would go unnoticed.
import { isStuffing, readPrograms, readStreams, type ListedStream } from './reader-tables.js';

/** What can be wrong. A real camera plays most of it all the same (PROTOCOL.md M15). */
export type StreamFaultKind =
  | 'ts_size' // not a whole number of packets
  | 'ts_sync' // a packet does not begin with 47
  | 'ts_header' // error bit, scrambling, adaptation field
  | 'ts_stuffing' // filled with something else than FF
  | 'ts_continuity' // the counter of a PID leaps
  | 'ts_pid' // a packet of a stream that no table lists
  | 'psi' // a table that cannot be read
  | 'psi_crc'
  | 'stream_type' // other than 0x90
  | 'pes_without_psi' // sound before the tables
  | 'pes_header' // start code, stream, flags, PTS
  | 'pes_length' // other than what the packets have
  | 'pes_across_parts' // begun in one part, ended in another
  | 'pts_step'; // other than the samples since the one before

export interface StreamFault {
  readonly kind: StreamFaultKind;
  readonly text: string;
}

/** What one part holds. */
export interface StreamPart {
  /** All sound of the listed stream, whatever is wrong with it. */
  readonly audio: Buffer;
  /** Of the first PES packet that begins here, in 90 kHz, 33 bits. */
  readonly pts: number | undefined;
  /** What the tables have said so far; sound of another type than 0x90 is not heard (PROTOCOL.md M12). */
  readonly streamType: number | undefined;
  /** Each kind once, in the order in which they were met. */
  readonly faults: readonly StreamFault[];
}

const PACKET_BYTES = 188;
const NULL_PID = 0x1fff;
const PES_FIXED_BYTES = 9;
const PTS_BYTES = 5;
const PTS_RANGE = 2 ** 33;
const TICKS_PER_SAMPLE = 90_000 / 8_000;
/** Ticks by which a time stamp may differ from the samples before it: 11.25 of them are one sample. */
const ROUNDING_TICKS = 1;

interface Packet {
  readonly pid: number;
  readonly unitStart: boolean;
  readonly payload: Buffer;
}

/** A PES packet of this part. */
interface Pes {
  /** Bytes of sound by its header; undefined when that cannot be. */
  readonly declared: number | undefined;
  held: number;
}

/** What is gathered while one part is read. */
class Gathered {
  readonly faults = new Map<StreamFaultKind, string>();
  readonly sound: Buffer[] = [];
  pts: number | undefined;
  pes: Pes | undefined;

  readonly complain = (kind: StreamFaultKind, text: string): void => {
    if (!this.faults.has(kind)) this.faults.set(kind, text);
  };
}

/** Reads the parts of one talk, one after the other. Never throws; work and memory grow with the part. */
export class TransportStreamReader {
  readonly #counters = new Map<number, number>();
  #pmtPid: number | undefined;
  #stream: ListedStream | undefined;
  /** The last time stamp, and the samples since. */
  #pts: number | undefined;
  #samples = 0;
  #hasBegun = false;

  /** @param part the body of one part */
  read(part: Buffer): StreamPart {
    const gathered = new Gathered();
    if (part.length === 0 || part.length % PACKET_BYTES !== 0) {
      gathered.complain('ts_size', `${part.length} bytes are not a whole number of packets`);
    }
    for (let at = 0; at + PACKET_BYTES <= part.length; at += PACKET_BYTES) {
      const packet = this.#readPacket(part.subarray(at, at + PACKET_BYTES), gathered);
      if (packet !== undefined) this.#take(packet, gathered);
    }
    this.#endPes(gathered, 'pes_across_parts');
    return {
      audio: Buffer.concat(gathered.sound),
      pts: gathered.pts,
      streamType: this.#stream?.type,
      faults: [...gathered.faults].map(([kind, text]) => ({ kind, text })),
    };
  }

  /** Header and adaptation field; undefined when nothing is in it. */
  #readPacket(bytes: Buffer, { complain }: Gathered): Packet | undefined {
    const header = bytes.readUInt32BE(0);
    if (header >>> 24 !== 0x47) {
      complain('ts_sync', `A packet begins with ${(header >>> 24).toString(16)}`);
      return undefined;
    }
    const pid = (header >>> 8) & 0x1fff;
    if (pid === NULL_PID) return undefined;
    if ((header & 0x8000c0) !== 0) complain('ts_header', 'A packet is scrambled or marked as broken');
    const hasPayload = (header & 0x10) !== 0;
    const hasAdaptation = (header & 0x20) !== 0;
    const adaptationBytes = bytes.readUInt8(4);
    if (hasAdaptation ? adaptationBytes > (hasPayload ? 182 : 183) : !hasPayload) {
      complain('ts_header', 'The adaptation field does not fit its packet');
      return undefined;
    }
    const payloadAt = hasAdaptation ? 5 + adaptationBytes : 4;
    if (hasAdaptation && adaptationBytes > 0) {
      const flags = bytes.readUInt8(5);
      const stuffingAt = 6 + ((flags & 0x10) === 0 ? 0 : 6);
      if ((flags & 0x0f) !== 0 || stuffingAt > payloadAt)
        complain('ts_header', 'Fields of an adaptation field that nobody sends');
      else if (!isStuffing(bytes, stuffingAt, payloadAt))
        complain('ts_stuffing', 'An adaptation field is not filled with FF');
    }
    if (!hasPayload) return undefined;
    this.#countPacket(pid, header & 0x0f, complain);
    return { pid, unitStart: (header & 0x400000) !== 0, payload: bytes.subarray(payloadAt) };
  }

  #countPacket(pid: number, counter: number, complain: Gathered['complain']): void {
    const before = this.#counters.get(pid);
    if (before !== undefined && counter !== ((before + 1) & 0x0f)) {
      complain('ts_continuity', `PID ${pid}: counter ${counter} after ${before}`);
    }
    this.#counters.set(pid, counter);
  }

  #take({ pid, unitStart, payload }: Packet, gathered: Gathered): void {
    const { complain } = gathered;
    if (pid === 0 || pid === this.#pmtPid) {
      if (!unitStart) complain('psi', 'A table goes on in another packet');
      else if (pid === 0) this.#pmtPid = readPrograms(payload, complain) ?? this.#pmtPid;
      else this.#stream = readStreams(payload, complain) ?? this.#stream;
    } else if (pid === this.#stream?.pid) {
      if (unitStart) this.#beginPes(payload, gathered);
      else this.#continuePes(payload, gathered);
    } else if (this.#stream === undefined) complain('pes_without_psi', `PID ${pid} before the tables`);
    else complain('ts_pid', `PID ${pid} is in no table`);
  }

  #beginPes(payload: Buffer, gathered: Gathered): void {
    const { complain } = gathered;
    this.#endPes(gathered, 'pes_length');
    const headerBytes = payload[8] ?? 0;
    const soundAt = PES_FIXED_BYTES + headerBytes;
    if (payload.length < soundAt || payload.readUInt32BE(0) !== 0x000001c0) {
      complain('pes_header', 'No header of audio stream 0');
      return;
    }
    if (payload[6] !== 0x80 || payload[7] !== 0x80 || headerBytes < PTS_BYTES)
      complain('pes_header', 'Flags other than for a PTS');
    if (!isStuffing(payload, Math.min(soundAt, PES_FIXED_BYTES + PTS_BYTES), soundAt)) {
      complain('ts_stuffing', 'A PES header is not filled with FF');
    }
    const counted = payload.readUInt16BE(4) - (soundAt - 6);
    gathered.pes = { declared: counted >= 0 ? counted : undefined, held: 0 };
    this.#hasBegun = true;
    this.#takePts(headerBytes < PTS_BYTES ? undefined : readPts(payload.subarray(PES_FIXED_BYTES), complain), gathered);
    this.#takeSound(payload.subarray(soundAt), gathered, gathered.pes);
  }

  #continuePes(payload: Buffer, gathered: Gathered): void {
    if (gathered.pes === undefined) gathered.complain('pes_across_parts', 'A part begins inside a PES packet');
    if (this.#hasBegun) this.#takeSound(payload, gathered, gathered.pes);
  }

  #takePts(pts: number | undefined, gathered: Gathered): void {
    gathered.pts ??= pts;
    if (pts !== undefined && this.#pts !== undefined) {
      const step = (pts - this.#pts + PTS_RANGE) % PTS_RANGE;
      const due = (this.#samples * TICKS_PER_SAMPLE) % PTS_RANGE;
      const off = Math.abs(step - due);
      if (Math.min(off, PTS_RANGE - off) > ROUNDING_TICKS) {
        gathered.complain(
          'pts_step',
          `PTS ${pts}, ${step} after the one before; its ${this.#samples} samples are ${due}`,
        );
      }
    }
    this.#pts = pts;
    this.#samples = 0;
  }

  #takeSound(sound: Buffer, gathered: Gathered, pes: Pes | undefined): void {
    gathered.sound.push(sound);
    this.#samples += sound.length;
    if (pes !== undefined) pes.held += sound.length;
  }

  /** @param whenShort what it is called when sound is missing */
  #endPes(gathered: Gathered, whenShort: 'pes_length' | 'pes_across_parts'): void {
    const { pes } = gathered;
    gathered.pes = undefined;
    if (pes === undefined || pes.held === pes.declared) return;
    const isShort = pes.declared !== undefined && pes.held < pes.declared;
    gathered.complain(
      isShort ? whenShort : 'pes_length',
      `${pes.held} bytes of sound, by the header ${pes.declared ?? 'none'}`,
    );
  }
}

/** 33 bits in five bytes: 3, 15 and 15 with a marker bit behind each. */
function readPts(bytes: Buffer, complain: Gathered['complain']): number {
  const first = bytes.readUInt8(0);
  const others = bytes.readUInt32BE(1);
  if ((first & 0xf1) !== 0x21 || (others & 0x10001) !== 0x10001)
    complain('pes_header', 'A PTS without its marker bits');
  return ((first >>> 1) & 7) * 2 ** 30 + ((others >>> 17) << 15) + ((others >>> 1) & 0x7fff);
}
