// The admin routes behind the camera dialog's test buttons, in real Node-REDs: what they tell, to whom, and what never leaves them. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import { hashSync } from 'bcryptjs';
import { registerCameraTests } from '../../../nodes/camera/camera-test.js';
import { startNodeRed, type RunningNodeRed } from '../../../scripts/node-red-process.js';
import { SimulatedCamera, simulatorWeb, type SimulatedCameraOptions } from '../../../src/simulator/index.js';
import { eventually } from '../../helpers/collect.js';
import { FakeClock } from '../../helpers/fake-clock.js';
import { timeless } from '../../helpers/violations.js';

const PASSWORD = 'Only4Tests!';
const WRONG = 'Wrong4Tests!';
const STORED = '__PWRD__';
// Some 5 s long.
const SPEECH = join(__dirname, '..', '..', 'fixtures', 'audio', 'speech-24k.mp3');

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Of a report. */
  readonly steps: any[];
  /** Of a refusal. */
  readonly refusal: any;
}

type Path = 'test' | 'chime' | 'check' | 'tune';

async function press(
  nodeRed: Pick<RunningNodeRed, 'url'>,
  path: Path,
  fields: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${nodeRed.url}/tplink-camera/${path}`, {
    method: 'POST',
    body: JSON.stringify(fields),
    headers: { 'Content-Type': 'application/json', ...headers },
  });
  const text = await response.text();
  for (const secret of [PASSWORD, WRONG]) assert.ok(!text.includes(secret), text);
  const isReport = response.headers.get('Content-Type')?.startsWith('application/x-ndjson') === true;
  const isRefusal = response.headers.get('Content-Type')?.startsWith('application/json') === true;
  const steps = isReport
    ? text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        // The last lines are the report to save and what it comes to.
        .filter((line) => line.outcome !== undefined)
    : [];
  return {
    status: response.status,
    text,
    headers: response.headers,
    steps,
    refusal: isRefusal ? JSON.parse(text) : {},
  };
}

const outcomes = ({ steps }: Answer): string[] =>
  steps.map(({ name, outcome, code }) => `${name} ${outcome}${code === undefined ? '' : ` ${code}`}`);

const lastLine = (text: string): any => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
const keysOf = ({ steps }: { steps: any[] }): string[] => steps.map(({ key }) => key);

const ALL_OK = ['reach', 'methods', 'multitrans', 'login', 'talk', 'web', 'device'].map((name) => `${name} ok`);

describe('camera test routes', () => {
  const simulators: SimulatedCamera[] = [];

  afterEach(async () => {
    for (const camera of simulators.splice(0)) {
      await eventually(() => camera.connections === 0, 'the end of the connections');
      await camera.stop();
    }
  });

  async function simulate(
    behaviors: readonly string[] = [],
    options: SimulatedCameraOptions = {},
  ): Promise<{ camera: SimulatedCamera; fields: any }> {
    const camera = new SimulatedCamera({ password: PASSWORD, behaviors, httpPort: 0, web: simulatorWeb(), ...options });
    simulators.push(camera);
    const { port, httpPort } = await camera.start();
    const fields = { id: 'never-saved', host: '127.0.0.1', port: String(port), httpPort, username: 'admin' };
    return { camera, fields: { ...fields, password: PASSWORD } };
  }

  describe('with default settings', () => {
    let nodeRed: RunningNodeRed;

    before(async () => {
      nodeRed = await startNodeRed({ env: { TALK_TEST_HOST: '127.0.0.1', TALK_TEST_PASSWORD: PASSWORD } });
    });
    after(() => nodeRed.stop());

    it('end a test with a report to save, without secrets', async () => {
      const { camera, fields } = await simulate();
      const { text } = await press(nodeRed, 'test', fields);
      const [report, verdict] = text
        .trimEnd()
        .split('\n')
        .slice(-2)
        .map((line) => JSON.parse(line));
      assert.equal(verdict.verdict, 'verdict.talks');
      const { tplinkTalkCapture, files } = JSON.parse(report.report);
      assert.equal(tplinkTalkCapture, 1);
      const told = JSON.parse(files['capture.json']);
      assert.deepEqual([told.command, told.outcome.verdict.key], ['probe', 'verdict.talks']);
      assert.match(files['004-response-401.rtsp'], /^RTSP\/1\.0 401 /);
      assert.ok(!report.report.includes('127.0.0.1'));
      for (const { headers } of camera.requests)
        for (const [, value] of headers) {
          const secret = /response="([^"]*)"/.exec(value)?.[1];
          assert.ok(secret === undefined || !report.report.includes(secret));
        }
    });

    it('end a sound check with a report that holds what was heard', async () => {
      const { fields } = await simulate();
      const { text, steps } = await press(nodeRed, 'check', { ...fields, mode: 'full_duplex' });
      const { report, heard } = lastLine(text);
      assert.equal(heard, true);
      const { files } = JSON.parse(report);
      const { command, outcome } = JSON.parse(files['capture.json']);
      assert.equal(command, 'check');
      assert.deepEqual(keysOf(outcome), keysOf({ steps }));
      assert.ok(Object.keys(files).some((name) => name.endsWith('-frames.bin')));
      assert.deepEqual(JSON.parse(files['camera.json']).seen[0].what, ['heard']);
    });

    it('end what failed with a report, too', async () => {
      const { fields } = await simulate(['stream-no-audio']);
      for (const path of ['check', 'tune'] as const) {
        const { text, steps } = await press(nodeRed, path, fields);
        const line = text.split('\n').find((told) => told.startsWith('{"report"')) ?? '{}';
        const { report, heard } = JSON.parse(line);
        assert.equal(heard, false);
        const { command, outcome } = JSON.parse(JSON.parse(report).files['capture.json']);
        assert.deepEqual([command, keysOf(outcome)], [path, keysOf({ steps })]);
        assert.ok(steps.some(({ outcome: came }) => came !== 'ok'));
      }
      const { text } = await press(nodeRed, 'check', { ...fields, port: 1 });
      assert.match(lastLine(text).report, /stream\.|failed\.TALK_ERR_CONNECT/);
    });

    it('say why there is no report', async () => {
      const { fields } = await simulate();
      for (const path of ['test', 'check'] as const) {
        const { text } = await press(nodeRed, path, { ...fields, password: 'abc' });
        assert.match(text, /^\{"noReport":"shortPassword"\}$/m);
      }
      // The word stands in each capture.
      const { text } = await press(nodeRed, 'test', { ...fields, password: 'outcome' });
      assert.match(text, /^\{"noReport":"secret"\}$/m);
    });

    it('report every step of a camera that nobody has saved', async () => {
      const { camera, fields } = await simulate();
      const answer = await press(nodeRed, 'test', fields);
      assert.equal(answer.status, 200);
      assert.deepEqual(outcomes(answer), ALL_OK);
      assert.equal(answer.headers.get('Cache-Control'), 'no-store');
      for (const { key, values, text, ms } of answer.steps) {
        assert.deepEqual([typeof key, typeof values, typeof text, typeof ms], ['string', 'object', 'string', 'number']);
      }
      assert.deepEqual([timeless(camera.violations), camera.warnings], [[], []]);
    });

    it('play the chime', async () => {
      const { camera, fields } = await simulate();
      const answer = await press(nodeRed, 'chime', fields);
      assert.deepEqual(outcomes(answer), ['chime ok']);
      assert.ok((await camera.waitForTalkEnd()).toJSON().soundSeconds > 0.5);
      assert.deepEqual([timeless(camera.violations), camera.warnings], [[], []]);
    });

    it('check the sound: heard, with its figures', async () => {
      // A buffer, so that what a busy machine holds up is still played in time.
      const { camera, fields } = await simulate([], { loudspeaker: { bufferMs: 1_000 }, microphone: { delayMs: 120 } });
      const answer = await press(nodeRed, 'check', { ...fields, mode: 'full_duplex' });
      assert.deepEqual(
        outcomes(answer),
        ['stream', 'microphone', 'chirp', 'sound', 'level', 'speed'].map((name) => `${name} ok`),
      );
      const [sound, level, speed] = answer.steps.slice(3);
      const { levelDb, snrDb }: Readonly<Record<string, number>> = level.values;
      assert.equal(sound.key, 'sound.heard');
      // To 5 ms on a fake clock in test/check/run.test.ts; here the first packet and the sound may be held up.
      assert.ok(sound.values.delayMs >= 1_060, sound.text);
      assert.equal(level.key, 'level.ok');
      // The chirp's root mean square of 0.49, 12 dB less, in a room of -60 dB.
      assert.ok(Math.abs(Number(levelDb) + 18) < 2 && Math.abs(Number(snrDb) - 42) < 3, level.text);
      assert.equal(speed.key, 'speed.right');
      assert.ok((await camera.waitForTalkEnd()).toJSON().soundSeconds > 0.4);
      assert.deepEqual([timeless(camera.violations), camera.warnings], [[], []]);
    });

    it('check the sound: a microphone that half duplex mutes tells nothing', async () => {
      const { fields } = await simulate(['microphone-mutes']);
      const answer = await press(nodeRed, 'check', { ...fields, mode: 'half_duplex' });
      assert.deepEqual(outcomes(answer).slice(-3), ['chirp ok', 'sound warning', 'mode warning']);
      assert.deepEqual(
        answer.steps.slice(-2).map(({ key }) => key),
        ['sound.muted', 'mode.full_duplex'],
      );
    });

    it('check the sound: a stream without any is no riddle', async () => {
      const { camera, fields } = await simulate(['stream-no-audio']);
      const answer = await press(nodeRed, 'check', fields);
      assert.deepEqual(outcomes(answer), ['stream failed TALK_ERR_UNSUPPORTED']);
      assert.equal(answer.steps[0].key, 'stream.unsupported');
      assert.equal(camera.sessions.length, 0);
    });

    it('check the sound: a Tapo camera is not listened to with the password of the TP-Link account', async () => {
      const { camera, fields } = await simulate();
      const answer = await press(nodeRed, 'check', { ...fields, dialect: 'tapo' });
      assert.deepEqual(outcomes(answer), ['stream failed TALK_ERR_ARGUMENT']);
      assert.equal(answer.steps[0].key, 'stream.account');
      assert.equal(camera.requests.length, 0);
    });

    it('tell steps as they come', async () => {
      const { fields } = await simulate(['silent']);
      const abort = new AbortController();
      const response = await fetch(`${nodeRed.url}/tplink-camera/test`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(fields),
        signal: abort.signal,
      });
      const { value } = (await response.body?.getReader().read()) ?? {};
      assert.equal(JSON.parse(Buffer.from(value ?? []).toString()).key, 'reach.ok');

      const second = await press(nodeRed, 'chime', fields);
      assert.deepEqual([second.status, second.refusal], [429, { key: 'busy' }]);
      // The browser goes away: the camera is let go, and the next one may ask.
      abort.abort();
      const [camera] = simulators;
      await eventually(() => camera?.connections === 0, 'the end of the connection');
      let next = await press(nodeRed, 'test', { ...fields, port: 1 });
      for (let looks = 0; next.status === 429 && looks < 100; looks++)
        next = await press(nodeRed, 'test', { ...fields, port: 1 });
      assert.deepEqual(outcomes(next), ['reach failed TALK_ERR_CONNECT']);
    });

    it('try a refused password once for each test, no other button again, and a corrected one at once', async () => {
      const { camera, fields } = await simulate();
      const refused = await press(nodeRed, 'test', { ...fields, password: WRONG });
      assert.deepEqual(outcomes(refused).slice(-2), ['login failed TALK_ERR_AUTH', 'web skipped']);
      const again = await press(nodeRed, 'test', { ...fields, password: WRONG });
      assert.deepEqual(outcomes(again).slice(-2), ['login failed TALK_ERR_AUTH', 'web skipped']);
      assert.equal(camera.loginFailures, 2);
      const requests = camera.requests.length;
      for (const path of ['chime', 'check'] as const) {
        const held = await press(nodeRed, path, { ...fields, password: WRONG });
        assert.equal(held.steps.length, 1);
        assert.equal(held.steps[0].code, 'TALK_ERR_LOCKED');
        assert.ok(held.steps[0].values.seconds > 3_000 && held.steps[0].values.seconds <= 3_600);
      }
      assert.equal(camera.requests.length, requests);
      assert.deepEqual(outcomes(await press(nodeRed, 'test', fields)), ALL_OK);
    });

    it('show a web interface that is off as a warning', async () => {
      const { fields } = await simulate();
      const answer = await press(nodeRed, 'test', { ...fields, httpPort: 1 });
      assert.deepEqual(outcomes(answer).slice(-2), ['talk ok', 'web warning TALK_ERR_CONNECT']);
    });

    it('use the stored password for the deployed camera alone', async () => {
      const { camera, fields } = await simulate();
      const other = await simulate();
      const { password, ...properties } = fields;
      const deployed = { ...properties, id: 'front', type: 'tplink-camera', name: 'front door' };
      const credentials = { username: 'admin', password };
      await nodeRed.deploy([{ ...deployed, username: undefined, credentials }]);

      const stored = { ...properties, id: 'front', password: STORED };
      assert.deepEqual(outcomes(await press(nodeRed, 'test', stored)), ALL_OK);
      assert.deepEqual(outcomes(await press(nodeRed, 'test', { ...stored, username: '', mode: 'aec' })), ALL_OK);
      const requests = camera.requests.length;
      for (const change of [
        { host: 'localhost' },
        { port: other.fields.port },
        { httpPort: other.fields.httpPort },
        { streamPort: 8_801 },
        // Then the stored one would be taken for that of a TP-Link account.
        { dialect: 'tapo' },
        { username: 'root' },
        { id: 'never-saved' },
        { id: '' },
        { id: undefined },
        { id: 'front"' },
      ]) {
        for (const path of ['test', 'chime', 'check'] as const) {
          const { status, refusal } = await press(nodeRed, path, { ...stored, ...change });
          assert.deepEqual([status, refusal], [409, { key: 'retype' }], JSON.stringify(change));
        }
      }
      assert.equal(camera.requests.length, requests);
      assert.equal(other.camera.requests.length, 0);
    });

    it('use the stored passwords where they were deployed to go, each its own', async () => {
      const account = { listenUsername: 'viewer', listenPassword: WRONG };
      const { camera, fields } = await simulate([], { ...account, loudspeaker: { bufferMs: 1_000 } });
      const { password, ...properties } = fields;
      const deployed = { ...properties, id: 'ear', type: 'tplink-camera', username: undefined };
      await nodeRed.deploy([{ ...deployed, credentials: { username: 'admin', password, ...account } }]);
      const stored = { ...properties, id: 'ear', mode: 'full_duplex', listenUsername: 'viewer', password: STORED };
      const heard = await press(nodeRed, 'check', { ...stored, listenPassword: STORED });
      assert.deepEqual(outcomes(heard).slice(0, 4), ['stream ok', 'microphone ok', 'chirp ok', 'sound ok']);
      const requests = camera.requests.length;
      const elsewhere = { streamUrl: `rtsp://127.0.0.1:${camera.port}/stream2` };
      for (const change of [
        { listenPassword: STORED, ...elsewhere },
        { listenPassword: '', ...elsewhere },
        { listenPassword: STORED, listenBasic: 'true' },
        { listenPassword: STORED, listenUsername: 'admin' },
        { listenPassword: STORED, password, host: 'localhost' },
        // The camera's own password would be listened with, which was never deployed to be.
        { listenPassword: '' },
        { listenPassword: '', listenUsername: '' },
      ]) {
        const { status, refusal } = await press(nodeRed, 'check', { ...stored, ...change });
        assert.deepEqual([status, refusal], [409, { key: 'retype' }], JSON.stringify(change));
      }
      assert.equal(camera.requests.length, requests);
      // Until then the talk of the check is our own, and is left alone.
      await eventually(() => camera.connections === 0, 'the end of the check');
      // What is typed for listening needs nothing of the stored one for talking.
      const typed = { ...stored, ...elsewhere, listenUsername: 'other', listenPassword: 'Typed4Tests!' };
      assert.deepEqual(outcomes(await press(nodeRed, 'test', typed)), ALL_OK);
    });

    it('look up environment variables where they are deployed, and nowhere else', async () => {
      const { camera, fields } = await simulate();
      const host = '${TALK_TEST_HOST}';
      const password = '${TALK_TEST_PASSWORD}';
      const { username, ...deployed } = { ...fields, id: 'env', type: 'tplink-camera', host };
      await nodeRed.deploy([{ ...deployed, password: undefined, credentials: { username, password } }]);
      const stored = { ...fields, id: 'env', host, password: STORED };
      assert.deepEqual(outcomes(await press(nodeRed, 'test', stored)), ALL_OK);
      const requests = camera.requests.length;
      for (const change of [
        { id: 'never-saved', password: PASSWORD },
        { password },
        { password: '$(TALK_TEST_PASSWORD)' },
        { name: '${HOME}' },
      ]) {
        const { status, refusal, text } = await press(nodeRed, 'test', { ...stored, ...change });
        assert.deepEqual([status, refusal], [409, { key: 'environment' }], text);
      }
      assert.equal(camera.requests.length, requests);
    });

    it('say of no password, and of a variable that is not set, that it is one, and send nothing', async () => {
      const { camera, fields } = await simulate();
      const bare = await press(nodeRed, 'test', { ...fields, password: '' });
      assert.deepEqual(outcomes(bare).slice(-2), ['login failed TALK_ERR_ARGUMENT', 'web skipped']);
      assert.match(bare.text, /no password is stored/);
      assert.match(bare.text, /"verdict\.noPassword"/);
      for (const path of ['chime', 'check'] as const) {
        assert.match((await press(nodeRed, path, { ...fields, password: '' })).text, /"login\.none"/);
      }
      const { username, ...deployed } = { ...fields, id: 'unset', type: 'tplink-camera' };
      const unset = '${TALK_TEST_NOT_SET}';
      await nodeRed.deploy([{ ...deployed, password: undefined, credentials: { username, password: unset } }]);
      const asked = camera.requests.length;
      for (const path of ['test', 'chime', 'check'] as const) {
        const answer = await press(nodeRed, path, { ...fields, id: 'unset', password: STORED });
        assert.match(answer.text, /the environment variable TALK_TEST_NOT_SET is not set/);
      }
      assert.equal(camera.requests.length, asked);
      assert.ok(camera.requests.every(({ headers }) => !headers.some(([name]) => name === 'Authorization')));
      assert.equal(camera.loginFailures, 0);
    });

    it('leave alone a camera that a flow is talking on', async () => {
      const { camera, fields } = await simulate();
      const { password, username, ...properties } = fields;
      const id = 'busy';
      const position = { z: 'tab', x: 100, y: 100 };
      await nodeRed.deploy([
        { id: 'tab', type: 'tab', label: 'talk' },
        { ...properties, id, type: 'tplink-camera', idleMs: 60_000, credentials: { username, password } },
        { id: 'button', type: 'inject', ...position, props: [], wires: [['talk']] },
        {
          ...{ id: 'talk', type: 'tplink-talk', ...position, camera: id, audio: SPEECH, audioType: 'str' },
          ...{ chime: '', chimeType: 'none', wires: [[]] },
        },
      ]);
      await nodeRed.inject('button');
      await eventually(() => camera.sessions[0]?.end === 'open', 'the talk');
      const answer = await press(nodeRed, 'test', { ...fields, id, password: STORED });
      assert.deepEqual(outcomes(answer), ['reach ok', 'methods ok', 'talk skipped', 'web ok', 'device ok']);
      const other = await press(nodeRed, 'chime', { ...fields, id, password: WRONG });
      assert.deepEqual(outcomes(other), ['chime skipped']);
      const unchecked = await press(nodeRed, 'check', { ...fields, id, password: WRONG });
      assert.deepEqual(outcomes(unchecked), ['sound skipped']);
      assert.equal(camera.sessions.length, 1);
      await nodeRed.deploy([]);
      await eventually(() => camera.connections === 0, 'the end of the connection');
    });

    it('refuse what is no camera, in words, before anything is asked', async () => {
      const { camera, fields } = await simulate();
      for (const [wrong, reason] of [
        [
          { ...fields, host: 'ftp://10.0.0.1' },
          /^Camera option host: expected .*192\.168\.1\.60, or an rtsp:.* with one$/,
        ],
        [{ ...fields, host: '' }, /option host/],
        [{ ...fields, host: { $ne: '' } }, /option host/],
        [{ ...fields, port: 65_536 }, /option port/],
        [{ ...fields, login: 'guess' }, /option login/],
        [{ ...fields, password: 'two\r\nlines' }, /option password/],
        [{ ...fields, password: ['a'] }, /option password/],
        [{}, /option host/],
        [[], /option host/],
      ] as const) {
        const { status, refusal } = await press(nodeRed, 'test', wrong);
        assert.deepEqual([status, refusal.key], [400, 'invalid']);
        assert.match(refusal.values.reason, reason);
      }
      const form = await press(nodeRed, 'test', fields, { 'Content-Type': 'text/plain' });
      assert.equal(form.status, 400);
      const large = await press(nodeRed, 'test', { ...fields, name: 'x'.repeat(16_384) });
      assert.deepEqual([large.status, large.refusal], [413, { key: 'tooLarge' }]);
      assert.equal((await fetch(`${nodeRed.url}/tplink-camera/test`)).status, 404);
      assert.equal(camera.requests.length, 0);
    });

    it('write no secret into the log', () => {
      assert.ok(!nodeRed.output().includes(PASSWORD) && !nodeRed.output().includes(WRONG), nodeRed.output());
    });
  });

  it('live under a custom httpAdminRoot', async () => {
    const nodeRed = await startNodeRed({ settings: { httpAdminRoot: '/admin' } });
    try {
      assert.match(nodeRed.url, /\/admin$/);
      const { fields } = await simulate();
      assert.deepEqual(outcomes(await press(nodeRed, 'test', fields)), ALL_OK);
      assert.equal((await press({ url: nodeRed.url.replace('/admin', '') }, 'test', fields)).status, 404);
    } finally {
      await nodeRed.stop();
    }
  });

  it('need tplink-camera.write where there is adminAuth', async () => {
    const user = (username: string, permissions: string | string[]): object => ({
      ...{ username, permissions },
      password: hashSync(`${username}-password`, 4),
    });
    const users = [
      user('reader', 'read'),
      user('writer', 'write'),
      user('tester', ['flows.read', 'tplink-camera.write']),
    ];
    const nodeRed = await startNodeRed({ settings: { adminAuth: { type: 'credentials', users } } });
    const token = async (username: string): Promise<string> => {
      const response = await fetch(`${nodeRed.url}/auth/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '' },
          ...{ username, password: `${username}-password` },
        }),
      });
      const answer: any = await response.json();
      return `Bearer ${answer.access_token}`;
    };
    try {
      const { camera, fields } = await simulate();
      for (const path of ['test', 'chime', 'check'] as const) {
        assert.equal((await press(nodeRed, path, fields)).status, 401);
        const reader = { Authorization: await token('reader') };
        assert.equal((await press(nodeRed, path, fields, reader)).status, 401);
      }
      assert.equal(camera.requests.length, 0);
      for (const username of ['writer', 'tester']) {
        const allowed = { Authorization: await token(username) };
        assert.deepEqual(outcomes(await press(nodeRed, 'test', fields, allowed)), ALL_OK);
      }
    } finally {
      await nodeRed.stop();
    }
  });

  it('end after 45 s', async () => {
    const clock = new FakeClock();
    helper.init(require.resolve('node-red'));
    await helper.startServer();
    // Takes every connection and never says a word.
    const silent = createServer().listen(0, '127.0.0.1');
    let admin = createHttpServer();
    const portOf = (server: Server): number => (server.address() as AddressInfo).port;
    try {
      const register = (RED: NodeAPI): void => {
        registerCameraTests(RED, clock);
        admin = createHttpServer(RED.httpAdmin).listen(0, '127.0.0.1');
      };
      helper.settings({ tplinkTalkThread: false });
      await helper.load([register], [], {});
      await eventually(() => silent.listening && admin.listening, 'the servers');
      const connected = once(silent, 'connection');
      const fields = { host: '127.0.0.1', port: portOf(silent), password: PASSWORD };
      const answer = press({ url: `http://127.0.0.1:${portOf(admin)}` }, 'test', fields);
      await connected;
      await clock.advance(44_999);
      assert.equal(clock.pending, 1);
      await clock.advance(1);
      const report = await answer;
      assert.deepEqual(outcomes(report), ['reach ok', 'methods failed TALK_ERR_TIMEOUT']);
      assert.match(report.steps[1].detail, /longer than 45 s/);
      assert.equal(clock.pending, 0);
    } finally {
      await helper.unload();
      await helper.stopServer();
      silent.close();
      admin.close();
    }
  });
});
