// Who may talk over HTTP: the challenges of one connection and the credentials that answer them, as strictly as the strictest camera (PROTOCOL.md H2 to H5, H12).
import { headerValues } from '../../rtsp/headers.js';
import { digestResponse, formatChallenge, parseCredentials } from '../digest.js';
import type { Credentials } from '../digest.js';
import type { HttpTalkTraits } from './family.js';
import { TALK_USER } from './family.js';
import type { RequestHead } from './head.js';
import type { GivenNonce, Nonces } from './nonces.js';
import { secretOf } from './secret.js';

/** The same on many models and firmwares (PROTOCOL.md H12). */
const OPAQUE = '64943214654649846565646421';

export interface LoginOptions {
  readonly traits: HttpTalkTraits;
  readonly password: string;
  readonly connection: number;
  readonly nonces: Nonces;
}

/**
 * `accepted`: go on. `asked`: there were no credentials. `refused`: wrong ones; `stale`: of a nonce that is not good any more, which costs no attempt.
 * `fatal`: what ends the connection.
 */
export interface TalkLoginVerdict {
  readonly is: 'accepted' | 'asked' | 'refused' | 'stale' | 'fatal';
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

export class TalkLogin {
  readonly #options: LoginOptions;
  readonly #secret: string;
  #violations: string[] = [];
  #warnings: string[] = [];

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#secret = secretOf(options.traits.form, options.password);
  }

  /** What logs in. */
  get secret(): string {
    return this.#secret;
  }

  /** The values of the `WWW-Authenticate` lines, with a fresh nonce. */
  challenges(stale = false): string[] {
    const { traits, nonces, connection } = this.#options;
    const { realm, algorithm, encryptType, qop, opaque, basic, spacedChallenge } = traits;
    const basicLine = formatChallenge({ scheme: 'Basic', realm });
    if (basic === 'only') return [basicLine];
    const nonce = `nonce="${nonces.give(connection)}"`;
    const others = [
      algorithm === undefined ? '' : `algorithm="${algorithm}"`,
      encryptType === undefined ? '' : `encrypt_type="${encryptType}"`,
    ];
    const qopText = qop ? 'qop="auth"' : '';
    const opaqueText = opaque ? `opaque="${OPAQUE}"` : '';
    const parameters = spacedChallenge
      ? [`realm="${realm}"`, qopText, nonce, opaqueText, ...others]
      : [`realm="${realm}"`, ...others, qopText, nonce, opaqueText];
    if (stale) parameters.push('stale=true');
    const digest = `Digest ${parameters.filter((text) => text !== '').join(spacedChallenge ? ', ' : ',')}`;
    return basic === 'first' ? [basicLine, digest] : [digest];
  }

  check(head: RequestHead): TalkLoginVerdict {
    this.#violations = [];
    this.#warnings = [];
    const is = this.#judge(head);
    if (is === 'accepted') this.#options.nonces.accepted();
    if (is === 'refused' && this.#options.nonces.refused()) {
      this.#violate('more than two attempts to log in');
    }
    return { is, violations: this.#violations, warnings: this.#warnings };
  }

  #judge(head: RequestHead): TalkLoginVerdict['is'] {
    const [text, ...more] = headerValues(head.headers, 'Authorization');
    if (this.#options.traits.withoutLogin) {
      if (text !== undefined) this.#violate('credentials for a camera that asked for none');
      return 'accepted';
    }
    if (text === undefined) return 'asked';
    if (/^\s*Basic\b/i.test(text)) {
      this.#violate('Basic credentials put the password on the wire');
      return 'fatal';
    }
    const credentials = parseCredentials(text);
    if (more.length > 0 || credentials?.scheme.toLowerCase() !== 'digest') {
      this.#violate(more.length > 0 ? 'more than one Authorization' : 'Authorization cannot be read');
      return 'refused';
    }
    return this.#checkDigest(head, credentials);
  }

  #checkDigest(head: RequestHead, { parameters }: Credentials): TalkLoginVerdict['is'] {
    const { traits, connection, nonces } = this.#options;
    const given = nonces.find(parameters.get('nonce')?.value ?? '');
    const wrong =
      this.#wrongForm(head, parameters) ?? (given === undefined ? 'Digest nonce was never offered' : undefined);
    if (wrong !== undefined || given === undefined) {
      this.#violate(wrong ?? '');
      return 'refused';
    }
    const isForeign = traits.nonces === 'connection' && given.connection !== connection;
    const isUsed = traits.nonces === 'once' && given.lastNc > 0;
    if (isForeign || isUsed) return 'stale';
    return this.#checkResponse(head, parameters, given);
  }

  /** What is wrong whatever the password. */
  #wrongForm({ uri }: RequestHead, parameters: Credentials['parameters']): string | undefined {
    const { realm, algorithm, qop, opaque } = this.#options.traits;
    const value = (name: string): string | undefined => parameters.get(name)?.value;
    const unknown = [...parameters.keys()].find((name) => !KNOWN.has(name));
    if (unknown !== undefined) return `Digest parameter ${unknown} was not offered`;
    for (const name of ['username', 'realm', 'nonce', 'uri', 'response', 'cnonce', 'opaque']) {
      if (parameters.get(name)?.quoted === false) return `Digest ${name} must be quoted`;
    }
    if (value('realm') !== realm) return 'Digest realm is not the one offered';
    if (value('uri') !== uri) return 'Digest uri is not that of the request line';
    if (value('opaque') !== (opaque ? OPAQUE : undefined)) return 'Digest opaque is not the one offered';
    const echoed = value('algorithm');
    if (echoed !== undefined && echoed !== algorithm) return 'Digest algorithm is not the one offered';
    if (echoed === undefined && algorithm === 'SHA-256') return 'Digest algorithm SHA-256 is missing';
    if (!qop) {
      const extra = ['qop', 'nc', 'cnonce'].find((name) => parameters.has(name));
      return extra === undefined ? undefined : `Digest ${extra} was not offered`;
    }
    const missing = ['qop', 'nc', 'cnonce'].find((name) => (value(name) ?? '') === '');
    if (missing !== undefined) return `Digest ${missing} is missing`;
    if (value('qop') !== 'auth') return 'Digest qop is not the one offered';
    if (!/^[0-9a-f]{8}$/.test(value('nc') ?? '')) return 'Digest nc must be 8 hex digits';
    const quoted = ['qop', 'nc', 'algorithm'].find((name) => parameters.get(name)?.quoted === true);
    if (quoted !== undefined) this.#warnings.push(`Digest ${quoted} is quoted`);
    return undefined;
  }

  #checkResponse(
    { method, uri }: RequestHead,
    parameters: Credentials['parameters'],
    given: GivenNonce,
  ): TalkLoginVerdict['is'] {
    const { realm, algorithm, qop } = this.#options.traits;
    const value = (name: string): string => parameters.get(name)?.value ?? '';
    const count = qop ? Number.parseInt(value('nc'), 16) : 1;
    if (qop && count <= given.lastNc) {
      this.#violate('Digest nc was used before with this nonce');
      return 'refused';
    }
    if (qop && count !== given.lastNc + 1) this.#violate('Digest nc must count up from 1');
    given.lastNc = count;
    const expected = (password: string): string =>
      digestResponse({
        algorithm,
        username: TALK_USER,
        realm,
        password,
        method,
        uri,
        nonce: given.value,
        qop: qop ? { nc: value('nc'), cnonce: value('cnonce') } : undefined,
      });
    if (value('username') !== TALK_USER) {
      this.#violate(`user name is not ${TALK_USER}`);
      return 'refused';
    }
    if (value('response') === expected(this.#secret)) return 'accepted';
    if (value('response') === expected(this.#secret.toLowerCase())) this.#violate('password hash in lower case');
    if (value('response') === expected(this.#secret).toUpperCase()) this.#violate('Digest response in upper case');
    return 'refused';
  }

  #violate(text: string): void {
    this.#violations.push(text);
  }
}

const KNOWN = new Set(['username', 'realm', 'nonce', 'uri', 'response', 'algorithm', 'qop', 'nc', 'cnonce', 'opaque']);
