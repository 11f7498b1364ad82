// What people paste as an address, for the form: the same as src/pasted-address.ts, and one table of tests holds both to it.

/**
 * @param {string} text
 * @returns {{ host: string, port?: string, httpPort?: string, username?: string, password?: string } | undefined}
 */
function tplinkPastedAddress(text) {
  const MAX_CHARS = 1000;
  const IPV6 = /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(%[\w.-]+)?$/i;
  const SCHEME = /^(?:(rtsp|https?):\/\/)?(?![a-z][\w+.-]*:\/\/)(.*)$/i;
  const PLACE = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s/?#:@[\]]+))(?::(\d+))?(?::|[/?#].*)?$/i;
  const IP_FIRST = /^(?:\[[0-9a-f:.]+(?:%[\w.-]+)?\]|\d{1,3}(?:\.\d{1,3}){3})(?::\d*)?(?:[/?#]|$)/i;
  const DOTS_FIRST = /^[^\s/?#:@[\]]+\.[^\s/?#:@[\]]+(?::\d*)?(?:[/?#]|$)/;

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

  /** @param {string} rest */
  function accountEnd(rest) {
    const ends = [...rest.matchAll(/@/g)].map(({ index }) => index + 1).reverse();
    /**
     * @param {readonly number[]} places
     * @param {RegExp} host
     */
    const first = (places, host) => places.find((place) => host.test(rest.slice(place)));
    const withPassword = ends.filter((end) => rest.slice(0, end).includes(':'));
    return first([0, ...ends], IP_FIRST) ?? first([...withPassword, 0, ...ends], DOTS_FIRST) ?? ends[0] ?? 0;
  }

  const trimmed = text.trim();
  if (trimmed.length > MAX_CHARS) return undefined;
  if (IPV6.test(trimmed)) return { host: trimmed };
  const at = trimmed.lastIndexOf('@') + 1;
  const tidied = at === 0 ? protocol(plain(trimmed)) : protocol(trimmed.slice(0, at)) + plain(trimmed.slice(at)).trim();
  const [, scheme = '', rest] = SCHEME.exec(tidied) ?? [];
  if (rest === undefined) return undefined;
  const begin = accountEnd(rest);
  const place = PLACE.exec(rest.slice(begin));
  if (place === null) return undefined;
  const [, bracketed, name = '', port = ''] = place;
  const [username = '', ...password] = rest.slice(0, Math.max(0, begin - 1)).split(':');
  const way = scheme.toLowerCase();
  return {
    host: bracketed?.replace('%25', '%') ?? name,
    ...(port === '' || way === 'https' ? {} : way === 'http' ? { httpPort: port } : { port }),
    ...(username === '' ? {} : { username: decoded(username) }),
    ...(password.length === 0 ? {} : { password: decoded(password.join(':')) }),
  };
}
