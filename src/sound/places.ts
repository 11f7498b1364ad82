// How well a known sound fits at each place of a recording, whatever its phase: correlation with its cosine and sine. What that means is tune/heard.ts.
import { fftSize, padded, transform, transformBack } from './fft.js';

/** A sound and the same a quarter of a turn later. */
export interface Phasors {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * For each of the `places` places from sample `from` of the recording on: how loud the sound is there, 1 for its own amplitude.
 * What lies outside the recording counts as silence.
 */
export function loudnessAt(recording: Float32Array, sound: Phasors, from: number, places: number): Float32Array {
  const { length } = sound.cos;
  const size = fftSize(length + places);
  const heard = padded(window(recording, from, length + places - 1), size);
  const wanted = padded(sound.cos, size);
  wanted.im.set(sound.sin);
  transform(heard);
  transform(wanted);
  // The conjugate of what is wanted: its phase is taken off.
  for (let i = 0; i < size; i++) {
    const [re, im] = [heard.re[i] ?? 0, heard.im[i] ?? 0];
    const [cos, sin] = [wanted.re[i] ?? 0, wanted.im[i] ?? 0];
    heard.re[i] = re * cos + im * sin;
    heard.im[i] = im * cos - re * sin;
  }
  transformBack(heard);
  return Float32Array.from({ length: places }, (_, place) => {
    return (2 * Math.hypot(heard.re[place] ?? 0, heard.im[place] ?? 0)) / length;
  });
}

/** The same at one place alone, in slots of so many samples each: the parts of the sum, to be added up as one likes. */
export function slotsAt(
  recording: Float32Array,
  { cos, sin }: Phasors,
  place: number,
  slot: number,
): { readonly re: Float32Array; readonly im: Float32Array } {
  const count = Math.floor(cos.length / slot);
  const re = new Float32Array(count);
  const im = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    let sumRe = 0;
    let sumIm = 0;
    for (let i = n * slot; i < (n + 1) * slot; i++) {
      const sample = recording[place + i] ?? 0;
      sumRe += sample * (cos[i] ?? 0);
      sumIm -= sample * (sin[i] ?? 0);
    }
    re[n] = (2 * sumRe) / slot;
    im[n] = (2 * sumIm) / slot;
  }
  return { re, im };
}

function window(samples: Float32Array, from: number, length: number): Float32Array {
  const cut = new Float32Array(length);
  const start = Math.max(0, from);
  const end = Math.min(samples.length, from + length);
  if (end > start) cut.set(samples.subarray(start, end), start - from);
  return cut;
}
