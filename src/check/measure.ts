// What a recording says about the chirp in it: where, how fast, how loud, how far above the noise, how damaged. Pure; judging is verdict.ts.
import { chirp, chirpBand, CHIRP_SECONDS, SPEEDS, thirdHarmonic, type Speed } from './chirp.js';
import { findPattern, strengthOf, type Match } from '../sound/correlate.js';
import { power, powerDb } from '../sound/levels.js';

/** Plain data. Levels in dB of full scale, power without what is constant. */
export interface Measurement {
  /** Length of the recording. */
  readonly seconds: number;
  /** What the microphone hears most of the time. */
  readonly noiseDb: number;
  /** The best match with a chirp, at whatever speed; absent when the recording is too short or empty. */
  readonly match?: ChirpMatch;
}

export interface ChirpMatch {
  readonly speed: Speed;
  /** From the start of the recording to the start of the chirp. */
  readonly atSeconds: number;
  /** 0 to 1. */
  readonly likeness: number;
  /** How far the likeness stands out from that of other places. */
  readonly prominence: number;
  /** Of the chirp alone, the noise taken off. */
  readonly levelDb: number;
  readonly snrDb: number;
  /** Part of the chirp's samples at the ends of the scale, 0 to 1. */
  readonly clipped: number;
  /** How strong the third harmonic is beside the chirp, 0 to 1: cut to a square, 0.33; absent when the sample rate does not carry it. */
  readonly distortion?: number;
}

/** Levels are taken in frames of this, s. */
const FRAME_SECONDS = 0.02;
/** A-law ends at 0.984, µ-law at 0.980 of the scale. */
const CLIP_LEVEL = 0.97;
/** Echoes of the chirp are no noise; a furnished room is quiet again after so long, s. */
const ECHO_SECONDS = 0.4;
/** The sound just before the chirp is not measured as noise: the start is only known within this, s. */
const EDGE_SECONDS = 0.05;

/** No chirp of another speed fits so well; above this the other speeds are not tried. */
const CERTAIN_LIKENESS = 0.5;

/** Takes about 20 ms for 3 s at 8 kHz, three times as long when no chirp is found. */
export function measureChirp(samples: Float32Array, sampleRate: number): Measurement {
  const powers = framePowers(samples, Math.round(FRAME_SECONDS * sampleRate));
  const found = bestMatch(samples, sampleRate);
  const whole = { seconds: samples.length / sampleRate, noiseDb: powerDb(median(powers)) };
  if (found === undefined) return whole;

  const { speed, match } = found;
  const atSeconds = match.position / sampleRate;
  const endSeconds = atSeconds + CHIRP_SECONDS / speed;
  const outside = powers.filter((_, frame) => {
    const from = frame * FRAME_SECONDS;
    return from + FRAME_SECONDS < atSeconds - EDGE_SECONDS || from > endSeconds + ECHO_SECONDS;
  });
  const noise = outside.length > 0 ? median(outside) : 0;
  const heard = samples.subarray(Math.round(match.position), Math.round(endSeconds * sampleRate));
  const distortion = harmonicPart(samples, match.position, sampleRate, speed);
  const signal = Math.max(0, power(heard) - noise);
  return {
    ...whole,
    noiseDb: powerDb(noise),
    match: {
      speed,
      atSeconds,
      likeness: match.likeness,
      prominence: match.prominence,
      levelDb: powerDb(signal),
      snrDb: powerDb(signal) - powerDb(noise),
      clipped: heard.filter((sample) => Math.abs(sample) >= CLIP_LEVEL).length / Math.max(1, heard.length),
      ...(distortion !== undefined && { distortion }),
    },
  };
}

function bestMatch(samples: Float32Array, sampleRate: number): { speed: Speed; match: Match } | undefined {
  let best: { speed: Speed; match: Match } | undefined;
  for (const speed of SPEEDS) {
    const match = findPattern(samples, chirp(sampleRate, speed), sampleRate, chirpBand(speed));
    if (match !== undefined && match.likeness > (best?.match.likeness ?? 0)) best = { speed, match };
    if ((best?.match.likeness ?? 0) >= CERTAIN_LIKENESS) break;
  }
  return best;
}

function harmonicPart(samples: Float32Array, position: number, sampleRate: number, speed: Speed): number | undefined {
  const third = thirdHarmonic(sampleRate, speed);
  if (third === undefined) return undefined;
  const at = Math.round(position);
  const first = chirp(sampleRate, speed).subarray(0, third.samples.length);
  const firstBand = { fromHz: third.fromHz / 3, toHz: third.toHz / 3 };
  const part =
    strengthOf(samples, third.samples, at, sampleRate, third) / strengthOf(samples, first, at, sampleRate, firstBand);
  return Number.isFinite(part) ? Math.min(1, part) : undefined;
}

function framePowers(samples: Float32Array, length: number): number[] {
  return Array.from({ length: Math.floor(samples.length / length) }, (_, frame) =>
    power(samples.subarray(frame * length, (frame + 1) * length)),
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
