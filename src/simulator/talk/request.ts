// What a camera makes of the JSON that asks for a talk.
import { TALK_ERROR } from './replies.js';
import { isObject, parseObject } from '../web/json.js';

const MODES: readonly unknown[] = ['half_duplex', 'full_duplex', 'vad', 'aec'];

export type TalkRequest =
  | { readonly mode: string; readonly seq: number }
  | { readonly refused: string; readonly errorCode: number; readonly seq: number }
  | { readonly unanswered: string }
  | { readonly crash: string };

/** What a camera makes of the body of a talk request. */
export function readTalkRequest(body: Buffer): TalkRequest {
  const outer = parseObject(body.toString('utf8'));
  const seqValue = outer?.['seq'];
  const seq = typeof seqValue === 'string' && /^\d+$/.test(seqValue) ? Number(seqValue) : seqValue;
  if (outer?.['params'] !== undefined && !isObject(outer['params'])) {
    return { crash: 'params is not an object: this took a VIGI C440 down until its reboot' };
  }
  if (outer?.['type'] !== 'request' || typeof seq !== 'number' || !isObject(outer['params'])) {
    const answered = typeof seq === 'number' ? seq : 0;
    return { refused: 'body is not a JSON request of type, seq and params', errorCode: TALK_ERROR.json, seq: answered };
  }
  const { method, talk } = outer['params'];
  if (talk === undefined) return { unanswered: 'params name no module that this camera knows' };
  if (method !== 'get' || !isObject(talk) || typeof talk['mode'] !== 'string' || !MODES.includes(talk['mode'])) {
    return { refused: 'params are not method get and talk with a known mode', errorCode: TALK_ERROR.inner, seq };
  }
  return { mode: talk['mode'], seq };
}
