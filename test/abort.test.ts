// Abort signals: which error an abort is, and who wins a race against one.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { abortReason, onAbort, unlessAborted } from '../src/abort.js';
import { TalkError } from '../src/errors.js';
import { coded, noUnhandledRejections, watch } from './helpers/collect.js';
import { settle } from './helpers/fake-clock.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const busy = (): TalkError => new TalkError('TALK_ERR_BUSY', 'busy');

describe('abort reason', () => {
  it('is ours when the aborter gave one, else TALK_ERR_ABORTED', () => {
    const reason = busy();
    assert.equal(abortReason(AbortSignal.abort(reason)), reason);
    const error = new Error('mine');
    assert.equal(abortReason(AbortSignal.abort(error)), error);
    for (const signal of [AbortSignal.abort(), AbortSignal.abort('text'), AbortSignal.abort(null), undefined])
      coded('TALK_ERR_ABORTED')(abortReason(signal));
  });
});

describe('on abort', () => {
  it('calls once when the signal aborts, at once when it has', () => {
    const controller = new AbortController();
    let calls = 0;
    const ignore = onAbort(controller.signal, () => (calls += 1));
    assert.equal(calls, 0);
    controller.abort();
    assert.equal(calls, 1);
    ignore();
    onAbort(controller.signal, () => (calls += 1))();
    assert.equal(calls, 2);
  });

  it('calls nobody who listens no more, and none without a signal', () => {
    const controller = new AbortController();
    onAbort(controller.signal, () => assert.fail())();
    assert.equal(listeners(controller.signal), 0);
    controller.abort();
    onAbort(undefined, () => assert.fail())();
  });
});

describe('unless aborted', () => {
  noUnhandledRejections();

  it('passes on what comes first and leaves no listener', async () => {
    const { signal } = new AbortController();
    assert.equal(await unlessAborted(Promise.resolve(5), signal), 5);
    await assert.rejects(unlessAborted(Promise.reject(busy()), signal), coded('TALK_ERR_BUSY'));
    assert.equal(listeners(signal), 0);
    assert.equal(await unlessAborted(Promise.resolve(6), undefined), 6);
  });

  it('rejects as soon as the signal aborts, with its reason', async () => {
    const controller = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const never = new Promise((_, reject) => (fail = reject));
    const result = watch(unlessAborted(never, controller.signal));
    await settle();
    assert.equal(result.state, 'pending');
    controller.abort(busy());
    await settle();
    coded('TALK_ERR_BUSY')(result.error);
    assert.equal(listeners(controller.signal), 0);
    fail(new Error('much later'));
    await settle();
  });

  it('rejects at once when it is too late already, and swallows what the loser says', async () => {
    const late = unlessAborted(Promise.reject(new Error('lost')), AbortSignal.abort());
    await assert.rejects(late, coded('TALK_ERR_ABORTED'));
    await settle();
  });
});
