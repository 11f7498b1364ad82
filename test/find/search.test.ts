// The cameras of one search as they answer: bounds, names that nobody looks up, and one line for a camera that answers twice.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { FindPorts, FoundCamera } from '../../src/find/found.js';
import { Search } from '../../src/find/search.js';
import { LOOK_TIMEOUT_MS, MAX_DISCOVERY_ANSWERS, MAX_FOUND_CAMERAS, MAX_LOOKS } from '../../src/limits.js';
import { eventually, watch } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';

/** Where nothing listens; a search that has ended looks nowhere. */
const PORTS: FindPorts = { rtsp: 1, http: 1, stream: 1 };

const answer = (name: string, endpoint = ''): Buffer =>
  Buffer.from(
    `<B><ProbeMatches><ProbeMatch><EndpointReference><Address>${endpoint}</Address></EndpointReference><Scopes>onvif://a/name/${name}</Scopes></ProbeMatch></ProbeMatches></B>`,
  );

describe('a search', () => {
  let clock: FakeClock;
  let ending: AbortController;
  beforeEach(() => {
    clock = new FakeClock();
    ending = new AbortController();
  });

  const search = (more: Partial<ConstructorParameters<typeof Search>[0]> = {}): Search =>
    new Search({ ports: PORTS, clock, signal: ending.signal, ...more });

  /** What is found, without waiting for looks at the addresses of tests. */
  async function end(running: Search): Promise<FoundCamera[]> {
    const found = watch(running.end());
    while (found.state === 'pending') {
      await clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    ending.abort();
    return found.value ?? [];
  }

  it('lists a host whose name is never looked up', async () => {
    const running = search({ resolve: () => new Promise(() => undefined) });
    running.look('camera.lan');
    assert.deepEqual(await end(running), [
      { name: '', model: '', address: 'camera.lan', talk: 'unknown', dialect: '', ports: {}, unasked: 'time' },
    ]);
    assert.deepEqual(running.named, []);
  });

  it('says of a host that nobody knows that it was not asked', async () => {
    const running = search({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    running.look('camera.lan');
    assert.deepEqual(reasons(await end(running)), { 'camera.lan': 'name' });
  });

  describe('whose time is short', () => {
    let silent: Server;
    let ports: FindPorts;
    let connections = 0;
    beforeEach(async () => {
      connections = 0;
      silent = createServer((socket) => {
        connections += 1;
        socket.on('error', () => undefined).resume();
      });
      // Every address of loopback.
      silent.listen(0, '0.0.0.0');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      ports = { rtsp: port, http: port, stream: port };
    });
    afterEach(() => new Promise((resolve) => silent.close(resolve)));

    it('tells whom there was no time to ask from those that did not say', async () => {
      const running = search({ ports });
      for (let n = 1; n <= MAX_LOOKS + 8; n++) running.look(`127.0.2.${n}`);
      await eventually(() => connections === 3 * MAX_LOOKS, 'the first looks');
      const found = reasons(await end(running));
      const [asked, unasked] = [undefined, 'time'].map((why) => Object.values(found).filter((one) => one === why));
      assert.deepEqual([asked?.length, unasked?.length], [MAX_LOOKS, 8]);
    });

    it('says so as well of one whose look was cut short', async () => {
      const running = search({ ports });
      running.look('127.0.2.1');
      await eventually(() => connections === 3, 'the first look');
      const found = watch(running.end());
      await clock.advance(LOOK_TIMEOUT_MS - 1);
      running.answered(answer('late'), '127.0.2.2');
      await eventually(() => connections === 6, 'the second look');
      await clock.advance(1);
      await eventually(() => found.state !== 'pending', 'the end');
      assert.deepEqual(reasons(found.value ?? []), { '127.0.2.1': undefined, '127.0.2.2': 'time' });
      assert.equal(clock.pending, 0);
    });
  });

  it('takes answers to its own questions, in any spelling of their number, and those that name none', async () => {
    const id = '0a1b2c3d-0000-4000-8000-0123456789ab';
    const related = (to: string): Buffer =>
      Buffer.from(`<E><Header><RelatesTo>${to}</RelatesTo></Header>${answer('a').toString()}</E>`);
    const running = search();
    running.asked(id);
    for (const [n, to] of [`uuid:${id}`, `urn:uuid:${id.toUpperCase()}`, `{${id}}`, ''].entries()) {
      running.answered(related(to), `127.0.0.${n}`);
    }
    for (const to of [`uuid:${id.replace('0a', '0b')}`, 'uuid:1', 'x']) running.answered(related(to), '127.0.1.1');
    running.answered(answer('b'), '127.0.0.4');
    assert.deepEqual(
      (await end(running)).map(({ address }) => address),
      [0, 1, 2, 3, 4].map((n) => `127.0.0.${n}`),
    );
  });

  it('shows a host as it was named, and takes its name from its answer', async () => {
    const running = search({ resolve: () => Promise.resolve({ address: '127.0.0.1' }) });
    running.look('camera.lan');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(running.named, ['127.0.0.1']);
    running.answered(answer('porch'), '127.0.0.1');
    assert.deepEqual(
      (await end(running)).map(({ name, address }) => [name, address]),
      [['porch', 'camera.lan']],
    );
  });

  it('lists a camera once that answers by IPv4 and IPv6, and two that call themselves the same twice', async () => {
    const running = search();
    running.answered(answer('a', 'uuid:1'), '127.0.0.1');
    running.answered(answer('a', 'uuid:1'), '::1');
    running.answered(answer('a', 'uuid:1'), '127.0.0.2');
    running.answered(answer('b'), '127.0.0.3');
    running.answered(answer('b'), 'fe80::3%lo');
    const found = await end(running);
    assert.deepEqual(found.map(({ address }) => address).sort(), ['127.0.0.1', '127.0.0.2', '127.0.0.3', 'fe80::3%lo']);
  });

  it('lists each host that is named, also one by IPv6 whose IPv4 address answers, in another spelling, and two names of one', async () => {
    const running = search({ resolve: () => Promise.resolve({ address: '127.0.0.1' }) });
    for (const host of ['0:0:0::1', 'camera.lan', 'other.lan']) running.look(host);
    await new Promise((resolve) => setImmediate(resolve));
    running.answered(answer('a', 'uuid:1'), '127.0.0.1');
    running.answered(answer('a', 'uuid:1'), '::1');
    assert.deepEqual([...running.named].sort(), ['127.0.0.1', '::1']);
    assert.deepEqual(
      (await end(running)).map(({ address, name }) => [address, name]),
      [
        ['0:0:0::1', 'a'],
        ['camera.lan', 'a'],
        ['other.lan', 'a'],
      ],
    );
  });

  it('lists a host that is named once, though it has answered before its name was looked up', async () => {
    let known: (found: { address: string }) => void = () => undefined;
    const running = search({ resolve: () => new Promise((resolve) => (known = resolve)) });
    running.look('camera.lan');
    running.answered(answer('a'), '127.0.0.1');
    known({ address: '127.0.0.1' });
    assert.deepEqual(
      (await end(running)).map(({ address, name }) => [address, name]),
      [['camera.lan', 'a']],
    );
  });

  it('lists all that are named and all that answer, however many of both', () => {
    ending.abort();
    const running = search();
    for (let n = 0; n < 200; n++) running.look(`127.0.2.${n}`);
    for (let n = 0; n < 300; n++) running.answered(answer(`n${n}`), `127.0.${n >> 8}.${n & 255}`);
    for (let n = 200; n < 256; n++) running.look(`127.0.2.${n}`);
    assert.equal(count(running), 256 + MAX_FOUND_CAMERAS);
  });

  it('lists so many, and reads so many answers', () => {
    ending.abort();
    const running = search();
    for (let n = 0; n < 300; n++) running.answered(answer(`n${n}`), `127.0.${n >> 8}.${n & 255}`);
    assert.equal(count(running), MAX_FOUND_CAMERAS);
    const flooded = search();
    for (let n = 0; n < MAX_DISCOVERY_ANSWERS; n++) flooded.answered(Buffer.from('x'), '127.0.0.1');
    flooded.answered(answer('late'), '127.0.0.2');
    assert.equal(count(flooded), 0);
  });

  /** Why each was not asked. */
  const reasons = (found: readonly FoundCamera[]): Readonly<Record<string, string | undefined>> =>
    Object.fromEntries(found.map(({ address, unasked }) => [address, unasked]));

  const count = (running: Search): number => running.cameras.length;
});
