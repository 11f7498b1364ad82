// The simulator's web server over real sockets: routes, parts of recordings, events, strangers, and a clean end.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { createWebApi } from '../../../src/simulator/web/api.js';
import { byteRange } from '../../../src/simulator/web/page.js';
import { startWebServer, type WebServerOptions } from '../../../src/simulator/web/server.js';
import { exchange, fakePage, get, handClock, post, type FakePage } from './raw-http.js';

async function withServer(
  test: (port: number, page: FakePage) => Promise<void>,
  options: Partial<WebServerOptions> = {},
): Promise<void> {
  const page = fakePage();
  const server = await startWebServer({ port: 0, page, ...options });
  try {
    await test(server.port, page);
  } finally {
    await server.stop();
  }
  assert.equal(page.listeners, 0);
}

/** Opens /events and hands over each complete event; the socket is the caller's to destroy. */
function follow(port: number) {
  const socket = connect(port, '127.0.0.1', () => socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'));
  let text = '';
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.setTimeout(5_000, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return {
    socket,
    ended,
    /** Everything so far, once it matches. */
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(text)) {
        assert.ok(!socket.destroyed, `ended without ${String(pattern)}: ${text}`);
        await Promise.race([new Promise((resolve) => socket.once('data', resolve)), ended]);
      }
      return text;
    },
  };
}

describe('simulator/web-server', () => {
  it('serves one page that needs nothing else', () =>
    withServer(async (port) => {
      const page = await get(port, '/');
      assert.equal(page.status, 200);
      assert.match(page.headers, /Content-Type: text\/html; charset=utf-8/);
      assert.match(
        page.headers,
        /Content-Security-Policy: default-src 'none'; script-src 'sha256-[A-Za-z0-9+/]{43}=';/,
      );
      assert.match(page.text, /<style>[^]*--accent[^]*<\/style>/);
      assert.match(page.text, /<script>[^]*new EventSource[^]*<\/script>/);
      const addresses = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
      assert.ok(
        addresses.every((address) => address?.startsWith('data:')),
        addresses.join(' '),
      );
    }));

  it('tells its state as JSON', () =>
    withServer(async (port, page) => assert.deepEqual((await get(port, '/state')).json, page.state)));

  it('hands out recordings, whole and in parts', () =>
    withServer(async (port, page) => {
      page.wavs.set('a-1', Buffer.from('RIFF0123456789'));
      const whole = await get(port, '/heard/a-1.wav?packets=3');
      assert.deepEqual([whole.status, whole.text], [200, 'RIFF0123456789']);
      assert.match(whole.headers, /Content-Type: audio\/wav\r?\n/);
      const part = await get(port, '/heard/a-1.wav', 'Range: bytes=4-6\r\n');
      assert.deepEqual([part.status, part.text], [206, '012']);
      assert.match(part.headers, /Content-Range: bytes 4-6\/14/);
      const outside = await get(port, '/heard/a-1.wav', 'Range: bytes=14-\r\n');
      assert.equal(outside.status, 416);
      assert.match(outside.headers, /Content-Range: bytes \*\/14/);
    }));

  const ranges = [
    [undefined, undefined],
    ['bytes=0-', [0, 9]],
    ['bytes=3-5', [3, 5]],
    ['bytes=3-50', [3, 9]],
    ['bytes=-4', [6, 9]],
    ['bytes=-40', [0, 9]],
    ['bytes=-0', null],
    ['bytes=10-', null],
    ['bytes=5-3', null],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=0-1', undefined],
  ] as const;
  for (const [header, expected] of ranges) {
    it(`reads Range ${header ?? 'absent'}`, () => assert.deepEqual(byteRange(header, 10), expected));
  }

  const strangers = [
    '/heard/nobody.wav',
    '/heard/..%2f..%2fpackage.json.wav',
    '/heard/',
    '/page.css',
    '/pc/Content.htm',
  ];
  for (const path of strangers) {
    it(`has nothing at ${path}`, () => withServer(async (port) => assert.equal((await get(port, path)).status, 404)));
  }

  it('has nothing to POST to without the web API', () =>
    withServer(async (port) => {
      for (const path of ['/', '/state', '/stok=x/ds']) assert.equal((await post(port, path, '{}')).status, 404);
    }));

  it('shares its port with the web API', () =>
    withServer(
      async (port) => {
        assert.equal((await get(port, '/pc/Content.htm')).json.error_code, -40401);
        assert.equal((await post(port, '/', '{"method":"do","login":{}}')).json.error_code, -40401);
        assert.equal((await post(port, '/stok=x/ds', '{}')).json.error_code, -40401);
        assert.match((await get(port, '/')).text, /^<!doctype html>/);
        assert.equal((await get(port, '/passport/auth')).status, 404);
      },
      { api: createWebApi({ password: 'x' }) },
    ));

  const hosts = [
    ['localhost', 200],
    ['LOCALHOST:80', 200],
    ['simulator.localhost', 200],
    ['127.0.0.1', 200],
    ['127.1.2.3:1', 200],
    ['[::1]:8080', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example', 403],
    ['192.168.1.60', 403],
    ['[::2]', 403],
    ['', 403],
  ] as const;
  for (const [host, status] of hosts) {
    it(`answers ${status} to Host "${host}"`, () =>
      withServer(async (port) => {
        for (const path of ['/', '/state', '/events', '/heard/a.wav', '/pc/Content.htm']) {
          if (status === 200 && path !== '/') continue;
          const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
          assert.equal((await exchange(port, request)).status, status);
        }
      }));
  }

  it('answers to the address it is bound to and was reached by', () =>
    withServer(
      async (port) => {
        const request = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
        assert.equal((await exchange(port, request('127.0.0.2'), { host: '127.0.0.2' })).status, 200);
        assert.equal((await exchange(port, request('[::]'), { host: '::1' })).status, 200);
        assert.equal((await exchange(port, request('evil.example'), { host: '127.0.0.2' })).status, 403);
      },
      { host: '::' },
    ));

  describe('events', () => {
    it('start with the state and follow changes, many as one', async () => {
      const clock = handClock();
      await withServer(
        async (port, page) => {
          const follower = follow(port);
          const first = await follower.until(/data: .*\n\n/);
          assert.match(first, /Content-Type: text\/event-stream/);
          assert.match(first, /retry: 1000\ndata: \{"name":"front door",.*"talking":false/);
          for (let i = 0; i < 100; i += 1) page.changed();
          page.state = { ...page.state, talking: true };
          clock.advance(250);
          const both = await follower.until(/"talking":true[^\n]*\n\n/);
          assert.equal(both.match(/data: /g)?.length, 2);
          page.state = { ...page.state, name: 'back door' };
          page.changed();
          clock.advance(250);
          await follower.until(/back door/);
          follower.socket.destroy();
        },
        { clock },
      );
    });

    it('show that they live', async () => {
      const clock = handClock();
      await withServer(
        async (port) => {
          const follower = follow(port);
          await follower.until(/data: /);
          clock.advance(15_000);
          await follower.until(/\r\n:\n\n/);
          follower.socket.destroy();
        },
        { clock },
      );
    });

    it('have room for sixteen', () =>
      withServer(async (port) => {
        const followers = Array.from({ length: 16 }, () => follow(port));
        await Promise.all(followers.map((follower) => follower.until(/data: /)));
        assert.equal((await get(port, '/events')).status, 503);
        followers[0]?.socket.destroy();
        await followers[0]?.ended;
        let late = follow(port);
        // the server may notice a moment later that somebody left
        while (!(await late.until(/HTTP\/1\.1 \d{3}/)).startsWith('HTTP/1.1 200')) {
          late.socket.destroy();
          late = follow(port);
        }
        for (const { socket } of [...followers, late]) socket.destroy();
      }));
  });

  it('ends every connection when it stops, and may be stopped twice', async () => {
    const page = fakePage();
    const server = await startWebServer({ port: 0, page });
    const follower = follow(server.port);
    await follower.until(/data: /);
    const idle = connect(server.port, '127.0.0.1');
    idle.on('error', () => undefined);
    await new Promise((resolve) => idle.once('connect', resolve));
    const idleEnd = new Promise((resolve) => idle.once('close', resolve));
    assert.equal(page.listeners, 1);
    await Promise.all([server.stop(), server.stop()]);
    await Promise.all([follower.ended, idleEnd, server.stop()]);
    assert.equal(page.listeners, 0);
    await assert.rejects(get(server.port, '/'), { code: 'ECONNREFUSED' });
  });

  it('says which port cannot be had', () =>
    withServer(async (port) => {
      const page = fakePage();
      await assert.rejects(startWebServer({ port, page }), {
        code: 'TALK_ERR_ARGUMENT',
        message: new RegExp(`web port ${port} on 127\\.0\\.0\\.1: something else uses it`),
      });
      assert.equal(page.listeners, 0);
    }));
});
