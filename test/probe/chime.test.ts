// A pool on trial: the chime and the probe beside what the pool itself says to the simulated camera.
import assert from 'node:assert/strict';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { audioSources } from '../../src/audio/source.js';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { Pool } from '../../src/engine/pool.js';
import { eventually } from '../helpers/collect.js';
import { timeless } from '../helpers/violations.js';

/** Samples of a 500 Hz square wave, 8 kHz: nothing to decode, never the same cache entry twice. */
const beep = (seconds: number): ReturnType<typeof audioSources> => {
  const pcm = Buffer.alloc(seconds * 16_000);
  for (let sample = 0; sample < pcm.length / 2; sample++)
    pcm.writeInt16LE(sample % 16 < 8 ? 8_000 : -8_000, sample * 2);
  return audioSources(pcm, { encoding: 's16le', sampleRate: 8_000, channels: 1 });
};

describe('a pool on trial', () => {
  let simulator: SimulatedCamera;
  let pool: Pool;

  afterEach(async () => {
    await pool.destroy();
    await eventually(() => simulator.connections === 0, 'the end of the connections');
    await simulator.stop();
    assert.deepEqual([timeless(simulator.violations), simulator.warnings], [[], []]);
  });

  async function start(options: SimulatedCameraOptions = {}): Promise<CameraOptions> {
    simulator = new SimulatedCamera(options);
    pool = new Pool();
    const { port } = await simulator.start();
    const { username, password } = simulator;
    const quick = { leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160, login: 'none' };
    return cameraOptions({ host: '127.0.0.1', port, username, password, ...quick });
  }

  const talking = async (): Promise<void> =>
    eventually(() => simulator.sessions.at(-1)?.end === 'open', 'the talk to begin');

  it('plays the chime on a line that ends with it, drain included', async () => {
    const camera = await start();
    const step = await pool.chime({ ...camera, drainMs: 200, idleMs: 60_000 });
    assert.deepEqual([step.name, step.outcome, step.key], ['chime', 'ok', 'chime.ok']);
    await eventually(() => simulator.connections === 0, 'the end of the connection');
    const { soundSeconds, seconds } = (await simulator.waitForTalkEnd()).toJSON();
    const played = Number(step.values['seconds']);
    assert.ok(played > 0.5 && Math.abs(soundSeconds - played) < 0.5, `${soundSeconds} s of ${played} s`);
    assert.ok(seconds > played + 0.15, `${seconds} s with the drain of ${played} s`);
  });

  it('lets the chime wait its turn behind a clip of the same user', async () => {
    const camera = await start();
    const leave = pool.register(camera, 'deployed');
    const spoken = pool.speak([camera], beep(0.5));
    await talking();
    const step = await pool.chime(camera);
    assert.equal(step.outcome, 'ok');
    assert.equal((await spoken)[0]?.status, 'fulfilled');
    assert.equal(simulator.sessions.length, 1);
    await leave();
  });

  it('does not fight a clip of another user name or password', async () => {
    const camera = await start();
    const spoken = pool.speak([camera], beep(0.5));
    await talking();
    const step = await pool.chime({ ...camera, password: 'corrected' });
    assert.deepEqual([step.outcome, step.key], ['skipped', 'talk.ourselves']);
    const [check] = await pool.soundReport({ ...camera, password: 'corrected' });
    assert.deepEqual([check?.outcome, check?.key], ['skipped', 'talk.ourselves']);
    assert.equal((await spoken)[0]?.status, 'fulfilled');
    assert.equal(simulator.sessions.length, 1);
  });

  it('asks for a talk only while none of its own goes on', async () => {
    const camera = await start();
    const asked = async (): Promise<(string | undefined)[]> =>
      (await pool.probe(camera)).filter(({ name }) => name === 'talk').map(({ key }) => key);
    assert.deepEqual(await asked(), ['talk.ok']);
    const spoken = pool.speak([camera], beep(0.5));
    await eventually(() => simulator.sessions.length === 2, 'the clip');
    assert.deepEqual(await asked(), ['talk.ourselves']);
    assert.equal((await spoken)[0]?.status, 'fulfilled');
    assert.equal(simulator.sessions.length, 2);
  });

  it('plays it with a corrected password while a node with the old one is deployed', async () => {
    const camera = await start();
    const leave = pool.register({ ...camera, password: 'old' }, 'deployed');
    const [refused] = await pool.speak([{ ...camera, password: 'old' }], beep(0.2), { retries: 0 });
    assert.equal(refused?.status, 'rejected');
    assert.equal((await pool.chime(camera)).outcome, 'ok');
    await leave();
  });

  it('spends a refused password once; a probe, which is a test of it, once more', async () => {
    const camera = await start();
    const wrong = { ...camera, password: 'wrong' };
    const chime = await pool.chime(wrong);
    assert.deepEqual([chime.outcome, chime.code], ['failed', 'TALK_ERR_AUTH']);
    const requests = simulator.requests.length;
    assert.equal((await pool.chime(wrong)).code, 'TALK_ERR_LOCKED');
    assert.deepEqual(
      (await pool.soundReport(wrong)).map(({ name, code }) => [name, code]),
      [['stream', 'TALK_ERR_LOCKED']],
    );
    assert.equal(simulator.requests.length, requests);
    assert.equal((await pool.probe(wrong)).find(({ name }) => name === 'login')?.code, 'TALK_ERR_AUTH');
    assert.equal(simulator.loginFailures, 2);
    assert.equal((await pool.probe(camera)).find(({ name }) => name === 'talk')?.outcome, 'ok');
  });

  it('ends the chime with the signal', async () => {
    const camera = await start();
    const abort = new AbortController();
    const playing = pool.chime(camera, { signal: abort.signal });
    await talking();
    abort.abort();
    const step = await playing;
    assert.deepEqual([step.outcome, step.code], ['failed', 'TALK_ERR_ABORTED']);
    await eventually(() => simulator.connections === 0, 'the end of the connection');
  });

  it('says that a flow cut the chime', async () => {
    const camera = await start();
    const leave = pool.register(camera, 'deployed');
    const playing = pool.chime(camera);
    await talking();
    pool.line(camera).skip();
    const step = await playing;
    assert.deepEqual([step.outcome, step.key], ['warning', 'chime.cut']);
    await leave();
  });

  it('probes beside its own talk without touching it', async () => {
    const camera = await start();
    const spoken = pool.speak([camera], beep(0.5));
    await talking();
    const steps = await pool.probe(camera);
    assert.deepEqual(
      steps.map(({ name, outcome }) => [name, outcome]),
      [
        ['reach', 'ok'],
        ['methods', 'ok'],
        ['talk', 'skipped'],
        ['web', 'skipped'],
      ],
    );
    assert.equal((await spoken)[0]?.status, 'fulfilled');
    assert.equal(simulator.sessions.length, 1);
  });
});
