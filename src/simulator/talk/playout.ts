// The loudspeaker of the simulated camera: which payloads it can play and for how long what it got lasts.
import { decodeAlaw, decodeMulaw } from '../../sound/g711.js';

/** A payload type a camera can play. */
export interface PlayableCodec {
  readonly name: 'pcma8k' | 'pcmu16k';
  readonly sampleRate: number;
  /** +0 and −0. */
  readonly silence: readonly [number, number];
  readonly decode: (payload: Buffer) => Int16Array;
}

/** 8 everywhere; 102 as seen on a TL-IPC48AW-PLUS. */
export const PLAYABLE_CODECS: ReadonlyMap<number, PlayableCodec> = new Map([
  [8, { name: 'pcma8k', sampleRate: 8_000, silence: [0xd5, 0x55], decode: decodeAlaw }],
  [102, { name: 'pcmu16k', sampleRate: 16_000, silence: [0xff, 0x7f], decode: decodeMulaw }],
]);

/** The loudspeaker's buffer: knows until when the audio received so far lasts. */
export class Playout {
  #emptyAt: number | undefined;

  /** Adds `ms` of audio that arrived `at`. Returns how much was still waiting, or for how long there had been nothing, ms. */
  add(at: number, ms: number): { readonly waitingMs: number; readonly gapMs: number } {
    const emptyAt = this.#emptyAt ?? at;
    this.#emptyAt = Math.max(at, emptyAt) + ms;
    return { waitingMs: Math.max(0, emptyAt - at), gapMs: Math.max(0, at - emptyAt) };
  }
}
