// The conversation PROTOCOL.md V15 and its VIGI sister as bytes typed by hand, for tests of the simulator.
import type { RawClient } from './raw-client.js';

/** Credentials and nonce of the vectors. */
export const VECTOR_OPTIONS = {
  password: 'Abc12345',
  nonce: (): string => '96fa3da3bceda6441e098764e178ed07',
  sessionId: (): string => '7116520596809429228',
} as const;

export const FIRST =
  'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0\r\n' +
  'CSeq: 0\r\n' +
  'X-Client-UUID: 6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11\r\n' +
  '\r\n';

export const CHALLENGE =
  'RTSP/1.0 401 Unauthorized\r\n' +
  'CSeq: 0\r\n' +
  'WWW-Authenticate: Basic realm="TP-LINK IP-Camera"\r\n' +
  'WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07"\r\n' +
  '\r\n';

export const SECOND =
  'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0\r\n' +
  'CSeq: 1\r\n' +
  'Authorization: Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'uri="rtsp://192.168.1.60/multitrans", response="a0c5ca9ee922a01298e79071a2204d18"\r\n' +
  'X-Client-UUID: 6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11\r\n' +
  '\r\n';

export const LOGGED_IN = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: 7116520596809429228\r\n\r\n';

export const THIRD =
  'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0\r\n' +
  'CSeq: 2\r\n' +
  'Session: 7116520596809429228\r\n' +
  'Content-Type: application/json\r\n' +
  'Content-Length: 82\r\n' +
  '\r\n' +
  '{"type":"request","seq":0,"params":{"method":"get","talk":{"mode":"half_duplex"}}}';

export const OPENED =
  'RTSP/1.0 200 OK\r\n' +
  'CSeq: 2\r\n' +
  'Session: 7116520596809429228\r\n' +
  'Content-Type: application/json\r\n' +
  'Content-Length: 73\r\n' +
  '\r\n' +
  '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"2"}}';

const VIGI_BODY = '{"type":"request","seq":"1","params":{"method":"get","talk":{"mode":"half_duplex"}}}';

export const VIGI_FIRST =
  'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0\r\n' +
  'CSeq: 1\r\n' +
  'Content-Type: application/json\r\n' +
  'Content-Length: 84\r\n' +
  '\r\n' +
  VIGI_BODY;

export const VIGI_CHALLENGE =
  'RTSP/1.0 401 Unauthorized\r\n' +
  'CSeq: 1\r\n' +
  'WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'algorithm="SHA-256", qop="auth"\r\n' +
  '\r\n';

export const VIGI_SECOND =
  'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0\r\n' +
  'CSeq: 2\r\n' +
  'Authorization: Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'uri="rtsp://192.168.1.60/multitrans", algorithm="SHA-256", qop="auth", cnonce="0a4f113b0a4f113b", ' +
  'nc="00000001", response="b5c252144c4a627bfe2ba5a4060380415122ba503ef4ef893088e64a8429aa0d"\r\n' +
  'Content-Type: application/json\r\n' +
  'Content-Length: 84\r\n' +
  '\r\n' +
  VIGI_BODY;

export const VIGI_OPENED =
  'RTSP/1.0 200 OK\r\n' +
  'CSeq: 2\r\n' +
  'Content-Type: application/json\r\n' +
  'Content-Length: 73\r\n' +
  '\r\n' +
  '{"type":"response", "seq":1, "params":{"error_code":0, "session_id":"0"}}';

/** V13c and its successors: packet `n` (1 = first) of 1024 bytes of A-law silence, marker on the first. */
export function packet1024(n: number): Buffer {
  const frame = Buffer.alloc(1_040, 0xd5);
  frame.write('2401040c', 0, 'hex');
  frame.write(n === 1 ? '8088' : '8008', 4, 'hex');
  frame.writeUInt16BE(n, 6);
  frame.writeUInt32BE((n - 1) * 1_024, 8);
  frame.write('12345678', 12, 'hex');
  return frame;
}

/** V13a and its successors, 160 bytes. */
export function packet160(n: number, channel = 1): Buffer {
  const frame = Buffer.alloc(176, 0xd5);
  frame.write('240100ac', 0, 'hex');
  frame.writeUInt8(channel, 1);
  frame.write(n === 1 ? '8088' : '8008', 4, 'hex');
  frame.writeUInt16BE(n, 6);
  frame.writeUInt32BE((n - 1) * 160, 8);
  frame.write('12345678', 12, 'hex');
  return frame;
}

/** The three messages up to the talk reply, which is returned. */
export async function openTalk(client: RawClient): Promise<string> {
  await client.ask(FIRST);
  await client.ask(SECOND);
  return client.ask(THIRD);
}
