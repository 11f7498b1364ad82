// The forms' definitions, without an editor: properties and defaults as the contract fixes them, validators that agree with the runtime.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlRequest } from '../../nodes/control/request.js';
import { listenSettings } from '../../nodes/listen/request.js';
import { speakSettings } from '../../nodes/talk/request.js';
import { ROOT } from '../../scripts/node-red-process.js';
import { CAMERA_DEFAULTS, cameraOptions } from '../../src/camera-options.js';
import { dialectDefaults } from '../../src/dialects.js';
import { CONTROL_ACTIONS, voiceOptions } from '../../src/index.js';
import { streamUri } from '../../src/listen/uri.js';
import { CONFIG_TYPES, DEFAULTS, formDefinition, formHtml, NODE_TYPES, type NodeType } from '../helpers/forms.js';

describe('form definitions', () => {
  for (const type of NODE_TYPES) {
    it(`${type}: has the contract's properties and defaults`, () => {
      const defaults = Object.entries(formDefinition(type).defaults).map(([name, { value }]) => [name, value]);
      assert.deepEqual(Object.fromEntries(defaults), DEFAULTS[type]);
    });

    it(`${type}: has a field for every property, labelled`, () => {
      const prefix = CONFIG_TYPES.includes(type) ? 'node-config-input' : 'node-input';
      const { defaults, credentials = {} } = formDefinition(type);
      for (const name of [...Object.keys(defaults), ...Object.keys(credentials)]) {
        // Of flows made before there was retrySeconds.
        if (type === 'tplink-talk' && name === 'retries') continue;
        // A list of checkboxes; under that id Node-RED would make it a select.
        if (type === 'tplink-talk' && name === 'cameras') continue;
        assert.ok(formHtml(type).includes(`id="${prefix}-${name}"`), name);
        if (!name.endsWith('Type')) assert.ok(formHtml(type).includes(`for="${prefix}-${name}"`), name);
      }
    });

    it(`${type}: its validators declare two parameters, or Node-RED takes their reasons for a yes`, () => {
      const validators = Object.values(formDefinition(type).defaults).flatMap(({ validate }) => validate ?? []);
      assert.deepEqual([...new Set(validators.map(({ length }) => length))], [2]);
    });

    it(`${type}: its icon is a file of ours, white on nothing, 2:3`, () => {
      const svg = readFileSync(join(ROOT, 'icons', formDefinition(type).icon), 'utf8');
      assert.match(svg, /width="40" height="60" viewBox="0 0 40 60"/);
      assert.deepEqual([...new Set(svg.match(/#[0-9a-f]{3,6}/gi))], ['#fff']);
    });
  }

  it('the camera form starts from the same numbers as the runtime', () => {
    const { username, listenUsername, mode, leadInMs, drainMs, ...expected } = CAMERA_DEFAULTS;
    // Of the node, not of the camera.
    const { host, warmUp, ...defaults } = DEFAULTS['tplink-camera'];
    assert.deepEqual([username, listenUsername, host, warmUp], ['admin', '', '', false]);
    // Blank is the dialect's own.
    assert.deepEqual(defaults, { ...expected, mode: '', leadInMs: '', drainMs: '' });
    assert.deepEqual({ mode, leadInMs, drainMs }, dialectDefaults('auto'));
  });

  it('the password is a password and nothing secret is a property', () => {
    assert.deepEqual(formDefinition('tplink-camera').credentials, {
      username: { type: 'text' },
      password: { type: 'password' },
      listenUsername: { type: 'text' },
      listenPassword: { type: 'password' },
    });
    assert.deepEqual(formDefinition('tplink-voice').credentials, { token: { type: 'password' } });
    assert.equal(formDefinition('tplink-talk').credentials, undefined);
    assert.equal(formDefinition('tplink-control').credentials, undefined);
    assert.equal(formDefinition('tplink-listen').credentials, undefined);
  });

  const valid = (type: NodeType, name: string, value: unknown, node: object = {}): boolean => {
    const verdict = formDefinition(type).defaults[name]?.validate?.call(
      { ...node, _: (key: string) => key },
      value,
      {},
    );
    return verdict === true;
  };

  const runtimeCheck = (type: NodeType, name: string, value: unknown): object => {
    if (type === 'tplink-control') return controlRequest({}, { [name]: value });
    if (type === 'tplink-listen') return listening({ [name]: value });
    if (type === 'tplink-voice')
      return voiceOptions({ url: 'http://h/', host: 'h', ...UNFINISHED[name], [name]: value });
    if (type === 'tplink-talk') return speakSettings({}, { [name]: value });
    return cameraOptions({ host: '192.168.1.60', [name]: value });
  };

  /** What makes the voice's engine ask for the property. */
  const UNFINISHED: Readonly<Record<string, object>> = { url: { engine: 'http' }, host: { engine: 'wyoming' } };

  /** Whether a stream can be one is the library's to say. */
  const listening = (config: object): object => {
    const settings = listenSettings(config);
    streamUri({ host: '192.168.1.60', port: 554 }, settings.stream);
    return settings;
  };

  const CASES: [NodeType, string, unknown[], unknown[]][] = [
    [
      'tplink-camera',
      'host',
      [
        '192.168.1.60',
        'camera',
        'camera.lan',
        'front_door',
        'fe80::1',
        '[fe80::1%eth0]',
        '::1',
        ' 10.0.0.1 ',
        '门口',
        'rtsp://10.0.0.1/x',
        '10.0.0.1:55',
      ],
      ['', ' ', 'ftp://10.0.0.1', '10.0.0.1:rtsp', 'rtsp:///stream1', 'two words', '-camera', 'admin:pw@-camera'],
    ],
    ['tplink-camera', 'port', [1, 554, '8554', '65535', ''], [0, '0', 65536, 'rtsp', '5.5', '-1']],
    ['tplink-camera', 'httpPort', [80, '8080'], ['0', '65536', 'http']],
    ['tplink-camera', 'leadInMs', [0, '3000'], ['3001', '-1', 'x']],
    ['tplink-camera', 'drainMs', [0, '10000'], ['10001']],
    ['tplink-camera', 'idleMs', [0, '3600000'], ['3600001']],
    ['tplink-camera', 'quietGain', [-12, '-40', '0', '-6.5', ''], [1, '-41', 'soft']],
    ['tplink-camera', 'quietPriority', [10, '-1', '2.5', ''], ['high']],
    ['tplink-talk', 'gain', [0, '-40', '20', '+3', '1.5', '', undefined], ['20.5', '-41', 'loud', '1,5', '-']],
    ['tplink-talk', 'speakerVolume', [0, 40, '100', '', undefined], [101, '101', '-1', '1.5', 'loud', '40%']],
    ['tplink-talk', 'maxQueue', [0, '1000'], ['1001', '-1', '1.5']],
    ['tplink-talk', 'maxSeconds', [1, '0.5', '86400'], ['0', '86401', '-1']],
    ['tplink-talk', 'streamTimeoutSeconds', [1, '0.5', '3600', ''], ['0', '3601', '-1', 'long']],
    ['tplink-talk', 'retries', [0, '100', ''], ['101', '0.5', 'often']],
    ['tplink-talk', 'retrySeconds', [0, '0.5', '86400', ''], ['-1', '86401', 'long']],
    ['tplink-talk', 'maxWaitSeconds', [0, '180', '86400', ''], ['-1', '86401', 'long']],
    ['tplink-talk', 'repeat', [1, '5', '1000', ''], ['0', '1001', '1.5', 'often', 'stopped']],
    ['tplink-talk', 'repeatPause', [0, '2.5', '3600', ''], ['-1', '3601', 'long']],
    [
      'tplink-camera',
      'streamUrl',
      ['', undefined, ' rtsp://nas ', 'rtsp://10.0.0.5:8554/front?a=b&c', 'RTSP://[::1]:1/x', 'rtsp://nas/门口'],
      [
        'nas',
        'http://nas/x',
        'rtsp://',
        'rtsp://nas:0',
        'rtsp://nas:65536/',
        'rtsp://nas/a@b',
        'rtsp://nas/#x',
        'rtsp://-nas/x',
      ],
    ],
    [
      'tplink-listen',
      'stream',
      ['stream1', '/stream2', ' /stream1&channel=2 ', 'live/ch00_0', '', undefined],
      ['rtsp://10.0.0.1/stream1', 'two words', '/', '码流', 'a\u0000b'],
    ],
    ['tplink-listen', 'mode', ['continuous', 'seconds', 'silence', '', undefined], ['record', 'Silence', 1]],
    ['tplink-listen', 'seconds', [5, '0.02', '600', '', undefined], [0, '601', '-1', 'long', '1,5']],
    ['tplink-listen', 'chunkMs', [100, '10', '10000', '20.5', '', undefined], [9, '10001', '-100', 'x']],
    ['tplink-listen', 'output', ['pcm', 'wav', '', undefined], ['mp3', 'PCM', true]],
    ['tplink-voice', 'engine', ['auto', 'command', 'http', 'wyoming', '', undefined], ['piper', 'Auto', 1]],
    ['tplink-voice', 'method', ['', 'GET', 'POST', 'PUT', undefined], ['DELETE', 'x']],
    ['tplink-voice', 'voice', ['', 'cmn', 'en-gb', '/data/amy.onnx', undefined], ['-w', ' --version']],
    ['tplink-voice', 'language', ['', 'zh', 'en-GB', undefined], ['-x']],
    ['tplink-voice', 'port', [10200, '1', '65535', ''], [0, '65536', 'x']],
    [
      'tplink-voice',
      'url',
      ['http://192.168.1.10:5500/tts?text={text}', ' https://tts.example/{voice}', 'https://h/{token}'],
      ['', undefined, 'ftp://h/x', 'h/x', 'http://', '/tts', 'two words'],
    ],
    ['tplink-voice', 'host', ['piper', '192.168.1.10', '::1'], ['', ' ', undefined]],
    ['tplink-control', 'action', [...CONTROL_ACTIONS, '', undefined], ['stop', 'Info', 'volume', 'constructor']],
  ];
  for (const [type, name, good, bad] of CASES) {
    it(`${type}: ${name} marks bad values and only those, as the runtime does`, () => {
      for (const value of good) {
        assert.equal(valid(type, name, value, UNFINISHED[name]), true, `good ${String(value)}`);
        assert.doesNotThrow(() => runtimeCheck(type, name, value), `good ${String(value)}`);
      }
      for (const value of bad) {
        assert.equal(valid(type, name, value, UNFINISHED[name]), false, `bad ${String(value)}`);
        assert.throws(() => runtimeCheck(type, name, value), { code: 'TALK_ERR_ARGUMENT' }, `bad ${String(value)}`);
      }
    });
  }

  it('tplink-talk: a camera is needed, in either field', () => {
    assert.equal(valid('tplink-talk', 'camera', '', { cameras: [] }), false);
    assert.equal(valid('tplink-talk', 'camera', '_ADD_', { cameras: [] }), false);
    for (const cameras of [['one'], 'one']) assert.equal(valid('tplink-talk', 'camera', '', { cameras }), true);
    // The stand-in editor knows no camera.
    assert.equal(valid('tplink-talk', 'camera', 'gone', { cameras: [] }), false);
    assert.equal(valid('tplink-talk', 'cameras', ['gone'], { cameras: ['gone'] }), false);
    for (const cameras of [[], ['${CAMERA}'], ''])
      assert.equal(valid('tplink-talk', 'cameras', cameras, { cameras }), true);
  });

  it('tplink-talk: audio and chime are checked by their type', () => {
    assert.equal(valid('tplink-talk', 'audio', 'payload.clip', { audioType: 'msg' }), true);
    assert.equal(valid('tplink-talk', 'audio', 'payload[', { audioType: 'msg' }), false);
    assert.equal(valid('tplink-talk', 'audio', ' ', { audioType: 'str' }), false);
    assert.equal(valid('tplink-talk', 'audio', 'Dinner [is] ready', { audioType: 'say' }), true);
    assert.equal(valid('tplink-talk', 'audio', ' ', { audioType: 'say' }), false);
    for (const property of ['url', 'host']) {
      assert.equal(valid('tplink-voice', property, '', { engine: 'command' }), true, `${property} of another engine`);
    }
    assert.equal(valid('tplink-talk', 'chime', '', { chimeType: 'none' }), true);
    assert.equal(valid('tplink-talk', 'chime', 'dingdong', { chimeType: 'builtin' }), true);
    assert.equal(valid('tplink-talk', 'chime', 'sound:bell.wav', { chimeType: 'builtin' }), true);
    for (const chime of ['bell', 'sound:', ''])
      assert.equal(valid('tplink-talk', 'chime', chime, { chimeType: 'builtin' }), false, chime);
    assert.equal(valid('tplink-talk', 'chime', '/data/chime.wav', { chimeType: 'str' }), true);
    assert.equal(valid('tplink-talk', 'chime', ' ', { chimeType: 'str' }), false);
  });

  it('tplink-camera: one end of the quiet hours takes the other, as in the runtime', () => {
    for (const [quietFrom, quietTo, good] of [
      ['', '', [true, true]],
      ['22:00', '7:00', [true, true]],
      [' 22:00 ', '07：00', [true, true]],
      ['22:00', '', [true, false]],
      ['', '07:00', [false, true]],
      ['25:00', '07:00', [false, true]],
      ['22:00', '7', [true, false]],
    ] as const) {
      const node = { quietFrom, quietTo };
      const verdicts = [
        valid('tplink-camera', 'quietFrom', quietFrom, node),
        valid('tplink-camera', 'quietTo', quietTo, node),
      ];
      assert.deepEqual(verdicts, good, JSON.stringify(node));
      const read = (): object => cameraOptions({ host: '192.168.1.60', ...node });
      if (verdicts.every(Boolean)) assert.doesNotThrow(read);
      else assert.throws(read, { code: 'TALK_ERR_ARGUMENT' });
    }
  });
});
