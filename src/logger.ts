// debug namespaces `tplink-talk:*` and the redaction of every secret that a wire dump could hold.
import { format } from 'node:util';
import debug from 'debug';

export type Logger = (format: string, ...values: unknown[]) => void;

/** A logger for `DEBUG=tplink-talk:<area>`; every formatted text passes through `redact`. */
export function logger(area: string): Logger {
  const write = debug(`tplink-talk:${area}`);
  return (text, ...values) => {
    // Formatted first: a secret may be split between text and values, or sit inside an object.
    if (write.enabled) write('%s', redact(format(text, ...values)));
  };
}

/** The listener, with whatever it throws logged instead of thrown at its caller. */
export function swallowing<T extends unknown[]>(listener: (...args: T) => void): (...args: T) => void {
  return (...args) => {
    try {
      listener(...args);
    } catch (error) {
      listenerLog('a listener threw: %s', String(error));
    }
  };
}

const listenerLog = logger('listener');

/** User info of a URL: rtsp://admin:secret@host, also with characters that should have been encoded. */
const ADDRESS = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)(\S*)/gi;

// What opens a value need not close it, so that no pattern has to look at a text twice.
const SECRETS: ReadonlyArray<readonly [pattern: RegExp, replacement: string]> = [
  [/(stok=)[^/\s"]+/gi, '$1***'],
  // name and value in JSON, in JSON inside JSON, as node:util prints objects, and as Digest parameters; the user name is no secret
  [
    /\b((?:password|passwd|stok|key_2|key|c?nonce|response|opaque)\\*["']?\s*[:=]\s*)(?:\\*"(?:\\.|[^"\\])*(?:"|\\?$)|'(?:\\.|[^'\\])*(?:'|\\?$)|`[^`]*(?:`|$)|[^\s,;}\]"']+)/gis,
    '$1"***"',
  ],
  [/(Authorization:\s*Basic\s+)\S+/gi, '$1***'],
  [/(Session:\s*)[^\s;]+/gi, '$1***'],
];

/** The text with passwords, tokens, nonces, digest answers and session ids replaced by `***`. */
export function redact(text: string): string {
  const anonymous = text.replace(ADDRESS, (_, scheme: string, rest: string) => {
    const at = rest.lastIndexOf('@');
    return at < 0 ? `${scheme}${rest}` : `${scheme}***${rest.slice(at)}`;
  });
  return SECRETS.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), anonymous);
}
