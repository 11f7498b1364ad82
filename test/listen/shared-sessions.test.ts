// Sessions shared by listeners: who opens, who hears, who closes, and how everybody learns of the end. Sessions are fake.
import assert from 'node:assert/strict';
import { cameraOptions } from '../../src/camera-options.js';
import { TalkError } from '../../src/errors.js';
import type { OpeningStage } from '../../src/connection/handshake.js';
import type { HeardSession } from '../../src/listen/microphone.js';
import { KeepAliveHabit } from '../../src/listen/keep-alive.js';
import { SharedSessions } from '../../src/listen/shared-sessions.js';
import { coded, noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { FakeListenSessions } from './fake-listen-session.js';

const CAMERA = cameraOptions({ host: 'cam', password: 'Abc12345' });

/** Somebody who wants to hear a stream. */
interface Ear {
  readonly opening: Watched<HeardSession>;
  readonly stages: OpeningStage[];
  /** Milliseconds of each piece of sound. */
  readonly heard: number[];
  readonly abort: AbortController;
}

describe('SharedSessions', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let sessions: FakeListenSessions;
  let shared: SharedSessions;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new FakeListenSessions(clock);
    shared = new SharedSessions(sessions.open);
  });

  afterEach(async () => {
    const closing = watch(shared.close(new TalkError('TALK_ERR_CLOSED', 'over')));
    await clock.advance(1_000);
    assert.equal(closing.state, 'fulfilled');
    assert.equal(clock.pending, 0, 'something still waits on the clock');
    assert.ok(
      sessions.opened.every(({ ended }) => ended.aborted),
      'a session was left open',
    );
  });

  function listen(stream = 'stream1'): Ear {
    const stages: OpeningStage[] = [];
    const heard: number[] = [];
    const abort = new AbortController();
    const opening = watch(
      shared.open(CAMERA, {
        stream,
        signal: abort.signal,
        onStage: (stage) => stages.push(stage),
        onSound: ({ samples }) => heard.push(samples.length / 8),
      }),
    );
    return { opening, stages, heard, abort };
  }

  const sessionOf = ({ opening }: Ear): HeardSession => opening.value ?? assert.fail(`it is ${opening.state}`);

  it('is opened once for all, however the stream is spelled, and heard by all', async () => {
    const first = listen('stream1');
    await clock.advance(50);
    const second = listen('/stream1');
    await clock.advance(50);
    const third = listen(' stream1');
    await settle();
    sessions.last.sound(20);
    assert.equal(sessions.asked.length, 1);
    for (const ear of [first, second, third]) {
      assert.equal(sessionOf(ear).track.codec.name, 'PCMA');
      assert.deepEqual([ear.stages, ear.heard], [['connecting'], [20]]);
    }
  });

  it('is closed by the last one who leaves', async () => {
    const first = listen();
    const second = listen();
    await clock.advance(100);
    await sessionOf(first).close();
    sessions.last.sound(20);
    assert.deepEqual([first.heard, second.heard], [[], [20]]);
    assert.ok(sessionOf(first).ended.aborted);
    assert.ok(!sessions.last.ended.aborted);
    assert.ok(shared.busy);
    const closing = watch(sessionOf(second).close());
    await settle();
    assert.equal(sessions.last.endedBy, 'close');
    assert.ok(!shared.busy);
    assert.equal(closing.state, 'pending');
    await clock.advance(500);
    assert.equal(closing.state, 'fulfilled');
  });

  it('ends for all with its reason, and is opened anew by the next', async () => {
    const first = listen();
    const second = listen();
    await clock.advance(100);
    sessions.last.die('TALK_ERR_STALLED');
    for (const ear of [first, second]) coded('TALK_ERR_STALLED')(sessionOf(ear).ended.reason);
    const third = listen();
    await clock.advance(100);
    assert.equal(third.opening.state, 'fulfilled');
    assert.equal(sessions.opened.length, 2);
    await sessionOf(first).close();
    assert.ok(!sessions.last.ended.aborted, 'the old listener closed the new session');
  });

  it('fails for all who joined, with one attempt', async () => {
    sessions.failures.push('TALK_ERR_AUTH');
    const ears = [listen(), listen()];
    await clock.advance(100);
    for (const { opening } of ears) coded('TALK_ERR_AUTH')(opening.error);
    assert.equal(sessions.asked.length, 1);
    assert.ok(!shared.busy);
    const again = listen();
    await clock.advance(100);
    assert.equal(again.opening.state, 'fulfilled');
  });

  it('goes on opening while somebody waits, and stops when nobody does', async () => {
    const first = listen();
    const second = listen();
    await clock.advance(50);
    first.abort.abort();
    await settle();
    coded('TALK_ERR_ABORTED')(first.opening.error);
    await clock.advance(50);
    assert.equal(second.opening.state, 'fulfilled');
    const third = listen('stream2');
    await clock.advance(50);
    third.abort.abort();
    await clock.advance(50);
    coded('TALK_ERR_ABORTED')(third.opening.error);
    assert.equal(sessions.opened.length, 1);
  });

  it('asks one camera for one stream after the other, also after a failure', async () => {
    sessions.failures.push('TALK_ERR_AUTH');
    const first = listen('stream1');
    const second = listen('stream2');
    await clock.advance(99);
    assert.equal(sessions.asked.length, 1);
    await clock.advance(1);
    assert.equal(first.opening.state, 'rejected');
    await clock.advance(100);
    assert.equal(second.opening.state, 'fulfilled');
    const [began = 0, next = 0] = sessions.asked;
    assert.equal(next - began, 100);
  });

  it('is not opened again before it is closed', async () => {
    const first = listen();
    await clock.advance(100);
    void sessionOf(first).close();
    const second = listen();
    await clock.advance(499);
    assert.equal(sessions.asked.length, 1);
    await clock.advance(101);
    assert.equal(second.opening.state, 'fulfilled');
  });

  it('counts filled silence from the moment a listener joined', async () => {
    const first = listen();
    await clock.advance(100);
    sessions.last.filledMs = 300;
    const second = listen();
    await settle();
    sessions.last.filledMs = 340;
    assert.equal(sessionOf(first).stats.filledMs, 340);
    assert.equal(sessionOf(second).stats.filledMs, 40);
  });

  it('destroying one’s own leaves the others alone', async () => {
    const first = listen();
    const second = listen();
    await clock.advance(100);
    sessionOf(first).destroy();
    sessions.last.sound(20);
    assert.deepEqual([first.heard, second.heard], [[], [20]]);
  });

  it('closes everything for a reason, also what is being opened, and opens no more', async () => {
    const open = listen('stream1');
    await clock.advance(100);
    const opening = listen('stream2');
    await clock.advance(50);
    const reason = new TalkError('TALK_ERR_CLOSED', 'taken out of use');
    const closing = watch(shared.close(reason));
    await settle();
    assert.equal(sessionOf(open).ended.reason, reason);
    coded('TALK_ERR_CLOSED')(opening.opening.error);
    assert.equal(sessions.last.endedBy, 'close', 'TEARDOWN');
    await clock.advance(500);
    assert.equal(closing.state, 'fulfilled');
    const late = listen();
    await settle();
    coded('TALK_ERR_ABORTED')(late.opening.error);
  });

  it('refuses what is no path, and whoever has left already', async () => {
    await settle();
    const wrong = listen('rtsp://cam/stream1');
    const abort = new AbortController();
    abort.abort();
    const gone = watch(shared.open(CAMERA, { stream: 'stream1', signal: abort.signal, onSound: () => undefined }));
    await settle();
    coded('TALK_ERR_ARGUMENT')(wrong.opening.error);
    coded('TALK_ERR_ABORTED')(gone.error);
    assert.equal(sessions.asked.length, 0);
  });

  it('remembers across sessions and streams how they are kept alive', async () => {
    const habits = new Set<unknown>();
    const other = new SharedSessions((_camera, options) => {
      habits.add(options.habit);
      return Promise.reject(new TalkError('TALK_ERR_CLOSED', 'gone'));
    });
    for (const stream of ['stream1', 'stream1', 'stream2']) {
      await assert.rejects(other.open(CAMERA, { stream, onSound: () => undefined }));
    }
    assert.equal(habits.size, 1);
    assert.ok([...habits][0] instanceof KeepAliveHabit);
  });
});
