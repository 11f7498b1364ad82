// One session at a time: opened once for all who ask, kept, drained, closed, dropped. On a fake clock with fake sessions.
import assert from 'node:assert/strict';
import { TalkError } from '../../src/errors.js';
import { KeptSession } from '../../src/talk/kept-session.js';
import type { SessionState } from '../../src/talk/states.js';
import { coded, noUnhandledRejections, rejection, watch } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { clipOf, FakeSession, FakeSessions, testCamera } from '../helpers/fake-session.js';

describe('kept session', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let sessions: FakeSessions;
  let states: SessionState[];
  let kept: KeptSession;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new FakeSessions(clock);
    states = [];
    kept = new KeptSession({ clock, openSession: sessions.open, onSession: (state) => states.push(state) });
  });

  afterEach(async () => {
    kept.drop();
    const gone = watch(kept.hangUp());
    await clock.advance(60_000);
    assert.equal(gone.state, 'fulfilled', 'hanging up does not come to an end');
    assert.equal(clock.pending, 0, 'something still waits on the clock');
    assert.equal(sessions.alive.length, 0, 'a session was left open');
  });

  const camera = testCamera({ packetBytes: 1024 });

  it('opens one session for all who ask, also at the same time', async () => {
    sessions.openings.push({ afterMs: 100 });
    const opening = Promise.all([kept.open(camera, {}), kept.open(camera, {}), kept.open({ ...camera }, {})]);
    await clock.advance(100);
    const lives = await opening;
    assert.equal(sessions.opened.length, 1);
    assert.equal(lives[0].live, lives[1].live);
    assert.equal(lives[0].live, lives[2].live);
    assert.deepEqual(
      lives.map(({ reused }) => reused),
      [false, true, true],
    );
    assert.equal(kept.isOpen, true);
  });

  it('opens anew, after closing, when the camera is to be told something else', async () => {
    for (const change of [
      { mode: 'aec' },
      { codec: 'pcmu16k' },
      { packetBytes: 160 },
      { dialect: 'vigi' },
      { streamPort: 8801 },
      { packetMs: 20 },
      { encrypt: true },
      { password: 'x' },
    ]) {
      await kept.open(camera, {});
      const other = testCamera({ packetBytes: 1024, ...change });
      const opening = kept.open(other, {});
      await clock.advance(0);
      const { live, reused } = await opening;
      assert.equal(reused, false);
      assert.equal(sessions.alive.length, 1);
      assert.equal(sessions.alive[0], live.session);
    }
    assert.equal(sessions.mostAlive, 1);
  });

  it('does not open anew for what the camera is never told', async () => {
    await kept.open(camera, {});
    for (const change of [
      { name: 'x' },
      { leadInMs: 100 },
      { drainMs: 5 },
      { idleMs: 5 },
      { httpPort: 81 },
      { login: 'md5' },
    ])
      await kept.open(testCamera({ packetBytes: 1024, ...change }), {});
    assert.equal(sessions.opened.length, 1);
  });

  it('passes on why a session could not be opened, and can be asked again', async () => {
    sessions.openings.push({ error: 'TALK_ERR_BUSY' }, {});
    coded('TALK_ERR_BUSY')(await rejection(kept.open(camera, {})));
    assert.equal(kept.isOpen, false);
    await kept.open(camera, {});
    assert.equal(kept.isOpen, true);
  });

  it('closes after the time it was kept for, counted from now', async () => {
    await kept.open(camera, {});
    kept.keepFor(5_000);
    await clock.advance(3_000);
    kept.keepFor(5_000);
    await clock.advance(4_999);
    assert.equal(kept.isOpen, true);
    await clock.advance(1);
    assert.equal(sessions.last.endedBy, 'close');
    assert.deepEqual(states, ['kept', 'kept', 'closed']);
  });

  it('is kept no longer when somebody opens it again', async () => {
    await kept.open(camera, {});
    kept.keepFor(1_000);
    await clock.advance(999);
    await kept.open(camera, {});
    await clock.advance(60_000);
    assert.equal(kept.isOpen, true);
    assert.equal(sessions.opened.length, 1);
  });

  it('drains what was said before it closes', async () => {
    const drained = testCamera({ packetBytes: 1024, drainMs: 600 });
    const { pacer } = (await kept.open(drained, {})).live;
    const playing = pacer.play(clipOf(1_000), { leadInMs: 0 });
    await clock.advance(3_000);
    await playing;
    const { soundEndsAt } = pacer;
    const second = pacer.play(clipOf(256), { leadInMs: 0 });
    await clock.advance(512);
    await second;
    assert.ok(pacer.soundEndsAt > soundEndsAt);
    const rest = pacer.soundEndsAt + 600 - clock.now();
    const closing = watch(kept.hangUp());
    await clock.advance(rest - 1);
    assert.equal(closing.state, 'pending');
    await clock.advance(1);
    assert.equal(closing.state, 'fulfilled');
    assert.equal(sessions.last.endedBy, 'close');
  });

  it('stays open when somebody comes back during the drain', async () => {
    const drained = testCamera({ packetBytes: 1024, drainMs: 600 });
    await kept.open(drained, {});
    kept.keepFor(0);
    await clock.advance(300);
    await kept.open(drained, {});
    await clock.advance(10_000);
    assert.equal(kept.isOpen, true);
    assert.equal(sessions.opened.length, 1);
  });

  it('opens a new one for whoever comes after a goodbye that was asked for', async () => {
    const drained = testCamera({ packetBytes: 1024, drainMs: 600 });
    await kept.open(drained, {});
    const closing = kept.hangUp();
    const opening = kept.open(drained, {});
    await clock.advance(600);
    await closing;
    await opening;
    assert.equal(sessions.opened.length, 2);
    assert.equal(sessions.mostAlive, 1);
  });

  it('stops waiting for somebody else’s goodbye when told to', async () => {
    const drained = testCamera({ packetBytes: 1024, drainMs: 10_000 });
    await kept.open(drained, {});
    void kept.hangUp();
    const controller = new AbortController();
    const opening = watch(kept.open(drained, { signal: controller.signal }));
    await clock.advance(100);
    controller.abort(new TalkError('TALK_ERR_BUSY', 'never mind'));
    await clock.advance(100);
    coded('TALK_ERR_BUSY')(opening.error);
  });

  it('forgets a session that died and stops its beat', async () => {
    await kept.open(camera, {});
    kept.keepFor(5_000);
    await clock.advance(100);
    sessions.last.die();
    assert.equal(kept.isOpen, false);
    assert.deepEqual(states, ['kept', 'closed']);
    await settle();
    assert.equal(clock.pending, 0);
    await kept.open(camera, {});
    assert.equal(sessions.opened.length, 2);
  });

  it('does not adopt a session that is over before it is handed out', async () => {
    const stillborn = new KeptSession({
      clock,
      onSession: () => undefined,
      openSession: (options) => {
        const session = new FakeSession(clock, options);
        session.die();
        return Promise.resolve(session as never);
      },
    });
    coded('TALK_ERR_CLOSED')(await rejection(stillborn.open(camera, {})));
    assert.equal(stillborn.isOpen, false);
  });

  it('can be hung up, kept and dropped when nothing is open', async () => {
    await kept.hangUp();
    kept.keepFor(100);
    kept.drop();
    kept.drop();
    await kept.hangUp();
    assert.deepEqual(states, []);
  });

  it('ends at once when dropped, in the middle of a drain too', async () => {
    const drained = testCamera({ packetBytes: 1024, drainMs: 10_000 });
    await kept.open(drained, {});
    const closing = watch(kept.hangUp());
    await clock.advance(100);
    kept.drop();
    await settle();
    assert.equal(closing.state, 'fulfilled');
    assert.equal(sessions.last.endedBy, 'destroy');
  });

  it('ends an opening under way when dropped', async () => {
    // A camera that does not answer: without an abort this takes until the last time-out.
    sessions.openings.push({ afterMs: 13_000, error: 'TALK_ERR_TIMEOUT' });
    const opening = watch(kept.open(camera, {}));
    await clock.advance(100);
    kept.drop();
    const gone = watch(kept.hangUp());
    await clock.advance(1);
    coded('TALK_ERR_ABORTED')(opening.error);
    assert.equal(gone.state, 'fulfilled');
  });
});
