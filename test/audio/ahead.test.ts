// What is prepared before its turn: some clips at a time, little sound, and never in the way of one whose turn has come.
import assert from 'node:assert/strict';
import { Ahead } from '../../src/audio/ahead.js';
import { Clip } from '../../src/sound/clip.js';
import { watch, type Watched } from '../helpers/collect.js';
import { settle } from '../helpers/fake-clock.js';

interface Waiting {
  readonly clip: Clip;
  readonly entered: Watched<() => void>;
  /** As its announcement does at its end. */
  readonly over: AbortController;
}

describe('what is prepared ahead', () => {
  let ahead: Ahead;

  beforeEach(() => (ahead = new Ahead({ clips: 2, bytes: 100 })));

  function enter(live = false): Waiting {
    const [clip, over] = [new Clip({ live }), new AbortController()];
    return { clip, over, entered: watch(ahead.enter(clip, over.signal)) };
  }

  const states = (all: readonly Waiting[]): string =>
    all.map(({ entered }) => ({ pending: '-', fulfilled: '+', rejected: 'x' })[entered.state]).join('');

  it('some at a time, first come, first served; each that ends makes room for one', async () => {
    const all = Array.from({ length: 6 }, () => enter());
    await settle();
    assert.equal(states(all), '++----');
    all[0]?.entered.value?.();
    all[1]?.entered.value?.();
    await settle();
    assert.equal(states(all), '++++--');
    all[4]?.over.abort();
    all[2]?.over.abort();
    all[2]?.entered.value?.();
    await settle();
    assert.equal(states(all), '++++x+');
  });

  it('one whose turn has come does not wait, and does not count', async () => {
    const all = Array.from({ length: 4 }, () => enter());
    await settle();
    void all[3]?.clip.ready(1);
    await settle();
    assert.equal(states(all), '++-+');
    void all[0]?.clip.ready(1);
    await settle();
    assert.equal(states(all), '++++');
  });

  it('nothing while much prepared sound waits; it counts until its announcement is over', async () => {
    const first = enter();
    await settle();
    first.clip.append(Buffer.alloc(100));
    first.entered.value?.();
    assert.equal(ahead.bytes, 100);
    const second = enter();
    await settle();
    assert.equal(states([first, second]), '+-');
    first.over.abort();
    await settle();
    assert.deepEqual([states([first, second]), ahead.bytes], ['++', 0]);
  });

  it('live clips come when they come', async () => {
    const all = [enter(), enter(), enter(true)];
    await settle();
    assert.equal(states(all), '+++');
  });
});
