// Replaces what must not leave the house in the texts of an exchange: first where it has its place, then wherever else the same value stands.
import { passwordForms } from './forms.js';
import { MadeUp, type SecretKind } from './made-up.js';

/** An account, its password not blank. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

interface Place {
  readonly kind: SecretKind;
  /** The value is the second group, with or without quotes. */
  readonly pattern: RegExp;
}

const QUOTED = String.raw`"(?:\\.|[^"\\])*(?:"|$)`;

const PLACES: readonly Place[] = [
  { kind: 'token', pattern: /(stok=)([^/\s"]+)/gi },
  { kind: 'session', pattern: /^(Session:[ \t]*)([^\s;]+)/gim },
  { kind: 'id', pattern: /^(X-Client-UUID:[ \t]*|(?:Set-)?Cookie:[ \t]*)([^\r\n]+)/gim },
  { kind: 'answer', pattern: /^(Authorization:[ \t]*Basic[ \t]+)(\S+)/gim },
  { kind: 'nonce', pattern: digestParameter('c?nonce|opaque') },
  { kind: 'answer', pattern: digestParameter('response') },
  { kind: 'user', pattern: digestParameter('username') },
  { kind: 'user', pattern: jsonValue('username|user|account') },
  { kind: 'nonce', pattern: jsonValue('nonce|cnonce') },
  { kind: 'answer', pattern: jsonValue('password|passwd|passwd_old|psk|pwd') },
  { kind: 'token', pattern: jsonValue('stok|token') },
  { kind: 'mac', pattern: jsonValue('mac|mac_addr|bssid') },
  {
    kind: 'id',
    pattern: jsonValue('(?:dev|device|hw|fw|oem|p2p|cloud)_?id|sn|serial|serial_number|uuid|latitude|longitude'),
  },
  { kind: 'name', pattern: jsonValue('device_name|device_alias|alias|ssid|email|phone|owner') },
  { kind: 'user', pattern: /((?:rtsp|https?):\/\/)([^\s/@"]+)(?=@)/gi },
  {
    kind: 'address',
    pattern: /()(?<![\d.])((?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})(?![\d.]\d|\d)/g,
  },
  { kind: 'mac', pattern: /()\b((?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2})\b/gi },
  {
    kind: 'address',
    pattern:
      /()((?<![0-9a-z:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?<![0-9a-z:])[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?)/gi,
  },
];
/** Stand for no machine, or are made up already. */
const NOBODY = /^(?:0\.0\.0\.0|255\.255\.255\.255|(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+|2001:db8::.*)$/;

export class Redactor {
  readonly #madeUp = new MadeUp();
  readonly #forms: readonly string[];
  readonly #places: readonly Place[];

  /** @param texts all of the exchange, as latin1, for what a password may have been mixed with */
  constructor(hosts: readonly string[], logins: readonly Login[], texts: readonly string[]) {
    const all = texts.join('\n');
    const mixed = {
      realms: values(all, digestParameter('realm')),
      nonces: [...values(all, digestParameter('nonce')), ...values(all, jsonValue('nonce'))],
    };
    const forms = logins.flatMap(({ username, password }) => passwordForms(password, { username, ...mixed }));
    this.#forms = [...new Set(forms)].sort((one, other) => other.length - one.length);
    this.#places = [...PLACES, ...hosts.map((host) => ({ kind: 'host' as const, pattern: alone(host) }))];
    for (const text of texts) this.#inPlaces(text);
  }

  /** Of the password, as it must not be found. */
  get forms(): readonly string[] {
    return this.#forms;
  }

  /** What was replaced and can be told from other text. */
  get values(): readonly string[] {
    return this.#madeUp.telling.map(({ value }) => value);
  }

  /** One message, as latin1; its Content-Length stays as wrong or right as it was. */
  message(text: string): string {
    const { head, body } = parted(text);
    const redacted = this.text(body);
    const grown = redacted.length - body.length;
    const fitted =
      grown === 0
        ? head
        : head.replace(
            /^(Content-Length:[ \t]*)(\d{1,9})/im,
            (_, name: string, length: string) => `${name}${Math.max(0, Number(length) + grown)}`,
          );
    return this.text(fitted) + redacted;
  }

  text(text: string): string {
    const elsewhere = this.#madeUp.telling.reduce(
      (rest, { value, made }) => rest.replaceAll(value, made).replaceAll(encodeURIComponent(value), made),
      this.#inPlaces(text),
    );
    return withoutForms(elsewhere, this.#forms, (found) => this.#madeUp.for('password', found));
  }

  #inPlaces(text: string): string {
    return this.#places.reduce((rest, { kind, pattern }) => {
      return rest.replace(pattern, (whole, before: string, found: string) => {
        const quoted = found.startsWith('"');
        const closed = quoted && found.length > 1 && found.endsWith('"');
        const value = plain(quoted ? found.slice(1, closed ? -1 : undefined) : found);
        if (NOBODY.test(value)) return whole;
        const made = this.#madeUp.for(kind, value);
        return `${before}${quoted ? '"' : ''}${made}${closed ? '"' : ''}`;
      });
    }, text);
  }
}

/** One value has one name, however it is encoded. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parted(text: string): { head: string; body: string } {
  const end = /\r?\n\r?\n/.exec(text);
  const at = end === null ? text.length : end.index + end[0].length;
  return { head: text.slice(0, at), body: text.slice(at) };
}

function digestParameter(names: string): RegExp {
  return new RegExp(String.raw`(\b(?:${names})[ \t]*=[ \t]*)(${QUOTED}|[^\s,"]+)`, 'gi');
}

function jsonValue(names: string): RegExp {
  return new RegExp(String.raw`("(?:${names})"\s*:\s*)(${QUOTED}|-?\d{5,})`, 'gi');
}

function values(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, , value = '']) => plain(value.replace(/^"|"$/g, ''))))];
}

/** Whatever the case of its letters. */
function withoutForms(text: string, forms: readonly string[], made: (found: string) => string): string {
  let lower = lowerCase(text);
  let result = text;
  for (const form of forms) {
    const wanted = lowerCase(form);
    if (!lower.includes(wanted)) continue;
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
      result = result.slice(0, at) + made(result.slice(at, at + wanted.length)) + result.slice(at + wanted.length);
    }
    lower = lowerCase(result);
  }
  return result;
}

/** Of ASCII alone: the text keeps its length. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function alone(host: string): RegExp {
  const literal = host.replace(/[^\p{L}\p{N}]/gu, '\\$&');
  return new RegExp(`()(?<![\\w.-])(${literal})(?![\\w-])`, 'gi');
}
