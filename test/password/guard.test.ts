// What the guard holds back, for how long, for whom, and that it shows nothing.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { CameraOptions } from '../../src/camera-options.js';
import { isTalkError, TalkError } from '../../src/errors.js';
import type { Form } from '../../src/password/offers.js';
import { PasswordGuard, type GuardMemory, type Way } from '../../src/password/guard.js';
import { coded } from '../helpers/collect.js';
import { HandClock } from '../webapi/stand-in.js';

const camera = { host: '192.168.1.60', port: 554, username: 'admin', password: 'Abc12345' };
const REFUSED = new TalkError('TALK_ERR_AUTH', 'refused');
const WAYS = ['talk', 'listen', 'web'] as const;
const HOUR_MS = 3_600_000;

describe('password guard', () => {
  let clock: HandClock;
  let guard: PasswordGuard;

  beforeEach(() => {
    clock = new HandClock();
    guard = new PasswordGuard(clock);
  });

  /** The seconds each way is held back, 0 for one that is free. */
  function held(ways: readonly Way[] = WAYS, credentials: Parameters<PasswordGuard['check']>[1] = camera): number[] {
    return ways.map((way) => {
      try {
        guard.check(way, credentials);
        return 0;
      } catch (error) {
        coded('TALK_ERR_LOCKED')(error);
        return Number(/held back for (\d+) s/.exec((error as TalkError).message)?.[1]);
      }
    });
  }

  it('lets an unknown password pass', () => {
    assert.deepEqual(held(), [0, 0, 0]);
  });

  for (const way of WAYS) {
    it(`holds back for an hour, for all, a password that nobody has seen accepted and ${way} sees refused; says for how long`, () => {
      coded('TALK_ERR_AUTH', /^refused$/)(guard.refused(way, camera, REFUSED));
      assert.throws(() => guard.check(way, camera), {
        code: 'TALK_ERR_LOCKED',
        camera: '192.168.1.60:554',
        message:
          /locked this computer out .*wait, or restart the camera: held back for 3600 s, or until the settings change or the connection is tested$/,
      });
      assert.deepEqual(held(), [3_600, 3_600, 3_600]);
      clock.advance(HOUR_MS - 999.5);
      assert.deepEqual(held(), [1, 1, 1]);
      clock.advance(999.5);
      assert.deepEqual(held(), [0, 0, 0]);
    });
  }

  it('holds back what was sent and not answered as well; a web interface that hangs says nothing of RTSP', () => {
    guard.unanswered('listen', camera);
    assert.throws(() => guard.check('talk', camera), { message: /has not said whether .*held back for 3600 s/ });
    assert.deepEqual(held(), [3_600, 3_600, 3_600]);
    guard.testing(camera);
    guard.unanswered('web', camera);
    assert.deepEqual(held(), [0, 0, 3_600]);
  });

  it('lets a test send it once more, after each refusal', () => {
    for (const way of WAYS) {
      guard.refused(way, camera, REFUSED);
      assert.deepEqual(held(), [3_600, 3_600, 3_600]);
      guard.testing(camera);
      assert.deepEqual(held(), [0, 0, 0]);
    }
    guard.accepted('talk', camera);
    guard.refused('talk', camera, REFUSED);
    assert.deepEqual(held(), [60, 0, 0]);
    guard.testing(camera);
    assert.deepEqual(held(), [0, 0, 0]);
  });

  it('leaves what a camera takes alone when it does not answer', () => {
    guard.accepted('talk', camera);
    guard.unanswered('talk', camera);
    guard.unanswered('listen', camera);
    assert.deepEqual(held(), [0, 0, 0]);
  });

  for (const [way, others] of [
    ['talk', ['listen', 'web']],
    ['listen', ['talk', 'web']],
    ['web', ['talk', 'listen']],
  ] as const) {
    it(`takes a refusal of what ${way} has seen accepted for a lock-out: tried again after 1, 5, 15, 30, 30 min, and only there`, () => {
      guard.accepted(way, camera);
      for (const minutes of [1, 5, 15, 30, 30]) {
        const error = guard.refused(way, camera, REFUSED);
        coded('TALK_ERR_LOCKED', /accepted before.*locked this computer out.*wait, or restart the camera: held/)(error);
        assert.equal(error.cause, REFUSED);
        assert.equal(error.retryAfterMs, minutes * 60_000);
        assert.deepEqual(held([way, ...others]), [minutes * 60, 0, 0]);
        // Nothing that another way may see gives it back or takes it away.
        for (const other of others) guard.accepted(other, camera);
        assert.deepEqual(held([way]), [minutes * 60]);
        clock.advance(minutes * 60_000);
      }
      guard.accepted(way, camera);
      guard.refused(way, camera, REFUSED);
      assert.deepEqual(held([way]), [60]);
    });
  }

  it('slows down after silence as after a refusal while it lasts', () => {
    guard.accepted('talk', camera);
    guard.refused('talk', camera, REFUSED);
    clock.advance(60_000);
    guard.unanswered('talk', camera);
    assert.deepEqual(held(['talk']), [300]);
  });

  it('takes talking and listening for one log-in: what talking has seen accepted, a refusal of listening makes a lock-out of listening', () => {
    guard.accepted('talk', camera);
    guard.refused('listen', camera, REFUSED);
    assert.deepEqual(held(), [0, 60, 0]);
  });

  it('holds back for an hour what one of RTSP and web interface takes and the other does not, and only there', () => {
    guard.accepted('talk', camera);
    guard.refused('web', { ...camera, login: 'md5' }, REFUSED);
    assert.deepEqual(held(['talk', 'listen', 'web'], { ...camera, login: 'md5' }), [0, 0, 3_600]);
    assert.deepEqual(held(['web'], { ...camera, login: 'rsa' }), [0], 'another way of sending it is another setting');
    guard = new PasswordGuard(clock);
    guard.accepted('web', camera);
    guard.refused('listen', camera, REFUSED);
    assert.deepEqual(held(), [3_600, 3_600, 0]);
  });

  it('holds back only that user name and password at that camera', () => {
    guard.refused('talk', camera, REFUSED);
    for (const other of [{ password: 'Abc12346' }, { username: 'other' }, { host: '192.168.1.61' }, { port: 8554 }]) {
      assert.deepEqual(held(WAYS, { ...camera, ...other }), [0, 0, 0]);
    }
  });

  it('does not mix up where a user name ends and a password begins', () => {
    guard.refused('talk', { ...camera, username: 'a', password: 'bc' }, REFUSED);
    assert.deepEqual(held(WAYS, { ...camera, username: 'ab', password: 'c' }), [0, 0, 0]);
  });

  it('takes host names without case', () => {
    guard.refused('talk', { ...camera, host: 'Camera.lan' }, REFUSED);
    assert.deepEqual(held(['talk'], { ...camera, host: 'camera.LAN' }), [3_600]);
  });

  it('keeps a lock the camera told of, whatever the password, but not from RTSP that is let in; a test does not end it', () => {
    guard.locked(camera, 1_800);
    guard.testing(camera);
    assert.deepEqual(held(WAYS, { ...camera, password: 'new' }), [1_800, 1_800, 1_800]);
    assert.deepEqual(held(WAYS, { ...camera, username: 'other' }), [0, 0, 0]);
    guard.accepted('listen', camera);
    guard.accepted('web', camera);
    assert.deepEqual(held(), [0, 0, 1_800]);
    clock.advance(1_800_000);
    assert.deepEqual(held(), [0, 0, 0]);
  });

  it('gives a lock without a time one minute, and believes no camera more than an hour', () => {
    guard.locked(camera);
    assert.deepEqual(held(['web']), [60]);
    guard.locked(camera, 1e12);
    assert.deepEqual(held(['web']), [3_600]);
  });

  it('says when another attempt makes sense, the refusal as well', () => {
    const retryAfterMs = (...events: readonly ((guard: PasswordGuard) => void)[]): number | undefined => {
      guard = new PasswordGuard(new HandClock());
      for (const event of events) event(guard);
      try {
        guard.check('listen', camera);
      } catch (error) {
        if (isTalkError(error)) return error.retryAfterMs;
      }
      assert.fail('it passed');
    };
    const locked = (): void => guard.locked(camera, 1_800);
    const refusedByWeb = (): unknown => guard.refused('web', camera, REFUSED);
    const refusedByRtsp = (): unknown => guard.refused('talk', camera, REFUSED);
    assert.equal(retryAfterMs(locked), 1_800_000);
    assert.equal(retryAfterMs(refusedByWeb), HOUR_MS);
    assert.equal(retryAfterMs(refusedByRtsp), HOUR_MS);
    assert.equal(retryAfterMs(locked, refusedByWeb), HOUR_MS);
    assert.equal(retryAfterMs(locked, refusedByRtsp), HOUR_MS);
    const { code, message, retryAfterMs: inMs } = guard.refused('talk', { ...camera, password: 'wrong' }, REFUSED);
    assert.deepEqual([code, message, inMs], ['TALK_ERR_AUTH', REFUSED.message, HOUR_MS]);
  });

  it('hands all it knows to the next one', () => {
    let memory: GuardMemory | undefined;
    guard = new PasswordGuard(clock, { onChange: (now) => (memory = structuredClone(now)) });
    guard.accepted('talk', camera);
    guard.refused('talk', camera, REFUSED);
    const wrong = { ...camera, password: 'wrong' };
    guard.refused('listen', wrong, REFUSED);
    guard = new PasswordGuard(clock, { memory });
    assert.deepEqual([...held(), ...held(WAYS, wrong)], [60, 0, 0, 3_600, 3_600, 3_600]);
    clock.advance(60_000);
    guard.refused('talk', camera, REFUSED);
    assert.deepEqual(held(['talk']), [300]);
    assert.ok(!JSON.stringify(memory).includes('Abc12345'));
  });

  describe('of a password that is on its way when its guard ends', () => {
    let memory: GuardMemory | undefined;
    let over: AbortController;

    beforeEach(() => {
      memory = undefined;
      over = new AbortController();
      guard = new PasswordGuard(clock, { onChange: (now) => (memory = structuredClone(now)) });
    });

    /** What the next guard on the same clock holds back. */
    function heldNext(): number[] {
      guard = new PasswordGuard(clock, { memory });
      return held();
    }

    for (const [way, seconds] of [
      ['talk', [3_600, 3_600, 3_600]],
      ['listen', [3_600, 3_600, 3_600]],
      ['web', [0, 0, 3_600]],
    ] as const) {
      it(`by ${way}: the next one holds it back as one that was not answered, this one does not`, async () => {
        await guard.turn(way, camera, over.signal);
        assert.deepEqual(held(), [0, 0, 0]);
        assert.ok(!JSON.stringify(memory).includes('Abc12345'));
        guard = new PasswordGuard(clock, { memory });
        assert.throws(() => guard.check(way, camera), { message: /has not said whether .*held back for 3600 s/ });
        assert.deepEqual(held(), seconds);
        assert.deepEqual(held(WAYS, { ...camera, password: 'Abc12346' }), [0, 0, 0]);
      });

      it(`by ${way}: nothing is left of that when it was accepted, or its connection was over without a word on it`, async () => {
        await guard.turn(way, camera, over.signal);
        guard.accepted(way, camera);
        assert.deepEqual(heldNext(), [0, 0, 0]);
        guard = new PasswordGuard(clock, { onChange: (now) => (memory = structuredClone(now)) });
        // A second nonce in one log-in.
        for (let nonce = 0; nonce < 2; nonce++) await guard.turn(way, camera, over.signal);
        over.abort();
        assert.deepEqual(heldNext(), [0, 0, 0]);
      });
    }

    it('one that was refused or not answered stays what it is', async () => {
      await guard.turn('talk', camera, over.signal);
      guard.refused('talk', camera, REFUSED);
      guard = new PasswordGuard(clock, { memory });
      assert.throws(() => guard.check('talk', camera), { message: /^The camera refused/ });
    });

    it('one that was accepted is let go out again; in a lock-out at its pace', async () => {
      guard.accepted('talk', camera);
      await guard.turn('talk', camera, over.signal);
      guard.refused('talk', camera, REFUSED);
      clock.advance(60_000);
      await guard.turn('talk', camera, over.signal);
      assert.deepEqual(heldNext(), [300, 0, 0]);
      guard = new PasswordGuard(clock, { onChange: (now) => (memory = structuredClone(now)) });
      guard.accepted('talk', camera);
      await guard.turn('listen', camera, over.signal);
      assert.deepEqual(heldNext(), [0, 0, 0]);
    });

    it('the end of an older connection says nothing of a newer log-in', async () => {
      await guard.turn('talk', camera, over.signal);
      guard.accepted('talk', camera);
      guard.refused('talk', camera, REFUSED);
      clock.advance(60_000);
      await guard.turn('talk', camera, new AbortController().signal);
      over.abort();
      assert.deepEqual(heldNext(), [300, 0, 0]);
    });
  });

  describe('of a camera that offers less than it did', () => {
    function offers(way: Way, form: Form, more: Partial<CameraOptions> = {}, isAnswered = true): unknown {
      try {
        guard.offered(way, { ...camera, ...more }, form, isAnswered);
        return undefined;
      } catch (error) {
        return error;
      }
    }

    for (const [way, forms, code] of [
      ['web', ['plain', 'md5', 'rsa'], 'TALK_ERR_LOGIN'],
      ['talk', ['md5', 'sha256'], 'TALK_ERR_UNSUPPORTED'],
      ['listen', ['md5', 'sha256'], 'TALK_ERR_UNSUPPORTED'],
    ] as const) {
      it(`lets it climb by ${way}, and never down again`, () => {
        forms.forEach((form, best) => {
          assert.equal(offers(way, form), undefined);
          for (const weaker of forms.slice(0, best))
            coded(code, /offered .+ before: .* it was not sent.*by hand/)(offers(way, weaker));
          assert.equal(offers(way, form), undefined, 'the same as before');
        });
      });
    }

    it('keeps cameras, ways and settings apart, not passwords', () => {
      offers('web', 'rsa');
      offers('talk', 'sha256');
      for (const more of [{ host: '192.168.1.61' }, { port: 555 }, { httpPort: 8080 }])
        assert.equal(offers('web', 'plain', more), undefined);
      assert.equal(offers('listen', 'md5'), undefined);
      assert.equal(offers('talk', 'md5', { dialect: 'ipc' }), undefined, 'chosen by hand');
      coded('TALK_ERR_LOGIN')(offers('web', 'plain', { password: 'another', username: 'another' }));
      coded('TALK_ERR_UNSUPPORTED')(offers('talk', 'md5', { httpPort: 8080 }));
    });

    for (const before of ['talk', 'listen'] as const) {
      for (const better of ['other', 'md5', 'sha256'] as const) {
        it(`lets no Basic out by listening where ${before} was offered ${better}, whatever the dialect and whether it was answered`, () => {
          assert.equal(offers('listen', 'basic', { dialect: 'vigi' }), undefined);
          assert.equal(offers(before, better, { dialect: 'auto' }, false), undefined);
          for (const dialect of ['auto', 'ipc', 'vigi'] as const) {
            const refusal = offers('listen', 'basic', { dialect });
            coded('TALK_ERR_UNSUPPORTED', /as Basic, which can be read, and offered .* restart Node-RED$/)(refusal);
            assert.doesNotMatch((refusal as TalkError).message, /by hand/);
          }
          assert.equal(offers('listen', 'basic', { host: '192.168.1.61' }), undefined);
        });
      }
    }

    it('lets a digest out where something better than Basic was offered, and refuses nothing that is not answered', () => {
      assert.equal(offers('listen', 'other', {}, false), undefined);
      assert.equal(offers('listen', 'md5'), undefined);
      offers('listen', 'sha256');
      for (const form of ['basic', 'other', 'md5'] as const) assert.equal(offers('listen', form, {}, false), undefined);
    });

    it('tells the next guard, once for each news', () => {
      const told: GuardMemory[] = [];
      guard = new PasswordGuard(clock, { onChange: (now) => told.push(structuredClone(now)) });
      for (const form of ['md5', 'md5', 'rsa', 'rsa', 'md5'] as const) offers('web', form);
      assert.equal(told.length, 2);
      assert.ok(!JSON.stringify(told).includes('192.168'));
      guard = new PasswordGuard(clock, { memory: told.at(-1) });
      coded(
        'TALK_ERR_LOGIN',
        /wants the password for its web interface as MD5, and offered RSA before/,
      )(offers('web', 'md5'));
    });
  });

  it('shows no password, neither in errors nor when looked at', () => {
    guard.refused('talk', camera, REFUSED);
    assert.throws(
      () => guard.check('talk', camera),
      (error) => !inspect(error, { depth: 9 }).includes('Abc12345'),
    );
    assert.ok(!inspect(guard, { depth: 9, showHidden: true }).includes('Abc12345'));
  });
});
