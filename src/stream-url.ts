// The address of a stream as people have it: an rtsp:// URL, perhaps with user name and password in it, which never stay there. Pure.

export interface StreamUrl {
  /** As it was written, without user name and password. */
  readonly url: string;
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query byte for byte, other characters than ASCII percent-encoded; without the first slash. Absent when the URL ends before it. */
  readonly path?: string;
  /** What stood before the host, decoded. */
  readonly username?: string;
  readonly password?: string;
}

// Everything up to the last @ is user name and password: people paste passwords with any character in them, and none may go into a request line.
const URL_PARTS =
  /^rtsp:\/\/(?:(?<account>.*)@)?(?<host>\[[^\]/?#@]+\]|[^\s/?#@:[\]]+)(?::(?<port>\d{1,5}))?(?:\/(?<path>[^#]*))?$/i;
/** RFC 2326 section 3.2. */
const RTSP_PORT = 554;
const MAX_PORT = 65_535;
/** Longer request lines are refused by servers (RFC 3986 names no limit; RFC 9110 section 4.1 asks for 8000). */
const MAX_URL_CHARS = 2_000;

/** What a refusal says; the text itself may hold a password. */
export const STREAM_URL_EXPECTED = 'an address such as rtsp://192.168.1.5:8554/front; an @ in its path is written %40';

/** Undefined for everything else. Whether the host can be one is not looked at. */
export function parseStreamUrl(text: string): StreamUrl | undefined {
  if (text.length > MAX_URL_CHARS || /[\p{Cc}\p{Cs}]/u.test(text)) return undefined;
  const { account, host = '', port = String(RTSP_PORT), path = '' } = URL_PARTS.exec(text)?.groups ?? {};
  if (host === '' || Number(port) < 1 || Number(port) > MAX_PORT) return undefined;
  const [username, password] = accountOf(account);
  if (/\p{Cc}/u.test(`${username}${password}`)) return undefined;
  // No account at all: an @ further behind.
  if (password === undefined && /[/?#]/.test(account ?? '')) return undefined;
  return {
    url: `rtsp://${text.slice(text.lastIndexOf('@') + 1).replace(/^rtsp:\/\//i, '')}`,
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port),
    ...(path !== '' && { path: path.replace(/[^\x21-\x7e]+/gu, encodeURIComponent) }),
    ...(username && { username }),
    ...(password && { password }),
  };
}

function accountOf(account: string | undefined): [username?: string, password?: string] {
  if (account === undefined) return [];
  const at = account.indexOf(':');
  return at === -1 ? [decoded(account)] : [decoded(account.slice(0, at)), decoded(account.slice(at + 1))];
}

/** As it stands where it is not percent-encoded: `100%` is a password, too. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
