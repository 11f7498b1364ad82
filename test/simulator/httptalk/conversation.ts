// The HTTP talk as bytes typed by hand, with the credentials of the vectors, for tests of the simulator. Nothing here is made by src/.
import { createHash } from 'node:crypto';
import type { SimulatedCameraOptions } from '../../../src/simulator/index.js';
import type { RawClient } from '../raw-client.js';

export const NONCE = '96fa3da3bceda6441e098764e178ed07';
export const OPAQUE = '64943214654649846565646421';

export const TAPO_OPTIONS: SimulatedCameraOptions = {
  family: 'tapo',
  password: 'Abc12345',
  nonce: () => NONCE,
  sessionId: () => '71',
};

export const CONTENT_TYPE = 'Content-Type: multipart/mixed; boundary=--client-stream-boundary--\r\n';

/** The head that asks for the challenge; `more` are whole lines. */
export const head = (more = '', uri = '/stream'): string =>
  `POST ${uri} HTTP/1.1\r\n` +
  'Host: 192.168.1.60:8800\r\n' +
  CONTENT_TYPE +
  'Connection: keep-alive\r\n' +
  'Content-Length: 0\r\n' +
  `${more}\r\n`;

export const ASK = head();

/** With these the digest is right for the nonce of the vectors. */
export const SHA256_RESPONSE = 'a2eace9612c0f625cb0060bf5cb70a3b';
export const MD5_RESPONSE = '3e69de230e4a8a431cc5f0e586fe3024';
export const ENCODED_RESPONSE = 'a4f85fa1513ad3a871ccf857fe5d70f1';

export const authorization = (response: string, realm = 'TP-Link IP-Camera', opaque = `, opaque="${OPAQUE}"`): string =>
  `Authorization: Digest username="admin", realm="${realm}", nonce="${NONCE}", uri="/stream", ` +
  `qop=auth, nc=00000001, cnonce="0a4f113b0a4f113b", response="${response}"${opaque}, algorithm=MD5\r\n`;

export const LOG_IN = head(authorization(SHA256_RESPONSE));

const TALK_JSON = '{"params":{"talk":{"mode":"aec"},"method":"get"},"seq":3,"type":"request"}';

/** 160 bytes. */
export const TALK =
  '----client-stream-boundary--\r\n' +
  'Content-Type: application/json\r\n' +
  'Content-Length: 74\r\n' +
  '\r\n' +
  `${TALK_JSON}\r\n`;

export const OPENED =
  '----device-stream-boundary--\r\n' +
  'Content-Type: application/json\r\n' +
  'X-If-Encrypt: 0\r\n' +
  'Content-Length: 74\r\n' +
  '\r\n' +
  '{"type":"response", "seq":3, "params":{"error_code":0, "session_id":"71"}}';

export const STOP =
  '----client-stream-boundary--\r\n' +
  'Content-Type: application/json\r\n' +
  'X-Session-Id: 71\r\n' +
  'Content-Length: 65\r\n' +
  '\r\n' +
  '{"type":"request","seq":4,"params":{"stop":"null","method":"do"}}\r\n';

export const STOPPED =
  '----device-stream-boundary--\r\n' +
  'Content-Type: application/json\r\n' +
  'X-If-Encrypt: 0\r\n' +
  'Content-Length: 55\r\n' +
  '\r\n' +
  '{"type":"response", "seq":4, "params":{"error_code":0}}';

/** A part of JSON. */
export const json = (text: string, more = ''): string =>
  `----client-stream-boundary--\r\nContent-Type: application/json\r\n${more}Content-Length: ${text.length}\r\n\r\n${text}\r\n`;

/** A part of sound; `encrypt` undefined leaves the line out. */
export function audio(body: Buffer, { id = '71', encrypt = '0', end = '\r\n' } = {}): Buffer {
  const start =
    '----client-stream-boundary--\r\nContent-Type: audio/mp2t\r\n' +
    (encrypt === '' ? '' : `X-If-Encrypt: ${encrypt}\r\n`) +
    (id === '' ? '' : `X-Session-Id: ${id}\r\n`) +
    `Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(start), body, Buffer.from(end)]);
}

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

const filled = (start: string, bytes: number): Buffer =>
  Buffer.concat([Buffer.from(start.replaceAll(' ', ''), 'hex'), Buffer.alloc(bytes, 0xff)]);

export const PAT = filled('47400010 00 00b00d 0001 c10000 0001f000 2ab104b2', 167);
export const PMT = filled('47500010 00 02b012 0001 c10000 fffff000 90e100f000 5631e8cd', 162);
export const TABLES = Buffer.concat([PAT, PMT]);

/** Five bytes, marker bits between. */
function timestamp(pts: number): Buffer {
  const low = pts % 2 ** 30;
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(0x21 | (Math.floor(pts / 2 ** 30) << 1), 0);
  bytes.writeUInt16BE(((low >> 15) << 1) | 1, 1);
  bytes.writeUInt16BE(((low & 0x7fff) << 1) | 1, 3);
  return bytes;
}

/** 20 ms of one value in one packet; `n` 0 is the first. */
export function sound20(n: number, value = 0xd5): Buffer {
  return Buffer.concat([
    Buffer.from([0x47, 0x41, 0x00, 0x30 | (n & 15), 0x09, 0x00]),
    Buffer.alloc(8, 0xff),
    Buffer.from('000001c000a8808005', 'hex'),
    timestamp((n * 1_800) % 2 ** 33),
    Buffer.alloc(160, value),
  ]);
}

/** 40 ms in two packets. */
export function sound40(n: number, value = 0xd5): Buffer {
  return Buffer.concat([
    Buffer.from([0x47, 0x41, 0x00, 0x10 | ((2 * n) & 15)]),
    Buffer.from('000001c00148808005', 'hex'),
    timestamp((n * 3_600) % 2 ** 33),
    Buffer.alloc(170, value),
    Buffer.from([0x47, 0x01, 0x00, 0x30 | ((2 * n + 1) & 15), 0x21, 0x00]),
    Buffer.alloc(32, 0xff),
    Buffer.alloc(150, value),
  ]);
}

/** The group of the maker's app: 120 ms in 1504 bytes. */
export function group(n: number, value = 0xd5): Buffer {
  const packets = [1, 2, 3, 4].map((cc) =>
    Buffer.concat([Buffer.from([0x47, 0x00, 0x44, 0x10 | cc]), Buffer.alloc(184, value)]),
  );
  return Buffer.concat([
    filled('47400010 00 00b00d 0001 c10000 0001e042 00000000', 167),
    filled('47404210 00 02b012 0001 c10000 e100f000 90e044f000 00000000', 162),
    Buffer.from('474044300100', 'hex'),
    Buffer.from('000001c003c0808005', 'hex'),
    timestamp((n * 10_800) % 2 ** 33),
    Buffer.alloc(168, value),
    ...packets,
    Buffer.from('474004357f00'.replace('474004', '470044'), 'hex'),
    Buffer.alloc(126, 0xff),
    Buffer.alloc(56, value),
  ]);
}

/** POST, 401, POST, 200. */
export async function logIn(client: RawClient, request = LOG_IN): Promise<string> {
  await client.ask(ASK);
  return client.ask(request);
}

/** One part of the camera, with the line end behind it taken as well. */
export async function part(client: RawClient): Promise<string> {
  const text = await client.message();
  await client.take(2);
  return text;
}

export async function openTalk(client: RawClient): Promise<string> {
  await logIn(client);
  client.send(TALK);
  return part(client);
}
