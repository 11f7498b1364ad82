// What follows from what was heard of the train: settings, or why there are none. Pure.
import type { SoundVerdict } from '../check/verdict.js';
import { median } from '../sound/levels.js';
import type { HeardTrain } from './heard.js';
import type { VolumeAdvice } from './result.js';
import { remark, type TuneRemark } from './sentences.js';
import { TRAIN_SECONDS } from './train.js';

/** `in a row` with others and closed right behind the train, or after a rest and with a long drain: what its end lacks then, closing did not take. */
export type SessionKind = 'in a row' | 'rested';

/** One session in which the train was played. */
export interface TrainReport {
  /** `disturbed`: another clip, a pause of this machine or lost sound of the microphone came in between, so that it proves nothing. */
  readonly heard: HeardTrain | 'noisy' | 'disturbed' | undefined;
  /** From packet to sound. */
  readonly latencyMs?: number;
  /** So long after the last sound the session was closed; what a camera loses it would have lost before. */
  readonly closedLateMs?: number;
  readonly kind: SessionKind;
}

/** A setting, or why it could not be found out. */
export type Found<T> = { readonly value: T } | { readonly why: readonly TuneRemark[] };

/** So many sessions say what is lost at the beginning and at the end: three in a row and one after a rest. */
export const SESSIONS = 4;
/** More than this no loudspeaker is known to lose, ms: then the microphone did not hear it. Ours; the train is made for as much. */
const MOST_LOST_MS = { moreAtBeginning: 1_600, moreAtEnd: 1_200 } as const;
/** Beyond the worst of them: a camera may do worse next time. */
const MARGIN_MS = 60;
const STEP_MS = 20;

/** Above this no part of a packet is missing; echo and noise leave 0.85 and more. */
const WHOLE_EVENNESS = 0.7;
const GAPS_EVENNESS = 0.5;
/** Packets that are not heard whole leave a gap in most stretches, an accident in one. */
const GAPS_BROKEN = 0.6;

/** `unsure`: once more, or it cannot be told. */
export type Wholeness = 'whole' | 'gaps' | 'unsure';

export function wholeness({ heard }: Pick<TrainReport, 'heard'>): Wholeness {
  if (heard === undefined || typeof heard === 'string') return 'unsure';
  if (heard.evenness <= GAPS_EVENNESS || heard.broken >= GAPS_BROKEN) return 'gaps';
  return heard.evenness >= WHOLE_EVENNESS && heard.broken === 0 ? 'whole' : 'unsure';
}

/** Of all sessions with packets of one size; the first one with gaps says enough. */
export function sizeOf(reports: readonly TrainReport[]): Wholeness {
  const all = reports.filter(({ heard }) => isClear(heard)).map(wholeness);
  if (all.includes('gaps')) return 'gaps';
  const whole = all.filter((one) => one === 'whole').length;
  return whole > 1 && whole > all.length / 2 ? 'whole' : 'unsure';
}

/** What the loudspeaker swallows at the beginning of a session. */
export function leadIn(reports: readonly TrainReport[]): Found<number> {
  return worst(
    reports,
    clear(reports).map(({ heard }) => heard.firstMs),
    'moreAtBeginning',
  );
}

/** What is lost at its end, when the session is closed right behind. */
export function drain(reports: readonly TrainReport[]): Found<number> {
  const lost = (kind: SessionKind): number[] =>
    clear(reports)
      .filter((report) => report.kind === kind)
      .map(
        ({ heard, closedLateMs = 0 }) => TRAIN_SECONDS * 1_000 - heard.lastMs + (kind === 'rested' ? 0 : closedLateMs),
      );
  const found = worst(reports, lost('in a row'), 'moreAtEnd');
  if ('value' in found && Math.max(...lost('rested')) > MARGIN_MS) {
    return { why: [remark('unknown.endUnheard')] };
  }
  return found;
}

/** Median, and how far all lie apart, ms; undefined when nothing was heard. */
export function latency(
  reports: readonly TrainReport[],
): { readonly medianMs: number; readonly spreadMs: number } | undefined {
  const all = reports.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
  if (all.length === 0) return undefined;
  return { medianMs: Math.round(median(all)), spreadMs: Math.round(Math.max(...all) - Math.min(...all)) };
}

function worst(
  reports: readonly TrainReport[],
  lostMs: readonly number[],
  what: keyof typeof MOST_LOST_MS,
): Found<number> {
  const heard = clear(reports);
  if (heard.length < SESSIONS || !heard.some(({ kind }) => kind === 'rested')) {
    return { why: [remark('unknown.few', { count: heard.length, of: SESSIONS }), problemOf(reports)] };
  }
  const mostMs = Math.max(...lostMs);
  if (mostMs > MOST_LOST_MS[what]) return { why: [remark(`unknown.${what}`, { lostMs: Math.round(mostMs) })] };
  return { value: Math.ceil((mostMs + MARGIN_MS) / STEP_MS) * STEP_MS };
}

function clear(reports: readonly TrainReport[]): (TrainReport & { readonly heard: HeardTrain })[] {
  return reports.filter((report): report is TrainReport & { readonly heard: HeardTrain } => isClear(report.heard));
}

export function isClear(heard: TrainReport['heard']): heard is HeardTrain {
  return typeof heard === 'object';
}

/** Why sessions were not heard clearly: what the last of them that was not says. */
export function problemOf(reports: readonly TrainReport[]): TuneRemark {
  const last = reports
    .map(({ heard }) => heard)
    .filter((heard) => !isClear(heard))
    .at(-1);
  if (last === 'noisy') return remark('unknown.noisy');
  if (last === 'disturbed') return remark('unknown.disturbed');
  return remark('unknown.unrecognised');
}

/** What is softer beside the noise of the room is not understood, dB. */
const SOFT_SNR_DB = 10;

export function adviceOf({ levelDb = -Infinity, snrDb = -Infinity, clipping = false }: SoundVerdict): VolumeAdvice {
  const advice = clipping ? 'lower' : snrDb < SOFT_SNR_DB ? 'raise' : 'keep';
  return { advice, levelDb, snrDb, clipping };
}
