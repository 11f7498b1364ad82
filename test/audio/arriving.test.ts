// A clip from an address that comes little by little: a real server whose answers the test holds back, and a clock of the test's own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { decode, type DecodeOptions } from '../../src/audio/decode.js';
import type { AudioFormat } from '../../src/sound/format.js';
import { coded, eventually, watch, type Watched } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { marked, wav } from '../helpers/marked-clips.js';

const ALAW: AudioFormat = { encoding: 'alaw', sampleRate: 8000, channels: 1 };
const bytesOf = (name: string): Buffer => readFileSync(join(__dirname, '../fixtures/audio', name));
/** Longer than the pause after which a body is no longer waited for as a whole. */
const SOON_MS = 200;

interface Heard {
  readonly end: Watched<unknown>;
  readonly warnings: readonly string[];
  samples: number;
}

describe('a clip from an address that comes little by little', () => {
  let server: Server;
  let url: string;
  let clock: FakeClock;
  let asked: ServerResponse[];

  beforeEach(async () => {
    asked = [];
    clock = new FakeClock();
    server = createServer((_, response) => asked.push(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
  });
  afterEach(async () => {
    assert.equal(asked.length, 1, 'asked more than once');
    await eventually(() => asked.every((response) => response.destroyed || response.writableEnded), 'the connection');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.equal(clock.pending, 0);
  });

  function hear(format?: AudioFormat, more: Partial<DecodeOptions> = {}): Heard {
    const warnings: string[] = [];
    const options = { clock, ffmpegPath, sampleRate: 8_000, maxSeconds: 600, ...more };
    const warn = (warning: string): number => warnings.push(warning);
    const source = { kind: 'url', url, ...(format === undefined ? {} : { format }) } as const;
    const count = async (): Promise<void> => {
      for await (const samples of decode(source, { ...options, warn })) heard.samples += samples.length;
    };
    const heard: Heard = { end: watch(Promise.resolve().then(count)), warnings, samples: 0 };
    return heard;
  }

  /** The server's answer, once it is asked. */
  async function answer(size?: number): Promise<ServerResponse> {
    await eventually(() => asked.length === 1, 'the request');
    const [response] = asked;
    assert.ok(response !== undefined);
    response.writeHead(200, size === undefined ? {} : { 'content-length': size });
    return response;
  }

  /** Sends bytes that do not end the answer, and lets the moment pass in which the rest might have come. */
  async function send(response: ServerResponse, bytes: Buffer): Promise<void> {
    await new Promise((resolve) => response.write(bytes, resolve));
    await eventually(() => (clock.nextIn ?? Infinity) <= SOON_MS, 'the first bytes');
    await clock.advance(SOON_MS);
  }

  const untilOver = async (heard: Heard): Promise<void> => {
    await eventually(() => heard.end.state !== 'pending', 'the end');
  };

  const rows: [name: string, file: string, head: number, format: AudioFormat | undefined, samples: number][] = [
    ['raw sound', 'speech-8k.alaw', 12_000, ALAW, bytesOf('speech-8k.alaw').length],
    ['WAV', 'speech-16k.wav', 44 + 40_000, undefined, 24_000],
    ['MP3', 'speech-24k.mp3', 12_000, undefined, 40_000],
  ];
  for (const [name, file, head, format, samples] of rows) {
    for (const sized of [true, false]) {
      it(`${name}${sized ? '' : ' of unknown size'} is heard from its first second on, and to its end`, async () => {
        const bytes = bytesOf(file);
        const heard = hear(format);
        const response = await answer(sized ? bytes.length : undefined);
        await send(response, bytes.subarray(0, head));
        await eventually(() => heard.samples >= 8_000, 'the first second');
        assert.equal(heard.end.state, 'pending');
        response.end(bytes.subarray(head));
        await untilOver(heard);
        assert.equal(heard.end.error, undefined);
        assert.equal(heard.samples, samples);
        assert.deepEqual(heard.warnings, []);
      });
    }
  }

  it('ffmpeg reads what it can from a pipe', async () => {
    const flac = bytesOf('speech.flac');
    const heard = hear();
    const response = await answer();
    await send(response, flac.subarray(0, -1_000));
    await eventually(() => heard.samples >= 8_000, 'the first second');
    assert.equal(heard.end.state, 'pending');
    response.end(flac.subarray(-1_000));
    await untilOver(heard);
    assert.deepEqual([heard.end.error, heard.warnings], [undefined, []]);
  });

  for (const [name, file] of [
    ['M4A, whose index may be at its end,', 'speech.m4a'],
    ['less than a second', 'speech-24k.mp3'],
  ] as const) {
    it(`${name} waits for the rest`, async () => {
      const bytes = bytesOf(file);
      const heard = hear();
      const response = await answer(bytes.length);
      const sent = file.endsWith('mp3') ? 3_000 : bytes.length - 100;
      await send(response, bytes.subarray(0, sent));
      await setTimeout(50);
      assert.deepEqual([heard.samples], [0]);
      response.end(bytes.subarray(sent));
      await untilOver(heard);
      assert.equal(heard.end.error, undefined);
      assert.ok(heard.samples > 8_000);
    });
  }

  it('all is fetched first when nothing is to be heard before', async () => {
    const heard = hear(ALAW, { atOnce: true });
    const response = await answer();
    await send(response, marked(0xa1, 3_000));
    await setTimeout(50);
    assert.equal(heard.samples, 0);
    response.end();
    await untilOver(heard);
    assert.equal(heard.samples, 24_000);
  });

  for (const [name, end] of [
    ['breaks off', (response: ServerResponse) => void response.destroy()],
    ['falls silent', () => clock.advance(15_000)],
  ] as const) {
    it(`before its first second it ${name}: TALK_ERR_SOURCE`, async () => {
      const heard = hear(ALAW);
      await send(await answer(), marked(0xa1, 900));
      await end(asked[0] as ServerResponse);
      await untilOver(heard);
      coded('TALK_ERR_SOURCE', /broke off|no data for 15 s/)(heard.end.error);
      assert.deepEqual([heard.samples, heard.warnings], [0, []]);
    });

    it(`after it it ${name}: the clip ends with what came, and a warning`, async () => {
      const heard = hear(ALAW);
      await send(await answer(80_000), marked(0xa1, 1_500));
      await eventually(() => heard.samples === 12_000, 'the sound');
      await end(asked[0] as ServerResponse);
      await untilOver(heard);
      assert.deepEqual([heard.end.error, heard.samples], [undefined, 12_000]);
      assert.match(
        heard.warnings.join(),
        /^http:\/\/127\.0\.0\.1:\d+\/a (broke off|delivered no data for 15 s).*; the clip ended there$/,
      );
    });
  }

  it('may take as long as something comes now and then', async () => {
    const heard = hear(ALAW);
    const response = await answer();
    for (let seconds = 1; seconds <= 5; seconds++) {
      response.write(marked(0xa1, 500));
      await eventually(() => clock.pending > 0, 'the bytes');
      await setTimeout(20);
      await clock.advance(14_000);
    }
    assert.equal(heard.end.state, 'pending');
    response.end();
    await untilOver(heard);
    assert.deepEqual([heard.end.error, heard.samples], [undefined, 20_000]);
  });

  it('but not for ever: the longest clip and a minute', async () => {
    const heard = hear(ALAW, { maxSeconds: 5 });
    const response = await answer();
    for (let seconds = 0; heard.end.state === 'pending' && seconds < 100; seconds += 10) {
      response.write(marked(0xa1, 20));
      await setTimeout(20);
      await clock.advance(10_000);
    }
    coded('TALK_ERR_SOURCE', /not all data within 65 s/)(heard.end.error);
  });

  it('endless sound ends at the limit, with a warning', async () => {
    const heard = hear(ALAW, { maxSeconds: 3 });
    const response = await answer();
    await send(response, marked(0xa1, 2_000));
    await eventually(() => heard.samples === 16_000, 'the sound');
    response.write(marked(0xa1, 2_000));
    await untilOver(heard);
    assert.equal(heard.end.error, undefined);
    assert.ok(heard.samples > 16_000 && heard.samples <= 24_000, String(heard.samples));
    assert.deepEqual(heard.warnings, ['The audio is longer than the limit; the clip ended there']);
  });

  it('what the server announces as too long, or as less than its header promises, is refused before it is heard', async () => {
    const heard = hear(ALAW, { maxSeconds: 3 });
    const response = await answer(32_000);
    await send(response, marked(0xa1, 2_000));
    await setTimeout(50);
    assert.equal(heard.samples, 0);
    response.end(marked(0xa1, 2_000));
    await untilOver(heard);
    coded('TALK_ERR_SOURCE', /longer than the limit of 3 s/)(heard.end.error);
  });

  it('half a WAV is no WAV, however slowly it comes', async () => {
    const half = wav(8_000).subarray(0, 64_000);
    const heard = hear();
    const response = await answer(half.length);
    await send(response, half.subarray(0, 40_000));
    response.end(half.subarray(40_000));
    await untilOver(heard);
    coded('TALK_ERR_AUDIO')(heard.end.error);
    assert.equal(heard.samples, 0);
  });

  it('an abort ends the connection, before and after the first sound', async () => {
    const abort = new AbortController();
    const heard = hear(ALAW, { signal: abort.signal });
    const response = await answer();
    await send(response, marked(0xa1, 2_000));
    await eventually(() => heard.samples === 16_000, 'the sound');
    abort.abort();
    await untilOver(heard);
    coded('TALK_ERR_ABORTED')(heard.end.error);
    await eventually(() => response.destroyed, 'the end of the connection');
    assert.deepEqual(heard.warnings, []);
  });
});
