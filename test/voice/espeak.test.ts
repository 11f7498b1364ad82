// espeak-ng as a program and as the npm package, which is put into a throw-away folder: the same words, heard and left behind nothing.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { monotonicClock as clock } from '../../src/clock.js';
import { ESPEAK_PACKAGE, findEspeakPackage } from '../../src/voice/espeak-package.js';
import { VOICE_DEFAULTS } from '../../src/voice/options.js';
import { speakWords } from '../../src/voice/voice.js';
import { soundOf } from './sound-of.js';

const run = promisify(execFile);

describe('espeak-ng', () => {
  let folder: string;
  before(async function () {
    this.timeout(300_000);
    folder = await mkdtemp(join(tmpdir(), 'espeak-test-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('speaks as a program, Chinese as Chinese', async function () {
    if (
      await run('espeak-ng', ['--version']).then(
        () => false,
        () => true,
      )
    )
      return this.skip();
    const voice = { ...VOICE_DEFAULTS, packageFolder: folder };
    const [english, chinese] = [
      await soundOf(speakWords('Dinner is ready', voice, { clock })),
      await soundOf(speakWords('欢迎光临', voice, { clock })),
    ];
    assert.equal(english.toString('latin1', 0, 4), 'RIFF');
    assert.ok(english.length > 20_000 && chinese.length > 20_000);
    // Read as English, each character would be called a "Chinese letter".
    assert.ok(chinese.length < 150_000);
    assert.ok((await soundOf(speakWords('--version', voice, { clock }))).length > 20_000);
  });

  it('speaks as a package without any program; a voice it lacks is named; the next sentence works', async function () {
    this.timeout(300_000);
    await writeFile(join(folder, 'package.json'), '{}');
    await run('npm', ['install', '--no-audit', '--no-fund', ESPEAK_PACKAGE], { cwd: folder });
    assert.ok(findEspeakPackage(folder));
    const voice = { ...VOICE_DEFAULTS, packageFolder: folder };
    const path = process.env['PATH'];
    process.env['PATH'] = '';
    try {
      const utterance = await speakWords('Dinner is ready', voice, { clock });
      assert.deepEqual('format' in utterance && utterance.format, {
        encoding: 's16le',
        sampleRate: 22_050,
        channels: 1,
      });
      const english = await soundOf(Promise.resolve(utterance));
      assert.ok(english.length > 20_000 && english.length < 120_000, String(english.length));
      await assert.rejects(speakWords('x', { ...voice, voice: 'nobody' }, { clock }), {
        code: 'TALK_ERR_VOICE',
        message: /there is no voice nobody/,
      });
      assert.ok((await soundOf(speakWords('欢迎光临', voice, { clock }))).length > 20_000);
      const cut = await speakWords('A sentence that is cut before its end. '.repeat(20), voice, { clock });
      assert.ok(cut.kind === 'sound');
      await cut.chunks.next();
      await cut.chunks.return(undefined);
      assert.ok((await soundOf(speakWords('Again', voice, { clock }))).length > 10_000);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('says how to get one where there is none', async () => {
    const path = process.env['PATH'];
    const empty = await mkdtemp(join(folder, 'empty-'));
    process.env['PATH'] = empty;
    try {
      const voice = { ...VOICE_DEFAULTS, packageFolder: '/' };
      await assert.rejects(speakWords('x', voice, { clock }), {
        code: 'TALK_ERR_VOICE',
        message: /apt install espeak-ng.*npm install @echogarden/,
      });
      await assert.rejects(speakWords('x', { ...voice, voice: '/v/a.onnx' }, { clock }), {
        code: 'TALK_ERR_VOICE',
        message: /piper was not found/,
      });
    } finally {
      process.env['PATH'] = path;
    }
  });
});
