// Every reader of foreign bytes, given what it knows with a few bytes spoilt: nothing but errors of ours, and no more work than there are bytes.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { assertLinear } from '../helpers/linear.js';
import { markedWav } from '../helpers/marked-clips.js';
import { randomNumbers } from '../helpers/random.js';
import { attempted, READERS } from '../helpers/readers.js';
import { SDP_2020, SDP_AAC, SDP_PCMA } from '../listen/descriptions.js';
import { WIRE_CASES } from '../rtsp/cases.js';
import { mutate } from './mutations.js';

const ROOT = join(__dirname, '..', '..');
const audio = (name: string, bytes: number): string =>
  readFileSync(join(ROOT, 'test', 'fixtures', 'audio', name)).toString('latin1', 0, bytes);
const WIRE = WIRE_CASES.map(({ bytes }) => bytes.toString('latin1'));
const PARTS = ['\r\n----device-stream-boundary--\r\nContent-Type: application/json\r\nX-If-Encrypt: 0\r\nContent-Length: 13\r\n\r\n{"type":"a"}\n\r\n']; // prettier-ignore
const MP3 = [audio('speech-24k.mp3', 6_000), audio('mp3-plain.mp3', 6_000)];
const WAV = [audio('wav-5.1-centre.wav', 2_000), markedWav(0xa1, 100).toString('latin1')];

/** What cameras and others really say; of the other readers their own words in a row. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  'a session description': [SDP_PCMA, SDP_2020, SDP_AAC],
  'an RTSP stream': WIRE,
  'an RTSP stream in pieces': WIRE,
  'parts of the HTTP talk': PARTS,
  'parts of the HTTP talk in pieces': PARTS,
  'answers by HTTP': ['HTTP/1.0 401 Unauthorized\r\nContent-Length: 14\r\nWWW-Authenticate: Digest realm="a"\r\n\r\nHTTP ERROR 401HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'], // prettier-ignore
  'a challenge': ['Digest realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", algorithm=MD5, qop="auth"', 'Basic realm="a"'], // prettier-ignore
  'RTSP headers': ['RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1a2b3c4d', '12345;timeout=60', 'OPTIONS, DESCRIBE, PLAY'],
  'a talk reply': ['{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"2"}}'],
  'an answer of the web interface': ['{"error_code":-40401,"data":{"code":-40401,"encrypt_type":["3"],"key":"MIIB%3D","nonce":"x%2B","time":3,"max_time":20}}'], // prettier-ignore
  'the beginning of a file': [...MP3, ...WAV],
  'a WAV': WAV,
  'an MP3': MP3,
};

/** Readers that are read through another one of the list, or whose input is never longer than its caller says. */
const THROUGH: Readonly<Record<string, string>> = {
  parseHead: 'RtspParser',
  parseHeaderLines: 'RtspParser, and the parsers of the HTTP talk',
  parseFormatChunk: 'WavParser',
  parseAttemptsLeft: 'parseLock',
  parseVolume: 'a number of parseReply',
  decodeText: 'decodeTexts',
  sniffMp3: 'sniff',
};

const spoilt = (samples: readonly string[], seed: number): string => {
  const random = randomNumbers(seed);
  let bytes = Buffer.from(samples[seed % samples.length] ?? '', 'latin1');
  for (let n = 1 + (seed % 4); n > 0; n--) bytes = Buffer.concat(mutate(bytes, random, [bytes]).bytes);
  return bytes.toString('latin1');
};

describe('a reader of foreign bytes, a few of them spoilt,', () => {
  const seeds = fc.nat(2 ** 31 - 1);

  for (const [name, { words, most, read }] of Object.entries(READERS)) {
    const samples = SAMPLES[name] ?? [words.join('')];

    it(`throws nothing but errors of ours: ${name}`, () => {
      fc.assert(
        fc.property(seeds, (seed) => void attempted(() => read(spoilt(samples, seed)))),
        { numRuns: 200 },
      );
    });

    it(`works no longer than there are bytes: ${name}`, () => {
      const check = (seed: number): void => {
        const often = spoilt(samples, seed) || ' ';
        const make = (size: number): string => often.repeat(Math.ceil(size / often.length)).slice(0, size);
        assertLinear(make, most, (text) => attempted(() => read(text)));
      };
      fc.assert(fc.property(seeds, check), { numRuns: 10 });
    });
  }

  it('is in the list', () => {
    const list = readFileSync(join(ROOT, 'test', 'helpers', 'readers.ts'), 'utf8');
    const readers = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/^(simulator|cli)/.test(file))
      .flatMap((file) => [...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(/^export (?:function (?=parse|sniff|redact|decodeText)|class (?=\w+(?:Parser|Framer|Depayloader)\b))(\w+)/gm)]); // prettier-ignore
    const names = readers.map(([, name = '']) => name);
    assert.ok(names.length > 15);
    const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(list) && !(name in THROUGH));
    assert.deepEqual(
      missing,
      [],
      'Give it an entry in test/helpers/readers.ts: what it reads, how much of it there can be',
    );
  });
});
