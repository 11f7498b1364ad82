// debug namespaces `tplink-talk:*` and the redaction of every secret that a wire dump could hold.
import debug from 'debug';

export type Logger = (format: string, ...values: unknown[]) => void;

/** A logger for `DEBUG=tplink-talk:<area>`; every formatted text passes through `redact`. */
export function logger(area: string): Logger {
  const write = debug(`tplink-talk:${area}`);
  return (format, ...values) => {
    if (write.enabled)
      write(redact(format), ...values.map((value) => (typeof value === 'string' ? redact(value) : value)));
  };
}

/** The listener, made unable to throw at whom it listens to: its trouble is logged and is nobody else's. */
export function harmless<T extends unknown[]>(listener: (...args: T) => void): (...args: T) => void {
  return (...args) => {
    try {
      listener(...args);
    } catch (error) {
      listenerLog('a listener threw: %s', String(error));
    }
  };
}

const listenerLog = logger('listener');

const SECRETS: ReadonlyArray<readonly [pattern: RegExp, replacement: string]> = [
  // user info of a URL: rtsp://admin:secret@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1***@'],
  // stok in a path or in JSON
  [/(stok=)[^/\s"]+/gi, '$1***'],
  [/("(?:stok|password|key|key_2|nonce|passwd)"\s*:\s*)"[^"]*"/gi, '$1"***"'],
  // Digest parameters that let somebody replay or guess; the user name is not a secret, the answer is
  [/\b((?:response|nonce|cnonce|opaque)\s*=\s*)("[^"]*"|[^\s,]+)/gi, '$1"***"'],
  [/(Authorization:\s*Basic\s+)\S+/gi, '$1***'],
  [/(Session:\s*)[^\s;]+/gi, '$1***'],
];

/** The text with passwords, tokens, nonces, digest answers and session ids replaced by `***`. */
export function redact(text: string): string {
  return SECRETS.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), text);
}
