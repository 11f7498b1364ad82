// From an HTTP reply to the camera's JSON, its error number and its texts. Pure; what a number leads to is in client.ts.
import { TalkError } from '../errors.js';
import { at, copyJson, integer, isJsonObject, type JsonObject } from './json.js';

export interface HttpReply {
  readonly status: number;
  readonly body: Buffer;
}

export interface WebReply {
  /** HTTP status; cameras put a challenge or a refusal under 401 as well as under 200. */
  readonly status: number;
  /** As it came, texts not decoded; empty for a bare 401 or 403. */
  readonly json: JsonObject;
  /** 0 when the camera names none. */
  readonly code: number;
}

/** Throws TALK_ERR_PROTOCOL for everything that is not a JSON object, except under HTTP 401 and 403, which speak for themselves. */
export function parseReply({ status, body }: HttpReply): WebReply {
  // Some C code sends the end of its string as well.
  const text = body
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/(?<!\0)\0+$/, '');
  const json = parseJson(text);
  const refusal = status === 401 || status === 403;
  if (!isJsonObject(json)) {
    if (refusal) return { status, json: {}, code: 0 };
    const what = /^\s*</.test(text)
      ? 'a web page'
      : text.trim() === ''
        ? 'nothing'
        : 'something that is no JSON object';
    throw new TalkError(
      'TALK_ERR_PROTOCOL',
      `The web interface answered HTTP ${status} with ${what} where JSON was expected`,
    );
  }
  const written = at(json, 'error_code') ?? at(json, 'result', 'error_code');
  const code = integer(written ?? 0);
  if (code === undefined)
    throw new TalkError('TALK_ERR_PROTOCOL', 'The web interface answered an error_code that is no number');
  if (written === undefined && status >= 400 && !refusal) {
    throw new TalkError('TALK_ERR_PROTOCOL', `The web interface answered HTTP ${status}`);
  }
  return { status, json, code };
}

/** The same reply with its percent-encoded texts readable. Throws TALK_ERR_PROTOCOL when it is nested too deep. */
export function decodeTexts(json: JsonObject): JsonObject {
  const decoded = copyJson(json, decodeText);
  if (!isJsonObject(decoded))
    throw new TalkError('TALK_ERR_PROTOCOL', 'The web interface answered JSON nested too deep');
  return decoded;
}

/** Some firmware percent-encodes names, some does not: decoded only when there is something to decode and it gives strict UTF-8. */
export function decodeText(text: string): string {
  if (!/%[0-9a-f]{2}/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A token as it stands in a path: decoded when the camera sent it encoded, then encoded so that no camera misreads `)!*'`. */
export function encodeStok(stok: string): string {
  return encodeURIComponent(decodeText(stok)).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
