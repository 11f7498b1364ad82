// A capture of each behavior of the simulator: it holds no secret, and a camera that repeats it comes to the same.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareFolder, writeCapture } from '../../src/capture/folder.js';
import type { CaptureFiles } from '../../src/capture/capture.js';
import { BEHAVIORS, SimulatedCamera, simulatorWeb, WEB_BEHAVIORS } from '../../src/simulator/index.js';
import { fakeTime, realTime, type Time } from '../faults/time.js';
import { commandOf, play, playedWith, wordsOf, type Command, type Outcome, type Played } from './played.js';
import { accountSecrets, formsOf, saidSecrets, webNonces } from './secrets-said.js';

const PASSWORD = 'capture-Secret+1';
const OTHER_PASSWORD = 'any other one';
/** Tuning takes a minute of what happens: one that all goes well for, one with an effect, one that hears nothing. */
const TUNED = ['speaker-swallows-450', 'microphone-mutes', 'busy'];
const HEARING = /^(stream|speaker|microphone|room)-/;
/** Decoding AAC takes a program, which knows no clock but the real one. */
const NEEDS_REAL_TIME: ReadonlySet<string> = new Set(['stream-aac']);

/** Every camera's; letters alone, which could be any word; beyond ASCII; anything. */
const USERS = ['admin', 'Annabell', 'Jörg', 'anna-7@home.example'] as const;

function timeFor(name: string): Time {
  return NEEDS_REAL_TIME.has(name) ? realTime() : fakeTime();
}

function assertHidden(files: CaptureFiles, wire: readonly string[], username: string): void {
  const account = accountSecrets({ username, password: PASSWORD }, webNonces(wire));
  const secrets = [...saidSecrets(wire), ...account].flatMap(formsOf);
  if (username !== 'admin') secrets.push(...formsOf(username).filter((form) => form !== username.toLowerCase()));
  const alone = new RegExp(`(?<![a-z0-9])${username.replace(/[^\p{L}\p{N}]/gu, '\\$&')}(?![a-z0-9])`, 'i');
  for (const [file, bytes] of files) {
    const text = bytes.toString('latin1').toLowerCase();
    assert.deepEqual(
      secrets.filter((secret) => text.includes(secret)),
      [],
      file,
    );
    assert.ok(!text.includes('127.0.0.1'), file);
    if (username !== 'admin') assert.doesNotMatch(bytes.toString('utf8'), alone, file);
  }
}

async function captured(
  name: string,
  command: Command,
  username: string,
): Promise<Played & { readonly settings: object }> {
  const time = timeFor(name);
  const { clock } = time;
  const isWeb = Object.hasOwn(WEB_BEHAVIORS, name);
  const camera = new SimulatedCamera({
    clock,
    username,
    password: PASSWORD,
    behaviors: isWeb ? [] : [name],
    httpPort: 0,
    web: simulatorWeb({ clock, api: isWeb ? (WEB_BEHAVIORS[name]?.options ?? {}) : {} }),
  });
  const { port, httpPort = 0 } = await camera.start();
  try {
    const mode = /cancels/.test(name) ? 'aec' : /mutes/.test(name) ? 'half_duplex' : 'full_duplex';
    const settings = { mode };
    const played = await play(command, playedWith({ mode, username }, port, httpPort, PASSWORD), time);
    assertHidden(played.files, played.wire, username);
    return { ...played, settings };
  } finally {
    await time.until(camera.stop());
  }
}

async function replayed(name: string, command: Command, files: CaptureFiles, settings: object): Promise<string> {
  const time = timeFor(name);
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  await prepareFolder(folder);
  await writeCapture(folder, files);
  const camera = new SimulatedCamera({ clock: time.clock, replay: folder, httpPort: 0 });
  try {
    const { port, httpPort = 0 } = await camera.start();
    const { outcome } = await play(command, playedWith(settings, port, httpPort, OTHER_PASSWORD), time);
    assert.deepEqual(camera.violations, []);
    return outcome;
  } finally {
    await time.until(camera.stop());
    await rm(folder, { recursive: true });
  }
}

/** What the capture says of itself is enough to ask the same again. */
function told(files: CaptureFiles): { readonly command: string; readonly outcome: Outcome } {
  return JSON.parse(String(files.get('capture.json'))) as { command: string; outcome: Outcome };
}

describe('a capture of a camera', () => {
  const names = [...Object.keys(BEHAVIORS), ...Object.keys(WEB_BEHAVIORS)];
  const cases = names.flatMap((name): (readonly [string, Command])[] => {
    if (HEARING.test(name)) return [[name, 'check'], [name, 'checkReport']]; // prettier-ignore
    return name.startsWith('web-') ? [[name, 'probe']] : [[name, 'probe'], [name, 'say']]; // prettier-ignore
  });
  for (const name of TUNED) cases.push([name, 'tune'], [name, 'tuneReport']);
  for (const [at, [name, command]] of cases.entries()) {
    const username = USERS[at % USERS.length] ?? 'admin';
    it(`${name}: ${command} by ${username} comes to the same when it is repeated`, async () => {
      const { outcome, files, settings } = await captured(name, command, username);
      assert.equal(commandOf(told(files)), command);
      assert.equal(wordsOf(told(files).outcome), outcome);
      const again = await replayed(name, command, files, settings);
      // In real time the chirp meets another moment of what there is to hear.
      if (NEEDS_REAL_TIME.has(name))
        assert.deepEqual(
          [outcome, again].filter((one) => !/cannot tell|not heard|sound\.(?!heard)/.test(one)),
          [],
        );
      else assert.equal(again, outcome);
    });
  }

  it('would not pass with anything that the web interface was told, or tells, in any form', async () => {
    const { wire } = await captured('web-type2', 'probe', 'Annabell');
    const secrets = saidSecrets(wire);
    const [, stok = ''] = /"stok":"([^"]+)"/.exec(wire.join('')) ?? [];
    assert.ok(webNonces(wire).length > 0 && secrets.includes(stok));
    assert.ok(secrets.some(({ length }) => length > 128));
    for (const form of [...secrets.flatMap(formsOf), 'by annabell'])
      assert.throws(() => assertHidden(new Map([['x', Buffer.from(`a ${form} b`)]]), wire, 'Annabell'), form);
  });
});
