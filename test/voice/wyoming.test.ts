// A Wyoming server on loopback, written from its public protocol: header lines, data inline or by its length, PCM in payloads.
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { monotonicClock as clock } from '../../src/clock.js';
import { speakByWyoming } from '../../src/voice/wyoming.js';
import { serializeEvent, WyomingParser, type WyomingEvent } from '../../src/voice/wyoming-events.js';
import { soundOf } from './sound-of.js';

const PCM = { rate: 22_050, width: 2, channels: 1 };

/** As servers of version 1.5 and later write: data behind the line. */
function event(type: string, data: object = {}, payload = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.from(JSON.stringify(data));
  const header = { type, version: '1.5.2', data_length: bytes.length, payload_length: payload.length };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes, payload]);
}

describe('speakByWyoming', () => {
  let server: Server;
  let port: number;
  let asked: WyomingEvent[];
  let answer: (socket: Socket) => void;

  before((done) => {
    server = createServer((socket) => {
      const parser = new WyomingParser();
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        for (const request of parser.push(chunk)) {
          asked.push(request);
          answer(socket);
        }
      });
    }).listen(0, '127.0.0.1', () => {
      port = (server.address() as AddressInfo).port;
      done();
    });
  });
  beforeEach(() => (asked = []));
  after((done) => void server.close(done));

  const speak = (voice = '', language = ''): ReturnType<typeof speakByWyoming> =>
    speakByWyoming({ host: '127.0.0.1', port }, { text: '你好 "x"', voice, language }, { clock });

  it('asks at once, and gives samples with their format', async () => {
    answer = (socket) => {
      socket.write(event('audio-start', PCM));
      socket.write(event('audio-chunk', PCM, Buffer.from('abcd')));
      socket.write(event('audio-chunk', PCM, Buffer.from('efgh')));
      socket.write(event('audio-stop'));
    };
    const utterance = await speak();
    assert.deepEqual('format' in utterance && utterance.format, { encoding: 's16le', sampleRate: 22_050, channels: 1 });
    assert.equal(String(await soundOf(Promise.resolve(utterance))), 'abcdefgh');
    assert.deepEqual(
      asked.map(({ type, data }) => ({ type, data })),
      [{ type: 'synthesize', data: { text: '你好 "x"' } }],
    );
  });

  it('names the voice and the language', async () => {
    answer = (socket) =>
      socket.write(
        Buffer.concat([event('audio-start', PCM), event('audio-chunk', PCM, Buffer.from('ab')), event('audio-stop')]),
      );
    await soundOf(speak('anna', 'de'));
    assert.deepEqual(asked[0]?.data['voice'], { name: 'anna', language: 'de' });
  });

  it('gives sound while more is made', async () => {
    let open: Socket | undefined;
    answer = (socket) => {
      open = socket;
      socket.write(Buffer.concat([event('audio-start', PCM), event('audio-chunk', PCM, Buffer.from('ab'))]));
    };
    const utterance = await speak();
    assert.ok(utterance.kind === 'sound');
    assert.equal(String((await utterance.chunks.next()).value), 'ab');
    open?.write(Buffer.concat([event('audio-chunk', {}, Buffer.from('cd')), event('audio-stop')]));
    assert.equal(String((await utterance.chunks.next()).value), 'cd');
    assert.equal((await utterance.chunks.next()).done, true);
  });

  const ends: [what: string, bytes: Buffer, message: RegExp][] = [
    ['an error', event('error', { text: 'no such voice', code: 'x' }), /refused: no such voice/],
    ['a hang-up', Buffer.alloc(0), /hung up without sound/],
    [
      'a hang-up half way',
      Buffer.concat([event('audio-start', PCM), event('audio-chunk', PCM, Buffer.from('ab'))]),
      /hung up before the end/,
    ],
    ['no sound', Buffer.concat([event('audio-start', PCM), event('audio-stop')]), /gave no sound/],
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /does not speak the Wyoming protocol/],
    ['a line without end', Buffer.alloc(2 * 1024 * 1024, 0x20), /does not speak/],
    ['a payload too large', Buffer.from('{"type":"audio-chunk","payload_length":99999999}\n'), /does not speak/],
    ['strange samples', event('audio-start', { ...PCM, width: 7 }), /unknown samples: rate 22050, width 7/],
    [
      'another rate',
      Buffer.concat([event('audio-start', PCM), event('audio-chunk', { ...PCM, rate: 16_000 }, Buffer.from('ab'))]),
      /changed the format/,
    ],
  ];
  for (const [what, bytes, message] of ends) {
    it(`says TALK_ERR_VOICE for ${what}`, async () => {
      answer = (socket) => socket.end(bytes);
      await assert.rejects(soundOf(speak()), { code: 'TALK_ERR_VOICE', message, retryable: false });
    });
  }

  it('is retryable when nobody listens', async () => {
    const nobody = speakByWyoming({ host: '127.0.0.1', port: 9 }, { text: 'x', voice: '', language: '' }, { clock });
    await assert.rejects(nobody, {
      code: 'TALK_ERR_VOICE',
      retryable: true,
      message: /cannot be reached \(ECONNREFUSED\)/,
    });
  });
});

describe('WyomingParser', () => {
  it('finds the same events however they are cut', () => {
    const events = fc.array(
      fc.record({ type: fc.string(), data: fc.dictionary(fc.string(), fc.jsonValue()), payload: fc.uint8Array() }),
    );
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(({ type, data, payload }) => event(type, data, Buffer.from(payload))));
        const parser = new WyomingParser();
        const found: WyomingEvent[] = [];
        for (let at = 0; at < bytes.length;) {
          const end = at + Number(cuts.next().value ?? 1);
          found.push(...parser.push(bytes.subarray(at, end)));
          at = end;
        }
        assert.deepEqual(
          found.map(({ type, data, payload }) => ({ type, data, payload: [...payload] })),
          sent.map(({ type, data, payload }) => ({
            type,
            data: JSON.parse(JSON.stringify(data)) as object,
            payload: [...payload],
          })),
        );
      }),
    );
  });

  it('reads data in the line itself', () => {
    const [found] = [...new WyomingParser().push(serializeEvent('synthesize', { text: 'x' }))];
    assert.deepEqual([found?.type, found?.data], ['synthesize', { text: 'x' }]);
  });
});
