// Who may see a stream: one connection's challenges and the credentials that answer them. Basic or Digest, as on hardware.
import { headerValues } from '../../rtsp/headers.js';
import type { RtspRequest, RtspResponse } from '../../rtsp/message.js';
import type { SimulatorDialect } from '../behaviors/behavior.js';
import { formatChallenge, parseCredentials, verifyCredentials } from '../digest.js';
import type { Challenge, DigestChallenge } from '../digest.js';
import { respond } from '../talk/replies.js';
import { parseStreamUri } from './uri.js';

export interface StreamLoginOptions {
  readonly dialect: SimulatorDialect;
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly withoutLogin: boolean;
  readonly nonce: () => string;
  /** The challenges that are sent, made of those this dialect usually sends. */
  readonly challenges: (usual: readonly Challenge[]) => readonly Challenge[];
}

/** Without `response` the request is allowed. */
export interface LoginVerdict {
  readonly response?: RtspResponse;
  readonly loginFailed?: true;
  readonly violation?: string;
  readonly warning?: string;
}

const WRONG = 'User name or password is wrong';

export class StreamLogin {
  readonly #options: StreamLoginOptions;
  #challenge: DigestChallenge | undefined;
  #nc = 0;

  constructor(options: StreamLoginOptions) {
    this.#options = options;
  }

  /** Every request must carry credentials. One nonce is good for all of them until credentials are refused. */
  check(request: RtspRequest): LoginVerdict {
    const [text, ...more] = headerValues(request.headers, 'Authorization');
    if (this.#options.withoutLogin) {
      return text === undefined ? {} : { violation: 'credentials for a camera that asked for none' };
    }
    if (text === undefined) return { response: this.ask(request, false) };
    if (more.length > 0) return this.#refuse(request, 'more than one Authorization');
    return /^\s*Basic\b/i.test(text) ? this.#checkBasic(request, text) : this.#checkDigest(request, text);
  }

  /** 401 with a fresh nonce. */
  ask(request: RtspRequest, stale: boolean): RtspResponse {
    const challenges = this.#offer(this.#options.nonce()).map((challenge) => {
      return stale && challenge.scheme === 'Digest' ? { ...challenge, stale } : challenge;
    });
    this.#challenge = challenges.find((challenge) => challenge.scheme === 'Digest');
    this.#nc = 0;
    const lines = challenges.map((challenge) => ['WWW-Authenticate', formatChallenge(challenge)] as const);
    return respond(request, 401, lines);
  }

  #offer(nonce: string): readonly Challenge[] {
    const { dialect, realm, challenges } = this.#options;
    const digest: DigestChallenge = { scheme: 'Digest', realm, nonce };
    return challenges(
      dialect === 'ipc' ? [{ scheme: 'Basic', realm }, digest] : [{ ...digest, algorithm: 'SHA-256', qop: 'auth' }],
    );
  }

  #checkBasic(request: RtspRequest, text: string): LoginVerdict {
    if (!this.#offer('').some(({ scheme }) => scheme === 'Basic')) {
      return this.#refuse(request, 'Basic credentials were not asked for');
    }
    const token = /^\s*Basic\s+([A-Za-z0-9+/]+={0,2})\s*$/i.exec(text)?.[1];
    if (token === undefined) return this.#refuse(request, 'Authorization cannot be read');
    const { username, password } = this.#options;
    if (Buffer.from(token, 'base64').toString() !== `${username}:${password}`) return this.#refuse(request);
    return { warning: 'Basic credentials put the password on the wire' };
  }

  #checkDigest(request: RtspRequest, text: string): LoginVerdict {
    const challenge = this.#challenge;
    if (challenge === undefined) {
      return this.#refuse(request, 'credentials for a nonce that was not offered on this connection');
    }
    const { username, password } = this.#options;
    const { method } = request;
    const uri = signedUri(text, request.uri);
    const verdict = verifyCredentials(text, { challenge, username, password, method, uri, lastNc: this.#nc });
    if ('nc' in verdict) {
      this.#nc = verdict.nc;
      return uri === request.uri ? {} : { warning: 'Digest uri is the stream’s, not that of the request' };
    }
    return this.#refuse(request, verdict.wrongPassword === true ? undefined : verdict.refused);
  }

  #refuse(request: RtspRequest, why = WRONG): LoginVerdict {
    const response = this.ask(request, false);
    return why === WRONG ? { response, loginFailed: true } : { response, loginFailed: true, violation: why };
  }
}

/** The URI that the digest is checked with: for a track also that of its stream, which VLC uses and Mercury cameras accept; else the request's own. */
function signedUri(text: string, requestUri: string): string {
  const uri = parseCredentials(text)?.parameters.get('uri')?.value ?? requestUri;
  const signed = parseStreamUri(uri);
  const asked = parseStreamUri(requestUri);
  return signed !== undefined && signed.track === undefined && signed.path === asked?.path ? uri : requestUri;
}
