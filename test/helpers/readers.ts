// Every reader of foreign bytes and texts, with the words that mean something to it: what tests of work and of exceptions read.
import { holdsAny } from '../../src/capture/leak.js';
import { Redactor } from '../../src/capture/redactor.js';
import { split } from '../../src/capture/split.js';
import { audioSources } from '../../src/audio/source.js';
import { cameraOptions } from '../../src/camera-options.js';
import { isTalkError, TalkError } from '../../src/errors.js';
import { cleanText, parseProbeMatch } from '../../src/find/messages.js';
import { AacDepayloader } from '../../src/listen/aac/depayloader.js';
import { parseAacConfig } from '../../src/listen/aac/config.js';
import { pickAudioTrack } from '../../src/listen/audio-track.js';
import { parseTransport } from '../../src/listen/replies.js';
import { parseSdp } from '../../src/listen/sdp.js';
import { streamUri } from '../../src/listen/uri.js';
import { redact } from '../../src/logger.js';
import { TransportStreamReader } from '../../src/mpegts/reader.js';
import { checkTalkReply } from '../../src/multitrans/replies.js';
import { HttpResponseParser } from '../../src/multipart/http.js';
import { MultipartParser } from '../../src/multipart/parser.js';
import { boundaryOf } from '../../src/multipart/part.js';
import { parseRtp } from '../../src/rtp/packet.js';
import { parseChallenges } from '../../src/rtsp/digest.js';
import { parseContentLength, parsePublic, parseSession } from '../../src/rtsp/headers.js';
import type { RtspResponse } from '../../src/rtsp/message.js';
import { RtspParser } from '../../src/rtsp/parser.js';
import { parseFormat } from '../../src/sound/format.js';
import { Mp3Framer } from '../../src/sound/mp3-frames.js';
import { recordedConnections } from '../../src/simulator/replay/recorded.js';
import { sniff } from '../../src/sound/sniff.js';
import { WavParser } from '../../src/sound/wav.js';
import { parseStreamUrl } from '../../src/stream-url.js';
import { parseSendQueues } from '../../src/talk/stall-watch.js';
import { WyomingParser } from '../../src/voice/wyoming-events.js';
import { parseChallenge, parseLock } from '../../src/webapi/challenge.js';
import { parsePublicKey } from '../../src/webapi/public-key.js';
import { decodeTexts, encodeStok, parseReply } from '../../src/webapi/reply.js';

/** What a reader takes apart, and how much of it there can be, bytes. */
export interface Reader {
  readonly words: readonly string[];
  readonly most: number;
  readonly read: (text: string) => unknown;
}

const response = (text: string): RtspResponse => ({
  kind: 'response',
  status: 200,
  reason: 'OK',
  headers: [['Transport', text]],
  body: Buffer.from(text),
});
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const SDP = [
  'm=',
  'm=audio 0 RTP/AVP 8',
  'a=',
  'a=x',
  'a=control:',
  'a=rtpmap:8',
  'a=fmtp:97',
  'PCMA',
  '/8000',
  'y',
  '97 ',
];
const RTSP = ['RTSP/1.0 200', 'RTSP/1.0 200 OK', 'RTSP/', 'A * RTSP/1.0', 'OPTIONS', 'Content-Length: ', 'CSeq: 1', '$\0\0\0', '$\x01\0\x01a']; // prettier-ignore
const PARTS = [
  '----device-stream-boundary--',
  '----device-stream-boundary--\r\n',
  '----device-stream-boundary--\r\nContent-Length: 2\r\n\r\n{}',
  'Content-Length: 5\r\n',
  'Content-Length: 2000000\r\n\r\n',
  '----device-',
  '--',
  '\r\n\r\n',
  'HTTP/1.0 400',
];
const HTTP = ['HTTP/1.0 401 Unauthorized\r\n', 'HTTP/1.1 ', 'HTTP/1.1 100 Continue\r\n\r\n', 'Content-Length: 5\r\n', 'Content-Length: 14\r\n\r\nHTTP ERROR 401', 'A: b\r\n', ' x\r\n', '\r\n']; // prettier-ignore
const JSONS = [
  '"',
  '":',
  '{"',
  '"}',
  '[',
  ']',
  ',',
  '1',
  '{"error_code":',
  '"nonce":"',
  '%41',
  '%',
  '\\u0041',
  '\\"',
  'null',
];
const CAPTURED = ['rtsp://', 'http://', 'a@', '?a=', '/user=', 'stok=', 'Session:', 'Authorization: Basic', 'nonce="', 'username=', '"mac":"', '\\"ssid\\":\\"', 'o=', 's=a', 'IN IP4 ', '1.2.3.4', 'Server:', 'version', 'a:', '::', 'a42bb0001122', 'cam', 'anna', 'Only4Tests!', 'T25seTRUZXN0cyE', 'Transfer-Encoding: chunked', '\r\n\r\n', '1\r\na\r\n']; // prettier-ignore
const MP3 = ['\xff', '\xff\xfb\x90\x00', '\xff\xf3\x40\xc0', '\xff\xe3\x18\xc4', 'ID3', 'ID3\x04\0\0\0\0\x01\0', 'TAG', 'APETAGEX', 'Xing', '\0', 'a', '\x7f']; // prettier-ignore
const WAV = ['RIFF', 'RIFX', 'RF64', 'WAVE', 'RIFF\0\0\0\0WAVE', 'fmt \x10\0\0\0', 'data', 'data\0\0\0\0', 'LIST', '\x01\0', '\0', '\xff\xff\xff\xff', 'a']; // prettier-ignore

const capture = (lines: string, files: Readonly<Record<string, string>>): Map<string, Buffer> =>
  new Map([
    ['capture.json', latin1(`{"connections":[{"protocol":"rtsp","at":0,"said":[${lines}]}]}`)],
    ...Object.entries(files).map(([name, text]): [string, Buffer] => [name, latin1(text)]),
  ]);

export const READERS: Readonly<Record<string, Reader>> = {
  'an RTP packet': {
    words: ['\x80', '\x90', '\xbf', '\0', 'a', '\xff'],
    most: 65_535,
    read: (text) => parseRtp(latin1(text)),
  },
  'events of a voice server': {
    words: [
      '{"type":"a"}\n',
      '{"type":"a","payload_length":1}\n',
      '{"type":"a","data_length":2}\n{}',
      '\n',
      '{',
      '}',
      '"',
    ],
    most: 262_144,
    read: (text) => [...new WyomingParser().push(latin1(text))].length,
  },
  'events of a voice server in pieces': {
    words: ['{"type":"a"}\n', '{"type":"a","payload_length":99999}\n', '{"type":"a","data_length":2}\n{}', '{', 'a'],
    most: 65_536,
    read: (text) => {
      const parser = new WyomingParser();
      const bytes = latin1(text);
      for (let at = 0; at < bytes.length; at += 50) [...parser.push(bytes.subarray(at, at + 50))].length;
    },
  },
  'a list of connections': {
    words: ['  1: 0100007F:1234 0100007F:0050 01 00000001:00000000', '\n', ' 1:', '0', ':', 'A'],
    most: 262_144,
    read: parseSendQueues,
  },
  'the address of a stream': {
    words: ['rtsp://', 'a', '@', ':', '/', '?', '#', '[', ']', '%40', '554'],
    most: 2_000,
    read: parseStreamUrl,
  },
  'a session description': {
    words: SDP,
    most: 65_536,
    read: (text) => pickAudioTrack(parseSdp(text), 'rtsp://a/b', 'a'),
  },
  'an exchange to be captured': {
    words: [...RTSP, 'HTTP/1.1 200 OK', '\n\n', '$'],
    most: 262_144,
    read: (text) =>
      (['rtsp', 'http', 'stream'] as const).map((protocol) => split([{ at: 0, bytes: latin1(text) }], protocol)),
  },
  'a message to be captured': {
    words: [...JSONS, ...CAPTURED],
    most: 16_384,
    read: (text) => {
      const own = {
        hosts: ['cam'],
        logins: [{ username: 'anna', password: 'Only4Tests!' }],
        paths: ['live?token=abc'],
      };
      const redactor = new Redactor(own, [text]);
      const redacted = redactor.message(text);
      return [redacted, redactor.text(text), holdsAny(latin1(redacted), redactor.secrets)];
    },
  },
  'an RTSP stream': { words: RTSP, most: 262_144, read: (text) => new RtspParser().push(latin1(text)) },
  'an RTSP stream in pieces': {
    words: RTSP,
    most: 65_536,
    read: (text) => {
      const parser = new RtspParser();
      const bytes = latin1(text);
      for (let at = 0; at < bytes.length; at += 50) parser.push(bytes.subarray(at, at + 50));
    },
  },
  'parts of the HTTP talk': { words: PARTS, most: 262_144, read: (text) => new MultipartParser().push(latin1(text)) },
  'parts of the HTTP talk in pieces': {
    words: PARTS,
    most: 65_536,
    read: (text) => {
      const parser = new MultipartParser();
      const bytes = latin1(text);
      for (let at = 0; at < bytes.length; at += 3) parser.push(bytes.subarray(at, at + 3));
    },
  },
  'answers by HTTP': {
    words: HTTP,
    most: 65_536,
    read: (text) => {
      const parser = new HttpResponseParser();
      let rest: Buffer | undefined = latin1(text);
      while (rest !== undefined && rest.length > 0) rest = parser.push(rest)?.rest;
      parser.end();
    },
  },
  'the boundary of a response': {
    words: ['multipart/mixed', ';', 'boundary', '=', ' ', '"', 'a'],
    most: 16_384,
    read: (text) => boundaryOf([['Content-Type', text]]),
  },
  'MPEG-TS': {
    words: [
      ...['\x47', '\x40\0\x10\0\0\xb0\x0d', '\x41\0\x30', '\0\0\x01\xc0', '\xff', '\0'],
      `\x47\x40\0\x10\0\0\xb0\x0d\0\x01\xc1\0\0\0\x01\xf0\0\x2a\xb1\x04\xb2${'\xff'.repeat(167)}`,
    ],
    most: 262_144,
    read: (text) => new TransportStreamReader().read(latin1(text)),
  },
  'a body without length': {
    words: [...RTSP, ...JSONS, '\n', '\n$', '\nRTSP/1'],
    most: 65_536,
    read: (text) => {
      const parser = new RtspParser();
      parser.push(latin1('RTSP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\n'));
      for (let at = 0; at < text.length; at += 50) parser.push(latin1(text.slice(at, at + 50)));
      parser.endBody();
    },
  },
  'a challenge': {
    words: ['Digest', 'Basic ', 'realm=', 'nonce="', 'qop="auth', '\\"', 'stale=true'],
    most: 16_384,
    read: (text) => parseChallenges([text]),
  },
  'RTSP headers': {
    words: ['timeout=', 'RTP/AVP', '/UDP', 'interleaved=', '0-1', ';interleaved', 'OPTIONS'],
    most: 65_536,
    read: (text) => [
      parseSession(text),
      parsePublic(text),
      attempted(() => parseTransport(response(text), 'a')),
      attempted(() => parseContentLength([['Content-Length', text]], 9)),
    ],
  },
  'a talk reply': { words: JSONS, most: 65_536, read: (text) => checkTalkReply(response(text), 'a') },
  'an answer of the web interface': {
    words: JSONS,
    most: 262_144,
    read: (text) => {
      const { json } = parseReply({ status: 200, body: Buffer.from(text) });
      return [parseChallenge(json), parseLock(json), decodeTexts(json)];
    },
  },
  'a token': { words: ['%41', '%', '%e9'], most: 65_536, read: encodeStok },
  'a key': { words: ['MIIB', '%3D', '=', 'AQAB'], most: 65_536, read: parsePublicKey },
  'a text in the log': {
    words: [
      'a://',
      'rtsp://',
      'b@',
      'stok=',
      'password',
      '"password":',
      'key',
      'nonce="',
      '\\"',
      '`',
      'Session:',
      'Authorization: Basic',
    ],
    most: 65_536,
    read: redact,
  },
  'a payload that is text': {
    words: ['data:', ';base64', 'data:,', 'http://', 'file:///', 'UklGR', 'Zm9v', '[1,', '%41', '{"a', '~/'],
    most: 262_144,
    read: (text) => audioSources(text),
  },
  'a JSON Buffer': {
    words: ['a', 'A', '0', '9', 'é'],
    most: 262_144,
    read: (text) => audioSources({ type: 'Buffer', data: [...latin1(text)] }),
  },
  'a format': {
    words: ['audio/', 'L16', 'rate=', '24000', '1.5', '1.', ' k', 'khz', 'pcm'],
    most: 65_536,
    read: (text) => [attempted(() => parseFormat(text)), parseFormat({ encoding: text, sampleRate: text })],
  },
  'settings of a camera': {
    words: ['a.b', 'rtsp://', '[::', 'fe80::1%'],
    most: 65_536,
    read: (text) => [
      attempted(() => cameraOptions({ host: text, password: 'a' })),
      attempted(() => cameraOptions({ host: 'a', password: text, username: text })),
      streamUri({ host: 'a', port: 554 }, text),
    ],
  },
  'an error text': {
    words: ['a'],
    most: 262_144,
    read: (text) => new TalkError('TALK_ERR_API', text, { cause: new Error(text) }),
  },
  'an answer of discovery': {
    words: [
      '<a>',
      '</a>',
      '<!--',
      '-->',
      '<?',
      '?>',
      '<ProbeMatch>',
      '<Scopes>',
      'onvif://a/name/',
      ' ',
      '%41',
      '<a/>',
    ],
    most: 16_384,
    read: (text) => [
      parseProbeMatch(Buffer.from(text)),
      parseProbeMatch(Buffer.from(`<ProbeMatches><ProbeMatch><Scopes>${text}</Scopes></ProbeMatch></ProbeMatches>`)),
      cleanText(text),
    ],
  },
  'the beginning of a file': { words: [...MP3, ...WAV], most: 4_096, read: (text) => sniff(latin1(text)) },
  'a WAV': {
    words: WAV,
    most: 262_144,
    read: (text) => {
      const parser = new WavParser();
      parser.push(
        latin1(`RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0${text}`),
      );
      parser.end();
    },
  },
  'an MP3': {
    words: MP3,
    most: 262_144,
    read: (text) => {
      const framer = new Mp3Framer();
      framer.push(latin1(text));
      framer.end();
    },
  },
  'AAC in RTP': {
    words: ['\0', '\xff', '\0\x10', '\x0f\xf8', 'a', '\xff\xff'],
    most: 65_535,
    read: (text) => {
      const config = parseAacConfig('1408');
      const framing = { sizeLength: 13, indexLength: 3, indexDeltaLength: 3 };
      const packet = { payloadType: 97, sequenceNumber: 1, timestamp: 1, ssrc: 1, marker: true, payload: latin1(text) };
      new AacDepayloader(config, framing, 16_000).read({ packet, lostBefore: 0, restart: false });
    },
  },
  'frames of a capture': {
    words: ['$\0\0\0', '$\x01\0\x01a', '$', '\0', '\xff'],
    most: 262_144,
    read: (text) => {
      const times = Array.from({ length: Math.ceil(text.length / 4) }, () => 0);
      const line = { by: 'camera', at: 0, file: '1.bin', frames: times.length, times };
      return recordedConnections(capture(JSON.stringify(line), { '1.bin': text }));
    },
  },
  'lines of a capture': {
    words: [
      '{"by":"client","at":0,"file":"1"},',
      '{"by":"camera","at":0,"file":"1"},',
      '{"by":"us","end":""},',
      '{',
      ',',
    ],
    most: 262_144,
    read: (text) => recordedConnections(capture(`${text}{"by":"us","end":""}`, { '1': `A / RTSP/1.0\r\n\r\n${text}` })),
  },
};

/** What it gives; an error of ours is an answer too. */
export function attempted(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (isTalkError(error)) return error;
    throw error;
  }
}
