// AAC out of RTP (RFC 3640, AAC-hbr) into ADTS, access units put together across packets. Decoding is aac/decoder.ts.
import { TalkError } from '../../errors.js';
import { AAC_FRAME_SAMPLES, adtsFrame, MAX_AAC_BYTES, silentUnit, type AacConfig } from './config.js';
import type { AacFraming } from '../audio-track.js';
import { BitReader } from './bits.js';
import type { Depayloader, EncodedSound } from '../encoded-sound.js';
import type { OrderedPacket } from '../reorder.js';

/** The bits of all headers, in front of them (RFC 3640 section 3.2.1). */
const HEADERS_LENGTH_BYTES = 2;

/** A unit of which the first pieces have come. */
interface Fragment {
  readonly size: number;
  readonly pieces: Buffer[];
}

export class AacDepayloader implements Depayloader {
  readonly #config: AacConfig;
  readonly #framing: AacFraming;
  readonly #unitSamples: number;
  #fragment: Fragment | undefined;

  /** @param clockRate of the timestamps, Hz */
  constructor(config: AacConfig, framing: AacFraming, clockRate: number) {
    this.#config = config;
    this.#framing = framing;
    this.#unitSamples = Math.round((AAC_FRAME_SAMPLES * clockRate) / config.sampleRate);
  }

  /** The whole units as ADTS frames. Throws TALK_ERR_PROTOCOL when sizes and payload do not fit together. */
  read({ packet, lostBefore, restart }: OrderedPacket): EncodedSound {
    const fragment = lostBefore > 0 || restart ? undefined : this.#fragment;
    this.#fragment = undefined;
    const { sizes, from } = this.#readHeaders(packet.payload);
    const bytes = packet.payload.subarray(from);
    const [first = 0] = sizes;
    if (sizes.length === 1 && first > bytes.length) {
      return this.#units(this.#join({ size: first, pieces: fragment?.size === first ? fragment.pieces : [] }, bytes));
    }
    const units: Buffer[] = [];
    let at = 0;
    for (const size of sizes) {
      if (at + size > bytes.length) throw protocolError('holds less than its headers say');
      units.push(bytes.subarray(at, at + size));
      at += size;
    }
    return this.#units(units);
  }

  silence(samples: number): EncodedSound {
    const unit = silentUnit(this.#config);
    return this.#units(new Array<Buffer>(Math.round(samples / this.#unitSamples)).fill(unit));
  }

  #readHeaders(payload: Buffer): { sizes: number[]; from: number } {
    const { sizeLength, indexLength, indexDeltaLength } = this.#framing;
    if (payload.length < HEADERS_LENGTH_BYTES) throw protocolError('has no headers');
    let bitsLeft = payload.readUInt16BE(0);
    const from = HEADERS_LENGTH_BYTES + Math.ceil(bitsLeft / 8);
    if (from > payload.length) throw protocolError('ends inside its headers');
    const reader = new BitReader(payload.subarray(HEADERS_LENGTH_BYTES, from));
    const sizes: number[] = [];
    for (let index = indexLength; bitsLeft >= sizeLength + index; index = indexDeltaLength) {
      const size = reader.read(sizeLength);
      // Units are played in the order in which they come: no camera interleaves them.
      reader.read(index);
      if (size > MAX_AAC_BYTES) throw protocolError(`holds a unit of ${size} bytes`);
      sizes.push(size);
      bitsLeft -= sizeLength + index;
    }
    if (sizes.length === 0) throw protocolError('holds no unit');
    return { sizes, from };
  }

  /** The unit if this piece completes it, else nothing. */
  #join(fragment: Fragment, piece: Buffer): Buffer[] {
    fragment.pieces.push(piece);
    const unit = Buffer.concat(fragment.pieces);
    if (unit.length > fragment.size) throw protocolError('holds more than its headers say');
    if (unit.length === fragment.size) return [unit];
    this.#fragment = fragment;
    return [];
  }

  #units(units: readonly Buffer[]): EncodedSound {
    const frames = units.filter((unit) => unit.length > 0).map((unit) => adtsFrame(this.#config, unit));
    return { bytes: Buffer.concat(frames), samples: frames.length * this.#unitSamples };
  }
}

function protocolError(what: string): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', `The camera sent a packet of AAC that ${what}`);
}
