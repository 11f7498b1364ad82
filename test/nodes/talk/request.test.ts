// Message and node properties as values: what is to be done, or one coded error that names the property.
import assert from 'node:assert/strict';
import { cameraNames } from '../../../nodes/shared/find-cameras.js';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import {
  chimeSources,
  controlAction,
  hasAudio,
  liveChunk,
  messageFormat,
  messageSources,
  speakSettings,
} from '../../../nodes/talk/request.js';
import { isTalkError } from '../../../src/errors.js';
import { coded } from '../../helpers/collect.js';
import { wav } from '../../helpers/marked-clips.js';

const absolute = (path: string): string => resolve('/base', path);

describe('request', () => {
  describe('controlAction', () => {
    it('knows four actions; nothing means to speak', () => {
      for (const action of ['stop', 'skip', 'connect', 'disconnect']) assert.equal(controlAction({ action }), action);
      for (const msg of [{}, { action: undefined }, { action: null }, { action: '' }]) {
        assert.equal(controlAction(msg), undefined);
      }
    });

    it('refuses others', () => {
      for (const action of ['STOP', 'pause', 0, true, ['stop'], {}]) {
        assert.throws(() => controlAction({ action }), coded('TALK_ERR_ARGUMENT', /msg\.action.*stop, skip/));
      }
    });
  });

  describe('cameraNames', () => {
    it('one name, several, each once, none', () => {
      assert.deepEqual(cameraNames({ camera: 'front' }), ['front']);
      assert.deepEqual(cameraNames({ camera: ['front', 'back', 'front'] }), ['front', 'back']);
      for (const msg of [{}, { camera: '' }, { camera: null }]) assert.equal(cameraNames(msg), undefined);
    });

    it('refuses what is no name', () => {
      for (const camera of [0, {}, [], [''], ['front', null], [['front']]]) {
        assert.throws(() => cameraNames({ camera }), coded('TALK_ERR_ARGUMENT', /msg\.camera/));
      }
    });
  });

  describe('speakSettings', () => {
    const pick = (msg: object, config: object): Record<string, unknown> => ({ ...speakSettings({ ...msg }, config) });

    it('defaults of the contract', () => {
      const { priority, whenBusy, maxQueue, maxSeconds, retries, gain, normalize } = pick({}, {});
      assert.deepEqual(
        { priority, whenBusy, maxQueue, maxSeconds, retries, gain, normalize },
        {
          priority: 0,
          whenBusy: 'queue',
          maxQueue: 20,
          maxSeconds: 600,
          retries: undefined,
          gain: 0,
          normalize: false,
        },
      );
    });

    it('the message before the node, the node before the default; empty means not given', () => {
      const config = { gain: '3', normalize: true, whenBusy: 'drop', retries: '0', maxQueue: '5', maxSeconds: '1.5' };
      const fromNode = pick({ gain: '', normalize: null, whenBusy: undefined, retries: '' }, config);
      assert.deepEqual(
        [fromNode['gain'], fromNode['normalize'], fromNode['whenBusy'], fromNode['retries']],
        [3, true, 'drop', 0],
      );
      assert.deepEqual([fromNode['maxQueue'], fromNode['maxSeconds']], [5, 1.5]);
      assert.equal(pick({}, {})['streamTimeoutSeconds'], 10);
      assert.equal(pick({}, { streamTimeoutSeconds: '0.5' })['streamTimeoutSeconds'], 0.5);
      const fromMessage = pick({ gain: 0, normalize: false, whenBusy: 'interrupt', retries: 1, priority: -3 }, config);
      assert.deepEqual(
        ['gain', 'normalize', 'whenBusy', 'retries', 'priority'].map((name) => fromMessage[name]),
        [0, false, 'interrupt', 1, -3],
      );
    });

    it('takes the ends of each range and nothing beyond', () => {
      const ranges: [property: string, least: number, most: number][] = [
        ['gain', -40, 20],
        ['retries', 0, 100],
      ];
      for (const [property, least, most] of ranges) {
        assert.equal(pick({ [property]: least }, {})[property], least);
        assert.equal(pick({ [property]: String(most) }, {})[property], most);
        for (const beyond of [least - 1, most + 1, NaN, Infinity, 'x', ' ', true, [1], {}]) {
          assert.throws(() => pick({ [property]: beyond }, {}), coded('TALK_ERR_ARGUMENT', new RegExp(property)));
        }
      }
    });

    it('refuses a limit of the node that makes no sense, and names it', () => {
      for (const [property, value] of [
        ['maxQueue', -1],
        ['maxQueue', '2.5'],
        ['maxSeconds', 0],
        ['maxSeconds', 'long'],
        ['whenBusy', 'shout'],
        ['normalize', 1],
      ] as const) {
        assert.throws(() => pick({}, { [property]: value }), coded('TALK_ERR_ARGUMENT', new RegExp(property)));
      }
    });

    it('a saved 2 retries is the old default and means blank, from a node only', () => {
      for (const retries of [2, '2', '', undefined]) assert.equal(pick({}, { retries })['retries'], undefined);
      for (const retries of [0, 1, 3, '3']) assert.equal(pick({}, { retries })['retries'], Number(retries));
      for (const retries of [0, 2, '2', 3]) assert.equal(pick({ retries }, { retries: 1 })['retries'], Number(retries));
      assert.deepEqual(pick({ retrySeconds: 5, maxWaitSeconds: '6' }, { retrySeconds: '1', maxWaitSeconds: 2 }), {
        ...pick({}, {}),
        retrySeconds: 5,
        maxWaitSeconds: 6,
      });
    });

    it('repeat: what the message leaves open the node says', () => {
      const node = { repeat: '3', repeatPause: '2.5' };
      const once = { times: 1, pauseSeconds: 0, yield: false };
      for (const [msg, config, expected] of [
        [undefined, {}, once],
        ['', { repeat: '', repeatPause: '' }, once],
        [undefined, node, { times: 3, pauseSeconds: 2.5, yield: false }],
        [5, node, { times: 5, pauseSeconds: 2.5, yield: false }],
        ['5', {}, { ...once, times: 5 }],
        [{ times: 7 }, node, { times: 7, pauseSeconds: 2.5, yield: false }],
        [{ times: 7, pauseSeconds: 0, until: null }, node, { ...once, times: 7 }],
        [{ pauseSeconds: 9, yield: true }, node, { times: 3, pauseSeconds: 9, yield: true }],
        [{ until: 'stopped' }, node, { until: 'stopped', pauseSeconds: 2.5, yield: false }],
        [{ until: 'stopped', times: 2 }, {}, { ...once, times: 2 }],
      ] as const) {
        assert.deepEqual(pick({ repeat: msg }, config)['repeat'], expected);
      }
    });

    it('gives settings or a coded error, whatever comes', () => {
      const names = [
        'priority',
        'whenBusy',
        'retries',
        'retrySeconds',
        'maxWaitSeconds',
        'repeat',
        'repeatPause',
        'gain',
        'normalize',
        'maxQueue',
        'maxSeconds',
      ];
      fc.assert(
        fc.property(fc.constantFrom(...names), fc.anything(), (name, value) => {
          for (const attempt of [() => pick({ [name]: value }, {}), () => pick({}, { [name]: value })]) {
            try {
              const { priority, retries = 0, retrySeconds, maxWaitSeconds, gain, maxQueue, maxSeconds } = attempt();
              const numbers = [priority, retries, retrySeconds, maxWaitSeconds, gain, maxQueue, maxSeconds];
              for (const number of numbers) assert.ok(Number.isFinite(number));
            } catch (error) {
              assert.ok(isTalkError(error) && error.code === 'TALK_ERR_ARGUMENT', String(error));
            }
          }
        }),
        { numRuns: 300 },
      );
    });
  });

  describe('messageSources', () => {
    it('the audio, with the format, paths made absolute', () => {
      const bytes = Buffer.from('x');
      const format = { encoding: 'alaw', sampleRate: 8000, channels: 1 };
      assert.deepEqual(messageSources({ format: 'alaw' }, {}, [bytes, 'ding.wav', 'http://h/x'], absolute), [
        { kind: 'bytes', bytes, format },
        { kind: 'file', path: '/base/ding.wav', format },
        { kind: 'url', url: 'http://h/x', format },
      ]);
    });

    it('msg.filename when there is none', () => {
      for (const audio of [undefined, null, '']) {
        assert.deepEqual(messageSources({ filename: 'a.wav' }, {}, audio, absolute), [
          { kind: 'file', path: '/base/a.wav' },
        ]);
      }
      assert.deepEqual(messageSources({ filename: 'a.wav' }, {}, 'b.wav', absolute), [
        { kind: 'file', path: '/base/b.wav' },
      ]);
    });

    it('the chime first, without msg.format', () => {
      const [chime, audio] = messageSources(
        { format: 'mulaw' },
        { chime: 'ring.wav', chimeType: 'str' },
        Buffer.from('x'),
        absolute,
      );
      assert.deepEqual(chime, { kind: 'file', path: '/base/ring.wav' });
      assert.equal(audio?.kind, 'bytes');
    });

    it('nothing to say: TALK_ERR_ARGUMENT, even with a chime', () => {
      const nothing = (): unknown => messageSources({}, { chime: 'ding', chimeType: 'builtin' }, undefined, absolute);
      assert.throws(nothing, coded('TALK_ERR_ARGUMENT', /Nothing to say/));
    });

    it('hasAudio', () => {
      for (const audio of ['x.wav', Buffer.from('x'), 0, false]) assert.equal(hasAudio({}, audio), true);
      for (const audio of [undefined, null, '', Buffer.alloc(0)]) assert.equal(hasAudio({}, audio), false);
      assert.equal(hasAudio({ filename: 'x.wav' }, undefined), true);
    });
  });

  describe('chimeSources', () => {
    const ding = [{ kind: 'chime', name: 'ding' }];
    const file = (path: string): object[] => [{ kind: 'file', path }];
    const rows: [name: string, chime: unknown, type: unknown, override: unknown, expected: object[]][] = [
      ['none', 'ding', 'none', undefined, []],
      ['no type', 'ding', undefined, undefined, []],
      ['built in', 'ding', 'builtin', undefined, ding],
      [
        'of the list, one of the user’s own',
        'sound:门铃.wav',
        'builtin',
        undefined,
        [{ kind: 'sound', name: '门铃.wav' }],
      ],
      ['a path', 'a.wav', 'str', undefined, file('/base/a.wav')],
      ['a path that is called like a built-in one', 'ding', 'str', undefined, file('/base/ding')],
      ['an empty path', '', 'str', undefined, []],
      ['msg.chime', '', 'none', 'ding', ding],
      ['msg.chime, a path', 'ding', 'builtin', 'a.wav', file('/base/a.wav')],
      ['msg.chime null leaves the node’s', 'ding', 'builtin', null, ding],
      ['msg.chime none', 'ding', 'builtin', 'none', []],
      ['msg.chime false', 'ding', 'builtin', false, []],
      ['msg.chime empty', 'ding', 'builtin', '', []],
    ];
    for (const [name, chime, chimeType, override, expected] of rows) {
      it(name, () => {
        const msg = override === undefined ? {} : { chime: override };
        assert.deepEqual(chimeSources(msg, { chime, chimeType }, absolute), expected);
      });
    }

    it('msg.chime as bytes, of another realm too', () => {
      for (const chime of [Buffer.from('RIFF'), runInNewContext('Uint8Array.of(82, 73)')]) {
        assert.equal(chimeSources({ chime }, {}, absolute)[0]?.kind, 'bytes');
      }
    });

    it('refuses an unknown built-in chime and other types', () => {
      const bell = (): unknown => chimeSources({}, { chime: 'bell', chimeType: 'builtin' }, absolute);
      assert.throws(bell, coded('TALK_ERR_ARGUMENT', /ding, dingdong, alert.* or sound:NAME/));
      for (const chime of ['sound:', 'sound: ', 'sound:../bell.wav'])
        assert.throws(() => chimeSources({}, { chime, chimeType: 'builtin' }, absolute), coded('TALK_ERR_ARGUMENT'));
      for (const chime of [5, true, {}, new Readable()]) {
        assert.throws(() => chimeSources({ chime }, {}, absolute), coded('TALK_ERR_ARGUMENT', /chime/));
      }
    });
  });

  describe('liveChunk', () => {
    const bytes = Buffer.from('abc');
    const cut = wav(40).subarray(0, 100);
    const rows: [name: string, msg: object, audio: unknown, expected: unknown][] = [
      ['no parts', {}, bytes, undefined],
      ['parts without an id', { parts: { index: 1 } }, bytes, undefined],
      ['an id that is neither text nor number', { parts: { id: {} } }, bytes, undefined],
      ['a chunk', { parts: { id: 'x' } }, bytes, { id: 'x', bytes, last: false }],
      ['a numeric id', { parts: { id: 7 } }, bytes, { id: '7', bytes, last: false }],
      ['the last one', { parts: { id: 'x' }, complete: true }, bytes, { id: 'x', bytes, last: true }],
      ['complete false', { parts: { id: 'x' }, complete: false }, bytes, { id: 'x', bytes, last: false }],
      ['the end alone', { parts: { id: 'x' }, complete: true }, undefined, { id: 'x', bytes: undefined, last: true }],
      ['the end with an empty Buffer', { parts: { id: 'x' }, complete: 1 }, Buffer.alloc(0), { id: 'x', last: true }],
      ['one of a count', { parts: { id: 'x', index: 0, count: 2 } }, bytes, { id: 'x', bytes, last: false }],
      ['the last of a count', { parts: { id: 'x', index: 1, count: 2 } }, bytes, { id: 'x', bytes, last: true }],
      ['a path', { parts: { id: 'x' } }, 'a.wav', undefined],
      ['one of an array', { parts: { id: 'x', type: 'array', index: 0, count: 2 } }, bytes, undefined],
      ['a piece of a Buffer', { parts: { id: 'x', type: 'buffer' } }, bytes, { id: 'x', bytes, last: false }],
      ['a whole WAV', { parts: { id: 'x' } }, wav(40), undefined],
      ['a whole WAV of a count', { parts: { id: 'x', index: 0, count: 2 }, format: 's16le' }, wav(40), undefined],
      ['a whole WAV of another format', { parts: { id: 'x' }, format: 'alaw' }, wav(40), undefined],
      ['the beginning of one', { parts: { id: 'x' } }, cut, { id: 'x', bytes: cut, last: false }],
      ['a stream', { parts: { id: 'x' } }, new Readable(), undefined],
      ['an empty Buffer', { parts: { id: 'x' } }, Buffer.alloc(0), undefined],
    ];
    for (const [name, msg, audio, expected] of rows) {
      it(name, () => {
        const chunk = liveChunk({ ...msg }, audio);
        if (expected === undefined) assert.equal(chunk, undefined);
        else assert.deepEqual({ ...chunk }, { bytes: undefined, format: undefined, ...Object(expected) });
      });
    }

    it('takes bytes of another realm', () => {
      const chunk = liveChunk({ parts: { id: 'x' } }, runInNewContext('Uint8Array.of(1, 2, 3)'));
      assert.equal(chunk?.bytes?.length, 3);
    });

    it('takes a stretch of sound out of its WAV when msg.format says what the samples are', () => {
      const format = { encoding: 's16le', sampleRate: 16_000, channels: 1 } as const;
      const whole = wav(100, 16_000);
      const chunk = liveChunk({ parts: { id: 'x', index: 4 }, format: { ...format } }, whole);
      assert.deepEqual(chunk, { id: 'x', bytes: whole.subarray(44), last: false, format });
    });

    it('carries msg.format', () => {
      const chunk = liveChunk({ parts: { id: 'x' }, format: 's16le' }, bytes);
      assert.deepEqual(chunk?.format, { encoding: 's16le', sampleRate: 8000, channels: 1 });
      assert.deepEqual(messageFormat({ format: '' }), undefined);
    });
  });
});
