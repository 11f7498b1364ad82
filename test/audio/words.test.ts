// Words among the sources: what counts as words, what their voice gives, and what is kept of it. Real programs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PreparedCache } from '../../src/audio/cache.js';
import { prepare, type PrepareOptions } from '../../src/audio/prepare.js';
import { audioSources, type AudioSource } from '../../src/audio/source.js';
import { monotonicClock } from '../../src/clock.js';
import { VOICE_DEFAULTS, voiceOptions, type VoiceOptions } from '../../src/voice/options.js';
import { serializeWav } from '../../src/sound/wav-write.js';

const VOICE = VOICE_DEFAULTS;

describe('words among the sources', () => {
  const kinds = (value: unknown, voice?: VoiceOptions): string =>
    audioSources(value, undefined, voice)
      .map((source) => (source.kind === 'say' ? `say ${source.text}` : source.kind))
      .join(', ');

  for (const text of [
    'Dinner is ready',
    '欢迎光临',
    'a/b',
    'Go to example.org/x',
    '1.5 metres',
    '--version',
    '$(reboot)',
    'say: x',
    'it is 5',
    '"Hi there"',
    'Wait...',
  ]) {
    it(`${text} is words for a voice, and a path without one`, () => {
      assert.equal(kinds(text, VOICE), `say ${text.replaceAll('"', '')}`);
      assert.equal(kinds(text), 'file');
    });
  }

  for (const text of [
    '/data/x',
    '~/ding',
    './a',
    '../a b',
    'C:\\sounds',
    'd:/x',
    '\\\\nas\\x',
    'ding.mp3',
    'my sounds/Ding Dong.WAV',
    '"/data/my words"',
    'file:///x',
  ]) {
    it(`${text} is a file for a voice too`, () => assert.equal(kinds(text, VOICE), 'file'));
  }

  it('addresses, base64 and data stay what they are', () => {
    const base64 = serializeWav({ sampleRate: 8_000, channels: 1 }, new Int16Array(400)).toString('base64');
    assert.equal(kinds(['http://h/x', base64, `data:audio/wav;base64,${base64}`], VOICE), 'url, bytes, bytes');
  });

  it('are named in objects, also without a voice, and mix with sounds', () => {
    assert.equal(kinds([{ say: 'Parcel for' }, '/data/name.mp3']), 'say Parcel for, file');
    assert.deepEqual((audioSources({ say: 'x' })[0] as { voice: VoiceOptions }).voice, VOICE);
  });

  const refused: [value: unknown, code: string, message: RegExp][] = [
    [{ say: '' }, 'TALK_ERR_ARGUMENT', /no words/],
    [{ say: ' \u0007 ' }, 'TALK_ERR_ARGUMENT', /no words/],
    [{ say: 5 }, 'TALK_ERR_ARGUMENT', /type object with say/],
    [{ say: 'a '.repeat(50_000) }, 'TALK_ERR_VOICE', /100000 characters/],
    ['{"a": 1}', 'TALK_ERR_ARGUMENT', /JSON/],
    ['<html><b>x</b></html>', 'TALK_ERR_ARGUMENT', /web page/],
    ['a\u0000b', 'TALK_ERR_ARGUMENT', /came as text/],
  ];
  for (const [value, code, message] of refused) {
    it(`refuses ${JSON.stringify(value).slice(0, 40)}`, () => {
      assert.throws(() => audioSources(value, undefined, VOICE), { code, message });
    });
  }
});

describe('words as a clip', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'words-test-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  /** A voice that is a program in Node.js; each run leaves its text in `said`. */
  async function stub(name: string, body: string): Promise<VoiceOptions> {
    const file = join(folder, `${name}.cjs`);
    const head = `const fs = require('fs'); const text = fs.readFileSync(0, 'utf8'); fs.appendFileSync(${JSON.stringify(join(folder, 'said'))}, text + '\\n');`;
    await writeFile(file, `${head}\n${body}`);
    return voiceOptions({ engine: 'command', command: `"${process.execPath}" "${file}"` });
  }
  const said = async (): Promise<string[]> => {
    const text = await readFile(join(folder, 'said'), 'utf8').catch(() => '');
    await rm(join(folder, 'said'), { force: true });
    return text.split('\n').slice(0, -1);
  };
  const options: PrepareOptions = {
    ...{ encoding: 'alaw', sampleRate: 8_000, gainDb: 0, normalize: false, maxSeconds: 60 },
    clock: monotonicClock,
  };
  async function heard(sources: readonly AudioSource[], more: Partial<PrepareOptions> = {}): Promise<number> {
    const { clip } = prepare(sources, { ...options, ...more });
    await clip.ready(Infinity);
    clip.read(0, 1);
    return clip.available;
  }
  /** `seconds` of a tone at 22 050 Hz on the standard output. */
  async function tone(seconds: number): Promise<string> {
    const file = join(folder, `tone-${seconds}.wav`);
    await writeFile(
      file,
      serializeWav(
        { sampleRate: 22_050, channels: 1 },
        Int16Array.from({ length: 22_050 * seconds }, (_, n) => 9_000 * Math.sin(n / 8)),
      ),
    );
    return `process.stdout.write(fs.readFileSync(${JSON.stringify(file)}))`;
  }

  it('are said by their voice at its own rate, and known the next time', async () => {
    const voice = await stub('one', await tone(1));
    const cache = new PreparedCache();
    for (let round = 0; round < 3; round++) {
      assert.equal(await heard(audioSources('Dinner is ready', undefined, voice), { cache }), 8_000);
    }
    assert.deepEqual(await said(), ['Dinner is ready']);
    await heard(audioSources('Lunch is ready', undefined, voice), { cache });
    await heard(audioSources('Dinner is ready', undefined, { ...voice, voice: 'other' }), { cache });
    assert.deepEqual(await said(), ['Lunch is ready', 'Dinner is ready']);
  });

  it('follow each other sentence by sentence, among sounds', async () => {
    const voice = await stub('many', await tone(1));
    const text = [
      'First.',
      ...Array.from({ length: 10 }, (_, n) => `This is sentence ${n}, which has about sixty characters in all.`),
    ].join(' ');
    assert.equal(await heard(audioSources([{ say: 'Hello' }, text], undefined, voice)), 8_000 * 5);
    const pieces = await said();
    assert.equal(pieces[1], 'First.');
    assert.equal(pieces.slice(1).join(' '), text);
  });

  it('fail with one coded error, and the next ones are said', async () => {
    const failures: [body: string, code: string, message: RegExp][] = [
      [`console.error('out of memory'); process.exit(1)`, 'TALK_ERR_VOICE', /out of memory/],
      [
        `console.log('usage: say [options] and a great many more words than any sound has at its beginning')`,
        'TALK_ERR_VOICE',
        /cannot be played.*plain text/,
      ],
      [`process.stdout.write(Buffer.alloc(4000, 0xa7))`, 'TALK_ERR_VOICE', /cannot be played/],
      [`process.stdout.write('RIFF$\\0\\0\\0WAVE')`, 'TALK_ERR_VOICE', /voice gave|cannot be played/],
      [await tone(70), 'TALK_ERR_VOICE', /longer than the limit of 60 s/],
    ];
    for (const [index, [body, code, message]] of failures.entries()) {
      const voice = await stub(`failure-${index}`, body);
      await assert.rejects(heard(audioSources('x', undefined, voice)), { code, message });
    }
    assert.equal(await heard(audioSources('x', undefined, await stub('good', await tone(1)))), 8_000);
  });

  it('are said by espeak-ng, levelled or not', async function () {
    try {
      execFileSync('espeak-ng', ['--version']);
    } catch {
      return this.skip();
    }
    const voice = voiceOptions({ engine: 'command' });
    const bytes = await heard(audioSources('Dinner is ready. 欢迎光临', undefined, voice));
    assert.ok(bytes > 12_000, String(bytes));
    const levelled = await heard(audioSources('Dinner is ready. 欢迎光临', undefined, voice), { normalize: true });
    assert.ok(Math.abs(levelled - bytes) < 100, `${levelled} ${bytes}`);
  });
});
