// RTSP values to bytes. Refuses what could break out of its line; knows no method and no header but Content-Length.
import { TalkError } from '../errors.js';
import { headerValue } from './headers.js';
import type { HeaderList, InterleavedFrame, RtspRequest, RtspResponse } from './message.js';

/** `$`: RFC 2326 section 10.12. */
const DOLLAR = 0x24;
/** `$`, channel, 16-bit length. */
const INTERLEAVED_HEADER_BYTES = 4;
const MAX_UINT16 = 0xffff;

/** The bytes of a request. Adds `Content-Length` when there is a body and none is given. Throws TALK_ERR_ARGUMENT. */
export function serializeRequest(request: RtspRequest): Buffer {
  const method = word(request.method, 'method');
  const uri = word(request.uri, 'URI');
  return serialize(`${method} ${uri} RTSP/1.0`, request.headers, request.body);
}

/** The bytes of a response. Adds `Content-Length` when there is a body and none is given. Throws TALK_ERR_ARGUMENT. */
export function serializeResponse(response: RtspResponse): Buffer {
  const { status } = response;
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new TalkError('TALK_ERR_ARGUMENT', `RTSP status: expected a whole number from 100 to 999, not ${status}`);
  }
  return serialize(`RTSP/1.0 ${status} ${line(response.reason, 'RTSP reason')}`, response.headers, response.body);
}

/** The bytes of an interleaved frame. Throws TALK_ERR_ARGUMENT when the channel or the length does not fit its field. */
export function serializeInterleaved(frame: Pick<InterleavedFrame, 'channel'> & { payload: Uint8Array }): Buffer {
  const { channel, payload } = frame;
  if (!Number.isInteger(channel) || channel < 0 || channel > 255) {
    throw new TalkError(
      'TALK_ERR_ARGUMENT',
      `Interleaved channel: expected a whole number from 0 to 255, not ${channel}`,
    );
  }
  if (payload.length > MAX_UINT16) {
    throw new TalkError('TALK_ERR_ARGUMENT', `Interleaved payload: at most ${MAX_UINT16} bytes, not ${payload.length}`);
  }
  const bytes = Buffer.allocUnsafe(INTERLEAVED_HEADER_BYTES + payload.length);
  bytes[0] = DOLLAR;
  bytes[1] = channel;
  bytes.writeUInt16BE(payload.length, 2);
  bytes.set(payload, INTERLEAVED_HEADER_BYTES);
  return bytes;
}

function serialize(startLine: string, headers: HeaderList, body: Buffer): Buffer {
  const lines = headerLines(headers);
  if (body.length > 0 && headerValue(headers, 'Content-Length') === undefined) {
    lines.push(`Content-Length: ${body.length}`);
  }
  const head = [startLine, ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'utf8'), body]);
}

/** A line for each header, without its end. Throws TALK_ERR_ARGUMENT when one could break out of its line. */
export function headerLines(headers: HeaderList): string[] {
  return headers.map(([name, value]) => `${headerName(name)}: ${line(value, `Header ${name}`)}`);
}

function line(text: string, what: string): string {
  if (/[\r\n\0]/.test(text)) throw new TalkError('TALK_ERR_ARGUMENT', `${what}: must not hold CR, LF or NUL`);
  return text;
}

function word(text: string, what: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new TalkError('TALK_ERR_ARGUMENT', `RTSP ${what}: expected visible ASCII characters without blanks`);
  }
  return text;
}

function headerName(name: string): string {
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name)) {
    throw new TalkError('TALK_ERR_ARGUMENT', 'Header name: expected visible ASCII characters without blank and colon');
  }
  return name;
}
