// What a command sees of the outside, and what all commands ask of it: options of the camera and the password.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import {
  cameraOptions,
  excerpt,
  numberOf,
  pastedAddress,
  rangeText,
  type CameraOptions,
  type createEngine,
  type Range,
} from '../index.js';
import { readSettings } from './settings.js';
import { UsageError } from './usage.js';

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly input: NodeJS.ReadStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Makes the engine that is asked; that of the library, unless time is another one. */
  readonly createEngine?: typeof createEngine;
}

export { UsageError };

export const CAMERA_ARGS = {
  host: { type: 'string' },
  port: { type: 'string' },
  user: { type: 'string' },
  dialect: { type: 'string' },
  mode: { type: 'string' },
  codec: { type: 'string' },
  'packet-bytes': { type: 'string' },
  'stream-port': { type: 'string' },
  'packet-ms': { type: 'string' },
  encrypt: { type: 'boolean' },
  'lead-in-ms': { type: 'string' },
  'drain-ms': { type: 'string' },
  'ignore-busy': { type: 'boolean' },
  settings: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Of the commands that listen. */
export const LISTEN_ARGS = {
  'stream-url': { type: 'string' },
  'listen-user': { type: 'string' },
  'listen-basic': { type: 'boolean' },
} as const;

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** What Node.js says of a wrong argument has under 150, the argument included. */
const MAX_USAGE_CHARS = 200;

/** An argument, or the value of an option, which then has its name. */
export interface Given {
  readonly name: string | undefined;
  readonly value: string;
}

/** `parseArgs` with errors of our own, and what was given in its order. */
export function readArgs(
  args: string[],
  options: NonNullable<ParseArgsConfig['options']>,
): { values: Values; positionals: string[]; inOrder: Given[] } {
  try {
    const { values, positionals, tokens } = parseArgs({ args, options, allowPositionals: true, tokens: true });
    const inOrder = tokens.flatMap((token): Given[] => {
      if (token.kind === 'option-terminator' || token.value === undefined) return [];
      return [{ name: token.kind === 'option' ? token.name : undefined, value: token.value }];
    });
    return { values, positionals, inOrder };
  } catch (error) {
    throw new UsageError(excerpt(error instanceof Error ? error.message : String(error), MAX_USAGE_CHARS));
  }
}

export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** Every value of an argument that may be repeated. */
export function texts(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** The number of an argument; undefined when it is missing. */
export function number(values: Values, name: string, range: Range, expected = rangeText(range)): number | undefined {
  const value = values[name];
  const found = numberOf(value, range);
  if (value !== undefined && found === undefined) throw new UsageError(`--${name}: ${expected}`);
  return found;
}

/** The camera the arguments name, with the password from TPLINK_TALK_PASSWORD or a prompt. */
export async function cameraFromArgs(values: Values, terminal: Terminal): Promise<CameraOptions> {
  if (text(values, 'host') === undefined) throw new UsageError('--host is missing');
  if (pastedAddress(text(values, 'host') ?? '')?.password !== undefined) {
    // It is in the shell's history and in the list of processes already, and would stay there.
    throw new UsageError('--host: leave the password out; it comes from TPLINK_TALK_PASSWORD or a prompt');
  }
  const file = text(values, 'settings');
  const settings = file === undefined ? {} : await readSettings(file);
  const fields = {
    host: text(values, 'host'),
    port: text(values, 'port'),
    httpPort: text(values, 'http-port'),
    username: text(values, 'user'),
    listenUsername: text(values, 'listen-user'),
    listenBasic: values['listen-basic'] === true,
    streamUrl: withoutAccount(text(values, 'stream-url')),
    listenPassword: terminal.env['TPLINK_TALK_LISTEN_PASSWORD'],
    streamPort: text(values, 'stream-port'),
    login: text(values, 'login'),
    dialect: text(values, 'dialect'),
    mode: text(values, 'mode') ?? settings.mode,
    codec: text(values, 'codec') ?? settings.codec,
    packetBytes: text(values, 'packet-bytes') ?? settings.packetBytes,
    packetMs: text(values, 'packet-ms'),
    encrypt: values['encrypt'] === true,
    leadInMs: text(values, 'lead-in-ms') ?? settings.leadInMs,
    drainMs: text(values, 'drain-ms') ?? settings.drainMs,
    idleMs: 0,
    ignoreBusy: values['ignore-busy'] === true,
  };
  // What is wrong with them is told before anybody types a password.
  cameraOptions(fields);
  return cameraOptions({
    ...fields,
    password: terminal.env['TPLINK_TALK_PASSWORD'] ?? (await askPassword(terminal)),
  });
}

/** Whoever lists the processes of a machine sees what is on their command lines. */
function withoutAccount(url: string | undefined): string | undefined {
  if (url?.includes('@') !== true) return url;
  throw new UsageError('--stream-url: user name and password go into --listen-user and TPLINK_TALK_LISTEN_PASSWORD');
}

/** Reads one line without showing it; the empty password when there is no terminal to ask at. Throws UsageError when the answer is Ctrl-C or a signal. */
async function askPassword({ input, err, signal }: Terminal): Promise<string> {
  if (!input.isTTY) return '';
  // Before the prompt: what is typed in answer to it must find the echo off.
  input.setRawMode(true);
  input.setEncoding('utf8');
  err('Password: ');
  const stop = (): void => {
    input.setRawMode(false);
    input.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    let password = '';
    for await (const chunk of input.iterator({ destroyOnReturn: false })) {
      for (const character of String(chunk)) {
        if (character === '\r' || character === '\n') return password;
        if (character === '\u0003') throw new UsageError('no password given');
        password = character === '\u007f' || character === '\b' ? password.slice(0, -1) : password + character;
      }
    }
    return password;
  } catch (error) {
    throw signal.aborted ? new UsageError('no password given') : error;
  } finally {
    signal.removeEventListener('abort', stop);
    if (!input.destroyed) input.setRawMode(false);
    input.pause();
    err('\n');
  }
}
