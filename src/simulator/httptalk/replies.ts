// What a camera writes on its port of the HTTP talk: heads, parts and their JSON. Typed here, not made by the client's serializers. No decisions.
import type { HeaderList, RtspResponse } from '../../rtsp/message.js';
import type { TalkReply } from '../behaviors/behavior.js';
import type { HttpTalkTraits } from './family.js';
import type { KeyExchange } from './secret.js';

const DEVICE_BOUNDARY = '--device-stream-boundary--';
/** What begins every part of a camera. */
export const DEVICE_DELIMITER = `--${DEVICE_BOUNDARY}`;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  503: 'Service Unavailable',
};

export function httpResponse(status: number, headers: HeaderList = [], text = ''): RtspResponse {
  const body = Buffer.from(text, 'latin1');
  const length: HeaderList = [['Content-Length', String(body.length)]];
  return { kind: 'response', status, reason: REASONS[status] ?? 'Unknown', headers: [['Server', 'Streamd'], ...length, ...headers], body }; // prettier-ignore
}

/** 401 as a C510W and an H200 write it (PROTOCOL.md H12). */
export function refusal(traits: HttpTalkTraits, challenges: readonly string[], date: Date): RtspResponse {
  const response = httpResponse(
    401,
    [
      ...challenges.map((challenge) => ['WWW-Authenticate', challenge] as const),
      ['X-Preconn', '1'],
      ['X-Hb', '5'],
      ['Connection', traits.closes === 'no' ? 'keep-alive' : 'close'],
    ],
    traits.refusalBody ? 'HTTP ERROR 401' : '',
  );
  const [server, ...others] = response.headers;
  const dated: HeaderList = [
    ['Date', date.toUTCString()],
    ['Pragma', 'no-cache'],
    ['Cache-Control', 'no-cache'],
  ];
  return { ...response, headers: [...(server === undefined ? [] : [server]), ...dated, ...others] };
}

/** 200: from here on both sides send parts (PROTOCOL.md M3). */
export function opened(traits: HttpTalkTraits, exchange: KeyExchange): RtspResponse {
  const keys = [
    `username="${exchange.username}"`,
    'padding="PKCS7_16"',
    'algorithm="MD5"',
    `nonce="${exchange.nonce}"`,
  ];
  const headers: HeaderList = [
    ['Server', 'Streamd'],
    ['Content-Type', `multipart/mixed;boundary=${DEVICE_BOUNDARY}`],
    ['Key-Exchange', `cipher="AES_128_CBC" ${keys.join(' ')}`],
    ['Connection', traits.closes === 'no' ? 'keep-alive' : 'close'],
  ];
  const stray = traits.strayBytes ? 'sixteen bytes..\n' : '';
  return {
    kind: 'response',
    status: 200,
    reason: REASONS[200] ?? '',
    headers: stray === '' ? headers : [...headers, ['Content-Length', String(stray.length)]],
    body: Buffer.from(stray, 'latin1'),
  };
}

export function serializeHttp(version: '1.0' | '1.1', { status, reason, headers, body }: RtspResponse): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/${version} ${status} ${reason}`, ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** A part of the camera, with the line end behind it. */
export function devicePart(type: string, body: Buffer | string, more: HeaderList = []): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const headers: HeaderList = [
    ['Content-Type', type],
    ['X-If-Encrypt', '0'],
    ...more,
    ['Content-Length', String(bytes.length)],
  ];
  const head = [DEVICE_DELIMITER, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes, Buffer.from('\r\n')]);
}

export const jsonPart = (text: string): Buffer => devicePart('application/json', text);

/** The answer to `stop`. */
export function stopReplyText({ seq, errorCode }: Pick<TalkReply, 'seq' | 'errorCode'>): string {
  return `{"type":"response", "seq":${seq}, "params":{"error_code":${errorCode}}}`;
}

export function notificationText(event: string, more: Readonly<Record<string, string>> = {}): string {
  const params = Object.entries({ event_type: event, ...more }).map(([name, value]) => `"${name}":"${value}"`);
  return `{"type":"notification", "params":{${params.join(', ')}}}`;
}
