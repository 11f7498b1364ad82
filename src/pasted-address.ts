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
const PARTS =
  /^(?:(rtsp|https?):\/\/)?(?![a-z][\w+.-]*:\/\/)(?:(.*?)@)??(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s/?#:@[\]]+))(?::(\d+))?(?::|[/?#].*)?$/i;

/** The parts of a pasted address; undefined for what is none. A host alone is returned as it is, brackets and blanks around it taken off. */
export function pastedAddress(text: string): PastedAddress | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_CHARS) return undefined;
  if (IPV6.test(trimmed)) return { host: trimmed };
  const parts = PARTS.exec(tidied(trimmed));
  if (parts === null) return undefined;
  const [, scheme = '', user, bracketed, name = '', port = ''] = parts;
  const [username = '', ...password] = (user ?? '').split(':');
  const way = scheme.toLowerCase();
  return {
    host: bracketed?.replace('%25', '%') ?? name,
    ...(port === '' || way === 'https' ? {} : way === 'http' ? { httpPort: port } : { port }),
    ...(username === '' ? {} : { username: decoded(username) }),
    ...(password.length === 0 ? {} : { password: decoded(password.join(':')) }),
  };
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
