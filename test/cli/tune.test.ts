// `tplink-talk tune` against the simulator in real time: what is refused, printed and written, and the settings file in other commands. On a clock of its own: tune-house.test.ts.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { TUNED, type TunedSetting, type TuneResult } from '../../src/tune/result.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { timeless } from '../helpers/violations.js';
import { endCommands, run } from './command.js';

const PASSWORD = 'Only4Tests!';
/** What comes so much later than expected is still looked for. */
const MOST_HELD_MS = 200;

describe('tplink-talk tune', () => {
  const env = { TPLINK_TALK_PASSWORD: PASSWORD };
  let camera: SimulatedCamera;
  let folder: string;

  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tplink-talk-tune-'))));
  afterEach(async () => {
    await endCommands();
    await camera.stop();
    await rm(folder, { recursive: true });
  });

  const simulate = async (...behaviors: string[]): Promise<string[]> => {
    camera = new SimulatedCamera({ password: PASSWORD, behaviors });
    const { port } = await camera.start();
    return ['--host', '127.0.0.1', '--port', String(port)];
  };

  /**
   * All settings of such a camera are found. Only where the run itself shows that this machine was too busy, by gaps in what the camera was sent, by sounds that something came in
   * between of, or because the camera was held up so long that its microphone was late, may what is measured be missing; the mode is granted all the same.
   */
  function assertFound({ settings, tried }: TuneResult, heldMs: number): void {
    const gaps = camera.violations.length - timeless(camera.violations).length;
    const isDisturbed = tried.some(({ said }) => said.some(({ key }) => key === 'heard.disturbed'));
    const isBusy = gaps > 0 || isDisturbed || heldMs > MOST_HELD_MS;
    const demanded: readonly TunedSetting[] = isBusy ? ['mode'] : TUNED.filter((name) => name !== 'packetMs');
    for (const name of demanded) assert.notEqual(settings[name], undefined, `${name}: ${JSON.stringify(tried)}`);
  }

  /** Nothing that it found is wrong, busy or not. */
  function assertTrue(settings: TuneResult['settings'], expected: TuneResult['settings'], leastMs: number): void {
    for (const [name, value] of Object.entries(expected)) {
      assert.ok([value, undefined].includes(settings[name as TunedSetting]), name);
    }
    const { leadInMs = leastMs } = settings;
    assert.ok(leadInMs >= leastMs && leadInMs <= leastMs + 120, `${leadInMs} ms`);
  }

  it('writes what it found, which other commands read', async () => {
    const host = await simulate('speaker-swallows-450', 'speaker-double-speed', 'speaker-delays-900', 'room-noise-40');
    const file = join(folder, 'settings.json');
    await writeFile(file, '{ "drainMs": 777 }');
    const held = monitorEventLoopDelay();
    held.enable();
    const { code, out, err } = await run(['tune', ...host, '--json', '--apply', file], { env });
    held.disable();
    const result = JSON.parse(out) as TuneResult;
    assert.equal(code, Object.keys(result.unknown).length === 0 ? 0 : 1, err);
    assertFound(result, held.max / 1e6);
    assertTrue(result.settings, { mode: 'half_duplex', codec: 'pcmu16k', packetBytes: 2_048 }, 450);
    const written: unknown = JSON.parse(await readFile(file, 'utf8'));
    assert.deepEqual(written, { drainMs: 777, ...result.settings });

    await writeFile(file, '{ "mode": "full_duplex", "leadInMs": 40 }');
    const said = await run(['probe', ...host, '--json', '--settings', file], { env });
    assert.equal(said.err, '');
    assert.equal(camera.sessions.at(-1)?.start.mode, 'full_duplex');
  });

  it('captures without the name of another ear', async () => {
    const host = await simulate();
    const capture = join(folder, 'capture');
    // Nothing listens on this port.
    const { code, err } = await run(['tune', ...host, '--ear', 'localhost:1', '--capture', capture], { env });
    assert.equal(code, 1);
    assert.match(err, /captured: \d+ files/);
    const told = await readFile(join(capture, 'capture.json'), 'utf8');
    assert.match(told, /TALK_ERR_CONNECT/);
    assert.ok(!told.includes('localhost'), told);
  });

  it('looks before anything else whether the file can be written, and leaves nothing behind', async () => {
    const host = await simulate();
    const plain = join(folder, 'plain');
    await writeFile(plain, '{}');
    for (const file of [join(folder, 'none', 'settings.json'), join(plain, 'settings.json'), folder]) {
      const { code, err } = await run(['tune', ...host, '--apply', file], { env });
      assert.equal(code, 2, err);
      assert.match(err, /--apply: the file cannot be (read|written) \(E[A-Z]+\)/);
    }
    assert.equal(camera.requests.length, 0);
    // Refused by the camera: nothing was found that could be written.
    const file = join(folder, 'settings.json');
    const { code } = await run(['tune', ...host, '--apply', file], { env: { TPLINK_TALK_PASSWORD: 'Wrong4Tests!' } });
    assert.equal(code, 1);
    assert.deepEqual(await readdir(folder), ['plain']);
  });

  it('tells in lines what it does and found, and what it could not find out', async () => {
    const host = await simulate('microphone-deaf');
    const { code, out, err } = await run(['tune', ...host, '--mode', 'full_duplex'], { env });
    assert.equal(code, 1);
    assert.match(out, /^1 of about \d+: mode full_duplex\n/);
    assert.match(out, /\nmode +full_duplex\n/);
    assert.match(err, /^codec could not be found out: .+\nleadInMs could not be found out: /);
  });

  it('refuses files that are no settings, before anything else', async () => {
    const host = await simulate();
    const file = join(folder, 'other.json');
    for (const [content, problem, args] of [
      ['{ "flows": [] }', /"flows" is no setting/, ['tune', '--apply', file]],
      ['[1]', /one JSON object/, ['say', 'x.mp3', '--settings', file]],
      ['nonsense', /not JSON/, ['check', '--settings', file]],
      ['{ "leadInMs": 99999 }', /leadInMs/, ['tune', '--settings', file]],
    ] as const) {
      await writeFile(file, content);
      const { code, err } = await run([...args, ...host], { env });
      assert.equal(code, 2, err);
      assert.match(err, problem);
      assert.equal(await readFile(file, 'utf8'), content);
    }
    const { code, err } = await run(['probe', ...host, '--settings', join(folder, 'none')], { env });
    assert.equal(code, 2);
    assert.match(err, /cannot be read \(ENOENT\)/);
    assert.equal(camera.requests.length, 0);
  });

  it('wants its words right', async () => {
    const host = await simulate();
    const { code, err } = await run(['tune', ...host, 'now'], { env });
    assert.equal(code, 2);
    assert.match(err, /tune takes no further words/);
    for (const ear of ['two words', 'rtsp://admin:Wrong4Tests!@192.0.2.1/']) {
      const refused = await run(['tune', ...host, '--ear', ear], { env });
      assert.equal(refused.code, 2, refused.err);
      assert.doesNotMatch(refused.err, /Wrong4Tests/);
    }
    assert.equal(camera.requests.length, 0);
  });
});
