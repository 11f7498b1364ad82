// The camera's dialogue as values: who is asked for what, what opens a talk, what a strict camera complains about.
import assert from 'node:assert/strict';
import type { HeaderList, RtspRequest } from '../../../src/rtsp/message.js';
import { CameraDialogue, type Answer, type DialogueOptions } from '../../../src/simulator/talk/dialogue.js';
import { digestResponse } from '../../../src/simulator/digest.js';
import { usualTalkReplyText } from '../../../src/simulator/talk/replies.js';

const NONCE = '96fa3da3bceda6441e098764e178ed07';
const URI = 'rtsp://192.168.1.60/multitrans';
const TALK = '{"type":"request","seq":0,"params":{"method":"get","talk":{"mode":"half_duplex"}}}';
const V1 =
  'Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'uri="rtsp://192.168.1.60/multitrans", response="a0c5ca9ee922a01298e79071a2204d18"';
const V8 =
  'Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'uri="rtsp://192.168.1.60/multitrans", algorithm="SHA-256", qop="auth", cnonce="0a4f113b0a4f113b", nc="00000001", ' +
  'response="b5c252144c4a627bfe2ba5a4060380415122ba503ef4ef893088e64a8429aa0d"';
const BASIC = 'Basic realm="TP-LINK IP-Camera"';
const DIGEST = `Digest realm="TP-LINK IP-Camera", nonce="${NONCE}"`;

function dialogue(change: Partial<DialogueOptions> = {}): CameraDialogue {
  return new CameraDialogue({
    dialect: 'ipc',
    username: 'admin',
    password: 'Abc12345',
    realm: 'TP-LINK IP-Camera',
    withoutLogin: false,
    nonce: () => NONCE,
    sessionId: () => '7116520596809429228',
    instead: () => undefined,
    challenges: (usual) => usual,
    openTalk: () => 0,
    talkReplyText: usualTalkReplyText,
    ...change,
  });
}

function request(headers: HeaderList, body = '', change: Partial<RtspRequest> = {}): RtspRequest {
  return { kind: 'request', method: 'MULTITRANS', uri: URI, headers, body: Buffer.from(body), ...change };
}

const first = request([['CSeq', '0']]);
const second = request([
  ['CSeq', '1'],
  ['Authorization', V1],
]);
const third = (body = TALK, headers: HeaderList = []): RtspRequest =>
  request([['CSeq', '2'], ...headers, ['Content-Type', 'application/json']], body);

/** An ipc dialogue that is logged in. */
function loggedIn(change: Partial<DialogueOptions> = {}): CameraDialogue {
  const camera = dialogue(change);
  camera.receive(first);
  assert.equal(camera.receive(second).response?.status, 200);
  return camera;
}

const values = (answer: Answer, name: string): string[] =>
  (answer.response?.headers ?? []).filter(([header]) => header === name).map(([, value]) => value);
const body = (answer: Answer): string => answer.response?.body.toString() ?? '';

describe('simulator/dialogue', () => {
  describe('ipc', () => {
    it('asks for Basic and Digest, takes Digest, opens the talk', () => {
      const camera = dialogue();
      const asked = camera.receive(first);
      assert.equal(asked.response?.status, 401);
      assert.equal(asked.step, 'challenge');
      assert.deepEqual(asked.response.headers, [
        ['CSeq', '0'],
        ['WWW-Authenticate', BASIC],
        ['WWW-Authenticate', DIGEST],
      ]);
      const taken = camera.receive(second);
      assert.equal(taken.step, 'login');
      assert.deepEqual(taken.response?.headers, [
        ['CSeq', '1'],
        ['Session', '7116520596809429228'],
      ]);
      const opened = camera.receive(third(TALK, [['Session', '7116520596809429228']]));
      assert.equal(opened.opens, 'half_duplex');
      assert.deepEqual(opened.response?.headers, [
        ['CSeq', '2'],
        ['Session', '7116520596809429228'],
        ['Content-Type', 'application/json'],
        ['Content-Length', '73'],
      ]);
      assert.equal(body(opened), '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"2"}}');
      assert.deepEqual(
        [asked, taken, opened].flatMap(({ violations, warnings }) => [...violations, ...warnings]),
        [],
      );
    });

    it('opens a talk without Session, and with the credentials once more', () => {
      assert.equal(loggedIn().receive(third()).opens, 'half_duplex');
      const again = loggedIn().receive(third(TALK, [['Authorization', V1]]));
      assert.equal(again.opens, 'half_duplex');
      assert.deepEqual(again.violations, []);
    });

    it('asks once more when the talk request comes first', () => {
      const answer = dialogue().receive(third());
      assert.equal(answer.response?.status, 401);
      assert.equal(answer.opens, undefined);
    });

    it('does not read a talk request that comes with the credentials', () => {
      const camera = dialogue();
      camera.receive(first);
      const answer = camera.receive(
        request(
          [
            ['CSeq', '1'],
            ['Authorization', V1],
            ['Content-Type', 'application/json'],
          ],
          TALK,
        ),
      );
      assert.equal(answer.response?.status, 200);
      assert.equal(answer.opens, undefined);
      assert.equal(body(answer), '');
      assert.deepEqual(answer.violations, [
        'talk request together with the credentials, which this camera does not read',
      ]);
    });

    it('counts a wrong password as a failed login and not as a violation', () => {
      const camera = dialogue({ password: 'another' });
      camera.receive(first);
      const answer = camera.receive(second);
      assert.equal(answer.response?.status, 401);
      assert.equal(answer.loginFailed, true);
      assert.deepEqual(answer.violations, []);
    });

    it('refuses credentials for a nonce of another connection', () => {
      const answer = dialogue().receive(second);
      assert.equal(answer.response?.status, 401);
      assert.equal(answer.loginFailed, true);
      assert.deepEqual(answer.violations, ['credentials for a nonce that was not offered on this connection']);
    });

    it('gives a new nonce with each 401 and forgets the one before', () => {
      const nonces = [NONCE, 'b'.repeat(32), 'c'.repeat(32)];
      const camera = dialogue({ nonce: () => nonces.shift() ?? '' });
      camera.receive(first);
      camera.receive(request([['CSeq', '1']]));
      const answer = camera.receive(
        request([
          ['CSeq', '2'],
          ['Authorization', V1],
        ]),
      );
      assert.deepEqual(answer.violations, ['Digest nonce is not the one last offered on this connection']);
      assert.match(values(answer, 'WWW-Authenticate')[1] ?? '', /nonce="c{32}"/);
    });

    it('forgets a login when wrong credentials follow', () => {
      const camera = loggedIn();
      const wrong = camera.receive(third(TALK, [['Authorization', V1.replace('a0c5', 'a0c6')]]));
      assert.equal(wrong.response?.status, 401);
      const answer = camera.receive(
        request(
          [
            ['CSeq', '3'],
            ['Content-Type', 'application/json'],
          ],
          TALK,
        ),
      );
      assert.equal(answer.response?.status, 401);
    });

    it('answers an algorithm that was not offered 401, as cameras do', () => {
      const camera = dialogue();
      camera.receive(first);
      const answer = camera.receive(
        request([
          ['CSeq', '1'],
          ['Authorization', `${V1}, algorithm="MD5"`],
        ]),
      );
      assert.equal(answer.response?.status, 401);
      assert.deepEqual(answer.violations, ['Digest algorithm was not offered']);
    });

    it('wants no credentials when it has no login', () => {
      const camera = dialogue({ withoutLogin: true });
      const answer = camera.receive(first);
      assert.equal(answer.response?.status, 200);
      assert.deepEqual(values(answer, 'Session'), ['7116520596809429228']);
      const talk = camera.receive(
        request(
          [
            ['CSeq', '1'],
            ['Content-Type', 'application/json'],
          ],
          TALK,
        ),
      );
      assert.equal(talk.opens, 'half_duplex');
      assert.deepEqual(
        camera.receive(
          request([
            ['CSeq', '2'],
            ['Authorization', V1],
          ]),
        ).violations,
        ['credentials for a camera that asked for none'],
      );
    });
  });

  describe('vigi', () => {
    const talk = (cseq: string, headers: HeaderList = []): RtspRequest =>
      request([['CSeq', cseq], ['Content-Type', 'application/json'], ...headers], TALK.replace('0', '"1"'));

    it('takes the talk request twice, asks for SHA-256 in between, gives no Session', () => {
      const camera = dialogue({ dialect: 'vigi' });
      const asked = camera.receive(talk('1'));
      assert.deepEqual(values(asked, 'WWW-Authenticate'), [`${DIGEST}, algorithm="SHA-256", qop="auth"`]);
      const opened = camera.receive(talk('2', [['Authorization', V8]]));
      assert.equal(opened.opens, 'half_duplex');
      assert.deepEqual(opened.response?.headers, [
        ['CSeq', '2'],
        ['Content-Type', 'application/json'],
        ['Content-Length', '73'],
      ]);
      assert.equal(body(opened), '{"type":"response", "seq":1, "params":{"error_code":0, "session_id":"0"}}');
      assert.deepEqual([...asked.violations, ...opened.violations], []);
    });

    for (const name of ['qop', 'nc']) {
      it(`answers an unquoted ${name} 401, as cameras do`, () => {
        const camera = dialogue({ dialect: 'vigi' });
        camera.receive(talk('1'));
        const unquoted = V8.replace(new RegExp(`${name}="([^"]*)"`), `${name}=$1`);
        assert.notEqual(unquoted, V8);
        const answer = camera.receive(talk('2', [['Authorization', unquoted]]));
        assert.equal(answer.response?.status, 401);
        assert.deepEqual(answer.violations, [`Digest ${name} must be quoted`]);
      });
    }

    it('takes credentials without algorithm, as a C540V does', () => {
      const camera = dialogue({ dialect: 'vigi' });
      camera.receive(talk('1'));
      const opened = camera.receive(talk('2', [['Authorization', V8.replace(' algorithm="SHA-256",', '')]]));
      assert.equal(opened.opens, 'half_duplex');
      assert.deepEqual([...opened.violations, ...opened.warnings], []);
    });

    it('wants credentials with each request', () => {
      const camera = dialogue({ dialect: 'vigi', openTalk: () => -52411 });
      camera.receive(talk('1'));
      camera.receive(talk('2', [['Authorization', V8]]));
      assert.equal(camera.receive(talk('3')).response?.status, 401);
    });

    it('wants nc to count on with one nonce, and to start anew with the next', () => {
      const camera = dialogue({ dialect: 'vigi', openTalk: () => -52411 });
      const v8 = (nc: string): HeaderList => {
        const response = digestResponse({
          algorithm: 'SHA-256',
          username: 'admin',
          realm: 'TP-LINK IP-Camera',
          password: 'Abc12345',
          method: 'MULTITRANS',
          uri: URI,
          nonce: NONCE,
          qop: { nc, cnonce: '0a4f113b0a4f113b' },
        });
        const credentials = V8.replace('00000001', nc).replace(/response="\w+"/, `response="${response}"`);
        return [['Authorization', credentials]];
      };
      camera.receive(talk('1'));
      assert.equal(camera.receive(talk('2', v8('00000001'))).response?.status, 200);
      assert.equal(camera.receive(talk('3', v8('00000002'))).response?.status, 200);
      const repeated = camera.receive(talk('4', v8('00000002')));
      assert.equal(repeated.response?.status, 401);
      assert.deepEqual(repeated.violations, ['Digest nc must count up from 1']);
      assert.equal(camera.receive(talk('5', v8('00000001'))).response?.status, 200);
    });

    it('calls credentials without a talk request bad JSON', () => {
      const camera = dialogue({ dialect: 'vigi' });
      camera.receive(request([['CSeq', '1']]));
      const answer = camera.receive(
        request([
          ['CSeq', '2'],
          ['Authorization', V8],
        ]),
      );
      assert.match(body(answer), /"error_code":-501/);
    });

    it('warns of a Session that was never given', () => {
      const answer = dialogue({ dialect: 'vigi' }).receive(talk('1', [['Session', 'x']]));
      assert.deepEqual(answer.warnings, ['Session was never given']);
    });
  });

  describe('talk request', () => {
    for (const mode of ['half_duplex', 'full_duplex', 'vad', 'aec']) {
      it(`opens for ${mode}`, () => {
        assert.equal(loggedIn().receive(third(TALK.replace('half_duplex', mode))).opens, mode);
      });
    }
    it('minds neither blanks nor a seq that is text', () => {
      const spaced = '{"type": "request", "seq": "1", "params": {"method": "get", "talk": {"mode": "half_duplex"}}}';
      const answer = loggedIn().receive(third(spaced));
      assert.match(body(answer), /"seq":1, /);
      assert.equal(answer.opens, 'half_duplex');
    });
    it('tells the error number of a talk that it does not open', () => {
      const answer = loggedIn({ openTalk: () => -52411 }).receive(third());
      assert.equal(answer.response?.status, 200);
      assert.equal(answer.opens, undefined);
      assert.equal(body(answer), '{"type":"response", "seq":0, "params":{"error_code":-52411}}');
    });
    it('may keep silent', () => {
      const answer = loggedIn({ openTalk: () => 'silent' }).receive(third());
      assert.equal(answer.response, undefined);
      assert.equal(answer.opens, undefined);
    });

    const outer = 'body is not a JSON request of type, seq and params';
    const inner = 'params are not method get and talk with a known mode';
    const faults: [body: string, errorCode: number, why: string][] = [
      ['', -501, outer],
      [TALK.slice(0, -1), -501, outer],
      ['[]', -501, outer],
      [TALK.replace('"request"', '"response"'), -501, outer],
      [TALK.replace('"seq":0,', ''), -501, outer],
      ['{"type":"request","seq":0}', -501, outer],
      [TALK.replace('"get"', '"do"'), -502, inner],
      [TALK.replace('half_duplex', 'loud'), -502, inner],
      [TALK.replace('{"mode":"half_duplex"}', '"half_duplex"'), -502, inner],
    ];
    for (const [text, errorCode, why] of faults) {
      it(`${errorCode} for ${text === '' ? 'no body' : text}`, () => {
        const camera = dialogue({ withoutLogin: true, dialect: 'vigi' });
        const answer = camera.receive(third(text));
        assert.match(body(answer), new RegExp(`"error_code":${errorCode}`));
        assert.equal(answer.opens, undefined);
        assert.ok(answer.violations.includes(why));
      });
    }

    for (const params of ['"talk"', '[]', 'null', '1']) {
      it(`takes the camera down when params is ${params}`, () => {
        const answer = loggedIn().receive(third(`{"type":"request","seq":0,"params":${params}}`));
        assert.equal(answer.crashed, true);
        assert.equal(answer.response, undefined);
        assert.deepEqual(answer.violations, ['params is not an object: this took a VIGI C440 down until its reboot']);
      });
    }

    it('keeps silent about a module it does not know', () => {
      const answer = loggedIn().receive(third('{"type":"request","seq":0,"params":{"method":"get","sing":{}}}'));
      assert.equal(answer.response, undefined);
      assert.equal(answer.crashed, undefined);
      assert.deepEqual(answer.violations, ['params name no module that this camera knows']);
    });
  });

  describe('other requests', () => {
    const other = (method: string, uri = URI): Answer =>
      dialogue().receive(request([['CSeq', '7']], '', { method, uri }));
    it('lists its methods to anybody', () => {
      const answer = other('OPTIONS', 'rtsp://192.168.1.60/');
      assert.equal(answer.response?.status, 200);
      assert.deepEqual(values(answer, 'Public'), [
        'OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, MULTITRANS',
      ]);
    });
    for (const [method, status] of [
      ['DESCRIBE', 404],
      ['SETUP', 400],
      ['PLAY', 400],
      ['RECORD', 400],
    ] as const) {
      it(`${status} for ${method} of /multitrans`, () => assert.equal(other(method).response?.status, status));
    }
    for (const uri of [
      'rtsp://cam/multitrans',
      'rtsp://127.0.0.1:554/multitrans',
      'RTSP://[fe80::1]:8554/multitrans',
    ]) {
      it(`takes ${uri}: the host is not looked at`, () => assert.equal(other('MULTITRANS', uri).response?.status, 401));
    }
    for (const uri of [
      '/multitrans',
      'rtsp://cam/',
      'rtsp://cam/multitrans/',
      'rtsp://cam/MULTITRANS',
      'rtsp://cam/multitrans?a=b',
      'rtsp://admin:secret@cam/multitrans',
      'rtsp://fe80::1/multitrans',
      'http://cam/multitrans',
      '*',
    ]) {
      it(`400 for MULTITRANS ${uri}`, () => {
        const answer = other('MULTITRANS', uri);
        assert.equal(answer.response?.status, 400);
        assert.deepEqual(answer.violations, ['request URI is not rtsp://host[:port]/multitrans']);
      });
    }
  });

  describe('headers', () => {
    it('refuses a request without a proper CSeq', () => {
      for (const headers of [
        [],
        [['CSeq', 'x']],
        [
          ['CSeq', '1'],
          ['cseq', '1'],
        ],
      ] as HeaderList[]) {
        const answer = dialogue().receive(request(headers));
        assert.equal(answer.response?.status, 400);
        assert.deepEqual(answer.violations, ['CSeq is missing, doubled or no number']);
      }
    });
    it('minds CSeq that does not count', () => {
      const camera = dialogue();
      camera.receive(first);
      assert.deepEqual(camera.receive(request([['CSeq', '2']])).violations, ['CSeq 2 after 0']);
      assert.deepEqual(camera.receive(request([['CSeq', '3']])).violations, []);
    });
    it('minds another X-Client-UUID', () => {
      const camera = dialogue();
      camera.receive(
        request([
          ['CSeq', '0'],
          ['X-Client-UUID', 'a'],
        ]),
      );
      assert.deepEqual(
        camera.receive(
          request([
            ['CSeq', '1'],
            ['X-Client-UUID', 'a'],
          ]),
        ).violations,
        [],
      );
      assert.deepEqual(
        camera.receive(
          request([
            ['CSeq', '2'],
            ['X-Client-UUID', 'b'],
          ]),
        ).violations,
        ['X-Client-UUID changed'],
      );
    });
    it('minds a Session that is not its own, and only warns of its parameters', () => {
      assert.deepEqual(loggedIn().receive(third(TALK, [['Session', '1']])).violations, [
        'Session is not the one given',
      ]);
      const answer = loggedIn().receive(third(TALK, [['Session', '7116520596809429228;timeout=60']]));
      assert.deepEqual(answer.violations, []);
      assert.deepEqual(answer.warnings, ['Session was sent back with its parameters']);
    });
    it('minds a body that does not say it is JSON', () => {
      const answer = loggedIn().receive(request([['CSeq', '2']], TALK));
      assert.deepEqual(answer.violations, ['Content-Type of the body is not application/json']);
    });
  });
});
