// Everything a flow or a camera can get wrong: one done(error) with the contract's code and a sentence, what waits is said, the node goes on working.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { isTalkError, type TalkErrorCode } from '../../src/errors.js';
import { heardMs, marked, wav } from '../helpers/marked-clips.js';
import { nodeRuntime, type Message, type Outcome } from '../helpers/node-runtime.js';

const FIXTURES = resolve(__dirname, '..', 'fixtures', 'audio');
const GOOD = 0x2c;
const goodMessage = (): Message => ({ payload: marked(GOOD, 20), format: 'alaw' });

interface BadInput {
  readonly name: string;
  readonly code: TalkErrorCode;
  /** What the sentence must name. */
  readonly says: RegExp;
  readonly msg: () => Message;
  /** What the same node is sent afterwards; `never` when its configuration is what is wrong. */
  readonly next?: Message | 'never';
  /** Properties of the talk node. */
  readonly talk?: Readonly<Record<string, unknown>>;
  /** Streams cannot be cloned for the Catch node. */
  readonly alone?: true;
  readonly environment?: Readonly<Record<string, string>>;
}

describe('bad input', () => {
  const runtime = nodeRuntime();
  const folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
  const at = (name: string): string => join(folder, name);
  let server: Server;
  let url = '';

  before(async () => {
    writeFileSync(at('text.mp3'), 'This is no music at all.\n'.repeat(100));
    writeFileSync(at('empty.wav'), '');
    writeFileSync(at('cut.mp3'), readFileSync(join(FIXTURES, 'speech-44k-stereo.mp3')).subarray(0, 9_000));
    writeFileSync(at('cut.wav'), wav(200).subarray(0, 1_000));
    symlinkSync(at('loop.wav'), at('loop.wav'));
    execFileSync('mkfifo', [at('pipe.wav')]);
    server = createServer((request, response) => {
      if (request.url === '/page') response.end('<!doctype html><title>Log in</title>');
      else if (request.url === '/broken') {
        response.writeHead(200, { 'content-length': 100_000 });
        response.write(wav(200), () => response.destroy());
      } else response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    url = `http://127.0.0.1:${address.port}`;
  });

  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  /** A WAV whose header says something else at one place. */
  const wavWith = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = wav(100);
    change(bytes);
    return bytes;
  };

  const messages: BadInput[] = [
    // --- nothing to say ---
    { name: 'no payload', code: 'TALK_ERR_ARGUMENT', says: /Buffer.*path.*URL/, msg: () => ({}) },
    { name: 'an empty payload', code: 'TALK_ERR_ARGUMENT', says: /Nothing to say/, msg: () => ({ payload: '' }) },
    { name: 'blanks as payload', code: 'TALK_ERR_ARGUMENT', says: /empty/, msg: () => ({ payload: '  ' }) },
    {
      name: 'a wrong property',
      code: 'TALK_ERR_ARGUMENT',
      says: /audio\.file\.path|Nothing to say/,
      msg: () => ({ payload: 'x.wav' }),
      talk: { audio: 'audio.file.path' },
      next: { audio: { file: { path: marked(GOOD, 20) } }, format: 'alaw' },
    },
    {
      name: 'no property',
      code: 'TALK_ERR_ARGUMENT',
      says: /Nothing to say/,
      msg: () => ({ payload: 'x.wav' }),
      talk: { audio: '' },
      next: 'never',
    },
    {
      name: 'an expression that fails',
      code: 'TALK_ERR_ARGUMENT',
      says: /audio property could not be evaluated: .*x\.wav/,
      msg: () => ({ payload: 'x.wav' }),
      talk: { audio: '$type(payload) = "string" ? $number(payload) : payload', audioType: 'jsonata' },
    },
    {
      name: 'an expression that is none',
      code: 'TALK_ERR_ARGUMENT',
      says: /property|expression/,
      msg: () => ({ payload: 'x.wav' }),
      talk: { audio: '$(((', audioType: 'jsonata' },
      next: 'never',
    },
    {
      name: 'an environment variable that is not set',
      code: 'TALK_ERR_ARGUMENT',
      says: /Nothing to say/,
      msg: () => ({}),
      talk: { audio: 'NOT_SET_ANYWHERE', audioType: 'env' },
      next: 'never',
    },
    {
      name: 'a flow variable that is not set',
      code: 'TALK_ERR_ARGUMENT',
      says: /Nothing to say/,
      msg: () => ({}),
      talk: { audio: 'notset', audioType: 'flow' },
      next: 'never',
    },
    // --- not audio at all ---
    { name: 'a number', code: 'TALK_ERR_ARGUMENT', says: /Buffer.*number/, msg: () => ({ payload: 5 }) },
    { name: 'true', code: 'TALK_ERR_ARGUMENT', says: /Buffer.*boolean/, msg: () => ({ payload: true }) },
    { name: 'an object', code: 'TALK_ERR_ARGUMENT', says: /Buffer.*object/, msg: () => ({ payload: { a: 1 } }) },
    { name: 'an empty array', code: 'TALK_ERR_ARGUMENT', says: /array is empty/, msg: () => ({ payload: [] }) },
    {
      name: 'an array with a number in it',
      code: 'TALK_ERR_ARGUMENT',
      says: /number/,
      msg: () => ({ payload: [marked(0x20, 20), 7], format: 'alaw' }),
    },
    {
      name: 'an ftp address',
      code: 'TALK_ERR_ARGUMENT',
      says: /ftp/,
      msg: () => ({ payload: 'ftp://127.0.0.1/x.wav' }),
    },
    { name: 'half an address', code: 'TALK_ERR_ARGUMENT', says: /URL/, msg: () => ({ payload: 'http://' }) },
    // --- properties of the message ---
    ...(
      [
        ['gain', 'loud', /gain.*-40.*20.*"loud"/],
        ['gain', 21, /gain.*-40.*20/],
        ['normalize', 'perhaps', /normalize.*true or false/],
        ['whenBusy', 'never', /whenBusy.*queue, interrupt, replace, drop.*"never"/],
        ['priority', 'high', /priority.*number/],
        ['retries', -1, /retries.*0/],
        ['retries', 1.5, /retries.*whole number/],
        ['chime', 5, /chime.*ding, dingdong, alert/],
        ['format', 'opera', /format.*alaw/],
        ['format', { encoding: 's16le', sampleRate: 12 }, /sampleRate.*1000/],
        ['format', 7, /format/],
        ['camera', 'back dor', /no camera is called "back dor".*front/],
        ['camera', ['front', 'back dor'], /no camera is called "back dor"/],
        ['camera', 'y'.repeat(100_000), /no camera is called "y{60}…"; known are/],
        ['camera', 7, /msg\.camera.*name/],
        ['camera', [], /msg\.camera.*name/],
        ['camera', [''], /msg\.camera.*name/],
        ['action', 'sing', /msg\.action.*stop, skip, connect, disconnect.*"sing"/],
      ] as const
    ).map(([property, value, says]): BadInput => ({
      name: `msg.${property} ${JSON.stringify(value)}`,
      code: 'TALK_ERR_ARGUMENT',
      says,
      msg: () => ({ ...goodMessage(), [property]: value }),
    })),
    {
      name: 'a built-in chime that does not exist',
      code: 'TALK_ERR_SOURCE',
      says: /bell/,
      msg: () => ({ ...goodMessage(), chime: 'bell' }),
    },
    // --- files and addresses ---
    { name: 'a missing file', code: 'TALK_ERR_SOURCE', says: /no\.wav/, msg: () => ({ payload: at('no.wav') }) },
    {
      name: 'a missing msg.filename',
      code: 'TALK_ERR_SOURCE',
      says: /no\.wav/,
      msg: () => ({ filename: at('no.wav') }),
    },
    { name: 'a folder', code: 'TALK_ERR_SOURCE', says: /folder/, msg: () => ({ payload: folder }) },
    { name: 'a pipe', code: 'TALK_ERR_SOURCE', says: /regular file/, msg: () => ({ payload: at('pipe.wav') }) },
    {
      name: 'a file that cannot be read',
      code: 'TALK_ERR_SOURCE',
      says: /loop\.wav.*read/,
      msg: () => ({ payload: at('loop.wav') }),
    },
    { name: 'an address without a file', code: 'TALK_ERR_SOURCE', says: /404/, msg: () => ({ payload: `${url}/no` }) },
    {
      name: 'an address where nobody is',
      code: 'TALK_ERR_SOURCE',
      says: /127\.0\.0\.1:1\/x\.wav/,
      msg: () => ({ payload: 'http://someone:secret@127.0.0.1:1/x.wav?token=secret' }),
    },
    {
      name: 'an address that breaks off',
      code: 'TALK_ERR_SOURCE',
      says: /broke off/,
      msg: () => ({ payload: `${url}/broken` }),
    },
    {
      name: 'a clip over the limit',
      code: 'TALK_ERR_SOURCE',
      says: /longer than.*0\.5 s/,
      msg: () => ({ payload: wav(600) }),
      talk: { maxSeconds: 0.5 },
    },
    {
      name: 'a raw clip over the limit',
      code: 'TALK_ERR_SOURCE',
      says: /longer than.*0\.5 s/,
      msg: () => ({ payload: marked(0x20, 600), format: 'alaw' }),
      talk: { maxSeconds: '0.5' },
    },
    {
      name: 'an array over the limit',
      code: 'TALK_ERR_SOURCE',
      says: /longer than.*0\.5 s/,
      msg: () => ({ payload: [wav(300), wav(300)] }),
      talk: { maxSeconds: 0.5 },
    },
    // --- what holds no sound ---
    { name: 'a zero-length Buffer', code: 'TALK_ERR_AUDIO', says: /empty/, msg: () => ({ payload: Buffer.alloc(0) }) },
    { name: 'an empty file', code: 'TALK_ERR_AUDIO', says: /empty/, msg: () => ({ payload: at('empty.wav') }) },
    {
      name: 'an MP3 that came as text',
      code: 'TALK_ERR_ARGUMENT',
      says: /came as text.*binary buffer.*single Buffer object/,
      msg: () => ({ payload: readFileSync(join(FIXTURES, 'speech-24k.mp3'), 'utf8') }),
    },
    {
      name: 'a sentence',
      code: 'TALK_ERR_SOURCE',
      says: /Dinner is ready does not exist\. To have words said, send them as msg\.say/,
      msg: () => ({ payload: 'Dinner is ready' }),
    },
    {
      name: 'raw samples without msg.format',
      code: 'TALK_ERR_AUDIO',
      says: /msg\.format, such as \{ "encoding": "s16le", "sampleRate": 16000/,
      msg: () => ({ payload: readFileSync(join(FIXTURES, 'raw-16k-s16le.pcm')) }),
      environment: { FFMPEG_PATH: '', PATH: folder },
    },
    {
      name: 'a picture',
      code: 'TALK_ERR_AUDIO',
      says: /picture \(JPEG\)/,
      msg: () => ({ payload: readFileSync(join(FIXTURES, 'picture.jpg')) }),
    },
    {
      name: 'text renamed .mp3',
      code: 'TALK_ERR_AUDIO',
      says: /text/,
      msg: () => ({ payload: at('text.mp3') }),
    },
    { name: 'a web page', code: 'TALK_ERR_AUDIO', says: /web page/, msg: () => ({ payload: `${url}/page` }) },
    { name: 'a cut MP3', code: 'TALK_ERR_AUDIO', says: /cut off/, msg: () => ({ payload: at('cut.mp3') }) },
    {
      name: 'a cut WAV',
      code: 'TALK_ERR_AUDIO',
      says: /cut off|truncated|ends/,
      msg: () => ({ payload: at('cut.wav') }),
    },
    {
      name: 'a WAV without channels',
      code: 'TALK_ERR_AUDIO',
      says: /channel/,
      msg: () => ({ payload: wavWith((bytes) => bytes.writeUInt16LE(0, 22)) }),
    },
    {
      name: 'a WAV of 4 GHz',
      code: 'TALK_ERR_AUDIO',
      says: /rate|Hz/,
      msg: () => ({ payload: wavWith((bytes) => bytes.writeUInt32LE(0xffff_fff0, 24)) }),
    },
    {
      name: 'a WAV of 65535 bits',
      code: 'TALK_ERR_AUDIO',
      says: /bit/,
      msg: () => ({ payload: wavWith((bytes) => bytes.writeUInt16LE(0xffff, 34)) }),
    },
    {
      name: 'a WAV without samples',
      code: 'TALK_ERR_AUDIO',
      says: /no sound|empty/,
      msg: () => ({ payload: wav(0) }),
    },
    {
      name: 'a WAV of three bytes',
      code: 'TALK_ERR_AUDIO',
      says: /./,
      msg: () => ({ payload: Buffer.from('RIF') }),
    },
    {
      name: 'noise that no decoder knows',
      code: 'TALK_ERR_AUDIO',
      says: /./,
      msg: () => ({ payload: Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * n * 7) % 251)) }),
      environment: { FFMPEG_PATH: ffmpeg.path },
    },
    {
      name: 'a format that needs ffmpeg, without ffmpeg',
      code: 'TALK_ERR_FFMPEG',
      says: /apt install ffmpeg.*tplinkTalkFfmpegPath/,
      msg: () => ({ payload: readFileSync(join(FIXTURES, 'speech.ogg')) }),
      environment: { FFMPEG_PATH: '', PATH: folder },
    },
    // --- streams ---
    {
      name: 'a stream without a format',
      code: 'TALK_ERR_ARGUMENT',
      says: /msg\.format.*alaw/,
      msg: () => ({ payload: Readable.from([marked(0x91, 40)]) }),
      alone: true,
    },
    {
      name: 'a stream of texts',
      code: 'TALK_ERR_ARGUMENT',
      says: /Buffers.*string/,
      msg: () => ({ payload: Readable.from(['one', 'two']), format: 'alaw' }),
      alone: true,
    },
    {
      name: 'a stream that fails',
      code: 'TALK_ERR_SOURCE',
      says: /stream/,
      msg: () => ({ payload: createReadStream(at('no.wav')), format: 'alaw' }),
      alone: true,
    },
  ];

  for (const { name, code, says, msg, next = goodMessage(), talk = {}, alone, environment = {} } of messages) {
    it(`${name}: ${code}`, async () => {
      const before = new Map(Object.keys(environment).map((key) => [key, process.env[key]]));
      Object.assign(process.env, environment);
      try {
        const camera = await runtime.simulate();
        const flow = await runtime.load({
          cameras: [{ at: camera, name: 'front', leadInMs: 0 }],
          talks: [{ retries: 0, ...talk }, { id: 'behind' }],
          ...(alone === undefined ? {} : { alone }),
        });
        // A clip behind the bad one, from another node; then the same node again.
        const [failed, waited] = await Promise.all([flow.send(msg()), flow.send(goodMessage(), 'behind')]);
        assertFailure(failed, code, says);
        assert.ok(waited.out !== undefined, 'what waited behind the bad message was lost');
        await flow.untilShowing(`red ring ${code}`);

        assert.deepEqual([flow.caught.length, flow.completed.length], alone === undefined ? [1, 1] : [0, 0]);

        if (next === 'never') return;
        assert.ok((await flow.send({ ...next })).out !== undefined, 'the node does not work any more');
        assert.deepEqual(heardMs(camera.sessions), { [GOOD]: 40 });
      } finally {
        for (const [key, value] of before) {
          if (value === undefined) Reflect.deleteProperty(process.env, key);
          else process.env[key] = value;
        }
      }
    });
  }

  /** One done(error), which the Catch node sees once and the Complete node not at all. */
  function assertFailure(failed: Outcome, code: TalkErrorCode, says: RegExp): void {
    const { error, msg } = failed.done;
    assert.ok(isTalkError(error), `done(${String(error)})`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, says);
    assert.match(error.message, /^\S+( \S+){3}/, 'a sentence');
    assert.doesNotMatch(error.message, /undefined|\[object|NaN|secret/);
    assert.equal(failed.out, undefined);
    assert.equal(failed.completed, false);
    if (failed.caught === undefined) return;
    assert.equal(Reflect.get(Object(failed.caught['error']), 'code'), code);
    assert.ok(String(Reflect.get(Object(failed.caught['error']), 'message')).length <= 400);
    assert.equal(failed.caught['_msgid'], msg['_msgid']);
  }
});
