// What people paste as an address: whole URLs, `host:port`, blanks, a full-width colon. Pure. resources/tplink-pasted.js does the same in the editor.

/** What stood in it; `port` by rtsp:// or without a protocol, `httpPort` by http://. */
export interface PastedAddress {
  readonly host: string;
  /** As it is written, digits. */
  readonly port?: string;
  readonly httpPort?: string;
  readonly username?: string;
  readonly password?: string;
}

/** No address has so many with everything around it; the rest of this file looks at each a few times. */
const MAX_CHARS = 1_000;
const IPV6 = /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(%[\w.-]+)?$/i;
const SCHEME = /^(?:(rtsp|https?):\/\/)?(?![a-z][\w+.-]*:\/\/)(.*)$/i;
const PLACE = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s/?#:@[\]]+))(?::(\d+))?(?::|[/?#].*)?$/i;
/** What is surely the address of a machine, and what likely is. */
const IP_FIRST = /^(?:\[[0-9a-f:.]+(?:%[\w.-]+)?\]|\d{1,3}(?:\.\d{1,3}){3})(?::\d*)?(?:[/?#]|$)/i;
const DOTS_FIRST = /^[^\s/?#:@[\]]+\.[^\s/?#:@[\]]+(?::\d*)?(?:[/?#]|$)/;

/** The parts of a pasted address; undefined for what is none. A host alone is returned as it is, brackets and blanks around it taken off. */
export function pastedAddress(text: string): PastedAddress | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_CHARS) return undefined;
  if (IPV6.test(trimmed)) return { host: trimmed };
  const [, scheme = '', rest] = SCHEME.exec(tidied(trimmed)) ?? [];
  if (rest === undefined) return undefined;
  const at = accountEnd(rest);
  const place = PLACE.exec(rest.slice(at));
  if (place === null) return undefined;
  const [, bracketed, name = '', port = ''] = place;
  const [username = '', ...password] = rest.slice(0, Math.max(0, at - 1)).split(':');
  const way = scheme.toLowerCase();
  return {
    host: bracketed?.replace('%25', '%') ?? name,
    ...(port === '' || way === 'https' ? {} : way === 'http' ? { httpPort: port } : { port }),
    ...(username === '' ? {} : { username: decoded(username) }),
    ...(password.length === 0 ? {} : { password: decoded(password.join(':')) }),
  };
}

/** Where the host begins. The passwords of people hold any character, also `@`, `/` and `#`, so an IP address decides, then a name with dots, then the last `@`. */
function accountEnd(rest: string): number {
  const ends = [...rest.matchAll(/@/g)].map(({ index }) => index + 1).reverse();
  const first = (places: readonly number[], host: RegExp): number | undefined =>
    places.find((place) => host.test(rest.slice(place)));
  const withPassword = ends.filter((end) => rest.slice(0, end).includes(':'));
  return first([0, ...ends], IP_FIRST) ?? first([...withPassword, 0, ...ends], DOTS_FIRST) ?? ends[0] ?? 0;
}

/** Chinese punctuation and blanks beside it made plain where they cannot be part of a user name or a password. */
function tidied(text: string): string {
  const at = text.lastIndexOf('@') + 1;
  const protocol = (part: string): string => part.replace(/^([a-z]+)\s*[:：]\s*(?:\/\/|／／)\s*/i, '$1://');
  const plain = (part: string): string =>
    part
      .replace(/：/g, ':')
      .replace(/[．。]/g, '.')
      .replace(/\s*([:.])\s*/g, '$1');
  if (at === 0) return protocol(plain(text));
  return protocol(text.slice(0, at)) + plain(text.slice(at)).trim();
}

/** Percent-encoded as URLs have it, or as it is typed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
