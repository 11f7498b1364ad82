// decodeWithFfmpeg with a real ffmpeg, and with programs in its place that misbehave.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { decodeWithFfmpeg, findFfmpeg, type FfmpegInput } from '../../src/audio/ffmpeg.js';
import { sniff } from '../../src/sound/sniff.js';
import { coded, collect, eventually, rejection, watch } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';

const fixture = (name: string): string => join(__dirname, '../fixtures/audio', name);
const folder = mkdtempSync(join(tmpdir(), 'tplink-talk-test-'));

/** A program that stands in for ffmpeg; `$DIR` is a folder of its own. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nDIR='${folder}'\n${script}\n`, { mode: 0o755 });
  return path;
}

async function count(input: FfmpegInput, options: { ffmpegPath?: string; sampleRate?: number } = {}): Promise<number> {
  const pieces = await collect(decodeWithFfmpeg(input, { sampleRate: 8000, ffmpegPath, ...options }));
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function noProcessIsLeft(): Promise<void> {
  await eventually(() => !process.getActiveResourcesInfo().includes('ProcessWrap'), 'the end of all processes');
}

describe('decodeWithFfmpeg', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  after(() => rmSync(folder, { recursive: true }));

  // 26507 samples at 8 kHz went into each; AAC has no means here to say that its last frame is not full.
  for (const [name, samples] of [
    ['speech.ogg', 26_508],
    ['speech.flac', 26_508],
    ['speech.m4a', 26_624],
  ] as const) {
    it(`decodes ${name} from a path, a Buffer and, if it can be streamed, chunks`, async () => {
      const bytes = readFileSync(fixture(name));
      assert.equal(await count({ path: fixture(name) }), samples);
      assert.equal(await count({ bytes }), samples);
      async function* chunks(): AsyncGenerator<Buffer> {
        for (let at = 0; at < bytes.length; at += 1000) yield await Promise.resolve(bytes.subarray(at, at + 1000));
      }
      if (name !== 'speech.m4a') assert.equal(await count({ chunks: chunks() }), samples);
      await noProcessIsLeft();
    });
  }

  it('averages channels instead of adding them up', async () => {
    const peak = (pieces: Float32Array[]): number =>
      Math.max(...pieces.map((piece) => Math.max(...piece.map(Math.abs))));
    const left = Buffer.alloc(8000 * 4);
    for (let i = 0; i < 8000; i++) left.writeInt16LE(Math.round(16_000 * Math.sin(i / 3)), 4 * i);
    const header = Buffer.from(
      '524946460000000057415645666d7420100000000100020040' + '1f0000007d00000400100064617461',
      'hex',
    );
    const wav = Buffer.concat([header, Buffer.from([0x00, 0x7d, 0, 0]), left]);
    const pieces = await collect(decodeWithFfmpeg({ bytes: wav }, { sampleRate: 8000, ffmpegPath }));
    assert.ok(Math.abs(peak(pieces) - 8000 / 32_768) < 0.01, `${peak(pieces)}`);
  });

  it('plays a file whose name looks like something else', async () => {
    for (const name of ['concat:a|b.ogg', '-i', 'a%03d.ogg', "it's ü.ogg"]) {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(fixture('speech.ogg')));
      assert.equal(await count({ path }), 26_508);
    }
  });

  it('plays what doorbells record as video: AVI, FLV, MPEG-TS, AAC in LATM', async () => {
    for (const [ending, options] of [
      ['avi', ['-c:a', 'pcm_s16le']],
      ['flv', ['-c:a', 'aac', '-ar', '22050']],
      ['ts', ['-c:a', 'aac', '-f', 'mpegts']],
      ['latm', ['-c:a', 'aac', '-f', 'latm']],
    ] as const) {
      const path = join(folder, `bell.${ending}`);
      execFileSync(ffmpegPath, ['-v', 'error', '-y', '-i', fixture('speech-16k.wav'), ...options, path]);
      const bytes = readFileSync(path);
      assert.equal(sniff(bytes.subarray(0, 4096)), 'container', ending);
      for (const input of [{ path }, { bytes }]) assert.ok(Math.abs((await count(input)) - 24_000) < 1_200, ending);
    }
  });

  it('says of a video without sound that there is none', async () => {
    const path = join(folder, 'silent.mp4');
    execFileSync(ffmpegPath, ['-v', 'error', '-f', 'lavfi', '-i', 'color=s=32x32:d=0.2', path]);
    const error = await rejection(count({ path }));
    assert.equal(error.code, 'TALK_ERR_AUDIO');
    assert.match(error.message, /^There is no sound in this file: it may be a video without sound/);
  });

  const playlists: [name: string, text: string][] = [
    ['an HLS playlist', '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:3,\nlocal.wav\n#EXT-X-ENDLIST\n'],
    ['a concat script', 'ffconcat version 1.0\nfile local.wav\n'],
  ];
  for (const [name, text] of playlists) {
    it(`does not follow ${name} renamed .mp3 to another local file`, async () => {
      writeFileSync(join(folder, 'local.wav'), readFileSync(fixture('speech-16k.wav')));
      writeFileSync(join(folder, 'list.mp3'), text);
      const error = await rejection(count({ path: join(folder, 'list.mp3') }));
      assert.equal(error.code, 'TALK_ERR_AUDIO');
      assert.match(error.message, /no plain sound file/);
    });
  }

  it('calls what ffmpeg cannot read TALK_ERR_AUDIO, without paths', async () => {
    writeFileSync(join(folder, 'noise.ogg'), Buffer.alloc(5000, 7));
    const cut = readFileSync(fixture('speech.m4a')).subarray(0, 9000);
    for (const input of [{ path: join(folder, 'noise.ogg') }, { bytes: Buffer.alloc(5000, 7) }, { bytes: cut }]) {
      const error = await rejection(count(input));
      assert.equal(error.code, 'TALK_ERR_AUDIO');
      assert.doesNotMatch(error.message, /noise|tplink-talk-|0x[0-9a-f]{4}/);
    }
  });

  it('calls an exit without sound TALK_ERR_AUDIO', async () => {
    const silent = program('silent', 'cat > /dev/null; exit 0');
    const error = await rejection(count({ bytes: Buffer.alloc(9) }, { ffmpegPath: silent }));
    assert.equal(error.code, 'TALK_ERR_AUDIO');
    assert.match(error.message, /no sound/);
  });

  it('starts no process but the one, and reads from files no stdin', async () => {
    const logging = program('logging', `echo "$*" >> "$DIR/calls"; exec '${ffmpegPath}' "$@"`);
    assert.equal(await count({ path: fixture('speech.ogg') }, { ffmpegPath: logging }), 26_508);
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
    assert.equal(calls.length, 1);
    assert.match(calls[0] ?? '', /-nostdin .*-protocol_whitelist file,pipe .*-i file:.* -f wav/);
  });

  it('passes MP4 through a private file that is removed afterwards', async () => {
    const own = mkdtempSync(join(folder, 'tmp-'));
    const looking = program('looking', `ls -l '${own}' > "$DIR/listed"; exec '${ffmpegPath}' "$@"`);
    const { TMPDIR } = process.env;
    process.env['TMPDIR'] = own;
    try {
      assert.equal(await count({ bytes: readFileSync(fixture('speech.m4a')) }, { ffmpegPath: looking }), 26_624);
      assert.match(readFileSync(join(folder, 'listed'), 'utf8'), /^-rw------- .*tplink-talk-/m);
      assert.deepEqual(readdirSync(own), []);
      const broken = readFileSync(fixture('speech.m4a')).subarray(0, 500);
      await rejection(count({ bytes: broken }));
      assert.deepEqual(readdirSync(own), []);
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    }
  });

  describe('when it cannot run', () => {
    it('says how to install it', async () => {
      const error = await rejection(count({ bytes: Buffer.alloc(9) }, { ffmpegPath: '/nowhere/ffmpeg' }));
      assert.equal(error.code, 'TALK_ERR_FFMPEG');
      assert.match(
        error.message,
        /\/nowhere\/ffmpeg cannot be run.*apt.*apk.*brew.*choco.*PATH.*tplinkTalkFfmpegPath/s,
      );
    });

    it('survives a program that vanished after it was found, and one that is no program', async () => {
      const vanishing = program('vanishing', 'exit 0');
      assert.equal(await findFfmpeg(vanishing), vanishing);
      rmSync(vanishing);
      assert.equal(
        (await rejection(count({ bytes: Buffer.alloc(9) }, { ffmpegPath: vanishing }))).code,
        'TALK_ERR_FFMPEG',
      );
      const plain = join(folder, 'plain');
      writeFileSync(plain, 'not a program');
      assert.equal(await findFfmpeg(plain), undefined);
      chmodSync(plain, 0o755);
      assert.equal((await rejection(count({ bytes: Buffer.alloc(9) }, { ffmpegPath: plain }))).code, 'TALK_ERR_FFMPEG');
      await noProcessIsLeft();
    });

    it('tells its last lines, however much it complains', async () => {
      const script = 'i=0; while [ $i -lt 20000 ]; do echo "line $i of complaint" >&2; i=$((i+1)); done; exit 7';
      const error = await rejection(count({ path: fixture('speech.ogg') }, { ffmpegPath: program('loud', script) }));
      assert.equal(error.code, 'TALK_ERR_FFMPEG');
      assert.match(error.message, /line 19999 of complaint$/);
      assert.ok(error.message.length < 500);
    });

    it('says when somebody killed it', async () => {
      const dying = program('dying', 'kill -9 $$');
      const error = await rejection(count({ path: fixture('speech.ogg') }, { ffmpegPath: dying }));
      assert.equal(error.code, 'TALK_ERR_FFMPEG');
      assert.match(error.message, /SIGKILL/);
    });
  });

  describe('when it hangs', () => {
    const pidFile = join(folder, 'pid');
    const pid = (): number => Number(readFileSync(pidFile, 'utf8'));
    let hanging = '';
    before(() => {
      hanging = program(
        'hanging',
        `trap '' TERM; echo $$ > "$DIR/pid.new"; mv "$DIR/pid.new" "$DIR/pid"; exec sleep 600`,
      );
    });
    beforeEach(() => rmSync(pidFile, { force: true }));

    /** The path of a WAV's header that does not know its length, as ffmpeg writes it. */
    function header(): string {
      const bytes = readFileSync(fixture('speech-16k.wav')).subarray(0, 44);
      bytes.fill(0xff, 40);
      writeFileSync(join(folder, 'header'), bytes);
      return join(folder, 'header');
    }

    for (const [name, input] of [
      ['a path', () => ({ path: fixture('speech.ogg') })],
      ['bytes', () => ({ bytes: readFileSync(fixture('speech.ogg')) })],
      ['more live chunks than a pipe takes', () => ({ chunks: Readable.from([Buffer.alloc(1e6), Buffer.alloc(9)]) })],
      ['live chunks that have ended', () => ({ chunks: Readable.from([Buffer.alloc(9)]) })],
    ] as const) {
      it(`is killed when it gives nothing for 10 s: ${name}`, async () => {
        const clock = new FakeClock();
        const options = { sampleRate: 8000, ffmpegPath: hanging, clock };
        const run = watch(collect(decodeWithFfmpeg(input(), options)));
        await eventually(() => existsSync(pidFile), 'the start');
        await setTimeout(100);
        await clock.advance(9_999);
        assert.equal(run.state, 'pending');
        await clock.advance(1);
        await eventually(() => run.state === 'rejected', 'the rejection');
        coded('TALK_ERR_FFMPEG', /stopped: it gave nothing for 10 s/)(run.error);
        assert.equal(isAlive(pid()), false);
        assert.equal(clock.pending, 0);
        await noProcessIsLeft();
      });
    }

    it('is not blamed for a live source that gives nothing', async () => {
      const clock = new FakeClock();
      const stream = new PassThrough();
      stream.write(Buffer.alloc(9));
      const run = watch(
        collect(decodeWithFfmpeg({ chunks: stream }, { sampleRate: 8000, ffmpegPath: hanging, clock })),
      );
      await eventually(() => existsSync(pidFile) && stream.readableLength === 0, 'the start');
      await setTimeout(100);
      await clock.advance(60_000);
      assert.equal(run.state, 'pending');
      // From here on it is its turn, and not before.
      stream.end();
      await setTimeout(100);
      await clock.advance(9_999);
      assert.equal(run.state, 'pending');
      await clock.advance(1);
      await eventually(() => run.state === 'rejected', 'the rejection');
      coded('TALK_ERR_FFMPEG', /gave nothing/)(run.error);
    });

    it('is not blamed for a reader that takes its time', async () => {
      const clock = new FakeClock();
      const endless = program('endless', `exec cat '${header()}' /dev/zero`);
      const options = { sampleRate: 8000, ffmpegPath: endless, clock, timeoutMs: 3_600_000 };
      let pieces = 0;
      for await (const samples of decodeWithFfmpeg({ path: 'x' }, options)) {
        assert.ok(samples.length > 0);
        await clock.advance(30_000);
        if (++pieces === 5) break;
      }
      assert.equal(pieces, 5);
      assert.equal(clock.pending, 0);
    });

    it('is killed after the time limit, though it gives a little now and then', async () => {
      const clock = new FakeClock();
      const script = `echo $$ > "$DIR/pid"; cat '${header()}'; while sleep 0.02; do echo 12345; done`;
      const dripping = program('dripping', script);
      let pieces = 0;
      const read = async (): Promise<void> => {
        const options = { sampleRate: 8000, ffmpegPath: dripping, clock, timeoutMs: 60_000 };
        for await (const samples of decodeWithFfmpeg({ path: 'x' }, options)) pieces += Math.min(1, samples.length);
      };
      const run = watch(read());
      for (let passed = 0; passed < 60_000; passed += 5_000) {
        const before = pieces;
        await eventually(() => pieces > before + 1, 'more of it');
        assert.equal(run.state, 'pending');
        await clock.advance(passed === 55_000 ? 4_999 : 5_000);
      }
      assert.equal(run.state, 'pending');
      await clock.advance(1);
      await eventually(() => run.state === 'rejected', 'the rejection');
      coded('TALK_ERR_FFMPEG', /longer than 60 s/)(run.error);
      assert.equal(isAlive(pid()), false);
      assert.equal(clock.pending, 0);
    });

    it('is killed on abort, with its temporary file and every handle', async () => {
      const abort = new AbortController();
      const options = { sampleRate: 8000, ffmpegPath: hanging, signal: abort.signal };
      const bytes = readFileSync(fixture('speech.m4a'));
      // A folder for temporary files that no other process uses.
      const temporary = process.env['TMPDIR'];
      process.env['TMPDIR'] = mkdtempSync(join(folder, 'temporary-'));
      const run = rejection(collect(decodeWithFfmpeg({ bytes }, options)));
      await eventually(() => existsSync(pidFile), 'the start');
      abort.abort();
      assert.equal((await run).code, 'TALK_ERR_ABORTED');
      assert.equal(isAlive(pid()), false);
      assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
      assert.deepEqual(readdirSync(tmpdir()), []);
      if (temporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = temporary;
      await noProcessIsLeft();
    });

    it('is killed when its live input fails or its reader leaves', async () => {
      const stream = new PassThrough();
      const run = rejection(count({ chunks: stream }, { ffmpegPath: hanging }));
      await eventually(() => existsSync(pidFile), 'the start');
      stream.destroy(new Error('unplugged'));
      assert.equal((await run).code, 'TALK_ERR_SOURCE');
      assert.equal(isAlive(pid()), false);

      const talking = program('talking', `echo $$ > "$DIR/pid"; exec cat '${fixture('speech-16k.wav')}' /dev/zero`);
      for await (const samples of decodeWithFfmpeg({ path: 'x' }, { sampleRate: 8000, ffmpegPath: talking })) {
        assert.ok(samples.length > 0);
        break;
      }
      assert.equal(isAlive(pid()), false);
      await noProcessIsLeft();
    });

    it('is not even started when the signal is aborted in time', async () => {
      const options = { sampleRate: 8000, ffmpegPath: hanging, signal: AbortSignal.abort() };
      const error = await rejection(collect(decodeWithFfmpeg({ path: fixture('speech.ogg') }, options)));
      assert.equal(error.code, 'TALK_ERR_ABORTED');
      assert.equal(existsSync(pidFile), false);
    });
  });
});

describe('findFfmpeg', () => {
  const { FFMPEG_PATH, PATH } = process.env;
  afterEach(() => {
    delete process.env['FFMPEG_PATH'];
    if (FFMPEG_PATH !== undefined) process.env['FFMPEG_PATH'] = FFMPEG_PATH;
    if (PATH !== undefined) process.env['PATH'] = PATH;
  });

  it('prefers the setting, then FFMPEG_PATH, then PATH', async () => {
    const { path: second } = { path: join(mkdtempSync(join(tmpdir(), 'tplink-talk-test-')), 'ffmpeg') };
    writeFileSync(second, '', { mode: 0o755 });
    process.env['PATH'] = ['/nowhere', dirname(second)].join(delimiter);
    delete process.env['FFMPEG_PATH'];
    assert.equal(await findFfmpeg(), second);
    assert.equal(await findFfmpeg('ffmpeg'), second);
    process.env['FFMPEG_PATH'] = ffmpegPath;
    assert.equal(await findFfmpeg(), ffmpegPath);
    assert.equal(await findFfmpeg(second), second);
    process.env['FFMPEG_PATH'] = '/nowhere/ffmpeg';
    assert.equal(await findFfmpeg(), second);
    rmSync(dirname(second), { recursive: true });
  });

  it('finds nothing behind a wrong setting or in empty folders, and looks again next time', async () => {
    const own = mkdtempSync(join(tmpdir(), 'tplink-talk-test-'));
    process.env['PATH'] = own;
    delete process.env['FFMPEG_PATH'];
    assert.equal(await findFfmpeg(), undefined);
    assert.equal(await findFfmpeg(own), undefined);
    writeFileSync(join(own, 'ffmpeg'), '', { mode: 0o755 });
    assert.equal(await findFfmpeg(), join(own, 'ffmpeg'));
    rmSync(own, { recursive: true });
  });
});
