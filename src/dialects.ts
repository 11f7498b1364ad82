// The dialects that cameras speak, which of them are TP-Link's HTTP talk, and what a blank setting is in each. Pure.
import type { PastedAddress } from './pasted-address.js';

export const DIALECTS = ['auto', 'ipc', 'vigi', 'tapo', 'vigi-stream'] as const;
export const MODES = ['half_duplex', 'full_duplex', 'vad', 'aec'] as const;

export type Dialect = (typeof DIALECTS)[number];
export type TalkMode = (typeof MODES)[number];

/** The only user of the HTTP talk, whoever else the camera knows. */
export const HTTP_TALK_USER = 'admin';

interface PastedFields extends Omit<PastedAddress, 'httpPort' | 'username'> {
  readonly streamPort?: string;
  readonly listenUsername?: string;
  readonly listenPassword?: string;
}

/** What differs between dialects where a camera's settings say nothing. */
export interface DialectDefaults {
  readonly mode: TalkMode;
  readonly leadInMs: number;
  readonly drainMs: number;
}

const USUAL: DialectDefaults = { mode: 'half_duplex', leadInMs: 300, drainMs: 600 };
/** 300 ms cost these cameras the first words. */
const OF_TAPO: DialectDefaults = { mode: 'aec', leadInMs: 500, drainMs: 600 };

export function dialectDefaults(dialect: Dialect): DialectDefaults {
  return dialect === 'tapo' ? OF_TAPO : USUAL;
}

/** The usual values are the dialect's own: forms saved them before there was a dialect with others. */
export function inDialect(dialect: Dialect, { mode, leadInMs, drainMs }: DialectDefaults): DialectDefaults {
  const own = dialectDefaults(dialect);
  return {
    mode: mode === USUAL.mode ? own.mode : mode,
    leadInMs: leadInMs === USUAL.leadInMs ? own.leadInMs : leadInMs,
    drainMs: drainMs === USUAL.drainMs ? own.drainMs : drainMs,
  };
}

/** Whether talk goes over HTTP to `streamPort`, as `admin`, and not inside RTSP. */
export function isHttpTalk(dialect: unknown): boolean {
  return dialect === 'tapo' || dialect === 'vigi-stream';
}

/** The fields of such a camera that an address has something for: of a web address the port is that of the talk; every account but `admin` is for listening. */
export function pastedForHttpTalk({ httpPort, username, password, ...rest }: PastedAddress): PastedFields {
  const listens = username !== undefined && username !== HTTP_TALK_USER;
  return {
    ...rest,
    ...(httpPort !== undefined && { streamPort: httpPort }),
    ...(listens && { listenUsername: username }),
    ...(password !== undefined && { [listens ? 'listenPassword' : 'password']: password }),
  };
}
