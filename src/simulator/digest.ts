// The camera's side of Digest: writes challenges and verifies credentials. Shares nothing with the client's side: a mistake in both would go unnoticed.
import { createHash } from 'node:crypto';

/** One `WWW-Authenticate` line. `algorithm` and `qop` are written only when given. */
export type Challenge =
  | { readonly scheme: 'Basic'; readonly realm: string }
  | {
      readonly scheme: 'Digest';
      readonly realm: string;
      readonly nonce: string;
      readonly algorithm?: 'MD5' | 'SHA-256' | 'MD5-sess';
      readonly qop?: 'auth' | 'auth-int';
      readonly stale?: boolean;
    };

export type DigestChallenge = Extract<Challenge, { scheme: 'Digest' }>;

/** The value of a `WWW-Authenticate` header, in the order of the cameras. */
export function formatChallenge(challenge: Challenge): string {
  if (challenge.scheme === 'Basic') return `Basic realm="${challenge.realm}"`;
  const parameters = [`realm="${challenge.realm}"`, `nonce="${challenge.nonce}"`];
  if (challenge.algorithm !== undefined) parameters.push(`algorithm="${challenge.algorithm}"`);
  if (challenge.qop !== undefined) parameters.push(`qop="${challenge.qop}"`);
  if (challenge.stale === true) parameters.push('stale=true');
  return `Digest ${parameters.join(', ')}`;
}

export interface Credentials {
  readonly scheme: string;
  /** By lower-case name. `quoted`: whether the value had quotes, which VIGI firmware insists on (PROTOCOL.md D5). */
  readonly parameters: ReadonlyMap<string, { readonly value: string; readonly quoted: boolean }>;
}

/** Reads an `Authorization` value; undefined when it is not `scheme name=value, …` or names something twice. */
export function parseCredentials(text: string): Credentials | undefined {
  const start = /^\s*([A-Za-z]+)\s+/.exec(text);
  if (start?.[1] === undefined) return undefined;
  const parameters = new Map<string, { value: string; quoted: boolean }>();
  const scheme = start[1];
  if (scheme.toLowerCase() !== 'digest') return { scheme, parameters };
  const parameter = /\s*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(,|$)/y;
  parameter.lastIndex = start[0].length;
  while (parameter.lastIndex < text.length) {
    const match = parameter.exec(text);
    const name = match?.[1]?.toLowerCase();
    if (match === null || name === undefined || parameters.has(name)) return undefined;
    const quoted = match[2] !== undefined;
    parameters.set(name, { value: (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1'), quoted });
  }
  return { scheme, parameters };
}

export interface DigestInput {
  /** MD5 when absent, as RFC 2617 says. */
  readonly algorithm?: 'MD5' | 'SHA-256' | undefined;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Absent: the RFC 2069 form. */
  readonly qop?: { readonly nc: string; readonly cnonce: string } | undefined;
}

/** The `response` parameter, lower-case hex. */
export function digestResponse(input: DigestInput): string {
  const hash = (text: string): string =>
    createHash(input.algorithm === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const ha1 = hash(`${input.username}:${input.realm}:${input.password}`);
  const ha2 = hash(`${input.method}:${input.uri}`);
  const middle = input.qop === undefined ? input.nonce : `${input.nonce}:${input.qop.nc}:${input.qop.cnonce}:auth`;
  return hash(`${ha1}:${middle}:${ha2}`);
}

export interface Expected {
  readonly challenge: DigestChallenge;
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** The request line's URI. */
  readonly uri: string;
  /** Highest nonce count already seen with this nonce. */
  readonly lastNc: number;
}

/** `nc` of accepted credentials (0 without qop), or why they are refused. `wrongPassword`: only `response` is wrong. */
export type Verdict = { readonly nc: number } | { readonly refused: string; readonly wrongPassword?: true };

/**
 * Verifies an `Authorization` value against the challenge of this very connection, as strictly as the strictest camera:
 * nothing may be sent back that was not offered, SHA-256 wants `qop` and `nc` quoted, `uri` must be the request's own.
 * `algorithm` may be left out: a VIGI C540V takes SHA-256 credentials without it (PROTOCOL.md D5).
 */
export function verifyCredentials(text: string, expected: Expected): Verdict {
  const credentials = parseCredentials(text);
  if (credentials === undefined) return { refused: 'Authorization cannot be read' };
  if (credentials.scheme.toLowerCase() === 'basic')
    return { refused: 'Basic credentials put the password on the wire' };
  if (credentials.scheme.toLowerCase() !== 'digest') return { refused: 'Authorization is not Digest' };
  const { parameters } = credentials;
  const { challenge } = expected;
  const { algorithm } = challenge;
  if (algorithm === 'MD5-sess' || challenge.qop === 'auth-int') {
    return { refused: 'credentials for MD5-sess or auth-int, which no client is known to compute' };
  }
  const value = (name: string): string | undefined => parameters.get(name)?.value;

  const unknown = [...parameters.keys()].find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return { refused: `Digest parameter ${unknown} was not offered` };
  for (const name of ['username', 'realm', 'nonce', 'uri', 'response', 'cnonce']) {
    if (parameters.get(name)?.quoted === false) return { refused: `Digest ${name} must be quoted` };
  }
  if (value('realm') !== challenge.realm) return { refused: 'Digest realm is not the one offered' };
  if (value('nonce') !== challenge.nonce)
    return { refused: 'Digest nonce is not the one last offered on this connection' };
  if (value('uri') !== expected.uri) return { refused: 'Digest uri is not the URI of the request' };
  if (parameters.has('algorithm') && value('algorithm') !== challenge.algorithm) {
    return {
      refused:
        challenge.algorithm === undefined
          ? 'Digest algorithm was not offered'
          : 'Digest algorithm is not the one offered',
    };
  }

  let qop: DigestInput['qop'];
  let nc = 0;
  if (challenge.qop === undefined) {
    const extra = ['qop', 'nc', 'cnonce'].find((name) => parameters.has(name));
    if (extra !== undefined) return { refused: `Digest ${extra} was not offered` };
  } else {
    const ncText = value('nc') ?? '';
    const cnonce = value('cnonce') ?? '';
    if (value('qop') !== challenge.qop) return { refused: 'Digest qop is not the one offered' };
    if (cnonce === '') return { refused: 'Digest cnonce is missing' };
    if (!/^[0-9a-f]{8}$/.test(ncText)) return { refused: 'Digest nc must be 8 hex digits' };
    // VIGI C540V and C440 answer 401 to the RFC's own spelling (PROTOCOL.md D5).
    const unquoted = ['qop', 'nc'].find((name) => parameters.get(name)?.quoted === false);
    if (challenge.algorithm === 'SHA-256' && unquoted !== undefined)
      return { refused: `Digest ${unquoted} must be quoted` };
    nc = Number.parseInt(ncText, 16);
    if (nc !== expected.lastNc + 1) return { refused: 'Digest nc must count up from 1' };
    qop = { nc: ncText, cnonce };
  }

  const response = digestResponse({
    algorithm,
    username: expected.username,
    realm: challenge.realm,
    password: expected.password,
    method: expected.method,
    uri: expected.uri,
    nonce: challenge.nonce,
    qop,
  });
  if (value('username') === expected.username && value('response') === response) return { nc };
  return { refused: 'User name or password is wrong', wrongPassword: true };
}

const KNOWN = new Set(['username', 'realm', 'nonce', 'uri', 'response', 'algorithm', 'qop', 'nc', 'cnonce']);
