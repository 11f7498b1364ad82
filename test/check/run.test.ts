// checkSound against the simulator, whose microphone hears its loudspeaker: verdict, delay, speed, and how it ends when it cannot be done.
// Both sides share a clock that the test moves, so that no busy machine delays a packet.
import assert from 'node:assert/strict';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { audioSources } from '../../src/audio/source.js';
import type { CheckStep } from '../../src/check/run.js';
import type { SoundVerdict } from '../../src/check/verdict.js';
import { SimulatedCamera, type Behavior, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { Pool } from '../../src/engine/pool.js';
import { coded, eventually, noUnhandledRejections, rejection } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { passing as pass } from '../helpers/passing.js';

/** The chirp in the microphone by default: its root mean square of 0.49 and 12 dB less. */
const LEVEL_DB = -18.2;

describe('checkSound', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let simulator: SimulatedCamera;
  let pool: Pool;

  afterEach(async () => {
    await pool.destroy();
    await eventually(() => simulator.connections === 0, 'the end of the connections');
    await simulator.stop();
    assert.equal(clock.pending, 0, 'a timer was left behind');
  });

  async function start(options: SimulatedCameraOptions = {}, fields: object = {}): Promise<CameraOptions> {
    clock = new FakeClock();
    simulator = new SimulatedCamera({ clock, ...options });
    pool = new Pool({ clock });
    const { port } = await simulator.start();
    const { username, password } = simulator;
    const quick = { mode: 'full_duplex', drainMs: 0, idleMs: 0 };
    return cameraOptions({ host: '127.0.0.1', port, username, password, ...quick, ...fields });
  }

  const passing = <T>(promise: Promise<T>, tickMs?: number): Promise<T> => pass(clock, promise, tickMs);
  const check = (camera: CameraOptions): Promise<SoundVerdict> => passing(pool.checkSound(camera));

  function assertDelay({ verdict, reason, delayMs = NaN }: SoundVerdict, expected: number): void {
    assert.deepEqual([verdict, reason], ['heard', 'found']);
    assert.ok(Math.abs(delayMs - expected) < 5, `${delayMs} ms instead of ${expected} ms`);
  }

  it('hears the chirp in a quiet room, after the 120 ms of loudspeaker and microphone', async () => {
    const camera = await start({ loudspeaker: { bufferMs: 100 }, microphone: { delayMs: 20 } });
    const steps: CheckStep[] = [];
    let ended: string | undefined;
    simulator.once('streamEnd', ({ end }) => (ended = end));
    const verdict = await passing(pool.checkSound(camera, { onStep: (step) => steps.push(step) }));
    assertDelay(verdict, 120);
    const { levelDb = NaN, snrDb = NaN, clipping, speed, suggestMode } = verdict;
    assert.deepEqual([clipping, speed, suggestMode], [false, 1, undefined]);
    assert.ok(Math.abs(levelDb - LEVEL_DB) < 1, `${levelDb} dB`);
    assert.ok(Math.abs(snrDb - (LEVEL_DB + 60)) < 2, `${snrDb} dB`);
    assert.deepEqual(steps, ['opening', 'listening', 'playing', 'measuring']);
    assert.equal(ended, 'teardown');
    assert.deepEqual([simulator.violations, simulator.warnings], [[], []]);
  });

  for (const [bufferMs, delayMs] of [
    [100, 20],
    [60, 333.3],
    [250, 900],
  ] as const) {
    it(`hears it after ${bufferMs + delayMs} ms at 10 dB of signal to noise`, async () => {
      const camera = await start({ loudspeaker: { bufferMs }, microphone: { delayMs, noiseDb: LEVEL_DB - 10 } });
      const verdict = await check(camera);
      assertDelay(verdict, bufferMs + delayMs);
      assert.ok(Math.abs((verdict.snrDb ?? NaN) - 10) < 1.5, `${verdict.snrDb} dB`);
    });
  }

  it('measures the same delay with another lead-in, packet size and codec, and on a session that is open already', async () => {
    const camera = await start({}, { leadInMs: 451, packetBytes: 2048, codec: 'pcmu16k' });
    assertDelay(await check(camera), 120);
    await passing(pool.connect(camera));
    assertDelay(await check(camera), 120);
  });

  it('cannot tell when half_duplex mutes the microphone, and suggests full_duplex, which then hears', async () => {
    const camera = await start({ microphone: { muteInHalfDuplex: true } }, { mode: 'half_duplex' });
    const { verdict, reason, suggestMode, text } = await check(camera);
    assert.deepEqual([verdict, reason, suggestMode], ['cannot tell', 'microphone muted by half_duplex', 'full_duplex']);
    assert.match(text, /Set it to full duplex and check again/);
    assertDelay(await check({ ...camera, mode: 'full_duplex' }), 120);
  });

  /** Sends no packet of the microphone while somebody talks. */
  const silentWhileTalking = (): Behavior => ({
    name: 'silent-while-talking',
    transformStreamPacket: (frame) => (simulator.sessions.at(-1)?.end === 'open' ? [] : [frame]),
  });

  for (const [mode, name, leadInMs] of [
    ['half_duplex', 'shortly', 300],
    ['half_duplex', 'for longer than a stream may be silent', 3_000],
    ['vad', 'for longer than a stream may be silent', 3_000],
  ] as const) {
    it(`cannot tell when ${mode} stops the stream ${name}, and suggests full_duplex`, async () => {
      const camera = await start({ behaviors: [silentWhileTalking()] }, { mode, leadInMs });
      const { verdict, reason, suggestMode } = await check(camera);
      assert.deepEqual([verdict, reason, suggestMode], ['cannot tell', `microphone muted by ${mode}`, 'full_duplex']);
    });
  }

  it('cannot tell either when the camera talked before', async () => {
    const camera = await start({ behaviors: [silentWhileTalking()] }, { mode: 'half_duplex', idleMs: 60_000 });
    await passing(pool.connect(camera));
    const { reason, suggestMode } = await check(camera);
    assert.deepEqual([reason, suggestMode], ['microphone muted by half_duplex', 'full_duplex']);
  });

  it('rejects when the stream falls silent in another mode, or without a talk', async () => {
    const camera = await start({ behaviors: [silentWhileTalking()] }, { leadInMs: 3_000 });
    assert.equal((await rejection(check(camera))).code, 'TALK_ERR_STALLED');
    const mute: Behavior = { name: 'mute', transformStreamPacket: () => [] };
    await pool.destroy();
    await simulator.stop();
    const other = await start({ behaviors: [mute] }, { mode: 'half_duplex' });
    assert.equal((await rejection(check(other))).code, 'TALK_ERR_STALLED');
  });

  it('cannot tell when aec takes the loudspeaker out, and suggests full_duplex', async () => {
    const camera = await start({ microphone: { cancelInAec: true, noiseDb: -40 } }, { mode: 'aec' });
    const { verdict, reason, suggestMode } = await check(camera);
    assert.deepEqual([verdict, reason, suggestMode], ['cannot tell', 'loudspeaker cancelled by aec', 'full_duplex']);
  });

  it('says "not heard" of a loudspeaker that is silent', async () => {
    const camera = await start({ behaviors: ['microphone-deaf'] });
    const { verdict, reason, delayMs } = await check(camera);
    assert.deepEqual([verdict, reason, delayMs], ['not heard', 'nothing found', undefined]);
  });

  it('cannot tell with a microphone that gives no sound', async () => {
    const camera = await start({ microphone: { gainDb: -Infinity, noiseDb: -Infinity } });
    const { verdict, reason } = await check(camera);
    assert.deepEqual([verdict, reason], ['cannot tell', 'microphone silent']);
  });

  for (const [behavior, speed] of [
    ['speaker-double-speed', 2],
    ['speaker-half-speed', 0.5],
  ] as const) {
    it(`tells ${behavior}`, async () => {
      const verdict = await check(await start({ behaviors: [behavior] }));
      assert.deepEqual([verdict.verdict, verdict.reason, verdict.speed], ['heard', 'wrong speed', speed]);
    });
  }

  it('tells that the loudspeaker clips', async () => {
    const verdict = await check(await start({ behaviors: ['speaker-clips'] }));
    assert.deepEqual([verdict.verdict, verdict.clipping], ['heard', true]);
  });

  it('rejects when the stream carries no sound; nothing is said', async () => {
    const camera = await start({ behaviors: ['stream-no-audio'] });
    assert.equal((await rejection(check(camera))).code, 'TALK_ERR_UNSUPPORTED');
    assert.equal(simulator.sessions.length, 0);
  });

  it('sends a wrong password once', async () => {
    const camera = { ...(await start()), password: 'Wrong4Tests!' };
    assert.equal((await rejection(check(camera))).code, 'TALK_ERR_AUTH');
    const proofs = simulator.requests.filter(({ headers }) => headers.some(([name]) => name === 'Authorization'));
    assert.equal(proofs.length, 1);
    assert.equal((await rejection(check(camera))).code, 'TALK_ERR_LOCKED');
  });

  it('rejects when the stream breaks in the middle', async () => {
    const camera = await start({ behaviors: ['stream-closes:40'] });
    assert.equal((await rejection(check(camera))).code, 'TALK_ERR_CLOSED');
  });

  it('rejects when another clip cuts the chirp', async () => {
    const camera = await start();
    const checking = pool.checkSound(camera);
    const rejected = assert.rejects(checking, coded('TALK_ERR_BUSY', /check again/));
    simulator.once('packet', () => void pool.skip(camera));
    await passing(rejected);
  });

  it('gives up after 30 s behind a long clip', async () => {
    const camera = await start();
    const silence = audioSources(Buffer.alloc(40 * 16_000), { encoding: 's16le', sampleRate: 8_000, channels: 1 });
    const stop = new AbortController();
    const speaking = pool.speak([camera], silence, { signal: stop.signal });
    const startedAt = clock.now();
    const { code } = await rejection(passing(pool.checkSound(camera), 50));
    assert.equal(code, 'TALK_ERR_TIMEOUT');
    assert.ok(Math.abs(clock.now() - startedAt - 30_000) < 1_000);
    stop.abort();
    await speaking;
  });

  it('stops at once with its signal, and leaves nothing behind', async () => {
    const camera = await start();
    const stop = new AbortController();
    simulator.once('packet', () => stop.abort());
    assert.equal((await rejection(passing(pool.checkSound(camera, { signal: stop.signal })))).code, 'TALK_ERR_ABORTED');
    await passing(pool.close());
    await eventually(() => simulator.connections === 0, 'the end of the connections');
  });
});
