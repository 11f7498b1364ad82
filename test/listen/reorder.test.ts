// ReorderWindow: order, loss, lateness, new streams; and by property that any mixing within the window is undone.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ReorderWindow, type OrderedPacket } from '../../src/listen/reorder.js';
import { packet } from './packets.js';

const shown = (packets: readonly OrderedPacket[]): string =>
  packets
    .map(
      ({ packet: { sequenceNumber }, lostBefore, restart }) =>
        `${restart ? '^' : ''}${'-'.repeat(lostBefore)}${sequenceNumber}`,
    )
    .join(' ');

/** Pushes one after the other; `|` stands between what each push gave. */
function run(window: ReorderWindow, ...numbers: readonly number[]): string {
  return numbers.map((sequenceNumber) => shown(window.push(packet({ sequenceNumber })))).join(' | ');
}

describe('ReorderWindow', () => {
  it('passes on what comes in order, over the end of the numbers', () =>
    assert.equal(run(new ReorderWindow(), 65_534, 65_535, 0, 1), '^65534 | 65535 | 0 | 1'));

  it('waits for a packet that comes a little later', () =>
    assert.equal(run(new ReorderWindow(4), 10, 12, 13, 11, 14), '^10 |  |  | 11 12 13 | 14'));

  it('gives up what is missing when the window is full', () => {
    const window = new ReorderWindow(2);
    assert.equal(run(window, 10, 13, 14, 15, 16), '^10 |  |  | --13 14 15 | 16');
    assert.equal(window.lost, 2);
  });

  it('gives up one gap after the other', () => {
    const window = new ReorderWindow(2);
    assert.equal(run(window, 1, 3, 5, 7, 9, 10), '^1 |  |  | -3 | -5 | -7');
    assert.equal(shown(window.flush()), '-9 10');
    assert.equal(window.lost, 4);
  });

  it('drops what comes twice or too late', () => {
    const window = new ReorderWindow(2);
    assert.equal(run(window, 10, 10, 12, 12, 13, 14, 11, 15), '^10 |  |  |  |  | -12 13 14 |  | 15');
    assert.equal(window.late, 3);
  });

  it('takes a far jump, either way, and another SSRC for a new stream', () => {
    const window = new ReorderWindow(2);
    assert.equal(run(window, 10, 12, 5_000, 5_001), '^10 |  | -12 ^5000 | 5001');
    assert.equal(run(window, 4_000), '^4000');
    assert.equal(shown(window.push(packet({ sequenceNumber: 4_001, ssrc: 7 }))), '^4001');
  });

  it('undoes every mixing within the window', () => {
    const mixed = fc
      .record({ first: fc.nat(65_535), count: fc.integer({ min: 1, max: 60 }), most: fc.integer({ min: 1, max: 8 }) })
      .chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          delays: fc.array(fc.nat(shape.most), { minLength: shape.count, maxLength: shape.count }),
        }),
      );
    fc.assert(
      fc.property(mixed, ({ shape: { first, most }, delays }) => {
        // Each packet comes at its place plus at most `most`; the first one comes first.
        const order = delays
          .map((delay, place) => ({ place, at: place === 0 ? -1 : place + delay }))
          .sort((a, b) => a.at - b.at || a.place - b.place);
        const window = new ReorderWindow(most);
        const given = order.flatMap(({ place }) => window.push(packet({ sequenceNumber: (first + place) & 0xffff })));
        given.push(...window.flush());
        assert.deepEqual(
          given.map(({ packet: { sequenceNumber } }) => sequenceNumber),
          delays.map((_, place) => (first + place) & 0xffff),
        );
        assert.equal(window.lost + window.late, 0);
      }),
    );
  });

  it('counts what never comes, exactly and in its place, and holds no more than it may', () => {
    fc.assert(
      fc.property(
        fc.nat(65_535),
        fc.array(fc.boolean(), { maxLength: 300 }),
        fc.integer({ min: 1, max: 8 }),
        (first, kept, most) => {
          const window = new ReorderWindow(most);
          const places = [0, ...kept.flatMap((keep, index) => (keep ? [index + 1] : []))];
          const given: OrderedPacket[] = [];
          places.forEach((place, pushed) => {
            given.push(...window.push(packet({ sequenceNumber: (first + place) & 0xffff })));
            assert.ok(pushed + 1 - given.length <= most);
          });
          given.push(...window.flush());
          assert.deepEqual(
            given.map(({ lostBefore }) => lostBefore),
            places.map((place, index) => (index === 0 ? 0 : place - (places[index - 1] ?? 0) - 1)),
          );
          assert.equal(window.lost, (places.at(-1) ?? 0) + 1 - places.length);
        },
      ),
    );
  });
});
