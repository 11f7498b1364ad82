// What leaves a capture: one made-up value for each secret, wherever it stands, and nothing a password could be found by.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { passwordForms } from '../../src/capture/forms.js';
import { holdsAny } from '../../src/capture/leak.js';
import { Needles } from '../../src/capture/needles.js';
import { Redactor } from '../../src/capture/redactor.js';
import { securityEncode } from '../../src/security-encode.js';
import { md5Password, saltedPassword } from '../../src/webapi/password.js';

const PASSWORD = 'Pässwort+/"7';
const CAMERA = { host: '192.168.1.60', username: 'anna', password: PASSWORD };
const NONCE = '96fa3da3bceda6441e098764e178ed07';
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

function redactorOf(camera: typeof CAMERA, texts: readonly string[]): Redactor {
  return new Redactor({ hosts: [camera.host], logins: [camera] }, texts);
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

  it('goes by the words of a key, not by a list of keys', () => {
    const secrets = {
      wifi_ssid: 'Annas Netz',
      ssidName: 'Annas-Gast',
      nickname: 'Porch-2',
      dev_name: 'Kid room 1',
      deviceAlias: 'By the door',
      cloud_username: 'anna@mail.example',
      'host-name': 'anna-nas',
      domain: 'anna.example',
      owner_email: 'a.b@mail.example',
      wpa_key: 'wlan key 77',
      old_passwd: 'was it 4711',
      phone: 13_800_138_000,
      lat: 31.2304,
      longitude: -0.1276,
      gps_longitude: '121.47',
      bindDeviceId: '80214A5F77',
      wlan_mac: 'A42BB0001122',
    };
    const text = redact(`HTTP/1.1 200 OK\r\n\r\n${JSON.stringify(secrets)}`);
    const made = JSON.parse(text.slice(text.indexOf('{'))) as Record<string, unknown>;
    for (const [key, value] of Object.entries(secrets)) {
      assert.notEqual(made[key], value, key);
      assert.equal(typeof made[key], typeof value, key);
    }
    const harmless = {
      device_model: 'TL-IPC44AW 4.0',
      manufacturer_name: 'TP-LINK',
      sw_version: '1.0.15.2 Build 230601 Rel.50000n',
      firmware: 'V1.0.15.2',
      session_id: '2',
      user_group: 'root-1',
      error_code: -40_401,
      encrypt_type: ['1', '2'],
      key: 'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ%2B',
      device_name: 'TL-IPC44AW',
    };
    const same = redact(`HTTP/1.1 200 OK\r\nServer: gSOAP/1.0.15.2\r\n\r\n${JSON.stringify(harmless)}`);
    assert.ok(same.endsWith(`Server: gSOAP/1.0.15.2\r\n\r\n${JSON.stringify(harmless)}`), same);
  });

  it('takes a version for one, and an address for one', () => {
    const redactor = redactorOf(CAMERA, []);
    assert.equal(
      redactor.text('TL-IPC44AW, firmware 1.0.15.2 Build 230601 at 10.0.15.2'),
      'TL-IPC44AW, firmware 1.0.15.2 Build 230601 at 192.0.2.1',
    );
  });

  it('finds a MAC address without anything between its bytes, and one in a UUID', () => {
    const text = redact('RTSP/1.0 200 OK\r\nX: TL-IPC_A42BB0001122, uuid:96fa3da3-1d1d-11b2-8000-a42bb0001122\r\n\r\n');
    assert.ok(!/a42bb0001122|96fa3da3/i.test(text), text);
    assert.match(text, /X: TL-IPC_[0-9A-F]{12}, uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\r\n/);
  });

  it('reads escapes before it makes something up, and writes them', () => {
    const before = String.raw`{"device_name":"\u4e2d\u95e8 \"1\"\n\/","alias":"front%20d%C3%B6or%261","ssid":"a\u0062c\\d"}`;
    const text = redact(`HTTP/1.1 200 OK\r\n\r\n${before}\r\n\u4e2d\u95e8 "1"\n/ is front d\u00f6or&1`);
    const [body = '', after = ''] = text.slice(text.indexOf('{')).split('\r\n');
    const { device_name: name, alias, ssid } = JSON.parse(body) as Record<string, string>;
    assert.match(String(name), /^xx "[1-9]"\n\/$/);
    assert.match(String(alias), /^[a-z]{5}%20[a-z]x[a-z]{2}%26[1-9]$/);
    assert.match(String(ssid), /^[a-z]{3}\\[a-z]$/);
    assert.equal(after, `${name} is ${decodeURIComponent(String(alias))}`);
  });

  it('knows a value however it is written elsewhere', () => {
    const name = 'K\u00fcchenherd "7"';
    const told = `HTTP/1.1 200 OK\r\n\r\n${JSON.stringify({ device_name: name })}`;
    const ascii = JSON.stringify(name).replace('\u00fc', '\\u00FC');
    const elsewhere = [
      'K\u00fcchenherd "7"',
      ascii,
      encodeURIComponent(name),
      Buffer.from(name).toString('hex'),
      'k\u00fcchenherd "7"',
    ];
    const redactor = redactorOf(CAMERA, [latin1(told)]);
    for (const one of elsewhere) {
      const text = redactor.message(latin1(`A x RTSP/1.0\r\nX-Odd: ${one} \r\n\r\n`));
      assert.ok(!/chenherd|6368656e/i.test(text), text);
      assert.equal(holdsAny(Buffer.from(`x ${one} x`), redactor.secrets), true, one);
    }
  });

  it('lets stars be stars, and a value of one letter be another', () => {
    const body = '{"password":"******","psk":"----------","wpa_key":"*****a","serial":"000000"}';
    const redactor = redactorOf(CAMERA, [`HTTP/1.1 200 OK\r\n\r\n${body}`]);
    const text = redactor.message(`HTTP/1.1 200 OK\r\nX: 1000000\r\n\r\n${body}`);
    assert.match(
      text,
      /X: 1000000\r\n\r\n\{"password":"\*{6}","psk":"-{10}","wpa_key":"\*{5}[b-z]","serial":"[1-9]{6}"\}$/,
    );
    assert.equal(holdsAny(Buffer.from(text, 'latin1'), redactor.secrets), false);
  });

  it('reads a body in chunks as one, and makes the chunks fit', () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const parts = [
      `{"psk":"wlan-`,
      'secret',
      `-77","ip":"10.0.`,
      `0.7","x":"${latin1(PASSWORD).slice(0, 4)}`,
      `${latin1(PASSWORD).slice(4)}"}`,
    ];
    const chunked = (all: readonly string[]): string =>
      all.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
    const whole = `${head}${chunked(parts)}0\r\nX-Trailer: 10.0.0.7\r\n\r\n`;
    const redactor = redactorOf(CAMERA, [whole]);
    const text = redactor.message(whole);
    const [, body = ''] = text.split('chunked\r\n\r\n');
    let [rest, content] = [body, ''];
    for (;;) {
      const [line = '', size = ''] = /^([0-9a-f]+)\r\n/.exec(rest) ?? [];
      const length = Number.parseInt(size, 16);
      if (length === 0) break;
      content += rest.slice(line.length, line.length + length);
      assert.equal(rest.slice(line.length + length, line.length + length + 2), '\r\n');
      rest = rest.slice(line.length + length + 2);
    }
    assert.match(content, /^\{"psk":"[a-z]{4}-[a-z]{6}-[1-9]{2}","ip":"192\.0\.2\.1","x":"[^]{12,}"\}$/);
    assert.equal(rest, '0\r\nX-Trailer: 192.0.2.1\r\n\r\n');
    assert.equal(holdsAny(Buffer.from(text, 'latin1'), redactor.secrets), false);
    for (let at = 0; at < whole.length; at++)
      assert.ok(!redactor.message(whole.slice(0, at)).includes('secret'), whole.slice(0, at));
  });

  it('leaves no end of a password whose beginning looks like something else', () => {
    for (const password of [
      'p@long-end7',
      'pa;long-end7',
      'nonce=1,long-end7',
      '10.0.0.7&long-end7',
      'q?tok=1&long-end7',
    ]) {
      const camera = { ...CAMERA, password };
      for (const [before, after] of [
        ['GET rtsp://anna:', '@far/x RTSP/1.0'],
        ['X: a=', ' b'],
        ['Session: ', ''],
        ['GET /x?pw=', '&n=1 HTTP/1.1'],
        ['a ', ':554'],
      ] as const) {
        const text = redact(`${before}${password}${after}\r\n\r\n`, [], camera);
        assert.ok(!/end7/.test(text), text);
      }
    }
  });

  it('hides an address that begins with zeros', () => {
    assert.equal(redactorOf(CAMERA, []).text('at ::ffff:c0a8:13c or 1'), 'at 2001:db8::1 or 1');
  });

  it('writes nothing of what is packed', () => {
    const text = redact('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\u0001\u0002Zip, that nobody reads');
    assert.match(text, /gzip\r\n\r\nx+$/);
  });

  it('finds the user where it stands alone, though it is a word', () => {
    const text = redact('A x RTSP/1.0\r\nX: anna@nas, of Anna\r\nAnna: 1\r\n\r\n{"anna":"anna","b":"joanna"}');
    assert.match(
      text,
      /X: (?!anna)[a-z]{4}@nas, of [A-Z]?[a-z]{3,4}\r\nAnna: 1\r\n\r\n\{"anna":"(?!anna)[a-z]{4}","b":"joanna"\}$/,
    );
  });

  for (const host of ['bücher.example', '前门.local', 'Kamera.Büro', 'bücher.example'.normalize('NFD')]) {
    it(`hides the host ${host} as DNS, an address and any text have it`, () => {
      const camera = { ...CAMERA, host };
      const forms = [host, host.toLowerCase(), new URL(`http://${host}/`).hostname, encodeURIComponent(host)];
      for (const form of forms) {
        const text = redact(
          `DESCRIBE rtsp://${form}:554/stream1 RTSP/1.0\r\nHost: ${form}\r\nX: (${form})\r\n\r\n`,
          [],
          camera,
        );
        assert.ok(!text.toLowerCase().includes(latin1(form).toLowerCase()), text);
        assert.match(text, /^DESCRIBE rtsp:\/\/[^/]+:554\/stream1 /);
      }
    });
  }

  it('hides whose session is described, and the hosts of foreign addresses', () => {
    const sdp =
      'v=0\r\no=robertson 1 1 IN IP4 robertsons-nas\r\ns=Robertsons room\r\ni=By Robertson 7\r\ne=robertson@mail.example\r\nc=IN IP4 0.0.0.0\r\na=control:rtsp://robertson:robertsons-pw@nas.robertson.example:8554/stream1\r\n';
    const text = redact(`RTSP/1.0 200 OK\r\nLocation: http://cloud.robertson.example/x?id=77abcdef&n=1\r\n\r\n${sdp}`);
    assert.ok(!/robertson|77abcdef/i.test(text), text);
    assert.match(text, /c=IN IP4 0\.0\.0\.0\r\na=control:rtsp:\/\/[^@/]+@[^/]+:8554\/stream1\r\n$/);
    assert.match(text, /Location: http:\/\/[^/]+\/x\?id=[^&]+&n=1/);
  });

  it('looks for a password with each of many nonces, and writes nothing when they are too many', () => {
    const nonces = (count: number): string[] =>
      Array.from({ length: count }, (_, at) => `HTTP/1.1 401 No\r\n\r\n{"nonce":"n${at}x"}`);
    const texts = nonces(500);
    const redactor = redactorOf(CAMERA, texts);
    for (const at of [0, 20, 21, 499]) {
      const form = md5Password(PASSWORD, `n${at}x`);
      assert.ok(!redactor.message(`A x RTSP/1.0\r\nX: ${form}\r\n\r\n`).includes(form), String(at));
      assert.equal(holdsAny(Buffer.from(form), redactor.secrets), true, String(at));
    }
    assert.throws(() => redactorOf(CAMERA, nonces(2_001)), { code: 'TALK_ERR_PROTOCOL', message: /too many nonces/ });
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
      assert.equal(holdsAny(Buffer.from(text, 'latin1'), redactor.secrets), false);
      assert.equal(holdsAny(Buffer.from(`odd ${form} odd`), redactor.secrets), true);
    });
  }
});

describe('holdsAny', () => {
  const secrets = new Needles(passwordForms('Only4Tests!', { username: 'admin', realms: [], nonces: [] }));

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
