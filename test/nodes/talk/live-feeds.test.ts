// Talkspurts that fail: when their pieces begin anew, what is told of it, and that no piece is left out uncounted.
import assert from 'node:assert/strict';
import { LiveFeeds } from '../../../nodes/talk/live-feeds.js';
import { cameraOptions } from '../../../src/camera-options.js';
import { TalkError, type TalkErrorCode } from '../../../src/errors.js';
import { MAX_SOURCE_BYTES } from '../../../src/limits.js';
import { FakeClock, settle } from '../../helpers/fake-clock.js';

const CAMERAS = [cameraOptions({ host: 'cam', password: 'Abc12345' })];
const FORMAT = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;

describe('LiveFeeds', () => {
  let clock: FakeClock;
  let feeds: LiveFeeds;
  let leftOut: TalkErrorCode[];
  let losses: string[];

  beforeEach(() => {
    clock = new FakeClock();
    leftOut = [];
    losses = [];
    feeds = new LiveFeeds({
      clock,
      onLeftOut: (code) => leftOut.push(code),
      onLoss: (sentence) => losses.push(sentence),
    });
  });

  afterEach(async () => {
    feeds.end();
    await settle();
    assert.equal(clock.pending, 0);
  });

  /** A piece every 100 ms for so long; what begins an announcement fails at once with the code. The texts that are told, with their time. */
  async function fails(code: TalkErrorCode, ms: number): Promise<[at: number, message: string][]> {
    const told: [number, string][] = [];
    const start = clock.now();
    while (clock.now() - start < ms) {
      const piece = { id: 'x', bytes: Buffer.from('a'), last: false, format: FORMAT };
      if (!feeds.goesOn(piece, CAMERAS, 'msg')) {
        const { feed, failed } = feeds.begin(piece, CAMERAS, 'msg');
        begun.push(clock.now() - start);
        const error = failed(new TalkError(code, 'It failed'));
        feed.discard();
        if (error !== undefined) told.push([clock.now() - start, error.message]);
      }
      await clock.advance(100);
    }
    return told;
  }
  let begun: number[];
  beforeEach(() => {
    begun = [];
  });

  it('what time may cure begins anew after growing pauses, and is told once a minute with what was left out', async () => {
    const told = await fails('TALK_ERR_CONNECT', 80_000);
    assert.deepEqual(begun, [0, 1_000, 3_000, 7_000, 15_000, 30_000, 45_000, 60_000, 75_000]);
    assert.deepEqual(told, [
      [0, 'It failed'],
      [60_000, 'It failed; 599 pieces of live sound not said since the last word of it'],
    ]);
    assert.ok(leftOut.length > 700);
    await clock.advance(1_000);
    assert.deepEqual(losses, ['199 pieces of live sound not said after TALK_ERR_CONNECT']);
  });

  for (const code of ['TALK_ERR_AUTH', 'TALK_ERR_UNSUPPORTED', 'TALK_ERR_ARGUMENT'] as const) {
    it(`${code}, which time does not cure, is tried and told once a minute`, async () => {
      const told = await fails(code, 121_000);
      assert.deepEqual(begun, [0, 60_000, 120_000]);
      assert.deepEqual(told.length, 3);
    });
  }

  it('another failure is told at once', async () => {
    await fails('TALK_ERR_CONNECT', 1_000);
    assert.deepEqual(await fails('TALK_ERR_BUSY', 1_000), [
      [0, 'It failed; 9 pieces of live sound not said since the last word of it'],
    ]);
  });

  it('what was said for a while begins anew with the next piece', async () => {
    const piece = { id: 'x', bytes: Buffer.from('a'), last: false, format: FORMAT };
    const { failed } = feeds.begin(piece, CAMERAS, 'msg');
    for (let second = 0; second < 70; second++) {
      await clock.advance(900);
      assert.equal(feeds.goesOn(piece, CAMERAS, 'msg'), true);
    }
    assert.equal(failed(new TalkError('TALK_ERR_AUTH', 'Refused'))?.message, 'Refused');
    assert.equal(feeds.goesOn({ ...piece, format: undefined }, CAMERAS, 'msg'), false);
    const again = feeds.begin({ ...piece, format: undefined }, CAMERAS, 'msg');
    assert.deepEqual([again.goesOn, again.format], [true, FORMAT]);
  });

  it('the next speech is told again, and one that has ended meanwhile as well', async () => {
    assert.equal((await fails('TALK_ERR_AUTH', 1_000)).length, 1);
    await clock.advance(2_000);
    assert.equal((await fails('TALK_ERR_AUTH', 1_000)).length, 1);
    await clock.advance(2_000);
    const last = { id: 'x', bytes: Buffer.from('a'), last: true, format: FORMAT };
    const { failed } = feeds.begin(last, CAMERAS, 'msg');
    assert.ok(failed(new TalkError('TALK_ERR_AUTH', 'Refused')));
  });

  it('pieces that are refused are told once, and again after a pause', async () => {
    const refusal = new TalkError('TALK_ERR_ARGUMENT', 'No');
    const told = (): boolean => feeds.refused('x', refusal) !== undefined;
    assert.deepEqual([told(), told(), told()], [true, false, false]);
    assert.equal(feeds.refused('y', refusal), refusal);
    await clock.advance(1_100);
    assert.equal(told(), true);
    assert.deepEqual(leftOut, ['TALK_ERR_ARGUMENT', 'TALK_ERR_ARGUMENT']);
  });

  it('more than anybody reads: the oldest gives way, told once', async () => {
    const bytes = new Uint8Array(MAX_SOURCE_BYTES / 4);
    const piece = { id: 'x', bytes, last: false, format: FORMAT };
    const { feed } = feeds.begin(piece, CAMERAS, 'msg');
    for (let index = 0; index < 9; index++) feeds.goesOn({ ...piece, last: index === 8 }, CAMERAS, 'msg');
    let read = 0;
    for await (const each of feed) read += each.length;
    assert.equal(read, MAX_SOURCE_BYTES);
    assert.deepEqual(losses, ['Live sound came faster than it could be read; what was oldest was left out']);
  });
});
