// The login over real sockets: ways in, ways to the challenge, and passwords counted at the camera.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { monotonicClock } from '../../src/clock.js';
import { TalkError } from '../../src/errors.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { WebApi } from '../../src/webapi/client.js';
import { coded, eventually, watch } from '../helpers/collect.js';
import { settle } from '../helpers/fake-clock.js';
import { HandClock, PASSWORD, SPKI_161, SPKI_162, StandIn, type Behavior } from './stand-in.js';

const GET = { method: 'get', device_info: { name: ['basic_info'] } };
const key = encodeURIComponent(SPKI_162);
const REFUSED = new TalkError('TALK_ERR_AUTH', 'refused');

describe('web login', () => {
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

  describe('gets in', () => {
    for (const [name, challenge, login, type] of [
      ['with RSA', { encrypt_type: ['1', '2'], key }, 'auto', '2'],
      ['with RSA and a key of 161 bytes', { encrypt_type: '2', key: encodeURIComponent(SPKI_161) }, 'auto', '2'],
      ['with MD5', { encrypt_type: ['3'] }, 'auto', '3'],
      ['with MD5 under type 2', { encrypt_type: ['2'], md5_encrypt_type: '1' }, 'auto', '2'],
      ['with MD5 under the number 1', { encrypt_type: 1, md5_encrypt_type: 1 }, 'auto', 1],
      ['with MD5 where no type is named', { encrypt_type: null }, 'auto', '3'],
      ['with scrambled text', { encrypt_type: ['1'] }, 'auto', '1'],
      ['with scrambled text where there is nothing to go by', { nonce: undefined }, 'auto', undefined],
      ['with RSA because it must', { encrypt_type: ['1', '2', '3'], key }, 'rsa', '2'],
      ['with MD5 because it must', { encrypt_type: ['1', '2', '3'], key }, 'md5', '3'],
      ['with scrambled text because it must', { encrypt_type: ['1', '2', '3'], key }, 'plain', '1'],
    ] as const) {
      it(name, async () => {
        const { camera, api } = await start({ challenge }, { login });
        await api.request(GET);
        assert.equal(camera.logins.length, 1);
        assert.equal(camera.logins[0].encrypt_type, type);
      });
    }

    it('with the challenge under HTTP 401', async () => {
      const { api } = await start({ challengeStatus: 401 });
      await api.request(GET);
    });

    it('with the token under result', async () => {
      const behavior: Behavior = {};
      const { camera, api } = await start(behavior);
      behavior.onLogin = () => ({ json: { error_code: 0, result: { stok: (camera.stok = 'nested') } } });
      await api.request(GET);
      assert.equal(camera.asked[0]?.path, '/stok=nested/ds');
    });

    it('with the longest token', async () => {
      const longest = 'x'.repeat(512);
      const behavior: Behavior = {};
      const { camera, api } = await start(behavior);
      behavior.onLogin = () => ({ json: { error_code: 0, stok: (camera.stok = longest) } });
      await api.request(GET);
      assert.equal(camera.asked[0]?.path, `/stok=${longest}/ds`);
    });
  });

  describe('does not go below what the camera has offered', () => {
    const RSA = { encrypt_type: ['1', '2'], key };
    const FROM_BEST = [RSA, { encrypt_type: ['3'] }, { encrypt_type: ['1'] }];

    FROM_BEST.forEach((best, index) => {
      for (const less of FROM_BEST.slice(index + 1)) {
        it(`${JSON.stringify(less)} after ${JSON.stringify(best).slice(0, 32)}`, async () => {
          const behavior: Behavior = { challenge: best };
          const { camera, api, guard } = await start(behavior, { login: 'auto' });
          await api.request(GET);
          behavior.challenge = less;
          camera.stok = undefined;
          for (let times = 0; times < 2; times += 1)
            await assert.rejects(api.request(GET), {
              code: 'TALK_ERR_LOGIN',
              message: /offered .+ before.*web login by hand/,
            });
          assert.equal(camera.logins.length, 1, 'the password was not sent again');

          behavior.challenge = best;
          await api.request(GET);
          assert.equal(camera.logins.length, 2, 'and nothing is held against it');

          behavior.challenge = less;
          const login = less.encrypt_type[0] === '3' ? 'md5' : 'plain';
          const byHand = new WebApi(camera.camera({ login }), { clock: monotonicClock, guard });
          stops.push(() => byHand.close());
          await byHand.request(GET);
          assert.equal(camera.logins.length, 3);
        });
      }
    });

    for (const [name, challenge, code] of [
      ['a key that is taken out', { encrypt_type: ['1', '2'] }, 'TALK_ERR_PROTOCOL'],
      ['a challenge that says nothing', { nonce: undefined }, 'TALK_ERR_LOGIN'],
    ] as const) {
      it(name, async () => {
        const behavior: Behavior = { challenge: RSA };
        const { camera, api } = await start(behavior, { login: 'auto' });
        await api.request(GET);
        behavior.challenge = challenge;
        camera.stok = undefined;
        await assert.rejects(api.request(GET), { code });
        assert.equal(camera.logins.length, 1);
      });
    }

    it('but takes more than before', async () => {
      const behavior: Behavior = {};
      const { camera, api } = await start(behavior, { login: 'auto' });
      for (const challenge of FROM_BEST.toReversed()) {
        behavior.challenge = challenge;
        camera.stok = undefined;
        await api.request(GET);
      }
      assert.deepEqual(
        camera.logins.map(({ encrypt_type: type }) => type),
        ['1', '3', '2'],
      );
    });
  });

  describe('that is cut while the password is on its way', () => {
    for (const [name, cut] of [
      ['by its signal', (stop: AbortController) => stop.abort()],
      ['by closing', (_: AbortController, api: WebApi) => void api.close()],
    ] as const) {
      for (const [how, password, code] of [
        ['a wrong one does not go out again', 'wrong-Pass-1', 'TALK_ERR_LOCKED'],
        ['a right one is not held back', PASSWORD, undefined],
      ] as const) {
        it(`${name}: ${how}`, async () => {
          let answer: (() => void) | undefined;
          const behavior: Behavior = {};
          const { camera, api, guard } = await start(behavior, { password });
          const logins = (): number => camera.requests.filter(({ json }) => json?.login?.username !== undefined).length;
          behavior.before = (_, response) => {
            if (logins() !== 1 || answer !== undefined) return false;
            const refusal = { error_code: -40401, data: { code: -40407 } };
            answer = () => response.end(JSON.stringify(password === PASSWORD ? { error_code: 0, stok: 'a' } : refusal));
            return true;
          };
          const stop = new AbortController();
          const asking = watch(api.request(GET, { signal: stop.signal }));
          await eventually(() => answer !== undefined, 'the log-in');
          cut(stop, api);
          await eventually(() => asking.state === 'rejected', 'the end for whoever asked');
          coded('TALK_ERR_ABORTED')(asking.error);
          answer?.();
          const next = new WebApi(camera.camera({ password }), { clock: monotonicClock, guard });
          stops.push(() => next.close());
          const again = await next.request(GET).then(
            () => undefined,
            (error: unknown) => (error as TalkError).code,
          );
          assert.equal(again, code);
          assert.equal(logins(), code === undefined ? 2 : 1);
        });
      }
    }
  });

  describe('finds the challenge', () => {
    const WAYS = {
      content: 'GET /pc/Content.htm',
      login: 'POST / {"method":"do","login":{}}',
      encrypt_info: 'POST / {"method":"do","user_management":{"get_encrypt_info":null}}',
      passport: 'POST /passport/auth {"method":"get"}',
    } as const;
    const ORDER = ['content', 'login', 'encrypt_info', 'passport'] as const;

    for (const way of ORDER) {
      it(`by ${WAYS[way]}, after what comes before, and remembers it`, async () => {
        const { camera, api } = await start({ knows: [way] });
        await api.request(GET);
        const asked = camera.requests.map(
          ({ method, path, json }) => `${method} ${path}${json === undefined ? '' : ` ${JSON.stringify(json)}`}`,
        );
        assert.deepEqual(
          asked.slice(0, -2),
          ORDER.slice(0, ORDER.indexOf(way) + 1).map((name) => WAYS[name]),
        );
        camera.stok = 'another';
        camera.requests.length = 0;
        await api.request(GET);
        // Stale, the remembered challenge, login, repeat.
        assert.equal(camera.requests.length, 4);
        assert.equal(
          camera.requests[1]?.path,
          camera.requests[1]?.method === 'GET' ? '/pc/Content.htm' : way === 'passport' ? '/passport/auth' : '/',
        );
      });
    }

    it('again from the start when the remembered way is gone', async () => {
      const behavior: Behavior = { knows: ['encrypt_info'] };
      const { camera, api } = await start(behavior);
      await api.request(GET);
      behavior.knows = ['content'];
      camera.stok = 'another';
      await api.request(GET);
      assert.equal(camera.logins.length, 2);
    });

    it('or says what it got instead, without trying a password', async () => {
      const { camera, api } = await start({ knows: [] });
      await assert.rejects(api.request(GET), {
        code: 'TALK_ERR_PROTOCOL',
        message: /gave no login challenge: .*HTTP 404 with a web page.*-40401.*-40210/,
      });
      assert.equal(camera.logins.length, 0);
      assert.equal(camera.requests.length, 4);
    });

    it('or does without when the configuration says plain', async () => {
      const { camera, api } = await start({ knows: [] }, { login: 'plain' });
      await api.request(GET);
      assert.deepEqual(camera.logins, [{ username: 'admin', password: '4748og1u9TefbwK' }]);
    });

    it('or gives up at once when the camera redirects', async () => {
      const { camera, api } = await start({
        before: (_, response) => (response.writeHead(302, { Location: 'https://127.0.0.1/' }).end(), true),
      });
      await assert.rejects(api.request(GET), {
        code: 'TALK_ERR_PROTOCOL',
        message: /redirected the challenge .* to HTTPS/,
      });
      assert.equal(camera.requests.length, 1);
    });

    it('or gives up at once when the camera is silent or gone', async () => {
      const { camera, api } = await start({ before: (request) => (request.socket.destroy(), true) });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_CONNECT' });
      assert.equal(camera.requests.length, 1);
    });
  });

  describe('spends one password and no more', () => {
    const WRONG = { password: 'wrong-Pass-1' };

    for (const [name, challenge] of [
      ['RSA, MD5 and text offered', { encrypt_type: ['1', '2', '3'], key, md5_encrypt_type: '1' }],
      ['RSA and text offered', { encrypt_type: ['1', '2'], key }],
      ['MD5 offered', { encrypt_type: ['3'] }],
      ['an unreadable key and MD5', { encrypt_type: ['2'], key: 'x', md5_encrypt_type: '1' }],
      ['text offered', { encrypt_type: ['1'] }],
      ['nothing named', {}],
    ] as const) {
      it(`with ${name}, however often it is asked`, async () => {
        const { camera, api } = await start({ challenge }, WRONG);
        await assert.rejects(api.request(GET), (error: any) => {
          assert.equal(error.code, 'TALK_ERR_LOGIN');
          assert.equal(error.retryable, false);
          assert.equal(error.camera, '127.0.0.1:554');
          assert.match(error.message, /refused the user name or password .*-40407 .*19 attempts left/);
          return true;
        });
        for (let i = 0; i < 5; i++)
          await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message: /held back for 3600 s/ });
        assert.equal(camera.logins.length, 1);
      });
    }

    it('of two that begin at the same moment', async () => {
      const { camera, api, guard } = await start({}, WRONG);
      const other = new WebApi(camera.camera(WRONG), { clock: monotonicClock, guard });
      stops.push(() => other.close());
      const ends = await Promise.allSettled([api.request(GET), other.request(GET)]);
      const codes = ends.map((end) => (end.status === 'rejected' ? end.reason.code : 'in')).sort();
      assert.deepEqual(codes, ['TALK_ERR_LOCKED', 'TALK_ERR_LOGIN']);
      assert.equal(camera.logins.length, 1);
    });

    it('and none while RTSP tries it for the first time', async () => {
      for (const taken of [true, false]) {
        const { camera, api, guard } = await start();
        await guard.turn('talk', camera.camera(), new AbortController().signal);
        const asking = Promise.allSettled([api.request(GET)]);
        await eventually(() => camera.requests.length > 0, 'the challenge');
        await settle(50);
        assert.equal(camera.logins.length, 0);
        if (taken) guard.accepted('talk', camera.camera());
        else guard.refused('talk', camera.camera(), REFUSED);
        const [asked] = await asking;
        assert.equal(asked.status === 'rejected' ? asked.reason.code : 'in', taken ? 'in' : 'TALK_ERR_LOCKED');
        assert.equal(camera.logins.length, taken ? 1 : 0);
      }
    });

    it('until an hour has passed', async () => {
      const { camera, api, guardClock } = await start({}, WRONG);
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOGIN' });
      guardClock.advance(3_599_999);
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message: /held back for 1 s/ });
      guardClock.advance(1);
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOGIN', message: /18 attempts left/ });
      assert.equal(camera.logins.length, 2);
    });

    it('also for requests that were waiting already', async () => {
      const { camera, api } = await start({}, WRONG);
      const settled = await Promise.allSettled([1, 2, 3, 4].map(() => api.request(GET)));
      const codes = settled.map((result) => (result.status === 'rejected' ? result.reason.code : 'fine'));
      assert.deepEqual(codes, ['TALK_ERR_LOGIN', 'TALK_ERR_LOCKED', 'TALK_ERR_LOCKED', 'TALK_ERR_LOCKED']);
      assert.equal(camera.logins.length, 1);
    });

    it('and none when somebody else has seen it refused, not even a challenge', async () => {
      const { camera, api, guard } = await start({}, WRONG);
      guard.refused('talk', camera.camera(WRONG), REFUSED);
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED' });
      assert.equal(camera.requests.length, 0);
    });

    it('and none when somebody else has seen it refused while the challenge was fetched', async () => {
      const behavior: Behavior = {};
      const { camera, api, guard } = await start(behavior, WRONG);
      behavior.before = () => (guard.refused('talk', camera.camera(WRONG), REFUSED), false);
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED' });
      assert.equal(camera.logins.length, 0);
    });

    it('when the camera refuses by a bare HTTP 401 or 403', async () => {
      for (const status of [401, 403]) {
        const { camera, api } = await start({
          challenge: { encrypt_type: ['1'] },
          onLogin: () => ({ status, body: '' }),
        });
        await assert.rejects(api.request(GET), {
          code: 'TALK_ERR_LOGIN',
          message: new RegExp(`HTTP ${status}, login method plain`),
        });
        await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED' });
        assert.equal(camera.logins.length, 1);
      }
    });

    it('when the camera refuses with a number nobody knows', async () => {
      const { camera, api } = await start({ onLogin: () => ({ json: { error_code: -12345 } }) });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOGIN', message: /-12345/ });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED' });
      assert.equal(camera.logins.length, 1);
    });

    it('when the new login after a stale token is refused: a lock-out, tried again after 1, 5, 15, 30 and 30 min', async () => {
      const { camera, api, guard, guardClock } = await start({
        onLogin: (_, attempt) => (attempt > 1 ? { json: { error_code: -40401, data: { code: -40407 } } } : undefined),
      });
      await api.request(GET);
      camera.stok = undefined;
      for (const [index, minutes] of [1, 5, 15, 30, 30].entries()) {
        const why = new RegExp(`accepted before.*locked this computer out.*restart.*held back for ${minutes * 60} s`);
        for (const message of [why, why]) await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message });
        assert.equal(camera.logins.length, 2 + index);
        guard.check('talk', camera.camera());
        guardClock.advance(minutes * 60_000);
      }
      delete camera.behavior.onLogin;
      await api.request(GET);
    });

    it('when the camera drops the connection instead of answering: until a test; talking does not wait', async () => {
      const { camera, api, guard } = await start({
        before: ({ method, socket }) => method === 'POST' && (socket.destroy(), true),
      });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_CONNECT' });
      for (let i = 0; i < 4; i++) {
        const message = /has not said whether .*held back for 3600 s/;
        await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message });
      }
      guard.check('talk', camera.camera());
      assert.equal(camera.requests.filter(({ method }) => method === 'POST').length, 1);
    });
  });

  describe('meets other refusals', () => {
    it('a used nonce: one new challenge, one new answer', async () => {
      const { camera, api } = await start({
        onLogin: (_, attempt) => (attempt === 1 ? { json: { error_code: -40401, data: { code: -40410 } } } : undefined),
      });
      await api.request(GET);
      assert.equal(camera.logins.length, 2);
      assert.notEqual(camera.logins[0].password, camera.logins[1].password);
      assert.equal(camera.requests.filter(({ method }) => method === 'GET').length, 2);
    });

    it('a used nonce twice: no third attempt, and the password is not to blame', async () => {
      const { camera, api, guard } = await start({ onLogin: () => ({ json: { error_code: -40410 } }) });
      await assert.rejects(api.request(GET), {
        code: 'TALK_ERR_LOGIN',
        message: /-40410 \(the login nonce is invalid/,
      });
      assert.equal(camera.logins.length, 2);
      guard.check('web', camera.camera());
    });

    for (const [code, expected, message] of [
      [-40405, 'TALK_ERR_LOGIN', /no password has been set yet/],
      [-40406, 'TALK_ERR_LOGIN', /too many clients/],
      [-40109, 'TALK_ERR_API', /busy/],
      [-40112, 'TALK_ERR_API', /firmware update/],
      [-40210, 'TALK_ERR_API', /format error/],
    ] as const) {
      it(`${code}, which says nothing about the password`, async () => {
        const { camera, api, guard } = await start({ onLogin: () => ({ json: { error_code: code } }) });
        await assert.rejects(api.request(GET), { code: expected, message });
        assert.equal(camera.logins.length, 1);
        guard.check('web', camera.camera());
      });
    }

    it('a lock in the challenge: no password sent, held back for as long as the camera said', async () => {
      const { camera, api, guardClock } = await start({
        challenge: { code: -40404, nonce: undefined, sec_left: 1_260 },
      });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message: /locked the account for 1260 s/ });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message: /held back for 1260 s/ });
      assert.equal(camera.requests.length, 1);
      assert.equal(camera.logins.length, 0);
      guardClock.advance(1_260_000);
      camera.behavior.challenge = { encrypt_type: ['3'] };
      await api.request(GET);
    });

    it('a lock as the answer to the last attempt', async () => {
      const { camera, api, guard } = await start({
        onLogin: () => ({
          status: 401,
          json: { error_code: -40401, data: { code: -40404, time: 20, max_time: 20, sec_left: 1_800 } },
        }),
      });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message: /1800 s/ });
      assert.throws(() => guard.check('web', { ...camera.camera(), password: 'other' }), { code: 'TALK_ERR_LOCKED' });
      assert.equal(camera.logins.length, 1);
    });

    it('a lock for good', async () => {
      const { api } = await start({ onLogin: () => ({ json: { error_code: -40408 } }) });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message: /for good/ });
    });

    it('a password the method cannot carry, before anything is spent', async () => {
      const { camera, api, guard } = await start({ challenge: { encrypt_type: ['1'] } }, { password: '密码' });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_ARGUMENT', message: /ASCII/ });
      assert.equal(camera.logins.length, 0);
      guard.check('web', camera.camera({ password: '密码' }));
    });

    it('an unreadable key with no way around it', async () => {
      const { camera, api } = await start({ challenge: { encrypt_type: ['2'], key: 'AAAA' } });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_PROTOCOL', message: /key cannot be read/ });
      assert.equal(camera.logins.length, 0);
    });

    for (const stok of ['', 'a b', 'x'.repeat(513), 7]) {
      it(`a token that is none: ${JSON.stringify(stok).slice(0, 12)}`, async () => {
        const { api } = await start({ onLogin: () => ({ json: { error_code: 0, stok } }) });
        await assert.rejects(api.request(GET), { code: 'TALK_ERR_PROTOCOL', message: /no usable token/ });
      });
    }

    it('a web page, which is neither yes nor no: one password; talking goes on', async () => {
      const { api, guard, camera } = await start({ onLogin: () => ({ body: '<html></html>' }) });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_PROTOCOL', message: /web page/ });
      await assert.rejects(api.request(GET), { code: 'TALK_ERR_LOCKED', message: /has not said whether/ });
      assert.equal(camera.logins.length, 1);
      guard.check('talk', camera.camera());
    });
  });

  it('shows no secret in any error', async () => {
    const secret = 'Geh31m-geheim';
    for (const behavior of [
      { challenge: { encrypt_type: ['3'] } },
      { challenge: { encrypt_type: ['2'], key } },
      { challenge: { encrypt_type: ['1'] } },
      { onLogin: (login: any) => ({ json: { error_code: -12345, echo: login } }) },
      { onLogin: (login: any) => ({ body: JSON.stringify(login).slice(1) }) },
      { onLogin: (login: any) => ({ status: 500, json: { error_code: -40210, message: login.password } }) },
      { knows: [] },
    ] as Behavior[]) {
      const { camera, api } = await start(behavior, { password: secret });
      await assert.rejects(api.request(GET), (error: unknown) => {
        const shown = inspect(error, { depth: 9, showHidden: true });
        for (const word of [secret, PASSWORD, 'nonce001', ...camera.logins.map(({ password }) => String(password))]) {
          assert.ok(!shown.includes(word), shown);
        }
        return true;
      });
    }
  });
});
