// What is said of a sound check: the sentences, in English, and which of them a verdict stands for. Judging is verdict.ts.
import type { TalkMode } from '../camera-options.js';
import type { Speed } from './chirp.js';

/** With `__name__` where a value goes. The editor has the same ones in its catalogues. */
export const CHECK_SENTENCES = {
  'sound.heard': 'Heard: the chirp came back after __delayMs__ ms',
  'sound.nothing':
    'Not heard, though the microphone works: check the volume of the loudspeaker, its mute switch, and the codec',
  'sound.unsure':
    'Cannot tell: something like the chirp was heard, but it may be chance. Turn the loudspeaker up and check again',
  'sound.noisy': 'Cannot tell: it is too loud around the camera. Check again later',
  'sound.silent': 'Cannot tell: the microphone gives no sound at all. It is muted or turned down in the camera',
  'sound.short': 'Cannot tell: the microphone was heard for too short a time. Check again',
  'sound.muted': 'Cannot tell: in the mode __mode__ many cameras mute their microphone while they talk',
  'sound.cancelled': 'Cannot tell: in the mode aec the camera takes its own loudspeaker out of what it hears',
  'level.ok': '__levelDb__ dB of full scale, __snrDb__ dB above the noise, no clipping',
  'level.clipping': '__levelDb__ dB of full scale, __snrDb__ dB above the noise, distorted: turn the loudspeaker down',
  'level.unsure':
    '__levelDb__ dB of full scale, __snrDb__ dB above the noise, no clipping; it says little in the mode __mode__',
  'speed.right': 'As it should be',
  'speed.double': 'Twice as fast as it should be, so the camera plays at 16 kHz: set the codec to µ-law 16 kHz',
  'speed.half': 'Half of what it should be, so the camera plays at 8 kHz: set the codec to A-law 8 kHz',
  'mode.full_duplex': 'Set it to full duplex and check again',
} as const;

/** What stands in for the placeholders. */
export type Values = Readonly<Record<string, string | number>>;

type Verdict = 'heard' | 'not heard' | 'cannot tell';

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
  | 'microphone muted by vad'
  | 'loudspeaker cancelled by aec';

/** Plain data; figures are only there when the chirp was heard. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: VerdictReason;
  /** From the first packet of the chirp to its sound in the microphone. */
  readonly delayMs?: number;
  /** dB of full scale. */
  readonly levelDb?: number;
  readonly snrDb?: number;
  /** Cut at the end of the scale, or distorted by a loudspeaker at its end. */
  readonly clipping?: boolean;
  /** 1 is right; 2 and 0.5 tell of a wrong codec. */
  readonly speed?: Speed;
  /** With which mode to check again. */
  readonly suggestMode?: TalkMode;
}

/** One thing that is said of a verdict. */
export interface Remark {
  readonly about: 'sound' | 'level' | 'speed' | 'mode';
  readonly outcome: 'ok' | 'warning' | 'failed';
  readonly key: keyof typeof CHECK_SENTENCES;
  readonly values?: Values;
}

const UNHEARD = {
  'nothing found': 'sound.nothing',
  unsure: 'sound.unsure',
  'too noisy': 'sound.noisy',
  'microphone silent': 'sound.silent',
  'recording too short': 'sound.short',
  'microphone muted by half_duplex': 'sound.muted',
  'microphone muted by vad': 'sound.muted',
  'loudspeaker cancelled by aec': 'sound.cancelled',
} as const satisfies Readonly<Record<Exclude<VerdictReason, 'found' | 'wrong speed'>, Remark['key']>>;

/** What is said, the sound first. `mode` is the one in which the chirp was sent. */
export function remarks(judgement: Judgement, mode: TalkMode): Remark[] {
  const { verdict, reason, delayMs = 0, speed, suggestMode } = judgement;
  const said: Remark[] = [];
  if (reason === 'found' || reason === 'wrong speed') {
    said.push({ about: 'sound', outcome: 'ok', key: 'sound.heard', values: { delayMs: Math.round(delayMs) } });
    said.push(level(judgement, mode));
    if (speed === 2) said.push({ about: 'speed', outcome: 'warning', key: 'speed.double' });
    else if (speed === 0.5) said.push({ about: 'speed', outcome: 'warning', key: 'speed.half' });
    else said.push({ about: 'speed', outcome: 'ok', key: 'speed.right' });
  } else {
    const key = UNHEARD[reason];
    const values = key === 'sound.muted' ? { values: { mode } } : {};
    said.push({ about: 'sound', outcome: verdict === 'not heard' ? 'failed' : 'warning', key, ...values });
  }
  if (suggestMode === 'full_duplex') said.push({ about: 'mode', outcome: 'warning', key: 'mode.full_duplex' });
  return said;
}

function level({ levelDb = 0, snrDb = 0, clipping }: Judgement, mode: TalkMode): Remark {
  const values = { levelDb, snrDb };
  if (clipping === true) return { about: 'level', outcome: 'warning', key: 'level.clipping', values };
  // What is left of the loudspeaker in the other modes says nothing about how loud it is.
  if (mode !== 'full_duplex') {
    return { about: 'level', outcome: 'ok', key: 'level.unsure', values: { ...values, mode } };
  }
  return { about: 'level', outcome: 'ok', key: 'level.ok', values };
}

/** The sentence with its values in place. */
export function filled(text: string, values: Values = {}): string {
  return text.replace(/__([a-zA-Z]+)__/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The remarks in English, without those that all is well. */
export function inWords(said: readonly Remark[]): string {
  return said
    .filter(({ key }) => key !== 'level.ok' && key !== 'speed.right')
    .map(({ key, values }) => filled(CHECK_SENTENCES[key], values))
    .join('. ');
}
