// What flows send instead of a plain Buffer or path: what of it is spoken, and what the rest is told. Each row as it comes out of Node-RED.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { runInNewContext } from 'node:vm';
import { path as realFfmpeg } from '@ffmpeg-installer/ffmpeg';
import fc from 'fast-check';
import { messageSources } from '../../nodes/talk/request.js';
import { decode } from '../../src/audio/decode.js';
import { monotonicClock } from '../../src/clock.js';
import { isTalkError, type TalkErrorCode } from '../../src/errors.js';
import { parseFormat } from '../../src/sound/format.js';
import { collect } from '../helpers/collect.js';
import { assertLike } from '../helpers/heard.js';

const NO_FFMPEG = '/nowhere/ffmpeg';
const fixture = (name: string): string => join(__dirname, '../fixtures/audio', name);
const WAV = readFileSync(fixture('wav-plain.wav'));
const MP3 = readFileSync(fixture('mp3-plain.mp3'));
const FLAC = readFileSync(fixture('speech.flac'));
const PCM = readFileSync(fixture('raw-16k-s16le.pcm'));
const RAW = { encoding: 's16le', sampleRate: 16_000, channels: 1 };

/** Memory of its own, as typed arrays of more than one byte need. */
const memory = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
const shorts = new Int16Array(memory(PCM));
const floats = Float32Array.from(shorts, (sample) => sample / 32_768);

async function heard(msg: object, ffmpegPath = NO_FFMPEG): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for (const source of messageSources({ ...msg }, {}, Reflect.get(msg, 'payload'), (path) => join('/', path))) {
    const options = { sampleRate: 8_000, maxSeconds: 600, clock: monotonicClock, ffmpegPath };
    pieces.push(...(await collect(decode(source, options))));
  }
  return Float32Array.from(pieces.flatMap((piece) => [...piece]));
}

async function refusal(msg: object, ffmpegPath = NO_FFMPEG): Promise<{ code: TalkErrorCode; message: string }> {
  try {
    await heard(msg, ffmpegPath);
  } catch (error) {
    assert.ok(isTalkError(error), String(error));
    return error;
  }
  assert.fail('was spoken');
}

describe('payloads that are spoken', () => {
  const rows: [name: string, msg: object][] = [
    ['base64 of a WAV', { payload: WAV.toString('base64') }],
    ['base64 of an MP3', { payload: MP3.toString('base64') }],
    ['base64 with line ends', { payload: `${WAV.toString('base64').replace(/.{76}/g, '$&\r\n')}\n` }],
    ['base64 for URLs, without padding', { payload: WAV.toString('base64url') }],
    ['base64 of raw samples with msg.format', { payload: PCM.toString('base64'), format: RAW }],
    ['a data: URL', { payload: `data:audio/mpeg;base64,${MP3.toString('base64')}` }],
    ['a data: URL with parameters', { payload: ` DATA:audio/wav;name=x;BASE64,${WAV.toString('base64')}\n` }],
    [
      'a data: URL without base64',
      { payload: `data:audio/wav,${[...WAV].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('')}` },
    ],
    ['a Buffer that went through JSON', { payload: JSON.parse(JSON.stringify(WAV)) as unknown }],
    ['one of them in an array', { payload: [JSON.parse(JSON.stringify(WAV)) as unknown] }],
    ['a Buffer through JSON with msg.format', { payload: JSON.parse(JSON.stringify(PCM)) as unknown, format: RAW }],
    ['an Int16Array', { payload: shorts, format: RAW }],
    [
      'an Int16Array of a Function node',
      { payload: runInNewContext('Int16Array.from(s)', { s: shorts }) as unknown, format: RAW },
    ],
    [
      'an Int16Array that begins within its memory',
      { payload: new Int16Array(memory(Buffer.concat([Buffer.alloc(64, 1), PCM])), 64), format: RAW },
    ],
    ['a Float32Array', { payload: floats, format: { ...RAW, encoding: 'f32le' } }],
    ['a Float64Array', { payload: Float64Array.from(floats), format: { ...RAW, encoding: 'float64' } }],
    ['a DataView', { payload: new DataView(memory(WAV)) }],
    ['a Uint8ClampedArray', { payload: new Uint8ClampedArray(memory(WAV)) }],
    ['an Int8Array', { payload: new Int8Array(memory(PCM)), format: RAW }],
    ['a WAV in an Int16Array', { payload: new Int16Array(memory(WAV)) }],
    ['format "mp3" beside an MP3', { payload: MP3, format: 'mp3' }],
    ['format "wav" beside a WAV', { payload: WAV, format: 'WAV' }],
    ['format "audio/mpeg" beside an MP3', { payload: MP3, format: 'audio/mpeg' }],
    ['format "audio/wav; codec=1"', { payload: WAV, format: 'audio/wav; codec=1' }],
    ['format { encoding: "wav" }', { payload: WAV, format: { encoding: 'wav', sampleRate: 16_000 } }],
    ['a path with a line end', { payload: `${fixture('wav-plain.wav')}\r\n` }],
    ['a path in quotation marks', { payload: `"${fixture('wav-plain.wav')}"` }],
    ['a path in others', { payload: ` '${fixture('wav-plain.wav')}'\n` }],
    ['file: with one slash', { payload: `file:${fixture('wav-plain.wav')}` }],
    ['a file: URL in quotation marks', { payload: `"file://${fixture('wav-plain.wav')}"` }],
  ];
  let plain: Float32Array;
  let plainMp3: Float32Array;
  before(async () => {
    plain = await heard({ payload: WAV });
    plainMp3 = await heard({ payload: MP3 });
  });
  for (const [name, msg] of rows) {
    it(name, async () => assertLike(await heard(msg), /MP3|mpeg|data: URL$/.test(name) ? plainMp3 : plain, {}));
  }

  it('a path in the home folder', async () => {
    const folder = mkdtempSync(join(homedir(), '.shapes-'));
    try {
      writeFileSync(join(folder, 'a b.wav'), WAV);
      assertLike(await heard({ payload: `~/${relative(homedir(), folder)}/a b.wav` }), plain, {});
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a file in a folder called ~ needs a dot', async () => {
    const { message } = await refusal({ payload: './~/ding.wav' });
    assert.match(message, /~\/ding\.wav does not exist$/);
  });

  it('large typed arrays are taken as they are, not walked or copied', () => {
    const payload = new Float32Array(25_000_000);
    for (const [value, format] of [
      [payload, 'f32le'],
      [new Uint8ClampedArray(payload.buffer), 'u8'],
      [new DataView(payload.buffer), 'u8'],
    ] as const) {
      const [source] = messageSources({ format }, {}, value, String);
      assert.ok(source?.kind === 'bytes' && source.bytes.buffer === payload.buffer);
    }
  });
});

describe('payloads that are not, and what leads on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shapes-'));
  after(() => rmSync(folder, { recursive: true }));
  const RAW_EXAMPLE = /msg\.format, such as \{ "encoding": "s16le", "sampleRate": 16000, "channels": 1 \}/;
  const READ_ALOUD = /To have words said, send them as msg\.say, or choose a voice in the node/;
  const AS_TEXT = /came as text.*http request node return a binary buffer.*file in node a single Buffer/;

  const rows: [name: string, msg: object, code: TalkErrorCode, ...says: RegExp[]][] = [
    ['an MP3 as UTF-8', { payload: MP3.toString() }, 'TALK_ERR_ARGUMENT', AS_TEXT],
    ['a WAV as UTF-8', { payload: WAV.toString() }, 'TALK_ERR_ARGUMENT', AS_TEXT],
    ['a WAV as Latin-1', { payload: WAV.toString('latin1') }, 'TALK_ERR_ARGUMENT', AS_TEXT],
    ['an MP3 as Latin-1', { payload: MP3.toString('latin1') }, 'TALK_ERR_ARGUMENT', AS_TEXT],
    ['a FLAC as UTF-8', { payload: FLAC.toString() }, 'TALK_ERR_ARGUMENT', AS_TEXT],
    ['raw samples as UTF-8', { payload: PCM.toString(), format: RAW }, 'TALK_ERR_ARGUMENT', AS_TEXT],
    ['an array of byte values', { payload: [...WAV] }, 'TALK_ERR_ARGUMENT', /array of numbers.*Buffer\.from/],
    ['an array of samples', { payload: [0.1, -0.5], format: RAW }, 'TALK_ERR_ARGUMENT', /array of numbers.*Int16Array/],
    ['base64 of raw samples', { payload: PCM.toString('base64') }, 'TALK_ERR_ARGUMENT', /base64/, RAW_EXAMPLE],
    ['raw samples without a format', { payload: PCM }, 'TALK_ERR_AUDIO', RAW_EXAMPLE],
    [
      'an Int16Array without a format',
      { payload: shorts },
      'TALK_ERR_ARGUMENT',
      /an Int16Array holds samples/,
      RAW_EXAMPLE,
    ],
    ['a Float32Array without one', { payload: floats }, 'TALK_ERR_ARGUMENT', /a Float32Array.*"encoding": "f32le"/],
    [
      'a Float32Array that shall be s16le',
      { payload: floats, format: 's16le' },
      'TALK_ERR_ARGUMENT',
      /f32le, but msg\.format says s16le/,
    ],
    ['raw samples called mp3', { payload: PCM, format: 'mp3' }, 'TALK_ERR_AUDIO', RAW_EXAMPLE],
    ['a sentence', { payload: 'Hello, somebody is at the door' }, 'TALK_ERR_SOURCE', /door does not exist/, READ_ALOUD],
    ['a sentence with a full stop', { payload: 'Dinner is ready.' }, 'TALK_ERR_SOURCE', READ_ALOUD],
    ['one word', { payload: 'Hello' }, 'TALK_ERR_SOURCE', READ_ALOUD],
    ['a Chinese sentence', { payload: '有人在门口' }, 'TALK_ERR_SOURCE', READ_ALOUD],
    ['two lines', { payload: 'Dinner is ready.\nCome down!' }, 'TALK_ERR_SOURCE', READ_ALOUD],
    ['a sentence too long for a name', { payload: 'Dinner is ready. '.repeat(100) }, 'TALK_ERR_SOURCE', READ_ALOUD],
    ['a story', { payload: 'Once upon a time, there was. '.repeat(1_000) }, 'TALK_ERR_ARGUMENT', READ_ALOUD],
    ['JSON', { payload: '{"audioContent":"UklGR"}' }, 'TALK_ERR_ARGUMENT', /JSON: put a json node in front/],
    ['a Buffer as JSON text', { payload: JSON.stringify(WAV) }, 'TALK_ERR_ARGUMENT', /json node/],
    ['a web page', { payload: '<!doctype html><p>404</p>' }, 'TALK_ERR_ARGUMENT', /a web page/],
    [
      'the answer of a service',
      { payload: { audioContent: 'UklGR', x: 1 } },
      'TALK_ERR_ARGUMENT',
      /object with audioContent, x: send the property/,
    ],
    [
      'the time of an inject node',
      { payload: 1_700_000_000_000 },
      'TALK_ERR_ARGUMENT',
      /type number: an inject node sends the time/,
    ],
    ['an empty data: URL', { payload: 'data:audio/wav;base64,' }, 'TALK_ERR_AUDIO', /empty/],
    [
      'a picture as data: URL',
      { payload: 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==' },
      'TALK_ERR_AUDIO',
      /This is a picture \(PNG\), not audio/,
    ],
    ['a path to nowhere', { payload: '/data/none.mp3\n' }, 'TALK_ERR_SOURCE', /\/data\/none\.mp3 does not exist$/],
    ['a relative file: URL', { payload: 'file:ding.mp3' }, 'TALK_ERR_ARGUMENT', /such as file:\/\/\/data\/ding\.mp3/],
    [
      'format sample_rate',
      { payload: PCM, format: { encoding: 's16le', sample_rate: 16_000 } },
      'TALK_ERR_ARGUMENT',
      /no "sample_rate"; sampleRate was probably meant/,
    ],
    [
      'format rate',
      { payload: PCM, format: { encoding: 's16le', rate: 16_000 } },
      'TALK_ERR_ARGUMENT',
      /"rate"; sampleRate/,
    ],
    ['format bits', { payload: PCM, format: { encoding: 's16le', bits: 16 } }, 'TALK_ERR_ARGUMENT', /"bits"; encoding/],
    [
      'format bitDepth',
      { payload: PCM, format: { ...RAW, bitDepth: 16 } },
      'TALK_ERR_ARGUMENT',
      /"bitDepth"; encoding/,
    ],
    ['format chanels', { payload: PCM, format: { ...RAW, chanels: 2 } }, 'TALK_ERR_ARGUMENT', /"chanels"; channels/],
    [
      'format xyz',
      { payload: PCM, format: { ...RAW, xyz: 2 } },
      'TALK_ERR_ARGUMENT',
      /no "xyz" \(it has encoding, sampleRate, channels\)$/,
    ],
    [
      'format of Gemini',
      { payload: PCM, format: 'audio/L16;codec=pcm;rate=24000' },
      'TALK_ERR_ARGUMENT',
      /as in \{"encoding":"s16le","sampleRate":24000,"channels":1\}/,
    ],
    [
      'format of Azure',
      { payload: PCM, format: 'raw-16khz-16bit-mono-pcm' },
      'TALK_ERR_ARGUMENT',
      /"s16le","sampleRate":16000/,
    ],
    ['format PCMA/8000', { payload: PCM, format: 'PCMA/8000' }, 'TALK_ERR_ARGUMENT', /"alaw","sampleRate":8000/],
  ];
  for (const [name, msg, code, ...says] of rows) {
    for (const ffmpegPath of [NO_FFMPEG, realFfmpeg]) {
      it(`${name}${ffmpegPath === NO_FFMPEG ? ', no ffmpeg' : ''}`, async () => {
        const error = await refusal(msg, ffmpegPath);
        assert.equal(error.code, code, error.message);
        for (const words of says) assert.match(error.message, words);
        assert.doesNotMatch(error.message, /install ffmpeg|apt |undefined|\[object/i);
        assert.ok(error.message.length <= 400, String(error.message.length));
      });
    }
  }

  it('a Buffer that holds text', async () => {
    for (const [text, says] of [
      [WAV.toString('base64'), /This is base64 text, not audio\. Make a Buffer of it/],
      ['{"error":"quota"}', /This is JSON, not audio\. If the sound stands in it/],
      ['<html>Log in', /This is a web page or XML, not audio\. A server/],
      ['#EXTM3U\nhttp://h/x', /This is a playlist, not audio\. Send the address/],
      ['Dinner is ready', /This is plain text, not audio\. To have words said/],
    ] as const) {
      const error = await refusal({ payload: Buffer.from(text) });
      assert.equal(error.code, 'TALK_ERR_AUDIO');
      assert.match(error.message, says);
    }
  });

  it('names what needs ffmpeg, and ffmpeg only then', async () => {
    for (const [file, name] of [
      ['speech.flac', 'FLAC'],
      ['speech.ogg', 'Ogg (Opus, Vorbis)'],
      ['speech.m4a', 'M4A or MP4 (AAC)'],
    ] as const) {
      const error = await refusal({ payload: readFileSync(fixture(file)) });
      assert.equal(error.code, 'TALK_ERR_FFMPEG');
      assert.ok(error.message.startsWith(`${name} needs ffmpeg, and /nowhere/ffmpeg cannot be run. Install it (apt`));
    }
  });
});

describe('any text', () => {
  it('is a place, bytes, or told what to do; its words stay whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        try {
          for (const source of messageSources({}, {}, text, (path) => path)) {
            if (source.kind === 'file') assert.ok(text.includes(source.path));
          }
        } catch (error) {
          assert.ok(isTalkError(error), String(error));
        }
      }),
    );
  });

  it('of base64 is what was written, whatever the samples', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 192, maxLength: 2_000 }), async (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        fc.pre(/[A-Z]/.test(text) && /[a-z]/.test(text) && /\d/.test(text));
        const [source] = messageSources({ format: parseFormat('alaw') }, {}, text, String);
        assert.ok(source?.kind === 'bytes');
        assert.deepEqual(Buffer.from(source.bytes), Buffer.from(bytes));
        await Promise.resolve();
      }),
    );
  });
});
