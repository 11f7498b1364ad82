// Whether a camera's loudspeaker was heard by its own microphone, in words: a measurement and the talk mode in, plain data out. Pure.
import type { TalkMode } from '../camera-options.js';
import type { Speed } from './chirp.js';
import type { ChirpMatch, Measurement } from './measure.js';

export type Verdict = 'heard' | 'not heard' | 'cannot tell';

/** Why it is so. */
export type VerdictReason =
  | 'found'
  /** Heard too fast or too slow: the codec does not fit. */
  | 'wrong speed'
  | 'nothing found'
  /** Something like the chirp, but it may be chance. */
  | 'unsure'
  | 'too noisy'
  /** The microphone gave no sound at all. */
  | 'microphone silent'
  | 'recording too short'
  /** The talk mode keeps the microphone from hearing the loudspeaker. */
  | 'microphone muted by half_duplex'
  | 'loudspeaker cancelled by aec';

/** Plain data; figures are only there when the chirp was heard. */
export interface SoundVerdict {
  readonly verdict: Verdict;
  readonly reason: VerdictReason;
  /** One English sentence with what to do. */
  readonly text: string;
  /** From the first packet of the chirp to its sound in the microphone. */
  readonly delayMs?: number;
  /** dB of full scale. */
  readonly levelDb?: number;
  readonly snrDb?: number;
  /** Cut at the end of the scale, or distorted by a loudspeaker at its end. */
  readonly clipping?: boolean;
  /** 1 is right; 2 and 0.5 tell of a wrong codec. */
  readonly speed?: Speed;
  /** The mode to check again with. */
  readonly suggestMode?: TalkMode;
}

export interface Check {
  readonly measurement: Measurement;
  /** In which mode the chirp was sent. */
  readonly mode: TalkMode;
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

export function judge({ measurement, mode, sentAtSeconds }: Check): SoundVerdict {
  const { match, seconds, noiseDb } = measurement;
  if (match !== undefined && isSure(match)) return heard(match, mode, sentAtSeconds);
  // First of all: in half_duplex a loudspeaker that works is not heard either, and a camera may send nothing at all meanwhile, so a short recording is no surprise.
  if (mode === 'half_duplex') return mutedByHalfDuplex();
  if (seconds - sentAtSeconds < LEAST_SECONDS) {
    return cannotTell('recording too short', 'The microphone was heard for too short a time; check again');
  }
  if (mode === 'aec') {
    return {
      ...cannotTell(
        'loudspeaker cancelled by aec',
        'Nothing was heard, but in the mode aec the camera takes its own loudspeaker out of what it hears; check with the mode full_duplex',
      ),
      suggestMode: 'full_duplex',
    };
  }
  if (noiseDb <= SILENT_DB) {
    return cannotTell(
      'microphone silent',
      'The microphone gives no sound at all; it is muted or turned down in the camera, so the loudspeaker cannot be checked with it',
    );
  }
  if (match !== undefined && match.likeness >= UNSURE_LIKENESS) {
    return cannotTell(
      'unsure',
      'Something like the chirp was heard, but it may be chance; turn the loudspeaker up and check again',
    );
  }
  if (noiseDb >= NOISY_DB)
    return cannotTell('too noisy', 'It is too loud around the camera to hear the chirp; check again later');
  return {
    verdict: 'not heard',
    reason: 'nothing found',
    text: 'The microphone works and did not hear the chirp: check the volume of the loudspeaker, its mute switch, and the codec',
  };
}

/** The verdict when the microphone hears or sends nothing during a talk in half_duplex. */
export function mutedByHalfDuplex(): SoundVerdict {
  return {
    ...cannotTell(
      'microphone muted by half_duplex',
      'Nothing was heard, but in the mode half_duplex many cameras mute their microphone while they talk; check with the mode full_duplex',
    ),
    suggestMode: 'full_duplex',
  };
}

function isSure({ likeness, prominence, snrDb }: ChirpMatch): boolean {
  const least = snrDb >= LOUD_SNR_DB ? SURE_LIKENESS_IF_LOUD : SURE_LIKENESS;
  return likeness >= least && prominence >= LEAST_PROMINENCE;
}

function heard(match: ChirpMatch, mode: TalkMode, sentAtSeconds: number): SoundVerdict {
  const { speed, atSeconds, levelDb, snrDb, clipped, distortion = 0 } = match;
  const clipping = clipped >= CLIPPED_PART || distortion >= CLIPPED_DISTORTION;
  const delayMs = rounded((atSeconds - sentAtSeconds) * 1_000);
  const figures = { delayMs, levelDb: rounded(levelDb), snrDb: rounded(snrDb), clipping, speed };
  if (speed !== 1) {
    const how =
      speed === 2
        ? 'twice as fast as it should be, so the camera plays at 16 kHz; set the codec to pcmu16k'
        : 'at half its speed, so the camera plays at 8 kHz; set the codec to pcma8k';
    return { verdict: 'heard', reason: 'wrong speed', text: `The chirp was heard ${how}`, ...figures };
  }
  const text = [
    `The chirp was heard ${Math.round(delayMs)} ms after its first packet`,
    ...(clipping ? ['but distorted: turn the loudspeaker down'] : []),
    // In these modes the microphone hears too little to say how loud the loudspeaker is.
    ...(mode === 'full_duplex' ? [] : [`its level says little in the mode ${mode}`]),
  ].join(', ');
  return { verdict: 'heard', reason: 'found', text, ...figures };
}

function cannotTell(reason: VerdictReason, text: string): SoundVerdict {
  return { verdict: 'cannot tell', reason, text };
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
