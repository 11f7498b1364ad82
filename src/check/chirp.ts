// The sound of the sound check: one glide, at the speed it should have and at the speeds a wrong codec gives it. Samples of full scale ±1.
import { sweep } from '../audio/tone.js';

/** How fast the camera plays: 8 kHz sound on a 16 kHz decoder comes out twice as fast, the other way round half as fast. */
export type Speed = 0.5 | 1 | 2;

export const SPEEDS: readonly Speed[] = [1, 2, 0.5];

/** Long enough to be found 10 dB below the noise, short enough not to annoy. */
export const CHIRP_SECONDS = 0.5;
// Within telephone speech at every speed: 225 to 950 Hz at half, 900 to 3800 Hz at double.
const FROM_HZ = 450;
const TO_HZ = 1_900;

/** The band the chirp fills at this speed, Hz. */
export function chirpBand(speed: Speed = 1): { readonly fromHz: number; readonly toHz: number } {
  return { fromHz: FROM_HZ * speed, toHz: TO_HZ * speed };
}

/** The chirp as it sounds at this speed, mono. Throws TALK_ERR_ARGUMENT for a sample rate out of bounds, or too low for its band. */
export function chirp(sampleRate: number, speed: Speed = 1): Float32Array {
  return sweep({ seconds: CHIRP_SECONDS / speed, ...chirpBand(speed), sampleRate });
}
