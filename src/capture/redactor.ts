// Replaces what must not leave the house in the texts of an exchange: first where it has its place, then wherever else the same value stands.
import { TalkError } from '../errors.js';
import { MAX_CAPTURE_NONCES, MAX_CAPTURE_VALUES } from '../limits.js';
import { Changes } from './changes.js';
import { contentOf, readChunks, withContent } from './chunked.js';
import { passwordForms } from './forms.js';
import { MadeUp, type SecretKind } from './made-up.js';
import { Needles, lowerCase } from './needles.js';
import { alone, digestParameter, MESSAGE_PLACES, pathPart, PLACES, URL_HOSTS, type Place } from './places.js';
import { asLatin1, fromLatin1, meant, spellings } from './written.js';

/** An account, its password not blank. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What is known to be theirs before a word is said. */
export interface Own {
  readonly hosts: readonly string[];
  readonly logins: readonly Login[];
  /** Of an address of a stream: what is asked for there. */
  readonly paths?: readonly string[];
}

interface Telling {
  /** Of all values, when these were those that tell. */
  readonly size: number;
  readonly made: ReadonlyMap<string, string>;
  readonly needles: Needles;
}

/** A camera that reports more models than it can be is none whose name is told. */
const MAX_MODELS = 20;
/** A shorter user name is half a word. */
const MIN_USER_CHARS = 3;

export class Redactor {
  readonly #madeUp = new MadeUp();
  readonly #passwords = new MadeUp();
  readonly #forms: Needles;
  readonly #places: readonly Place[];
  readonly #messagePlaces: readonly Place[];
  readonly #models: readonly string[];
  #known: Telling | undefined;

  /**
   * Throws TALK_ERR_PROTOCOL when the camera has sent more nonces, or other values, than can be looked for.
   * @param texts all of the exchange, as latin1, for what a password may have been mixed with
   */
  constructor({ hosts, logins, paths = [] }: Own, texts: readonly string[]) {
    const whole = texts.map((text) => {
      const { head, body } = parted(text);
      return `${head}${isChunked(head) ? contentOf(readChunks(body)) : body}`;
    });
    const all = whole.join('\n');
    const mixed = {
      realms: values(all, digestParameter('realm')),
      nonces: values(all, digestParameter('nonce'), /("nonce"\s{0,20}:\s{0,20})("[^"]*)/gi),
    };
    if (Math.max(mixed.realms.length, mixed.nonces.length) > MAX_CAPTURE_NONCES) throw tooMany('nonces');
    this.#forms = new Needles(
      logins.flatMap(({ username, password }) => passwordForms(password, { username, ...mixed })),
    );
    this.#models = values(all, /("(?:device_)?model"\s{0,20}:\s{0,20})("[^"]*)/gi).slice(0, MAX_MODELS);
    this.#places = [
      ...paths.flatMap(partsOf).map(pathPart),
      ...PLACES,
      ...hosts.flatMap(hostForms).map((host) => alone('host', host)),
      ...logins
        .filter(({ username }) => username.length >= MIN_USER_CHARS)
        .map(({ username }) => alone('user', asLatin1(username))),
    ];
    this.#messagePlaces = [...MESSAGE_PLACES, ...this.#places, URL_HOSTS];
    for (const text of whole) this.#inPlaces(text, this.#messagePlaces);
    if (this.#madeUp.size > MAX_CAPTURE_VALUES) throw tooMany('names and addresses');
  }

  /** Of the passwords and of what was replaced and can be told from other text, as they must not be found. */
  get secrets(): Needles {
    return new Needles([...this.#forms.all, ...this.#madeUp.telling.flatMap(({ value }) => [value, asLatin1(value)])]);
  }

  /** One message, as latin1; its Content-Length stays as wrong or right as it was. */
  message(text: string): string {
    const { head, body } = parted(text);
    const chunks = isChunked(head) ? readChunks(body) : undefined;
    const content = chunks === undefined ? body : contentOf(chunks);
    const redacted = /^Content-Encoding:[ \t]*(?!identity)\S/im.test(head)
      ? content.replace(/[^]/g, 'x')
      : this.#everywhere(content, this.#messagePlaces);
    const whole = chunks === undefined ? redacted : withContent({ ...chunks, rest: this.text(chunks.rest) }, redacted);
    const grown = whole.length - body.length;
    const fitted =
      grown === 0
        ? head
        : head.replace(
            /^(Content-Length:[ \t]*)(\d{1,9})/im,
            (_, name: string, length: string) => `${name}${Math.max(0, Number(length) + grown)}`,
          );
    return this.#everywhere(fitted, this.#messagePlaces) + whole;
  }

  /** What was told of the exchange, as latin1: keys of JSON mean nothing in it. */
  text(text: string): string {
    return this.#everywhere(text, this.#places);
  }

  /** Each value once: what an earlier place has replaced is not looked at again, but for the rest of a password that is more than it. */
  #everywhere(text: string, places: readonly Place[]): string {
    const changes = this.#inPlaces(text, places);
    const hidden = (found: string): string => asLatin1(this.#passwords.for('password', fromLatin1(found)));
    for (const { at, needle } of this.#forms.in(text)) changes.addRest(at, at + needle.length, hidden);
    const { needles, made } = this.#telling();
    for (const { at, needle } of needles.in(text)) {
      const end = at + needle.length;
      if (changes.isFree(at, end)) changes.add(at, end, made.get(needle) ?? '');
      else changes.addRest(at, end, hidden);
    }
    return changes.result;
  }

  /** What is known by now, in every spelling, and what stands for it. */
  #telling(): Telling {
    const { size } = this.#madeUp;
    if (this.#known?.size === size) return this.#known;
    const made = new Map<string, string>();
    for (const one of this.#madeUp.telling) {
      const instead = spellings(one.made);
      spellings(one.value).forEach((spelling, way) => {
        for (const form of [spelling, asLatin1(spelling)].map(lowerCase)) {
          if (!made.has(form)) made.set(form, instead[way] ?? '');
        }
      });
    }
    this.#known = { size, made, needles: new Needles(made.keys()) };
    return this.#known;
  }

  #inPlaces(text: string, places: readonly Place[]): Changes {
    const changes = new Changes(text);
    for (const { kind, pattern, each } of places) {
      for (const match of text.matchAll(pattern)) {
        const [, before = '', whole = ''] = match;
        const at = match.index + before.length;
        const all = each === undefined ? [{ 0: whole, index: 0 }] : whole.matchAll(each);
        for (const { 0: found, index } of all) {
          const [, open = '', raw = '', close = ''] = /^(\\?"|)([^]*?)(\\?"|)$/.exec(found) ?? [];
          const from = at + index + open.length;
          const to = from + raw.length;
          const what = typeof kind === 'function' ? kind(before, found) : kind;
          if (what === undefined || !changes.isFree(from, to)) continue;
          changes.add(from, to, this.#made(what, raw, Math.max(open.length, close.length)));
        }
      }
    }
    return changes;
  }

  #made(kind: SecretKind, raw: string, depth: number): string {
    const { value, write } = meant(raw, depth);
    // Many a camera is called what it is.
    if (kind === 'name' && this.#models.some((model) => model.includes(value))) return raw;
    const made = this.#madeUp.for(kind, value);
    return made === value ? raw : write(made);
  }
}

function tooMany(what: string): TalkError {
  return new TalkError(
    'TALK_ERR_PROTOCOL',
    `The capture was not written: the camera sent too many ${what} to look for each`,
  );
}

function parted(text: string): { head: string; body: string } {
  const end = /\r?\n\r?\n/.exec(text);
  const at = end === null ? text.length : end.index + end[0].length;
  return { head: text.slice(0, at), body: text.slice(at) };
}

function isChunked(head: string): boolean {
  return /^Transfer-Encoding:[^\r\n]*\bchunked\b/im.test(head);
}

function values(text: string, ...patterns: readonly RegExp[]): string[] {
  const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, , value = '']) => value));
  return [...new Set(found.map((value) => meant(value.replace(/^"|"$/g, ''), value.startsWith('"') ? 1 : 0).value))];
}

/** As latin1: as people write it, as DNS has it, as it stands in an address. */
function hostForms(host: string): string[] {
  const forms = [host, host.normalize('NFC'), host.normalize('NFD')].flatMap((form) => [form, form.toLowerCase()]);
  const inDns = URL.canParse(`http://${host}/`) ? [new URL(`http://${host}/`).hostname] : [];
  return [...new Set([...forms.flatMap((form) => [asLatin1(form), encodeURIComponent(form)]), ...inDns])];
}

/** Folders, names and values, as they are sent and as they are meant: whatever may be a token. */
function partsOf(path: string): string[] {
  const parts = path.split(/[/?&]/).map((part) => part.slice(part.indexOf('=') + 1));
  return parts.filter((part) => part !== '').flatMap((part) => [part, asLatin1(meant(part, 0).value)]);
}
