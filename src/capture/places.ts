// Where values stand that must not leave the house: patterns whose first group stays and whose second is the value, with or without quotes. Pure.
import { kindByKey } from './keys.js';
import type { SecretKind } from './made-up.js';
import { IPV4, IPV6, MAC_ALONE, MAC_IN_PAIRS, MAC_WITH_DOTS } from './nobodys.js';

export interface Place {
  readonly pattern: RegExp;
  /** What the value is, or undefined when it may stay. */
  readonly kind: SecretKind | ((before: string, value: string) => SecretKind | undefined);
  /** Each of the values in the second group, when it holds several. */
  readonly each?: RegExp;
}

const QUOTED = String.raw`"(?:\\[^]|[^"\\])*\\?(?:"|$)`;
const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
/** In JSON that is a text within JSON: what is escaped there is so twice. */
const INNER_QUOTED = String.raw`\\"(?:[^"\\]|\\\\(?:\\["\\]|[^"\\])|\\[^"\\])*(?:\\"|\\{0,3}(?="|$))`;
/** The values of an array, also of arrays in it, up to its end or to an object, which has keys of its own. */
const listOf = (value: string): string => String.raw`\[(?:[\s,[]|\](?=\s{0,20},\s{0,20}\[)|${value}|true|false|null)*`;
const byKey = (before: string, value: string): SecretKind | undefined => {
  return kindByKey(/[\w.-]+/.exec(before)?.[0] ?? '', value);
};
/** The web interface is asked for sections by a list of their names (PROTOCOL.md W17). */
const byKeyOfList = (before: string, value: string): SecretKind | undefined => {
  return /\bname\W/.test(before) && /^\W*[a-z][a-z0-9]*(?:_[a-z0-9]+)*\W*$/.test(value)
    ? undefined
    : byKey(before, value);
};
/** What is asked for behind a `?` is nobody's business, but for switches and numbers of channels. */
const byQuery = (before: string, value: string): SecretKind | undefined => {
  return byKey(before, value) ?? (value.length < 4 ? undefined : 'token');
};

/** Of messages alone: what is told of them has keys of its own. */
export const MESSAGE_PLACES: readonly Place[] = [
  { kind: byKey, pattern: new RegExp(String.raw`("[\w.-]{1,64}"\s{0,20}:\s{0,20})(${QUOTED}|${NUMBER})`, 'g') },
  { kind: byKey, pattern: new RegExp(String.raw`(\\"[\w.-]{1,64}\\"\s{0,20}:\s{0,20})(${INNER_QUOTED})`, 'g') },
  ...[
    ['"', `${QUOTED}|${NUMBER}`],
    [String.raw`\\"`, `${INNER_QUOTED}|${NUMBER}`],
  ].map(([quote, value = '']) => ({
    kind: byKeyOfList,
    pattern: new RegExp(String.raw`(${quote}[\w.-]{1,64}${quote}\s{0,20}:\s{0,20})(${listOf(value)})`, 'g'),
    each: new RegExp(value, 'g'),
  })),
  // Of a session description (RFC 8866 section 5): who made it, what it is called, where and how they are reached.
  { kind: 'user', pattern: /^(o=)([^\s-]\S*)/gm },
  { kind: 'name', pattern: /^([isuep]=)([^\r\n]+)/gm },
  { kind: 'host', pattern: /(\bIN IP[46] )(?![\d.]+(?:[\s/]|$)|[0-9a-f:]*:)([^\s/]+)/gi },
];

/** The host of any address; an IP address is found by its form. */
export const URL_HOSTS: Place = {
  kind: 'host',
  pattern:
    /(\b(?:rtspu?|rtsps|https?|ftp|smtp|rtmp|onvif):\/\/(?:[^\s/@"\\]*@)?)(?![\d.]+(?:[:/?\s"]|$))([^\s/:"@?#[\]\\,]+)/gi,
};

/** What looks like an address behind or before one of these is a version. */
const VERSION = String.raw`(?<!(?:version|firmware|ver|fw|sw|hw)["\\':=\s/_-]{0,6}v?|^(?:Server|User-Agent):[^\r\n]{0,200}\/v?)`;
const BUILD = String.raw`(?![ ._-]{0,2}(?:build|rel)\b)`;

const address = (kind: SecretKind, { before, is, after }: typeof IPV4, not = ''): Place => {
  return { kind, pattern: new RegExp(`()${before}${not}(${is})${after}`, 'gim') };
};

/** Addresses of machines, wherever they stand. */
export const ADDRESS_PLACES: readonly Place[] = [
  address('address', { ...IPV4, after: IPV4.after + BUILD }, String.raw`(?<!\bv)${VERSION}`),
  { kind: 'id', pattern: /()(?<![0-9a-z])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z])/gi },
  address('mac', MAC_IN_PAIRS),
  address('mac', MAC_WITH_DOTS, VERSION),
  address('mac', MAC_ALONE),
  address('address', IPV6),
];

export const PLACES: readonly Place[] = [
  { kind: 'token', pattern: /(stok=)([^/\s"]+)/gi },
  { kind: (_, value) => (value.length < 5 ? undefined : 'session'), pattern: /^(X-Session-Id:[ \t]*)([^\s;]+)/gim },
  { kind: 'session', pattern: /^(Session:[ \t]*)([^\s;]+)/gim },
  { kind: 'id', pattern: /^(X-Client-UUID:[ \t]*|(?:Set-)?Cookie:[ \t]*)([^\r\n]+)/gim },
  { kind: 'answer', pattern: /^((?:Proxy-)?Authorization:[ \t]*(?!Digest\b)[\w-]+[ \t]+)(\S+)/gim },
  { kind: 'nonce', pattern: digestParameter('c?nonce|opaque') },
  { kind: 'answer', pattern: digestParameter('response') },
  { kind: 'user', pattern: digestParameter('username') },
  // A password may hold anything: the last @ ends it.
  { kind: 'user', pattern: /((?:rtsps?|https?):\/\/)([^\s"\\]{1,300})(?=@)/gi },
  { kind: byQuery, pattern: /([?&][\w.~-]{1,64}=)([^\s&"#<>\\]+)/g },
  { kind: byKey, pattern: /((?<=[/_])(?:user|usr|username|password|passwd|pwd|token|auth)=)([^\s/?&"#\\]+)/gi },
  ...ADDRESS_PLACES,
];

export function digestParameter(names: string): RegExp {
  return new RegExp(String.raw`(\b(?:${names})[ \t]*=[ \t]*)(${QUOTED}|[^\s,"]+)`, 'gi');
}

/** A word by itself: no key of JSON, no parameter, no header. */
export function alone(kind: SecretKind, word: string): Place {
  const literal = escaped(word);
  const pattern = `()(?<![\\w.-])(${literal})(?![\\w-]|"\\s{0,20}:|[ \\t]*=)(?!(?<=^${literal}):[ \\t])`;
  return { kind, pattern: new RegExp(pattern, 'gim') };
}

/** A part of a path, up to the next. */
export function pathPart(value: string): Place {
  return { kind: 'token', pattern: new RegExp(`((?<=[/=?&]))(${escaped(value)})(?![\\w.~%=-])`, 'g') };
}

function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '\\$&');
}
