// What a voice is made of: the choice of an engine and what that needs, read once. Nothing is run here.
import { given, readChoice, readNumberOrText, refused, type Range } from '../options.js';
import { placeholdersOf } from './template.js';

export const VOICE_ENGINES = ['auto', 'command', 'http', 'wyoming'] as const;
export type VoiceEngine = (typeof VOICE_ENGINES)[number];

/** One voice, plain data. */
export interface VoiceOptions {
  readonly engine: VoiceEngine;
  /** The engine's own name of the voice, for `auto` also the path of a Piper model (`.onnx`); '' is the engine's default. */
  readonly voice: string;
  /** Such as `cmn` or `en-GB`; '' goes by the text, see `languageOf`. */
  readonly language: string;
  /** `command`: a program and its arguments, split without a shell; `{text}`, `{voice}`, `{language}` and `{file}` are replaced. */
  readonly command: string;
  /** `http`: the address, with the same placeholders but `{file}`, and `{token}`. */
  readonly url: string;
  /** `http`: '' is POST with a body, else GET. */
  readonly method: string;
  readonly body: string;
  /** `http`: one `Name: value` a line. */
  readonly headers: string;
  /** `http`: where base64 sound stands in a JSON reply, such as `data.0.audio`. */
  readonly audioPath: string;
  /** `wyoming`. */
  readonly host: string;
  readonly port: number;
  /** `http`: a secret that stands where `{token}` does, else goes as `Authorization: Bearer`. */
  readonly token: string;
  /** Where a package beside the user's own is looked for; '' is the working folder. */
  readonly packageFolder: string;
}

export const VOICE_DEFAULTS: VoiceOptions = {
  engine: 'auto',
  voice: '',
  language: '',
  command: 'espeak-ng -v {voice} --stdout',
  url: '',
  method: '',
  body: '',
  headers: '',
  audioPath: '',
  host: '',
  port: 10_200,
  token: '',
  packageFolder: '',
};

export const VOICE_RANGES = { port: { least: 1, most: 65_535, whole: true } } as const satisfies Record<string, Range>;

const TEXTS = ['voice', 'language', 'command', 'url', 'method', 'body', 'headers', 'audioPath', 'host'] as const;
export const VOICE_METHODS = ['', 'GET', 'POST', 'PUT'] as const;
/** Of any of the texts; the longest, a body with a prompt, has some hundred. */
const MAX_OPTION_CHARS = 10_000;

/** @throws TALK_ERR_ARGUMENT that names the option; what may be a secret is not repeated */
export function voiceOptions(input: Readonly<Record<string, unknown>>): VoiceOptions {
  const texts = Object.fromEntries(
    TEXTS.map((name) => [name, textOf(name, given(input[name]) ?? VOICE_DEFAULTS[name])]),
  ) as Pick<VoiceOptions, (typeof TEXTS)[number]>;
  const options: VoiceOptions = {
    ...texts,
    method: readChoice('method', texts.method.toUpperCase(), VOICE_METHODS),
    engine: readChoice('engine', given(input['engine']) ?? VOICE_DEFAULTS.engine, VOICE_ENGINES),
    port: readNumberOrText('port', given(input['port']) ?? VOICE_DEFAULTS.port, VOICE_RANGES.port),
    token: textOf('token', given(input['token']) ?? ''),
    packageFolder: textOf('packageFolder', given(input['packageFolder']) ?? ''),
  };
  checkEngine(options);
  return options;
}

function checkEngine({ engine, url, host, voice, language }: VoiceOptions): void {
  if (engine === 'http' && !isWebAddress(url)) throw refused('url', 'an http:// or https:// address');
  if (engine === 'wyoming' && host === '') throw refused('host', 'the address of the Wyoming server');
  // They may become arguments of a program.
  if (voice.startsWith('-')) throw refused('voice', 'a name that does not begin with -');
  if (language.startsWith('-')) throw refused('language', 'a name that does not begin with -');
}

function isWebAddress(url: string): boolean {
  const filled = placeholdersOf(url).reduce((address, name) => address.replaceAll(`{${name}}`, 'x'), url);
  return URL.canParse(filled) && /^https?:$/.test(new URL(filled).protocol);
}

function textOf(name: string, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') throw refused(name, 'text');
  if (text.length > MAX_OPTION_CHARS) throw refused(name, `a text of at most ${MAX_OPTION_CHARS} characters`);
  return name === 'body' || name === 'headers' ? text : text.trim();
}
