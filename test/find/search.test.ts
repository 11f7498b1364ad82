// The cameras of one search as they answer: bounds, names that nobody looks up, and one line for a camera that answers twice.
import assert from 'node:assert/strict';
import type { FindPorts, FoundCamera } from '../../src/find/found.js';
import { Search } from '../../src/find/search.js';
import { MAX_DISCOVERY_ANSWERS, MAX_FOUND_CAMERAS } from '../../src/limits.js';
import { watch } from '../helpers/collect.js';
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
      { name: '', model: '', address: 'camera.lan', talk: 'unknown', dialect: '', ports: {} },
    ]);
    assert.deepEqual(running.named, []);
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

  const count = (running: Search): number => running.cameras.length;
});
