// Behaviors of what comes before the talk request: accepting the connection, challenges, sessions, refused methods and passwords.
import { headerValue } from '../../rtsp/headers.js';
import type { RtspRequest, RtspResponse } from '../../rtsp/message.js';
import type { Behavior, BehaviorConnection } from './behavior.js';
import { PUBLIC_METHODS, respond } from '../talk/replies.js';
import type { Challenge, DigestChallenge } from '../digest.js';

const hasCredentials = (request: RtspRequest): boolean => headerValue(request.headers, 'Authorization') !== undefined;
const isDigest = (challenge: Challenge): challenge is DigestChallenge => challenge.scheme === 'Digest';

// --- challenges ---------------------------------------------------------------------------------------------------

export const challengeDigestFirst = (): Behavior => ({
  name: 'challenge-digest-first',
  transformChallenges: (challenges) => challenges.toSorted((a, b) => Number(isDigest(b)) - Number(isDigest(a))),
});

export const challengeDigestOnly = (): Behavior => ({
  name: 'challenge-digest-only',
  transformChallenges: (challenges) => challenges.filter(isDigest),
});

export const challengeBasicFirst = (): Behavior => ({
  name: 'challenge-basic-first',
  transformChallenges: (challenges) => challenges.toSorted((a, b) => Number(isDigest(a)) - Number(isDigest(b))),
});

export const challengeBasicOnly = (): Behavior => ({
  name: 'challenge-basic-only',
  transformChallenges: (challenges) => challenges.slice(0, 1).map(({ realm }) => ({ scheme: 'Basic', realm })),
});

const withDigest = (name: string, change: (challenge: DigestChallenge) => DigestChallenge): Behavior => ({
  name,
  transformChallenges: (challenges) => challenges.map((one) => (isDigest(one) ? change(one) : one)),
});

export const md5Qop = (): Behavior =>
  withDigest('md5-qop', (challenge) => ({ ...challenge, algorithm: 'MD5', qop: 'auth' }));

export const sha256OnIpc = (): Behavior =>
  withDigest('sha256-on-ipc', (challenge) => ({ ...challenge, algorithm: 'SHA-256', qop: 'auth' }));

/** Nobody has seen a camera that asks for these two; credentials for them are refused, whatever they say. */
export const md5Sess = (): Behavior =>
  withDigest('md5-sess', (challenge) => ({ ...challenge, algorithm: 'MD5-sess', qop: 'auth' }));

export const authInt = (): Behavior =>
  withDigest('auth-int', (challenge) => ({ ...challenge, algorithm: 'MD5', qop: 'auth-int' }));

export const nonceWith200 = (): Behavior =>
  withDigest('nonce-with-200', (challenge) => ({ ...challenge, nonce: `200400401${challenge.nonce.slice(9)}` }));

export const staleNonceOnce = (): Behavior => {
  let done = false;
  return {
    name: 'stale-nonce-once',
    onRequest: (request) => {
      if (done || !hasCredentials(request)) return undefined;
      done = true;
      return 'stale';
    },
  };
};

export const vigi = (): Behavior => ({ name: 'vigi', dialect: 'vigi' });

// --- sessions of the talk -----------------------------------------------------------------------------------------

const withSession = (name: string, change: (session: string) => string | undefined): Behavior => ({
  name,
  transformResponse: (response, step) => ({
    ...response,
    headers: response.headers.flatMap(([header, value]) => {
      const changed = step !== 'stream' && header.toLowerCase() === 'session' ? change(value) : value;
      return changed === undefined ? [] : [[header, changed] as const];
    }),
  }),
});

export const missingSession = (): Behavior => withSession('missing-session', () => undefined);

export const sessionTimeout = (seconds = 60): Behavior =>
  withSession('session-timeout', (session) => `${session};timeout=${seconds}`);

export const noChallenge = (): Behavior => ({ name: 'no-challenge', withoutLogin: true });

export const noChallengeNoSession = (): Behavior => ({
  ...missingSession(),
  name: 'no-challenge-no-session',
  withoutLogin: true,
});

// --- refusals -----------------------------------------------------------------------------------------------------

const answersTalkWith = (name: string, status: number): Behavior => ({
  name,
  onRequest: (request) => (request.method === 'MULTITRANS' ? respond(request, status) : undefined),
});

export const badRequest = (): Behavior => answersTalkWith('bad-request', 400);
export const notFound = (): Behavior => answersTalkWith('not-found', 404);
export const unavailable = (): Behavior => answersTalkWith('unavailable', 503);

/** A document address (RFC 5737), so that a client which follows it finds nobody. */
export const redirect = (status = 302): Behavior => ({
  name: 'redirect',
  onRequest: (request) =>
    request.method === 'OPTIONS'
      ? undefined
      : respond(request, status, [['Location', 'rtsp://admin:secret@192.0.2.1:554/elsewhere?token=secret']]),
});

export const noMultitrans = (status = 405): Behavior => ({
  name: 'no-multitrans',
  onRequest: (request): RtspResponse | undefined => {
    if (request.method === 'MULTITRANS') return respond(request, status);
    if (request.method !== 'OPTIONS') return undefined;
    return respond(request, 200, [['Public', PUBLIC_METHODS.filter((method) => method !== 'MULTITRANS').join(', ')]]);
  },
});

export const wrongPasswordAlways = (): Behavior => ({
  name: 'wrong-password-always',
  onRequest: (request) => (hasCredentials(request) ? 'refuse' : undefined),
});

/** Locked once `failures` credentials were refused; 0: from the beginning. */
export const locked = (failures = 0): Behavior => ({
  name: 'locked',
  onRequest: (request, connection) =>
    hasCredentials(request) && connection.loginFailures >= failures ? 'refuse' : undefined,
});

// --- silence ------------------------------------------------------------------------------------------------------

export const silent = (): Behavior => ({
  name: 'silent',
  unansweredCloseMs: Number.POSITIVE_INFINITY,
  onRequest: () => 'silent',
});

/** Silent, but closes the connection after `seconds`, as real cameras do (PROTOCOL.md T13). */
export const closeAfter20s = (seconds = 20): Behavior => ({
  name: 'close-after-20s',
  unansweredCloseMs: seconds * 1_000,
  onRequest: () => 'silent',
});

export const silentLogin = (): Behavior => ({
  name: 'silent-login',
  unansweredCloseMs: Number.POSITIVE_INFINITY,
  onRequest: (request) => (hasCredentials(request) ? 'silent' : undefined),
});

export const silentAfterAuth = (): Behavior => ({
  name: 'silent-after-auth',
  unansweredCloseMs: Number.POSITIVE_INFINITY,
  onTalkRequest: () => 'silent',
});

export const closeAfterAccept = (): Behavior => ({
  name: 'close-after-accept',
  onConnect: (connection: BehaviorConnection) => connection.end(),
});

export const resetAfterAccept = (): Behavior => ({
  name: 'reset-after-accept',
  onConnect: (connection: BehaviorConnection) => connection.reset(),
});

/** A second connection is closed at once. */
export const oneConnection = (): Behavior => {
  const open = new Set<number>();
  return {
    name: 'one-connection',
    onConnect: (connection) => {
      if (open.size > 0) connection.end();
      else open.add(connection.number);
    },
    onClose: ({ number }) => void open.delete(number),
  };
};
