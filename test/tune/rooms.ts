// Rooms from seeds: a simulated camera with everything that tuning must find out, what is true of it, and what may be said of it.
import type { TalkMode } from '../../src/camera-options.js';
import type { TuneResult } from '../../src/tune/result.js';
import { randomNumbers } from '../helpers/random.js';

export interface TuneRoom {
  readonly seed: number;
  readonly behaviors: readonly string[];
  /** The camera's options before. */
  readonly fields: { readonly mode: TalkMode };
  readonly truth: {
    readonly swallowedMs: number;
    readonly lostMs: number;
    readonly codec: string;
    /** The largest packets that are heard whole. */
    readonly packetBytes: number;
    readonly delayMs: number;
  };
}

const SIZES = [2_048, 1_024, 512, 320, 160];
/** The train in the microphone: 0.7 as amplitude, 12 dB less. */
const TONES_DB = -18;
/** Beyond what is true a setting may be so much longer, and never shorter. */
const LEEWAY_MS = 120;

export function tuneRoom(seed: number): TuneRoom {
  const random = randomNumbers(seed);
  const whole = (from: number, to: number): number => Math.floor(from + random() * (to - from + 1));
  const pick = <T>(...all: readonly [T, ...T[]]): T => all[Math.floor(random() * all.length)] ?? all[0];
  const swallowedMs = pick(0, whole(1, 400), whole(400, 1_500), whole(400, 1_500));
  const lostMs = pick(0, whole(1, 800), whole(1, 800));
  const delayMs = whole(50, 900);
  const noiseDb = pick(60, 45, whole(-TONES_DB + 10, 45), -TONES_DB + 10);
  const codec = pick('pcma8k', 'pcma8k', 'pcmu16k');
  const gaps = pick('none', `below-${pick(320, 512, 1_024, 2_048)}`, `above-${pick(160, 320, 512, 1_024)}`);
  const hears = pick('all', 'all', 'mutes', 'mutes and cancels', 'cancels');
  const mode = pick<TalkMode>('half_duplex', 'half_duplex', 'full_duplex', 'aec');
  const limit = Number(/\d+$/.exec(gaps)?.[0] ?? 0);
  const echo = random() < 0.5;
  const asleepMs = random() < 0.3 ? whole(200, 1_500) : 0;
  const packetBytes = gaps.startsWith('above') ? (SIZES.find((bytes) => bytes <= limit) ?? 0) : SIZES[0];
  return {
    seed,
    behaviors: [
      `speaker-swallows-${swallowedMs}`,
      `speaker-cuts-tail-${lostMs}`,
      // The wait is never shorter than what is dropped of it.
      `speaker-delays-${Math.max(delayMs, lostMs)}`,
      `room-noise-${noiseDb}`,
      ...(codec === 'pcma8k' ? [] : ['speaker-double-speed']),
      ...(gaps === 'none' ? [] : [`speaker-gaps-${gaps}`]),
      ...(hears.includes('mutes') ? ['microphone-mutes'] : []),
      ...(hears.includes('cancels') ? ['microphone-cancels'] : []),
      ...(echo ? ['room-echo'] : []),
      ...(asleepMs > 0 ? [`speaker-sleeps-${asleepMs}`] : []),
    ],
    fields: { mode },
    truth: {
      swallowedMs: Math.max(swallowedMs, asleepMs),
      lostMs,
      codec,
      packetBytes: packetBytes ?? 0,
      delayMs: Math.max(delayMs, lostMs) + 20,
    },
  };
}

/** What is wrong with the result; empty when nothing is. */
export function mistakes({ truth, fields }: TuneRoom, { settings, latencyMs, unknown }: TuneResult): string[] {
  const wrong: string[] = [];
  const equal = (name: string, found: string | number | undefined, expected: string | number): void => {
    if (found !== undefined && found !== expected) wrong.push(`${name} ${found} instead of ${expected}`);
  };
  const atLeast = (name: string, found: number | undefined, least: number): void => {
    if (found === undefined || (found >= least && found <= least + LEEWAY_MS)) return;
    wrong.push(`${name} ${found} instead of ${least} to ${least + LEEWAY_MS}`);
  };
  equal('mode', settings.mode, fields.mode);
  equal('codec', settings.codec, truth.codec);
  equal('packetBytes', settings.packetBytes, truth.packetBytes);
  atLeast('leadInMs', settings.leadInMs, truth.swallowedMs);
  atLeast('drainMs', settings.drainMs, truth.lostMs);
  if (latencyMs !== undefined && Math.abs(latencyMs - truth.delayMs) > 15) {
    wrong.push(`latencyMs ${latencyMs} instead of ${truth.delayMs}`);
  }
  for (const [name, why] of Object.entries(unknown)) if (why === '') wrong.push(`no reason for ${name}`);
  return wrong;
}
