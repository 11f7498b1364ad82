// What is said of tuning: why a setting could not be found out, and what was heard. Which of it is true is found out elsewhere.
import { CHECK_SENTENCES, filled, remarks, type Judgement, type Values } from '../check/sentences.js';
import type { TalkMode } from '../camera-options.js';

/** In English, with `__name__` where a value goes. The editor has the same ones in its catalogues. */
export const TUNE_SENTENCES = {
  'unknown.unheard': 'The camera was not heard',
  'unknown.noSound': 'The stream of the microphone carries no sound that we can hear',
  'unknown.noMode': 'The camera grants none of the talk modes',
  'unknown.otherModes': 'Whether the camera grants other modes could not be told',
  'unknown.doubleSpeed': 'The camera plays __codec__ at twice the speed, and __other__ is no better',
  'unknown.halfSpeed': 'The camera plays __codec__ at half the speed, and __other__ is no better',
  'unknown.notTaken': 'The camera does not take __codec__',
  'unknown.onlyChirp': 'The chirp seemed to come at its speed, and nothing else was recognised',
  'unknown.withoutCodec': 'Without the right codec it cannot be measured',
  'unknown.gaps': 'There are gaps with packets of every size',
  'unknown.unsureGaps': 'Whether packets of __packetBytes__ bytes leave gaps could not be told',
  'unknown.unsureGapsMs': 'Whether packets of __packetMs__ ms leave gaps could not be told',
  'unknown.onlyAlaw': 'The talk over HTTP carries A-law alone',
  'unknown.notSettable': 'The camera grants __mode__, which cannot be chosen for it',
  'unknown.few': 'Only __count__ of the __of__ sessions that it takes were heard clearly',
  'unknown.moreAtBeginning':
    '__lostMs__ ms are missing at the beginning, more than a loudspeaker swallows: the microphone may not hear all the time',
  'unknown.moreAtEnd':
    '__lostMs__ ms are missing at the end, more than a loudspeaker loses: the microphone may not hear all the time',
  'unknown.endUnheard':
    'The end is not heard either where the session stays open: the microphone does not hear all the time',
  'unknown.noisy': 'There is too much noise or echo in the room',
  'unknown.disturbed': 'Something else came in between',
  'unknown.unrecognised': 'The sound was not recognised in what the microphone heard',
  'unknown.notInRecording': 'The sounds were not recognised in the recording',
  'unknown.silentCodec': 'Nothing was recognised with __codec__',
  'unknown.otherCodec': 'It has to be measured with __codec__: set the codec and tune again',
  'heard.whole':
    'Heard after __latencyMs__ ms, no gaps; the first __firstMs__ ms and the last __lastMs__ ms are missing',
  'heard.gaps':
    'Heard after __latencyMs__ ms, with gaps; the first __firstMs__ ms and the last __lastMs__ ms are missing',
  'heard.unsure':
    'Heard after __latencyMs__ ms, perhaps with gaps; the first __firstMs__ ms and the last __lastMs__ ms are missing',
  'heard.not': 'Not recognised in what the microphone heard',
  'heard.noisy': 'Heard, but noise or echo hide where it begins and ends',
  'heard.disturbed': 'Something else came in between',
  'heard.refused': 'The camera does not grant this',
} as const;

const SENTENCES = { ...TUNE_SENTENCES, ...CHECK_SENTENCES };

/** One sentence, plain data: to translate it, take `key` and `values`. */
export interface TuneRemark {
  readonly key: keyof typeof SENTENCES;
  readonly values?: Values;
  /** More about what went wrong, in English; no secret. */
  readonly detail?: string;
}

export function remark(key: TuneRemark['key'], values?: Values, detail?: string): TuneRemark {
  return { key, ...(values && { values }), ...(detail !== undefined && { detail }) };
}

/** What is said of a chirp; other modes are tried anyhow. */
export function chirpRemarks(judged: Judgement, mode: TalkMode): TuneRemark[] {
  return remarks(judged, mode)
    .filter(({ about, key }) => about !== 'mode' && key !== 'level.ok' && key !== 'speed.right')
    .map(({ key, values }) => remark(key, values));
}

/** In English. */
export function tuneText(said: readonly TuneRemark[]): string {
  return said
    .map(({ key, values, detail }) => filled(SENTENCES[key], values) + (detail === undefined ? '' : ` (${detail})`))
    .join('. ');
}
