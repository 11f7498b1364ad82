// fetchAudio against a real server on loopback.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { fetchAudio } from '../../src/audio/fetch.js';
import { coded, eventually, rejection, watch } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';

const SOUND = Buffer.from('a sound, or so');

describe('fetchAudio', () => {
  let server: Server;
  let base: string;
  /** Connections that wait for an answer which never comes. */
  let held = 0;
  const answers = new Map<string, RequestListener>();

  before(async () => {
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://h').pathname;
      answers.get(path)?.(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    answers.set('/a.mp3', (_, response) => response.end(SOUND));
    answers.set('/gone', (_, response) => response.writeHead(404).end('no'));
    answers.set('/hop', (_, response) => response.writeHead(302, { location: 'a.mp3' }).end());
    answers.set('/round', (_, response) => response.writeHead(302, { location: '/round' }).end());
    answers.set('/out', (_, response) => response.writeHead(302, { location: 'file:///etc/hostname' }).end());
    answers.set('/cut', (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half', () => response.destroy());
    });
    answers.set('/announced', (_, response) => {
      response.writeHead(200, { 'content-length': 5000 });
      response.write('x');
    });
    answers.set('/endless', (_, response) => {
      const write = (): boolean => response.writable && response.write(Buffer.alloc(1000), write);
      write();
    });
    answers.set('/bomb', (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100_000)));
    });
    answers.set('/silent', (request) => {
      held += 1;
      request.socket.once('close', () => (held -= 1));
    });
    answers.set('/who', (request, response) => response.end(request.headers.authorization ?? 'nobody'));
    answers.set('/who-hop', (_, response) => response.writeHead(307, { location: '/who' }).end());
    answers.set('/who-away', (_, response) => {
      response.writeHead(307, { location: `${base.replace('127.0.0.1', 'localhost')}/who` }).end();
    });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('gives the body, also behind redirects', async () => {
    assert.deepEqual(await fetchAudio(`${base}/a.mp3`), SOUND);
    assert.deepEqual(await fetchAudio(`${base}/hop`), SOUND);
  });

  for (const [coding, pack] of [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
  ] as const) {
    it(`unpacks ${coding}`, async () => {
      answers.set('/packed', (_, response) => response.writeHead(200, { 'content-encoding': coding }).end(pack(SOUND)));
      assert.deepEqual(await fetchAudio(`${base}/packed`), SOUND);
    });
  }

  it('sends user info as Basic authorization, but to no other origin', async () => {
    const withUser = base.replace('//', '//me:p%40ss@');
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    assert.equal((await fetchAudio(`${withUser}/who`)).toString(), basic);
    assert.equal((await fetchAudio(`${withUser}/who-hop`)).toString(), basic);
    assert.equal((await fetchAudio(`${withUser}/who-away`)).toString(), 'nobody');
  });

  const failures: [name: string, path: string, message: RegExp][] = [
    ['a missing file', '/gone', /\/gone answered 404 Not Found$/],
    ['an endless redirect', '/round', /redirects more than 5 times/],
    ['a redirect to a file', '/out', /redirects to an address that is not http/],
    ['a body that breaks off', '/cut', /broke off/],
    ['a body announced too large', '/announced', /larger than 4000 bytes/],
    ['a body that never ends', '/endless', /larger than 4000 bytes/],
    ['a small body that unpacks to a large one', '/bomb', /larger than 4000 bytes/],
  ];
  for (const [name, path, message] of failures) {
    it(`refuses ${name}`, async () => {
      const error = await rejection(fetchAudio(`${base}${path}`, { maxBytes: 4000 }));
      assert.equal(error.code, 'TALK_ERR_SOURCE');
      assert.match(error.message, message);
    });
  }

  it('says that nobody listens', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const error = await rejection(fetchAudio(`http://127.0.0.1:${port}/a.mp3`));
    assert.equal(error.code, 'TALK_ERR_SOURCE');
    assert.match(error.message, /could not be fetched: ECONNREFUSED/);
    assert.equal((error.cause as { code: string }).code, 'ECONNREFUSED');
  });

  it('refuses other schemes', async () => {
    for (const url of ['ftp://h/a.mp3', 'file:///etc/hostname', 'nonsense']) {
      assert.match((await rejection(fetchAudio(url))).message, /Only http/);
    }
  });

  it('shows neither query nor user info', async () => {
    const secret = `${base.replace('//', '//me:s3cret@')}/gone?token=s3cret#s3cret`;
    const error = await rejection(fetchAudio(secret));
    assert.doesNotMatch(`${error.message} ${String(error.cause)} ${error.stack ?? ''}`, /s3cret/);
    assert.match(error.message, /127\.0\.0\.1:\d+\/gone answered 404/);
  });

  it('gives up after the time limit and ends the connection', async () => {
    const clock = new FakeClock();
    const fetched = watch(fetchAudio(`${base}/silent`, { clock, timeoutMs: 15_000 }));
    await eventually(() => clock.pending === 1 && held === 1, 'the request');
    await clock.advance(14_999);
    assert.equal(fetched.state, 'pending');
    await clock.advance(1);
    coded('TALK_ERR_SOURCE', /\/silent did not deliver the audio within 15 s/)(fetched.error);
    await eventually(() => held === 0, 'the end of the connection');
  });

  it('stops at once when aborted, ends the connection and leaves no listener', async () => {
    const abort = new AbortController();
    const fetched = rejection(fetchAudio(`${base}/silent`, { signal: abort.signal }));
    await eventually(() => held === 1, 'the request');
    abort.abort();
    assert.equal((await fetched).code, 'TALK_ERR_ABORTED');
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
    await eventually(() => held === 0, 'the end of the connection');
    assert.equal((await rejection(fetchAudio(`${base}/a.mp3`, { signal: abort.signal }))).code, 'TALK_ERR_ABORTED');
  });
});
