// Bytes that a camera sends to the client during a talk: microphone frames, notifications, nonsense. Typed here, not made by the client's serializers.
import type { SimulatorDialect } from '../behaviors/behavior.js';

/** Not RTSP, not a frame, with a line end and without `$`. */
export const NONSENSE = Buffer.from('\x00\xff\x13\x37 neither a message nor a frame \x7f\r\n', 'latin1');

/** The channel of the camera's own frames: not the one on which the client talks. */
export function channelBack(dialect: SimulatorDialect): number {
  return dialect === 'ipc' ? 0 : 1;
}

/** 20 ms of A-law silence from the microphone as an interleaved frame. */
export function frameBack(channel: number, count: number): Buffer {
  const frame = Buffer.alloc(4 + 12 + 160, 0xd5);
  frame.write('$', 0, 'latin1');
  frame.writeUInt8(channel, 1);
  frame.writeUInt16BE(12 + 160, 2);
  frame.writeUInt16BE(0x8008, 4);
  frame.writeUInt16BE(count % 2 ** 16, 6);
  frame.writeUInt32BE((count * 160) % 2 ** 32, 8);
  frame.writeUInt32BE(0x1badcafe, 12);
  return frame;
}

const NOTIFICATION = '{"type":"notification", "params":{"event_type":"stream_status", "stream_status":"running"}}';

/** A notification whose JSON Tapo cameras send on port 8800, in two forms: in an RTSP request of the camera, or alone. */
export function notification(form: 'request' | 'json'): Buffer {
  if (form === 'json') return Buffer.from(NOTIFICATION);
  return Buffer.from(
    'MULTITRANS rtsp://127.0.0.1/multitrans RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${NOTIFICATION.length}\r\n\r\n${NOTIFICATION}`,
  );
}
