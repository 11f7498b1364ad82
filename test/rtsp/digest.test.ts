// Digest: published vectors V1 to V9, challenges in every spelling seen, echo only what was offered.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  authorize,
  hashName,
  parseChallenges,
  pickChallenge,
  type Challenge,
  type DigestChallenge,
} from '../../src/rtsp/digest.js';
import { headerValues } from '../../src/rtsp/headers.js';
import { RtspParser } from '../../src/rtsp/parser.js';
import { fixture } from './cases.js';

const REALM = 'TP-LINK IP-Camera';
const NONCE = '96fa3da3bceda6441e098764e178ed07';
const URI = 'rtsp://192.168.1.60/multitrans';
const PLAIN: DigestChallenge = { scheme: 'digest', realm: REALM, nonce: NONCE, stale: false };
const CREDENTIALS = {
  method: 'MULTITRANS',
  uri: URI,
  username: 'admin',
  password: 'Abc12345',
  cnonce: '0a4f113b0a4f113b',
};

function challengesOf(path: string): Challenge[] {
  const [message] = new RtspParser().push(fixture(path));
  assert.ok(message?.kind === 'response');
  return parseChallenges(headerValues(message.headers, 'WWW-Authenticate'));
}

/** The one Digest challenge of a value that must have one. */
function offered(value: string): DigestChallenge {
  const challenge = pickChallenge(parseChallenges([value]));
  assert.ok(challenge !== undefined, 'no usable Digest challenge');
  return challenge;
}

describe('parseChallenges', () => {
  const cases: readonly [name: string, value: string, challenges: Challenge[]][] = [
    ['as TP-Link sends it', `Digest realm="${REALM}", nonce="${NONCE}"`, [PLAIN]],
    ['two in one value', `Basic realm="x", Digest realm="${REALM}", nonce="${NONCE}"`, [{ scheme: 'basic' }, PLAIN]],
    [
      'three in one value, Digest in the middle',
      `Negotiate, Digest realm="${REALM}",nonce="${NONCE}",Basic realm="x"`,
      [{ scheme: 'negotiate' }, PLAIN, { scheme: 'basic' }],
    ],
    ['a token68', 'Negotiate YII+/abc==, Basic realm="x"', [{ scheme: 'negotiate' }, { scheme: 'basic' }]],
    [
      'commas, equals signs and schemes inside quotes',
      'Digest realm="a, Basic realm=b", nonce="c=,d"',
      [{ scheme: 'digest', realm: 'a, Basic realm=b', nonce: 'c=,d', stale: false }],
    ],
    [
      'escaped quotes and backslashes',
      'Digest realm="a\\"b\\\\c", nonce="d"',
      [{ scheme: 'digest', realm: 'a"b\\c', nonce: 'd', stale: false }],
    ],
    [
      'tokens without quotes',
      'Digest realm=TP-LINK IP-Camera, nonce=ab/+c==, algorithm=MD5, qop=auth, stale=TRUE, opaque=o',
      [
        {
          scheme: 'digest',
          realm: REALM,
          nonce: 'ab/+c==',
          algorithm: 'MD5',
          algorithmText: 'MD5',
          qop: ['auth'],
          opaque: 'o',
          stale: true,
        },
      ],
    ],
    [
      'odd case and blanks',
      '  DIGEST   REALM = "a" ,NONCE= "b" , Qop="auth-int, AUTH" , Algorithm = "sha-256", STALE="true"',
      [
        {
          scheme: 'digest',
          realm: 'a',
          nonce: 'b',
          algorithm: 'sha-256',
          algorithmText: '"sha-256"',
          qop: ['auth-int', 'auth'],
          stale: true,
        },
      ],
    ],
    ['no commas', 'Digest realm="a" nonce="b"', [{ scheme: 'digest', realm: 'a', nonce: 'b', stale: false }]],
    ['the first of two', 'Digest realm="a", nonce="b", nonce="c"', [{ scheme: 'digest', realm: 'a', nonce: 'b', stale: false }]], // prettier-ignore
    ['empty qop', 'Digest realm="a", nonce="b", qop=""', [{ scheme: 'digest', realm: 'a', nonce: 'b', stale: false }]],
    ['no nonce', 'Digest realm="a"', [{ scheme: 'digest' }]],
    ['empty nonce', 'Digest realm="a", nonce=""', [{ scheme: 'digest' }]],
    ['no realm', 'Digest nonce="a"', [{ scheme: 'digest' }]],
    ['a quote that never ends', 'Digest realm="a", nonce="b', [{ scheme: 'digest' }]],
    ['a parameter without scheme', 'realm="a", Basic realm="b"', [{ scheme: 'basic' }]],
    ['nothing', '', []],
  ];
  for (const [name, value, challenges] of cases) {
    it(name, () => assert.deepEqual(parseChallenges([value]), challenges));
  }

  it('reads every value in order', () => {
    const values = ['Basic realm="x"', `Digest realm="${REALM}", nonce="${NONCE}"`];
    assert.deepEqual(parseChallenges(values), [{ scheme: 'basic' }, PLAIN]);
    assert.deepEqual(parseChallenges(values.reverse()), [PLAIN, { scheme: 'basic' }]);
    assert.deepEqual(parseChallenges([]), []);
  });

  it('reads what cameras send', () => {
    const basic = { scheme: 'basic' };
    assert.deepEqual(challengesOf('tl-ipc/2-response-401.rtsp'), [basic, PLAIN]);
    assert.deepEqual(challengesOf('mediamtx-3116/response-401.rtsp'), [basic, PLAIN]);
    assert.deepEqual(challengesOf('tl-ipc485ep-ai/response-401-digest-first.rtsp'), [PLAIN, basic]);
    assert.deepEqual(challengesOf('tl-ipc485ep-ai/response-401-digest-only.rtsp'), [PLAIN]);
    assert.deepEqual(challengesOf('vigi-c540v/response-401-sha256.rtsp'), [
      {
        scheme: 'digest',
        realm: REALM,
        nonce: 'n7',
        algorithm: 'SHA-256',
        algorithmText: '"SHA-256"',
        qop: ['auth'],
        stale: false,
      },
    ]);
  });

  it('takes any text', () => {
    const piece = fc.constantFrom('Digest', 'realm', 'nonce', '=', '"', '\\', ',', ' ', 'a', '\t', 'qop', '\u00fc');
    const text = fc.oneof(fc.string(), fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))); // prettier-ignore
    fc.assert(
      fc.property(fc.array(text), (values) => {
        const challenge = pickChallenge(parseChallenges(values));
        if (challenge !== undefined) assert.match(authorize(challenge, CREDENTIALS), /^Digest username="admin", /);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('pickChallenge', () => {
  const md5 = `Digest realm="${REALM}", nonce="1", algorithm=MD5`;
  const sha = `Digest realm="${REALM}", nonce="2", algorithm="SHA-256", qop="auth"`;
  const nonceOf = (...values: string[]): string | undefined => pickChallenge(parseChallenges(values))?.nonce;

  it('prefers SHA-256, then the first', () => {
    assert.equal(nonceOf(md5, sha), '2');
    assert.equal(nonceOf(sha, md5), '2');
    assert.equal(nonceOf(md5, `Digest realm="${REALM}", nonce="3"`), '1');
  });

  it('never answers Basic nor what it cannot compute', () => {
    assert.equal(nonceOf('Basic realm="x"'), undefined);
    assert.equal(nonceOf(), undefined);
    for (const algorithm of ['MD5-sess', 'SHA-256-sess', 'SHA-512-256', 'SHA-1']) {
      assert.equal(nonceOf(`Digest realm="a", nonce="9", algorithm=${algorithm}`, md5), '1');
    }
    assert.equal(nonceOf('Digest realm="a", nonce="9", algorithm="SHA-256", qop="auth-int"', md5), '1');
  });
});

describe('hashName', () => {
  it('is MD5 unless SHA-256 is asked for', () => {
    assert.equal(hashName(PLAIN), 'md5');
    assert.equal(hashName({ ...PLAIN, algorithm: 'md5' }), 'md5');
    assert.equal(hashName({ ...PLAIN, algorithm: 'sha-256' }), 'sha256');
    assert.throws(() => hashName({ ...PLAIN, algorithm: 'MD5-sess' }), { code: 'TALK_ERR_UNSUPPORTED' });
  });
});

describe('authorize', () => {
  // PROTOCOL.md V1 to V6.
  const vectors: readonly [id: string, method: string, uri: string, response: string][] = [
    ['V1', 'MULTITRANS', 'rtsp://192.168.1.60/multitrans', 'a0c5ca9ee922a01298e79071a2204d18'],
    ['V2', 'MULTITRANS', 'rtsp://192.168.1.60:554/multitrans', '39ab2db626c3de1a9fbef9421585150d'],
    ['V3', 'MULTITRANS', 'rtsp://127.0.0.1/multitrans', 'c679ee88318e4d36d8bd5a1b473482e6'],
    ['V4', 'DESCRIBE', 'rtsp://192.168.1.60/multitrans', '0f0982887681a2fa65cad38f3c24fb83'],
    ['V5', 'MULTITRANS', '/multitrans', '6d64a04d954fb2f6120dd35b82e923bc'],
    ['V6', 'DESCRIBE', '/multitrans', 'b7673f29ee5a6cb55ab3aa07c9563648'],
  ];
  for (const [id, method, uri, response] of vectors) {
    it(`${id}: RFC 2069 for ${method} ${uri}`, () => {
      assert.equal(
        authorize(PLAIN, { ...CREDENTIALS, method, uri }),
        `Digest username="admin", realm="TP-LINK IP-Camera", nonce="${NONCE}", uri="${uri}", response="${response}"`,
      );
    });
  }

  it('V1 is the header of the published conversation', () => {
    const [message] = new RtspParser().push(fixture('tl-ipc/3-request-authorized.rtsp'));
    assert.ok(message?.kind === 'request');
    const challenge = pickChallenge(challengesOf('tl-ipc/2-response-401.rtsp'));
    assert.ok(challenge !== undefined);
    assert.deepEqual(headerValues(message.headers, 'Authorization'), [authorize(challenge, CREDENTIALS)]);
  });

  it('V7: MD5 with qop, spelled as in the RFC', () => {
    assert.equal(
      authorize(offered(`Digest realm="${REALM}", nonce="${NONCE}", qop="auth"`), CREDENTIALS),
      `Digest username="admin", realm="TP-LINK IP-Camera", nonce="${NONCE}", uri="${URI}", qop=auth, ` +
        'cnonce="0a4f113b0a4f113b", nc=00000001, response="54dab70d3aceb0537362422ab2002043"',
    );
  });

  it('V8: SHA-256 with qop, quoted as VIGI wants it', () => {
    assert.equal(
      authorize(offered(`Digest realm="${REALM}", nonce="${NONCE}", algorithm="SHA-256", qop="auth"`), CREDENTIALS),
      `Digest username="admin", realm="TP-LINK IP-Camera", nonce="${NONCE}", uri="${URI}", algorithm="SHA-256", ` +
        'qop="auth", cnonce="0a4f113b0a4f113b", nc="00000001", ' +
        'response="b5c252144c4a627bfe2ba5a4060380415122ba503ef4ef893088e64a8429aa0d"',
    );
  });

  it('V9: the answer to the published VIGI challenge', () => {
    const challenge = pickChallenge(challengesOf('vigi-c540v/response-401-sha256.rtsp'));
    assert.ok(challenge !== undefined);
    assert.equal(
      authorize(challenge, {
        method: 'MULTITRANS',
        uri: 'rtsp://cam/multitrans',
        username: 'admin',
        password: 'secret',
        cnonce: 'aaaabbbbccccdddd',
      }),
      'Digest username="admin", realm="TP-LINK IP-Camera", nonce="n7", uri="rtsp://cam/multitrans", ' +
        'algorithm="SHA-256", qop="auth", cnonce="aaaabbbbccccdddd", nc="00000001", ' +
        'response="7ebcb4398b563523ef42de05ba8b84a8caea8714d6d2b34db5f98b44fe5cd6e3"',
    );
  });

  it('echoes algorithm in the spelling offered, and opaque; neither when not offered', () => {
    const answer = (rest: string): string => authorize(offered(`Digest realm="r", nonce="n"${rest}`), CREDENTIALS);
    assert.doesNotMatch(answer(''), /algorithm|opaque|qop|cnonce|nc=/);
    assert.match(answer(', algorithm=MD5'), /, uri="[^"]*", algorithm=MD5, response="[0-9a-f]{32}"$/);
    assert.match(answer(', algorithm="md5"'), /, algorithm="md5", response=/);
    assert.match(answer(', opaque="o\\"p"'), /, response="[0-9a-f]{32}", opaque="o\\"p"$/);
  });

  it('escapes quotes and backslashes on the wire, hashes them plain', () => {
    // The three answers from here on were computed with Python's hashlib.
    const challenge = offered('Digest realm="r\\"\\\\", nonce="n"');
    const header = authorize(challenge, { ...CREDENTIALS, username: 'a"\\b', password: 'p"\\' });
    assert.ok(header.startsWith('Digest username="a\\"\\\\b", realm="r\\"\\\\", nonce="n", uri='));
    assert.match(header, /response="1626c6ea430cf5793f192971dfec59f7"$/);
  });

  it('hashes UTF-8', () => {
    const header = authorize(offered('Digest realm="\u6444\u50cf\u673a", nonce="n"'), {
      ...CREDENTIALS,
      username: 'j\u00f6rg',
      password: '\u5bc6\u7801',
    });
    assert.match(header, /response="66535b49c2eeace9bd65e270fcefe9a2"$/);
  });

  it('counts the uses of a nonce in eight hex digits', () => {
    const challenge = offered(`Digest realm="${REALM}", nonce="${NONCE}", qop="auth"`);
    assert.match(
      authorize(challenge, { ...CREDENTIALS, nc: 171 }),
      /, nc=000000ab, response="5657bab3e8d435771f441ce2dd0dd327"$/,
    );
    for (const nc of [0, -1, 1.5, 2 ** 32]) {
      assert.throws(() => authorize(challenge, { ...CREDENTIALS, nc }), { code: 'TALK_ERR_ARGUMENT' });
    }
  });

  it('refuses an unknown algorithm and a qop without auth', () => {
    const unsupported = { name: 'TalkError', code: 'TALK_ERR_UNSUPPORTED' };
    assert.throws(() => authorize({ ...PLAIN, algorithm: 'SHA-512-256' }, CREDENTIALS), unsupported);
    assert.throws(() => authorize({ ...PLAIN, qop: ['auth-int'] }, CREDENTIALS), unsupported);
  });
});
