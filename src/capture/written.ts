// A value and the ways it is written: bytes of UTF-8 read as latin1, escapes of JSON, percent-encoding, hex. Pure.

/** What a value in an exchange means. */
export interface Meant {
  readonly value: string;
  /** Another value of ASCII in its place, written the same way. */
  readonly write: (value: string) => string;
}

/**
 * @param raw as latin1
 * @param depth in how many texts of JSON it stood, one within the other: in each a backslash escapes
 */
export function meant(raw: string, depth: number): Meant {
  let value = fromLatin1(raw);
  for (let level = 0; level < depth && value.includes('\\'); level++) value = jsonMeant(value) ?? value;
  const escaped = (made: string): string => {
    for (let level = 0; level < depth; level++) made = inJson(made);
    return made;
  };
  if (!/%[0-9a-f]{2}/i.test(value)) return { value, write: escaped };
  return { value: percentMeant(value), write: encodeURIComponent };
}

/** As it is, in JSON, in JSON within JSON, in an address, in markup, in hex: of every text the same ways in the same order. */
export function spellings(text: string): string[] {
  const ascii = inJson(text).replace(
    /[\u0080-\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const everyByte = [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const markup = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return [
    text,
    inJson(text),
    inJson(inJson(text)),
    ascii,
    encoded(text),
    encoded(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`),
    encoded(encoded(text)),
    everyByte,
    markup,
    Buffer.from(text).toString('hex'),
  ];
}

/** Text of UTF-8 as it stands in what is read as latin1. */
export function asLatin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The other way; what is no UTF-8 stays. */
export function fromLatin1(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? text : decoded;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function jsonMeant(text: string): string | undefined {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return undefined;
  }
}

function percentMeant(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  // What is beyond latin1 was no percent-encoding of all of it.
  return /[^\0-\xff]/.test(bytes) ? bytes : fromLatin1(bytes);
}

/** Half of a pair of surrogates, which cannot be encoded, is the replacement character. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString('utf8'));
}
