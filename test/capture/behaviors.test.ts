// A capture of each behavior of the simulator: it holds no secret, and a camera that repeats it comes to the same.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareFolder, writeCapture } from '../../src/capture/folder.js';
import type { CaptureFiles } from '../../src/capture/capture.js';
import { BEHAVIORS, SimulatedCamera, simulatorWeb, WEB_BEHAVIORS } from '../../src/simulator/index.js';
import { securityEncode } from '../../src/security-encode.js';
import { fakeTime, realTime, type Time } from '../faults/time.js';
import { play, playedWith, type Command, type Played } from './played.js';

const PASSWORD = 'capture-Secret+1';
const OTHER_PASSWORD = 'any other one';
const HEARING = /^(stream|speaker|microphone|room)-/;
/** Decoding AAC takes a program, which knows no clock but the real one. */
const NEEDS_REAL_TIME: ReadonlySet<string> = new Set(['stream-aac']);

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const base64 = (text: string): string => Buffer.from(text).toString('base64').replace(/=+$/, '');
const SECRETS = [
  PASSWORD,
  encodeURIComponent(PASSWORD),
  base64(PASSWORD),
  base64(`admin:${PASSWORD}`),
  Buffer.from(PASSWORD).toString('hex'),
  md5(PASSWORD),
  createHash('sha256').update(PASSWORD).digest('hex'),
  md5(`admin:TP-LINK IP-Camera:${PASSWORD}`),
  securityEncode(PASSWORD),
];

function timeFor(name: string): Time {
  return NEEDS_REAL_TIME.has(name) ? realTime() : fakeTime();
}

/** The words in which a real exchange was told apart from all others. */
function said(camera: SimulatedCamera): string[] {
  return camera.requests.flatMap(({ headers }) =>
    headers.flatMap(([name, value]) => {
      if (/^(x-client-uuid|session)$/i.test(name)) return value.length < 6 ? [] : [value];
      return [...value.matchAll(/\b(?:c?nonce|response)="([^"]{6,})"/g)].map(([, secret = '']) => secret);
    }),
  );
}

async function captured(name: string, command: Command): Promise<Played & { readonly settings: object }> {
  const time = timeFor(name);
  const { clock } = time;
  const isWeb = Object.hasOwn(WEB_BEHAVIORS, name);
  const camera = new SimulatedCamera({
    clock,
    password: PASSWORD,
    behaviors: isWeb ? [] : [name],
    httpPort: 0,
    web: simulatorWeb({ clock, api: isWeb ? (WEB_BEHAVIORS[name]?.options ?? {}) : {} }),
  });
  const { port, httpPort = 0 } = await camera.start();
  try {
    const settings = { mode: /cancels/.test(name) ? 'aec' : /mutes/.test(name) ? 'half_duplex' : 'full_duplex' };
    const played = await play(command, playedWith(settings, port, httpPort, PASSWORD), time);
    const secrets = [...SECRETS, ...said(camera)];
    for (const [file, bytes] of played.files) {
      const text = bytes.toString('latin1').toLowerCase();
      const found = secrets.filter((secret) => text.includes(secret.toLowerCase()));
      assert.deepEqual(found, [], file);
      assert.ok(!text.includes('127.0.0.1'), file);
    }
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

describe('a capture of a camera', () => {
  const names = [...Object.keys(BEHAVIORS), ...Object.keys(WEB_BEHAVIORS)];
  for (const name of names) {
    const commands: Command[] = HEARING.test(name) ? ['check'] : name.startsWith('web-') ? ['probe'] : ['probe', 'say'];
    for (const command of commands) {
      it(`${name}: ${command} comes to the same when it is repeated`, async () => {
        const { outcome, files, settings } = await captured(name, command);
        const again = await replayed(name, command, files, settings);
        // In real time the chirp meets another moment of what there is to hear.
        if (NEEDS_REAL_TIME.has(name))
          assert.deepEqual(
            [outcome, again].filter((one) => !/^(?:cannot tell|not heard) /.test(one)),
            [],
          );
        else assert.equal(again, outcome);
      });
    }
  }
});
