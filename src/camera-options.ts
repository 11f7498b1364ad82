// What we know of one camera before we talk to it: options, their defaults, their validation, its key.
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { TalkError } from './errors.js';

export const LOGINS = ['auto', 'rsa', 'md5', 'plain', 'none'] as const;
export const DIALECTS = ['auto', 'ipc', 'vigi'] as const;
export const MODES = ['half_duplex', 'full_duplex', 'aec'] as const;
export const CODECS = ['auto', 'pcma8k', 'pcmu16k'] as const;
export const PACKET_BYTES = [0, 160, 320, 512, 1024, 2048] as const;

export type Login = (typeof LOGINS)[number];
export type Dialect = (typeof DIALECTS)[number];
export type TalkMode = (typeof MODES)[number];
export type Codec = (typeof CODECS)[number];

/** One camera, plain data. */
export interface CameraOptions {
  /** How people call it; `host` when empty. */
  readonly name: string;
  /** Name, IPv4 or IPv6 literal (without brackets). */
  readonly host: string;
  /** RTSP port. */
  readonly port: number;
  /** Web API port. */
  readonly httpPort: number;
  readonly username: string;
  readonly password: string;
  readonly login: Login;
  readonly dialect: Dialect;
  readonly mode: TalkMode;
  readonly codec: Codec;
  /** RTP payload bytes; 0 = the dialect's default. */
  readonly packetBytes: number;
  /** Silence before the first sound of a fresh session, ms. */
  readonly leadInMs: number;
  /** Silence after the last sound before the session may close, ms. */
  readonly drainMs: number;
  /** How long a finished session is kept open for the next clip, ms; 0 closes at once. */
  readonly idleMs: number;
}

export const CAMERA_DEFAULTS: Omit<CameraOptions, 'host' | 'password'> = {
  name: '',
  port: 554,
  httpPort: 80,
  username: 'admin',
  login: 'auto',
  dialect: 'auto',
  mode: 'half_duplex',
  codec: 'auto',
  packetBytes: 0,
  leadInMs: 300,
  drainMs: 600,
  idleMs: 5_000,
};

/**
 * Fills in the defaults and checks every field.
 * Numbers may come as text (the editor stores them so). Throws TALK_ERR_ARGUMENT that names the field and what was expected.
 */
export function cameraOptions(input: Readonly<Record<string, unknown>>): CameraOptions {
  const host = readHost(input['host']);
  return {
    name: readText(input, 'name', CAMERA_DEFAULTS.name).trim(),
    host,
    port: readInteger(input, 'port', CAMERA_DEFAULTS.port, 1, 65_535),
    httpPort: readInteger(input, 'httpPort', CAMERA_DEFAULTS.httpPort, 1, 65_535),
    username: readText(input, 'username', CAMERA_DEFAULTS.username) || CAMERA_DEFAULTS.username,
    password: readText(input, 'password', ''),
    login: readChoice(input, 'login', LOGINS, CAMERA_DEFAULTS.login),
    dialect: readChoice(input, 'dialect', DIALECTS, CAMERA_DEFAULTS.dialect),
    mode: readChoice(input, 'mode', MODES, CAMERA_DEFAULTS.mode),
    codec: readChoice(input, 'codec', CODECS, CAMERA_DEFAULTS.codec),
    packetBytes: readPacketBytes(input),
    leadInMs: readInteger(input, 'leadInMs', CAMERA_DEFAULTS.leadInMs, 0, 3_000),
    drainMs: readInteger(input, 'drainMs', CAMERA_DEFAULTS.drainMs, 0, 10_000),
    idleMs: readInteger(input, 'idleMs', CAMERA_DEFAULTS.idleMs, 0, 3_600_000),
  };
}

/** `host:port`, IPv6 in brackets: what identifies a camera in the pool and in errors. */
export function cameraKey(camera: Pick<CameraOptions, 'host' | 'port'>): string {
  return `${urlHost(camera.host)}:${camera.port}`;
}

/** The host as it stands in a URL: IPv6 literals short and in brackets, a zone id dropped (RFC 3986, RFC 6874), other scripts as punycode. */
export function urlHost(host: string): string {
  if (isIP(host) === 6) return new URL(`http://[${host.replace(/%.*$/, '')}]`).hostname;
  return domainToASCII(host) || host.toLowerCase();
}

function readHost(value: unknown): string {
  const host = typeof value === 'string' ? value.trim().replace(/^\[(.*)\]$/, '$1') : '';
  if (host === '') throw invalid('host', 'the address of the camera, such as 192.168.1.60', value);
  if (isIP(host) === 0 && !/^[\p{L}\p{N}]([\p{L}\p{N}._-]*[\p{L}\p{N}])?\.?$/u.test(host)) {
    throw invalid('host', 'a name or an address without protocol, port or path, such as 192.168.1.60', value);
  }
  return host;
}

function readText(input: Readonly<Record<string, unknown>>, field: string, fallback: string): string {
  const value = input[field] ?? fallback;
  if (typeof value !== 'string') throw invalid(field, 'text', value);
  if (/[\r\n\0]/.test(value)) throw invalid(field, 'text without line breaks', '(text with a line break)');
  return value;
}

function readInteger(
  input: Readonly<Record<string, unknown>>,
  field: string,
  fallback: number,
  least: number,
  most: number,
): number {
  const value = input[field];
  if (value === undefined || value === null || value === '') return fallback;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
    throw invalid(field, `a whole number from ${least} to ${most}`, value);
  }
  return number;
}

function readPacketBytes(input: Readonly<Record<string, unknown>>): number {
  const bytes = readInteger(input, 'packetBytes', CAMERA_DEFAULTS.packetBytes, 0, 65_535);
  if (!PACKET_BYTES.some((allowed) => allowed === bytes)) throw invalid('packetBytes', PACKET_BYTES.join(', '), bytes);
  return bytes;
}

function readChoice<T extends string>(
  input: Readonly<Record<string, unknown>>,
  field: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = input[field];
  if (value === undefined || value === null || value === '') return fallback;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalid(field, choices.join(', '), value);
  return choice;
}

function invalid(field: string, expected: string, got: unknown): TalkError {
  // People paste whole addresses with a password in them.
  const secret = field === 'password' || field === 'username' || field === 'host';
  return new TalkError(
    'TALK_ERR_ARGUMENT',
    `Camera option ${field}: expected ${expected}${secret ? '' : `, not ${shown(got)}`}`,
  );
}

/** A value for an error text, short whatever it is. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}
