// Who may talk over HTTP, seen by a client that sends bytes typed by hand: challenges, what is refused, and what is written down of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../../src/simulator/index.js';
import { eventually, RawClient } from '../raw-client.js';
import {
  ASK,
  authorization,
  CONTENT_TYPE,
  ENCODED_RESPONSE,
  head,
  LOG_IN,
  logIn,
  MD5_RESPONSE,
  NONCE,
  OPAQUE,
  SHA256_RESPONSE,
  TALK,
  TAPO_OPTIONS,
} from './conversation.js';

describe('simulator/httptalk: log-in', () => {
  let camera: SimulatedCamera;
  const clients: RawClient[] = [];

  async function run(behaviors: readonly string[] = [], options: SimulatedCameraOptions = {}): Promise<RawClient> {
    camera = new SimulatedCamera({ ...TAPO_OPTIONS, behaviors, ...options });
    await camera.start();
    return dial();
  }
  async function dial(): Promise<RawClient> {
    const client = await RawClient.open(camera.streamPort ?? 0);
    clients.push(client);
    return client;
  }
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await camera.stop();
  });

  const status = (answer: string): string => answer.slice(0, answer.indexOf('\r\n'));
  const challenge = (answer: string): string[] => [...answer.matchAll(/^WWW-Authenticate: (.*)\r$/gm)].map(([, one = '']) => one); // prettier-ignore
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

  it('asks as a Tapo does, and lets the SHA-256 hash of the password in', async () => {
    const client = await run();
    const asked = await client.ask(ASK);
    assert.match(asked, /^HTTP\/1\.0 401 Unauthorized\r\nServer: Streamd\r\nDate: [^\r]+ GMT\r\nPragma: no-cache\r\n/);
    assert.deepEqual(challenge(asked), [
      `Digest realm="TP-Link IP-Camera",algorithm="MD5",encrypt_type="3",qop="auth",nonce="${NONCE}",opaque="${OPAQUE}"`,
    ]);
    assert.match(asked, /\r\nContent-Length: 0\r\n/);
    assert.equal(
      await client.ask(LOG_IN),
      'HTTP/1.0 200 OK\r\nServer: Streamd\r\nContent-Type: multipart/mixed;boundary=--device-stream-boundary--\r\n' +
        `Key-Exchange: cipher="AES_128_CBC" username="admin" padding="PKCS7_16" algorithm="MD5" nonce="${NONCE}"\r\n` +
        'Connection: keep-alive\r\n\r\n',
    );
    assert.deepEqual([camera.violations, camera.warnings, camera.loginFailures], [[], [], 0]);
    assert.deepEqual(
      camera.requests.map(({ method, uri }) => `${method} ${uri}`),
      ['POST /stream', 'POST /stream'],
    );
  });

  it('takes a nonce on another connection, unless it is told otherwise', async () => {
    await (await run()).ask(ASK);
    assert.equal(status(await (await dial()).ask(LOG_IN)), 'HTTP/1.0 200 OK');
    assert.deepEqual(camera.violations, []);
  });

  describe('passwords', () => {
    const cases: [behavior: string, response: string, announced: RegExp][] = [
      ['password-sha256', SHA256_RESPONSE, /,encrypt_type="3",/],
      ['password-md5', MD5_RESPONSE, /,encrypt_type="1",/],
      ['no-encrypt-type', MD5_RESPONSE, /algorithm="MD5",qop/],
      ['md5-announced-as-3', MD5_RESPONSE, /,encrypt_type="3",/],
      ['sha256-unannounced', SHA256_RESPONSE, /algorithm="MD5",qop/],
    ];
    for (const [behavior, response, announced] of cases) {
      it(behavior, async () => {
        const client = await run([behavior]);
        assert.match(challenge(await client.ask(ASK))[0] ?? '', announced);
        const other = response === MD5_RESPONSE ? SHA256_RESPONSE : MD5_RESPONSE;
        assert.equal(status(await client.ask(head(authorization(other)))), 'HTTP/1.0 401 Unauthorized');
        assert.equal(status(await client.ask(head(authorization(response)))), 'HTTP/1.0 200 OK');
        assert.deepEqual([camera.violations, camera.loginFailures], [[], 1]);
      });
    }

    it('password-encode, which family vigi-stream has by itself', async () => {
      const realm = 'TP-LINK IP-Camera';
      const request = head(authorization(ENCODED_RESPONSE, realm));
      assert.equal(status(await logIn(await run([], { family: 'vigi-stream' }), request)), 'HTTP/1.0 200 OK');
      await camera.stop();
      assert.equal(status(await logIn(await run(['password-encode'], { realm }), request)), 'HTTP/1.0 200 OK');
      assert.deepEqual(camera.violations, []);
    });
  });

  describe('challenges', () => {
    it('no-opaque', async () => {
      const client = await run(['no-opaque']);
      assert.doesNotMatch(await client.ask(ASK), /opaque/);
      const request = head(authorization(SHA256_RESPONSE, undefined, ''));
      assert.equal(status(await client.ask(request)), 'HTTP/1.0 200 OK');
    });

    it('no-algorithm, where naming one is wrong', async () => {
      const client = await run(['no-algorithm']);
      assert.doesNotMatch(await client.ask(ASK), /algorithm/);
      assert.equal(status(await client.ask(LOG_IN)), 'HTTP/1.0 401 Unauthorized');
      assert.deepEqual(camera.violations, ['connection 1, Digest algorithm is not the one offered']);
      assert.equal(status(await client.ask(LOG_IN.replace(', algorithm=MD5', ''))), 'HTTP/1.0 200 OK');
    });

    it('no-qop, where RFC 2069 is right', async () => {
      const client = await run(['no-qop']);
      assert.doesNotMatch(await client.ask(ASK), /qop/);
      assert.equal(status(await client.ask(LOG_IN)), 'HTTP/1.0 401 Unauthorized');
      const plain = LOG_IN.replace('qop=auth, nc=00000001, cnonce="0a4f113b0a4f113b", ', '');
      const old = plain.replace(SHA256_RESPONSE, '6b4d417aa41b70df08dc39e1fb40fe3b');
      assert.equal(status(await client.ask(old)), 'HTTP/1.0 200 OK');
    });

    it('sha256-digest, as a hub asks', async () => {
      const client = await run(['sha256-digest']);
      const asked = await client.ask(ASK);
      assert.equal(asked.split('\r\n\r\n')[1], 'HTTP ERROR 401');
      assert.deepEqual(challenge(asked), [
        `Digest realm="TP-Link IP-Camera", qop="auth", nonce="${NONCE}", opaque="${OPAQUE}", algorithm="SHA-256", encrypt_type="3"`,
      ]);
      const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
      const ha1 = hash(`admin:TP-Link IP-Camera:${hash('Abc12345').toUpperCase()}`);
      assert.equal(ha1, 'e2a9caf73b019996e673091a31ae6fc120b9f75e7df1b3f1c934d33f29e0db52');
      const response = hash(`${ha1}:${NONCE}:00000001:0a4f113b0a4f113b:auth:${hash('POST:/stream')}`);
      const request = head(authorization(response)).replace('algorithm=MD5', 'algorithm=SHA-256');
      assert.equal(status(await client.ask(request)), 'HTTP/1.1 200 OK');
      assert.deepEqual(camera.violations, []);
    });

    it('challenge-basic-first and -only', async () => {
      assert.equal(
        challenge(await (await run(['challenge-basic-first'])).ask(ASK))[0],
        'Basic realm="TP-Link IP-Camera"',
      );
      await camera.stop();
      const client = await run(['challenge-basic-only']);
      assert.deepEqual(challenge(await client.ask(ASK)), ['Basic realm="TP-Link IP-Camera"']);
      client.send(head('Authorization: Basic YWRtaW46QWJjMTIzNDU=\r\n'));
      await client.ended();
      assert.deepEqual(camera.violations, ['connection 1, Basic credentials put the password on the wire']);
    });

    it('no-challenge', async () => {
      const client = await run(['no-challenge']);
      assert.match(await client.ask(ASK), /^HTTP\/1\.0 200 OK[\s\S]*username="none"/);
      await camera.stop();
      await (await run(['no-challenge'])).ask(LOG_IN);
      assert.deepEqual(camera.violations, ['connection 1, credentials for a camera that asked for none']);
    });

    it('body-with-401, connection-close, http11, stray-bytes', async () => {
      const client = await run(['body-with-401', 'connection-close', 'http11', 'stray-bytes']);
      const asked = await client.ask(ASK);
      assert.match(
        asked,
        /^HTTP\/1\.1 401 [\s\S]*Content-Length: 14\r\n[\s\S]*Connection: close\r\n\r\nHTTP ERROR 401$/,
      );
      const opened = await client.ask(LOG_IN);
      assert.match(opened, /^HTTP\/1\.1 200 [\s\S]*Connection: close\r\n[\s\S]*Content-Length: 16\r\n\r\n/);
      assert.equal(opened.split('\r\n\r\n')[1]?.length, 16);
      assert.equal(client.over, 'no');
    });

    it('close-after-challenge', async () => {
      const client = await run(['close-after-challenge']);
      assert.match(await client.ask(ASK), /Connection: close/);
      assert.equal(await client.ended(), 'end');
      assert.equal(status(await (await dial()).ask(LOG_IN)), 'HTTP/1.0 200 OK');
      assert.deepEqual(camera.violations, []);
    });

    it('nonce-per-connection costs no attempt', async () => {
      await (await run(['nonce-per-connection'])).ask(ASK);
      const second = await dial();
      assert.equal(status(await second.ask(LOG_IN)), 'HTTP/1.0 401 Unauthorized');
      assert.equal(status(await second.ask(LOG_IN)), 'HTTP/1.0 200 OK');
      assert.deepEqual([camera.violations, camera.loginFailures], [[], 0]);
    });

    it('nonce-once', async () => {
      let n = 0;
      const client = await run(['nonce-once'], { nonce: () => (n++ === 0 ? NONCE : 'another') });
      await logIn(client);
      const again = await dial();
      assert.match(await again.ask(LOG_IN), /nonce="another"/);
      assert.deepEqual([camera.violations, camera.loginFailures], [[], 0]);
    });

    it('stale-nonce-once, overloaded, wrong-password-always, locked', async () => {
      const stale = await run(['stale-nonce-once']);
      await stale.ask(ASK);
      assert.match(await stale.ask(LOG_IN), /^HTTP\/1\.0 401 [\s\S]*,stale=true\r\n/);
      assert.equal(camera.loginFailures, 0);
      for (const behavior of ['overloaded', 'wrong-password-always', 'locked']) {
        await camera.stop();
        assert.equal(status(await logIn(await run([behavior]))), 'HTTP/1.0 401 Unauthorized');
        assert.equal(camera.loginFailures, 1);
      }
      await camera.stop();
      const client = await run(['overloaded:2']);
      await logIn(client);
      assert.equal(status(await client.ask(LOG_IN)), 'HTTP/1.0 401 Unauthorized');
      assert.equal(status(await client.ask(LOG_IN)), 'HTTP/1.0 200 OK');
    });

    it('answers that break off or never come', async () => {
      for (const [behavior, end] of [
        ['hang-up-at-login', 'end'],
        ['reset-at-login', 'reset'],
      ] as const) {
        const client = await run([behavior]);
        await client.ask(ASK);
        client.send(LOG_IN);
        assert.equal(await client.ended(), end);
        await camera.stop();
      }
      const client = await run(['silent-login']);
      await client.ask(ASK);
      client.send(LOG_IN);
      assert.deepEqual([camera.violations, camera.loginFailures], [[], 0]);
      await camera.stop();
      assert.match(await logIn(await run(['bad-request:login'])), /^HTTP\/1\.0 400 Bad Request\r\n/);
      await camera.stop();
      assert.match(
        await logIn(await run(['unavailable:login'])),
        /^HTTP\/1\.0 503 Service Unavailable\r\n[\s\S]*\r\n\r\n\{"type":"response", "seq":0, "params":\{"error_code":-52405\}\}$/,
      );
      await camera.stop();
      assert.match(await (await run(['other-server'])).ask(ASK), /^HTTP\/1\.1 404 /);
    });
  });

  describe('refuses and writes down', () => {
    const changed: [why: string, from: string, to: string][] = [
      ['Digest qop is missing', 'qop=auth, ', ''],
      ['Digest nc is missing', 'nc=00000001, ', ''],
      ['Digest cnonce is missing', 'cnonce="0a4f113b0a4f113b", ', ''],
      ['Digest qop is not the one offered', 'qop=auth,', 'qop=auth-int,'],
      ['Digest nc must be 8 hex digits', 'nc=00000001', 'nc=1'],
      ['Digest realm is not the one offered', 'realm="TP-Link IP-Camera"', 'realm="TP-LINK IP-Camera"'],
      ['Digest nonce was never offered', NONCE, NONCE.replace('9', '8')],
      ['Digest opaque is not the one offered', `, opaque="${OPAQUE}"`, ''],
      ['Digest uri is not that of the request line', 'uri="/stream"', 'uri="/"'],
      ['Digest algorithm is not the one offered', 'algorithm=MD5', 'algorithm=SHA-256'],
      ['Digest response must be quoted', `response="${SHA256_RESPONSE}"`, `response=${SHA256_RESPONSE}`],
      ['Digest parameter domain was not offered', 'algorithm=MD5', 'algorithm=MD5, domain="x"'],
      ['Authorization cannot be read', 'Digest username="admin", ', 'Digest username="admin, '],
      [
        'header authorization stands twice',
        'Content-Length: 0\r\n',
        'Content-Length: 0\r\nAuthorization: Digest x="y"\r\n',
      ],
      ['user name is not admin', 'username="admin"', 'username="viewer"'],
      ['Digest response in upper case', SHA256_RESPONSE, SHA256_RESPONSE.toUpperCase()],
    ];
    for (const [why, from, to] of changed) {
      it(why, async () => {
        const client = await run();
        await client.ask(ASK);
        assert.equal(status(await client.ask(LOG_IN.replace(from, to))), 'HTTP/1.0 401 Unauthorized');
        assert.equal(camera.violations[0], `connection 1, ${why}`);
        assert.equal(camera.loginFailures, 1);
      });
    }

    it('the hash in lower case', async () => {
      const client = await run(['password-md5']);
      await client.ask(ASK);
      const request = head(authorization('a57d2f86b8175bf671b7ec582afa1e81'));
      assert.equal(status(await client.ask(request)), 'HTTP/1.0 401 Unauthorized');
      assert.deepEqual(camera.violations, ['connection 1, password hash in lower case']);
    });

    it('a count that was used before', async () => {
      await logIn(await run());
      assert.equal(status(await (await dial()).ask(LOG_IN)), 'HTTP/1.0 401 Unauthorized');
      assert.deepEqual(camera.violations, ['connection 2, Digest nc was used before with this nonce']);
      const ha1 = md5(`admin:TP-Link IP-Camera:${createHash('sha256').update('Abc12345').digest('hex').toUpperCase()}`);
      const response = md5(`${ha1}:${NONCE}:00000002:0a4f113b0a4f113b:auth:${md5('POST:/stream')}`);
      const client = await dial();
      await client.ask(ASK);
      // The nonce was given anew, and counts from 1.
      const request = head(authorization(response)).replace('nc=00000001', 'nc=00000002');
      assert.equal(status(await client.ask(request)), 'HTTP/1.0 200 OK');
      assert.equal(camera.violations[1], 'connection 3, Digest nc must count up from 1');
    });

    it('a third attempt', async () => {
      const client = await run();
      for (const n of ['1', '2', '3']) {
        await client.ask(ASK);
        await client.ask(head(authorization(SHA256_RESPONSE.replace(/^./, n))));
      }
      assert.deepEqual(camera.violations, ['connection 1, more than two attempts to log in']);
      assert.equal(camera.loginFailures, 3);
    });

    it('quotes that were not needed, as a warning', async () => {
      const quoted = LOG_IN.replace('qop=auth', 'qop="auth"');
      assert.equal(status(await logIn(await run(), quoted)), 'HTTP/1.0 200 OK');
      assert.deepEqual([camera.violations, camera.warnings], [[], ['connection 1, Digest qop is quoted']]);
    });
  });

  describe('heads', () => {
    const wrong: [why: string, request: string, answer: string][] = [
      ['request line is not POST /stream', ASK.replace('POST', 'GET'), 'HTTP/1.0 405 Method Not Allowed'],
      ['request line is not POST /stream', ASK.replace('/stream', '/'), 'HTTP/1.0 404 Not Found'],
      [
        'Content-Type is not multipart/mixed with a boundary',
        ASK.replace(/; boundary=\S+/, ''),
        'HTTP/1.0 400 Bad Request',
      ],
      ['negative Content-Length', ASK.replace('Length: 0', 'Length: -1'), 'HTTP/1.0 401 Unauthorized'],
      ['Content-Length is no number', ASK.replace('Length: 0', 'Length: x'), 'HTTP/1.0 401 Unauthorized'],
      ['Content-Length 5 instead of 0', ASK.replace('Length: 0', 'Length: 5'), 'HTTP/1.0 401 Unauthorized'],
      ['Transfer-Encoding', head('Transfer-Encoding: chunked\r\n'), 'HTTP/1.0 401 Unauthorized'],
      ['query for a camera that is no child of a hub', head('', '/stream?deviceId=1'), 'HTTP/1.0 401 Unauthorized'],
      ['header host stands twice', head('Host: x\r\n'), 'HTTP/1.0 401 Unauthorized'],
    ];
    for (const [why, request, answer] of wrong) {
      it(`${why}: ${answer}`, async () => {
        assert.equal(status(await (await run()).ask(request)), answer);
        assert.deepEqual(camera.violations, [`connection 1, ${why}`]);
      });
    }

    it('is told of what others leave out, as a warning', async () => {
      const client = await run();
      await client.ask(`POST /stream HTTP/1.1\r\n${CONTENT_TYPE.replace('; ', ';').replace(': ', ':')}\r\n`);
      assert.deepEqual(camera.violations, []);
      assert.deepEqual(
        camera.warnings.map((text) => text.replace('connection 1, ', '')),
        ['no blank after the colon of a header', 'no Content-Length', 'no Host'],
      );
    });

    for (const [why, bytes] of [
      ['request line is none of HTTP/1.0 or 1.1', 'OPTIONS * RTSP/1.0\r\n\r\n'],
      ['header line without name, colon and value', ASK.replace('Connection', 'no colon\r\nConnection')],
      ['head of more than 16384 bytes', `POST /stream HTTP/1.1\r\nX: ${'a'.repeat(17_000)}`],
    ] as const) {
      it(why, async () => {
        const client = await run();
        client.send(bytes);
        assert.equal(await client.ended(), 'end');
        assert.deepEqual(camera.violations, [`connection 1, ${why}`]);
      });
    }

    it('line ends without CR, and whatever comes before its time', async () => {
      const client = await run();
      await client.ask(ASK + ASK);
      await client.message();
      assert.deepEqual(camera.violations, ['connection 1, bytes before the answer']);
      await client.ask(LOG_IN + TALK);
      assert.deepEqual(camera.violations.slice(1), ['connection 1, part before the 200']);
      assert.equal(camera.sessions.length, 1);
      const other = await dial();
      other.send(ASK.replaceAll('\r\n', '\n'));
      await eventually(() => camera.violations.length > 2, 'a complaint');
      assert.equal(camera.violations[2], 'connection 2, line end without CR');
    });

    it('whole however they are cut', async () => {
      const client = await run();
      for (const byte of ASK) client.send(byte);
      await client.message();
      for (const byte of LOG_IN) client.send(byte);
      assert.equal(status(await client.message()), 'HTTP/1.0 200 OK');
      assert.deepEqual(camera.violations, []);
    });

    it('dropped at the first violation where strict is refuse', async () => {
      const client = await run([], { strict: 'refuse' });
      client.send(ASK.replace('/stream', '/'));
      await client.ended();
      assert.equal(camera.violations.length, 1);
    });
  });
});
