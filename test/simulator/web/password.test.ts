// The password forms against the published vectors.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { md5Answer, saltedMd5, securityEncode, TABLE } from '../../../src/simulator/web/password.js';

describe('simulator/web-password', () => {
  it('has the table of 255 characters', () => {
    assert.equal(TABLE.length, 255);
    assert.equal(
      createHash('sha256').update(TABLE).digest('hex'),
      '554e1fa0f54b17cf3ba8fcaf2a253dbd69ebd9947c70d8c5412fb4f5bd86d552',
    );
  });

  const V11 = [
    ['', 'tyWcQbhc9TefbwK'],
    ['1', '0yWcQbhc9TefbwK'],
    ['123456', '0KcgeXhc9TefbwK'],
    ['Abc12345', '4748og1u9TefbwK'],
    ['TP-Link@2024!', 'zMP1HqyRL02VKwK'],
    ['0123456789abcde', 'ww3iA8wWXM3g0g4'],
    ['ThisIsAVeryLongPassw0rd!2024', 'zp8Q0dwztovwwKQc49907YygV7Vc'],
    ['aaaaaaaaaaaaaaaD', 'WHQV2Kxi843gKq7y'],
  ] as const;
  for (const [password, encoded] of V11) {
    it(`encodes "${password}" (V11)`, () => assert.equal(securityEncode(password), encoded));
  }

  const V10 = [
    ['Abc12345', 'lU3L7xDN', '16b59cfb5335d1058ceb4891dc2dc394'],
    ['TP-Link@2024!', 'z4ngBG5T', 'd95d2500ad75093ee50504ad17065b64'],
    ['123456', '0123456789abcdef', 'c9d214486a1715b032d449e63320408e'],
  ] as const;
  for (const [password, nonce, answer] of V10) {
    it(`answers ${nonce} with MD5 (V10)`, () => assert.equal(md5Answer(password, nonce), answer));
  }

  it('has the salted form of VIGI cameras', () => {
    assert.equal(saltedMd5('Abc12345'), '1D9BF6A636F2DF202FB9B9B481D4923B');
  });
});
