// The beat from the pool to the camera's socket, judged by the camera's own rules. Both share a clock that the test moves.
import assert from 'node:assert/strict';
import { audioSources } from '../../src/audio/source.js';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually, watch } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { passing } from '../helpers/passing.js';

const PASSWORD = 'Only4Tests!';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
const clip = (ms: number): ReturnType<typeof audioSources> => audioSources(Buffer.alloc(ms * 8, 0xa1), ALAW);

describe('the beat at the camera', () => {
  let clock: FakeClock;
  let simulator: SimulatedCamera;
  let pool: Pool;

  afterEach(async () => {
    await pool.destroy();
    await eventually(() => simulator.connections === 0, 'the end of the connections');
    await simulator.stop();
    assert.equal(clock.pending, 0, 'a timer was left behind');
  });

  async function start(fields: object): Promise<CameraOptions> {
    clock = new FakeClock();
    simulator = new SimulatedCamera({ clock, password: PASSWORD });
    pool = new Pool({ clock });
    const { port } = await simulator.start();
    return cameraOptions({ host: '127.0.0.1', port, password: PASSWORD, ...fields });
  }

  for (const packetBytes of [160, 1024, 2048]) {
    it(`of ${packetBytes} bytes has no gap and no flood: two clips, the pause between them and the drain`, async () => {
      const camera = await start({ packetBytes, leadInMs: 300, drainMs: 600, idleMs: 1_000 });
      for (const ms of [1_700, 40]) {
        const [said] = await passing(clock, pool.speak([camera], clip(ms)));
        assert.ok(said?.status === 'fulfilled' && said.value.outcome === 'spoken');
        assert.equal(said.value.report.slips, 0);
        await passing(clock, clock.wait(400));
      }
      const heard = await passing(clock, simulator.waitForTalkEnd());
      assert.deepEqual(simulator.violations, []);
      assert.ok(heard.packetCount * packetBytes >= 2_800 * 8, `${heard.packetCount} packets`);
    });

    it(`of ${packetBytes} bytes lasts from the lead-in to the end of the drain, and a packet longer at most`, async () => {
      const camera = await start({ packetBytes, leadInMs: 300, drainMs: 600, idleMs: 0 });
      await passing(clock, pool.speak([camera], clip(1_000)));
      const { seconds, leadInMs, tailSilenceMs } = await passing(clock, simulator.waitForTalkEnd());
      const frame = packetBytes / 8_000;
      assert.ok(seconds >= 1.9 - frame && seconds <= 1.9 + 2 * frame, `${seconds} s`);
      assert.equal(leadInMs, 300);
      assert.ok(tailSilenceMs >= 600 - frame * 1_000, `${tailSilenceMs} ms of silence behind`);
    });
  }

  it('moves after a second in which nothing ran: one gap, and no flood behind it', async () => {
    const camera = await start({ packetBytes: 160, leadInMs: 20, drainMs: 0, idleMs: 0 });
    const speaking = watch(pool.speak([camera], clip(2_000)));
    await passing(
      clock,
      eventually(() => (simulator.sessions[0]?.packetCount ?? 0) > 20, 'the clip'),
    );
    clock.stall(1_000);
    await passing(
      clock,
      eventually(() => speaking.state !== 'pending', 'the end'),
    );
    const [said] = speaking.value ?? [];
    assert.ok(said?.status === 'fulfilled' && said.value.outcome === 'spoken');
    assert.equal(said.value.report.slips, 1);
    const { violations } = await simulator.waitForTalkEnd();
    assert.equal(violations.length, 1);
    assert.match(violations[0] ?? '', /: gap of (9|10)\d\d ms$/);
  });
});
