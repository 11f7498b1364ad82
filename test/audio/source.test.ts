// audioSources: what is accepted, what is refused and in which words.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { audioSources, discardSources } from '../../src/audio/source.js';
import { MAX_SOURCE_BYTES } from '../../src/limits.js';
import { coded, thrown } from '../helpers/collect.js';

const ALAW = { encoding: 'alaw', sampleRate: 8000, channels: 1 } as const;

describe('audioSources', () => {
  it('takes bytes in every shape without copying Buffers', () => {
    const buffer = Buffer.from([1, 2, 3]);
    const [source] = audioSources(buffer);
    assert.ok(source?.kind === 'bytes');
    assert.equal(source.bytes.buffer, buffer.buffer);
    for (const value of [new Uint8Array([1, 2, 3]), new Uint8Array([1, 2, 3]).buffer]) {
      assert.deepEqual(audioSources(value, ALAW), [{ kind: 'bytes', bytes: buffer, format: ALAW }]);
    }
  });

  it('takes bytes and arrays made in a Function node, whose classes are others', () => {
    const foreign: unknown = runInNewContext('[new Uint8Array([1, 2]), new Uint8Array([3]).buffer]');
    assert.deepEqual(audioSources(foreign), [
      { kind: 'bytes', bytes: Buffer.from([1, 2]) },
      { kind: 'bytes', bytes: Buffer.from([3]) },
    ]);
  });

  const located: [text: string, source: unknown][] = [
    ['ding.mp3', { kind: 'file', path: 'ding.mp3' }],
    ['/data/a b.wav', { kind: 'file', path: '/data/a b.wav' }],
    ['C:\\sounds\\ding.mp3', { kind: 'file', path: 'C:\\sounds\\ding.mp3' }],
    ['a\r\n', { kind: 'file', path: 'a' }],
    ['"a b.wav"\n', { kind: 'file', path: 'a b.wav' }],
    ["'12\" single.mp3'", { kind: 'file', path: '12" single.mp3' }],
    ['caffeine.mp3', { kind: 'file', path: 'caffeine.mp3' }],
    ['the free ding.mp3', { kind: 'file', path: 'the free ding.mp3' }],
    ['[1] ding.mp3', { kind: 'file', path: '[1] ding.mp3' }],
    ['<ding>.mp3', { kind: 'file', path: '<ding>.mp3' }],
    ['~/ding.mp3', { kind: 'file', path: join(homedir(), 'ding.mp3') }],
    ['~ding.mp3', { kind: 'file', path: '~ding.mp3' }],
    ['file:/data/ding.mp3', { kind: 'file', path: '/data/ding.mp3' }],
    ['"http://h/a.mp3"', { kind: 'url', url: 'http://h/a.mp3' }],
    [`/${'home/'.repeat(40)}Doorbell1`, { kind: 'file', path: `/${'home/'.repeat(40)}Doorbell1` }],
    ['12:30 news.mp3', { kind: 'file', path: '12:30 news.mp3' }],
    ['http://h/a.mp3?x=1', { kind: 'url', url: 'http://h/a.mp3?x=1' }],
    [' HTTPS://h/a.mp3 ', { kind: 'url', url: 'HTTPS://h/a.mp3' }],
    ['sound:gong', { kind: 'chime', name: 'gong' }],
    [' "Sound: gong"\n', { kind: 'chime', name: 'gong' }],
    ['sound:gong.mp3', { kind: 'sound', name: 'gong.mp3' }],
    ['sound:门铃 2.mp3', { kind: 'sound', name: '门铃 2.mp3' }],
    [pathToFileURL('/data/a b.wav').href, { kind: 'file', path: '/data/a b.wav' }],
  ];
  for (const [text, source] of located) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(source)}`, () =>
      assert.deepEqual(audioSources(text), [source]));
  }

  it('takes streams and other async iterables, and flattens arrays in order', () => {
    const stream = new PassThrough();
    async function* chunks(): AsyncGenerator<Buffer> {
      await setImmediate();
      yield Buffer.alloc(1);
    }
    const live = chunks();
    const kinds = audioSources(['a.wav', [stream, ['http://h/b']], live], ALAW);
    assert.deepEqual(kinds, [
      { kind: 'file', path: 'a.wav', format: ALAW },
      { kind: 'live', chunks: stream, format: ALAW },
      { kind: 'url', url: 'http://h/b', format: ALAW },
      { kind: 'live', chunks: live, format: ALAW },
    ]);
  });

  const refused: [name: string, value: unknown, message: RegExp][] = [
    ['nothing', undefined, /expected a Buffer, the path .* not nothing/],
    ['null', null, /not null/],
    ['a number', 7, /not a value of type number/],
    ['a boolean', true, /not a value of type boolean/],
    ['an object', { path: 'a.mp3' }, /not a value of type object/],
    ['an empty text', '  ', /the text is empty/],
    ['an empty array', [], /the array is empty/],
    ['an array with a hole in it', ['a.mp3', undefined], /not nothing/],
    ['a path with a zero', 'a\0.mp3', /came as text/],
    ['a broken URL', 'http://', /valid URL/],
    ['rtsp', 'rtsp://h/stream1', /rtsp: addresses cannot be played/],
    ['data without a comma', 'data:audio/wav;base64', /comma/],
    ['a Buffer through JSON with a value that is no byte', { type: 'Buffer', data: [82, 256] }, /with type, data/],
    ['one with half a byte', { type: 'Buffer', data: [82, 0.5] }, /with type, data/],
    ['an array of numbers', [82, 73], /array of numbers/],
    ...[
      '',
      ' ',
      '.',
      '..',
      '../a',
      'a/../../b',
      '/etc/passwd',
      'a\\b',
      'C:a',
      'a\0.mp3',
      '.hidden',
      'x'.repeat(256),
    ].map((name): [string, unknown, RegExp] => [
      `the sound ${JSON.stringify(name)}`,
      `sound:${name}`,
      /expected a name behind sound:/,
    ]),
    [
      'an object whose properties throw',
      {
        get type() {
          throw new Error('no');
        },
      },
      /cannot be read/,
    ],
    ['a path that no system has', 'x'.repeat(5_000), /a text of 5000 characters/],
    ['a file URL of another machine', 'file://server/share/a.mp3', /file: URL of this machine/],
  ];
  for (const [name, value, message] of refused) {
    it(`refuses ${name}`, () => {
      if (process.platform === 'win32' && name.startsWith('a file URL')) return;
      assert.throws(() => audioSources(value), coded('TALK_ERR_ARGUMENT', message));
    });
  }

  it('refuses an array that holds itself, and one of too many pieces', () => {
    const around: unknown[] = ['a.mp3'];
    around.push(around);
    assert.throws(() => audioSources(around), coded('TALK_ERR_ARGUMENT'));
    assert.throws(() => audioSources(new Array(1001).fill('a.mp3')), coded('TALK_ERR_ARGUMENT', /at most 1000/));
  });

  it('refuses a Buffer that is larger than a file may be, before it is copied anywhere', () => {
    const limit = Buffer.alloc(MAX_SOURCE_BYTES + 1);
    assert.throws(() => audioSources(['a.wav', limit]), coded('TALK_ERR_SOURCE', /larger than 134217728 bytes/));
    assert.equal(audioSources(limit.subarray(1)).length, 1);
  });

  it('calls an empty Buffer no audio', () => {
    assert.throws(() => audioSources(Buffer.alloc(0)), coded('TALK_ERR_AUDIO', /empty/));
    assert.throws(() => audioSources(['a.mp3', new ArrayBuffer(0)]), coded('TALK_ERR_AUDIO'));
  });

  it('shows no password of an address', () => {
    for (const url of [
      'rtsp://admin:s3cret@h/1',
      'http://admin:s3cret@',
      'ftp://a:s3cret@b@h',
      'file://a:s3cret@h/x',
    ]) {
      assert.doesNotMatch(thrown(() => audioSources(url)).message, /s3cret/);
    }
  });

  it('survives a stream that fails before anybody reads it', async () => {
    const stream = createReadStream('/nowhere/at/all.wav');
    audioSources(stream);
    await once(stream, 'close').catch(() => undefined);
    assert.ok(stream.errored);
  });
});

describe('discardSources', () => {
  it('ends streams and generators, and leaves the rest alone', async () => {
    let ended = false;
    async function* chunks(): AsyncGenerator<Buffer> {
      try {
        yield Buffer.alloc(1);
        await setImmediate();
      } finally {
        ended = true;
      }
    }
    const started = chunks();
    await started.next();
    const stream = Readable.from([Buffer.alloc(1)]);
    discardSources(audioSources([stream, started, 'a.mp3']));
    await setImmediate();
    assert.equal(stream.destroyed, true);
    assert.equal(ended, true);
  });
});
