// Asking a camera step by step: what each of them is said to be, and that it is left as it was. Scripted cameras for talk, a stand-in for the web.
import assert from 'node:assert/strict';
import { cameraOptions } from '../../src/camera-options.js';
import { monotonicClock } from '../../src/clock.js';
import { TalkError } from '../../src/errors.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { askWeb } from '../../src/probe/web-steps.js';
import { probe, type ProbeOptions } from '../../src/probe/probe.js';
import { reporter, type ProbeStep } from '../../src/probe/report.js';
import { sentence } from '../../src/probe/sentences.js';
import { eventually, watch } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import {
  grantTalk,
  NONCE,
  REFUSED_401,
  REPLY_401,
  REPLY_SESSION,
  REPLY_TALK,
  reply,
  ScriptedCamera,
  SESSION_ID,
  type Peer,
} from '../helpers/scripted-camera.js';
import { StandIn, type Answer, type Behavior } from '../webapi/stand-in.js';

const PASSWORD = 'Abc12345';
const LISTED = reply('200 OK', ['CSeq: 0', 'Public: OPTIONS, DESCRIBE, SETUP, MULTITRANS']);
const BUSY = reply('200 OK', ['CSeq: 2'], '{"params":{"error_code":-52411}}');
const SHA_401 = reply('401 Unauthorized', [
  'CSeq: 0',
  `WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="${NONCE}", algorithm="SHA-256", qop="auth"`,
]);

async function answering(peer: Peer, answers: readonly string[]): Promise<void> {
  for (const answer of answers) {
    if ((await peer.request()) === undefined) return;
    peer.write(answer);
  }
  await peer.finished();
  peer.end();
}

const granting = (peer: Peer): Promise<void> => answering(peer, [REPLY_401, REPLY_SESSION, REPLY_TALK]);

const outcomes = (steps: readonly ProbeStep[]): string[] =>
  steps.map(({ name, outcome, code }) => `${name} ${outcome}${code === undefined ? '' : ` ${code}`}`);

describe('probe', () => {
  const clock = new FakeClock();
  let camera: ScriptedCamera | undefined;
  let web: StandIn | undefined;

  afterEach(async () => {
    await camera?.close();
    camera = undefined;
    await stopWeb();
    assert.equal(clock.pending, 0, 'something still waits on the clock');
  });

  interface Scene {
    /** The first connection answers OPTIONS with this. */
    readonly options?: string;
    /** The second one. */
    readonly talk?: (peer: Peer) => Promise<void>;
    readonly web?: Behavior;
    readonly camera?: Record<string, unknown>;
    readonly probe?: ProbeOptions;
  }

  async function probed(scene: Scene): Promise<ProbeStep[]> {
    let connections = 0;
    await camera?.close();
    camera = await ScriptedCamera.listen(async (peer) => {
      connections += 1;
      if (connections % 2 === 1) await answering(peer, [scene.options ?? LISTED]);
      else await (scene.talk ?? granting)(peer);
    });
    await stopWeb();
    if (scene.web !== undefined) web = await StandIn.start(scene.web);
    return ask(scene);
  }

  /** Once more, the same camera. */
  async function ask(scene: Pick<Scene, 'camera' | 'probe'>): Promise<ProbeStep[]> {
    const webSide = web === undefined ? { login: 'none' } : { httpPort: web.port };
    const options = cameraOptions({
      ...{ host: '127.0.0.1', port: camera?.port, password: PASSWORD },
      ...webSide,
      ...scene.camera,
    });
    const told: ProbeStep[] = [];
    const onStep = (step: ProbeStep): number => told.push(step);
    const probing = watch(probe(options, { clock, guard: new PasswordGuard(clock), ...scene.probe, onStep }));
    await eventually(() => probing.state !== 'pending', 'the end of probing');
    assert.deepEqual(probing.value, told);
    await eventually(
      () => camera?.peers.every(({ ended, closed }) => ended || closed) === true,
      'the connections to go',
    );
    for (const { key, values, text } of told) assert.equal(text, sentence(key, values));
    const text = JSON.stringify(told);
    for (const secret of [PASSWORD, NONCE, SESSION_ID, 'nonce001', web?.stok]) {
      assert.ok(secret === undefined || !text.includes(secret), text);
    }
    return told;
  }

  const stopWeb = async (): Promise<void> => {
    await web?.stop();
    web = undefined;
  };

  describe('on the RTSP port', () => {
    it('says ok to everything a good camera does, and releases the talk channel', async () => {
      const steps = await probed({
        talk: async (peer) => {
          await grantTalk(peer);
          await peer.finished();
          peer.end();
        },
      });
      const good = ['reach ok', 'methods ok', 'multitrans ok', 'login ok', 'talk ok', 'web skipped'];
      assert.deepEqual(outcomes(steps), good);
      assert.match(steps[4]?.text ?? '', /dialect ipc, mode half_duplex, log-in Digest MD5, A-law 8 kHz, 1024 bytes/);
      assert.equal(steps[5]?.key, 'web.none');
    });

    it('warns of a camera that does not list the method and talks all the same, to anybody', async () => {
      const steps = await probed({
        options: reply('200 OK', ['CSeq: 0', 'Public: OPTIONS']),
        talk: (peer) => answering(peer, [REPLY_SESSION, REPLY_TALK]),
      });
      const expected = ['reach ok', 'methods warning', 'multitrans ok', 'login warning', 'talk ok', 'web skipped'];
      assert.deepEqual(outcomes(steps), expected);
      assert.match(steps[4]?.text ?? '', /log-in none/);
    });

    it('says where a wrong password ends, and shows it once', async () => {
      const steps = await probed({ talk: (peer) => answering(peer, [REPLY_401, REFUSED_401]) });
      assert.deepEqual(outcomes(steps).slice(2), ['multitrans ok', 'login failed TALK_ERR_AUTH', 'web skipped']);
      const wire = camera?.peers.map(({ received }) => received.toString('latin1')).join('') ?? '';
      assert.equal(wire.match(/Authorization/g)?.length, 1);
    });

    it('says that a camera is busy', async () => {
      const steps = await probed({ talk: (peer) => answering(peer, [REPLY_401, REPLY_SESSION, BUSY]) });
      assert.deepEqual(outcomes(steps).slice(2, 5), ['multitrans ok', 'login ok', 'talk failed TALK_ERR_BUSY']);
      assert.deepEqual(steps[4]?.values, { reason: 'error -52411' });
    });

    it('asks for the address of the camera itself where a recorder answers', async () => {
      const sessions = BUSY.replace('-52411', '-52402');
      const [, , , , talk] = await probed({ talk: (peer) => answering(peer, [REPLY_401, REPLY_SESSION, sessions]) });
      assert.deepEqual([talk?.key, talk?.values], ['failed.sessions', { reason: 'error -52402' }]);
      assert.match(talk?.detail ?? '', /for an NVR enter the camera’s own address/);
    });

    for (const [answer, code] of [
      [reply('404 Not Found', ['CSeq: 1']), 'TALK_ERR_UNSUPPORTED'],
      [BUSY.replace('-52411', '-52423'), 'TALK_ERR_REFUSED'],
    ] as const) {
      it(`says what a VIGI camera that refuses may miss: ${code}`, async () => {
        const [, , , , talk] = await probed({ talk: (peer) => answering(peer, [SHA_401, answer]) });
        assert.equal(talk?.code, code);
        assert.match(talk.detail ?? '', /OpenAPI .*admin/);
      });
    }

    it('says that a camera does not know the method', async () => {
      const steps = await probed({ talk: (peer) => answering(peer, [reply('400 Bad Request', ['CSeq: 0'])]) });
      assert.deepEqual(outcomes(steps).slice(2, 3), ['multitrans failed TALK_ERR_UNSUPPORTED']);
      assert.equal(steps[2]?.values['reason'], 'RTSP status 400');
      assert.match(steps[2].detail ?? '', /does not know the talk request/);
    });

    it('knows the two-message dialect', async () => {
      const steps = await probed({ talk: (peer) => answering(peer, [SHA_401, REPLY_TALK]) });
      assert.deepEqual(outcomes(steps).slice(2, 5), ['multitrans ok', 'login ok', 'talk ok']);
      assert.match(steps[4]?.text ?? '', /dialect vigi.*SHA-256/);
    });

    it('does not blame the log-in when a two-message camera is busy', async () => {
      const steps = await probed({ talk: (peer) => answering(peer, [SHA_401, BUSY]) });
      assert.deepEqual(outcomes(steps).slice(2, 5), ['multitrans ok', 'login ok', 'talk failed TALK_ERR_BUSY']);
    });

    it('counts a second challenge for a stale nonce as one', async () => {
      const stale = REPLY_401.replace(`nonce="${NONCE}"`, `nonce="${NONCE}", stale=true`);
      const steps = await probed({ talk: (peer) => answering(peer, [REPLY_401, stale, REPLY_SESSION, REPLY_TALK]) });
      assert.deepEqual(outcomes(steps).slice(2, 5), ['multitrans ok', 'login ok', 'talk ok']);
    });

    it('goes on when OPTIONS makes no sense', async () => {
      const steps = await probed({ options: 'HTTP/1.1 400 Bad Request\r\n\r\n' });
      assert.deepEqual(outcomes(steps).slice(0, 3), ['reach ok', 'methods failed TALK_ERR_PROTOCOL', 'multitrans ok']);
    });

    it('ends where nothing answers, and never rejects', async () => {
      const gone = await ScriptedCamera.listen(() => undefined);
      const { port } = gone;
      await gone.close();
      const steps = await probe(cameraOptions({ host: '127.0.0.1', port, password: PASSWORD }), { clock });
      assert.deepEqual(outcomes(steps), ['reach failed TALK_ERR_CONNECT']);
      assert.deepEqual(steps[0]?.values, { reason: 'ECONNREFUSED' });
      await settle();
    });

    it('leaves the talk alone while the caller holds it, and asks the rest', async () => {
      const steps = await probed({ web: {}, probe: { talkInUse: () => true } });
      assert.deepEqual(outcomes(steps).slice(0, 4), ['reach ok', 'methods ok', 'talk skipped', 'web ok']);
      assert.equal(steps[2]?.key, 'talk.ourselves');
      assert.equal(camera?.peers.length, 1);
    });

    it('does not call a camera busy that the caller has begun to talk on meanwhile', async () => {
      let asked = 0;
      const steps = await probed({
        talk: (peer) => answering(peer, [REPLY_401, REPLY_SESSION, BUSY]),
        probe: { talkInUse: () => asked++ > 0 },
      });
      assert.deepEqual(outcomes(steps).slice(3, 5), ['login ok', 'talk skipped']);
    });

    it('ends with the reason of the signal, asking nothing more', async () => {
      for (const [reason, code] of [
        [undefined, 'TALK_ERR_ABORTED'],
        [new TalkError('TALK_ERR_TIMEOUT', 'The test took longer than 45 s'), 'TALK_ERR_TIMEOUT'],
      ] as const) {
        const abort = new AbortController();
        const steps = await probed({
          web: {},
          talk: async (peer) => {
            await peer.request();
            abort.abort(reason);
          },
          probe: { signal: abort.signal },
        });
        assert.deepEqual(outcomes(steps), ['reach ok', 'methods ok', `multitrans failed ${code}`]);
        assert.equal(web?.requests.length, 0);
      }
    });
  });

  describe('and a refused password', () => {
    const refusing = (peer: Peer): Promise<void> => answering(peer, [REPLY_401, REFUSED_401]);

    it('is not shown to the web interface', async () => {
      const steps = await probed({ web: {}, talk: refusing });
      assert.deepEqual(outcomes(steps).slice(-2), ['login failed TALK_ERR_AUTH', 'web skipped']);
      assert.equal(steps.at(-1)?.key, 'web.refused');
      assert.equal(web?.requests.length, 0);
    });

    it('is sent once by each probe, which somebody asks for, and held back otherwise; a corrected one is tried at once', async () => {
      const guard = new PasswordGuard(clock);
      const wrong = { camera: { password: 'Wrong4Tests!' }, probe: { guard } };
      for (const peers of [2, 4]) {
        const steps = await (peers === 2 ? probed({ talk: refusing, ...wrong }) : ask(wrong));
        assert.deepEqual(outcomes(steps).slice(-2), ['login failed TALK_ERR_AUTH', 'web skipped']);
        assert.equal(camera?.peers.length, peers);
        const at = cameraOptions({ host: '127.0.0.1', port: camera.port, ...wrong.camera });
        for (const way of ['talk', 'listen', 'web'] as const) {
          assert.throws(() => guard.check(way, at), { code: 'TALK_ERR_LOCKED', message: /held back for 3600 s/ });
        }
      }
      const corrected = await ask({ probe: { guard } });
      assert.deepEqual(outcomes(corrected).slice(2), ['multitrans ok', 'login failed TALK_ERR_AUTH', 'web skipped']);
      assert.equal(camera?.peers.length, 6);
    });
  });

  describe('on the web port', () => {
    const device = (info: Record<string, unknown>) => (): Answer => ({
      json: { error_code: 0, device_info: { basic_info: info } },
    });
    const TL_IPC = device({ device_model: 'TL-IPC44AW', sw_version: '1.0.3%20Build%20230601', device_name: 'door' });

    for (const [challenge, login, key, type] of [
      [{ encrypt_type: ['3'] }, 'auto', 'web.md5', '3'],
      [{ encrypt_type: ['2'], md5_encrypt_type: '1' }, 'auto', 'web.md5', '2'],
      [{ encrypt_type: ['1'] }, 'auto', 'web.plain', '1'],
      [{ encrypt_type: ['3'] }, 'plain', 'web.plain', '1'],
    ] as const) {
      it(`tells the way of the login: ${key} under type ${type}`, async () => {
        const steps = await probed({ web: { challenge, onRequest: TL_IPC }, camera: { login } });
        const [talk, asked, told] = steps.slice(-3);
        assert.equal(talk?.key, 'talk.ok');
        assert.deepEqual([asked?.outcome, asked?.key, asked?.values], ['ok', key, { type }]);
        assert.deepEqual(told?.values, { model: 'TL-IPC44AW', firmware: '1.0.3 Build 230601' });
        assert.equal(web?.logins.length, 1);
      });
    }

    it('knows a recorder by its model', async () => {
      const [told] = (await probed({ web: { onRequest: device({ device_model: 'TL-NVR6108C-L' }) } })).slice(-1);
      assert.deepEqual([told?.outcome, told?.key], ['warning', 'device.recorder']);
      assert.match(told?.text ?? '', /TL-NVR6108C-L.*address of the camera itself/);
    });

    it('shows of a device what is plain text, and not too much of it', async () => {
      const steps = await probed({
        web: {
          onRequest: device({
            device_model: '\u001b[31m<img src=x onerror=alert(1)>__firmware__ $t(key) {{x}} 型号\r\n',
            sw_version: 'x'.repeat(100_000),
          }),
        },
      });
      const { model, firmware } = steps.at(-1)?.values ?? {};
      assert.equal(model, '31m img src x onerror alert(1) firmware t(key) x 型号');
      assert.equal(firmware, 'x'.repeat(64));
    });

    it('warns when the device tells nothing, or nothing but an error', async () => {
      for (const [answer, reason] of [
        [{ error_code: 0, device_info: { basic_info: {} } }, 'TALK_ERR_PROTOCOL'],
        [{ error_code: -71234, secret: 'banner of some server' }, 'error -71234'],
      ] as const) {
        const steps = await probed({ web: { onRequest: () => ({ json: answer }) } });
        assert.deepEqual(outcomes(steps).slice(-2, -1), ['web ok']);
        assert.deepEqual([steps.at(-1)?.outcome, steps.at(-1)?.key], ['warning', 'device.unknown']);
        assert.equal(steps.at(-1)?.values['reason'], reason);
        assert.doesNotMatch(JSON.stringify(steps), /banner/);
      }
    });

    it('leaves that of a Tapo camera alone: the password is not the one set on it', async () => {
      web = await StandIn.start({});
      const camera = cameraOptions({ host: '127.0.0.1', httpPort: web.port, password: PASSWORD, dialect: 'tapo' });
      const told: ProbeStep[] = [];
      const tell = reporter(clock, (step) => told.push(step));
      await askWeb(camera, {
        guard: new PasswordGuard(clock),
        clock,
        tell,
        refused: false,
        signal: undefined,
        onWire: undefined,
      });
      assert.deepEqual([outcomes(told), told[0]?.key], [['web skipped'], 'web.tapo']);
      assert.equal(web.connections, 0);
    });

    it('warns of a web interface that is off, speaks something else, or is locked', async () => {
      for (const [behavior, key, values] of [
        [{ before: (_: unknown, response: any) => response.destroy() || true }, 'webFailed.TALK_ERR_CONNECT', {}],
        [{ knows: [] }, 'webFailed.other', { reason: 'HTTP 404' }],
        [{ challenge: { encrypt_type: ['9'] } }, 'webFailed.other', { reason: 'TALK_ERR_UNSUPPORTED' }],
        [
          { challenge: { code: -40404, nonce: undefined, sec_left: 1_234 } },
          'webFailed.TALK_ERR_LOCKED',
          { seconds: 1_234 },
        ],
        [{ challenge: { code: -40408, nonce: undefined } }, 'webFailed.other', { reason: 'TALK_ERR_LOCKED' }],
      ] as readonly [Behavior, string, object][]) {
        const steps = await probed({ web: behavior });
        assert.deepEqual([steps.at(-2)?.key, steps.at(-1)?.name, steps.at(-1)?.outcome], ['talk.ok', 'web', 'warning']);
        assert.equal(steps.at(-1)?.key, key);
        assert.match(steps.at(-1)?.text ?? '', /Talking does not need it; volume and control do$/);
        const shown = steps.at(-1)?.values ?? {};
        for (const [name, value] of Object.entries(values)) assert.equal(shown[name], value);
      }
    });

    it('does not hold back the talk for a password that only the web interface refuses, and there only for this way of logging in', async () => {
      const guard = new PasswordGuard(clock);
      const refused = { json: { error_code: -40401, data: { code: -40407, time: 1, max_time: 20 } } };
      const first = await probed({ web: { onLogin: () => refused }, probe: { guard } });
      assert.deepEqual([first.at(-2)?.key, first.at(-1)?.key], ['talk.ok', 'webFailed.TALK_ERR_LOGIN']);
      assert.equal(first.at(-1)?.values['reason'], 'error -40407');

      const at = cameraOptions({ host: '127.0.0.1', port: camera?.port, password: PASSWORD });
      guard.check('talk', at);
      guard.check('listen', at);
      assert.throws(() => guard.check('web', at), { code: 'TALK_ERR_LOCKED', message: /held back for 3600 s/ });
      // What the report advises is free.
      guard.check('web', { ...at, login: 'plain' });
    });

    it('holds it back everywhere when the web interface was the only one to judge it', async () => {
      const guard = new PasswordGuard(clock);
      const steps = await probed({
        web: { onLogin: () => ({ json: { error_code: -40401, data: { code: -40407 } } }) },
        talk: (peer) => answering(peer, [reply('404 Not Found', ['CSeq: 0'])]),
        probe: { guard },
      });
      assert.equal(steps.at(-1)?.key, 'webFailed.TALK_ERR_LOGIN');
      const same = cameraOptions({ host: '127.0.0.1', port: camera?.port, password: PASSWORD });
      assert.throws(() => guard.check('talk', same), { code: 'TALK_ERR_LOCKED' });
    });

    it('gives its connections back', async () => {
      await probed({ web: { onRequest: TL_IPC }, probe: { clock: monotonicClock } });
      assert.equal(web?.connections, 1);
    });
  });
});
