// What may be shown of an answer that nobody has explained: without what looks like a secret, and without the known ones, however they are written.
import { MAX_SHOWN_CHARS } from '../limits.js';
import type { JsonObject } from './json.js';

/** Fewer letters and digits are found in any answer. */
const MIN_PIECES_CHARS = 4;

/** The answer as JSON, cut short. Empty when a secret stands in it in pieces, or in a way that cannot be cut out. */
export function shown(json: JsonObject, secrets: readonly string[]): string {
  const text = JSON.stringify(json, (key, value: unknown) =>
    /pass|pwd|psk|key|nonce|stok|token|secret/i.test(key) ? '***' : value,
  );
  const forms = secrets.flatMap(formsOf).sort((one, other) => other.length - one.length);
  const hidden = forms.reduce((rest, form) => rest.replaceAll(form, '***'), text);
  const letters = lettersOf(hidden);
  const isThere = secrets.map(lettersOf).some((word) => word.length >= MIN_PIECES_CHARS && letters.includes(word));
  return isThere ? '' : hidden.slice(0, MAX_SHOWN_CHARS);
}

/** As it is, as JSON and JSON in JSON have it, in an address, in base64 and in hex. */
function formsOf(secret: string): string[] {
  if (secret === '') return [];
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64');
  return [secret, encodeURIComponent(secret), base64, bytes.toString('base64url'), bytes.toString('hex')].flatMap(
    (form) => [form, inJson(form), inJson(inJson(form))],
  );
}

/** Letters and digits alone, also those that are percent-encoded, twice at most. */
function lettersOf(text: string): string {
  return decoded(decoded(text))
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}
