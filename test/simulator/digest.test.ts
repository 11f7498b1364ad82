// Vectors PROTOCOL.md V1 to V9, and everything a strict camera refuses.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  digestResponse,
  formatChallenge,
  parseCredentials,
  verifyCredentials,
  type Challenge,
  type DigestChallenge,
} from '../../src/simulator/digest.js';

const REALM = 'TP-LINK IP-Camera';
const NONCE = '96fa3da3bceda6441e098764e178ed07';
const URI = 'rtsp://192.168.1.60/multitrans';
const V1 =
  'Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'uri="rtsp://192.168.1.60/multitrans", response="a0c5ca9ee922a01298e79071a2204d18"';
const V7 = V1.replace(
  'response="a0c5ca9ee922a01298e79071a2204d18"',
  'algorithm=MD5, qop=auth, nc=00000001, cnonce="0a4f113b0a4f113b", response="54dab70d3aceb0537362422ab2002043"',
);
const V8 = V1.replace(
  'response="a0c5ca9ee922a01298e79071a2204d18"',
  'algorithm="SHA-256", qop="auth", cnonce="0a4f113b0a4f113b", nc="00000001", ' +
    'response="b5c252144c4a627bfe2ba5a4060380415122ba503ef4ef893088e64a8429aa0d"',
);

const MD5: DigestChallenge = { scheme: 'Digest', realm: REALM, nonce: NONCE };
const MD5_QOP: DigestChallenge = { ...MD5, algorithm: 'MD5', qop: 'auth' };
const SHA256: DigestChallenge = { ...MD5, algorithm: 'SHA-256', qop: 'auth' };

function verify(text: string, challenge: DigestChallenge, lastNc = 0): string {
  const verdict = verifyCredentials(text, {
    challenge,
    username: 'admin',
    password: 'Abc12345',
    method: 'MULTITRANS',
    uri: URI,
    lastNc,
  });
  if ('nc' in verdict) return `accepted ${verdict.nc}`;
  return verdict.wrongPassword === true ? 'wrong password' : verdict.refused;
}

describe('simulator/digest', () => {
  describe('digestResponse', () => {
    const responses: [id: string, method: string, uri: string, response: string][] = [
      ['V1', 'MULTITRANS', URI, 'a0c5ca9ee922a01298e79071a2204d18'],
      ['V2', 'MULTITRANS', 'rtsp://192.168.1.60:554/multitrans', '39ab2db626c3de1a9fbef9421585150d'],
      ['V3', 'MULTITRANS', 'rtsp://127.0.0.1/multitrans', 'c679ee88318e4d36d8bd5a1b473482e6'],
      ['V4', 'DESCRIBE', URI, '0f0982887681a2fa65cad38f3c24fb83'],
      ['V5', 'MULTITRANS', '/multitrans', '6d64a04d954fb2f6120dd35b82e923bc'],
      ['V6', 'DESCRIBE', '/multitrans', 'b7673f29ee5a6cb55ab3aa07c9563648'],
    ];
    for (const [id, method, uri, response] of responses) {
      it(`${id}: MD5 as in RFC 2069, ${method} ${uri}`, () => {
        const input = { username: 'admin', realm: REALM, password: 'Abc12345', nonce: NONCE, method, uri };
        assert.equal(digestResponse(input), response);
      });
    }

    const qop = { nc: '00000001', cnonce: '0a4f113b0a4f113b' };
    const input = {
      username: 'admin',
      realm: REALM,
      password: 'Abc12345',
      method: 'MULTITRANS',
      uri: URI,
      nonce: NONCE,
    };
    it('V7: MD5 with qop', () => {
      assert.equal(digestResponse({ ...input, algorithm: 'MD5', qop }), '54dab70d3aceb0537362422ab2002043');
    });
    it('V8: SHA-256 with qop', () => {
      const response = 'b5c252144c4a627bfe2ba5a4060380415122ba503ef4ef893088e64a8429aa0d';
      assert.equal(digestResponse({ ...input, algorithm: 'SHA-256', qop }), response);
    });
    it('V9: SHA-256, the published fixture', () => {
      const response = digestResponse({
        algorithm: 'SHA-256',
        username: 'admin',
        realm: REALM,
        password: 'secret',
        method: 'MULTITRANS',
        uri: 'rtsp://cam/multitrans',
        nonce: 'n7',
        qop: { nc: '00000001', cnonce: 'aaaabbbbccccdddd' },
      });
      assert.equal(response, '7ebcb4398b563523ef42de05ba8b84a8caea8714d6d2b34db5f98b44fe5cd6e3');
    });
  });

  describe('formatChallenge', () => {
    const challenges: [Challenge, string][] = [
      [{ scheme: 'Basic', realm: REALM }, 'Basic realm="TP-LINK IP-Camera"'],
      [MD5, `Digest realm="TP-LINK IP-Camera", nonce="${NONCE}"`],
      [SHA256, `Digest realm="TP-LINK IP-Camera", nonce="${NONCE}", algorithm="SHA-256", qop="auth"`],
      [{ ...MD5, stale: true }, `Digest realm="TP-LINK IP-Camera", nonce="${NONCE}", stale=true`],
    ];
    for (const [challenge, text] of challenges) {
      it(text, () => assert.equal(formatChallenge(challenge), text));
    }
  });

  describe('parseCredentials', () => {
    it('tells quoted from unquoted, without minding blanks, commas and case', () => {
      const credentials = parseCredentials('digest USERNAME="a, \\"b\\"",nc=00000001 ,  qop = "auth"');
      assert.equal(credentials?.scheme, 'digest');
      assert.deepEqual(
        [...credentials.parameters],
        [
          ['username', { value: 'a, "b"', quoted: true }],
          ['nc', { value: '00000001', quoted: false }],
          ['qop', { value: 'auth', quoted: true }],
        ],
      );
    });
    for (const text of [
      '',
      'Digest',
      'Digest a',
      'Digest a="b',
      'Digest a="b" c="d"',
      'Digest a=b, A=c',
      'Digest a=b;c=d, =',
    ]) {
      it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseCredentials(text), undefined));
    }
    it('never throws and never hangs, whatever comes', () => {
      const piece = fc.constantFrom('Digest ', 'a', '=', '"', '\\', ',', ' ', '\t', 'nonce="x"', 'é', '\r');
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
          const credentials = parseCredentials(pieces.join(''));
          assert.ok(credentials === undefined || credentials.scheme.length > 0);
        }),
      );
    });
    it('reads back what is quoted', () => {
      fc.assert(
        fc.property(fc.string(), (value) => {
          const quoted = value.replace(/[\\"]/g, '\\$&');
          assert.equal(parseCredentials(`Digest a=b, nonce="${quoted}"`)?.parameters.get('nonce')?.value, value);
        }),
      );
    });
  });

  describe('verifyCredentials', () => {
    it('accepts V1, V7 and V8', () => {
      assert.equal(verify(V1, MD5), 'accepted 0');
      assert.equal(verify(V7, MD5_QOP), 'accepted 1');
      assert.equal(verify(V8, SHA256), 'accepted 1');
    });
    it('accepts V7 and V8 without their algorithm, as a VIGI C540V does, and answers by no other', () => {
      assert.equal(verify(V7.replace('algorithm=MD5, ', ''), MD5_QOP), 'accepted 1');
      assert.equal(verify(V8.replace('algorithm="SHA-256", ', ''), SHA256), 'accepted 1');
      assert.equal(
        verify(V7.replace('algorithm=MD5, qop=auth, nc=00000001', 'qop="auth", nc="00000001"'), SHA256),
        'wrong password',
      );
    });
    it('accepts V1 without blanks behind the commas', () => {
      assert.equal(verify(V1.replaceAll(', ', ','), MD5), 'accepted 0');
    });
    it('accepts MD5 with qop and nc quoted too, since no camera has shown which it wants', () => {
      assert.equal(verify(V7.replace('qop=auth, nc=00000001', 'qop="auth", nc="00000001"'), MD5_QOP), 'accepted 1');
    });
    it('calls only a wrong answer or user name a wrong password', () => {
      assert.equal(verify(V1.replace('a0c5', 'a0c6'), MD5), 'wrong password');
      assert.equal(verify(V1.replace('"admin"', '"root"'), MD5), 'wrong password');
      assert.equal(verify(V1.replace('a0c5ca9ee922', 'A0C5CA9EE922'), MD5), 'wrong password');
    });

    const refusals: [what: string, text: string, challenge: DigestChallenge, why: string, lastNc?: number][] = [
      ['Basic', 'Basic YWRtaW46QWJjMTIzNDU=', MD5, 'Basic credentials put the password on the wire'],
      ['Bearer', 'Bearer x', MD5, 'Authorization is not Digest'],
      ['nonsense', 'Digest nonsense', MD5, 'Authorization cannot be read'],
      ['an algorithm that was not offered', `${V1}, algorithm="MD5"`, MD5, 'Digest algorithm was not offered'],
      ['an opaque that was not offered', `${V1}, opaque=""`, MD5, 'Digest parameter opaque was not offered'],
      ['a qop that was not offered', V7.replace('algorithm=MD5, ', ''), MD5, 'Digest qop was not offered'],
      ['another realm', V1.replace('TP-LINK IP', 'TP-Link IP'), MD5, 'Digest realm is not the one offered'],
      ['another nonce', V1.replace('96fa', '96fb'), MD5, 'Digest nonce is not the one last offered on this connection'],
      ['another uri', V1.replace('.60/', '.60:554/'), MD5, 'Digest uri is not the URI of the request'],
      ['an unquoted nonce', V1.replace(`"${NONCE}"`, NONCE), MD5, 'Digest nonce must be quoted'],
      ['MD5 for SHA-256', V7, SHA256, 'Digest algorithm is not the one offered'],
      ['an unquoted qop for SHA-256', V8.replace('qop="auth"', 'qop=auth'), SHA256, 'Digest qop must be quoted'],
      ['an unquoted nc for SHA-256', V8.replace('"00000001"', '00000001'), SHA256, 'Digest nc must be quoted'],
      [
        'no qop although offered',
        V1.replace('uri=', 'algorithm="SHA-256", uri='),
        SHA256,
        'Digest qop is not the one offered',
      ],
      ['auth-int', V8.replace('"auth"', '"auth-int"'), SHA256, 'Digest qop is not the one offered'],
      ['no cnonce', V8.replace('cnonce="0a4f113b0a4f113b", ', ''), SHA256, 'Digest cnonce is missing'],
      ['a short nc', V8.replace('00000001', '1'), SHA256, 'Digest nc must be 8 hex digits'],
      ['a repeated nc', V8, SHA256, 'Digest nc must count up from 1', 1],
    ];
    for (const [what, text, challenge, why, lastNc] of refusals) {
      it(`refuses ${what}`, () => assert.equal(verify(text, challenge, lastNc), why));
    }
  });
});
