// Whether a camera's loudspeaker was heard by its own microphone: a measurement and the talk mode in, plain data out. Its words are sentences.ts. Pure.
import { isHttpTalk, type Dialect, type TalkMode } from '../camera-options.js';
import type { ChirpMatch, Measurement } from './measure.js';
import { inWords, remarks, type Judgement, type VerdictReason } from './sentences.js';

export interface SoundVerdict extends Judgement {
  /** In English, with what to do. */
  readonly text: string;
}

export interface Check {
  readonly measurement: Measurement;
  /** In which mode the chirp was sent. */
  readonly mode: TalkMode;
  /** Of the camera. */
  readonly dialect?: Dialect;
  /** When the chirp's first packet was sent, from the start of the recording, s. */
  readonly sentAtSeconds: number;
}

// Noise, speech, bells and other glides reach a likeness of 0.27 by chance, those that are much louder than what is around them 0.15.
// A chirp 10 dB below the noise of its band has 0.3; echoes stronger than the direct sound leave 0.2 of a loud one.
const SURE_LIKENESS = 0.3;
const SURE_LIKENESS_IF_LOUD = 0.2;
const LOUD_SNR_DB = 12;
/** Chance gives up to 4.5 where it is loud. */
const LEAST_PROMINENCE = 6;
const UNSURE_LIKENESS = 0.18;
/** What is sent must be followed by so much recording before "not heard" can be said, s: chirp and the longest delay. */
const LEAST_SECONDS = 2;
/** Above this the noise would hide a chirp at usual loudness, dB of full scale. */
const NOISY_DB = -20;
/** Even a quiet room is louder than this in a camera that hears, dB of full scale; A-law's own steps are at −78. */
const SILENT_DB = -84;
/** So much of a chirp at the ends of the scale is audible, part of its samples. */
const CLIPPED_PART = 0.002;
/** So strong a third harmonic is a loudspeaker at its end: small ones make up to 0.1 of their own. */
const CLIPPED_DISTORTION = 0.2;

export function judge(check: Check): SoundVerdict {
  return worded(judgement(check), check.mode);
}

/** In these one side may be silent while the other speaks (PROTOCOL.md T9). */
const MUTING_MODES = ['half_duplex', 'vad'] as const;

/** The verdict when the microphone hears or sends nothing during a talk; undefined in a mode that is no reason for it. */
export function mutedBy(mode: TalkMode, dialect?: Dialect): SoundVerdict | undefined {
  const judged = muted(mode, dialect);
  return judged && worded(judged, mode);
}

function muted(mode: TalkMode, dialect: Dialect | undefined): Judgement | undefined {
  const muting = MUTING_MODES.find((one) => one === mode);
  return muting && becauseOfMode(`microphone muted by ${muting}`, dialect);
}

/** By the HTTP talk nobody speaks in full duplex, and every other mode may hide the loudspeaker (PROTOCOL.md H15). */
function becauseOfMode(reason: VerdictReason, dialect: Dialect | undefined): Judgement {
  return { ...cannotTell(reason), ...(!isHttpTalk(dialect) && { suggestMode: 'full_duplex' }) };
}

function worded(judged: Judgement, mode: TalkMode): SoundVerdict {
  return { ...judged, text: inWords(remarks(judged, mode)) };
}

function judgement({ measurement, mode, dialect, sentAtSeconds }: Check): Judgement {
  const { match, seconds, noiseDb } = measurement;
  if (match !== undefined && isSure(match)) return heard(match, sentAtSeconds);
  // Before anything is said about the loudspeaker: in these modes a working one is not heard either. Nor is what is too short surprising where nothing is sent.
  const silenced = muted(mode, dialect);
  if (silenced !== undefined) return silenced;
  if (seconds - sentAtSeconds < LEAST_SECONDS) return cannotTell('recording too short');
  if (mode === 'aec') return becauseOfMode('loudspeaker cancelled by aec', dialect);
  if (noiseDb <= SILENT_DB) return cannotTell('microphone silent');
  if (match !== undefined && match.likeness >= UNSURE_LIKENESS) return cannotTell('unsure');
  if (noiseDb >= NOISY_DB) return cannotTell('too noisy');
  return { verdict: 'not heard', reason: 'nothing found' };
}

function isSure({ likeness, prominence, snrDb }: ChirpMatch): boolean {
  const least = snrDb >= LOUD_SNR_DB ? SURE_LIKENESS_IF_LOUD : SURE_LIKENESS;
  return likeness >= least && prominence >= LEAST_PROMINENCE;
}

function heard(match: ChirpMatch, sentAtSeconds: number): Judgement {
  const { speed, atSeconds, levelDb, snrDb, clipped, distortion = 0 } = match;
  return {
    verdict: 'heard',
    reason: speed === 1 ? 'found' : 'wrong speed',
    delayMs: rounded((atSeconds - sentAtSeconds) * 1_000),
    levelDb: rounded(levelDb),
    snrDb: rounded(snrDb),
    clipping: clipped >= CLIPPED_PART || distortion >= CLIPPED_DISTORTION,
    speed,
  };
}

function cannotTell(reason: VerdictReason): Judgement {
  return { verdict: 'cannot tell', reason };
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
