// What the camera's answers to RTSP requests for a stream mean when they are not 200: coded errors with what to do.
import { TalkError, type TalkErrorCode } from '../errors.js';
import { headerValue, redirectTarget } from '../rtsp/headers.js';
import type { RtspResponse } from '../rtsp/message.js';

/** RFC 2326 section 11, as far as a camera's answer tells more than "refused". */
const MEANINGS: ReadonlyMap<number, readonly [code: TalkErrorCode, text: string]> = new Map([
  [400, ['TALK_ERR_UNSUPPORTED', 'does not understand the request; check the stream path']],
  [404, ['TALK_ERR_UNSUPPORTED', 'has no such stream; check the stream path']],
  [405, ['TALK_ERR_UNSUPPORTED', 'does not allow this on the stream; check the stream path']],
  [415, ['TALK_ERR_UNSUPPORTED', 'has no description of the stream that we can read']],
  [453, ['TALK_ERR_BUSY', 'has no bandwidth left; close another viewer']],
  [454, ['TALK_ERR_CLOSED', 'has forgotten the session']],
  [461, ['TALK_ERR_UNSUPPORTED', 'does not send sound over RTSP/TCP']],
  [501, ['TALK_ERR_UNSUPPORTED', 'does not know the request; check the port']],
  [503, ['TALK_ERR_BUSY', 'is busy; close another viewer']],
]);

/** Throws what a status other than 200 means; 401 is the dialogue's. */
export function checkStatus(response: RtspResponse, step: string, camera: string): void {
  const { status } = response;
  if (status === 200) return;
  const shown = `answered ${step} with RTSP status ${status}`;
  const [code, text] = MEANINGS.get(status) ?? [];
  if (code !== undefined && text !== undefined) {
    throw new TalkError(code, `The camera at ${camera} ${text} (it ${shown})`, { camera });
  }
  const target = redirectTarget(response);
  if (target !== undefined) {
    const text = `The camera at ${camera} says that its stream is at ${target} (it ${shown}); no redirect is followed, enter that address`;
    throw new TalkError('TALK_ERR_PROTOCOL', text, { camera });
  }
  const refused = status >= 400 && status < 600;
  throw new TalkError(refused ? 'TALK_ERR_REFUSED' : 'TALK_ERR_PROTOCOL', `The camera at ${camera} ${shown}`, {
    camera,
  });
}

/** The interleaved channels the camera chose. */
export interface Channels {
  readonly rtp: number;
  readonly rtcp: number;
}

/** `Transport` of a SETUP request for one track on one connection. */
export const TRANSPORT = 'RTP/AVP/TCP;unicast;interleaved=0-1';
const ASKED_CHANNELS: Channels = { rtp: 0, rtcp: 1 };

/**
 * The channels in the `Transport` of a SETUP response, which may differ from those asked for. Without any, those asked for.
 * Throws TALK_ERR_UNSUPPORTED when the camera chose UDP, TALK_ERR_PROTOCOL for channels that do not exist.
 */
export function parseTransport(response: RtspResponse, camera: string): Channels {
  const transport = headerValue(response.headers, 'Transport') ?? '';
  const [, first, second] = /;\s*interleaved\s*=\s*"?(\d{1,5})(?:\s*-\s*(\d{1,5}))?/i.exec(transport) ?? [];
  if (first !== undefined) {
    const rtp = Number(first);
    const channels = { rtp, rtcp: second === undefined ? rtp + 1 : Number(second) };
    if (channels.rtp <= 0xff && channels.rtcp <= 0xff && channels.rtp !== channels.rtcp) return channels;
    throw new TalkError('TALK_ERR_PROTOCOL', `The camera at ${camera} chose interleaved channels that do not exist`, {
      camera,
    });
  }
  if (/(?:^|[\s,])RTP\/AVP(?:\/UDP)?\s*(?:;|$)/i.test(transport)) {
    throw new TalkError('TALK_ERR_UNSUPPORTED', `The camera at ${camera} sends sound by UDP only, not over RTSP/TCP`, {
      camera,
    });
  }
  return ASKED_CHANNELS;
}
