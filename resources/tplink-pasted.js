// What people paste as an address, for the form: the same as src/pasted-address.ts, and one table of tests holds both to it.

/**
 * @param {string} text
 * @returns {{ host: string, port?: string, httpPort?: string, username?: string, password?: string } | undefined}
 */
function tplinkPastedAddress(text) {
  const MAX_CHARS = 1000;
  const IPV6 = /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(%[\w.-]+)?$/i;
  const PARTS =
    /^(?:(rtsp|https?):\/\/)?(?![a-z][\w+.-]*:\/\/)(?:(.*?)@)??(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s/?#:@[\]]+))(?::(\d+))?(?::|[/?#].*)?$/i;

  /** @param {string} part */
  const protocol = (part) => part.replace(/^([a-z]+)\s*[:：]\s*(?:\/\/|／／)\s*/i, '$1://');
  /** @param {string} part */
  const plain = (part) =>
    part
      .replace(/：/g, ':')
      .replace(/[．。]/g, '.')
      .replace(/\s*([:.])\s*/g, '$1');
  /** @param {string} part */
  function decoded(part) {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  }

  const trimmed = text.trim();
  if (trimmed.length > MAX_CHARS) return undefined;
  if (IPV6.test(trimmed)) return { host: trimmed };
  const at = trimmed.lastIndexOf('@') + 1;
  const tidied = at === 0 ? protocol(plain(trimmed)) : protocol(trimmed.slice(0, at)) + plain(trimmed.slice(at)).trim();
  const parts = PARTS.exec(tidied);
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
