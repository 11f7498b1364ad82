// Several messages as one stream: order, ends, and what happens when nobody reads any more.
import assert from 'node:assert/strict';
import { LiveFeed } from '../../../nodes/talk/live-feed.js';
import { collect, watch } from '../../helpers/collect.js';
import { settle } from '../../helpers/fake-clock.js';

const chunk = (text: string, last = false): Parameters<LiveFeed['push']>[0] => ({
  id: 'x',
  bytes: text === '' ? undefined : Buffer.from(text),
  last,
  format: undefined,
});
const textOf = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString();

describe('LiveFeed', () => {
  it('gives the chunks in order, whether read before or after they came', async () => {
    const feed = new LiveFeed('first');
    feed.push(chunk('a'), 'm1');
    feed.push(chunk('b'), 'm2');
    const read = collect(feed);
    await settle();
    feed.push(chunk('c'), 'm3');
    await settle();
    feed.push(chunk('d', true), 'm4');
    assert.equal(textOf(await read), 'abcd');
    assert.equal(feed.latest, 'm4');
    await feed.finished;
  });

  it('ends without bytes, takes nothing after the end', async () => {
    const feed = new LiveFeed('first');
    feed.push(chunk('a'), 'm1');
    feed.push(chunk('', true), 'm2');
    feed.push(chunk('late'), 'm3');
    assert.equal(textOf(await collect(feed)), 'a');
    assert.equal(feed.latest, 'm2');
  });

  it('ends 1 s after the last chunk, not after the first', async () => {
    const feed = new LiveFeed('first');
    const started = performance.now();
    feed.push(chunk('a'), 'm1');
    await new Promise((resolve) => setTimeout(resolve, 100));
    feed.push(chunk('b'), 'm2');
    const pushed = performance.now();
    assert.equal(textOf(await collect(feed)), 'ab');
    // Timers fire up to a millisecond early.
    assert.ok(performance.now() - pushed >= 999 && performance.now() - started >= 1_098);
  });

  it('end is idempotent and leaves no timer', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    // Mocha's own timer starts only now.
    await settle();
    const before = timers();
    const feed = new LiveFeed('first');
    feed.push(chunk('a'), 'm1');
    feed.end();
    feed.end();
    await feed.finished;
    assert.equal(timers(), before);
  });

  it('discarded: what came and comes is dropped until the end', async () => {
    const feed = new LiveFeed('first');
    feed.push(chunk('a'), 'm1');
    feed.discard();
    feed.push(chunk('b'), 'm2');
    const finished = watch(feed.finished);
    await settle();
    assert.equal(finished.state, 'pending');
    feed.push(chunk('c', true), 'm3');
    assert.equal(textOf(await collect(feed)), '');
    await feed.finished;
  });
});
