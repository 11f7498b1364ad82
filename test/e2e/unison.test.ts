// Cameras that start together, over loopback: the instants of the first sound from the sample positions in what each camera heard.
// Both sides share a clock that the test moves, so that no busy machine delays a log-in or a packet.
import assert from 'node:assert/strict';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import type { Behavior } from '../../src/simulator/behaviors/behavior.js';
import { SimulatedCamera } from '../../src/simulator/camera.js';
import type { Recording } from '../../src/simulator/talk/recording.js';
import { Pool } from '../../src/engine/pool.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { passing } from '../helpers/passing.js';

const PASSWORD = 'secret';
/** Less than cameras wait for each other, and far more than loopback takes here. */
const SLOW_MS = 250;
/** One packet of 1024 bytes, far less than a slow log-in. */
const CLOSE_MS = 128;

describe('cameras that start together', () => {
  const simulated: SimulatedCamera[] = [];
  const clock = new FakeClock();
  const pool = new Pool({ clock });

  /** Thinks for a while before it tells how to log in. */
  const slowChallenge = (): Behavior => ({
    name: 'slow-challenge',
    transformReply: (bytes, step, connection) => {
      if (step !== 'challenge') return [bytes];
      void clock.wait(SLOW_MS).then(() => connection.write(bytes));
      return [];
    },
  });

  async function camera(behaviors: readonly Behavior[], idleMs = 0): Promise<CameraOptions> {
    const one = new SimulatedCamera({ clock, password: PASSWORD, behaviors });
    simulated.push(one);
    const { port } = await one.start();
    return cameraOptions({ host: '127.0.0.1', port, password: PASSWORD, idleMs, leadInMs: 300, drainMs: 0 });
  }

  /** Where the first sound after `from` samples lies within what was heard. */
  function position(recording: Recording, from = 0): number {
    const sample = recording.samples().findIndex((value, index) => index >= from && Math.abs(value) > 500);
    assert.ok(sample >= 0, 'the camera heard nothing');
    return sample;
  }

  /** The beginning of the session's timeline: no packet came before its time. */
  function origin({ packets }: Recording): number {
    return Math.min(...packets.map(({ at }, n) => at - (n * (packets[0]?.payload.length ?? 0)) / 8));
  }

  after(async () => {
    await pool.destroy();
    await Promise.all(simulated.map((one) => one.stop()));
  });

  it('are heard at the same sample, slow log-ins and kept sessions included', async () => {
    const kept = await camera([], 60_000);
    const said = (to: readonly CameraOptions[]): Promise<unknown[]> =>
      passing(clock, pool.speak(to, [{ kind: 'chime', name: 'ding' }]));
    await said([kept]);
    const first = simulated[0]?.sessions[0] ?? assert.fail();
    const before = first.packetCount * 1_024;
    // Puts the kept session out of step with what comes.
    await passing(clock, clock.wait(40));

    const all = [kept, await camera([]), await camera([slowChallenge()]), await camera([])];
    const calledAt = clock.now();
    await said(all);
    assert.ok(clock.now() - calledAt >= SLOW_MS, 'the slow camera was not slow');
    const recordings = simulated.map(({ sessions }) => sessions[0] ?? assert.fail());
    const fresh = recordings.slice(1);
    const positions = fresh.map((recording) => position(recording));
    assert.deepEqual(positions, [positions[0], positions[0], positions[0]]);
    const instants = recordings.map(
      (recording, index) => origin(recording) + position(recording, index === 0 ? before : 0) / 8,
    );
    const apart = Math.max(...instants) - Math.min(...instants);
    assert.ok(apart < CLOSE_MS, `the first sounds are ${apart} ms apart`);
    for (const { violations, warnings } of recordings) assert.deepEqual([violations, warnings], [[], []]);
  });
});
