// The discrete Fourier transform of a power of two of complex numbers, in place. Nothing about sound here.

/** Real and imaginary parts, equally long. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

interface Plan {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  readonly reversed: Uint32Array;
}

let plan: Plan | undefined;

/** The smallest power of two that is not below `length`. */
export function fftSize(length: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, length)));
}

/** `values`, with zeros up to `size`, a power of two. */
export function padded(values: Float32Array, size: number): Spectrum {
  const re = new Float64Array(size);
  re.set(values);
  return { re, im: new Float64Array(size) };
}

/** Time to frequency, unscaled. */
export function transform({ re, im }: Spectrum): void {
  const size = re.length;
  const { cos, sin, reversed } = planFor(size);
  for (let i = 0; i < size; i++) {
    const j = reversed[i] ?? 0;
    if (j > i) {
      swap(re, i, j);
      swap(im, i, j);
    }
  }
  for (let half = 1; half < size; half *= 2) {
    const step = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const c = cos[k * step] ?? 0;
        const s = sin[k * step] ?? 0;
        const bRe = re[b] ?? 0;
        const bIm = im[b] ?? 0;
        const turnedRe = bRe * c + bIm * s;
        const turnedIm = bIm * c - bRe * s;
        const aRe = re[a] ?? 0;
        const aIm = im[a] ?? 0;
        re[a] = aRe + turnedRe;
        im[a] = aIm + turnedIm;
        re[b] = aRe - turnedRe;
        im[b] = aIm - turnedIm;
      }
    }
  }
}

/** Frequency to time; undoes `transform`. */
export function transformBack({ re, im }: Spectrum): void {
  // The transform of swapped parts is the inverse with swapped parts.
  transform({ re: im, im: re });
  const size = re.length;
  for (let i = 0; i < size; i++) {
    re[i] = (re[i] ?? 0) / size;
    im[i] = (im[i] ?? 0) / size;
  }
}

function planFor(size: number): Plan {
  if (plan?.reversed.length === size) return plan;
  const bits = Math.log2(size);
  const reversed = new Uint32Array(size);
  for (let i = 1; i < size; i++) reversed[i] = ((reversed[i >> 1] ?? 0) >> 1) | ((i & 1) << (bits - 1));
  const angle = (i: number): number => (2 * Math.PI * i) / size;
  plan = {
    cos: Float64Array.from({ length: size / 2 }, (_, i) => Math.cos(angle(i))),
    sin: Float64Array.from({ length: size / 2 }, (_, i) => Math.sin(angle(i))),
    reversed,
  };
  return plan;
}

function swap(values: Float64Array, i: number, j: number): void {
  const value = values[i] ?? 0;
  values[i] = values[j] ?? 0;
  values[j] = value;
}
