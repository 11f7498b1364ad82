// The connection against peers that misbehave byte by byte, and its limits in time and size.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { monotonicClock } from '../../src/clock.js';
import { HttpConnection, type HttpExchange } from '../../src/webapi/http.js';
import { HandClock, rawServer, until } from './stand-in.js';

const camera = (port: number, host = '127.0.0.1'): CameraOptions => cameraOptions({ host, httpPort: port, port: 8554 });

const ASK: HttpExchange = {
  method: 'POST',
  path: '/stok=sEcReT/ds',
  body: '{"method":"get"}',
  headers: { 'X-Test': '1' },
  step: 'get test',
  repeatable: true,
};

/** Answers every request of a connection with these bytes. */
const answering =
  (...answers: string[]) =>
  (socket: Socket): void => {
    socket.on('data', () => socket.write(answers.shift() ?? ok('late')));
  };

const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe('HTTP connection', () => {
  const stops: (() => unknown)[] = [];

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function connect(
    onConnection: (socket: Socket) => void,
    clock = monotonicClock,
  ): Promise<{ connection: HttpConnection; sockets: Set<Socket>; accepted: () => number }> {
    let accepted = 0;
    const server = await rawServer((socket) => {
      accepted += 1;
      onConnection(socket);
    });
    const connection = new HttpConnection(camera(server.port), clock);
    stops.push(
      () => connection.close(),
      () => server.stop(),
    );
    return { connection, sockets: server.sockets, accepted: () => accepted };
  }

  it('writes a request with Content-Length and Host, and no Transfer-Encoding', async () => {
    let heard = '';
    const { connection } = await connect((socket) => {
      socket.on('data', (chunk) => {
        heard += chunk.toString();
        socket.write(ok('{}'));
      });
    });
    assert.deepEqual(await connection.exchange(ASK), { status: 200, body: Buffer.from('{}') });
    const [head = '', body] = heard.split('\r\n\r\n');
    assert.match(head, /^POST \/stok=sEcReT\/ds HTTP\/1\.1\r\n/);
    assert.match(head, /\r\nHost: 127\.0\.0\.1:\d+\r\n/);
    assert.match(head, /\r\nContent-Length: 16(\r\n|$)/);
    assert.match(head, /\r\nX-Test: 1(\r\n|$)/);
    assert.doesNotMatch(head, /Transfer-Encoding/i);
    assert.equal(body, '{"method":"get"}');
  });

  it('keeps one connection for many exchanges', async () => {
    const { connection, accepted } = await connect(answering(ok('1'), ok('2'), ok('3')));
    for (const expected of ['1', '2', '3']) assert.equal((await connection.exchange(ASK)).body.toString(), expected);
    assert.equal(accepted(), 1);
  });

  it('makes a new connection after a reset', async () => {
    const { connection, accepted, sockets } = await connect(answering(ok('1'), ok('2')));
    await connection.exchange(ASK);
    connection.reset();
    await until(() => sockets.size === 0);
    await connection.exchange(ASK);
    assert.equal(accepted(), 2);
  });

  it('reads an answer that comes byte by byte, chunked or until the end of the connection', async () => {
    for (const bytes of [
      ok('{"a":1}'),
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
      'HTTP/1.0 200 OK\r\n\r\n{"a":1}',
    ]) {
      const { connection } = await connect((socket) => {
        socket.setNoDelay(true);
        socket.once('data', () => {
          void (async () => {
            for (const char of bytes) {
              socket.write(char);
              await new Promise((resolve) => setImmediate(resolve));
            }
            socket.end();
          })();
        });
      });
      assert.equal((await connection.exchange(ASK)).body.toString(), '{"a":1}');
    }
  });

  it('survives a camera that drops the connection after each answer without saying so', async () => {
    const { connection, accepted } = await connect((socket) => {
      socket.once('data', () => socket.end(ok('{}')));
    });
    for (let i = 0; i < 20; i++) await connection.exchange({ ...ASK, repeatable: false });
    assert.equal(accepted(), 20);
  });

  it('asks once more when a kept connection turns out to be dead, but only what may be repeated', async () => {
    for (const repeatable of [true, false]) {
      let requests = 0;
      const { connection } = await connect((socket) => {
        socket.on('data', () => {
          requests += 1;
          if (requests === 2) socket.destroy();
          else socket.write(ok('{}'));
        });
      });
      await connection.exchange(ASK);
      const second = connection.exchange({ ...ASK, repeatable });
      if (repeatable) assert.equal((await second).status, 200);
      else await assert.rejects(second, { code: 'TALK_ERR_CONNECT', message: /without answering get test/ });
      assert.equal(requests, repeatable ? 3 : 2);
    }
  });

  for (const [name, act, code, message] of [
    [
      'closes at once',
      (socket: Socket) => socket.end(),
      'TALK_ERR_CONNECT',
      /closed the connection without answering get test/,
    ],
    ['resets', (socket: Socket) => socket.resetAndDestroy(), 'TALK_ERR_CONNECT', /without answering|ECONNRESET/],
    [
      'closes after the request',
      (socket: Socket) => socket.once('data', () => socket.end()),
      'TALK_ERR_CONNECT',
      /without answering/,
    ],
    [
      'drops the connection amid its answer',
      (socket: Socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"a"')),
      'TALK_ERR_CLOSED',
      /amid its answer/,
    ],
    [
      'speaks another protocol',
      (socket: Socket) => socket.end('SSH-2.0-dropbear\r\n'),
      'TALK_ERR_PROTOCOL',
      /broken HTTP/,
    ],
    [
      'sends a broken chunk',
      (socket: Socket) =>
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')),
      'TALK_ERR_PROTOCOL',
      /broken HTTP/,
    ],
    [
      'redirects',
      (socket: Socket) =>
        socket.once('data', () => socket.write('HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n')),
      'TALK_ERR_PROTOCOL',
      /redirected get test; redirects are not followed/,
    ],
    [
      'redirects to HTTPS',
      (socket: Socket) =>
        socket.once('data', () =>
          socket.write('HTTP/1.1 301 Moved\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n'),
        ),
      'TALK_ERR_PROTOCOL',
      /HTTPS/,
    ],
    [
      'announces too long a body',
      (socket: Socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 262145\r\n\r\n')),
      'TALK_ERR_PROTOCOL',
      /more than 262144 bytes/,
    ],
    [
      'switches protocols',
      (socket: Socket) =>
        socket.once('data', () => socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')),
      'TALK_ERR_CONNECT',
      /without answering/,
    ],
  ] as const) {
    it(`says what happened when the camera ${name}`, async () => {
      const { connection, sockets } = await connect((socket) => void act(socket));
      await assert.rejects(connection.exchange(ASK), (error: any) => {
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        assert.equal(error.camera, '127.0.0.1:8554');
        assert.doesNotMatch(JSON.stringify([error.message, error.stack, { ...error.cause }]), /sEcReT/);
        return true;
      });
      await until(() => sockets.size === 0);
    });
  }

  it('stops reading an endless body, whatever its framing', async () => {
    for (const head of ['HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n']) {
      const chunk = head.includes('chunked') ? `2000\r\n${'x'.repeat(0x2000)}\r\n` : 'x'.repeat(0x2000);
      const { connection, sockets } = await connect((socket) => {
        socket.once('data', () => {
          socket.write(head);
          const pump = (): void => {
            while (!socket.destroyed && socket.write(chunk));
          };
          socket.on('drain', pump);
          pump();
        });
      });
      await assert.rejects(connection.exchange(ASK), { code: 'TALK_ERR_PROTOCOL', message: /more than 262144 bytes/ });
      await until(() => sockets.size === 0);
    }
  });

  it('takes a body of exactly 262144 bytes', async () => {
    const { connection } = await connect(answering(ok('x'.repeat(262_144))));
    assert.equal((await connection.exchange(ASK)).body.length, 262_144);
  });

  it('refuses endless headers', async () => {
    const { connection } = await connect((socket) => {
      socket.once('data', () =>
        socket.write(`HTTP/1.1 200 OK\r\n${'X-Filler: yyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(1_000)}`),
      );
    });
    await assert.rejects(connection.exchange(ASK), { code: 'TALK_ERR_PROTOCOL', message: /HPE_HEADER_OVERFLOW/ });
  });

  it('gives a silent camera 8 s, counted from the connected socket', async () => {
    const clock = new HandClock();
    let asked = false;
    const { connection, sockets } = await connect((socket) => {
      socket.on('data', () => (asked = true));
    }, clock);
    const exchange = connection.exchange(ASK);
    exchange.catch(() => undefined);
    await until(() => asked && clock.waiting === 1);
    clock.advance(7_999);
    assert.equal(clock.waiting, 1);
    clock.advance(1);
    await assert.rejects(exchange, { code: 'TALK_ERR_TIMEOUT', message: /no whole answer to get test within 8 s/ });
    await until(() => sockets.size === 0);
    assert.equal(clock.waiting, 0);
  });

  it('gives a connection 5 s', async () => {
    const clock = new HandClock();
    const { connection } = await connect(answering(), clock);
    const exchange = connection.exchange(ASK);
    exchange.catch(() => undefined);
    clock.advance(5_000);
    await assert.rejects(exchange, { code: 'TALK_ERR_CONNECT', message: /no connection within 5 s/ });
    assert.equal(clock.waiting, 0);
  });

  it('gives a dripping camera no more than a silent one', async () => {
    const clock = new HandClock();
    let dripping = false;
    const { connection } = await connect((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{');
        dripping = true;
      });
    }, clock);
    const exchange = connection.exchange(ASK);
    exchange.catch(() => undefined);
    await until(() => dripping && clock.waiting === 1);
    clock.advance(8_000);
    await assert.rejects(exchange, { code: 'TALK_ERR_TIMEOUT' });
  });

  it('says that nobody listens, with the errno', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const connection = new HttpConnection(camera(port), monotonicClock);
    await assert.rejects(connection.exchange(ASK), (error: any) => {
      assert.equal(error.code, 'TALK_ERR_CONNECT');
      assert.equal(error.retryable, true);
      assert.equal(error.cause.code, 'ECONNREFUSED');
      assert.match(error.message, /ECONNREFUSED/);
      return true;
    });
    connection.close();
  });

  it('speaks IPv6, with brackets in the Host header', async function () {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => socket.write(ok(/Host: (.*)/.exec(chunk.toString())?.[1] ?? '')));
    });
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(0, '::1', () => resolve(true));
    });
    if (!listening) this.skip();
    const { port } = server.address() as AddressInfo;
    const connection = new HttpConnection(camera(port, '::1'), monotonicClock);
    assert.equal((await connection.exchange(ASK)).body.toString().trim(), `[::1]:${port}`);
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('ends with the reason of the signal, and closes the socket', async () => {
    let asked = false;
    const { connection, sockets } = await connect((socket) => {
      socket.on('data', () => (asked = true));
    });
    const abort = new AbortController();
    const exchange = connection.exchange(ASK, abort.signal);
    exchange.catch(() => undefined);
    await until(() => asked);
    abort.abort();
    await assert.rejects(exchange, { code: 'TALK_ERR_ABORTED' });
    await until(() => sockets.size === 0);
  });

  it('sends nothing when the signal is aborted already', async () => {
    const { connection, accepted } = await connect(answering());
    await assert.rejects(connection.exchange(ASK, AbortSignal.abort()), { code: 'TALK_ERR_ABORTED' });
    assert.equal(accepted(), 0);
  });

  it('ends what runs when it is closed, before or amid the answer, and refuses what comes after', async () => {
    for (const answer of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{']) {
      let asked = false;
      const { connection, sockets } = await connect((socket) => {
        socket.on('data', () => {
          if (answer !== '') socket.write(answer);
          asked = true;
        });
      });
      const exchange = connection.exchange(ASK);
      exchange.catch(() => undefined);
      await until(() => asked);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      connection.close();
      connection.close();
      await assert.rejects(exchange, { code: 'TALK_ERR_ABORTED', camera: '127.0.0.1:8554' });
      await assert.rejects(connection.exchange(ASK), { code: 'TALK_ERR_ABORTED' });
      await until(() => sockets.size === 0);
    }
  });

  it('leaves no socket when it is closed while idle', async () => {
    const { connection, sockets } = await connect(answering(ok('{}')));
    await connection.exchange(ASK);
    assert.equal(sockets.size, 1);
    connection.close();
    await until(() => sockets.size === 0);
  });
});
