// Every row of the contract's status table.
import assert from 'node:assert/strict';
import {
  NO_CAMERA,
  failedListenStatus,
  failedStatus,
  listenNodeStatus,
  listenStatus,
  restingStatus,
  talkStatus,
  type NodeStatus,
} from '../../../nodes/shared/status.js';
import { TALK_ERROR_CODES, type TalkErrorCode } from '../../../src/errors.js';
import { catalogue, LANGUAGES } from '../../helpers/forms.js';

const shown = (status: NodeStatus | undefined): string =>
  status === undefined ? '' : `${status.fill} ${status.shape}`;

describe('status', () => {
  const rows: [state: string, status: NodeStatus | undefined, expected: string][] = [
    ['no camera', NO_CAMERA, 'grey ring'],
    ['idle', restingStatus(['closed']), ''],
    ['somebody else talks', restingStatus(['talking']), ''],
    ['session kept open', restingStatus(['kept']), 'green ring'],
    ['one of two kept open', restingStatus(['kept', 'closed']), ''],
    ['decoding', talkStatus({ name: 'decoding' }), 'yellow ring'],
    ['connecting', talkStatus({ name: 'connecting' }), 'yellow ring'],
    ['authenticating', talkStatus({ name: 'authenticating' }), 'yellow ring'],
    ['opening', talkStatus({ name: 'opening' }), 'yellow ring'],
    ['waiting', talkStatus({ name: 'waiting', ahead: 3 }), 'blue ring'],
    ['talking', talkStatus({ name: 'talking', secondsLeft: 7 }), 'blue dot'],
    ['talking, live', talkStatus({ name: 'talking' }), 'blue dot'],
    ['finished', talkStatus({ name: 'finished' }), 'green dot'],
    ['stopped', talkStatus({ name: 'stopped' }), 'grey dot'],
    ['busy, tried again', talkStatus({ name: 'retrying', code: 'TALK_ERR_BUSY' }), 'yellow dot'],
    ['busy at last', talkStatus({ name: 'failed', code: 'TALK_ERR_BUSY' }), 'yellow dot'],
    ['tried again', talkStatus({ name: 'retrying', code: 'TALK_ERR_CONNECT' }), 'yellow ring'],
    ['failed', talkStatus({ name: 'failed', code: 'TALK_ERR_CONNECT' }), 'red ring'],
  ];
  for (const [state, status, expected] of rows) {
    it(`${state}: ${expected === '' ? 'cleared' : expected}`, () => assert.equal(shown(status), expected));
  }

  it('waiting and talking carry their number', () => {
    assert.deepEqual(talkStatus({ name: 'waiting', ahead: 3 }).values, { count: 3 });
    assert.deepEqual(talkStatus({ name: 'talking', secondsLeft: 7 }).values, { seconds: 7 });
  });

  it('every code fails with a short text of its own; the busy camera with its own row', () => {
    for (const code of TALK_ERROR_CODES) {
      const { fill, shape, text } = failedStatus(code);
      if (code === 'TALK_ERR_BUSY') assert.deepEqual([fill, shape], ['yellow', 'dot']);
      else assert.deepEqual([fill, shape, text], ['red', 'ring', `tplink-talk.errorStatus.${code}`]);
    }
  });

  it('every text is a key of both catalogues', () => {
    const statuses = [...rows.map(([, status]) => status), ...TALK_ERROR_CODES.map(failedStatus)];
    for (const language of LANGUAGES) {
      const texts = catalogue('tplink-talk', language);
      for (const status of statuses) if (status !== undefined) assert.ok(texts.has(status.text), status.text);
    }
  });
});

describe('status of a listen node', () => {
  /** What listening may fail with; the end of the flows and the web interface have no part in it. */
  const CODES = TALK_ERROR_CODES.filter(
    (code) => !/_(SOURCE|AUDIO|VOICE|QUEUE_FULL|EXPIRED|ABORTED|LOGIN|API)$/.test(code),
  ) as readonly TalkErrorCode[];
  /** After these it is no use to try again by itself. */
  const FINAL = /_(ARGUMENT|AUTH|LOCKED)$/;

  const rows: [state: string, status: NodeStatus, expected: string][] = [
    ['no camera', listenNodeStatus('noCamera'), 'grey ring'],
    ['connecting', listenStatus({ name: 'connecting' }), 'yellow ring'],
    ['authenticating', listenStatus({ name: 'authenticating' }), 'yellow ring'],
    ['opening', listenStatus({ name: 'opening' }), 'yellow ring'],
    ['listening', listenStatus({ name: 'listening', codec: 'PCMA', sampleRate: 8_000 }), 'blue dot'],
    ['recording', listenNodeStatus('recording'), 'blue dot'],
    ['recorded', listenNodeStatus('recorded'), 'green dot'],
    ['nobody spoke', listenNodeStatus('noSpeech'), 'green dot'],
    ['stopped', listenNodeStatus('stopped'), 'grey dot'],
    ['stopped', listenStatus({ name: 'stopped' }), 'grey dot'],
    ...CODES.filter((code) => !FINAL.test(code)).map((code): [string, NodeStatus, string] => [
      `tried again after ${code}`,
      listenStatus({ name: 'retrying', code, inMs: 1_000 }),
      'yellow ring',
    ]),
    ...CODES.map((code): [string, NodeStatus, string] => [code, listenStatus({ name: 'failed', code }), 'red ring']),
  ];

  for (const [state, status, expected] of rows) {
    it(`${state}: ${expected}, with a short text in both languages`, () => {
      assert.equal(shown(status), expected);
      for (const language of LANGUAGES) {
        const text = catalogue('tplink-listen', language).get(status.text);
        assert.ok(text !== undefined, status.text);
        assert.ok(text.length < 20, text);
      }
    });
  }

  it('a message fails like listening does', () => {
    const code = 'TALK_ERR_AUTH';
    assert.deepEqual(failedListenStatus(code), listenStatus({ name: 'failed', code }));
  });
});
