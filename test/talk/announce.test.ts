// One announcement on several cameras: that they start together, and who does not hold back the others. Lines are real, sessions are fake.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { PreparedCache } from '../../src/audio/cache.js';
import { Memory } from '../../src/audio/memory.js';
import type { AudioSource } from '../../src/audio/source.js';
import { parseFormat } from '../../src/sound/format.js';
import { cameraKey, type CameraOptions } from '../../src/camera-options.js';
import { TalkError } from '../../src/errors.js';
import { UNISON_WINDOW_MS } from '../../src/limits.js';
import { announce } from '../../src/talk/announce.js';
import { Line } from '../../src/talk/line.js';
import { speakOptions, type SpeakOptions } from '../../src/talk/options.js';
import type { TalkOutcome } from '../../src/talk/states.js';
import type { WebRequester } from '../../src/webapi/client.js';
import { coded, noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { FakeSessions, SILENCE, soundOf, testCamera, type FakeSession, type Opening } from '../helpers/fake-session.js';

const NO_WEB_API: WebRequester = {
  request: () => Promise.reject(new TalkError('TALK_ERR_CONNECT', 'No web interface in this test')),
};

type Announced = Watched<PromiseSettledResult<TalkOutcome>[]>;

describe('announcement', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let start: number;
  let sessions: Map<string, FakeSessions>;
  let lines: Map<string, Line>;
  let webApiOf: (camera: CameraOptions) => WebRequester;

  beforeEach(() => {
    clock = new FakeClock();
    start = clock.now();
    sessions = new Map();
    lines = new Map();
    webApiOf = () => NO_WEB_API;
  });

  afterEach(async () => {
    const ended = watch(Promise.all([...lines.values()].map((line) => line.destroy())));
    await clock.advance(60_000);
    assert.equal(ended.state, 'fulfilled', 'a line does not come to an end');
    assert.equal(clock.pending, 0, 'something still waits on the clock');
  });

  const camera = (host: string, options: object = {}): CameraOptions =>
    testCamera({ host, leadInMs: 300, packetBytes: 1024, ...options });

  /** Cameras a, b, …, whose sessions open like this. */
  const cameras = (...openings: readonly (Opening | readonly Opening[])[]): CameraOptions[] =>
    openings.map((plan, index) => {
      const one = camera(String.fromCharCode(97 + index));
      sessions.set(cameraKey(one), new FakeSessions(clock, [plan].flat()));
      return one;
    });

  function lineOf(one: CameraOptions): Line {
    const key = cameraKey(one);
    const known = lines.get(key);
    if (known !== undefined) return known;
    const factory = sessions.get(key) ?? new FakeSessions(clock);
    sessions.set(key, factory);
    const line = new Line(key, {
      clock,
      openSession: factory.open,
      answers: factory.answers,
      webApi: (options) => webApiOf(options),
    });
    lines.set(key, line);
    return line;
  }

  function say(to: readonly CameraOptions[], options: SpeakOptions = {}, ms = 1_000): Announced {
    const sound = { kind: 'bytes', bytes: soundOf(ms * 8), format: parseFormat('alaw') } as const;
    return watch(
      announce(to, [sound], speakOptions(options), { clock, cache: new PreparedCache(), memory: new Memory(), lineOf }),
    );
  }

  const session = (host: string, number = -1): FakeSession =>
    sessions.get(`${host}:554`)?.opened.at(number) ?? assert.fail(`camera ${host} has no session`);
  /** When packets left, ms since the test began. */
  const times = (host: string): number[] => session(host).sent.map(({ at }) => at - start);
  /** The instant of the first sample with sound that left at `from` or later, ms since the test began. */
  function soundAt(host: string, from = 0, number = -1): number {
    for (const { at, bytes } of session(host, number).sent) {
      const sample = bytes.findIndex((byte) => byte !== SILENCE);
      if (sample >= 0 && at - start >= from) return at - start + sample / 8;
    }
    return assert.fail(`camera ${host} said nothing`);
  }
  const outcomes = (announced: Announced): (string | undefined)[] =>
    (announced.value ?? []).map((result) => (result.status === 'fulfilled' ? result.value.outcome : 'failed'));

  it('begins on all cameras with the last session that is open, and keeps them on the same deadlines', async () => {
    const all = cameras({ afterMs: 10 }, { afterMs: 40 }, { afterMs: 310.5 });
    const said = say(all);
    await clock.advance(310);
    for (const host of ['a', 'b']) assert.deepEqual(times(host), [], 'a packet left before the last session was open');
    await clock.advance(3_000);
    assert.deepEqual(outcomes(said), ['spoken', 'spoken', 'spoken']);
    assert.deepEqual(times('a').slice(0, 3), [310.5, 438.5, 566.5]);
    assert.deepEqual(times('b'), times('a'));
    assert.deepEqual(times('c'), times('a'));
    for (const host of ['a', 'b', 'c']) assert.equal(soundAt(host), 610.5);
  });

  it('keeps them together through a slip', async () => {
    say(cameras({ afterMs: 10 }, { afterMs: 40 }));
    await clock.advance(500);
    clock.stall(900);
    await clock.advance(2_000);
    assert.deepEqual(times('b'), times('a'));
    assert.ok(times('a').includes(1_400));
  });

  it('takes live sound to cameras that want it coded alike, and other sound to any', async () => {
    const all = cameras({}, {});
    const wide = camera('c', { codec: 'pcmu16k' });
    const live = (): AudioSource => ({
      kind: 'live',
      chunks: Readable.from([soundOf(800)]),
      format: parseFormat('alaw'),
    });
    const deps = { clock, cache: new PreparedCache(), memory: new Memory(), lineOf };
    await assert.rejects(
      announce([...all, wide], [live()], speakOptions({}), deps),
      coded('TALK_ERR_ARGUMENT', /different codecs/),
    );
    for (const announced of [watch(announce(all, [live()], speakOptions({}), deps)), say([...all, wide])]) {
      await clock.advanceUntil(() => announced.state !== 'pending');
      assert.deepEqual(new Set(outcomes(announced)), new Set(['spoken']));
    }
  });

  it('does not make a single camera wait', async () => {
    say(cameras({ afterMs: 40 }));
    await clock.advance(500);
    assert.deepEqual(times('a').slice(0, 2), [40, 168]);
    assert.equal(soundAt('a'), 340);
  });

  it(`waits ${UNISON_WINDOW_MS} ms for a camera that does not answer; when it does, it starts by itself`, async () => {
    const said = say(cameras({ afterMs: 20 }, { afterMs: 60 }, { afterMs: 1_500 }));
    await clock.advance(5_000);
    assert.equal(times('a')[0], 520);
    assert.deepEqual(times('b'), times('a'));
    assert.deepEqual([soundAt('a'), soundAt('b')], [820, 820]);
    assert.equal(times('c')[0], 1_500);
    assert.equal(soundAt('c'), 1_800);
    assert.deepEqual(outcomes(said), ['spoken', 'spoken', 'spoken']);
  });

  it('does not wait for a camera that failed, nor for its next attempt', async () => {
    const all = cameras({ afterMs: 20 }, { afterMs: 80, error: 'TALK_ERR_AUTH' }, [
      { afterMs: 100, error: 'TALK_ERR_BUSY' },
    ]);
    const said = say(all);
    await clock.advance(5_000);
    assert.equal(times('a')[0], 100);
    assert.equal(soundAt('c'), 1_400);
    assert.deepEqual(outcomes(said), ['spoken', 'failed', 'spoken']);
  });

  it('does not wait for a camera whose session breaks while it waits', async () => {
    say(cameras({ afterMs: 20 }, { afterMs: 50 }, { afterMs: 400 }), { retries: 0 });
    await clock.advance(200);
    session('b').die();
    await clock.advance(2_000);
    assert.equal(times('a')[0], 400);
    assert.deepEqual(times('c'), times('a'));
    assert.deepEqual(times('b'), []);
  });

  it('does not wait for a camera that says something else first', async () => {
    const all = cameras({ afterMs: 20 }, {}, { afterMs: 80 });
    say(all.slice(1, 2), {}, 2_000);
    await clock.advance(1_000);
    say(all);
    await clock.advance(5_000);
    assert.equal(times('a')[0], 1_080);
    assert.deepEqual(times('c'), times('a'));
    // Its first clip lasts until 2300; the next beat of its session is at 18 packets.
    assert.equal(soundAt('b', 2_301), 18 * 128);
  });

  it('interrupts a camera in time with the others', async () => {
    const kept = camera('b', { idleMs: 60_000 });
    const [fresh = assert.fail()] = cameras({ afterMs: 90 });
    say([kept], {}, 10_000);
    await clock.advance(1_000);
    say([fresh, kept], { whenBusy: 'interrupt' });
    await clock.advance(2_000);
    assert.equal(soundAt('a'), 1_000 + 90 + 300);
    assert.equal(soundAt('b', 1_100), soundAt('a'));
  });

  it('is heard at the same instant from kept sessions with beats of their own', async () => {
    const [one, other] = [camera('a', { idleMs: 60_000 }), camera('b', { idleMs: 60_000 })];
    say([one], {}, 100);
    await clock.advance(50);
    say([other], {}, 100);
    await clock.advance(1_950);
    const fresh = camera('c');
    say([one, other]);
    await clock.advance(2_000);
    const together = soundAt('a', 2_000);
    assert.equal(soundAt('b', 2_000), together);
    assert.ok(together > 2_000 && together <= 2_128, String(together));

    say([one, other, fresh]);
    await clock.advance(2_000);
    assert.equal(soundAt('c'), 4_300);
    assert.ok(Math.abs(soundAt('a', 4_000) - 4_300) <= 1 / 16);
    assert.ok(Math.abs(soundAt('b', 4_000) - 4_300) <= 1 / 16);
  });

  it(`waits ${UNISON_WINDOW_MS} ms for the loudspeaker’s volume of another camera`, async () => {
    const hangs = { request: () => new Promise<never>(() => undefined) };
    webApiOf = ({ host }) => (host === 'b' ? hangs : NO_WEB_API);
    say(cameras({ afterMs: 20 }, { afterMs: 50 }), { speakerVolume: 50 });
    await clock.advance(5_000);
    assert.deepEqual(times('b').slice(0, 8), times('a').slice(0, 8));
    // At 550, with the lead-in over; the next packet is the fourth after the one at 50.
    assert.equal(soundAt('a'), 50 + 4 * 128);
    assert.ok(soundAt('b') >= 2_050);
  });

  const ENDS: readonly (readonly [how: string, end: (caller: AbortController) => unknown, outcomes: string[]])[] = [
    ['its signal', (caller) => caller.abort(), ['failed', 'failed', 'failed']],
    ['a stop of one camera', () => lineOf(camera('a')).stop(''), ['cut', 'spoken', 'spoken']],
    ['the end of one line', () => lineOf(camera('a')).destroy(), ['failed', 'spoken', 'spoken']],
  ];
  for (const [how, end, expected] of ENDS) {
    it(`ends its waits with ${how}`, async () => {
      const caller = new AbortController();
      const said = say(cameras({ afterMs: 10 }, { afterMs: 100 }, { afterMs: 200 }), { signal: caller.signal });
      await clock.advance(50);
      end(caller);
      await clock.advance(3_000);
      assert.deepEqual(outcomes(said), expected);
      if (expected[1] === 'failed') return;
      assert.equal(times('b')[0], 200);
      assert.deepEqual(times('c'), times('b'));
    });
  }

  it('says it twice on a camera that is named twice, without waiting for itself', async () => {
    const [one = assert.fail()] = cameras({ afterMs: 30 });
    const said = say([one, one]);
    await clock.advance(5_000);
    assert.deepEqual(outcomes(said), ['spoken', 'spoken']);
    assert.equal(times('a')[0], 30);
  });

  it('feeds a kept session whose clip was stopped while the others were waited for', async () => {
    const all = cameras({ afterMs: 10 }, { afterMs: 400 });
    const [one = assert.fail(), other = assert.fail()] = all.map((each) => ({ ...each, idleMs: 60_000 }));
    say([one, other]);
    await clock.advance(100);
    lineOf(one).stop('');
    await settle();
    await clock.advance(50);
    assert.deepEqual(times('a'), [100]);
    assert.equal(session('a').alive, true);
  });
});
