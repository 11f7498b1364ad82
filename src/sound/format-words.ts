// The words that people and other programs put into msg.format: names of containers, keys that nobody asked for, the formats of speech services.
import { TalkError } from '../errors.js';
import { shown } from '../options.js';

/** In lower case and without punctuation. */
const CONTAINER_NAMES = new Set(
  'mp3 mpeg mp4 m4a aac wav wave xwav ogg oga opus vorbis flac xflac amr webm weba aiff aif caf au wma 3gp mka mov'.split(
    ' ',
  ),
);
const KEYS = ['encoding', 'sampleRate', 'channels'] as const;
/** What a key that is none of these was probably meant to be, by what is in it. */
const MEANT: ReadonlyArray<readonly [part: RegExp, key: (typeof KEYS)[number]]> = [
  [/rate|hertz|hz|freq|sampl/i, 'sampleRate'],
  [/chan|mono|stereo/i, 'channels'],
  [/enc|cod|format|type|bit|depth|width|law/i, 'encoding'],
];

/** Whether it is the name of a container, such as `mp3`, `audio/mpeg` or `{ encoding: 'wav' }`: whose bytes tell more than its name. */
export function namesContainer(format: unknown): boolean {
  const encoding: unknown = typeof format === 'object' && format !== null ? Reflect.get(format, 'encoding') : format;
  if (typeof encoding !== 'string') return false;
  const [type = ''] = encoding.toLowerCase().split(';');
  return CONTAINER_NAMES.has(type.replace(/^(?:audio|video)\//, '').replace(/[^a-z0-9]/g, ''));
}

/** Throws TALK_ERR_ARGUMENT for a key that msg.format does not have, and names the one that was probably meant. */
export function checkKeys(format: object): void {
  for (const [key, value] of Object.entries(format)) {
    if (value === undefined || KEYS.some((known) => known === key)) continue;
    const meant = MEANT.find(([part]) => part.test(key))?.[1];
    throw new TalkError(
      'TALK_ERR_ARGUMENT',
      `format: there is no ${shown(key)}${meant === undefined ? '' : `; ${meant} was probably meant`} (it has ${KEYS.join(', ')})`,
    );
  }
}

/** The object to write instead of the words of a speech service, such as `audio/L16;rate=24000`; undefined for a text that tells no rate. */
export function inOurWords(text: string): string | undefined {
  const [, kilo, plain] = /(\d+(?:\.\d+)?)\s*k(?:hz)?(?![a-z])|(?<!\d)(\d{4,6})(?!\d)/i.exec(text) ?? [];
  const sampleRate = kilo === undefined ? Number(plain) : Number(kilo) * 1000;
  if (!(sampleRate > 0)) return undefined;
  const encoding = /a-?law|pcma/i.test(text)
    ? 'alaw'
    : /[uµμ]-?law|pcmu/i.test(text)
      ? 'mulaw'
      : /f32|float/i.test(text)
        ? 'f32le'
        : 's16le';
  return JSON.stringify({ encoding, sampleRate, channels: /stereo/i.test(text) ? 2 : 1 });
}
