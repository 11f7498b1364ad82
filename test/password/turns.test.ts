// Log-in turns: who waits for whom, until when, and that nobody waits for nothing; then the same through the guard.
import assert from 'node:assert/strict';
import { TalkError } from '../../src/errors.js';
import { LoginTurns } from '../../src/password/turns.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { coded, noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';

describe('LoginTurns', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let turns: LoginTurns;

  beforeEach(() => {
    clock = new FakeClock();
    turns = new LoginTurns(clock);
  });

  afterEach(() => assert.equal(clock.pending, 0, 'something still waits on the clock'));

  /** Somebody who logs in. */
  function login(key = 'a', signal?: AbortSignal): Watched<void> & { readonly over: AbortController } {
    const over = new AbortController();
    return Object.assign(watch(turns.take(key, 'cam:554', over.signal, signal)), { over });
  }

  it('come one after the other while nobody knows', async () => {
    const logins = [login(), login(), login()];
    const states = (): string => logins.map(({ state }) => state[0]).join('');
    await settle();
    assert.equal(states(), 'fpp');
    logins[0]?.over.abort();
    await settle();
    assert.equal(states(), 'ffp');
    logins[1]?.over.abort();
    await settle();
    assert.equal(states(), 'fff');
    logins[2]?.over.abort();
  });

  it('are free for all once the password was accepted, and until it is refused', async () => {
    const [first, second, third] = [login(), login(), login()];
    await settle();
    turns.accepted('a');
    await settle();
    assert.deepEqual([second.state, third.state], ['fulfilled', 'fulfilled']);
    first.over.abort();
    const fourth = login();
    await settle();
    assert.equal(fourth.state, 'fulfilled');
    turns.refused('a');
    const [fifth, sixth] = [login(), login()];
    await settle();
    assert.deepEqual([fifth.state, sixth.state], ['fulfilled', 'pending']);
    fifth.over.abort();
    await settle();
    assert.equal(sixth.state, 'fulfilled');
  });

  it('of different keys do not wait for each other', async () => {
    const logins = [login('a'), login('b')];
    await settle();
    assert.ok(logins.every(({ state }) => state === 'fulfilled'));
  });

  it('are not waited for by who has one already', async () => {
    const { over } = login();
    await settle();
    const again = watch(turns.take('a', 'cam:554', over.signal));
    await settle();
    assert.equal(again.state, 'fulfilled');
    const other = login();
    over.abort();
    await settle();
    assert.equal(other.state, 'fulfilled');
  });

  it('are waited for up to 10 s', async () => {
    const first = login();
    await settle();
    const second = login();
    await clock.advance(9_999);
    assert.equal(second.state, 'pending');
    await clock.advance(1);
    coded('TALK_ERR_TIMEOUT', /cam:554 has not answered another log-in for 10 s/)(second.error);
    first.over.abort();
    const third = login();
    await settle();
    assert.equal(third.state, 'fulfilled', 'who gave up has no turn');
  });

  it('are not taken by who leaves meanwhile', async () => {
    const first = login();
    const stop = new AbortController();
    const [second, third] = [login(), login('a', stop.signal)];
    const reason = new TalkError('TALK_ERR_CLOSED', 'gone');
    second.over.abort(reason);
    stop.abort(reason);
    await settle();
    assert.deepEqual([second.error, third.error], [reason, reason]);
    first.over.abort();
    const gone = watch(turns.take('a', 'cam:554', AbortSignal.abort(reason)));
    const fourth = login();
    await settle();
    assert.equal(gone.error, reason);
    assert.equal(fourth.state, 'fulfilled');
  });
});

describe('password guard, turns', () => {
  noUnhandledRejections();

  const camera = { host: '192.168.1.60', port: 554, username: 'admin', password: 'Abc12345' };
  let guard: PasswordGuard;

  beforeEach(() => {
    guard = new PasswordGuard(new FakeClock());
  });

  /** Logs in as talking and listening do; true when the password was sent. */
  async function logIn(over: AbortSignal, credentials = camera): Promise<boolean> {
    await guard.turn('talk', credentials, over);
    guard.check('talk', credentials);
    return true;
  }

  it('a wrong password is sent by one of many', async () => {
    const ends = Array.from({ length: 4 }, () => new AbortController());
    const logins = ends.map(({ signal }) => watch(logIn(signal)));
    await settle();
    assert.deepEqual(logins.map(({ state }) => state), ['fulfilled', 'pending', 'pending', 'pending']); // prettier-ignore
    guard.refused('talk', camera, new TalkError('TALK_ERR_AUTH', 'refused'));
    for (const [index, login] of logins.entries()) {
      if (index === 0) continue;
      await settle();
      coded('TALK_ERR_LOCKED')(login.error);
      ends[index]?.abort();
    }
  });

  it('a right one by all of them, as soon as one knows', async () => {
    for (const way of ['talk', 'listen', 'web'] as const) {
      guard = new PasswordGuard(new FakeClock());
      const logins = Array.from({ length: 3 }, () => watch(logIn(new AbortController().signal)));
      await settle();
      guard.accepted(way, camera);
      await settle();
      assert.ok(logins.every(({ state }) => state === 'fulfilled'));
    }
  });

  it('who waits looks only after a log-in that was cut off has told, however many promises that takes', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    await logIn(first.signal);
    const waiting = watch(logIn(second.signal));
    await settle();
    first.abort();
    for (let n = 0; n < 50; n++) await Promise.resolve();
    guard.unanswered('talk', camera);
    await settle();
    coded('TALK_ERR_LOCKED')(waiting.error);
  });

  it('two cameras, and two passwords, do not wait for each other', async () => {
    const others = [{ host: '192.168.1.61' }, { port: 8_554 }, { username: 'other' }, { password: 'Abc12346' }];
    const logins = [{}, ...others].map((other) => watch(logIn(new AbortController().signal, { ...camera, ...other })));
    await settle();
    assert.ok(logins.every(({ state }) => state === 'fulfilled'));
  });
});
