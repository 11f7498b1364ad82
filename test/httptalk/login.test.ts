// The log-in of the HTTP talk against typed vectors (PROTOCOL.md V18), and every order of refusals.
import assert from 'node:assert/strict';
import { isTalkError } from '../../src/errors.js';
import { StreamLogin, type StreamCamera } from '../../src/httptalk/login.js';
import type { HttpResponse } from '../../src/multipart/http.js';

const KEY = '192.168.1.60:8800';
const NONCE = '96fa3da3bceda6441e098764e178ed07';
const OPAQUE = '64943214654649846565646421';
const MD5 = '3e69de230e4a8a431cc5f0e586fe3024';
const SHA256 = 'a2eace9612c0f625cb0060bf5cb70a3b';

const CAMERA: StreamCamera = {
  host: '192.168.1.60',
  port: 554,
  streamPort: 8_800,
  username: 'admin',
  password: 'Abc12345',
  dialect: 'tapo',
  mode: 'aec',
  packetMs: 40,
  encrypt: false,
  ignoreBusy: false,
};

interface Offer {
  readonly realm?: string;
  readonly nonce?: string;
  readonly rest?: string;
}

function challenge({
  realm = 'TP-Link IP-Camera',
  nonce = NONCE,
  rest = 'encrypt_type="3",',
}: Offer = {}): HttpResponse {
  const value = `Digest realm="${realm}",algorithm="MD5",${rest}qop="auth",nonce="${nonce}",opaque="${OPAQUE}"`;
  return response(401, value);
}

function response(status: number, wwwAuthenticate?: string): HttpResponse {
  const headers = wwwAuthenticate === undefined ? [] : [['www-authenticate', wwwAuthenticate] as const];
  return { status, reason: '', headers, body: Buffer.alloc(0), rest: Buffer.alloc(0) };
}

function login(camera: Partial<StreamCamera> = {}, known?: string): StreamLogin {
  return new StreamLogin({
    camera: { ...CAMERA, ...camera },
    key: KEY,
    clientNonce: () => '0a4f113b0a4f113b',
    known,
  });
}

/** The parameters of the digest that answers; throws where none does. */
function answered(one: StreamLogin, to: HttpResponse): Map<string, string> {
  const headers = one.receive(to);
  assert.notEqual(headers, 'open');
  const [[name, value] = ['', '']] = headers as Exclude<typeof headers, 'open'>;
  assert.equal(name, 'Authorization');
  return new Map([...value.matchAll(/(\w+)=("[^"]*"|[^,\s]+)/g)].map(([, key = '', text = '']) => [key, text]));
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(isTalkError(error), String(error));
    assert.ok(error.message.length <= 400, `${error.message.length} characters`);
    assert.doesNotMatch(error.message, /Abc12345/);
    return error.code;
  }
  return 'none';
}

describe('HTTP talk log-in', () => {
  it('answers as announced, each value in its spelling', () => {
    assert.deepEqual(Object.fromEntries(answered(login(), challenge())), {
      username: '"admin"',
      realm: '"TP-Link IP-Camera"',
      nonce: `"${NONCE}"`,
      uri: '"/stream"',
      algorithm: 'MD5',
      qop: 'auth',
      cnonce: '"0a4f113b0a4f113b"',
      nc: '00000001',
      response: `"${SHA256}"`,
      opaque: `"${OPAQUE}"`,
    });
  });

  for (const [what, offer, camera, expected] of [
    ['no encrypt_type', { rest: '' }, {}, MD5],
    ['another encrypt_type', { rest: 'encrypt_type="2",' }, {}, MD5],
    ['encrypt_type 3', {}, {}, SHA256],
    ['VIGI', { realm: 'TP-LINK IP-Camera', rest: '' }, { dialect: 'vigi-stream' }, 'a4f85fa1513ad3a871ccf857fe5d70f1'],
    ['a stored MD5', {}, { password: '1a64a010767f0725fb52111b0a9e9f84' }, MD5],
    [
      'a stored SHA-256',
      { rest: '' },
      { password: ' F8AA14DA2301E201E817F5B8667A36BB40C8CA49DA69B3470A74D0F4EC194961 ' },
      SHA256,
    ],
  ] as const) {
    it(`knows the form for ${what}`, () => {
      assert.equal(answered(login(camera), challenge(offer)).get('response'), `"${expected}"`);
    });
  }

  it('tries the other form once, then nothing', () => {
    for (const rest of ['encrypt_type="3",', '']) {
      const one = login();
      const first = answered(one, challenge({ rest }));
      const second = answered(one, challenge({ rest }));
      assert.deepEqual(new Set([first, second].map((fields) => fields.get('nonce'))), new Set([`"${NONCE}"`]));
      assert.equal(second.get('nc'), '00000002', 'a nonce is not counted twice');
      assert.notEqual(first.get('response'), second.get('response'));
      assert.equal(
        code(() => one.receive(challenge({ rest }))),
        'TALK_ERR_AUTH',
      );
      assert.equal(one.proved, false);
    }
  });

  it('begins anew with the nonce that comes with the refusal', () => {
    const one = login();
    answered(one, challenge());
    const second = answered(one, challenge({ nonce: 'ffff' }));
    assert.equal(second.get('nonce'), '"ffff"');
    assert.equal(second.get('nc'), '00000001');
  });

  it('goes on with the old challenge when a refusal brings none', () => {
    const one = login();
    answered(one, challenge());
    assert.equal(answered(one, response(401)).get('nonce'), `"${NONCE}"`);
  });

  for (const password of [
    '1A64A010767F0725FB52111B0A9E9F84',
    'F8AA14DA2301E201E817F5B8667A36BB40C8CA49DA69B3470A74D0F4EC194961',
  ]) {
    it(`tries a stored hash of ${password.length} digits once`, () => {
      const one = login({ password });
      answered(one, challenge());
      assert.equal(
        code(() => one.receive(challenge())),
        'TALK_ERR_AUTH',
      );
    });
  }

  it('tries the password of a VIGI once', () => {
    const one = login({ dialect: 'vigi-stream' });
    answered(one, challenge({ rest: '' }));
    assert.equal(
      code(() => one.receive(challenge({ rest: '' }))),
      'TALK_ERR_AUTH',
    );
  });

  it('begins with the form that the camera took before', () => {
    const one = login({}, 'md5');
    assert.equal(answered(one, challenge()).get('response'), `"${MD5}"`);
    assert.equal(one.form, 'md5');
    assert.equal(answered(one, challenge()).get('nc'), '00000002');
    assert.equal(one.form, 'sha256');
    assert.equal(
      code(() => one.receive(challenge())),
      'TALK_ERR_AUTH',
    );
  });

  it('sends the same form again when the camera says that the nonce is too old, once', () => {
    const one = login();
    answered(one, challenge());
    answered(one, challenge({ nonce: 'n2', rest: 'encrypt_type="3",stale="true",' }));
    assert.equal(one.form, 'sha256');
    answered(one, challenge({ nonce: 'n3', rest: 'encrypt_type="3",stale="true",' }));
    assert.equal(one.form, 'md5');
    assert.equal(
      code(() => one.receive(challenge({ nonce: 'n4', rest: 'stale="true",' }))),
      'TALK_ERR_AUTH',
    );
  });

  it('takes another nonce on another connection for one too old, and the same nonce for a refusal', () => {
    const other = login();
    answered(other, challenge());
    other.moved();
    answered(other, challenge({ nonce: 'n2' }));
    assert.equal(other.form, 'sha256');
    const same = login();
    answered(same, challenge());
    same.moved();
    answered(same, challenge());
    assert.equal(same.form, 'md5');
  });

  it('is open at 200, with what the camera wanted', () => {
    const one = login();
    answered(one, challenge());
    assert.equal(one.receive(response(200)), 'open');
    assert.deepEqual([one.proved, one.hash, one.form], [true, 'md5', 'sha256']);
    const free = login({ password: '' });
    assert.equal(free.receive(response(200)), 'open');
    assert.deepEqual([free.proved, free.hash, free.secret], [false, 'none', undefined]);
  });

  it('follows a challenge with SHA-256, unquoted as the rest', () => {
    const fields = answered(login(), response(401, `Digest realm="r", algorithm="SHA-256", qop="auth", nonce="n"`));
    assert.match(fields.get('response') ?? '', /^"[\da-f]{64}"$/);
    assert.deepEqual([fields.get('qop'), fields.get('nc'), fields.get('algorithm')], ['auth', '00000001', 'SHA-256']);
  });

  it('tells what it is offered, and sends nothing where that is refused', () => {
    const offered: string[] = [];
    const one = new StreamLogin({
      camera: CAMERA,
      key: KEY,
      clientNonce: () => 'c',
      onForm: (form) => {
        offered.push(form);
        if (form === 'bare') throw new Error('weaker');
      },
    });
    one.receive(challenge());
    assert.throws(() => one.receive(response(401, 'Digest realm="r", nonce="n"')), /weaker/);
    assert.deepEqual(offered, ['md5', 'bare']);
  });

  for (const [what, status, header, expected] of [
    ['Basic alone', 401, 'Basic realm="x"', 'TALK_ERR_UNSUPPORTED'],
    ['no challenge', 401, undefined, 'TALK_ERR_UNSUPPORTED'],
    ['404', 404, undefined, 'TALK_ERR_UNSUPPORTED'],
    ['503', 503, undefined, 'TALK_ERR_BUSY'],
    ['403', 403, undefined, 'TALK_ERR_REFUSED'],
    ['a redirect', 302, undefined, 'TALK_ERR_PROTOCOL'],
  ] as const) {
    it(`refuses ${what}`, () =>
      assert.equal(
        code(() => login().receive(response(status, header))),
        expected,
      ));
  }

  it('says that no password is stored before it sends anything', () => {
    assert.equal(
      code(() => login({ password: '' }).receive(challenge())),
      'TALK_ERR_ARGUMENT',
    );
  });

  it('says then where, and which one a Tapo camera wants', () => {
    const ask = (): unknown => login({ password: '' }).receive(challenge());
    assert.throws(ask, {
      camera: KEY,
      message: /^The camera at 192\.168\.1\.60:8800 .* for Tapo that of the TP-Link account$/,
    });
  });

  it('refuses a password that cannot be scrambled', () => {
    const one = login({ dialect: 'vigi-stream', password: '密码12345678' });
    assert.equal(
      code(() => one.receive(challenge({ rest: '' }))),
      'TALK_ERR_ARGUMENT',
    );
  });
});
