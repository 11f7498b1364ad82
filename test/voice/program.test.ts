// Programs as voices: the text in, the sound out, and nothing of them left whatever they do. Real processes.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicClock } from '../../src/clock.js';
import { VOICE_FIRST_MS, VOICE_IDLE_MS } from '../../src/limits.js';
import { speakByProgram } from '../../src/voice/program.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { soundOf } from './sound-of.js';

const clock = monotonicClock;
const VALUES = { text: 'Dinner is ready', voice: '', language: 'en' };

describe('speakByProgram', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'voice-test-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  /** A program in Node.js with that body. */
  async function program(name: string, body: string): Promise<string> {
    const file = join(folder, `${name}.cjs`);
    await writeFile(file, body);
    return `"${process.execPath}" "${file}"`;
  }

  const ECHO = `process.stdin.pipe(process.stdout)`;
  const isGone = async (pid: number): Promise<boolean> => {
    for (let tries = 0; tries < 200; tries++) {
      try {
        process.kill(pid, 0);
      } catch {
        return true;
      }
      await clock.wait(25);
    }
    return false;
  };

  it('gets the text on its standard input and is heard on its standard output', async () => {
    const command = await program('echo', ECHO);
    assert.equal(String(await soundOf(speakByProgram(command, VALUES, { clock }))), VALUES.text);
  });

  it('gets the text as one argument, as it is', async () => {
    const command = `${await program('args', 'process.stdout.write(JSON.stringify(process.argv.slice(2)))')} -v {voice} {text}`;
    for (const text of ['$(reboot); `id` "x"', '--version', '{voice}', '']) {
      const heard = JSON.parse(
        String(await soundOf(speakByProgram(command, { ...VALUES, text, voice: 'x' }, { clock }))),
      ) as string[];
      assert.deepEqual(heard, ['-v', 'x', text.startsWith('-') ? ` ${text}` : text]);
    }
  });

  it('is heard in the file that it was given, which is gone afterwards', async () => {
    const write = `require('fs').writeFileSync(process.argv[2], 'sound'); console.log(process.argv[2])`;
    const command = `${await program('file', write)} {file}`;
    const before = await readdir(tmpdir());
    assert.equal(String(await soundOf(speakByProgram(command, VALUES, { clock }))), 'sound');
    assert.deepEqual(
      (await readdir(tmpdir())).filter((name) => name.startsWith('tplink-talk-voice-') && !before.includes(name)),
      [],
    );
  });

  it('gives the sound while the program still makes it', async () => {
    const slow = `process.stdout.write('a'); process.stdin.once('data', () => 0); setInterval(() => 0, 1000)`;
    const utterance = await speakByProgram(await program('slow', slow), VALUES, { clock });
    assert.ok(utterance.kind === 'sound');
    assert.equal(String((await utterance.chunks.next()).value), 'a');
    await utterance.chunks.return(undefined);
  });

  const failures: [what: string, body: string, message: RegExp][] = [
    ['an exit code', `console.error('no such voice'); process.exit(3)`, /code 3: no such voice/],
    ['silence', `process.exit(0)`, /gave no sound/],
    ['a signal', `process.kill(process.pid, 'SIGTERM'); setInterval(() => 0, 1000)`, /ended with SIGTERM/],
    ['an exit code behind some sound', `process.stdout.write('abc', () => process.exit(1))`, /code 1/],
    [
      'secrets and screens of words',
      `console.error('password=hunter2 ' + 'x'.repeat(1e6)); process.exit(1)`,
      /^(?!.*hunter2).{1,400}$/,
    ],
  ];
  for (const [what, body, message] of failures) {
    it(`says TALK_ERR_VOICE for ${what}`, async () => {
      const command = await program(what.replaceAll(' ', '-'), body);
      await assert.rejects(soundOf(speakByProgram(command, VALUES, { clock })), {
        code: 'TALK_ERR_VOICE',
        message,
        retryable: false,
      });
    });
  }

  it('says that a program is missing, or is no program', async () => {
    await assert.rejects(speakByProgram('no-such-program-anywhere', VALUES, { clock }), {
      code: 'TALK_ERR_VOICE',
      message: /was not found: install it/,
    });
    await assert.rejects(speakByProgram(`"${folder}"`, VALUES, { clock }), {
      code: 'TALK_ERR_VOICE',
      message: /may not be run/,
    });
  });

  it('says that no file was left', async () => {
    const command = `${await program('nothing', `console.error('disk full')`)} {file}`;
    await assert.rejects(soundOf(speakByProgram(command, VALUES, { clock })), {
      code: 'TALK_ERR_VOICE',
      message: /left no file.*disk full/,
    });
  });

  it('that is heard in a file may be missing, or be stopped: nothing else is thrown', async () => {
    await assert.rejects(speakByProgram('no-such-program-anywhere {file}', VALUES, { clock }), {
      code: 'TALK_ERR_VOICE',
      message: /was not found: install it/,
    });
    const stop = new AbortController();
    const command = `${await program('hang-file', 'setInterval(() => 0, 1000)')} {file}`;
    const speaking = speakByProgram(command, VALUES, { clock, signal: stop.signal });
    setImmediate(() => stop.abort());
    await assert.rejects(speaking, { code: 'TALK_ERR_ABORTED' });
    // An error event of a pipe that nobody hears comes a turn later.
    await clock.wait(20);
  });

  it('ends one that hangs, with what it started, before its first sound and behind it', async () => {
    const clock = new FakeClock();
    const child = `const { spawn } = require('child_process'); process.on('SIGTERM', () => 0);
      const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' });
      require('fs').writeFileSync(process.argv[2], process.pid + ' ' + child.pid);`;
    for (const [sound, ms, message] of [
      ['', VOICE_FIRST_MS, /no sound within 30 s/],
      ['abc', VOICE_IDLE_MS, /no data for 10 s/],
    ] as const) {
      const pids = join(folder, `pids-${sound}`);
      const command = `${await program(`hang-${sound}`, `${child} process.stdout.write('${sound}')`)} "${pids}"`;
      const speaking = soundOf(speakByProgram(command, VALUES, { clock }));
      speaking.catch(() => undefined);
      const { readFile } = await import('node:fs/promises');
      let started: string | undefined;
      while (started === undefined || !started.includes(' ')) {
        await monotonicClock.wait(20);
        started = await readFile(pids, 'utf8').catch(() => undefined);
      }
      await monotonicClock.wait(100);
      await clock.advance(ms + 1);
      await assert.rejects(speaking, { code: 'TALK_ERR_VOICE', message });
      for (const pid of started.split(' ')) assert.ok(await isGone(Number(pid)), pid);
    }
  });

  it('ends one that floods, and one whose listener was stopped', async () => {
    const flood = await program(
      'flood',
      `const b = Buffer.alloc(1 << 20); const w = () => process.stdout.write(b, w); w()`,
    );
    await assert.rejects(soundOf(speakByProgram(flood, VALUES, { clock })), {
      code: 'TALK_ERR_VOICE',
      message: /more than \d+ bytes/,
    });
    const stop = new AbortController();
    const hang = await program('hang', 'setInterval(() => 0, 1000)');
    const speaking = speakByProgram(hang, VALUES, { clock, signal: stop.signal });
    setImmediate(() => stop.abort());
    await assert.rejects(speaking, { code: 'TALK_ERR_ABORTED' });
  });
});
