// Asking simulated cameras of the HTTP talk: recognised without a password where MULTITRANS was chosen, asked step by step where their dialect was.
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { cameraOptions } from '../../src/camera-options.js';
import { probe, type ProbeOptions } from '../../src/probe/probe.js';
import { failedTalking, type ProbeStep } from '../../src/probe/report.js';
import { unheard } from '../../src/probe/sound.js';
import { probeVerdict } from '../../src/probe/verdict.js';
import { TalkError } from '../../src/errors.js';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';

const PASSWORD = 'Abc12345';
const FAMILIES = ['tapo', 'vigi-stream'] as const;

const told = (steps: readonly ProbeStep[]): string[] =>
  steps.map(({ name, outcome, key }) => `${name} ${outcome} ${key}`);

describe('probe of the HTTP talk', () => {
  const cameras: SimulatedCamera[] = [];

  afterEach(async () => {
    for (const camera of cameras.splice(0)) await camera.stop();
  });

  async function simulate(options: SimulatedCameraOptions): Promise<SimulatedCamera> {
    const camera = new SimulatedCamera({ password: PASSWORD, ...options });
    cameras.push(camera);
    await camera.start();
    return camera;
  }

  /** With `login` none, so that no web interface is asked. */
  async function ask(
    camera: SimulatedCamera,
    fields: Readonly<Record<string, unknown>>,
    options: ProbeOptions = {},
  ): Promise<ProbeStep[]> {
    const { port, streamPort } = camera;
    const at = { host: '127.0.0.1', port, streamPort, password: PASSWORD, login: 'none' };
    const steps = await probe(cameraOptions({ ...at, ...fields }), options);
    assert.ok(!JSON.stringify(steps).includes(PASSWORD));
    return steps;
  }

  async function closedPort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  const violations = (): string[] => cameras.flatMap((camera) => camera.violations);

  describe('asked for MULTITRANS', () => {
    for (const family of FAMILIES) {
      for (const dialect of ['auto', 'ipc', 'vigi']) {
        it(`${dialect}: says of a camera of family ${family} which dialect and which password it wants, and sends none`, async () => {
          const camera = await simulate({ family });
          const { streamPort } = camera;
          const expected = `httpTalk warning httpTalk.${family}`;
          const steps = await ask(camera, { dialect });
          assert.deepEqual(told(steps).slice(2, 4), ['multitrans failed failed.TALK_ERR_UNSUPPORTED', expected]);
          assert.deepEqual(steps[3]?.settings, { dialect: family, streamPort });
          const whose =
            family === 'tapo' ? /dialect Tapo\b.*\badmin\b.*TP-Link account/ : /VIGI.*\badmin\b.*on the camera/;
          assert.match(steps[3].text, whose);
          assert.equal(probeVerdict(steps).key, 'verdict.dialect');

          const withoutRtsp = await ask(camera, { dialect, port: await closedPort() });
          assert.deepEqual(told(withoutRtsp), ['reach failed failed.TALK_ERR_CONNECT', expected]);
          assert.equal(probeVerdict(withoutRtsp).key, 'verdict.dialect');

          assert.doesNotMatch(JSON.stringify(camera.requests), /authorization/i);
          assert.deepEqual([camera.loginFailures, camera.sessions.length, violations()], [0, 0, []]);
        });
      }
    }

    it('says nothing of it where there is none, and asks no camera that talks', async () => {
      const plain = await simulate({});
      const tapo = await simulate({ family: 'tapo' });
      const good = await ask(plain, { streamPort: tapo.streamPort });
      const bad = await ask(await simulate({ behaviors: ['bad-request'] }), { streamPort: await closedPort() });
      const other = await simulate({ family: 'tapo', behaviors: ['other-server'] });
      const web = await ask(other, {});
      for (const steps of [good, bad, web])
        assert.ok(!steps.some(({ name }) => name === 'httpTalk'), told(steps).join());
      assert.equal(tapo.connections + tapo.requests.length, 0);
      assert.equal(probeVerdict(bad).key, 'verdict.noTalk');
    });
  });

  describe('in its dialect', () => {
    for (const [family, behaviors, login, digest] of [
      ['tapo', [], 'login.sha256', 'MD5'],
      ['tapo', ['password-md5'], 'login.md5', 'MD5'],
      ['tapo', ['md5-announced-as-3'], 'login.md5', 'MD5'],
      ['tapo', ['close-after-challenge'], 'login.sha256', 'MD5'],
      ['tapo', ['sha256-digest'], 'login.sha256', 'SHA-256'],
      ['vigi-stream', [], 'login.scrambled', 'MD5'],
    ] as const) {
      it(`${family} ${behaviors.join()}: says ok to all steps and gives the talk back`, async () => {
        const camera = await simulate({ family, behaviors });
        for (let times = 0; times < 2; times++) {
          const steps = await ask(camera, { dialect: family });
          assert.deepEqual(told(steps), [
            'reach ok reach.ok',
            `httpTalk ok httpTalk.asks${family === 'tapo' ? 'Tapo' : 'Vigi'}`,
            `login ok ${login}`,
            'talk ok talk.ok',
            `web skipped ${family === 'tapo' ? 'web.tapo' : 'web.none'}`,
          ]);
          assert.equal(steps[0]?.values['address'], `127.0.0.1:${camera.streamPort}`);
          const { mode, login: hash, packetBytes } = steps[3]?.values ?? {};
          const expected = [family === 'tapo' ? 'aec' : 'half_duplex', `Digest ${digest}`, 320];
          assert.deepEqual([mode, hash, packetBytes], expected);
          assert.equal(probeVerdict(steps).key, 'verdict.talks');
        }
        assert.equal(camera.sessions.length, 2);
        assert.deepEqual(violations(), []);
      });
    }

    it('takes a hash for the password', async () => {
      const password = createHash('sha256').update(PASSWORD).digest('hex');
      const steps = await ask(await simulate({ family: 'tapo' }), { dialect: 'tapo', password });
      assert.deepEqual(told(steps).slice(2, 4), ['login ok login.stored', 'talk ok talk.ok']);
    });

    for (const [family, password, key] of [
      ['tapo', 'Wrong4Tests!', 'login.tapo'],
      ['vigi-stream', 'Wrong4Tests!', 'failed.TALK_ERR_AUTH'],
      ['tapo', createHash('md5').update(PASSWORD).digest('hex'), 'login.hash'],
    ] as const) {
      it(`${family}: says why a password is refused, and tries it no other way: ${key}`, async () => {
        const camera = await simulate({ family });
        const steps = await ask(camera, { dialect: family, password });
        assert.deepEqual(told(steps).slice(2, 3), [`login failed ${key}`]);
        assert.equal(probeVerdict(steps).key, 'verdict.password');
        assert.equal(camera.loginFailures, key === 'login.tapo' ? 2 : 1);
        assert.deepEqual(violations(), []);
      });
    }

    for (const family of FAMILIES) {
      it(`${family}: says that the password is missing`, async () => {
        const camera = await simulate({ family });
        const steps = await ask(camera, { dialect: family, password: '' });
        assert.deepEqual(told(steps).slice(2, 3), ['login failed login.none']);
        assert.equal(probeVerdict(steps).key, 'verdict.noPassword');
        assert.equal(camera.loginFailures, 0);
      });
    }

    for (const [behavior, name, key] of [
      ['no-challenge', 'login', 'login.open'],
      ['busy', 'talk', 'httpTalk.busy'],
      ['too-many', 'talk', 'httpTalk.busy'],
      ['talk-error', 'talk', 'httpTalk.refused'],
      ['hang-up-at-talk', 'talk', 'httpTalk.closed'],
      ['close-after-accept', 'httpTalk', 'httpTalk.closed'],
      ['other-server', 'httpTalk', 'httpTalk.unsupported'],
      ['challenge-basic-only', 'httpTalk', 'httpTalk.foreign'],
    ] as const) {
      it(`says of a camera that is ${behavior}: ${key}`, async () => {
        const camera = await simulate({ family: 'tapo', behaviors: [behavior] });
        const step = (await ask(camera, { dialect: 'tapo' })).find((one) => one.name === name);
        assert.equal(step?.key, key);
        assert.doesNotMatch(step.text, /RTSP|codec/);
        assert.doesNotMatch(JSON.stringify(camera.requests), /Basic/);
      });
    }

    it('says of a camera of the other line which dialect it wants', async () => {
      const steps = await ask(await simulate({ family: 'vigi-stream' }), { dialect: 'tapo' });
      assert.deepEqual(told(steps).slice(1, 3), ['httpTalk warning httpTalk.vigi-stream', 'login failed login.tapo']);
      assert.equal(probeVerdict(steps).key, 'verdict.dialect');
    });

    it('ends where nothing answers, and leaves a talk of our own alone', async () => {
      const camera = await simulate({ family: 'tapo' });
      const gone = await ask(camera, { dialect: 'tapo', streamPort: await closedPort() });
      assert.deepEqual(told(gone), ['reach failed failed.TALK_ERR_CONNECT']);
      const busy = await ask(camera, { dialect: 'tapo' }, { talkInUse: () => true });
      assert.deepEqual(told(busy).slice(2), ['talk skipped talk.ourselves', 'web skipped web.tapo']);
      assert.doesNotMatch(JSON.stringify(camera.requests), /authorization/i);
    });

    it('ends by signal', async () => {
      const camera = await simulate({ family: 'tapo', behaviors: ['silent'] });
      const abort = new AbortController();
      const onStep = (): void => abort.abort();
      assert.deepEqual(told(await ask(camera, { dialect: 'tapo' }, { signal: abort.signal, onStep })), [
        'reach ok reach.ok',
        'httpTalk failed failed.TALK_ERR_ABORTED',
      ]);
    });
  });

  describe('sentences', () => {
    const tapo = cameraOptions({ host: '192.168.1.60', password: PASSWORD, dialect: 'tapo' });
    const vigi = cameraOptions({ ...tapo, dialect: 'vigi-stream' });
    const refused = new TalkError('TALK_ERR_AUTH', 'refused');

    it('name the account that talks, and the one that listens', () => {
      assert.equal(failedTalking(refused, tapo).key, 'login.tapo');
      assert.equal(unheard(refused, tapo, false).key, 'stream.refused');
      assert.equal(unheard(new TalkError('TALK_ERR_ARGUMENT', 'none'), tapo, false).key, 'stream.account');
      assert.equal(unheard(refused, vigi, false).key, 'failed.TALK_ERR_AUTH');
      for (const camera of [tapo, vigi]) {
        const busy = new TalkError('TALK_ERR_BUSY', 'busy: error -52411');
        assert.equal(unheard(busy, camera, true).key, 'httpTalk.busy');
        assert.equal(unheard(busy, camera, false).key, 'failed.TALK_ERR_BUSY');
      }
    });
  });
});
