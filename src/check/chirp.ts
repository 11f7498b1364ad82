// The sound of the sound check: one glide, at the speed it should have and at the speeds a wrong codec gives it. Samples of full scale ±1.
import { sweep } from '../sound/tone.js';

/** How fast the camera plays: 8 kHz sound on a 16 kHz decoder comes out twice as fast, the other way round half as fast. */
export type Speed = 0.5 | 1 | 2;

export const SPEEDS: readonly Speed[] = [1, 2, 0.5];

/** Long enough to be found 10 dB below the noise, short enough not to annoy. */
export const CHIRP_SECONDS = 0.5;
// Within telephone speech at every speed: 225 to 950 Hz at half, 900 to 3800 Hz at double.
const FROM_HZ = 450;
const TO_HZ = 1_900;

/** Cameras pass frequencies up to this part of the sample rate. */
const CARRIED_PART = 0.45;
const LEAST_HARMONIC_SECONDS = 0.1;

/** The band the chirp fills at this speed, Hz. */
export function chirpBand(speed: Speed = 1): { readonly fromHz: number; readonly toHz: number } {
  return { fromHz: FROM_HZ * speed, toHz: TO_HZ * speed };
}

/** The chirp as it sounds at this speed, mono. Throws TALK_ERR_ARGUMENT for a sample rate out of bounds, or too low for its band. */
export function chirp(sampleRate: number, speed: Speed = 1): Float32Array {
  return sweep({ seconds: CHIRP_SECONDS / speed, ...chirpBand(speed), sampleRate });
}

/** A sound and the band it fills. */
export interface Pattern {
  readonly samples: Float32Array;
  readonly fromHz: number;
  readonly toHz: number;
}

/**
 * What an overdriven loudspeaker adds to the chirp: its third harmonic, beginning with it, as far as the sample rate carries it.
 * Undefined when that is less than a tenth of a second.
 */
export function thirdHarmonic(sampleRate: number, speed: Speed = 1): Pattern | undefined {
  const { fromHz, toHz } = chirpBand(speed);
  const highestHz = Math.min(toHz, (CARRIED_PART * sampleRate) / 3);
  // Every octave takes the same time, so a part of the glide is the glide of a part.
  const seconds = ((CHIRP_SECONDS / speed) * Math.log(highestHz / fromHz)) / Math.log(toHz / fromHz);
  if (!(seconds >= LEAST_HARMONIC_SECONDS)) return undefined;
  const band = { fromHz: 3 * fromHz, toHz: 3 * highestHz };
  return { samples: sweep({ seconds, ...band, sampleRate }), ...band };
}
