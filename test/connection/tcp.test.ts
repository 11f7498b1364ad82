// Reaching a camera by TCP, on real sockets of this machine: what every way of not reaching it is called.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { freePort } from '../../scripts/node-red-process.js';
import { monotonicClock } from '../../src/clock.js';
import { TalkError } from '../../src/errors.js';
import { connectTcp } from '../../src/connection/tcp.js';
import { coded, eventually, noUnhandledRejections, rejection, watch } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { ScriptedCamera } from '../helpers/scripted-camera.js';

const HOST = '127.0.0.1';

const errno = (error: TalkError): unknown => (error.cause as { code?: unknown } | undefined)?.code;

describe('connectTcp', () => {
  noUnhandledRejections();

  it('gives a connected socket that sends at once and has no listener of ours left', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const camera = await ScriptedCamera.listen(() => undefined);
    const socket = await connectTcp({ host: HOST, port: camera.port }, clock, signal);
    assert.equal(socket.remotePort, camera.port);
    assert.equal(socket.listenerCount('error'), 0);
    assert.equal(socket.listenerCount('connect'), 0);
    assert.equal(clock.pending, 0);
    socket.on('error', () => undefined);
    socket.destroy();
    await camera.close();
  });

  it('finds cameras by name and over IPv6', async function () {
    const clock = new FakeClock();
    const named = await ScriptedCamera.listen(() => undefined);
    const socket = await connectTcp({ host: 'localhost', port: named.port }, clock);
    socket.destroy();
    await named.close();
    const six = await ScriptedCamera.listen(() => undefined, '::1').catch(() => undefined);
    if (six === undefined) return this.skip();
    const other = await connectTcp({ host: '::1', port: six.port }, clock);
    assert.equal(other.remoteFamily, 'IPv6');
    other.destroy();
    await six.close();
  });

  it('says that nothing listens', async () => {
    const clock = new FakeClock();
    const port = await freePort();
    const error = await rejection(connectTcp({ host: HOST, port }, clock));
    assert.equal(error.code, 'TALK_ERR_CONNECT');
    assert.equal(error.retryable, true);
    assert.equal(error.camera, `${HOST}:${port}`);
    assert.equal(errno(error), 'ECONNREFUSED');
    assert.match(error.message, /nothing listens/);
    assert.ok(error.message.includes(`${HOST}:${port}`));
    assert.equal(clock.pending, 0);
  });

  it('says so too when a name has several addresses', async () => {
    const port = await freePort();
    const error = await rejection(connectTcp({ host: 'localhost', port }, new FakeClock()));
    assert.equal(error.code, 'TALK_ERR_CONNECT');
    assert.equal(errno(error), 'ECONNREFUSED');
  });

  it('says that a name is unknown', async () => {
    // On the real clock: a resolver may take its time, and the deadline must hold then too.
    const error = await rejection(connectTcp({ host: 'no-such-host.invalid', port: 554 }, monotonicClock));
    assert.equal(error.code, 'TALK_ERR_CONNECT');
    assert.ok(['ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'].includes(String(errno(error))), inspect(error));
    assert.ok(error.message.includes('no-such-host.invalid:554'));
  });

  it('gives up after 5 s without an answer', async () => {
    const silent = await fullBacklog();
    try {
      const clock = new FakeClock();
      const connecting = watch(connectTcp({ host: HOST, port: silent.port }, clock));
      await clock.advance(4_999);
      assert.equal(connecting.state, 'pending');
      await clock.advance(1);
      coded('TALK_ERR_CONNECT', /5 s/)(connecting.error);
      assert.equal(errno(connecting.error as TalkError), 'ETIMEDOUT');
      assert.equal(clock.pending, 0);
    } finally {
      await silent.close();
    }
  });

  it('stops when the signal says so, before and while connecting', async () => {
    const silent = await fullBacklog();
    try {
      const clock = new FakeClock();
      const camera = { host: HOST, port: silent.port };
      const reason = new TalkError('TALK_ERR_BUSY', 'something better to do');
      await assert.rejects(connectTcp(camera, clock, AbortSignal.abort(reason)), reason);
      const controller = new AbortController();
      const connecting = watch(connectTcp(camera, clock, controller.signal));
      await clock.advance(100);
      assert.equal(connecting.state, 'pending');
      controller.abort(reason);
      await clock.advance(0);
      assert.equal(connecting.error, reason);
      assert.equal(clock.pending, 0);
    } finally {
      await silent.close();
    }
  });

  it('leaves no socket behind when it is stopped in the moment of success', async () => {
    const camera = await ScriptedCamera.listen(() => undefined);
    for (let turns = 0; turns < 6; turns++) {
      const controller = new AbortController();
      const connecting = watch(connectTcp({ host: HOST, port: camera.port }, new FakeClock(), controller.signal));
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await eventually(() => connecting.state !== 'pending', 'the end of connecting');
      connecting.value?.destroy();
    }
    await eventually(() => camera.peers.every(({ closed, ended }) => closed || ended), 'the end of every connection');
    await camera.close();
  });
});

/**
 * A port whose host answers nothing: a listener with a blocked event loop and a full queue, so that the kernel drops what else comes.
 * That is what a camera without power looks like, without leaving this machine.
 */
async function fullBacklog(): Promise<{ port: number; close: () => Promise<void> }> {
  const blocked = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { createServer } = require('node:net');
     const { parentPort, workerData } = require('node:worker_threads');
     const server = createServer();
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(workerData, 0, 0));
     });`,
    { eval: true, workerData: blocked },
  );
  const [port] = (await once(worker, 'message')) as [number];
  const fillers: Socket[] = [];
  // The queue is full as soon as one of them is not answered.
  for (let full = false; !full && fillers.length < 20;) {
    const filler = connect(port, HOST);
    filler.on('error', () => undefined);
    fillers.push(filler);
    await Promise.race([once(filler, 'connect'), new Promise((resolve) => setTimeout(resolve, 100))]);
    // The kernel answers at once; a busy process may only not have looked yet.
    await new Promise((resolve) => setImmediate(resolve));
    full = filler.connecting;
  }
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      Atomics.store(blocked, 0, 1);
      Atomics.notify(blocked, 0);
      await worker.terminate();
    },
  };
}
