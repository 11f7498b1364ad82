// What we know of one camera before we talk to it: options, their defaults, their validation, its key.
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import {
  DIALECTS,
  HTTP_TALK_USER,
  MODES,
  dialectDefaults,
  inDialect,
  isHttpTalk,
  pastedForHttpTalk,
  type Dialect,
  type TalkMode,
} from './dialects.js';
import { TalkError } from './errors.js';
import {
  given,
  numberOf,
  readChoice,
  readFlagOrText,
  readNumberOrText,
  readTimeOfDay,
  refused,
  type Range,
} from './options.js';
import { pastedAddress } from './pasted-address.js';
import { parseStreamUrl, STREAM_URL_EXPECTED } from './stream-url.js';
import { unsetVariable } from './unset-variable.js';

export const LOGINS = ['auto', 'rsa', 'md5', 'plain', 'none'] as const;
export const CODECS = ['auto', 'pcma8k', 'pcmu16k'] as const;
export const QUIET_MODES = ['off', 'softer', 'silent'] as const;
export const PACKET_BYTES = [0, 160, 320, 512, 1024, 2048] as const;
export const PACKET_MS = [20, 40, 60, 120] as const;

export type Login = (typeof LOGINS)[number];
export type QuietMode = (typeof QUIET_MODES)[number];
export type Codec = (typeof CODECS)[number];
export type PacketMs = (typeof PACKET_MS)[number];
export { DIALECTS, MODES, isHttpTalk, type Dialect, type TalkMode };

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
  /** Port of the HTTP talk. */
  readonly streamPort: number;
  /** Always `admin` in the HTTP talk. */
  readonly username: string;
  /** In dialect `tapo` that of the TP-Link account, or its hash: it goes to `streamPort` alone. */
  readonly password: string;
  /** The account for listening; blank is that of the camera, each by itself. In dialect `tapo` there is no other: the camera account. */
  readonly listenUsername: string;
  readonly listenPassword: string;
  /** `rtsp://` address of a stream to listen to in place of the camera's own, at any host, without user info; blank is the camera. */
  readonly streamUrl: string;
  /** Whether listening may send the password by Basic, which anybody on the way can read, where nothing else is offered. Talking never does. */
  readonly listenBasic: boolean;
  readonly login: Login;
  readonly dialect: Dialect;
  readonly mode: TalkMode;
  /** Always `auto` in the HTTP talk, which is A-law. */
  readonly codec: Codec;
  /** RTP payload bytes; 0 = the dialect's default. */
  readonly packetBytes: number;
  /** Sound in one packet of the HTTP talk, ms. */
  readonly packetMs: PacketMs;
  /** Whether the sound of the HTTP talk is encrypted; not every camera plays it then. */
  readonly encrypt: boolean;
  /** Silence before the first sound of a fresh session, ms. */
  readonly leadInMs: number;
  /** Silence after the last sound before the session may close, ms. */
  readonly drainMs: number;
  /** How long a finished session is kept open for the next clip, ms; 0 closes at once. */
  readonly idleMs: number;
  /** Whether it is spoken to although it says busy: one model plays all the same (PROTOCOL.md R6). */
  readonly ignoreBusy: boolean;
  /** Quiet hours, local time as `HH:MM`, across midnight if need be; blank without. The same twice is the whole day. */
  readonly quietFrom: string;
  readonly quietTo: string;
  /** What becomes of a clip in them. */
  readonly quietMode: QuietMode;
  /** How much softer it is said, dB. */
  readonly quietGain: number;
  /** From this priority on a clip is said as usual. */
  readonly quietPriority: number;
}

/** Those of every dialect; `tapo` has its own `mode` and `leadInMs`. */
export const CAMERA_DEFAULTS: Omit<CameraOptions, 'host' | 'password' | 'listenPassword'> = {
  name: '',
  port: 554,
  httpPort: 80,
  streamPort: 8_800,
  username: 'admin',
  listenUsername: '',
  streamUrl: '',
  listenBasic: false,
  login: 'auto',
  dialect: 'auto',
  codec: 'auto',
  packetBytes: 0,
  packetMs: 40,
  encrypt: false,
  ...dialectDefaults('auto'),
  idleMs: 5_000,
  ignoreBusy: false,
  quietFrom: '',
  quietTo: '',
  quietMode: 'off',
  quietGain: -12,
  quietPriority: 10,
};

/** What the numbers among the options may be. */
export const CAMERA_RANGES = {
  port: { least: 1, most: 65_535, whole: true },
  httpPort: { least: 1, most: 65_535, whole: true },
  streamPort: { least: 1, most: 65_535, whole: true },
  leadInMs: { least: 0, most: 3_000, whole: true },
  drainMs: { least: 0, most: 10_000, whole: true },
  idleMs: { least: 0, most: 3_600_000, whole: true },
  quietGain: { least: -40, most: 0 },
  quietPriority: { least: -1e9, most: 1e9 },
} as const satisfies Readonly<Record<string, Range>>;

type Input = Readonly<Record<string, unknown>>;

/**
 * Fills in the defaults and checks every field.
 * Numbers may come as text (the editor stores them so). `host` may be what people paste, such as `rtsp://admin:secret@192.168.1.60:554/stream1`: its port,
 * user and password count where the field of that name is blank or has its default. In dialect `tapo` mode and lead-in that are those of the other
 * dialects count as blank: forms used to save them. Throws TALK_ERR_ARGUMENT that names the field and what was expected.
 */
export function cameraOptions(settings: Input): CameraOptions {
  const input = withoutPaste(settings);
  for (const field of FIELDS) refuseUnset(field, input[field]);
  const number = (field: keyof typeof CAMERA_RANGES): number =>
    readNumberOrText(named(field), given(input[field]) ?? CAMERA_DEFAULTS[field], CAMERA_RANGES[field]);
  const choice = <T extends string>(field: string, choices: readonly T[], fallback: T): T =>
    readChoice(named(field), given(input[field]) ?? fallback, choices);
  const flag = (field: 'listenBasic' | 'encrypt' | 'ignoreBusy'): boolean =>
    readFlagOrText(named(field), given(input[field]) ?? CAMERA_DEFAULTS[field]);
  const host = readHost(input['host']);
  const dialect = choice('dialect', DIALECTS, CAMERA_DEFAULTS.dialect);
  const username = readLine(input, 'username', CAMERA_DEFAULTS.username) || CAMERA_DEFAULTS.username;
  const codec = choice('codec', CODECS, CAMERA_DEFAULTS.codec);
  return {
    name: readLine(input, 'name', CAMERA_DEFAULTS.name).trim(),
    host,
    port: number('port'),
    httpPort: number('httpPort'),
    streamPort: number('streamPort'),
    username: isHttpTalk(dialect) ? HTTP_TALK_USER : username,
    password: readLine(input, 'password', ''),
    ...readListening(input),
    listenBasic: flag('listenBasic'),
    login: choice('login', LOGINS, CAMERA_DEFAULTS.login),
    dialect,
    codec: isHttpTalk(dialect) ? CAMERA_DEFAULTS.codec : codec,
    packetBytes: readListed(input, 'packetBytes', PACKET_BYTES),
    packetMs: readListed(input, 'packetMs', PACKET_MS),
    encrypt: flag('encrypt'),
    ...inDialect(dialect, {
      mode: choice('mode', MODES, CAMERA_DEFAULTS.mode),
      leadInMs: number('leadInMs'),
      drainMs: number('drainMs'),
    }),
    idleMs: number('idleMs'),
    ignoreBusy: flag('ignoreBusy'),
    ...readQuietHours(input),
    quietMode: choice('quietMode', QUIET_MODES, CAMERA_DEFAULTS.quietMode),
    quietGain: number('quietGain'),
    quietPriority: number('quietPriority'),
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

const ANY_NUMBER: Range = { least: -Infinity, most: Infinity };

/** The same with the parts of a pasted address in their fields. */
function withoutPaste(settings: Input): Input {
  const pasted = typeof settings['host'] === 'string' ? pastedAddress(settings['host']) : undefined;
  if (pasted === undefined) return settings;
  const { host, ...parts } = isHttpTalk(settings['dialect']) ? pastedForHttpTalk(pasted) : pasted;
  const defaults: Input = CAMERA_DEFAULTS;
  const open = Object.entries(parts).filter(([field]) => {
    const value = given(settings[field]);
    // The editor stores numbers as text.
    return value === undefined || (numberOf(value, ANY_NUMBER) ?? value) === defaults[field];
  });
  return { ...settings, host, ...Object.fromEntries(open) };
}

/** Of a name in DNS (RFC 1035, 2.3.4). */
const MAX_HOST_CHARS = 253;

function readHost(value: unknown): string {
  const host = typeof value === 'string' ? value.trim() : '';
  // People paste whole addresses with a password in them.
  if (host === '') throw refused(named('host'), 'the address of the camera, such as 192.168.1.60');
  if (host.length > MAX_HOST_CHARS) throw refused(named('host'), `at most ${MAX_HOST_CHARS} characters`);
  if (!isHost(host)) {
    throw refused(
      named('host'),
      'a name or an IP address, such as 192.168.1.60, or an rtsp:// or http:// address with one',
    );
  }
  return host;
}

type TextField = 'name' | 'username' | 'password' | 'listenUsername' | 'listenPassword' | 'streamUrl';

/** User name and password in the URL are moved to where they belong, so that they are not stored, shown or sent with it. */
function readListening(input: Input): Pick<CameraOptions, 'listenUsername' | 'listenPassword' | 'streamUrl'> {
  const listenUsername = readLine(input, 'listenUsername', '');
  const listenPassword = readLine(input, 'listenPassword', '');
  const text = readLine(input, 'streamUrl', '').trim();
  if (text === '') return { listenUsername, listenPassword, streamUrl: '' };
  const url = parseStreamUrl(text);
  if (url === undefined || !isHost(url.host)) throw refused(named('streamUrl'), STREAM_URL_EXPECTED);
  const { username = listenUsername, password = listenPassword } = url;
  refuseUnset('listenUsername', username);
  refuseUnset('listenPassword', password);
  return { listenUsername: username, listenPassword: password, streamUrl: url.url };
}

function isHost(text: string): boolean {
  if (text.length > MAX_HOST_CHARS) return false;
  return isIP(text) !== 0 || /^[\p{L}\p{N}]([\p{L}\p{N}._-]*[\p{L}\p{N}])?\.?$/u.test(text);
}

/** Text of one line. What it cannot be is not shown: people mix up fields, and one of them holds a password. */
function readLine(input: Input, field: TextField, fallback: string): string {
  const value = input[field] ?? fallback;
  if (typeof value !== 'string') throw refused(named(field), 'text');
  if (/[\r\n\0]/.test(value)) throw refused(named(field), 'text without line breaks');
  return value;
}

/** All but the name, which may be called anything. */
const FIELDS = ['host', 'password', 'listenPassword', ...Object.keys(CAMERA_DEFAULTS)].filter(
  (field) => field !== 'name',
);

/** Credentials. */
const SECRET: readonly string[] = ['username', 'password', 'listenUsername', 'listenPassword'];

function refuseUnset(field: string, value: unknown): void {
  const why = unsetVariable(value, SECRET.includes(field));
  if (why === undefined) return;
  throw new TalkError('TALK_ERR_ARGUMENT', `${named(field)}: ${why}; nothing is sent to the camera until it is`);
}

/** To be thrown where a camera asks for a password and there is none to send. */
export function noPassword(camera: Pick<CameraOptions, 'host' | 'port'>): TalkError {
  const key = cameraKey(camera);
  const why = `The camera at ${key} asks for a password, and no password is stored: enter the one set on the camera, for Tapo that of the TP-Link account`;
  return new TalkError('TALK_ERR_ARGUMENT', why, { camera: key });
}

function readListed<T extends number>(input: Input, field: 'packetBytes' | 'packetMs', choices: readonly T[]): T {
  const value = given(input[field]) ?? CAMERA_DEFAULTS[field];
  return readChoice(named(field), numberOf(value, ANY_NUMBER) ?? value, choices);
}

function readQuietHours(input: Input): Pick<CameraOptions, 'quietFrom' | 'quietTo'> {
  const time = (field: 'quietFrom' | 'quietTo'): string => {
    const value = input[field];
    const text = given(typeof value === 'string' ? value.trim() : value);
    return text === undefined ? '' : readTimeOfDay(named(field), text);
  };
  const [quietFrom, quietTo] = [time('quietFrom'), time('quietTo')];
  if ((quietFrom === '') !== (quietTo === '')) {
    throw refused(named(quietTo === '' ? 'quietTo' : 'quietFrom'), 'a time of day, because the other end is given');
  }
  return { quietFrom, quietTo };
}

function named(field: string): string {
  return `Camera option ${field}`;
}
