// An account for listening alone: who sends which password, and what the guard makes of it. Real loopback, cameras in a thread and without.
import assert from 'node:assert/strict';
import { headerValue } from '../../src/rtsp/headers.js';
import { cameraOptions, createEngine, type CameraOptions, type Engine } from '../../src/index.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { coded, eventually, noUnhandledRejections, rejection } from '../helpers/collect.js';
import { soundOf } from '../helpers/fake-session.js';
import { timeless } from '../helpers/violations.js';

const OWN = { username: 'admin', password: 'Only4Tests!' };
const LISTEN = { listenUsername: 'viewer', listenPassword: 'Also4Tests!' };
const WRONG = 'Wrong4Tests!';

for (const thread of [true, false]) {
  describe(`an account for listening, ${thread ? 'in a thread' : 'without a thread'}`, () => {
    noUnhandledRejections();

    let simulator: SimulatedCamera;
    let camera: CameraOptions;
    let engine: Engine;

    beforeEach(async () => {
      simulator = new SimulatedCamera({ ...OWN, ...LISTEN });
      const { port } = await simulator.start();
      camera = cameraOptions({ ...OWN, ...LISTEN, host: '127.0.0.1', port, idleMs: 0, drainMs: 0 });
      engine = createEngine({ thread });
    });

    afterEach(async () => {
      await engine.destroy();
      await eventually(() => simulator.connections === 0, 'the last connection');
      await simulator.stop();
      assert.deepEqual([timeless(simulator.violations), simulator.warnings], [[], []]);
    });

    const speak = async (options: Partial<CameraOptions> = {}): Promise<void> => {
      const format = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
      const sources = [{ kind: 'bytes', bytes: soundOf(800), format }] as const;
      const [result] = await engine.speak([{ ...camera, ...options }], sources, { retries: 0 });
      if (result?.status !== 'fulfilled') throw result?.reason;
    };
    const record = async (options: Partial<CameraOptions> = {}): Promise<void> => {
      const microphone = engine.microphone({ ...camera, ...options }, { stream: 'stream1', chunkMs: 100 });
      try {
        await microphone.record({ until: 'full', seconds: 0.1 });
      } finally {
        await microphone.stop();
      }
    };
    /** Who has logged in so far. */
    const users = (): Set<string> =>
      new Set(
        simulator.requests.flatMap(({ headers, method }) => {
          const [, user] = /username="(\w+)"/.exec(headerValue(headers, 'Authorization') ?? '') ?? [];
          return user === undefined ? [] : [`${user} ${method === 'MULTITRANS' ? 'talks' : 'listens'}`];
        }),
      );

    it('is used by the microphone, that of the camera by the loudspeaker', async () => {
      await Promise.all([speak(), record()]);
      assert.deepEqual(users(), new Set(['admin talks', 'viewer listens']));
      assert.equal(simulator.loginFailures, 0);
    });

    it('is tried once when it is wrong, and talking goes on; a test lets it be tried once more', async () => {
      const wrong = { listenPassword: WRONG };
      coded('TALK_ERR_AUTH')(await rejection(record(wrong)));
      coded('TALK_ERR_LOCKED')(await rejection(record(wrong)));
      assert.equal(simulator.loginFailures, 1);
      await speak(wrong);
      await record();
      await engine.probe({ ...camera, ...wrong, login: 'none' });
      coded('TALK_ERR_AUTH')(await rejection(record(wrong)));
      coded('TALK_ERR_LOCKED')(await rejection(record(wrong)));
      assert.equal(simulator.loginFailures, 2);
    });

    it('goes on when that of the camera is refused', async () => {
      const wrong = { password: WRONG };
      coded('TALK_ERR_AUTH')(await rejection(speak(wrong)));
      coded('TALK_ERR_LOCKED')(await rejection(speak(wrong)));
      await record(wrong);
      assert.equal(simulator.loginFailures, 1);
    });

    it('is one try with that of the camera where they are the same', async () => {
      const wrong = { username: 'viewer', password: WRONG, listenUsername: '', listenPassword: '' };
      coded('TALK_ERR_AUTH')(await rejection(record(wrong)));
      coded('TALK_ERR_LOCKED')(await rejection(speak(wrong)));
      assert.equal(simulator.loginFailures, 1);
    });

    it('is the only one that a Tapo camera is listened to with', async () => {
      const tapo = { dialect: 'tapo', username: 'admin', password: 'Cloud4Tests!' } as const;
      for (const lacking of [{ listenUsername: '', listenPassword: '' }, { listenPassword: '' }]) {
        coded('TALK_ERR_ARGUMENT')(await rejection(record({ ...tapo, ...lacking })));
        coded('TALK_ERR_ARGUMENT')(await rejection(engine.checkSound({ ...camera, ...tapo, ...lacking })));
      }
      assert.deepEqual(simulator.requests, []);
      await record(tapo);
      assert.deepEqual(users(), new Set(['viewer listens']));
      assert.equal(simulator.loginFailures, 0);
    });

    it('may differ between nodes for one camera: each listens as whom it names', async () => {
      const leave = engine.register(camera, 'one');
      const other = { listenPassword: WRONG };
      const leaveOther = engine.register({ ...camera, ...other }, 'other');
      const [good, bad] = await Promise.allSettled([record(), record(other)]);
      assert.equal(good.status, 'fulfilled');
      coded('TALK_ERR_AUTH')(bad.status === 'rejected' ? bad.reason : undefined);
      await Promise.all([leave(), leaveOther()]);
    });
  });
}
