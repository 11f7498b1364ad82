// What a listen node is asked to do, as values: settings with their defaults, actions, lengths, silence, and what is refused.
import assert from 'node:assert/strict';
import { listenRequest, listenSettings, type ListenSettings } from '../../../nodes/listen/request.js';
import { coded } from '../../helpers/collect.js';

const DEFAULTS: ListenSettings = { stream: 'stream1', mode: 'continuous', seconds: 5, chunkMs: 100, output: 'pcm' };
const SILENCE = { until: 'silence', maxSeconds: 30, waitSeconds: 10, hangMs: 800, marginDb: 9 } as const;

describe('listenSettings', () => {
  it('has the contract’s defaults, also for what is blank', () => {
    assert.deepEqual(listenSettings({}), DEFAULTS);
    const blank = { stream: ' ', mode: '', seconds: '', chunkMs: null, output: undefined };
    assert.deepEqual(listenSettings(blank), DEFAULTS);
  });

  it('takes numbers as text and trims the stream', () => {
    const config = { stream: ' /stream1&channel=2 ', mode: 'silence', seconds: '2.5', chunkMs: ' 20 ', output: 'wav' };
    assert.deepEqual(listenSettings(config), {
      stream: '/stream1&channel=2',
      mode: 'silence',
      seconds: 2.5,
      chunkMs: 20,
      output: 'wav',
    });
  });

  for (const [name, values] of [
    ['stream', [1, {}]],
    ['mode', ['Continuous', 'record', 1]],
    ['seconds', [0, '601', 'long', {}, NaN]],
    ['chunkMs', [9, '10001', 'short', -100, Infinity]],
    ['output', ['mp3', true]],
  ] as const) {
    it(`${name}: says what was expected`, () => {
      for (const value of values) {
        assert.throws(() => listenSettings({ [name]: value }), coded('TALK_ERR_ARGUMENT', new RegExp(`^${name}:`)));
      }
    });
  }
});

describe('listenRequest', () => {
  const seconds: ListenSettings = { ...DEFAULTS, mode: 'seconds' };
  const silence: ListenSettings = { ...DEFAULTS, mode: 'silence' };

  it('without an action starts a continuous node and lets the others record', () => {
    for (const msg of [{}, { action: '' }, { action: null, payload: 1_700_000_000_000 }]) {
      assert.deepEqual(listenRequest(msg, DEFAULTS), { action: 'start' });
      assert.deepEqual(listenRequest(msg, seconds), { action: 'record', plan: { until: 'full', seconds: 5 } });
      assert.deepEqual(listenRequest(msg, silence), { action: 'record', plan: SILENCE });
    }
  });

  it('does what the action says, whatever the mode', () => {
    for (const settings of [DEFAULTS, seconds, silence]) {
      for (const action of ['start', 'stop']) assert.deepEqual(listenRequest({ action }, settings), { action });
      assert.equal(listenRequest({ action: 'record' }, settings).action, 'record');
    }
  });

  it('msg.seconds is the length, also where the node records until silence', () => {
    for (const settings of [DEFAULTS, seconds, silence]) {
      const request = listenRequest({ action: 'record', seconds: '0.5' }, settings);
      assert.deepEqual(request, { action: 'record', plan: { until: 'full', seconds: 0.5 } });
    }
  });

  it('msg.silence records until silence, with numbers of its own if given', () => {
    for (const settings of [DEFAULTS, seconds, silence]) {
      const plan = (value: unknown): object =>
        listenRequest({ action: 'record', silence: value, seconds: 1 }, settings);
      assert.deepEqual(plan(true), { action: 'record', plan: SILENCE });
      assert.deepEqual(plan({}), { action: 'record', plan: SILENCE });
      assert.deepEqual(plan({ hangMs: '1500', waitSeconds: 3, maxSeconds: 20, marginDb: 12 }), {
        action: 'record',
        plan: { until: 'silence', maxSeconds: 20, waitSeconds: 3, hangMs: 1_500, marginDb: 12 },
      });
      assert.deepEqual(plan(false), { action: 'record', plan: { until: 'full', seconds: 1 } });
    }
  });

  it('refuses what makes no sense, and names it', () => {
    for (const [msg, message] of [
      [{ action: 'recrod' }, /^msg\.action: expected start, stop, record, not "recrod"/],
      [{ action: 7 }, /^msg\.action/],
      [{ seconds: 0 }, /seconds/],
      [{ seconds: 'long' }, /^msg\.seconds/],
      [{ silence: 'yes' }, /^msg\.silence/],
      [{ silence: 1 }, /^msg\.silence/],
      [{ silence: [] }, /^msg\.silence/],
      [{ silence: { hang: 500 } }, /^msg\.silence: .*not "hang"/],
      [{ silence: { hangMs: 'long' } }, /^msg\.silence\.hangMs/],
      [{ silence: { hangMs: 1 } }, /hangMs: expected a number from 100/],
      [{ silence: JSON.parse('{"__proto__": 1}') }, /^msg\.silence/],
    ] as const) {
      assert.throws(() => listenRequest(msg, seconds), coded('TALK_ERR_ARGUMENT', message), JSON.stringify(msg));
    }
  });
});
