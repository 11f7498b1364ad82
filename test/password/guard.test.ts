// What the guard holds back, for how long, for whom, and that it shows nothing.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { isTalkError } from '../../src/errors.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { HandClock } from '../webapi/stand-in.js';

const camera = { host: '192.168.1.60', port: 554, username: 'admin', password: 'Abc12345' };

describe('password guard', () => {
  it('lets an unknown password pass', () => {
    new PasswordGuard(new HandClock()).check(camera);
  });

  it('holds a refused password back for 60 s and says for how long', () => {
    const clock = new HandClock();
    const guard = new PasswordGuard(clock);
    guard.refused(camera);
    assert.throws(() => guard.check(camera), {
      code: 'TALK_ERR_LOCKED',
      camera: '192.168.1.60:554',
      message: /held back for 60 s/,
    });
    clock.advance(59_000.5);
    assert.throws(() => guard.check(camera), { code: 'TALK_ERR_LOCKED', message: /held back for 1 s/ });
    clock.advance(999.5);
    guard.check(camera);
  });

  it('holds back for an hour what was sent and not answered, unless it was accepted before; a test may send it once more', () => {
    const clock = new HandClock();
    const guard = new PasswordGuard(clock);
    guard.unanswered(camera);
    assert.throws(() => guard.checkTalk(camera), {
      code: 'TALK_ERR_LOCKED',
      message: /has not said whether .*held back for 3600 s, .* or the connection is tested$/,
    });
    guard.testing(camera);
    guard.checkTalk(camera);
    guard.unanswered(camera);
    clock.advance(3_600_000);
    guard.checkTalk(camera);
    guard.talked(camera);
    guard.unanswered(camera);
    guard.checkTalk(camera);
    const refused = new PasswordGuard(clock);
    refused.refused(camera);
    refused.testing(camera);
    assert.throws(() => refused.check(camera), { code: 'TALK_ERR_LOCKED' });
  });

  it('holds back only that user name and password at that camera', () => {
    const guard = new PasswordGuard(new HandClock());
    guard.refused(camera);
    guard.check({ ...camera, password: 'Abc12346' });
    guard.check({ ...camera, username: 'other' });
    guard.check({ ...camera, host: '192.168.1.61' });
    guard.check({ ...camera, port: 8554 });
  });

  it('does not mix up where a user name ends and a password begins', () => {
    const guard = new PasswordGuard(new HandClock());
    guard.refused({ ...camera, username: 'a', password: 'bc' });
    guard.check({ ...camera, username: 'ab', password: 'c' });
  });

  it('takes host names without case', () => {
    const guard = new PasswordGuard(new HandClock());
    guard.refused({ ...camera, host: 'Camera.lan' });
    assert.throws(() => guard.check({ ...camera, host: 'camera.LAN' }), { code: 'TALK_ERR_LOCKED' });
  });

  it('keeps a lock the camera told of, whatever the password', () => {
    const clock = new HandClock();
    const guard = new PasswordGuard(clock);
    guard.locked(camera, 1_800);
    assert.throws(() => guard.check({ ...camera, password: 'new' }), {
      code: 'TALK_ERR_LOCKED',
      message: /held back for 1800 s/,
    });
    guard.check({ ...camera, username: 'other' });
    clock.advance(1_800_000);
    guard.check(camera);
  });

  it('gives a lock without a time one minute, and believes no camera more than an hour', () => {
    const guard = new PasswordGuard(new HandClock());
    guard.locked(camera);
    assert.throws(() => guard.check(camera), { message: /held back for 60 s/ });
    guard.locked(camera, 1e12);
    assert.throws(() => guard.check(camera), { message: /held back for 3600 s/ });
  });

  it('says when another attempt makes sense: after a lock and what the web interface refused, not after what RTSP refused', () => {
    const retryAfterMs = (...events: readonly ((guard: PasswordGuard) => void)[]): number | undefined => {
      const guard = new PasswordGuard(new HandClock());
      for (const event of events) event(guard);
      try {
        guard.check(camera);
      } catch (error) {
        if (isTalkError(error)) return error.retryAfterMs;
      }
      assert.fail('it passed');
    };
    const locked = (guard: PasswordGuard): void => guard.locked(camera, 1_800);
    const refusedByWeb = (guard: PasswordGuard): void => guard.refused(camera);
    const refusedByRtsp = (guard: PasswordGuard): void => guard.talkRefused(camera);
    assert.equal(retryAfterMs(locked), 1_800_000);
    assert.equal(retryAfterMs(refusedByWeb), 60_000);
    assert.equal(retryAfterMs(refusedByRtsp), undefined);
    assert.equal(retryAfterMs(locked, refusedByWeb), 1_800_000);
    assert.equal(retryAfterMs(locked, refusedByRtsp), undefined);
  });

  it('shows no password, neither in errors nor when looked at', () => {
    const guard = new PasswordGuard(new HandClock());
    guard.refused(camera);
    assert.throws(
      () => guard.check(camera),
      (error) => !inspect(error, { depth: 9 }).includes('Abc12345'),
    );
    assert.ok(!inspect(guard, { depth: 9, showHidden: true }).includes('Abc12345'));
  });
});
