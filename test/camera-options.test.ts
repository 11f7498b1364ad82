// What camera options are accepted, what they become, and what the refusals say.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CAMERA_DEFAULTS, cameraKey, cameraOptions, urlHost } from '../src/camera-options.js';
import { isTalkError } from '../src/errors.js';
import { thrown } from './helpers/collect.js';

const HOST = { host: '192.168.1.60' };

describe('camera options from variables', () => {
  const fields = ['host', 'password', 'listenPassword', ...Object.keys(CAMERA_DEFAULTS)].filter(
    (field) => field !== 'name',
  );
  for (const field of fields) {
    it(`say of ${field} that an environment variable is not set`, () => {
      for (const value of ['${NOT_SET}', '$(NOT_SET)', ' ${NOT_SET} ']) {
        assert.throws(() => cameraOptions({ host: '192.168.1.60', [field]: value }), {
          code: 'TALK_ERR_ARGUMENT',
          message: `Camera option ${field}: the environment variable NOT_SET is not set; nothing is sent to the camera until it is`,
        });
      }
    });
  }
});

describe('a password that looks like an environment variable', () => {
  for (const field of ['username', 'password', 'listenUsername', 'listenPassword']) {
    it(`is not shown by ${field}`, () => {
      for (const value of ['${S3cret!pass}', '$(s3cret)', '${Abc12345}', '${PASS-WORD}']) {
        const { message } = thrown(() => cameraOptions({ ...HOST, [field]: value }));
        assert.equal(
          message,
          `Camera option ${field}: the environment variable there is not set; nothing is sent to the camera until it is`,
        );
      }
    });
  }
  it('is not shown where it was pasted', () => {
    for (const host of ['rtsp://admin:${S3cret!pass}@192.168.1.60/', 'rtsp://${S3cret!pass}:x@192.168.1.60/']) {
      assert.doesNotMatch(thrown(() => cameraOptions({ host })).message, /S3cret/);
    }
    for (const account of ['viewer:${S3cret!pass}', '${S3cret!pass}:x']) {
      const { message } = thrown(() => cameraOptions({ ...HOST, streamUrl: `rtsp://${account}@192.168.1.5/` }));
      assert.match(message, /environment variable there is not set/);
    }
  });
});

describe('camera options', () => {
  it('have the defaults of the contract', () => {
    const expected = {
      name: '',
      port: 554,
      httpPort: 80,
      streamPort: 8800,
      username: 'admin',
      password: '',
      listenUsername: '',
      listenPassword: '',
      streamUrl: '',
      listenBasic: false,
      host: '192.168.1.60',
      login: 'auto',
      dialect: 'auto',
      mode: 'half_duplex',
      codec: 'auto',
      packetBytes: 0,
      packetMs: 40,
      encrypt: false,
      leadInMs: 300,
      drainMs: 600,
      idleMs: 5000,
      ignoreBusy: false,
      quietFrom: '',
      quietTo: '',
      quietMode: 'off',
      quietGain: -12,
      quietPriority: 10,
    };
    assert.deepEqual(cameraOptions(HOST), expected);
    // The editor stores empty fields as empty text; a missing credential is undefined.
    const empty = Object.fromEntries(
      Object.keys(CAMERA_DEFAULTS)
        .filter((field) => field !== 'name')
        .map((field) => [field, '']),
    );
    assert.deepEqual(cameraOptions({ ...empty, ...HOST, password: undefined }), expected);
    const nothing = Object.fromEntries(Object.keys(CAMERA_DEFAULTS).map((field) => [field, null]));
    assert.deepEqual(cameraOptions({ ...nothing, ...HOST }), expected);
  });

  it('take a pasted address apart, where the fields say nothing of their own', () => {
    const parts = (settings: Readonly<Record<string, unknown>>): unknown[] => {
      const { name, host, port, httpPort, username, password } = cameraOptions(settings);
      return [name, host, port, httpPort, username, password].slice(1);
    };
    const url = 'rtsp://root:p%40ss@192.168.1.60:8554/stream1';
    assert.deepEqual(parts({ host: url }), ['192.168.1.60', 8554, 80, 'root', 'p@ss']);
    // As a saved node has them.
    const usual = { port: '554', httpPort: 80, username: 'admin', password: '' };
    assert.deepEqual(parts({ host: url, ...usual }), ['192.168.1.60', 8554, 80, 'root', 'p@ss']);
    const own = { port: 555, username: 'me', password: 'mine' };
    assert.deepEqual(parts({ host: url, ...own }), ['192.168.1.60', 555, 80, 'me', 'mine']);
    assert.deepEqual(parts({ host: 'http://[::1]:8080/' }), ['::1', 554, 8080, 'admin', '']);
    const unset = thrown(() => cameraOptions({ host: 'rtsp://admin:${CAMERA_PASSWORD}@cam' }));
    assert.match(unset.message, /CAMERA_PASSWORD is not set/);
  });

  describe('of the HTTP talk', () => {
    const tapo = (settings: object = {}): Readonly<Record<string, unknown>> => ({
      ...cameraOptions({ ...HOST, dialect: 'tapo', ...settings }),
    });

    it('take what is blank, or was saved by forms without this dialect, for its own', () => {
      for (const saved of [
        {},
        { mode: '', leadInMs: '', drainMs: '' },
        { mode: 'half_duplex', leadInMs: 300, drainMs: 600 },
        { mode: null, leadInMs: '300', drainMs: '600' },
      ]) {
        const { mode, leadInMs, drainMs } = tapo(saved);
        assert.deepEqual([mode, leadInMs, drainMs], ['aec', 500, 600], JSON.stringify(saved));
      }
      const { mode, leadInMs, drainMs } = tapo({ mode: 'vad', leadInMs: '0', drainMs: 0 });
      assert.deepEqual([mode, leadInMs, drainMs], ['vad', 0, 0]);
      assert.deepEqual(tapo(tapo({ leadInMs: 499 })), tapo({ leadInMs: 499 }), 'read twice');
      for (const dialect of ['auto', 'ipc', 'vigi', 'vigi-stream']) {
        const usual = cameraOptions({ ...HOST, dialect, mode: '', leadInMs: '' });
        assert.deepEqual([usual.mode, usual.leadInMs, usual.drainMs], ['half_duplex', 300, 600], dialect);
      }
    });

    it('know one user and one codec', () => {
      for (const dialect of ['tapo', 'vigi-stream']) {
        const { username, codec } = tapo({ dialect, username: 'me@example.com', codec: 'pcmu16k' });
        assert.deepEqual([username, codec], ['admin', 'auto']);
        assert.throws(() => tapo({ dialect, username: 5 }), /username/);
        assert.throws(() => tapo({ dialect, codec: 'opus' }), /codec/);
      }
    });

    it('take from a pasted address the account for listening, and the port of the talk where it is a web address', () => {
      const parts = (settings: object): unknown[] => {
        const { host, port, httpPort, streamPort, password, listenUsername, listenPassword } = tapo(settings);
        return [host, port, httpPort, streamPort, password, listenUsername, listenPassword];
      };
      const url = 'rtsp://viewer:p%40ss@192.168.1.60:8554/stream1';
      const pasted = ['192.168.1.60', 8554, 80, 8800, '', 'viewer', 'p@ss'];
      for (const dialect of ['tapo', 'vigi-stream']) assert.deepEqual(parts({ host: url, dialect }), pasted);
      const own = { password: 'mine', listenUsername: 'me', listenPassword: 'my' };
      assert.deepEqual(parts({ host: url, ...own }), ['192.168.1.60', 8554, 80, 8800, 'mine', 'me', 'my']);
      const talk = ['192.168.1.60', 554, 80, 8801, 'secret', '', ''];
      assert.deepEqual(parts({ host: 'http://admin:secret@192.168.1.60:8801/stream' }), talk);
    });
  });

  it('leave out what they do not know', () => {
    assert.deepEqual(Object.keys(cameraOptions({ ...HOST, id: '1', z: 'x' })).sort(), [
      'codec',
      'dialect',
      'drainMs',
      'encrypt',
      'host',
      'httpPort',
      'idleMs',
      'ignoreBusy',
      'leadInMs',
      'listenBasic',
      'listenPassword',
      'listenUsername',
      'login',
      'mode',
      'name',
      'packetBytes',
      'packetMs',
      'password',
      'port',
      'quietFrom',
      'quietGain',
      'quietMode',
      'quietPriority',
      'quietTo',
      'streamPort',
      'streamUrl',
      'username',
    ]);
  });

  for (const [field, given, becomes] of [
    ['host', ' 192.168.1.60 ', '192.168.1.60'],
    ['host', '[::1]', '::1'],
    ['host', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['host', 'cam', 'cam'],
    ['host', 'front-door.lan', 'front-door.lan'],
    ['host', 'cam_1', 'cam_1'],
    ['host', 'cam.lan.', 'cam.lan.'],
    ['host', '摄像头.local', '摄像头.local'],
    ['name', '  front door ', 'front door'],
    ['port', '8554', 8554],
    ['port', 1, 1],
    ['port', 65535, 65535],
    ['httpPort', '8080', 8080],
    ['username', 'root', 'root'],
    ['username', ' ', ' '],
    ['password', ' p"\\:@/ ', ' p"\\:@/ '],
    ['listenUsername', 'viewer', 'viewer'],
    ['listenPassword', ' p"\\:@/ ', ' p"\\:@/ '],
    ['streamUrl', ' rtsp://nas:8554/front?audio ', 'rtsp://nas:8554/front?audio'],
    ['listenBasic', 'true', true],
    ['login', 'rsa', 'rsa'],
    ['login', 'none', 'none'],
    ['dialect', 'vigi', 'vigi'],
    ['dialect', 'tapo', 'tapo'],
    ['dialect', 'vigi-stream', 'vigi-stream'],
    ['streamPort', '8080', 8080],
    ['packetMs', '120', 120],
    ['packetMs', 20, 20],
    ['packetMs', '', 40],
    ['encrypt', true, true],
    ['encrypt', 'false', false],
    ['mode', 'aec', 'aec'],
    ['mode', 'vad', 'vad'],
    ['codec', 'pcmu16k', 'pcmu16k'],
    ['packetBytes', '2048', 2048],
    ['packetBytes', 160, 160],
    ['leadInMs', 0, 0],
    ['leadInMs', '3000', 3000],
    ['drainMs', 10000, 10000],
    ['idleMs', '0', 0],
    ['ignoreBusy', true, true],
    ['ignoreBusy', 'true', true],
    ['ignoreBusy', 'false', false],
    ['idleMs', 3600000, 3600000],
    ['quietMode', 'silent', 'silent'],
    ['quietGain', '-6.5', -6.5],
    ['quietPriority', '5', 5],
    ['quietFrom', ' ', ''],
  ] as const) {
    it(`take ${field} ${JSON.stringify(given)}`, () => {
      assert.equal(cameraOptions({ ...HOST, [field]: given })[field], becomes);
    });
  }

  for (const [field, given] of [
    ['host', undefined],
    ['host', ''],
    ['host', '  '],
    ['host', null],
    ['host', 5],
    ['host', ['192.168.1.60']],
    ['host', 'ftp://192.168.1.60'],
    ['host', 'rtsp:///stream1'],
    ['host', '192.168.1.60:rtsp'],
    ['host', 'a b'],
    ['host', 'a\r\nb'],
    ['host', 'a@b@'],
    ['host', '[::1'],
    ['host', ':::1'],
    ['host', '-cam'],
    ['port', 0],
    ['port', 65536],
    ['port', -1],
    ['port', 554.5],
    ['port', 'rtsp'],
    ['port', NaN],
    ['port', Infinity],
    ['port', true],
    ['port', [554]],
    ['port', {}],
    ['httpPort', '65536'],
    ['packetBytes', 100],
    ['packetBytes', 3072],
    ['packetBytes', '1e9'],
    ['leadInMs', -1],
    ['leadInMs', 3001],
    ['drainMs', 10001],
    ['idleMs', 3600001],
    ['idleMs', '5 s'],
    ['quietMode', 'loud'],
    ['quietGain', 1],
    ['quietGain', -41],
    ['quietPriority', 'high'],
    ['login', 'digest'],
    ['dialect', 'IPC'],
    ['dialect', 'Tapo'],
    ['streamPort', 0],
    ['streamPort', 65536],
    ['packetMs', 0],
    ['packetMs', 30],
    ['packetMs', true],
    ['encrypt', 'yes'],
    ['encrypt', 1],
    ['mode', 'duplex'],
    ['ignoreBusy', 'yes'],
    ['ignoreBusy', 1],
    ['codec', 'opus'],
    ['codec', 8],
    ['name', 5],
    ['name', 'a\nb'],
    ['username', 5],
    ['username', 'a\r\nAuthorization: x'],
    ['password', 5],
    ['password', 'a\0b'],
  ] as const) {
    it(`refuse ${field} ${typeof given === 'number' ? given : JSON.stringify(given)} and say which and why`, () => {
      const error = thrown(() => cameraOptions({ ...HOST, [field]: given }));
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.ok(error.message.includes(field), error.message);
      assert.match(error.message, /expected/);
    });
  }

  it('refuse with a TalkError whatever they are given', () => {
    const hostile = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
      fc.constantFrom(554n, Symbol('port'), () => 554, circular()),
    );
    const fields = ['host', 'password', ...Object.keys(CAMERA_DEFAULTS)];
    fc.assert(
      fc.property(fc.constantFrom(...fields), hostile, (field, value) => {
        try {
          cameraOptions({ ...HOST, [field]: value });
        } catch (error) {
          assert.ok(isTalkError(error), `${field}: ${String(error)}`);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('take both ends of the quiet hours as a time of day, or neither', () => {
    for (const [given, becomes] of [
      ['22:30', '22:30'],
      ['0:00', '00:00'],
      ['7:05', '07:05'],
      [' 23:59 ', '23:59'],
      ['22：30', '22:30'],
    ]) {
      const { quietFrom, quietTo } = cameraOptions({ ...HOST, quietFrom: given, quietTo: '7:00' });
      assert.deepEqual([quietFrom, quietTo], [becomes, '07:00']);
    }
    const bad = ['24:00', '25:00', '12:60', '12', '12:5', '12:00:00', '12.30', '-1:00', '10 pm', 2200, true, ['22:00']];
    for (const given of bad) {
      for (const [quietFrom, quietTo] of [
        [given, '07:00'],
        ['22:00', given],
      ]) {
        const error = thrown(() => cameraOptions({ ...HOST, quietFrom, quietTo }));
        assert.match(error.message, /^Camera option quiet(From|To): expected a time of day such as 22:30, not /);
      }
    }
    const half = thrown(() => cameraOptions({ ...HOST, quietFrom: '22:00' }));
    assert.match(half.message, /^Camera option quietTo: expected a time of day, because /);
  });

  it('move user name and password out of the stream’s address, and refuse one without showing it', () => {
    const account = { listenUsername: 'viewer', listenPassword: 'Only4Tests!' };
    for (const before of [{}, { listenUsername: 'old', listenPassword: 'old' }]) {
      const { listenUsername, listenPassword, streamUrl } = cameraOptions({
        ...HOST,
        ...before,
        streamUrl: 'rtsp://viewer:Only4Tests!@nas:8554/front',
      });
      assert.deepEqual({ listenUsername, listenPassword }, account);
      assert.equal(streamUrl, 'rtsp://nas:8554/front');
    }
    assert.equal(cameraOptions({ ...HOST, ...account, streamUrl: 'rtsp://nas/front' }).listenPassword, 'Only4Tests!');
    for (const host of ['-nas', ':::1', 'nas:port', '']) {
      const streamUrl = `rtsp://viewer:Only4Tests!@${host}/x`;
      const error = thrown(() => cameraOptions({ ...HOST, streamUrl }));
      assert.ok(isTalkError(error) && error.code === 'TALK_ERR_ARGUMENT', host);
      assert.match(error.message, /^Camera option streamUrl: expected an address such as rtsp:/);
      assert.doesNotMatch(error.message, /viewer|Only4Tests/);
    }
    for (const streamUrl of [5, {}, ['rtsp://nas']]) {
      assert.throws(() => cameraOptions({ ...HOST, streamUrl }), { code: 'TALK_ERR_ARGUMENT' });
    }
  });

  it('show no password in a refusal, wherever it was put', () => {
    for (const input of [
      { ...HOST, password: 'Abc12345\n' },
      { ...HOST, password: ['Abc12345'] },
      { ...HOST, username: 'admin:Abc12345\n' },
      // People paste the whole address of the stream.
      { host: 'rtsp://admin:Abc12345@192.168.1. 60 /stream1' },
      { host: 'rtsp://admin:Abc12345@192.168.1.60:99999/' },
      { host: 'ftp://admin:Abc12345@192.168.1.60' },
      { host: 'admin:Abc12345@-cam' },
    ]) {
      const error = thrown(() => cameraOptions(input));
      assert.ok(!error.message.includes('Abc12345'), error.message);
    }
  });

  it('do not repeat a value of any length', () => {
    const error = thrown(() => cameraOptions({ host: `${'x'.repeat(100_000)}!` }));
    assert.ok(error.message.length < 1_000, `${error.message.length} characters`);
  });
});

describe('camera key', () => {
  for (const [host, port, key] of [
    ['192.168.1.60', 554, '192.168.1.60:554'],
    ['::1', 554, '[::1]:554'],
    ['fe80::1%eth0', 8554, '[fe80::1]:8554'],
    ['Front-Door.LAN', 554, 'front-door.lan:554'],
  ] as const) {
    it(`of ${host} is ${key}`, () => assert.equal(cameraKey({ host, port }), key));
  }

  it('is the same for every spelling of one IPv6 address', () => {
    assert.equal(urlHost('2001:DB8::60'), urlHost('2001:db8::60'));
    assert.equal(urlHost('2001:db8:0:0:0:0:0:60'), urlHost('2001:db8::60'));
  });

  it('differs by port', () => {
    assert.notEqual(cameraKey({ host: 'cam', port: 554 }), cameraKey({ host: 'cam', port: 555 }));
  });
});

function circular(): unknown {
  const self: Record<string, unknown> = {};
  self['self'] = self;
  return self;
}
