// What the simulated camera's responses are made of: methods, error numbers, status lines, the talk reply. No decisions.
import { headerValue } from '../../rtsp/headers.js';
import type { HeaderList, RtspRequest, RtspResponse } from '../../rtsp/message.js';
import type { TalkReply } from '../behaviors/behavior.js';

/** As an IPC and a VIGI C440 list them (PROTOCOL.md T2). */
export const PUBLIC_METHODS: readonly string[] = [
  'OPTIONS',
  'DESCRIBE',
  'SETUP',
  'TEARDOWN',
  'PLAY',
  'PAUSE',
  'GET_PARAMETER',
  'SET_PARAMETER',
  'MULTITRANS',
];

/** Talk error numbers (PROTOCOL.md R6). */
export const TALK_ERROR = {
  json: -501,
  inner: -502,
  tooManyRequests: -52405,
  tooManyClients: -52407,
  talkIsUsed: -52411,
  audioInvalid: -52423,
  videoCall: -52499,
} as const;

/** The body of the talk reply as cameras write it: blanks after commas, none after colons. */
export function usualTalkReplyText({ seq, errorCode, sessionId }: TalkReply): string {
  const params = errorCode === 0 ? `"error_code":0, "session_id":"${sessionId}"` : `"error_code":${errorCode}`;
  return `{"type":"response", "seq":${seq}, "params":{${params}}}`;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Found',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  551: 'Option Not Supported',
};

/** A response with the request's CSeq first and, when there is a body, its Content-Length last. */
export function respond(request: RtspRequest, status: number, headers: HeaderList = [], text = ''): RtspResponse {
  const cseq = headerValue(request.headers, 'CSeq');
  const body = Buffer.from(text);
  return {
    kind: 'response',
    status,
    reason: REASONS[status] ?? 'Unknown',
    headers: [
      ...(cseq === undefined ? [] : [['CSeq', cseq] as const]),
      ...headers,
      ...(body.length === 0 ? [] : [['Content-Length', String(body.length)] as const]),
    ],
    body,
  };
}
