// The values that travel on an RTSP connection. No bytes here (serialize.ts, parser.ts), no meaning (headers.ts).

/** Headers in the order of the wire; names as they came, compared without case. */
export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>;

export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

export interface RtspResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/** `$`, channel, 16-bit length, payload (RFC 2326 section 10.12). */
export interface InterleavedFrame {
  readonly kind: 'interleaved';
  readonly channel: number;
  readonly payload: Buffer;
}

export type RtspMessage = RtspRequest | RtspResponse | InterleavedFrame;
