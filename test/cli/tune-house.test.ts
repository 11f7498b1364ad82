// `tplink-talk tune` with a camera and a clock in memory: what it prints and writes, whatever the machine is busy with.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/main.js';
import type { Behavior, SimulatedCamera, SimulatedCameraOptions } from '../../src/simulator/index.js';
import { TuneHouse } from '../tune/house.js';

const onlyHalfDuplex: Behavior = {
  name: 'only-half-duplex',
  onTalkRequest: (mode) => (mode === 'half_duplex' ? undefined : -52410),
};

describe('tplink-talk tune, on a clock of its own', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tplink-talk-tune-'))));
  afterEach(() => rm(folder, { recursive: true }));

  interface Printed {
    readonly code: number;
    readonly out: string;
    readonly err: string;
  }

  /** `onText` is told of each text as it is printed. */
  async function tune(
    behaviors: readonly (Behavior | string)[],
    args: readonly string[],
    onText: (text: string, camera: SimulatedCamera) => void = () => undefined,
    options: Pick<SimulatedCameraOptions, 'password'> = {},
  ): Promise<Printed> {
    const house = new TuneHouse();
    const { camera, simulator } = house.add({ behaviors, ...options });
    const printed = { out: '', err: '' };
    const to = (where: keyof typeof printed) => (text: string) => {
      printed[where] += text;
      onText(text, simulator);
    };
    const running = main(['tune', '--host', camera.host, ...args], {
      ...{ out: to('out'), err: to('err') },
      input: process.stdin,
      env: { TPLINK_TALK_PASSWORD: camera.password },
      signal: new AbortController().signal,
      createEngine: () => house.pool,
    });
    const code = await house.passing(running);
    await house.end();
    return { code, ...printed };
  }

  it('prints all settings and writes them down', async () => {
    const file = join(folder, 'settings.json');
    await writeFile(file, '{ "drainMs": 7777 }');
    const habits = ['speaker-swallows-450', 'speaker-double-speed', 'room-noise-40'];
    const { code, out, err } = await tune(habits, ['--json', '--apply', file]);
    assert.deepEqual([code, err], [0, '']);
    const { settings, unknown } = JSON.parse(out);
    assert.deepEqual(unknown, {});
    const { leadInMs, drainMs, ...others } = settings;
    assert.deepEqual(others, { mode: 'half_duplex', codec: 'pcmu16k', packetBytes: 2_048 });
    assert.ok(leadInMs >= 450 && leadInMs <= 570, String(leadInMs));
    assert.ok(drainMs <= 120, String(drainMs));
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), settings);
  });

  it('leaves in the file what it could not find out', async () => {
    const file = join(folder, 'settings.json');
    await writeFile(file, '{ "packetBytes": 512, "mode": "aec" }');
    const { code, err } = await tune(['speaker-gaps-below-4096'], ['--apply', file]);
    assert.equal(code, 1);
    assert.match(err, /^packetBytes could not be found out: There are gaps with packets of every size\n$/);
    const { packetBytes, mode, codec, leadInMs } = JSON.parse(await readFile(file, 'utf8'));
    assert.deepEqual([packetBytes, mode, codec, typeof leadInMs], [512, 'half_duplex', 'pcma8k', 'number']);
  });

  for (const [option, path, problem] of [
    ['--apply', 'gone/settings.json', /^--apply: the file cannot be written \(ENOENT\)$/m],
    ['--capture', 'gone', /Cannot write the capture/],
  ] as const) {
    it(`prints what it found also when ${option} cannot be written any more`, async () => {
      const gone = join(folder, 'gone');
      mkdirSync(gone);
      const { code, out, err } = await tune([], [option, join(folder, path)], (text) => {
        if (text.startsWith('1 of about')) rmSync(gone, { recursive: true });
      });
      assert.match(out, /\nmode +half_duplex\ncodec +pcma8k\n/);
      assert.match(err, problem);
      assert.equal(code, 1);
    });
  }

  it('prints and writes what it found also when a secret would be in its capture, and one object alone', async () => {
    const [file, capture] = [join(folder, 'settings.json'), join(folder, 'capture')];
    const args = ['--json', '--apply', file, '--capture', capture];
    // A word of every capture.json.
    const { code, out, err } = await tune([], args, undefined, { password: 'connections' });
    assert.equal(code, 1);
    assert.match(err, /^TALK_ERR_PROTOCOL: The capture was not written/);
    assert.equal(out.split('\n').length, 2, out);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), JSON.parse(out).settings);
    assert.deepEqual(readdirSync(capture), []);
  });

  for (const json of [true, false]) {
    it(`says when to start and to stop a recording, ${json ? 'with' : 'without'} --json, and finds the settings with it`, async () => {
      const file = join(folder, 'phone.wav');
      let phone: ReturnType<SimulatedCamera['recordRoom']> | undefined;
      const { code, out, err } = await tune(
        [onlyHalfDuplex, 'microphone-mutes', 'speaker-swallows-450'],
        ['--ear-file', file, ...(json ? ['--json'] : [])],
        (text, camera) => {
          if (text.startsWith('Start recording now')) phone = camera.recordRoom({});
          if (text.startsWith('Stop recording now') && phone !== undefined) writeFileSync(file, phone.stop());
        },
      );
      assert.match(
        err,
        /^Start recording now.+\nStop recording now: all has been played. Save it .+ within 5 minutes\.\n$/,
      );
      assert.equal(code, 0);
      if (json) assert.equal(JSON.parse(out).settings.packetBytes, 2_048);
      else assert.match(out, /\nleadInMs +(4[5-9]0|5[0-7]0)\n/);
    });
  }

  it('says that no recording is needed where the camera is heard without', async () => {
    const { code, err } = await tune([], ['--ear-file', join(folder, 'phone.wav'), '--json']);
    assert.equal(code, 0);
    assert.match(err, /^Start recording now.+\nStop recording: it is not needed\.\n$/);
  });
});
