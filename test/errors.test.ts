// The error class as flows see it: codes, own properties, and what a dump of it shows.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { abortedError, isRetryable, isTalkError, TALK_ERROR_CODES, TalkError, toTalkError } from '../src/errors.js';

// The contract's table.
const RETRYABLE = {
  TALK_ERR_ARGUMENT: false,
  TALK_ERR_SOURCE: false,
  TALK_ERR_AUDIO: false,
  TALK_ERR_FFMPEG: false,
  TALK_ERR_VOICE: false,
  TALK_ERR_CONNECT: true,
  TALK_ERR_TIMEOUT: true,
  TALK_ERR_AUTH: false,
  TALK_ERR_LOCKED: false,
  TALK_ERR_UNSUPPORTED: false,
  TALK_ERR_BUSY: true,
  TALK_ERR_REFUSED: false,
  TALK_ERR_PROTOCOL: false,
  TALK_ERR_CLOSED: true,
  TALK_ERR_STALLED: true,
  TALK_ERR_QUEUE_FULL: true,
  TALK_ERR_EXPIRED: false,
  TALK_ERR_ABORTED: false,
  TALK_ERR_LOGIN: false,
  TALK_ERR_API: false,
};

describe('TalkError', () => {
  it('has the codes of the contract, retryable as it says', () => {
    assert.deepEqual(
      Object.fromEntries(TALK_ERROR_CODES.map((code) => [code, new TalkError(code, 'x').retryable])),
      RETRYABLE,
    );
    for (const code of TALK_ERROR_CODES) assert.equal(isRetryable(new TalkError(code, 'x')), RETRYABLE[code]);
  });

  it('is an Error with a name, a message and a stack', () => {
    const error = new TalkError('TALK_ERR_BUSY', 'The talk channel is in use');
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'TalkError');
    assert.equal(String(error), 'TalkError: The talk channel is in use');
    assert.match(error.stack ?? '', /^TalkError: The talk channel is in use\n/);
  });

  it('shows exactly code, retryable, camera and cause', () => {
    const cause = { code: 'ECONNREFUSED' };
    const error = new TalkError('TALK_ERR_CONNECT', 'No connection', { camera: '192.168.1.60:554', cause });
    assert.deepEqual(Object.keys(error).sort(), ['camera', 'cause', 'code', 'retryable']);
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      code: 'TALK_ERR_CONNECT',
      retryable: true,
      camera: '192.168.1.60:554',
      cause: { code: 'ECONNREFUSED' },
    });
    assert.equal(error.cause, cause);
  });

  it('has at most 400 characters, and so has its cause', () => {
    assert.equal(new TalkError('TALK_ERR_AUDIO', 'x'.repeat(400)).message, 'x'.repeat(400));
    assert.equal(new TalkError('TALK_ERR_AUDIO', 'x'.repeat(401)).message, `${'x'.repeat(399)}…`);
    const path = `/${'x'.repeat(10_000)}`;
    for (const cause of [new Error(path), Object.assign(new Error('open'), { path }), new TypeError(path)]) {
      const { cause: told } = new TalkError('TALK_ERR_SOURCE', 'Gone', { cause: Object.assign(cause, { code: 'E' }) });
      assert.ok(inspect(told, { maxStringLength: null }).split('x').length < 200);
      assert.deepEqual([Reflect.get(Object(told), 'code'), Reflect.get(Object(told), 'name')], ['E', cause.name]);
    }
  });

  it('shows no camera and no cause when there is none', () => {
    const error = new TalkError('TALK_ERR_AUDIO', 'Nothing to hear');
    assert.deepEqual(JSON.parse(JSON.stringify(error)), { code: 'TALK_ERR_AUDIO', retryable: false });
    assert.equal(error.camera, undefined);
    assert.equal(error.cause, undefined);
    assert.ok(!inspect(error).includes('name:'), inspect(error));
  });
});

describe('isTalkError', () => {
  it('knows errors of another copy of the package by their code', () => {
    const foreign = Object.assign(new Error('x'), { code: 'TALK_ERR_BUSY', retryable: true });
    assert.equal(isTalkError(foreign), true);
    assert.equal(isRetryable(foreign), true);
  });

  for (const [name, value] of [
    ['undefined', undefined],
    ['null', null],
    ['text', 'TALK_ERR_BUSY'],
    ['an object with a code', { code: 'TALK_ERR_BUSY' }],
    ['a plain error', new Error('TALK_ERR_BUSY')],
    ['an errno', Object.assign(new Error('x'), { code: 'ECONNRESET' })],
    ['an AbortError', new DOMException('x', 'AbortError')],
    ['a code that every object answers to', Object.assign(new Error('x'), { code: 'toString' })],
    ['the code constructor', Object.assign(new Error('x'), { code: 'constructor' })],
    ['a code that cannot be text', Object.assign(new Error('x'), { code: Object.create(null) as unknown })],
  ] as const) {
    it(`is not taken in by ${name}`, () => {
      assert.equal(isTalkError(value), false);
      assert.equal(isRetryable(value), false);
    });
  }
});

describe('toTalkError', () => {
  it('leaves ours alone and wraps the rest', () => {
    const ours = new TalkError('TALK_ERR_BUSY', 'x');
    assert.equal(toTalkError(ours, 'TALK_ERR_PROTOCOL', 'y'), ours);
    const theirs = new RangeError('deep');
    const wrapped = toTalkError(theirs, 'TALK_ERR_PROTOCOL', 'y', 'cam:554');
    assert.equal(wrapped.code, 'TALK_ERR_PROTOCOL');
    assert.equal(wrapped.message, 'y');
    assert.equal(wrapped.camera, 'cam:554');
    assert.equal(wrapped.cause, theirs);
    assert.equal(toTalkError(undefined, 'TALK_ERR_PROTOCOL', 'y').code, 'TALK_ERR_PROTOCOL');
  });

  it('has one for aborted signals', () => {
    assert.equal(abortedError().code, 'TALK_ERR_ABORTED');
    assert.equal(abortedError('cam:554').camera, 'cam:554');
  });
});
