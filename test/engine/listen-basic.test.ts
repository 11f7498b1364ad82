// Basic: never answered unless listening was allowed to, never for talking, never where Digest is or was offered; a try like every other. Real loopback.
import assert from 'node:assert/strict';
import { headerValue } from '../../src/rtsp/headers.js';
import { cameraOptions, createEngine, type CameraOptions, type Engine } from '../../src/index.js';
import { SimulatedCamera, type Behavior } from '../../src/simulator/index.js';
import { coded, eventually, noUnhandledRejections, rejection } from '../helpers/collect.js';
import { soundOf } from '../helpers/fake-session.js';
import { timeless } from '../helpers/violations.js';

const PASSWORD = 'Only4Tests!';
const BASIC = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;
const ALLOWED = { listenBasic: true };

for (const thread of [true, false]) {
  describe(`Basic, ${thread ? 'in a thread' : 'without a thread'}`, () => {
    noUnhandledRejections();

    let simulator: SimulatedCamera;
    let engine: Engine;

    beforeEach(() => {
      engine = createEngine({ thread });
    });
    afterEach(async () => {
      await engine.destroy();
      await eventually(() => simulator.connections === 0, 'the last connection');
      await simulator.stop();
      assert.deepEqual(timeless(simulator.violations), []);
    });

    async function simulate(...behaviors: readonly (Behavior | string)[]): Promise<void> {
      simulator = new SimulatedCamera({ password: PASSWORD, behaviors });
      await simulator.start();
    }
    const camera = (options: object): CameraOptions =>
      cameraOptions({
        ...{ host: '127.0.0.1', port: simulator.port, password: PASSWORD, idleMs: 0, drainMs: 0, login: 'none' },
        ...options,
      });
    const record = async (options: object): Promise<void> => {
      const microphone = engine.microphone(camera(options), { stream: 'stream1', chunkMs: 100 });
      try {
        await microphone.record({ until: 'full', seconds: 0.1 });
      } finally {
        await microphone.stop();
      }
    };
    const speak = async (options: object): Promise<void> => {
      const format = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
      const sources = [{ kind: 'bytes', bytes: soundOf(800), format }] as const;
      const [result] = await engine.speak([camera(options)], sources, { retries: 0 });
      if (result?.status !== 'fulfilled') throw result?.reason;
    };
    const credentials = (): string[] =>
      simulator.requests.flatMap(({ headers }) => headerValue(headers, 'Authorization') ?? []);
    const isBasic = (value: string): boolean => /^basic/i.test(value);
    /** Basic and Digest until the flag is set, then Basic alone. */
    const downgrade = { on: false };
    const downgraded: Behavior = {
      name: 'downgraded',
      transformChallenges: (usual) => usual.filter(({ scheme }) => !downgrade.on || scheme === 'Basic'),
    };
    beforeEach(() => {
      downgrade.on = false;
    });

    it('is not answered unless it was allowed, and the error says what could be', async () => {
      await simulate('restream');
      for (const options of [{}, { listenBasic: false }, { listenBasic: 'false' }, { listenBasic: '' }]) {
        coded('TALK_ERR_UNSUPPORTED', /listenBasic allows Basic/)(await rejection(record(options)));
      }
      assert.deepEqual(credentials(), []);
    });

    it('is answered by listening that is allowed to', async () => {
      await simulate('restream');
      await record(ALLOWED);
      assert.deepEqual([...new Set(credentials())], [BASIC]);
      assert.equal(simulator.loginFailures, 0);
    });

    it('gives way to Digest wherever that is offered, before it or behind it', async () => {
      for (const order of ['challenge-basic-first', 'challenge-digest-first']) {
        await simulate(order);
        await record(ALLOWED);
        assert.ok(credentials().length > 0 && !credentials().some(isBasic), order);
        await eventually(() => simulator.connections === 0, 'the last connection');
        await simulator.stop();
      }
      // One that cannot be answered is offered all the same.
      for (const unknown of ['md5-sess', 'auth-int']) {
        await simulate(unknown);
        coded('TALK_ERR_UNSUPPORTED')(await rejection(record(ALLOWED)));
        assert.deepEqual(credentials(), [], unknown);
        await eventually(() => simulator.connections === 0, 'the last connection');
        await simulator.stop();
      }
    });

    for (const [name, before] of [
      ['listening', record],
      ['talking', speak],
    ] as const) {
      it(`is not answered where ${name} was offered Digest before`, async () => {
        await simulate(downgraded);
        await before(ALLOWED);
        downgrade.on = true;
        for (const options of [ALLOWED, {}]) {
          coded('TALK_ERR_UNSUPPORTED')(await rejection(record(options)));
        }
        assert.ok(!credentials().some(isBasic));
      });
    }

    for (const unknown of [{ algorithm: 'MD5-sess' }, { qop: 'auth-int' }] as const) {
      for (const [name, before] of [
        ['listening', record],
        ['talking', speak],
      ] as const) {
        it(`is not answered where ${name} was offered a Digest that cannot be answered (${Object.values(unknown).join()}), whatever the dialect`, async () => {
          const spoilt: Behavior = {
            name: 'spoilt',
            transformChallenges: (usual) =>
              downgrade.on
                ? usual.filter(({ scheme }) => scheme === 'Basic')
                : usual.map((one) => (one.scheme === 'Basic' ? one : { ...one, ...unknown })),
          };
          await simulate(spoilt);
          coded('TALK_ERR_UNSUPPORTED')(await rejection(before(ALLOWED)));
          downgrade.on = true;
          for (const dialect of ['auto', 'ipc', 'vigi']) {
            coded('TALK_ERR_UNSUPPORTED')(await rejection(record({ ...ALLOWED, dialect })));
          }
          assert.deepEqual(credentials(), []);
        });
      }
    }

    it('is never answered by talking, nor by a test', async () => {
      await simulate('challenge-basic-only');
      coded('TALK_ERR_UNSUPPORTED', /not sent in any other way$/)(await rejection(speak(ALLOWED)));
      await record(ALLOWED);
      assert.ok(credentials().length > 0);
      coded('TALK_ERR_UNSUPPORTED')(await rejection(speak(ALLOWED)));
      const steps = await engine.probe(camera(ALLOWED));
      assert.ok(steps.some(({ code }) => code === 'TALK_ERR_UNSUPPORTED'));
      const talked = simulator.requests.filter(({ method }) => method === 'MULTITRANS');
      assert.ok(talked.length >= 3);
      assert.ok(talked.every(({ headers }) => headerValue(headers, 'Authorization') === undefined));
    });

    it('is a try: refused once it is held back, for talking with the same account, too', async () => {
      await simulate(downgraded);
      downgrade.on = true;
      const wrong = { ...ALLOWED, password: 'Wrong4Tests!' };
      coded('TALK_ERR_AUTH')(await rejection(record(wrong)));
      coded('TALK_ERR_LOCKED')(await rejection(record(wrong)));
      downgrade.on = false;
      coded('TALK_ERR_LOCKED')(await rejection(speak(wrong)));
      assert.deepEqual([simulator.loginFailures, credentials().length], [1, 1]);
    });

    it('wants a password, and a user name without a colon', async () => {
      await simulate('restream');
      coded('TALK_ERR_ARGUMENT', /no password is stored/)(await rejection(record({ ...ALLOWED, password: '' })));
      coded('TALK_ERR_ARGUMENT', /colon/)(await rejection(record({ ...ALLOWED, username: 'a:b' })));
      assert.deepEqual(credentials(), []);
    });
  });
}
