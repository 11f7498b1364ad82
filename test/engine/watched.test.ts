// Watching a camera while it is asked something: what the watcher hears, of whom, and until when. Real loopback, cameras in a thread and without.
import assert from 'node:assert/strict';
import { cameraOptions, createEngine, type CameraOptions, type Engine, type WireEvent } from '../../src/index.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually, noUnhandledRejections } from '../helpers/collect.js';

const PASSWORD = 'Only4Tests!';
const DOLLAR = 0x24;

for (const thread of [true, false]) {
  describe(`watching a camera, ${thread ? 'in a thread' : 'without a thread'}`, () => {
    noUnhandledRejections();

    let simulator: SimulatedCamera;
    let engine: Engine;
    let events: WireEvent[];

    beforeEach(async () => {
      simulator = new SimulatedCamera({ password: PASSWORD });
      await simulator.start();
      engine = createEngine({ thread });
      events = [];
    });
    afterEach(async () => {
      await engine.destroy();
      await eventually(() => simulator.connections === 0, 'the last connection');
      await simulator.stop();
    });

    const camera = (more: object = {}): CameraOptions =>
      cameraOptions({ host: '127.0.0.1', port: simulator.port, password: PASSWORD, idleMs: 60_000, ...more });
    const onWire = (event: WireEvent): void => void events.push(event);
    const sent = (): Buffer[] => events.flatMap((event) => (event.what === 'sent' ? [Buffer.from(event.bytes)] : []));
    const asked = (): string[] => sent().flatMap((bytes) => /^[A-Z]+(?= )/.exec(bytes.toString('latin1')) ?? []);

    it('hears all of a camera that nobody uses', async () => {
      await engine.soundReport(camera({ mode: 'full_duplex' }), { onWire });
      for (const method of ['DESCRIBE', 'PLAY', 'MULTITRANS']) assert.ok(asked().includes(method), method);
      assert.ok(events.some(({ what }) => what === 'over'));
    });

    it('hears a session that was there before, and nothing afterwards', async () => {
      const own = camera({ mode: 'full_duplex' });
      const leave = engine.register(own, 'flow');
      await engine.connect(own);
      await engine.soundReport(own, { onWire });
      assert.ok(asked().includes('DESCRIBE'));
      const opened = new Set(events.filter(({ what }) => what === 'open').map(({ connection }) => connection));
      const older = events.filter((event) => event.what === 'sent' && !opened.has(event.connection));
      assert.ok(older.some((event) => 'bytes' in event && event.bytes[0] === DOLLAR));
      const heard = events.length;
      const [session] = simulator.sessions;
      const packets = session?.packetCount ?? 0;
      await eventually(() => (session?.packetCount ?? 0) > packets + 3, 'more silence');
      assert.equal(events.length, heard);
      await leave();
    });

    it('hears nothing of those who have the camera with another password', async () => {
      let chunks = 0;
      const microphone = engine.microphone(camera(), { stream: 'stream1', chunkMs: 20, onChunk: () => (chunks += 1) });
      void microphone.start();
      await eventually(() => chunks > 0, 'its sound');
      const [step] = await engine.soundReport(camera({ password: 'Wrong4Tests!' }), { onWire });
      assert.equal(step?.code, 'TALK_ERR_AUTH');
      assert.ok(asked().includes('DESCRIBE'));
      const frames = events.filter((event) => event.what === 'received' && event.bytes[0] === DOLLAR);
      assert.deepEqual(frames, []);
      await microphone.stop();
    });

    it('hears tuning, also when it comes to nothing', async () => {
      const { settings } = await engine.tuneReport(camera({ password: 'Wrong4Tests!' }), { onWire });
      assert.deepEqual(settings, {});
      assert.ok(asked().length > 0);
    });
  });
}
