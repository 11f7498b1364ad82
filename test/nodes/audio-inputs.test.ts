// Every kind of audio and every place where a talk node may find it, in a real runtime, heard by a simulated camera.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { marked, markedWav, marksIn, wav } from '../helpers/marked-clips.js';
import { nodeRuntime, type FlowConfig, type Message } from '../helpers/node-runtime.js';
import type { Recording } from '../../src/simulator/index.js';

const isSilence = (code: number | undefined): boolean => code === 0xd5 || code === 0x55;

/** Of `msg.talk`. */
const secondsOf = (msg: Message): number => Number(Reflect.get(Object(msg['talk']), 'seconds'));

describe('what the audio may be', () => {
  const runtime = nodeRuntime();
  const environment = process.env['FFMPEG_PATH'];
  let folder = '';
  let server: Server;
  let url = '';

  before(async () => {
    process.env['FFMPEG_PATH'] = ffmpeg.path;
    folder = await mkdtemp(join(tmpdir(), 'audio-inputs-'));
    await writeFile(join(folder, 'clip.wav'), wav(100));
    for (const name of ['clip.mp3', 'clip.ogg', 'clip.m4a', 'clip.flac']) {
      await promisify(execFile)(ffmpeg.path, ['-v', 'error', '-i', join(folder, 'clip.wav'), join(folder, name)]);
    }
    server = createServer((request, response) => {
      if (request.url === '/clip.wav') response.end(wav(100));
      else if (request.url === '/moved') response.writeHead(302, { location: '/clip.wav' }).end();
      else response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    url = `http://127.0.0.1:${address.port}`;
  });

  after(async () => {
    if (environment === undefined) delete process.env['FFMPEG_PATH'];
    else process.env['FFMPEG_PATH'] = environment;
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  /** Sends one message through a fresh flow. */
  async function spoken(
    msg: Message,
    config: Omit<FlowConfig, 'cameras'> = {},
  ): Promise<{ out: Message; heard: Recording }> {
    const camera = await runtime.simulate();
    const flow = await runtime.load({ cameras: [{ at: camera }], ...config });
    const out = await flow.say(msg);
    return { out, heard: await camera.waitForTalkEnd() };
  }

  describe('bytes', () => {
    for (const [name, how] of [
      ['clip.wav', 'without ffmpeg'],
      ['clip.mp3', 'without ffmpeg'],
      ['clip.ogg', 'by ffmpeg of FFMPEG_PATH'],
      ['clip.m4a', 'by ffmpeg of FFMPEG_PATH'],
      ['clip.flac', 'by ffmpeg of FFMPEG_PATH'],
    ] as const) {
      it(`${name} as a Buffer, decoded ${how}`, async () => {
        const known = process.env['FFMPEG_PATH'];
        if (how === 'without ffmpeg') process.env['FFMPEG_PATH'] = '/nowhere/ffmpeg';
        try {
          const payload = await readFile(join(folder, name));
          const { out, heard } = await spoken({ payload });
          // Lossy formats begin and end with up to three frames of padding, 72 ms each (MPEG 2.5 at 8 kHz).
          assert.ok(secondsOf(out) >= 0.1 && secondsOf(out) <= 0.33, String(secondsOf(out)));
          assert.ok(heard.samples().some((sample) => Math.abs(sample) > 4_000));
          assert.equal(out['payload'], payload);
        } finally {
          process.env['FFMPEG_PATH'] = known;
        }
      });
    }

    it('a Uint8Array of a Function node, which comes from another realm', async () => {
      const bytes: unknown = runInNewContext('Uint8Array.from(bytes)', { bytes: [...marked(0x21, 100)] });
      const { heard } = await spoken({ payload: bytes, format: 'alaw' });
      assert.deepEqual(marksIn(heard), [[0x21, 100]]);
    });

    const shapes: [name: string, payload: unknown, format?: unknown][] = [
      ['base64', markedWav(0x21, 100).toString('base64')],
      ['a data: URL', `data:audio/wav;base64,${markedWav(0x21, 100).toString('base64')}`],
      ['a Buffer that went through JSON', JSON.parse(JSON.stringify(markedWav(0x21, 100)))],
      ['a DataView with msg.format', new DataView(new Uint8Array(marked(0x21, 100)).buffer), 'alaw'],
      ['a Buffer beside msg.format "wav"', markedWav(0x21, 100), 'wav'],
    ];
    for (const [name, payload, format] of shapes) {
      it(name, async () => {
        const { heard } = await spoken({ payload, ...(format === undefined ? {} : { format }) });
        assert.deepEqual(marksIn(heard), [[0x21, 100]]);
      });
    }

    // 16-bit samples of about half of full scale.
    const pcm = Buffer.alloc(1_600);
    for (let n = 0; n < 800; n++) pcm.writeInt16LE(16_764, 2 * n);
    const formats: [name: string, format: unknown, bytes: Buffer][] = [
      ['"mulaw"', 'mulaw', Buffer.alloc(800, 0x8f)],
      ['"s16le"', 's16le', pcm],
      ['8 kHz stereo', { encoding: 's16le', sampleRate: 8_000, channels: 2 }, Buffer.concat([pcm, pcm])],
      ['16 kHz mono', { encoding: 's16le', sampleRate: 16_000, channels: 1 }, Buffer.concat([pcm, pcm])],
    ];
    for (const [name, format, bytes] of formats) {
      it(`headerless audio with msg.format ${name}`, async () => {
        const { out, heard } = await spoken({ payload: bytes, format });
        assert.equal(secondsOf(out), 0.1);
        const loud = heard.samples().filter((sample) => sample > 1_000);
        // A resampler rings at both ends, a few samples long.
        assert.ok(Math.abs(loud.length - 800) <= 40, String(loud.length));
        // G.711: µ-law 0x8f is 16764, and A-law has 16896 as the nearest value.
        const middle = loud.slice(300, 500);
        assert.deepEqual([Math.min(...middle), Math.max(...middle)], [16_896, 16_896]);
        assert.deepEqual(out['format'], format);
      });
    }

    it('headerless audio with msg.format "alaw", bit by bit', async () => {
      const { heard } = await spoken({ payload: marked(0x2f, 100), format: 'alaw' });
      assert.deepEqual(marksIn(heard), [[0x2f, 100]]);
    });
  });

  describe('paths and addresses', () => {
    it('an absolute path', async () => {
      assert.equal(secondsOf((await spoken({ payload: join(folder, 'clip.wav') })).out), 0.1);
    });

    it('a path relative to fileWorkingDirectory', async () => {
      const { out } = await spoken({ payload: 'clip.wav' }, { settings: { fileWorkingDirectory: folder } });
      assert.equal(secondsOf(out), 0.1);
      assert.equal(out['payload'], 'clip.wav');
    });

    it('a path relative to the process folder, when fileWorkingDirectory has no such file', async () => {
      const payload = relative(process.cwd(), join(folder, 'clip.wav'));
      const { out } = await spoken({ payload }, { settings: { fileWorkingDirectory: join(folder, 'not', 'here') } });
      assert.equal(secondsOf(out), 0.1);
    });

    it('a path relative to the process folder without fileWorkingDirectory', async () => {
      const payload = relative(process.cwd(), join(folder, 'clip.wav'));
      const { out } = await spoken({ payload }, { settings: { fileWorkingDirectory: '' } });
      assert.equal(secondsOf(out), 0.1);
    });

    it('msg.filename, when the audio property is empty', async () => {
      for (const empty of [{}, { payload: '' }, { payload: null }]) {
        const { out } = await spoken({ ...empty, filename: join(folder, 'clip.wav') });
        assert.equal(secondsOf(out), 0.1);
        await runtime.unload();
      }
    });

    it('the audio property before msg.filename', async () => {
      const { heard } = await spoken({ payload: marked(0x20, 60), format: 'alaw', filename: '/nowhere/at/all.wav' });
      assert.deepEqual(marksIn(heard), [[0x20, 60]]);
    });

    it('an http address, also one that moved', async () => {
      for (const path of ['/clip.wav', '/moved']) {
        assert.equal(secondsOf((await spoken({ payload: url + path })).out), 0.1);
        await runtime.unload();
      }
    });
  });

  describe('streams', () => {
    async function* chunks(): AsyncGenerator<Buffer> {
      for (const code of [0x20, 0x21, 0x22]) {
        await Promise.resolve();
        yield marked(code, 40);
      }
    }

    it('a Readable with msg.format', async () => {
      const { out, heard } = await spoken({ payload: Readable.from(chunks()), format: 'alaw' }, { alone: true });
      assert.deepEqual(marksIn(heard), [
        [0x20, 40],
        [0x21, 40],
        [0x22, 40],
      ]);
      assert.equal(secondsOf(out), 0.12);
    });

    it('a Readable that starts like a WAV, without msg.format', async () => {
      const payload = createReadStream(join(folder, 'clip.wav'));
      assert.equal(secondsOf((await spoken({ payload }, { alone: true })).out), 0.1);
      assert.ok(payload.destroyed);
    });

    it('an async iterable', async () => {
      const { heard } = await spoken({ payload: chunks(), format: 'alaw' }, { alone: true });
      assert.equal(marksIn(heard).length, 3);
    });
  });

  it('an array of all these, as one announcement without a gap', async () => {
    const payload = [
      marked(0x20, 40),
      Readable.from([marked(0x21, 40)]),
      [marked(0x22, 40), join(folder, 'clip.wav')],
      `${url}/clip.wav`,
    ];
    const { out, heard } = await spoken({ payload, format: 'alaw' }, { alone: true });
    assert.equal(secondsOf(out), 0.32);
    const joined = Buffer.concat([marked(0x20, 40), marked(0x21, 40), marked(0x22, 40)]);
    // Nothing is lost or doubled; a starved machine may break the live piece with silence, no other.
    const sound = Buffer.from(heard.audio().filter((code) => !isSilence(code)));
    assert.equal(sound.indexOf(joined), 0, 'the first pieces are not joined');
    const [, , third] = marksIn(heard);
    assert.deepEqual(third, [0x22, 40]);
  });

  describe('the chime', () => {
    // Lengths as the help tells them.
    const builtIn: [name: string, seconds: number][] = [
      ['ding', 0.7],
      ['dingdong', 1.3],
      ['alert', 1.2],
    ];
    it(`built in: ${builtIn.map(([name]) => name).join(', ')}, first and without a gap`, async () => {
      const cameras = await Promise.all(builtIn.map(() => runtime.simulate()));
      const flow = await runtime.load({
        cameras: cameras.map((at, index) => ({ id: `camera${index}`, at })),
        talks: builtIn.map(([chime], index) => ({ id: chime, camera: `camera${index}`, chime, chimeType: 'builtin' })),
      });
      await Promise.all(
        builtIn.map(async ([chime, seconds], index) => {
          const out = await flow.say({ payload: marked(0x20, 40), format: 'alaw' }, chime);
          assert.equal(secondsOf(out), Math.round((seconds + 0.04) * 100) / 100);
          const bytes = (await (cameras[index] ?? assert.fail()).waitForTalkEnd()).audio();
          // After 20 ms of lead-in and the chime.
          assert.ok(bytes.indexOf(marked(0x20, 40)) >= (20 + seconds * 1_000) * 8);
          assert.ok(bytes.subarray(0, bytes.indexOf(marked(0x20, 40))).some((code) => !isSilence(code)));
        }),
      );
    });

    it('a path', async () => {
      const { out } = await spoken(
        { payload: marked(0x20, 40), format: 'alaw' },
        { talks: [{ chime: 'clip.wav', chimeType: 'str' }], settings: { fileWorkingDirectory: folder } },
      );
      assert.equal(secondsOf(out), 0.14);
    });

    it('none, whatever is left over in the field', async () => {
      const { out } = await spoken(
        { payload: marked(0x20, 40), format: 'alaw' },
        { talks: [{ chime: 'ding', chimeType: 'none' }] },
      );
      assert.equal(secondsOf(out), 0.04);
    });

    const overrides: [name: string, chime: unknown, seconds: number][] = [
      ['a Buffer', wav(100), 0.14],
      ['none', 'none', 0.04],
      ['an empty text', '', 0.04],
      ['false', false, 0.04],
    ];
    for (const [name, chime, seconds] of overrides) {
      it(`msg.chime: ${name}`, async () => {
        const { out } = await spoken(
          { payload: marked(0x20, 40), format: 'alaw', chime },
          { talks: [{ chime: 'alert', chimeType: 'builtin' }] },
        );
        assert.equal(secondsOf(out), seconds);
        assert.equal(out['chime'], chime);
      });
    }
  });

  describe('where the audio is', () => {
    const clip = (): string => join(folder, 'clip.wav');

    it('msg, also deep inside', async () => {
      const { out } = await spoken({ sound: { files: [clip()] } }, { talks: [{ audio: 'sound.files[0]' }] });
      assert.equal(secondsOf(out), 0.1);
    });

    it('str', async () => {
      const { out } = await spoken({ payload: 'not this' }, { talks: [{ audio: clip(), audioType: 'str' }] });
      assert.equal(secondsOf(out), 0.1);
      assert.equal(out['payload'], 'not this');
    });

    it('env', async () => {
      process.env['TEST_ANNOUNCEMENT'] = clip();
      try {
        const { out } = await spoken({}, { talks: [{ audio: 'TEST_ANNOUNCEMENT', audioType: 'env' }] });
        assert.equal(secondsOf(out), 0.1);
      } finally {
        delete process.env['TEST_ANNOUNCEMENT'];
      }
    });

    it('jsonata, also one that gives an array', async () => {
      const expressions = ['$substringBefore(payload, "?")', '[$substringBefore(payload, "?"), chime2]'];
      for (const audio of expressions) {
        const { out } = await spoken(
          { payload: `${clip()}?x`, chime2: clip() },
          { talks: [{ audio, audioType: 'jsonata' }] },
        );
        assert.equal(secondsOf(out), audio.startsWith('[') ? 0.2 : 0.1);
        await runtime.unload();
      }
    });

    it('jsonata that picks a Buffer', async () => {
      const { heard } = await spoken(
        { payload: marked(0x20, 40), format: 'alaw' },
        { talks: [{ audio: 'payload', audioType: 'jsonata' }] },
      );
      assert.deepEqual(marksIn(heard), [[0x20, 40]]);
    });

    for (const audioType of ['flow', 'global'] as const) {
      for (const [name, value] of [
        ['a path', (): unknown => clip()],
        ['a Buffer', (): unknown => wav(100)],
        ['an array', (): unknown => [clip()]],
      ] as const) {
        it(`${audioType}: ${name}`, async () => {
          const camera = await runtime.simulate();
          const flow = await runtime.load({ cameras: [{ at: camera }], talks: [{ audio: 'announcement', audioType }] });
          flow.context(audioType).set('announcement', value());
          assert.equal(secondsOf(await flow.say({})), 0.1);
        });
      }
    }
  });
});
