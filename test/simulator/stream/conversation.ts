// The conversation of a listening client as bytes typed by hand, for tests of the simulator's streams. Credentials are those of the vectors.
import { FakeClock } from '../../helpers/fake-clock.js';
import type { RawClient } from '../raw-client.js';

/** Fixed where the camera is random otherwise. */
export const STREAM_OPTIONS = {
  password: 'Abc12345',
  nonce: (): string => '96fa3da3bceda6441e098764e178ed07',
  sessionId: (): string => '7116520596809429228',
  streamSessionId: (): string => '5579378E',
} as const;

const DIGEST =
  'Authorization: Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ';

export const DESCRIBE_FIRST =
  'DESCRIBE rtsp://192.168.1.60/stream1 RTSP/1.0\r\n' + 'CSeq: 2\r\n' + 'Accept: application/sdp\r\n' + '\r\n';

export const CHALLENGE_2 =
  'RTSP/1.0 401 Unauthorized\r\n' +
  'CSeq: 2\r\n' +
  'WWW-Authenticate: Basic realm="TP-LINK IP-Camera"\r\n' +
  'WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07"\r\n' +
  '\r\n';

export const DESCRIBE =
  'DESCRIBE rtsp://192.168.1.60/stream1 RTSP/1.0\r\n' +
  'CSeq: 3\r\n' +
  `${DIGEST}uri="rtsp://192.168.1.60/stream1", response="37396c2e73bb1b8d08a3278564fecdc4"\r\n` +
  'Accept: application/sdp\r\n' +
  '\r\n';

export const SETUP =
  'SETUP rtsp://192.168.1.60/stream1/track2 RTSP/1.0\r\n' +
  'CSeq: 4\r\n' +
  `${DIGEST}uri="rtsp://192.168.1.60/stream1/track2", response="95587be8c8608eaa0c4ce3f48258931f"\r\n` +
  'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n' +
  '\r\n';

export const PLAY =
  'PLAY rtsp://192.168.1.60/stream1/ RTSP/1.0\r\n' +
  'CSeq: 5\r\n' +
  `${DIGEST}uri="rtsp://192.168.1.60/stream1/", response="2c066388033dbca12fe70a1acb39c2e5"\r\n` +
  'Session: 5579378E\r\n' +
  'Range: npt=0.000-\r\n' +
  '\r\n';

export const GET_PARAMETER =
  'GET_PARAMETER rtsp://192.168.1.60/stream1/ RTSP/1.0\r\n' +
  'CSeq: 6\r\n' +
  `${DIGEST}uri="rtsp://192.168.1.60/stream1/", response="270bc9fd9507a357e6ce7f2780e82dc1"\r\n` +
  'Session: 5579378E\r\n' +
  '\r\n';

export const TEARDOWN =
  'TEARDOWN rtsp://192.168.1.60/stream1/ RTSP/1.0\r\n' +
  'CSeq: 7\r\n' +
  `${DIGEST}uri="rtsp://192.168.1.60/stream1/", response="00fd54a7b8ab91d16e8bd1e1be05552e"\r\n` +
  'Session: 5579378E\r\n' +
  '\r\n';

/** The answer without its date, which is another every second. */
export function undated(answer: string): string {
  return answer.replace(
    /\r\nDate: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT\r\n/,
    '\r\n',
  );
}

/** For cameras that want no password: CSeq counts from 1 on each client. */
export class PlainViewer {
  readonly #client: RawClient;
  #cseq = 0;

  constructor(client: RawClient) {
    this.#client = client;
  }

  /** `headers` are whole lines without their ends. */
  ask(method: string, path: string, ...headers: string[]): Promise<string> {
    this.#cseq += 1;
    const lines = [`${method} rtsp://192.168.1.60${path} RTSP/1.0`, `CSeq: ${this.#cseq}`, ...headers, '', ''];
    return this.#client.ask(lines.join('\r\n'));
  }

  /** SETUP of the microphone's track, and PLAY, whose answer is returned. */
  async play(path = '/stream1'): Promise<string> {
    await this.ask('SETUP', `${path}/track2`, 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
    return this.ask('PLAY', `${path}/`, 'Session: 5579378E');
  }
}

/** An interleaved frame with its RTP header taken apart. */
export interface ReadFrame {
  readonly channel: number;
  readonly head: number;
  readonly second: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

export async function readFrame(client: RawClient): Promise<ReadFrame> {
  const start = await client.take(4);
  if (start.toString('latin1', 0, 1) !== '$') throw new Error(`no frame: ${start.toString('latin1')}`);
  const bytes = await client.take(start.readUInt16BE(2));
  return {
    channel: start.readUInt8(1),
    head: bytes.readUInt8(0),
    second: bytes.readUInt8(1),
    sequenceNumber: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(12),
  };
}

/** Moves the clock by `ms` and reads the frames that come of it. */
export async function readFrames(client: RawClient, clock: FakeClock, ms: number, count: number): Promise<ReadFrame[]> {
  await clock.advance(ms);
  const frames: ReadFrame[] = [];
  while (frames.length < count) frames.push(await readFrame(client));
  return frames;
}
