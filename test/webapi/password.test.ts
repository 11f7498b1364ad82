// Vectors PROTOCOL.md V10, V11 and V12, and passwords that do not fit.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { securityEncode } from '../../src/security-encode.js';
import { md5Password, rsaPassword, saltedPassword } from '../../src/webapi/password.js';
import { parsePublicKey } from '../../src/webapi/public-key.js';
import { rsaDecrypt, SPKI_161, SPKI_162, stripPkcs1 } from './stand-in.js';

describe('web password', () => {
  it('has the table of 255 characters', () => {
    const source = readFileSync(join(__dirname, '../../src/security-encode.ts'), 'utf8');
    const table = /'(yLwVl0zK[^']*)'/.exec(source)?.[1] ?? '';
    assert.equal(table.length, 255);
    const sha256 = createHash('sha256').update(table).digest('hex');
    assert.equal(sha256, '554e1fa0f54b17cf3ba8fcaf2a253dbd69ebd9947c70d8c5412fb4f5bd86d552');
  });

  // V11
  for (const [password, encoded] of [
    ['', 'tyWcQbhc9TefbwK'],
    ['1', '0yWcQbhc9TefbwK'],
    ['123456', '0KcgeXhc9TefbwK'],
    ['Abc12345', '4748og1u9TefbwK'],
    ['TP-Link@2024!', 'zMP1HqyRL02VKwK'],
    ['0123456789abcde', 'ww3iA8wWXM3g0g4'],
    ['ThisIsAVeryLongPassw0rd!2024', 'zp8Q0dwztovwwKQc49907YygV7Vc'],
    ['aaaaaaaaaaaaaaaD', 'WHQV2Kxi843gKq7y'],
  ] as const) {
    it(`scrambles a password of ${password.length} characters`, () => assert.equal(securityEncode(password), encoded));
  }

  // V10
  for (const [password, nonce, hash] of [
    ['Abc12345', 'lU3L7xDN', '16b59cfb5335d1058ceb4891dc2dc394'],
    ['TP-Link@2024!', 'z4ngBG5T', 'd95d2500ad75093ee50504ad17065b64'],
    ['123456', '0123456789abcdef', 'c9d214486a1715b032d449e63320408e'],
  ] as const) {
    it(`hashes with the nonce ${nonce}`, () => assert.equal(md5Password(password, nonce), hash));
  }

  // V12: the padding is random, so what comes out is decrypted with the private exponent.
  for (const [name, key] of [
    ['162', SPKI_162],
    ['161', SPKI_161],
    ['percent-encoded 162', encodeURIComponent(SPKI_162)],
  ] as const) {
    it(`encrypts with the ${name}-byte key`, () => {
      const encrypted = rsaPassword({
        encoded: securityEncode('Abc12345'),
        nonce: 'lU3L7xDN',
        key: parsePublicKey(key),
      });
      assert.match(encrypted, /^[A-Za-z0-9+/]{171}=$/);
      assert.equal(stripPkcs1(rsaDecrypt(encrypted)), '4748og1u9TefbwK:lU3L7xDN');
    });
  }

  it('decrypts the fixed cipher text of PROTOCOL.md V12 (the check of the check)', () => {
    const message = rsaDecrypt(
      'ecovIjNVOlIH2zNC7uKDwepKEn+wKHfpUA2vCHabnCf8wF67L9v0LCPgngfN7vodbHdmAFudxzxt7xQ+U+vGcF8bLcFWQxLs5C/nx84VwH5vKjZw4ew3RBn4xrnxEqXLA2xj6XByVKfABEIChbfgGp6eS9FoyN/BKBFTwu27GFY=',
    );
    assert.equal(
      message.toString('hex'),
      `0002${'aa'.repeat(101)}00${Buffer.from('4748og1u9TefbwK:lU3L7xDN').toString('hex')}`,
    );
  });

  it('salts as the international models want it', () => {
    assert.equal(saltedPassword('Abc12345'), '1D9BF6A636F2DF202FB9B9B481D4923B');
  });

  it('pads differently each time', () => {
    const key = parsePublicKey(SPKI_162);
    const once = { encoded: '4748og1u9TefbwK', nonce: 'lU3L7xDN', key };
    assert.notEqual(rsaPassword(once), rsaPassword(once));
  });

  it('refuses a password beyond ASCII where the encoding has no place for it', () => {
    const refused = { code: 'TALK_ERR_ARGUMENT', message: /ASCII/ };
    assert.throws(() => securityEncode('密码密码'), refused);
    assert.throws(() => securityEncode('pässwort'), refused);
    assert.equal(
      md5Password('密码', 'n'),
      createHash('md5').update(Buffer.from('e5af86e7a0813a6e', 'hex')).digest('hex'),
    );
  });

  it('says when the password does not fit the key, by one byte', () => {
    const key = parsePublicKey(SPKI_162);
    // 117 bytes fit: 108 of password, a colon, 8 of nonce.
    assert.equal(rsaPassword({ encoded: 'x'.repeat(108), nonce: 'lU3L7xDN', key }).length, 172);
    assert.throws(() => rsaPassword({ encoded: 'x'.repeat(109), nonce: 'lU3L7xDN', key }), {
      code: 'TALK_ERR_ARGUMENT',
      message: /too long for the camera's RSA key, which takes 117 bytes/,
    });
  });
});
