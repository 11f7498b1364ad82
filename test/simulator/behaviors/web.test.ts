// The table of named web behaviors: every one starts a camera that answers, and names are kept apart from typing errors.
import assert from 'node:assert/strict';
import { createWebApi } from '../../../src/simulator/web/api.js';
import { WEB_BEHAVIORS, withWebBehaviors } from '../../../src/simulator/behaviors/web.js';
import { get, post, withApi } from '../web/raw-http.js';

const PROMISED = [
  ...['web-type1', 'web-type2', 'web-type2-short-key', 'web-pkcs1', 'web-key2', 'web-type2-md5', 'web-type3'],
  ...['web-no-type', 'web-locked', 'web-wrong-password', 'web-html', 'web-redirect', 'web-endless', 'web-silent'],
  ...['web-no-mute', 'web-expire-code', 'web-expire-401', 'web-content-off'],
];

describe('simulator/web-behaviors', () => {
  it('has the promised names', () => {
    for (const name of PROMISED) assert.ok(name in WEB_BEHAVIORS, name);
  });

  for (const [name, { description }] of Object.entries(WEB_BEHAVIORS)) {
    it(`${name}: ${description}`, () => {
      assert.match(name, /^web(-[a-z0-9]+)+$/);
      assert.match(description, /^[a-z].{10,80}[^.]$/);
      createWebApi(withWebBehaviors({ password: 'x' }, [name]));
    });
  }

  it('lays one over the other', () => {
    const options = withWebBehaviors({ password: 'x', username: 'root' }, [
      'web-type3-no-key',
      'web-no-mute',
      'web-type1',
    ]);
    assert.deepEqual(options, {
      password: 'x',
      username: 'root',
      encryptTypes: ['1'],
      md5EncryptType: '1',
      keyFormat: 'none',
      speakerMute: 'absent',
    });
  });

  it('refuses unknown names and lists the known ones', () => {
    for (const name of ['web-typo', 'constructor']) {
      assert.throws(() => withWebBehaviors({ password: 'x' }, [name]), {
        code: 'TALK_ERR_ARGUMENT',
        message: new RegExp(`"${name}".*web-type3`),
      });
    }
  });

  it('web-locked sends no nonce', () =>
    withApi(withWebBehaviors({ password: 'x' }, ['web-locked']), async (port) => {
      const { data } = (await get(port, '/pc/Content.htm')).json;
      assert.equal(data.code, -40404);
      assert.ok(data.sec_left > 1_790 && data.sec_left <= 1_800 && !('nonce' in data));
    }));

  for (const [name, published] of [
    ['web-type3', true],
    ['web-type3-no-key', false],
  ] as const) {
    it(`${name} asks for MD5, ${published ? 'with a key as real cameras' : 'without a key'}, and takes it`, () =>
      withApi(withWebBehaviors({ password: 'Abc12345', nextNonce: () => 'lU3L7xDN' }, [name]), async (port) => {
        const { data } = (await get(port, '/pc/Content.htm')).json;
        assert.deepEqual([data.encrypt_type, data.md5_encrypt_type, data.nonce], [['3'], '1', 'lU3L7xDN']);
        assert.equal('key' in data, published);
        if (published) assert.match(data.key, /^MIGf[\w%]+$/);
        const password = '16b59cfb5335d1058ceb4891dc2dc394';
        const login = { username: 'admin', password, encrypt_type: '3', md5_encrypt_type: '1' };
        const answer = (await post(port, '/', JSON.stringify({ method: 'do', login }))).json;
        assert.equal(answer.error_code, 0);
        assert.equal(typeof answer.stok, 'string');
      }));
  }

  it('web-passport answers at /passport/auth only', () =>
    withApi(withWebBehaviors({ password: 'x' }, ['web-passport']), async (port) => {
      assert.equal((await get(port, '/pc/Content.htm')).status, 404);
      const { data } = (await post(port, '/passport/auth', '{"method":"get"}')).json;
      assert.deepEqual([data.encrypt_type, data.md5_encrypt_type], [1, '1']);
    }));
});
