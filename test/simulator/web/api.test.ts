// The simulated web API through a real socket, requests typed by hand: addresses, login, token, faults, and what is remembered.
import assert from 'node:assert/strict';
import { exchange, get, handClock, post, withApi } from './raw-http.js';

// From the published vectors: password Abc12345, nonce lU3L7xDN (V11, V12).
const NONCE = 'lU3L7xDN';
const CIPHER =
  'ecovIjNVOlIH2zNC7uKDwepKEn+wKHfpUA2vCHabnCf8wF67L9v0LCPgngfN7vodbHdmAFudxzxt7xQ+U+vGcF8bLcFWQxLs5C/nx84VwH5vKjZw4ew3RBn4xrnxEqXL' +
  'A2xj6XByVKfABEIChbfgGp6eS9FoyN/BKBFTwu27GFY=';
const RSA_LOGIN = `{"method":"do","login":{"username":"admin","password":"${CIPHER}","encrypt_type":"2"}}`;
const PLAIN_LOGIN = '{"method":"do","login":{"username":"admin","password":"4748og1u9TefbwK"}}';
const READ_SPEAKER = '{"method":"get","audio_config":{"name":["speaker"]}}';
const EMPTY_LOGIN = '{"method":"do","login":{}}';
const ENCRYPT_INFO = '{"method":"do","user_management":{"get_encrypt_info":null}}';

const nextNonce = (): string => NONCE;

async function loggedIn(port: number): Promise<string> {
  return encodeURIComponent((await post(port, '/', PLAIN_LOGIN)).json.stok);
}

describe('simulator/web-api', () => {
  it('logs in with RSA and serves /ds (V12)', () =>
    withApi({ nextNonce }, async (port, api) => {
      const challenge = await get(port, '/pc/Content.htm');
      assert.equal(challenge.status, 401);
      assert.match(challenge.headers, /^Content-Type: text\/html\r?$/m);
      assert.equal(challenge.json.data.nonce, NONCE);
      const login = await post(port, '/', RSA_LOGIN);
      assert.equal(login.status, 200);
      assert.deepEqual([login.json.error_code, login.json.user_group], [0, 'root']);
      assert.match(login.json.stok, /^[A-Za-z0-9]{32}$/);
      const reply = await post(port, `/stok=${login.json.stok}/ds`, READ_SPEAKER);
      assert.deepEqual([reply.status, reply.json.audio_config.speaker.volume], [200, '80']);
      assert.deepEqual(api.counts, { requests: 3, challenges: 1, logins: 1, acceptedLogins: 1, overlaps: 0 });
    }));

  it('calls a nonce used the second time', () =>
    withApi({ nextNonce: nonces(NONCE, 'another1', 'another2') }, async (port) => {
      await get(port, '/pc/Content.htm');
      assert.equal((await post(port, '/', RSA_LOGIN)).json.error_code, 0);
      const again = (await post(port, '/', RSA_LOGIN)).json;
      assert.deepEqual([again.error_code, again.data.code, again.data.nonce], [-40401, -40410, 'another1']);
    }));

  it('challenges at every address that is switched on', () =>
    withApi({ endpoints: { passport: true }, challengeStatus: 200 }, async (port) => {
      const answers = [
        await get(port, '/pc/Content.htm?a=1'),
        await post(port, '/', EMPTY_LOGIN),
        await post(port, '/', ENCRYPT_INFO),
        await post(port, '/passport/auth', '{"method":"get"}'),
      ];
      for (const { status, json } of answers) {
        assert.deepEqual([status, json.error_code, json.data.code], [200, -40401, -40407]);
      }
      assert.equal(new Set(answers.map(({ json }) => json.data.nonce)).size, 4);
    }));

  it('refuses where an address is switched off', () =>
    withApi({ endpoints: { content: false, login: false, encryptInfo: false } }, async (port, api) => {
      assert.equal((await get(port, '/pc/Content.htm')).status, 404);
      assert.equal((await post(port, '/', EMPTY_LOGIN)).json.error_code, -40210);
      assert.equal((await post(port, '/', ENCRYPT_INFO)).json.error_code, -40210);
      assert.equal((await post(port, '/passport/auth', '{"method":"get"}')).status, 404);
      assert.equal(api.counts.challenges, 0);
    }));

  it('refuses a wrong password, counts it and sends a new challenge', () =>
    withApi({ nextNonce: nonces('nonce001') }, async (port) => {
      const reply = await post(port, '/', PLAIN_LOGIN.replace('4748', '8474'));
      assert.equal(reply.status, 401);
      const { code, time, max_time, nonce } = reply.json.data;
      assert.deepEqual([code, time, max_time, nonce], [-40407, 1, 20, 'nonce001']);
    }));

  it('answers HTTP 401 to MD5 where only types 1 and 2 are on offer, else challengeStatus', () =>
    withApi({ challengeStatus: 200, nextNonce }, async (port) => {
      await get(port, '/pc/Content.htm');
      const md5 = '"password":"16b59cfb5335d1058ceb4891dc2dc394","encrypt_type":"3","md5_encrypt_type":"1"';
      assert.equal((await post(port, '/', `{"method":"do","login":{"username":"admin",${md5}}}`)).status, 401);
      assert.equal((await post(port, '/', PLAIN_LOGIN.replace('4748', '8474'))).status, 200);
    }));

  it('takes percent-encoded strings', () =>
    withApi({ nextNonce }, async (port) => {
      await get(port, '/pc/Content.htm');
      const encoded = RSA_LOGIN.replace(CIPHER, encodeURIComponent(CIPHER));
      const { stok } = (await post(port, '/', encoded)).json;
      await post(port, `/stok=${stok}/ds`, '{"method":"do","system":{"boot_set_date":{"seconds_from_1970":"%31%30"}}}');
      const clock = await post(port, `/stok=${stok}/ds`, '{"method":"get","system":{"name":["clock_status"]}}');
      assert.match(clock.json.system.clock_status.seconds_from_1970, /^1[01]$/);
    }));

  it('sends percent-encoded strings and token when told to', () =>
    withApi({ percentEncodeStrings: true, name: '前门 1', stokAlphabet: ')!' }, async (port) => {
      const { stok } = (await post(port, '/', PLAIN_LOGIN)).json;
      assert.match(stok, /^(%29|%21){32}$/);
      const reply = await post(port, `/stok=${stok}/ds`, '{"method":"get","device_info":{"name":["info"]}}');
      assert.equal(reply.json.device_info.info.device_name, '%E5%89%8D%E9%97%A8%201');
    }));

  it('wants odd tokens percent-encoded', () =>
    withApi({ stokAlphabet: ")!*('" }, async (port) => {
      const { stok } = (await post(port, '/', PLAIN_LOGIN)).json;
      assert.match(stok, /^[)!*(']{32}$/);
      assert.equal((await post(port, `/stok=${stok}/ds`, READ_SPEAKER)).json.error_code, -40401);
      const encoded = [...stok].map((sign: string) => `%${sign.charCodeAt(0).toString(16)}`).join('');
      assert.equal((await post(port, `/stok=${encoded}/ds`, READ_SPEAKER)).json.error_code, 0);
    }));

  it('expires tokens by code or HTTP 401, each login by itself', async () => {
    await withApi({ stokLifetimeRequests: 1 }, async (port, api) => {
      const [first, second] = [await loggedIn(port), await loggedIn(port)];
      assert.equal((await post(port, `/stok=${first}/ds`, READ_SPEAKER)).json.error_code, 0);
      const stale = await post(port, `/stok=${first}/ds`, READ_SPEAKER);
      assert.deepEqual([stale.status, stale.json], [200, { error_code: -40401 }]);
      assert.equal((await post(port, `/stok=${second}/ds`, READ_SPEAKER)).json.error_code, 0);
      const third = await loggedIn(port);
      api.expireLogins();
      assert.equal((await post(port, `/stok=${third}/ds`, READ_SPEAKER)).json.error_code, -40401);
    });
    await withApi({ expireBy: 'http401' }, async (port) => {
      for (const stok of ['unknown', '', '%E0%A4%A']) {
        const stale = await post(port, `/stok=${stok}/ds`, READ_SPEAKER);
        assert.deepEqual([stale.status, stale.text], [401, '']);
      }
    });
  });

  it('forgets the oldest of nine logins', () =>
    withApi({}, async (port) => {
      const stoks = [];
      for (let i = 0; i < 9; i += 1) stoks.push(await loggedIn(port));
      assert.equal((await post(port, `/stok=${stoks[0]}/ds`, READ_SPEAKER)).json.error_code, -40401);
      assert.equal((await post(port, `/stok=${stoks[1]}/ds`, READ_SPEAKER)).json.error_code, 0);
    }));

  it('forgets every login when it reboots', () =>
    withApi({}, async (port, api) => {
      const stok = await loggedIn(port);
      assert.equal(
        (await post(port, `/stok=${stok}/ds`, '{"method":"do","system":{"reboot":"null"}}')).json.error_code,
        0,
      );
      assert.equal(api.state.reboots, 1);
      assert.equal((await post(port, `/stok=${stok}/ds`, READ_SPEAKER)).json.error_code, -40401);
    }));

  it('nests challenge and token in result', () =>
    withApi({ nestInResult: true }, async (port) => {
      const challenge = (await get(port, '/pc/Content.htm')).json;
      assert.deepEqual([challenge.error_code, challenge.result.data.code], [-40401, -40407]);
      assert.match((await post(port, '/', PLAIN_LOGIN)).json.result.stok, /^\w{32}$/);
    }));

  it('wants the headers of a browser when told to', () =>
    withApi({ browserHeadersNeeded: true }, async (port) => {
      const stok = await loggedIn(port);
      assert.equal((await post(port, `/stok=${stok}/ds`, READ_SPEAKER)).json.error_code, -40210);
      const browser = 'User-Agent: Mozilla/5.0 (X11)\r\n';
      assert.equal((await post(port, `/stok=${stok}/ds`, READ_SPEAKER, browser)).json.error_code, 0);
    }));

  it('is busy within a second', () => {
    const clock = handClock();
    return withApi({ busyEverySecond: true, clock }, async (port) => {
      const stok = await loggedIn(port);
      const codes = [];
      for (const ms of [0, 999, 1_000]) {
        clock.advance(ms);
        codes.push((await post(port, `/stok=${stok}/ds`, READ_SPEAKER)).json.error_code);
      }
      assert.deepEqual(codes, [0, -40109, 0]);
    });
  });

  it('refuses the first requests with a given code', () =>
    withApi({ requestRefusals: { code: -10000, times: 1 } }, async (port) => {
      const stok = await loggedIn(port);
      assert.equal((await post(port, `/stok=${stok}/ds`, READ_SPEAKER)).json.error_code, -10000);
      assert.equal((await post(port, `/stok=${stok}/ds`, READ_SPEAKER)).json.error_code, 0);
    }));

  it('refuses what is not JSON, has no length, or is too large', () =>
    withApi({}, async (port) => {
      const stok = await loggedIn(port);
      assert.equal((await post(port, `/stok=${stok}/ds`, '{"method":')).json.error_code, -40210);
      assert.equal((await post(port, '/', '[]')).json.error_code, -40210);
      assert.equal((await post(port, '/', '{"method":"get","login":{"username":"admin"}}')).json.error_code, -40210);
      assert.equal((await post(port, '/', `"${'x'.repeat(65_536)}"`)).status, 413);
      // 65 536 bytes are still read
      assert.equal((await post(port, '/', `"${'x'.repeat(65_534)}"`)).status, 200);
      const head = `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
      assert.equal((await exchange(port, `${head}2\r\n{}\r\n0\r\n\r\n`)).status, 411);
    }));

  it('remembers requests without password and token', () =>
    withApi({}, async (port, api) => {
      const stok = await loggedIn(port);
      await post(port, `/stok=${stok}/ds`, READ_SPEAKER);
      const [login, request] = api.log;
      assert.deepEqual(
        [login?.step, login?.status, login?.errorCode, login?.body],
        ['login', 200, 0, { method: 'do', login: { username: 'admin', password: '***' } }],
      );
      assert.deepEqual(
        [request?.step, request?.path, request?.body],
        ['request', '/stok=***/ds', JSON.parse(READ_SPEAKER)],
      );
      assert.ok(!JSON.stringify(api.log).includes(stok));
    }));

  it('notices requests that overlap', () => {
    const clock = handClock();
    return withApi({ answerDelayMs: 1_000, clock }, async (port, api) => {
      const both = [get(port, '/pc/Content.htm'), get(port, '/pc/Content.htm')];
      while (api.log.length < 2) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(api.counts.overlaps, 1);
      // both requests are in the log before they start to wait
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
      for (const each of await Promise.all(both)) assert.equal(each.status, 401);
    });
  });

  it('stamps volume changes with the clock of the simulator', () => {
    const clock = handClock();
    return withApi({ clock }, async (port, api) => {
      const stok = await loggedIn(port);
      clock.advance(500);
      await post(port, `/stok=${stok}/ds`, '{"method":"set","audio_config":{"speaker":{"volume":"15"}}}');
      assert.deepEqual(api.volumeLog, [{ at: 1_500, volume: 15, muted: false }]);
    });
  });

  describe('faults', () => {
    it('html', () =>
      withApi({ fault: { kind: 'html' } }, async (port) => {
        const reply = await get(port, '/pc/Content.htm');
        assert.equal(reply.status, 200);
        assert.match(reply.text, /^<!DOCTYPE html>/);
      }));

    it('redirect, and whether it was followed', () =>
      withApi({ fault: { kind: 'redirect' } }, async (port, api) => {
        const reply = await post(port, '/', PLAIN_LOGIN);
        assert.equal(reply.status, 307);
        assert.match(reply.headers, /^Location: \/elsewhere\r?$/m);
        assert.equal((await post(port, '/elsewhere', PLAIN_LOGIN)).json.error_code, -40210);
        assert.deepEqual(
          api.log.map(({ path }) => path),
          ['/', '/elsewhere'],
        );
        assert.equal(api.counts.logins, 1);
      }));

    it('endless', () =>
      withApi({ fault: { kind: 'endless' } }, async (port) => {
        const request = 'GET /pc/Content.htm HTTP/1.1\r\nHost: localhost\r\n\r\n';
        const reply = await exchange(port, request, { untilBytes: 4 * 1024 * 1024 });
        assert.deepEqual([reply.status, reply.ended], [200, false]);
      }));

    it('close', () =>
      withApi({ fault: { kind: 'close' } }, async (port) => {
        const reply = await get(port, '/pc/Content.htm');
        assert.deepEqual([reply.status, reply.headers, reply.ended], [0, '', true]);
      }));

    it('silent, until the server stops', async () => {
      let reply: ReturnType<typeof get> | undefined;
      await withApi({ fault: { kind: 'silent' } }, async (port, api) => {
        reply = get(port, '/pc/Content.htm');
        while (api.log.length < 1) await new Promise((resolve) => setImmediate(resolve));
      });
      assert.deepEqual([(await reply)?.headers, (await reply)?.ended], ['', true]);
    });

    it('truncated', () =>
      withApi({ fault: { kind: 'truncated' } }, async (port) => {
        const reply = await get(port, '/pc/Content.htm');
        assert.equal(reply.json, undefined);
        assert.match(reply.text, /^\{"error_code":-40401,/);
        assert.match(reply.headers, new RegExp(`Content-Length: ${reply.text.length}\\b`));
      }));

    it('cut', () =>
      withApi({ fault: { kind: 'cut' } }, async (port) => {
        const reply = await get(port, '/pc/Content.htm');
        const length = Number(/Content-Length: (\d+)/.exec(reply.headers)?.[1]);
        assert.ok(reply.text.length > 0 && reply.text.length < length);
      }));

    it('at one step only', () =>
      withApi({ fault: { kind: 'html', at: 'request' } }, async (port) => {
        const stok = await loggedIn(port);
        assert.equal((await post(port, `/stok=${stok}/ds`, READ_SPEAKER)).json, undefined);
        assert.equal((await get(port, '/pc/Content.htm')).json.error_code, -40401);
      }));
  });

  it('gives every login its own token', () =>
    withApi({}, async (port) => {
      const stoks = [await loggedIn(port), await loggedIn(port)];
      assert.notEqual(stoks[0], stoks[1]);
    }));
});

function nonces(...list: string[]): () => string {
  return () => list.shift() ?? 'no nonce left';
}
