// What leaves a capture: one made-up value for each secret, wherever it stands, and nothing a password could be found by.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { passwordForms } from '../../src/capture/forms.js';
import { holdsAny } from '../../src/capture/leak.js';
import { Redactor } from '../../src/capture/redactor.js';
import { securityEncode } from '../../src/security-encode.js';
import { md5Password, saltedPassword } from '../../src/webapi/password.js';

const PASSWORD = 'Pässwort+/"7';
const CAMERA = { host: '192.168.1.60', username: 'anna', password: PASSWORD };
const NONCE = '96fa3da3bceda6441e098764e178ed07';
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

function redactorOf(camera: typeof CAMERA, texts: readonly string[]): Redactor {
  return new Redactor([camera.host], [camera], texts);
}

function redact(text: string, others: readonly string[] = [], camera = CAMERA): string {
  return redactorOf(camera, [latin1(text), ...others.map(latin1)]).message(latin1(text));
}

describe('Redactor', () => {
  it('gives one value one name in the challenge, the answer and anywhere else', () => {
    const challenge = `RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="${NONCE}"\r\n\r\n`;
    const answer = `MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0\r\nAuthorization: Digest username="anna", nonce="${NONCE}", response="${md5('x')}"\r\n\r\n`;
    const redactor = redactorOf(CAMERA, [challenge, answer]);
    const [, made = ''] = /nonce="([0-9a-f]{32})"/.exec(redactor.message(challenge)) ?? [];
    assert.notEqual(made, NONCE);
    const text = redactor.message(answer);
    assert.ok(text.includes(`nonce="${made}"`));
    for (const secret of [NONCE, md5('x'), 'anna', '192.168.1.60']) assert.ok(!text.includes(secret), secret);
    assert.equal(redactor.text(`the nonce ${NONCE} of 192.168.1.60:554`), `the nonce ${made} of 192.0.2.1:554`);
  });

  it('keeps the user that all cameras have', () => {
    const camera = { ...CAMERA, username: 'admin' };
    assert.ok(redact('A x RTSP/1.0\r\nAuthorization: Digest username="admin"\r\n\r\n', [], camera).includes('"admin"'));
  });

  it('replaces what a web interface is asked with and says', () => {
    const said = {
      error_code: 0,
      stok: 'abc)123!def',
      data: {
        nonce: 'lU3L7xDN',
        mac: 'A4-2B-B0-00-11-22',
        dev_id: '80214A5F',
        device_name: 'front door',
        ip: '10.0.0.7',
      },
    };
    const text = redact(`HTTP/1.1 200 OK\r\nSet-Cookie: sysauth=zzz\r\n\r\n${JSON.stringify(said)}`);
    for (const value of ['abc)123!def', 'lU3L7xDN', 'A4-2B-B0-00-11-22', '80214A5F', 'front door', '10.0.0.7', 'zzz']) {
      assert.ok(!text.includes(value), value);
    }
    assert.match(text, /"mac":"[0-9A-F]{2}(-[0-9A-F]{2}){5}"/);
    assert.match(text, /"error_code":0/);
  });

  it('knows a token in a path by its name in the answer', () => {
    const answer = 'HTTP/1.1 200 OK\r\n\r\n{"stok":"a)!b*c1"}';
    const asked = 'POST /stok=a%29%21b%2Ac1/ds HTTP/1.1\r\n\r\n{}';
    const redactor = redactorOf(CAMERA, [answer, asked]);
    const [, made = ''] = /"stok":"([^"]+)"/.exec(redactor.message(answer)) ?? [];
    assert.ok(redactor.message(asked).includes(`/stok=${made}/ds`));
  });

  it('lets a Content-Length fit as well as before', () => {
    const body = 'c=IN IP4 192.168.1.60\r\n';
    const text = redact(`RTSP/1.0 200 OK\r\nContent-Length: ${body.length + 1}\r\n\r\n${body}`);
    const [head = '', redacted = ''] = text.split('\r\n\r\n');
    assert.ok(head.endsWith(`Content-Length: ${redacted.length + 1}`));
  });

  it('does not take every word for the name of a camera or a user', () => {
    const camera = { host: 'camera', username: 'camera', password: PASSWORD };
    const text = redact(
      'GET / HTTP/1.1\r\nHost: camera\r\n\r\n{"device_name":"camera","IP-Camera":"a camera1"}',
      [],
      camera,
    );
    assert.ok(text.includes('"IP-Camera":"a camera1"'), text);
    assert.ok(!/Host: camera|name":"camera/.test(text), text);
  });

  const forms: Readonly<Record<string, string>> = {
    'as it is': PASSWORD,
    'in JSON': JSON.stringify(PASSWORD).slice(1, -1),
    'in JSON in JSON': JSON.stringify(JSON.stringify(PASSWORD)).slice(3, -3),
    'in an address': encodeURIComponent(PASSWORD),
    'in base64': Buffer.from(PASSWORD).toString('base64'),
    'in base64 behind something': Buffer.from(`ab${PASSWORD}z`).toString('base64'),
    'in base64 behind a user name': Buffer.from(`anna:${PASSWORD}`).toString('base64'),
    'in base64 for addresses': Buffer.from(PASSWORD).toString('base64url'),
    'in hex': Buffer.from(PASSWORD).toString('hex'),
    'in upper-case hex': Buffer.from(PASSWORD).toString('hex').toUpperCase(),
    'as MD5': md5(PASSWORD),
    'as SHA-256 in upper case': createHash('sha256').update(PASSWORD).digest('hex').toUpperCase(),
    'as SHA-1 in base64': createHash('sha1').update(PASSWORD).digest('base64'),
    'as HA1': md5(`anna:TP-LINK IP-Camera:${PASSWORD}`),
    'as MD5 with a nonce': md5Password(PASSWORD, 'lU3L7xDN'),
    salted: saltedPassword(PASSWORD),
    scrambled: securityEncode('Abc12345'),
  };
  for (const [how, form] of Object.entries(forms)) {
    it(`lets no password out ${how}`, () => {
      const camera = how === 'scrambled' ? { ...CAMERA, password: 'Abc12345' } : CAMERA;
      const challenge =
        'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="TP-LINK IP-Camera"\r\n\r\n{"nonce":"lU3L7xDN"}';
      const text = redact(`RTSP/1.0 200 OK\r\nX-Odd: =${form}=\r\n\r\n`, [challenge], camera);
      assert.ok(!text.includes(latin1(form)), text);
      const redactor = redactorOf(camera, [challenge]);
      assert.equal(holdsAny(Buffer.from(text, 'latin1'), redactor.forms), false);
      assert.equal(holdsAny(Buffer.from(`odd ${form} odd`), redactor.forms), true);
    });
  }
});

describe('holdsAny', () => {
  const secrets = passwordForms('Only4Tests!', { username: 'admin', realms: [], nonces: [] });

  it('finds what is encoded within what is encoded', () => {
    const inBase64 = Buffer.from(`{"a":"Only4Tests!"}`).toString('base64');
    const everyByte = [...Buffer.from('Only4Tests!')].map((byte) => `%${byte.toString(16)}`).join('');
    for (const text of [inBase64, everyByte, 'only4tests!', 'Only4Tests\\u0021']) {
      assert.equal(holdsAny(Buffer.from(`x ${text} y`), secrets), true, text);
    }
  });

  it('does not find it in what is none of it', () => {
    assert.equal(holdsAny(Buffer.from('Only4Test, and Only5Tests!'), secrets), false);
    assert.equal(holdsAny(Buffer.alloc(100_000, 0xd5), secrets), false);
  });
});
