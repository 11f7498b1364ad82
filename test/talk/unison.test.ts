// Who waits for whom, and for how long: the two meetings of an announcement on a fake clock, without cameras.
import assert from 'node:assert/strict';
import { UNISON_WINDOW_MS } from '../../src/limits.js';
import { unison, type Member } from '../../src/talk/unison.js';
import { watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';

describe('unison', () => {
  let clock: FakeClock;
  let start: number;

  beforeEach(() => {
    clock = new FakeClock();
    start = clock.now();
  });

  afterEach(() => assert.equal(clock.pending, 0, 'something still waits on the clock'));

  const members = (count: number): [Member, Member, ...Member[]] => {
    const [one, other, ...rest] = unison(clock, count);
    return [one ?? assert.fail(), other ?? assert.fail(), ...rest];
  };
  const opened = (member: Member): Watched<number> => watch(member.opened());
  const agree = (member: Member, inMs: number): Watched<number> => watch(member.agree(() => start + inMs));
  const ms = (all: readonly Watched<number>[]): (number | undefined)[] =>
    all.map(({ value }) => (value === undefined ? undefined : value - start));

  it('begins with the last session that is open, for all at the same instant', async () => {
    const [one, other, third = assert.fail()] = members(3);
    const all = [opened(one)];
    await clock.advance(10);
    all.push(opened(other));
    await clock.advance(290);
    assert.deepEqual(ms(all), [undefined, undefined]);
    all.push(opened(third));
    await settle();
    assert.deepEqual(ms(all), [300, 300, 300]);
  });

  it('gives another attempt a beginning of its own', async () => {
    const [one, other] = members(2);
    const first = [opened(one), opened(other)];
    await settle();
    assert.deepEqual(ms(first), [0, 0]);
    one.leave();
    await clock.advance(1_400);
    const second = opened(one);
    await settle();
    assert.deepEqual(ms([second]), [1_400]);
    other.leave();
  });

  it(`waits ${UNISON_WINDOW_MS} ms after the first one, no longer`, async () => {
    const [one, other] = members(3);
    await clock.advance(1_000);
    const all = [opened(one)];
    await clock.advance(400);
    all.push(opened(other));
    await clock.advance(UNISON_WINDOW_MS - 400.5);
    assert.deepEqual(ms(all), [undefined, undefined]);
    await clock.advance(0.5);
    assert.deepEqual(ms(all), [1_500, 1_500]);
  });

  it('lets who comes later pass at once, and waits for it no second time', async () => {
    const [one, other, third = assert.fail()] = members(3);
    opened(one);
    opened(other);
    await clock.advance(UNISON_WINDOW_MS);
    const sound = [agree(one, 800), agree(other, 900)];
    await settle();
    assert.deepEqual(ms(sound), [900, 900]);
    await clock.advance(500);
    const late = [opened(third), agree(third, 1_300)];
    await settle();
    assert.deepEqual(ms(late), [1_000, 1_300]);
  });

  it('waits no longer for who leaves', async () => {
    const [one, other, third = assert.fail()] = members(3);
    const all = [opened(one)];
    await clock.advance(50);
    other.leave();
    await settle();
    assert.deepEqual(ms(all), [undefined]);
    third.leave();
    await settle();
    assert.deepEqual(ms(all), [50]);
  });

  it('ends the waits of who leaves, and not those of the others', async () => {
    const [one, other] = members(3);
    const first = [opened(one)];
    await clock.advance(20);
    const second = [opened(other)];
    one.leave();
    one.leave();
    await settle();
    assert.deepEqual([ms(first), ms(second)], [[20], [undefined]]);
    const again = [opened(one), agree(one, 70)];
    await settle();
    assert.deepEqual(ms(again), [20, 70]);
    other.leave();
    await settle();
    assert.deepEqual(ms(second), [20]);
  });

  it('counts the time anew when nobody is left who is ready', async () => {
    const [one, other] = members(3);
    opened(one);
    await clock.advance(400);
    one.leave();
    await settle();
    assert.equal(clock.pending, 0);
    const second = [opened(other)];
    await clock.advance(400);
    assert.deepEqual(ms(second), [undefined]);
    other.leave();
  });

  it('agrees on the latest of the earliest instants, asked for when all have come', async () => {
    const [one, other] = members(2);
    opened(one);
    opened(other);
    let earliest = 100;
    const sound = [watch(one.agree(() => start + earliest))];
    await clock.advance(60);
    earliest = 228;
    sound.push(agree(other, 200));
    await settle();
    assert.deepEqual(ms(sound), [228, 228]);
  });

  it('does not agree before the sessions have begun', async () => {
    const [one, other] = members(2);
    // A kept session and the first bytes are there at once; the other camera is still being opened.
    opened(one);
    const sound = [agree(one, 20)];
    await clock.advance(100);
    assert.deepEqual(ms(sound), [undefined]);
    opened(other);
    sound.push(agree(other, 400));
    await settle();
    assert.deepEqual(ms(sound), [400, 400]);
  });

  it('waits so long for the sound of a camera that is open, too', async () => {
    const [one, other] = members(2);
    opened(one);
    opened(other);
    const sound = [agree(one, 300)];
    await clock.advance(UNISON_WINDOW_MS - 1);
    assert.deepEqual(ms(sound), [undefined]);
    await clock.advance(1);
    assert.deepEqual(ms(sound), [300]);
  });

  it('ends when all leave while they wait', async () => {
    const [one, other] = members(2);
    const waiting = [agree(one, 20)];
    await settle();
    one.leave();
    other.leave();
    await settle();
    assert.deepEqual(ms(waiting), [20]);
  });
});
