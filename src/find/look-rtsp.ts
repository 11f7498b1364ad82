// A look at the RTSP port without a password: the methods it lists, and the challenge to the first message of MULTITRANS, which names the dialect.
import { randomUUID } from 'node:crypto';
import { cameraKey } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { isTalkError } from '../errors.js';
import { connectTcp } from '../connection/tcp.js';
import { RtspConnection } from '../connection/rtsp-connection.js';
import type { WireDialect } from '../multitrans/profile.js';
import { refuseStatus } from '../multitrans/replies.js';
import { multitransRequest, multitransUri, optionsRequest } from '../multitrans/requests.js';
import { hashName, parseChallenges, pickChallenge } from '../rtsp/digest.js';
import { headerValue, headerValues, parsePublic } from '../rtsp/headers.js';
import type { RtspResponse } from '../rtsp/message.js';

/** `maybe`: it asks for a log-in, as cameras of other makers do whatever they are asked. */
export type TalkSigns =
  { readonly talk: 'can' | 'maybe'; readonly dialect: WireDialect } | { readonly talk: 'cannot' | 'unknown' };

export interface RtspLook {
  /** Whether anything took the connection. */
  readonly open: boolean;
  readonly signs: TalkSigns;
}

/** Never rejects. Sends no password and counts no attempt. */
export async function lookAtRtsp(host: string, port: number, clock: Clock, signal: AbortSignal): Promise<RtspLook> {
  let open = false;
  try {
    const socket = await connectTcp({ host, port }, clock, signal);
    open = true;
    const connection = new RtspConnection(socket, { camera: cameraKey({ host, port }), clock });
    try {
      const uri = multitransUri(host, port);
      const listed = await connection.exchange(optionsRequest(uri, 0), 'OPTIONS', signal);
      const first = multitransRequest({ uri, cseq: 1, clientId: randomUUID() });
      return { open, signs: talkSigns(listed, await connection.exchange(first, 'MULTITRANS', signal)) };
    } finally {
      connection.destroy();
    }
  } catch {
    return { open, signs: { talk: 'unknown' } };
  }
}

/** The realms of these lines of cameras (PROTOCOL.md F4); a Tapo writes its own as TP-Link (PROTOCOL.md N4). */
const REALM = /^(?:TP-LINK|MERCURY|FAST) /;

/** What the answers to OPTIONS and to the first message mean. */
export function talkSigns(listed: RtspResponse, asked: RtspResponse): TalkSigns {
  const lists = parsePublic(headerValue(listed.headers, 'Public') ?? '').includes('MULTITRANS');
  if (asked.status === 401) {
    const challenge = pickChallenge(parseChallenges(headerValues(asked.headers, 'WWW-Authenticate')));
    if (challenge === undefined) return { talk: lists ? 'unknown' : 'cannot' };
    const dialect = hashName(challenge) === 'sha256' ? 'vigi' : 'ipc';
    return { talk: lists || REALM.test(challenge.realm) ? 'can' : 'maybe', dialect };
  }
  // Some firmware wants no password (PROTOCOL.md D2).
  if (asked.status === 200) {
    const session = headerValue(asked.headers, 'Session') !== undefined;
    return lists || session ? { talk: 'can', dialect: 'ipc' } : { talk: 'unknown' };
  }
  try {
    return refuseStatus(asked, '');
  } catch (error) {
    const unsupported = isTalkError(error) && error.code === 'TALK_ERR_UNSUPPORTED';
    return { talk: unsupported ? 'cannot' : 'unknown' };
  }
}
