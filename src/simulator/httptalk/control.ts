// What a camera makes of the JSON in a part: a talk request, a stop, or something it refuses or leaves unanswered. Pure.
import { TALK_ERROR } from '../talk/replies.js';
import { isObject, parseObject, type JsonObject } from '../web/json.js';

const MODES: readonly unknown[] = ['half_duplex', 'vad', 'aec'];

/** `nothing`: no answer at all. `badRequest`: HTTP 400 instead of a part (PROTOCOL.md M10). */
export type Control =
  | { readonly does: 'talk'; readonly mode: string; readonly seq: number; readonly violation?: undefined }
  | { readonly does: 'stop'; readonly seq: number; readonly violation?: undefined }
  | { readonly does: 'refuse'; readonly seq: number; readonly errorCode: number; readonly violation: string }
  | { readonly does: 'badRequest'; readonly violation: string }
  | { readonly does: 'nothing'; readonly violation?: string };

export function readControl(body: Buffer): Control {
  const outer = parseObject(body.toString('utf8'));
  if (outer === undefined) return { does: 'nothing', violation: 'part is no JSON object' };
  const { type, params } = outer;
  // Flow control of downloads, from clients that do more than talk.
  if (type === 'notification') return { does: 'nothing' };
  const seq = seqOf(outer['seq']);
  if (type !== 'request' || seq === undefined || !isObject(params)) {
    const violation = 'part is not a JSON request of type, seq and params';
    return outer['method'] === undefined
      ? { does: 'refuse', seq: seq ?? 0, errorCode: TALK_ERROR.json, violation }
      : { does: 'badRequest', violation: 'method stands beside params, not inside' };
  }
  if (params['method'] === undefined) return { does: 'badRequest', violation: 'params name no method' };
  return readParams(params, seq);
}

function readParams(params: JsonObject, seq: number): Control {
  const { method, talk, stop } = params;
  if (method === 'do' && stop !== undefined) {
    if (stop === 'null') return { does: 'stop', seq };
    return { does: 'refuse', seq, errorCode: TALK_ERROR.inner, violation: 'stop is not the text null' };
  }
  if (talk === undefined) return { does: 'nothing', violation: 'params name no module that a talk needs' };
  if (method !== 'get' || !isObject(talk) || typeof talk['mode'] !== 'string' || !MODES.includes(talk['mode'])) {
    const violation = 'params are not method get and talk with a known mode';
    return { does: 'refuse', seq, errorCode: TALK_ERROR.inner, violation };
  }
  return { does: 'talk', mode: talk['mode'], seq };
}

function seqOf(value: unknown): number | undefined {
  const seq = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof seq === 'number' && Number.isSafeInteger(seq) ? seq : undefined;
}
