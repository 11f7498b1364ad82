// The beat, on a clock of its own: deadlines, lateness, slips, what play promises, and what it does when things die.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { Clip } from '../../src/sound/clip.js';
import { TalkError } from '../../src/errors.js';
import { Pacer, type PlayOptions } from '../../src/talk/pacer.js';
import { coded, noUnhandledRejections, sameBytes, thrown, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { clipOf, FakeSession, SILENCE, soundOf, testCamera } from '../helpers/fake-session.js';

interface Stage {
  readonly clock: FakeClock;
  readonly session: FakeSession;
  readonly pacer: Pacer;
  readonly start: number;
}

/** A session that has sent its first packet, which was silence. */
async function stage(packetBytes = 160): Promise<Stage> {
  const clock = new FakeClock();
  const session = new FakeSession(clock, testCamera({ packetBytes }));
  const start = clock.now();
  const pacer = new Pacer(session, clock);
  await settle();
  return { clock, session, pacer, start };
}

const play = (
  pacer: Pacer,
  clip: Clip,
  options: Partial<PlayOptions> = {},
): Watched<Awaited<ReturnType<Pacer['play']>>> => watch(pacer.play(clip, { leadInMs: 0, ...options }));

/** When the packets left, ms since the start. */
const times = ({ session, start }: Stage): number[] => session.sent.map(({ at }) => at - start);
const silent = (bytes: Buffer): boolean => bytes.every((byte) => byte === SILENCE);
const beats = (count: number, frameMs: number, from = 0): number[] =>
  Array.from({ length: count }, (_, n) => from + n * frameMs);

describe('pacer, the beat', () => {
  for (const [packetBytes, frameMs] of [
    [160, 20],
    [1024, 128],
    [2048, 256],
  ] as const) {
    it(`sends ${packetBytes} bytes every ${frameMs} ms from the start, silence when nobody speaks`, async () => {
      const on = await stage(packetBytes);
      await on.clock.advance(10 * frameMs);
      assert.deepEqual(times(on), beats(11, frameMs));
      assert.ok(on.session.sent.every(({ bytes }) => bytes.length === packetBytes && silent(bytes)));
      on.pacer.stop();
    });
  }

  it('does not drift when each timer fires a little late', async () => {
    const on = await stage();
    for (let n = 1; n <= 200; n++) {
      on.clock.stall((on.clock.nextIn ?? 0) + 3);
      await on.clock.advance(0);
    }
    assert.deepEqual(times(on), [0, ...beats(200, 20, 20).map((time) => time + 3)]);
    on.pacer.stop();
  });

  it('takes a timer that fires a fraction early as on time, and does not gain on the timeline', async () => {
    class EarlyClock extends FakeClock {
      override wait(ms: number, signal?: AbortSignal): Promise<void> {
        return super.wait(ms - 0.4, signal);
      }
    }
    const clock = new EarlyClock();
    const session = new FakeSession(clock, testCamera());
    const start = clock.now();
    const pacer = new Pacer(session, clock);
    await clock.advance(2000);
    const early = session.sent.map(({ at }, n) => start + n * 20 - at);
    assert.equal(early.length, 101);
    assert.ok(
      early.every((ms) => ms >= 0 && ms < 0.5),
      String(early),
    );
    pacer.stop();
  });

  it('ends with stop, with the session, and leaves nothing on the clock', async () => {
    const one = await stage();
    await one.clock.advance(50);
    one.pacer.stop();
    one.pacer.stop();
    await one.clock.advance(100);
    assert.equal(one.session.sent.length, 3);
    assert.equal(one.clock.pending, 0);

    const other = await stage();
    await other.clock.advance(50);
    other.session.die();
    await other.clock.advance(100);
    assert.equal(other.session.sent.length, 3);
    assert.equal(other.clock.pending, 0);
  });

  it('does not begin on a session that is over', async () => {
    const clock = new FakeClock();
    const session = new FakeSession(clock, testCamera());
    session.die();
    const pacer = new Pacer(session, clock);
    await assert.rejects(pacer.play(clipOf(20), { leadInMs: 0 }), coded('TALK_ERR_CLOSED'));
    assert.equal(clock.pending, 0);
  });
});

describe('pacer, with others', () => {
  noUnhandledRejections();

  it('sends nothing before its first deadline is known, and then on the deadlines from there', async () => {
    const clock = new FakeClock();
    const session = new FakeSession(clock, testCamera());
    const start = clock.now();
    let begin: (at: number) => void = () => undefined;
    const pacer = new Pacer(session, clock, new Promise((resolve) => (begin = resolve)));
    const clip = play(pacer, clipOf(40), { leadInMs: 60 });
    await clock.advance(300);
    assert.equal(session.sent.length, 0);
    assert.equal(clock.pending, 0);
    begin(start + 290);
    await clock.advance(100);
    assert.deepEqual(
      session.sent.map(({ at }) => at - start),
      [300, 310, 330, 350, 370, 390],
    );
    assert.equal(clip.value?.firstSoundAt, start + 350);
    pacer.stop();
  });

  it('never begins when it ends before', async () => {
    for (const end of [(pacer: Pacer) => pacer.stop(), (_: Pacer, session: FakeSession) => session.die()]) {
      const clock = new FakeClock();
      const session = new FakeSession(clock, testCamera());
      const begun = clock.wait(100).then(() => clock.now());
      const pacer = new Pacer(session, clock, begun);
      const clip = play(pacer, clipOf(40));
      await clock.advance(50);
      end(pacer, session);
      await clock.advance(500);
      assert.equal(clip.state, 'rejected');
      assert.equal(session.sent.length, 0);
      assert.equal(clock.pending, 0);
    }
  });

  it('has the first sound at the instant it is told, within a packet to the sample', async () => {
    for (const inMs of [20, 33.375, 400]) {
      const on = await stage();
      const clip = play(on.pacer, clipOf(100), { soundAt: on.start + inMs });
      await on.clock.advance(1_000);
      assert.equal(clip.value?.firstSoundAt, on.start + inMs);
      const silence = inMs * 8;
      assert.ok(silent(on.session.bytes.subarray(0, silence)));
      sameBytes(on.session.bytes.subarray(silence, silence + 800), soundOf(800));
      on.pacer.stop();
    }
  });

  it('has it as early as it can when the instant is over, and never within the lead-in', async () => {
    const on = await stage();
    await on.clock.advance(50);
    assert.equal(on.pacer.earliestSound(0), on.start + 60);
    assert.equal(on.pacer.earliestSound(300), on.start + 300);
    const first = play(on.pacer, clipOf(20), { leadInMs: 300, soundAt: on.start + 10 });
    await on.clock.advance(500);
    assert.equal(first.value?.firstSoundAt, on.start + 300);
    const second = play(on.pacer, clipOf(20), { leadInMs: 300, soundAt: on.start + 10 });
    await on.clock.advance(500);
    assert.equal(second.value?.firstSoundAt, on.start + 560);
    on.pacer.stop();
  });

  it('shares the wake-ups of those with the same deadlines, and what one sink throws is its own affair', async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const all = Array.from({ length: 20 }, () => {
      const session = new FakeSession(clock, testCamera());
      return { session, pacer: new Pacer(session, clock, Promise.resolve(start)) };
    });
    const [first = assert.fail()] = all;
    first.session.send = () => {
      throw new Error('broken');
    };
    const broken = play(first.pacer, clipOf(100));
    await clock.advance(200);
    assert.equal(clock.fired, 10);
    assert.equal(broken.state, 'rejected');
    for (const { session } of all.slice(1)) assert.equal(session.sent.length, 11);
    for (const { pacer } of all) pacer.stop();
    assert.equal(clock.pending, 0);
  });
});

describe('pacer, lateness', () => {
  it('late by less than the slip budget keeps the timeline', async () => {
    const on = await stage();
    const clip = play(on.pacer, clipOf(1000));
    await on.clock.advance(100);
    on.clock.stall(200);
    await on.clock.advance(0);
    // Those due at 120 … 300 leave together at 300.
    assert.deepEqual(times(on), [...beats(6, 20), ...Array<number>(10).fill(300)]);
    await on.clock.advance(1000);
    assert.deepEqual(times(on).slice(16, 20), [320, 340, 360, 380]);
    assert.equal(clip.value?.slips, 0);
    assert.equal(clip.value.worstLatenessMs, 180);
    on.pacer.stop();
  });

  for (const packetBytes of [160, 320, 512, 1024, 2048]) {
    it(`never sends more than 250 ms of belated audio at once, packets of ${packetBytes}`, async () => {
      for (const late of [50, 127, 128, 200, 249, 250, 251, 300, 500, 2000, 60_000]) {
        const on = await stage(packetBytes);
        const { frameMs } = on.session.profile;
        await on.clock.advance(3 * frameMs);
        on.clock.stall(frameMs + late);
        await on.clock.advance(0);
        const now = on.clock.now() - on.start;
        const together = times(on).filter((time) => time === now).length;
        // One packet is due anyway; the others are what was missed.
        assert.ok((together - 1) * frameMs <= 250, `late by ${late}: ${together} packets of ${frameMs} ms at once`);
        on.pacer.stop();
      }
    });
  }

  it('late by more moves the timeline, counts one slip and sends no burst', async () => {
    const on = await stage();
    const clip = play(on.pacer, clipOf(1000));
    await on.clock.advance(100);
    on.clock.stall(2000);
    await on.clock.advance(0);
    assert.deepEqual(times(on), [...beats(6, 20), 2100]);
    await on.clock.advance(60);
    assert.deepEqual(times(on).slice(6), beats(4, 20, 2100));
    await on.clock.advance(2000);
    assert.equal(clip.value?.slips, 1);
    assert.equal(clip.value.worstLatenessMs, 1980);
    on.pacer.stop();
  });

  it('loses no sound to a slip', async () => {
    const on = await stage();
    const clip = play(on.pacer, clipOf(400));
    for (let n = 0; n < 3; n++) {
      await on.clock.advance(70);
      on.clock.stall(700);
    }
    await on.clock.advance(1000);
    assert.equal(clip.state, 'fulfilled');
    assert.equal(clip.value?.slips, 3);
    sameBytes(Buffer.from(on.session.bytes.filter((byte) => byte !== SILENCE)), soundOf(3200));
    on.pacer.stop();
  });

  it('does not count a slip of the silence before as one of the clip', async () => {
    const on = await stage();
    on.clock.stall(5000);
    await on.clock.advance(0);
    const clip = play(on.pacer, clipOf(40));
    await on.clock.advance(500);
    assert.equal(clip.value?.slips, 0);
    assert.equal(clip.value.worstLatenessMs, 0);
    on.pacer.stop();
  });
});

describe('pacer, play', () => {
  noUnhandledRejections();

  it('resolves exactly when the last sample has had its time', async () => {
    const on = await stage(1024);
    // 3000 bytes: three packets, the last with 952 bytes of sound: 375 ms after the first.
    const clip = play(on.pacer, clipOf(375));
    await on.clock.advance(128 + 374.9);
    assert.equal(clip.state, 'pending');
    await on.clock.advance(0.1);
    assert.equal(clip.state, 'fulfilled');
    assert.deepEqual(clip.value, {
      firstSoundAt: on.start + 128,
      packets: 3,
      bytes: 3072,
      worstLatenessMs: 0,
      slips: 0,
      // The packet of silence before, and its own.
      sentBytes: 4,
    });
    assert.equal(on.pacer.soundEndsAt, on.start + 128 + 375);
    on.pacer.stop();
  });

  it('has the first sound exactly the lead-in after the start of the session', async () => {
    for (const leadInMs of [128, 300, 301.5, 1000]) {
      const on = await stage(1024);
      const clip = play(on.pacer, clipOf(100), { leadInMs });
      await on.clock.advance(2000);
      assert.equal(clip.value?.firstSoundAt, on.start + leadInMs);
      const leadInBytes = leadInMs * 8;
      assert.ok(silent(on.session.bytes.subarray(0, leadInBytes)));
      sameBytes(on.session.bytes.subarray(leadInBytes, leadInBytes + 800), soundOf(800));
      on.pacer.stop();
    }
  });

  it('without a lead-in has the clip in the first packet of the session', async () => {
    const clock = new FakeClock();
    const session = new FakeSession(clock, testCamera({ packetBytes: 1024 }));
    const start = clock.now();
    const pacer = new Pacer(session, clock);
    const clip = play(pacer, clipOf(100));
    await clock.advance(500);
    sameBytes(session.bytes.subarray(0, 800), soundOf(800));
    assert.equal(clip.value?.firstSoundAt, start);
    pacer.stop();
  });

  it('counts silence already sent as lead-in', async () => {
    const on = await stage(160);
    await on.clock.advance(200); // eleven packets: 220 ms
    const first = play(on.pacer, clipOf(40), { leadInMs: 300 });
    await on.clock.advance(1000);
    assert.equal(first.value?.firstSoundAt, on.start + 300);
    assert.equal(first.value.packets, 4 + 2);
    const second = play(on.pacer, clipOf(40), { leadInMs: 300 });
    await on.clock.advance(100);
    // 1200 ms have gone by; the next beat is at 1220.
    assert.equal(second.value?.firstSoundAt, on.start + 1220);
    assert.equal(second.value.packets, 2);
    on.pacer.stop();
  });

  it('keeps sending silence between clips and joins the next one at the next beat', async () => {
    const on = await stage();
    play(on.pacer, clipOf(60));
    await on.clock.advance(510);
    const second = play(on.pacer, clipOf(60));
    await on.clock.advance(1000);
    assert.equal(second.value?.firstSoundAt, on.start + 520);
    assert.deepEqual(times(on), beats(times(on).length, 20));
    on.pacer.stop();
  });

  it('leaves no listener on the signal of a clip that was played', async () => {
    const on = await stage();
    const { signal } = new AbortController();
    const clip = play(on.pacer, clipOf(100), { signal });
    await on.clock.advance(500);
    assert.equal(clip.state, 'fulfilled');
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    on.pacer.stop();
  });

  it('tells the progress after each packet with sound', async () => {
    const on = await stage();
    const told: number[] = [];
    play(on.pacer, clipOf(50), { leadInMs: 60, onProgress: (playedMs) => told.push(playedMs) });
    await on.clock.advance(500);
    assert.deepEqual(told, [20, 40, 50]);
    on.pacer.stop();
  });

  it('begins where it is told', async () => {
    const on = await stage();
    const told: number[] = [];
    play(on.pacer, clipOf(100), { fromByte: 480, onProgress: (playedMs) => told.push(playedMs) });
    await on.clock.advance(500);
    sameBytes(Buffer.from(on.session.bytes.filter((byte) => byte !== SILENCE)), soundOf(800).subarray(480));
    assert.deepEqual(told, [80, 100]);
    on.pacer.stop();
  });

  it('waits in silence for a clip that grows, and ends with it', async () => {
    const on = await stage();
    const clip = new Clip({ live: true });
    const playing = play(on.pacer, clip);
    await on.clock.advance(100);
    clip.append(soundOf(200));
    await on.clock.advance(100);
    clip.append(soundOf(320).subarray(200));
    await on.clock.advance(100);
    assert.equal(playing.state, 'pending');
    clip.end();
    await on.clock.advance(20);
    assert.equal(playing.state, 'fulfilled');
    assert.equal(playing.value?.firstSoundAt, on.start + 120);
    sameBytes(Buffer.from(on.session.bytes.filter((byte) => byte !== SILENCE)), soundOf(320));
    assert.deepEqual(times(on), beats(17, 20));
    on.pacer.stop();
  });

  it('is silent with the next packet after an abort', async () => {
    const on = await stage();
    const controller = new AbortController();
    const playing = play(on.pacer, clipOf(1000), { signal: controller.signal });
    await on.clock.advance(110);
    controller.abort(new TalkError('TALK_ERR_BUSY', 'cut'));
    await settle();
    coded('TALK_ERR_BUSY')(playing.error);
    await on.clock.advance(100);
    const sound = on.session.sent.map(({ bytes }) => !silent(bytes));
    assert.deepEqual(sound, [false, true, true, true, true, true, false, false, false, false, false]);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    // The session is as good as before.
    const next = play(on.pacer, clipOf(20));
    await on.clock.advance(100);
    assert.equal(next.state, 'fulfilled');
    on.pacer.stop();
  });

  it('can be aborted while the last sample plays out', async () => {
    const on = await stage(1024);
    const controller = new AbortController();
    const playing = play(on.pacer, clipOf(100), { signal: controller.signal });
    await on.clock.advance(140);
    controller.abort();
    await settle();
    coded('TALK_ERR_ABORTED')(playing.error);
    on.pacer.stop();
  });

  it('is not begun with an aborted signal', async () => {
    const on = await stage();
    await assert.rejects(
      on.pacer.play(clipOf(20), { leadInMs: 0, signal: AbortSignal.abort() }),
      coded('TALK_ERR_ABORTED'),
    );
    await on.clock.advance(100);
    assert.ok(silent(on.session.bytes));
    on.pacer.stop();
  });

  it('rejects with the failure of the clip and goes on with silence', async () => {
    const on = await stage();
    const clip = new Clip({ live: false });
    clip.append(soundOf(800));
    const playing = play(on.pacer, clip);
    await on.clock.advance(50);
    clip.fail(new TalkError('TALK_ERR_AUDIO', 'broken'));
    await on.clock.advance(50);
    coded('TALK_ERR_AUDIO')(playing.error);
    assert.deepEqual(times(on), beats(6, 20));
    const next = play(on.pacer, clipOf(20));
    await on.clock.advance(100);
    assert.equal(next.state, 'fulfilled');
    on.pacer.stop();
  });

  it('rejects with what ended the session', async () => {
    const on = await stage();
    const playing = play(on.pacer, clipOf(1000));
    await on.clock.advance(100);
    on.session.die('TALK_ERR_STALLED');
    await settle();
    coded('TALK_ERR_STALLED')(playing.error);
    await assert.rejects(on.pacer.play(clipOf(20), { leadInMs: 0 }), coded('TALK_ERR_STALLED'));
    assert.equal(on.clock.pending, 0);
  });

  it('rejects when the session ends while the last sample plays out', async () => {
    const on = await stage(2048);
    const playing = play(on.pacer, clipOf(250));
    // The only packet with sound leaves at 256; its sound lasts until 506.
    await on.clock.advance(260);
    on.session.die();
    await on.clock.advance(500);
    coded('TALK_ERR_CLOSED')(playing.error);
  });

  it('rejects with what sending threw', async () => {
    const on = await stage();
    const playing = play(on.pacer, clipOf(1000));
    await on.clock.advance(100);
    on.session.send = () => {
      on.session.die('TALK_ERR_STALLED');
      throw thrown(() => on.session.ended.throwIfAborted());
    };
    await on.clock.advance(20);
    coded('TALK_ERR_STALLED')(playing.error);
  });

  it('rejects with a coded error when the pacer is stopped', async () => {
    const on = await stage();
    const playing = play(on.pacer, clipOf(1000));
    await on.clock.advance(100);
    on.pacer.stop();
    await settle();
    coded('TALK_ERR_ABORTED')(playing.error);
  });

  it('keeps the beat when a listener throws', async () => {
    const on = await stage();
    const playing = play(on.pacer, clipOf(100), {
      onProgress: () => {
        throw new Error('a listener of somebody else');
      },
    });
    await on.clock.advance(500);
    assert.notEqual(playing.state, 'pending');
    const next = play(on.pacer, clipOf(100));
    await on.clock.advance(500);
    assert.equal(next.state, 'fulfilled', 'the session no longer plays anything');
    on.pacer.stop();
  });
});
