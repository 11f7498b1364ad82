// What can be spoken: the AudioSource union, and the reading of a user's value into it. Nothing is opened or decoded here.
import { TalkError, toTalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { MAX_SOURCE_BYTES, MAX_SOURCE_DEPTH, MAX_SOURCES } from '../limits.js';
import type { AudioFormat } from '../sound/format.js';
import type { ChimeName } from '../sound/tone.js';
import { asBuffer, checkSamples } from './bytes.js';
import { VOICE_DEFAULTS, type VoiceOptions } from '../voice/options.js';
import { spokenText } from '../voice/text.js';
import { ACCEPTED, invalid, located, tooLarge } from './text.js';

const NUMBERS =
  'a Buffer, not an array of numbers: Buffer.from(array) in a function node makes one of byte values, Int16Array.from(array) with msg.format one of samples';

/** One piece of audio; plain data except for `live`. `format` describes headerless audio. */
export type AudioSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly format?: AudioFormat }
  | { readonly kind: 'file'; readonly path: string; readonly format?: AudioFormat }
  | { readonly kind: 'url'; readonly url: string; readonly format?: AudioFormat }
  | {
      readonly kind: 'live';
      readonly chunks: AsyncIterable<unknown>;
      readonly format?: AudioFormat;
      /** It need not end, such as a microphone: the longest clip is no bound, and what is too old when a camera could say it is left out. */
      readonly bridge?: boolean;
    }
  | { readonly kind: 'chime'; readonly name: ChimeName }
  /** One of the user's own: `allowed.sounds` of the engine is where it is looked for. */
  | { readonly kind: 'sound'; readonly name: string; readonly format?: AudioFormat }
  | { readonly kind: 'say'; readonly text: string; readonly voice: VoiceOptions };

/** Bytes that stay where they are until they are needed. */
export interface LentBytes {
  readonly length: number;
  /** A copy. */
  load(): Promise<Uint8Array>;
}

/** What is prepared. */
export type PreparedSource =
  AudioSource | { readonly kind: 'bytes'; readonly bytes: LentBytes; readonly format?: AudioFormat };

/**
 * Reads a Buffer (also one that went through JSON), typed array, DataView or ArrayBuffer, a path, a `file:`, `http(s):` or `data:` URL, `sound:NAME`, base64
 * of a sound file, `{ say: 'words' }`, a Readable or async iterable, or an array of these, in order. A stream that fails before its turn is remembered, not thrown.
 * Throws TALK_ERR_ARGUMENT for anything else, TALK_ERR_AUDIO for an empty Buffer, TALK_ERR_SOURCE for one that is too large, TALK_ERR_VOICE for words too long to say.
 * @param format what headerless audio in it is
 * @param voice says the words; with one, a text that is neither address nor path nor the name of a sound file is words too
 */
export function audioSources(value: unknown, format?: AudioFormat, voice?: VoiceOptions): AudioSource[] {
  const sources: AudioSource[] = [];
  try {
    collect(
      value,
      { ...(format === undefined ? {} : { format }), ...(voice === undefined ? {} : { voice }) },
      sources,
      0,
    );
  } catch (error) {
    // Properties of an object may throw whatever they like.
    throw toTalkError(error, 'TALK_ERR_ARGUMENT', 'Audio: this value cannot be read');
  }
  return sources;
}

/** Whether the longest clip is no bound for it. */
export function isBridge(source: PreparedSource): boolean {
  return source.kind === 'live' && source.bridge === true;
}

/** Ends streams that nobody will read, such as those of a refused clip. Other sources hold nothing open. */
export function discardSources(sources: readonly PreparedSource[]): void {
  for (const source of sources) if (source.kind === 'live') endChunks(source.chunks);
}

/** Ends a stream that `iterator` may have been reading: a Readable at once, others when their pending chunk has come. */
export function endChunks(chunks: AsyncIterable<unknown>, iterator?: AsyncIterator<unknown>): void {
  if (hasMethod(chunks, 'destroy')) {
    chunks.destroy();
    return;
  }
  const end = async (): Promise<void> => {
    await (iterator ?? chunks[Symbol.asyncIterator]()).return?.();
  };
  end().catch(() => undefined);
}

interface Known {
  readonly format?: AudioFormat;
  readonly voice?: VoiceOptions;
}

function collect(value: unknown, known: Known, sources: AudioSource[], depth: number): void {
  const { format: declared, voice } = known;
  const format = declared === undefined ? {} : { format: declared };
  if (sources.length >= MAX_SOURCES) throw invalid(`an array of at most ${MAX_SOURCES} pieces`);
  const bytes = asBuffer(value);
  if (bytes !== undefined) {
    if (bytes.length === 0) throw new TalkError('TALK_ERR_AUDIO', 'The audio Buffer is empty');
    if (bytes.length > MAX_SOURCE_BYTES) throw tooLarge();
    checkSamples(value, bytes, declared);
    sources.push({ kind: 'bytes', bytes, ...format });
  } else if (typeof value === 'string') {
    const source = located(value, { raw: declared !== undefined, words: voice !== undefined });
    if (source.kind === 'bytes') collect(source.bytes, known, sources, depth);
    else if (source.kind === 'words') sources.push(words(source.text, voice));
    else sources.push(source.kind === 'chime' ? source : { ...source, ...format });
  } else if (Array.isArray(value)) {
    if (value.length === 0) throw invalid(`${ACCEPTED}; the array is empty`);
    if (depth === MAX_SOURCE_DEPTH) throw invalid(`arrays nested at most ${MAX_SOURCE_DEPTH} deep`);
    if (typeof value[0] === 'number') throw invalid(NUMBERS);
    for (const part of value) collect(part, known, sources, depth + 1);
  } else if (isAsyncIterable(value)) {
    // Without a listener an early failure, such as a missing file, would stop the whole process.
    if (hasMethod(value, 'on')) value.on('error', () => undefined);
    sources.push({ kind: 'live', chunks: value, ...format });
  } else if (isSaying(value)) {
    sources.push(words(value.say, voice));
  } else {
    throw invalid(`${ACCEPTED}, not ${described(value)}`);
  }
}

/** Checked here, so that a clip is refused before it waits. */
function words(text: string, voice: VoiceOptions = VOICE_DEFAULTS): AudioSource {
  return { kind: 'say', text: spokenText(text), voice };
}

function isSaying(value: unknown): value is { say: string } {
  return typeof value === 'object' && value !== null && 'say' in value && typeof value.say === 'string';
}

/** What it is instead, and what leads on. */
function described(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  const type = `a value of type ${typeof value}`;
  if (typeof value === 'number') return `${type}: an inject node sends the time unless its payload is set`;
  const names = typeof value === 'object' ? Object.keys(value) : [];
  return names.length === 0
    ? type
    : `${type} with ${excerpt(names.slice(0, 10).join(', '))}: send the property that holds the sound`;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function hasMethod<Name extends string>(
  value: object,
  name: Name,
): value is Record<Name, (...values: unknown[]) => unknown> {
  return typeof Reflect.get(value, name) === 'function';
}
