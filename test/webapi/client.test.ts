// Round trips, stale tokens, headers, order and end of requests, over real sockets.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { monotonicClock } from '../../src/clock.js';
import type { TalkError } from '../../src/errors.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { WebApi } from '../../src/webapi/client.js';
import { HandClock, PASSWORD, StandIn, until, type Answer, type Behavior } from './stand-in.js';

const GET = { method: 'get', device_info: { name: ['basic_info'] } };
const DO = { method: 'do', system: { reboot: 'null' } };

describe('web API client', () => {
  const stops: (() => unknown)[] = [];

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function start(
    behavior: Behavior = {},
    options: Record<string, unknown> = {},
  ): Promise<{ camera: StandIn; api: WebApi; guard: PasswordGuard; guardClock: HandClock }> {
    const camera = await StandIn.start(behavior);
    const guardClock = new HandClock();
    const guard = new PasswordGuard(guardClock);
    const api = new WebApi(camera.camera(options), { clock: monotonicClock, guard });
    stops.push(
      () => api.close(),
      () => camera.stop(),
    );
    return { camera, api, guard, guardClock };
  }

  it('logs in and asks within three round trips on one connection; asks again within one', async () => {
    const { camera, api } = await start({ onRequest: (json) => ({ json: { error_code: 0, you_said: json } }) });
    assert.deepEqual(await api.request(GET), { error_code: 0, you_said: GET });
    assert.deepEqual(
      camera.requests.map(({ method, path }) => `${method} ${path}`),
      ['GET /pc/Content.htm', 'POST /', 'POST /stok=ab%29%21%2Ac/ds'],
    );
    await api.request(GET);
    assert.equal(camera.requests.length, 4);
    assert.equal(camera.connections, 1);
  });

  it('sends the headers that cameras were seen to accept', async () => {
    const { camera, api } = await start();
    await api.request(GET);
    const headers = camera.asked[0]?.headers;
    assert.equal(headers?.['content-type'], 'application/json; charset=utf-8');
    assert.equal(headers['accept'], 'application/json');
    assert.equal(headers['x-requested-with'], 'XMLHttpRequest');
    assert.equal(headers['user-agent'], 'TP-LINK_APP');
    assert.equal(headers['transfer-encoding'], undefined);
    assert.equal(headers['content-length'], String(JSON.stringify(GET).length));
  });

  it('asks a camera that calls itself busy once more, a second later', async () => {
    const askedAt: number[] = [];
    let busy = 1;
    const { api } = await start({
      onRequest: () => {
        askedAt.push(performance.now());
        return { json: { error_code: busy-- > 0 ? -40109 : 0 } };
      },
    });
    assert.deepEqual(await api.request(DO), { error_code: 0 });
    assert.ok((askedAt[1] ?? 0) - (askedAt[0] ?? 0) > 1_000);
    busy = 2;
    await assert.rejects(api.request(GET), { code: 'TALK_ERR_API', message: /-40109/ });
    assert.equal(askedAt.length, 4);
  });

  it('ends the pause before that when it is closed', async () => {
    const { api, camera } = await start({ onRequest: () => ({ json: { error_code: -40109 } }) });
    const asking = assert.rejects(api.request(GET), { code: 'TALK_ERR_ABORTED' });
    await until(() => camera.asked.length === 1);
    setImmediate(() => void api.close());
    await asking;
    assert.equal(camera.asked.length, 1);
  });

  it('decodes the texts of an answer', async () => {
    const { api } = await start({
      onRequest: () => ({ json: { error_code: 0, device_name: '%E6%B5%8B%E8%AF%95', odd: '100%' } }),
    });
    assert.deepEqual(await api.request(GET), { error_code: 0, device_name: '测试', odd: '100%' });
  });

  for (const [received, path] of [
    ["a)b!c*d(e'", '/stok=a%29b%21c%2Ad%28e%27/ds'],
    ['a%29b%2Fc', '/stok=a%29b%2Fc/ds'],
  ] as const) {
    it(`writes the token ${received} so that no camera misreads it`, async () => {
      const { camera, api } = await start({ stok: received });
      await api.request(GET);
      assert.equal(camera.asked[0]?.path, path);
    });
  }

  for (const [name, stale] of [
    ['HTTP 401', { status: 401, body: '' }],
    ['HTTP 401 with JSON', { status: 401, json: { error_code: -40401, data: { code: -40407 } } }],
    ['-40401', { json: { error_code: -40401 } }],
    ['-40402', { json: { error_code: -40402 } }],
    ['-40403', { json: { error_code: -40403 } }],
    ['-40415', { json: { error_code: -40415 } }],
  ] as const) {
    it(`logs in once more when a token is stale (${name}), and repeats once`, async () => {
      const answers: Answer[] = [{ json: { error_code: 0 } }, stale, { json: { error_code: 0, fresh: true } }];
      const { camera, api } = await start({ onRequest: () => answers.shift() ?? stale });
      await api.request(GET);
      assert.deepEqual(await api.request(DO), { error_code: 0, fresh: true });
      assert.equal(camera.logins.length, 2);
      assert.equal(camera.asked.length, 3);
      assert.notEqual(camera.asked[1]?.connection, camera.asked[2]?.connection);
    });

    it(`gives up when a fresh token is stale at once (${name})`, async () => {
      const { camera, api } = await start({
        onRequest: (_, count) => (count === 1 ? { json: { error_code: 0 } } : stale),
      });
      await api.request(GET);
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_API' });
      assert.equal(camera.logins.length, 2);
      assert.equal(camera.asked.length, 3);
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_API' });
      assert.equal(camera.logins.length, 3);
      assert.equal(camera.asked.length, 4);
    });
  }

  it('reports an error number with its meaning and what was asked', async () => {
    const { api } = await start({ onRequest: () => ({ json: { error_code: -64324 } }) });
    await assert.rejects(api.request(GET), (error: TalkError) => {
      assert.equal(error.code, 'TALK_ERR_API');
      assert.equal(error.retryable, false);
      assert.equal(error.camera, '127.0.0.1:554');
      assert.match(error.message, /-64324 \(the privacy mask is on\) to get device_info/);
      return true;
    });
  });

  it('shows what an unknown number came with, without secrets', async () => {
    const echo = {
      error_code: -99999,
      hint: 'speak up',
      password: 'x1',
      wifi: { psk: 'x2', ssid_key: 'x3' },
      echo: `${PASSWORD} ab)!*c`,
    };
    const { api } = await start({ onRequest: () => ({ json: echo }) });
    await assert.rejects(api.request(GET), (error: TalkError) => {
      assert.match(error.message, /-99999 \(meaning unknown\) to get device_info: .*speak up/);
      assert.doesNotMatch(inspect(error, { depth: 9 }), /x1|x2|x3|Abc12345|ab\)!/);
      return true;
    });
  });

  it('tries a format error once more as a browser would, and stays one when that helps', async () => {
    const picky: Behavior = {};
    const { camera, api } = await start(picky);
    picky.onRequest = () => {
      const headers = camera.asked.at(-1)?.headers;
      const browser =
        headers?.['user-agent']?.startsWith('Mozilla/') === true &&
        headers.referer === `http://127.0.0.1:${camera.port}/`;
      return { json: { error_code: browser ? 0 : -40210 } };
    };
    await api.request(GET);
    assert.equal(camera.asked.length, 2);
    await api.request(GET);
    assert.equal(camera.asked.length, 3);
    assert.equal(camera.logins.length, 1);
  });

  it('tries a format error no third time, and stays plain when a browser helps nothing', async () => {
    const { camera, api } = await start({ onRequest: () => ({ json: { error_code: -40210 } }) });
    await assert.rejects(api.request(GET), { code: 'TALK_ERR_API', message: /-40210 \(format error/ });
    assert.equal(camera.asked.length, 2);
    await assert.rejects(api.request(GET), { code: 'TALK_ERR_API' });
    assert.equal(camera.asked[2]?.headers['user-agent'], 'TP-LINK_APP');
  });

  it('asks one thing after the other', async () => {
    let running = 0;
    let most = 0;
    const { camera, api } = await start({
      before: (_, response) => {
        most = Math.max(most, ++running);
        response.once('finish', () => (running -= 1));
        return false;
      },
    });
    await Promise.all([1, 2, 3, 4, 5].map(() => api.request(GET)));
    assert.equal(most, 1);
    assert.equal(camera.logins.length, 1);
    assert.equal(camera.connections, 1);
  });

  it('refuses more than 32 requests in waiting', async () => {
    const { camera, api } = await start({ before: () => true });
    const running = api.request(GET);
    running.catch(() => undefined);
    await until(() => camera.requests.length === 1);
    const settled = Promise.allSettled([running, ...Array.from({ length: 33 }, () => api.request(GET))]);
    void api.close();
    const codes = (await settled).map((result) => (result.status === 'rejected' ? result.reason.code : 'fine'));
    assert.equal(codes.filter((code) => code === 'TALK_ERR_QUEUE_FULL').length, 1);
    assert.equal(codes.filter((code) => code === 'TALK_ERR_ABORTED').length, 33);
  });

  it('stops at the signal, and goes on with the next request', async () => {
    let silent = true;
    const { camera, api } = await start({ before: ({ url = '' }) => silent && url.endsWith('/ds') });
    const abort = new AbortController();
    const first = api.request(GET, { signal: abort.signal });
    const second = api.request(GET, { signal: abort.signal });
    await until(() => camera.asked.length === 1);
    abort.abort();
    await assert.rejects(first, { code: 'TALK_ERR_ABORTED' });
    await assert.rejects(second, { code: 'TALK_ERR_ABORTED' });
    silent = false;
    assert.deepEqual(await api.request(GET), { error_code: 0 });
    assert.equal(camera.logins.length, 1);
    assert.equal(camera.asked.length, 2);
  });

  it('closes what is under way and refuses what comes later', async () => {
    const { camera, api } = await start({ before: ({ url = '' }) => url.endsWith('/ds') });
    const running = api.request(GET);
    running.catch(() => undefined);
    await until(() => camera.asked.length === 1);
    void api.close();
    void api.close();
    await assert.rejects(running, { code: 'TALK_ERR_ABORTED', camera: '127.0.0.1:554' });
    await assert.rejects(api.request(GET), { code: 'TALK_ERR_ABORTED' });
  });

  it('times a silent camera out and recovers with a fresh connection', async () => {
    let silent = true;
    const camera = await StandIn.start({ before: () => silent });
    const clock = new HandClock();
    const api = new WebApi(camera.camera(), { clock, guard: new PasswordGuard(clock) });
    stops.push(
      () => api.close(),
      () => camera.stop(),
    );
    const first = api.request(GET);
    first.catch(() => undefined);
    await until(() => camera.requests.length === 1);
    clock.advance(8_000);
    await assert.rejects(first, { code: 'TALK_ERR_TIMEOUT', message: /the challenge/, retryable: true });
    silent = false;
    await api.request(GET);
    assert.equal(clock.waiting, 0);
  });

  it('uses the web interface not at all when the configuration says so', async () => {
    const { camera, api } = await start({}, { login: 'none' });
    await assert.rejects(api.request(GET), {
      code: 'TALK_ERR_ARGUMENT',
      message: /login is none/,
      camera: '127.0.0.1:554',
    });
    assert.equal(camera.connections, 0);
  });

  it('sends nothing to the web interface of a Tapo camera: the password is that of the TP-Link account', async () => {
    const { camera, api } = await start({}, { dialect: 'tapo' });
    const refusal = { code: 'TALK_ERR_ARGUMENT', message: /dialect is tapo/, camera: '127.0.0.1:554' };
    await assert.rejects(api.request(GET), refusal);
    await assert.rejects(api.logIn(), refusal);
    assert.equal(camera.connections, 0);
  });

  it('refuses an answer nested too deep', async () => {
    const deep = `{"error_code":0,"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`;
    const { api } = await start({ onRequest: () => ({ body: deep }) });
    await assert.rejects(api.request(GET), { code: 'TALK_ERR_PROTOCOL', message: /nested too deep/ });
  });
});
