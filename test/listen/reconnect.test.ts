// Reconnecting: which failures end listening, how long it waits after the others, and which of them are told.
import assert from 'node:assert/strict';
import { TALK_ERROR_CODES, TalkError, type TalkErrorCode } from '../../src/errors.js';
import { Reconnect, type Reaction } from '../../src/listen/reconnect.js';

const failure = (code: TalkErrorCode, retryAfterMs?: number): TalkError => new TalkError(code, 'why', { retryAfterMs });

describe('Reconnect', () => {
  let reconnect: Reconnect;
  const failed = (code: TalkErrorCode, now = 0): Reaction => reconnect.failed(failure(code), now);
  const again = (inMs: number, tell = false): Reaction => ({ kind: 'try again', inMs, tell });

  beforeEach(() => {
    reconnect = new Reconnect(() => 0);
  });

  it('ends only with what trying again makes no better', () => {
    const ends = TALK_ERROR_CODES.filter((code) => new Reconnect().failed(failure(code), 0).kind === 'give up');
    assert.deepEqual(ends, ['TALK_ERR_ARGUMENT', 'TALK_ERR_AUTH', 'TALK_ERR_LOCKED', 'TALK_ERR_ABORTED']);
  });

  it('waits up to 30 s for a camera that is away, up to 5 min for one that answers without sound', () => {
    const pauses = (code: TalkErrorCode): number[] =>
      Array.from({ length: 10 }, () => failed(code)).map((reaction) =>
        reaction.kind === 'try again' ? reaction.inMs / 1_000 : NaN,
      );
    assert.deepEqual(pauses('TALK_ERR_CONNECT'), [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
    assert.deepEqual(pauses('TALK_ERR_UNSUPPORTED'), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  });

  it('does not make a camera that comes up wait for the time it was away', () => {
    for (let n = 0; n < 8; n++) failed('TALK_ERR_CONNECT');
    assert.deepEqual(failed('TALK_ERR_UNSUPPORTED'), again(1_000, true));
  });

  it('tells each kind of trouble once, and again after sound or a new start', () => {
    assert.deepEqual(failed('TALK_ERR_UNSUPPORTED'), again(1_000, true));
    assert.deepEqual(failed('TALK_ERR_UNSUPPORTED'), again(2_000));
    assert.deepEqual(failed('TALK_ERR_CONNECT'), again(1_000));
    assert.deepEqual(failed('TALK_ERR_FFMPEG'), again(4_000, true));
    reconnect.asked();
    assert.deepEqual(failed('TALK_ERR_UNSUPPORTED'), again(8_000, true));
    reconnect.heard(1_000);
    assert.deepEqual(failed('TALK_ERR_UNSUPPORTED', 1_000 + 119_999), again(1_000));
    assert.deepEqual(failed('TALK_ERR_UNSUPPORTED', 1_000 + 120_000), again(2_000, true));
  });

  for (const code of ['TALK_ERR_STALLED', 'TALK_ERR_CLOSED'] as const) {
    it(`tells ${code} once when three sessions in a row gave no sound, and waits ever longer`, () => {
      assert.deepEqual([failed(code), failed(code)], [again(1_000), again(2_000)]);
      assert.deepEqual([failed(code), failed(code)], [again(1_000, true), again(2_000)]);
      for (let n = 0; n < 10; n++) failed(code);
      assert.deepEqual(failed(code), again(300_000));
      reconnect.asked();
      assert.deepEqual(failed(code), again(300_000, true));
      reconnect.heard(0);
      assert.equal(Reflect.get(failed(code, 120_000), 'tell'), false, 'it gave sound');
    });
  }

  it('does not take a camera that was away in between for one without sound', () => {
    for (const code of ['TALK_ERR_CLOSED', 'TALK_ERR_CONNECT', 'TALK_ERR_CLOSED', 'TALK_ERR_CLOSED'] as const) {
      assert.equal(Reflect.get(failed(code), 'tell'), false);
    }
  });

  it('starts its pauses anew after 10 s of sound, not after less', () => {
    failed('TALK_ERR_CLOSED');
    reconnect.heard(0);
    reconnect.heard(9_000);
    assert.deepEqual(failed('TALK_ERR_CLOSED', 9_999), again(2_000));
    reconnect.heard(20_000);
    assert.deepEqual(failed('TALK_ERR_CLOSED', 30_000), again(1_000));
  });

  it('waits as long as an account is locked, but not shorter than usual', () => {
    assert.deepEqual(reconnect.failed(failure('TALK_ERR_LOCKED', 1_700_000.2), 0), again(1_700_001, true));
    assert.deepEqual(reconnect.failed(failure('TALK_ERR_LOCKED', 5), 0), again(2_000));
  });
});
