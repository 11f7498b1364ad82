// What comes out of RTP packets before it is decoded, and what takes it out: types only.
import type { OrderedPacket } from './reorder.js';

/** Encoded sound and how long it plays, in samples at the track's clock rate. */
export interface EncodedSound {
  readonly bytes: Buffer;
  readonly samples: number;
}

export interface Depayloader {
  /** What this packet completes. Throws TALK_ERR_PROTOCOL for a payload that makes no sense. */
  read(ordered: OrderedPacket): EncodedSound;
  /** Silence of about so many samples. */
  silence(samples: number): EncodedSound;
}
