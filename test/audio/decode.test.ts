// decode: every kind of source, real files, and every bad input with its code.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { decode, type DecodeOptions } from '../../src/audio/decode.js';
import type { AudioFormat } from '../../src/sound/format.js';
import { audioSources, type AudioSource } from '../../src/audio/source.js';
import { chime } from '../../src/sound/tone.js';
import { monotonicClock } from '../../src/clock.js';
import type { TalkErrorCode } from '../../src/errors.js';
import { MAX_SOURCE_BYTES } from '../../src/limits.js';
import { collect, eventually, rejection } from '../helpers/collect.js';

const NO_FFMPEG = '/nowhere/ffmpeg';
const ALAW: AudioFormat = { encoding: 'alaw', sampleRate: 8000, channels: 1 };
const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-test-'));
const fixture = (name: string): string => join(__dirname, '../fixtures/audio', name);
const bytesOf = (name: string): Buffer => readFileSync(fixture(name));

/** A file of our own in the test folder. */
function file(name: string, content: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A 16-bit WAV header; sizes as they are to be announced. */
function wavHeader(rate: number, channels: number, dataBytes: number, riffBytes = dataBytes + 36): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF');
  header.writeUInt32LE(riffBytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

async function* inChunks(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}

function only(value: unknown, format?: AudioFormat): AudioSource {
  const [source] = audioSources(value, format);
  assert.ok(source);
  return source;
}

function pieces(source: AudioSource, options: Partial<DecodeOptions> = {}): AsyncIterable<Float32Array> {
  return decode(source, { sampleRate: 8000, maxSeconds: 600, clock: monotonicClock, ffmpegPath, ...options });
}

async function samplesOf(source: AudioSource, options: Partial<DecodeOptions> = {}): Promise<Float32Array> {
  const all = await collect(pieces(source, options));
  return Float32Array.from(all.flatMap((piece) => [...piece]));
}

/** The error with which decoding ends, and that nothing was heard before it. */
async function failure(
  source: AudioSource,
  code: TalkErrorCode,
  message: RegExp,
  options: Partial<DecodeOptions> = {},
): Promise<void> {
  let heard = 0;
  const error = await rejection(
    (async () => {
      for await (const piece of pieces(source, options)) heard += piece.length;
    })(),
  );
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.equal(heard, 0, 'something was heard before the error');
}

describe('decode', () => {
  after(() => rmSync(folder, { recursive: true }));

  // Samples at 8 kHz.
  const fixtures: [name: string, samples: number][] = [
    ['speech-24k.mp3', 40_000],
    ['speech-44k-stereo.mp3', 16_000],
    ['speech-16k.wav', 24_000],
    ['speech.ogg', 26_508],
    ['speech.flac', 26_508],
    ['speech.m4a', 26_624],
  ];
  for (const [name, samples] of fixtures) {
    it(`decodes ${name} as file, Buffer and under a wrong name`, async () => {
      const fromFile = await samplesOf(only(fixture(name)));
      assert.equal(fromFile.length, samples);
      assert.ok(Math.max(...fromFile) > 0.1);
      assert.deepEqual(await samplesOf(only(bytesOf(name))), fromFile);
      assert.deepEqual(await samplesOf(only(file('renamed.txt', bytesOf(name)))), fromFile);
    });
  }

  it('needs no ffmpeg for WAV, MP3, raw audio and chimes', async () => {
    for (const name of ['speech-24k.mp3', 'speech-44k-stereo.mp3', 'speech-16k.wav']) {
      await samplesOf(only(fixture(name)), { ffmpegPath: NO_FFMPEG });
    }
    assert.equal((await samplesOf(only(bytesOf('speech-8k.alaw'), ALAW), { ffmpegPath: NO_FFMPEG })).length, 26_507);
    assert.deepEqual(await samplesOf({ kind: 'chime', name: 'ding' }), chime('ding', 8000));
  });

  it('reads headerless audio by its declared format', async () => {
    const stereo = Buffer.alloc(16_000 * 4);
    for (let i = 0; i < 16_000; i++) stereo.writeInt16LE(16_384, 4 * i);
    const format: AudioFormat = { encoding: 's16le', sampleRate: 16_000, channels: 2 };
    const samples = await samplesOf(only(stereo, format));
    assert.equal(samples.length, 8_000);
    assert.ok(samples.subarray(100, -100).every((sample) => Math.abs(sample - 0.25) < 0.001));
    assert.deepEqual(await samplesOf(only(file('raw', stereo), format)), samples);
  });

  it('lets no declared format spoil a file with a header', async () => {
    for (const name of ['speech-24k.mp3', 'speech-16k.wav', 'speech.ogg']) {
      assert.deepEqual(await samplesOf(only(bytesOf(name), ALAW)), await samplesOf(only(bytesOf(name))));
    }
  });

  it('reads a WAV written to a pipe, which announces no length', async () => {
    const sound = bytesOf('speech-16k.wav').subarray(44);
    for (const placeholder of [0xffffffff, 0]) {
      const wav = Buffer.concat([wavHeader(16_000, 1, placeholder, placeholder), sound]);
      assert.equal((await samplesOf(only(wav))).length, 24_000);
    }
  });

  it('streams files too large to be read at once', async () => {
    const sound = Buffer.alloc(60 * 48_000 * 2);
    for (let i = 0; i < sound.length / 2; i++) sound.writeInt16LE(Math.round(8_000 * Math.sin(i / 20)), 2 * i);
    const large = file('large.wav', Buffer.concat([wavHeader(48_000, 1, sound.length), sound]));
    assert.equal((await samplesOf(only(large))).length, 480_000);
    const raw: AudioFormat = { encoding: 's16le', sampleRate: 48_000, channels: 1 };
    assert.equal((await samplesOf(only(file('large.raw', sound), raw))).length, 480_000);
    // An MP3 behind 5 MB of cover picture.
    const picture = Buffer.alloc(5_000_000);
    picture.write('ID3\x04\0\0', 'latin1');
    picture.set(
      [(5_000_000 - 10) >> 21, ((5_000_000 - 10) >> 14) & 127, ((5_000_000 - 10) >> 7) & 127, (5_000_000 - 10) & 127],
      6,
    );
    const mp3 = file('large.mp3', Buffer.concat([picture, bytesOf('speech-24k.mp3')]));
    assert.deepEqual(await samplesOf(only(mp3)), await samplesOf(only(fixture('speech-24k.mp3'))));
  });

  describe('from a URL', () => {
    let server: Server;
    let url = '';
    before(async () => {
      server = createServer((request, response) => {
        if (request.url === '/speech') response.end(bytesOf('speech-24k.mp3'));
        else response.writeHead(request.url === '/page' ? 200 : 404).end('<!doctype html><p>Sorry');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    it('decodes what it gives', async () => {
      assert.equal((await samplesOf(only(`${url}/speech`))).length, 40_000);
    });

    it('refuses a missing file and a web page', async () => {
      await failure(only(`${url}/gone`), 'TALK_ERR_SOURCE', /404/);
      await failure(only(`${url}/page`), 'TALK_ERR_AUDIO', /web page/);
    });
  });

  describe('live', () => {
    it('knows WAV, MP3 and containers by their beginning, in chunks of any length', async () => {
      for (const [name, length, samples] of [
        ['speech-24k.mp3', 100, 40_000],
        ['speech-16k.wav', 7, 24_000],
        ['speech-16k.wav', 50_000, 24_000],
        ['speech.ogg', 1000, 26_508],
      ] as const) {
        assert.equal((await samplesOf(only(inChunks(bytesOf(name), length)))).length, samples, name);
      }
    });

    it('gives raw audio by its format as it comes', async () => {
      const stream = new PassThrough();
      const iterator = pieces(only(stream, ALAW))[Symbol.asyncIterator]();
      stream.write(bytesOf('speech-8k.alaw').subarray(0, 320));
      assert.equal((await iterator.next()).value?.length, 320);
      stream.write(bytesOf('speech-8k.alaw').subarray(320, 480));
      assert.equal((await iterator.next()).value?.length, 160);
      await iterator.return?.();
      assert.equal(stream.destroyed, true);
    });

    it('takes a chunk of any size in small steps', async () => {
      const raw = Buffer.alloc(1_000_000, 0x55);
      const format: AudioFormat = { encoding: 's16le', sampleRate: 8_000, channels: 1 };
      for (const sounds of [
        await collect(pieces(only(inChunks(raw, raw.length), format))),
        await collect(pieces(only(inChunks(Buffer.concat([wavHeader(8_000, 1, raw.length), raw]), 2_000_000)))),
      ]) {
        assert.equal(
          sounds.reduce((sum, { length }) => sum + length, 0),
          500_000,
        );
        assert.ok(sounds.every(({ length }) => length <= 8_192));
      }
    });

    it('plays what came of a live WAV that ends early', async () => {
      const cut = bytesOf('speech-16k.wav').subarray(0, 44 + 32_000);
      assert.equal((await samplesOf(only(inChunks(cut, 5000)))).length, 8_000);
    });

    it('asks for a format when nothing else tells', async () => {
      await failure(only(inChunks(bytesOf('speech-8k.alaw'), 100)), 'TALK_ERR_ARGUMENT', /needs msg\.format/);
      await failure(only(inChunks(Buffer.from('<html>oops'), 100)), 'TALK_ERR_AUDIO', /web page/);
      await failure(only(Readable.from(['text'])), 'TALK_ERR_ARGUMENT', /as Buffers/);
    });

    it('ends with an error when it gets longer than the limit, after the sound so far', async () => {
      let heard = 0;
      const error = await rejection(
        (async () => {
          const live = only(inChunks(bytesOf('speech-8k.alaw'), 800), ALAW);
          for await (const piece of pieces(live, { maxSeconds: 2 })) heard += piece.length;
        })(),
      );
      assert.equal(error.code, 'TALK_ERR_SOURCE');
      assert.equal(heard, 16_000);
    });

    it('of a bridge has no limit, whatever it holds', async () => {
      for (const [name, format] of [
        ['speech-8k.alaw', ALAW],
        ['speech-16k.wav', undefined],
        ['speech-24k.mp3', undefined],
        ['speech.ogg', undefined],
      ] as const) {
        const live = { ...only(inChunks(bytesOf(name), 800), format), bridge: true };
        const whole = await samplesOf(only(bytesOf(name), format));
        assert.equal((await samplesOf(live, { maxSeconds: 0.5 })).length, whole.length, name);
      }
    });

    it('lets go of a silent stream when aborted', async () => {
      for (const [head, format] of [
        [bytesOf('speech.ogg').subarray(0, 2000), undefined],
        [bytesOf('speech-24k.mp3').subarray(0, 9000), undefined],
        [Buffer.alloc(900, 0xd5), ALAW],
        [Buffer.alloc(0), undefined],
      ] as const) {
        const abort = new AbortController();
        const stream = new PassThrough();
        stream.write(head);
        const run = rejection(collect(pieces(only(stream, format), { signal: abort.signal })));
        await eventually(() => stream.readableLength === 0, 'the reading of what is there');
        abort.abort();
        assert.equal((await run).code, 'TALK_ERR_ABORTED');
        assert.equal(stream.destroyed, true);
      }
    });

    it('lets go of a silent stream when ffmpeg is missing or refuses it', async () => {
      const stream = new PassThrough();
      stream.write(bytesOf('speech.ogg').subarray(0, 2000));
      await failure(only(stream), 'TALK_ERR_FFMPEG', /needs ffmpeg/, { ffmpegPath: NO_FFMPEG });
      assert.equal(stream.destroyed, true);
      const broken = new PassThrough();
      broken.write(Buffer.concat([Buffer.from('OggS'), Buffer.alloc(500_000, 7)]));
      const falsePath = ['/bin/false', '/usr/bin/false'].find((path) => existsSync(path));
      if (falsePath !== undefined) await failure(only(broken), 'TALK_ERR_FFMPEG', /failed/, { ffmpegPath: falsePath });
      else broken.destroy();
      assert.equal(broken.destroyed, true);
    });
  });

  describe('refuses before the first sound', () => {
    const wav = bytesOf('speech-16k.wav');
    const mp3 = bytesOf('speech-24k.mp3');
    const cases: [
      name: string,
      value: () => unknown,
      code: TalkErrorCode,
      message: RegExp,
      options?: Partial<DecodeOptions>,
    ][] = [
      ['a missing file', () => '/nowhere/a.mp3', 'TALK_ERR_SOURCE', /\/nowhere\/a\.mp3 does not exist/],
      ['a path through a file', () => `${fixture('speech.ogg')}/a.mp3`, 'TALK_ERR_SOURCE', /does not exist/],
      ['a folder', () => folder, 'TALK_ERR_SOURCE', /is a folder/],
      ['a file of more than 128 MB', () => sparse('huge.wav', MAX_SOURCE_BYTES + 1), 'TALK_ERR_SOURCE', /larger than/],
      ['an empty file', () => file('empty.mp3', ''), 'TALK_ERR_AUDIO', /empty/],
      [
        'text renamed .mp3',
        () => file('text.mp3', 'Dear Sir,\nyour parcel\n'),
        'TALK_ERR_AUDIO',
        /plain text/,
        { ffmpegPath: NO_FFMPEG },
      ],
      ['JSON', () => Buffer.from('{"error":"quota"}'), 'TALK_ERR_AUDIO', /JSON/, { ffmpegPath: NO_FFMPEG }],
      ['HTML', () => Buffer.from('\ufeff <!DOCTYPE html>'), 'TALK_ERR_AUDIO', /web page/, { ffmpegPath: NO_FFMPEG }],
      [
        'a playlist',
        () => file('list.mp3', '#EXTM3U\nspeech.wav\n'),
        'TALK_ERR_AUDIO',
        /playlist/,
        { ffmpegPath: NO_FFMPEG },
      ],
      ['noise', () => Buffer.alloc(5000, 7), 'TALK_ERR_AUDIO', /no audio that ffmpeg can read/],
      ['noise without ffmpeg', () => Buffer.alloc(5000, 7), 'TALK_ERR_AUDIO', /msg\.format/, { ffmpegPath: NO_FFMPEG }],
      ['Ogg without ffmpeg', () => fixture('speech.ogg'), 'TALK_ERR_FFMPEG', /Install it/, { ffmpegPath: NO_FFMPEG }],
      ['a WAV cut off', () => wav.subarray(0, wav.length / 2), 'TALK_ERR_AUDIO', /cut off/],
      [
        'a large WAV cut off',
        () => sparse('cut-large.wav', 5_000_000, wavHeader(48_000, 1, 6_000_000)),
        'TALK_ERR_AUDIO',
        /cut off/,
      ],
      ['a WAV that is only a header', () => wavHeader(8000, 1, 0, 0), 'TALK_ERR_AUDIO', /no sound/],
      ['half a WAV header', () => wav.subarray(0, 30), 'TALK_ERR_AUDIO', /WAV/],
      [
        'an absurd sample rate',
        () => Buffer.concat([wavHeader(0, 1, 100), Buffer.alloc(100)]),
        'TALK_ERR_AUDIO',
        /sample rate/,
      ],
      [
        'an absurd number of channels',
        () => Buffer.concat([wavHeader(8000, 4000, 100), Buffer.alloc(100)]),
        'TALK_ERR_AUDIO',
        /channels/,
      ],
      ['an MP3 cut off', () => mp3.subarray(0, mp3.length / 2), 'TALK_ERR_AUDIO', /MP3 is cut off after 2\.\d+ s/],
      [
        'a WAV longer than the limit',
        () => fixture('speech-16k.wav'),
        'TALK_ERR_SOURCE',
        /longer than the limit of 2\.9 s/,
        { maxSeconds: 2.9 },
      ],
      [
        'an MP3 longer than the limit',
        () => fixture('speech-24k.mp3'),
        'TALK_ERR_SOURCE',
        /longer than the limit of 4 s/,
        { maxSeconds: 4 },
      ],
      [
        'more than the rest of the limit',
        () => fixture('speech-16k.wav'),
        'TALK_ERR_SOURCE',
        /limit of 10 s/,
        { maxSeconds: 10, elapsedSeconds: 7.5 },
      ],
    ];
    for (const [name, value, code, message, options] of cases) {
      it(name, async () => failure(only(value()), code, message, options));
    }

    function sparse(name: string, size: number, head: Buffer | string = 'x'): string {
      const path = file(name, head);
      truncateSync(path, size);
      return path;
    }

    it('raw audio longer than the limit', async () => {
      await failure(only(Buffer.alloc(16_001), ALAW), 'TALK_ERR_SOURCE', /limit of 2 s/, { maxSeconds: 2 });
      assert.equal((await samplesOf(only(Buffer.alloc(16_000), ALAW), { maxSeconds: 2 })).length, 16_000);
    });

    it('devices and named pipes, without waiting for them', async function () {
      if (process.platform === 'win32') this.skip();
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      await failure(only(pipe), 'TALK_ERR_SOURCE', /not a regular file/);
      await failure(only('/dev/zero'), 'TALK_ERR_SOURCE', /not a regular file/);
    });

    it('a file without permission', async function () {
      if (process.platform === 'win32') this.skip();
      const isRoot = process.geteuid?.() === 0;
      const open = join(folder, 'open');
      mkdirSync(open);
      const path = join(open, 'private.mp3');
      writeFileSync(path, bytesOf('speech-24k.mp3'));
      chmodSync(path, 0);
      chmodSync(folder, 0o755);
      // Nothing is forbidden to root: become nobody for a moment.
      if (isRoot) process.seteuid?.(65_534);
      try {
        await failure(only(path), 'TALK_ERR_SOURCE', /private\.mp3 may not be read/);
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
    });
  });

  it('says that what ffmpeg decodes is too long as soon as it knows', async () => {
    const error = await rejection(samplesOf(only(fixture('speech.ogg')), { maxSeconds: 1 }));
    assert.equal(error.code, 'TALK_ERR_SOURCE');
  });

  it('stops on abort and closes the file', async function () {
    if (process.platform !== 'linux') this.skip();
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const large = file('abort.wav', Buffer.concat([wavHeader(48_000, 1, 6_000_000), Buffer.alloc(6_000_000)]));
    const before = descriptors();
    for (let round = 0; round < 5; round++) {
      const abort = new AbortController();
      const run = (async () => {
        for await (const piece of pieces(only(large), { signal: abort.signal })) if (piece.length > 0) abort.abort();
      })();
      assert.equal((await rejection(run)).code, 'TALK_ERR_ABORTED');
    }
    assert.equal(descriptors(), before);
    const aborted = AbortSignal.abort();
    assert.equal((await rejection(samplesOf(only(large), { signal: aborted }))).code, 'TALK_ERR_ABORTED');
  });
});
