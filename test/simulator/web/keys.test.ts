// Published key forms and strict decryption against the published key (V12).
import assert from 'node:assert/strict';
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { decryptStrictly, KEY_1024, KEY_2048, publicKeyText } from '../../../src/simulator/web/keys.js';

const N =
  'e392c174c4d41d1ec8eaa4081bac537679bf30f16b969e05286f40461dccef60d2fc815b894f9269dc87249af24dfb8c70cfd0c9efb6a4f23ad66298a20fa46d' +
  'ff8f91b528b3bde5b4d96556bbe6a5634ce96b32936f22c3846814b586817b0c99ec3ae65e0c0f3013ff942467fd8a8927c2b832c917b7271c8c8294d05a1a89';
const SPKI_162 =
  'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDjksF0xNQdHsjqpAgbrFN2eb8w8WuWngUob0BGHczvYNL8gVuJT5Jp3IckmvJN+4xwz9DJ77ak8jrWYpiiD6Rt/4+R' +
  'tSizveW02WVWu+alY0zpazKTbyLDhGgUtYaBewyZ7DrmXgwPMBP/lCRn/YqJJ8K4MskXtyccjIKU0FoaiQIDAQAB';
const SPKI_161 =
  'MIGeMA0GCSqGSIb3DQEBAQUAA4GMADCBiAKBgOOSwXTE1B0eyOqkCBusU3Z5vzDxa5aeBShvQEYdzO9g0vyBW4lPkmnchySa8k37jHDP0MnvtqTyOtZimKIPpG3/j5G1' +
  'KLO95bTZZVa75qVjTOlrMpNvIsOEaBS1hoF7DJnsOuZeDA8wE/+UJGf9ioknwrgyyRe3JxyMgpTQWhqJAgMBAAE=';
const V12_CIPHER =
  'ecovIjNVOlIH2zNC7uKDwepKEn+wKHfpUA2vCHabnCf8wF67L9v0LCPgngfN7vodbHdmAFudxzxt7xQ+U+vGcF8bLcFWQxLs5C/nx84VwH5vKjZw4ew3RBn4xrnxEqXL' +
  'A2xj6XByVKfABEIChbfgGp6eS9FoyN/BKBFTwu27GFY=';

/** Raw RSA of a block given as hex, as a sloppy client might send it. */
function rawCipher(blockHex: string): string {
  const key = createPublicKey({ key: Buffer.from(SPKI_162, 'base64'), format: 'der', type: 'spki' });
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, Buffer.from(blockHex, 'hex')).toString('base64');
}

describe('simulator/web-keys', () => {
  it('publishes the key in both lengths', () => {
    assert.equal(KEY_1024.modulus.toString('hex'), N);
    assert.equal(publicKeyText(KEY_1024, 'spki'), SPKI_162);
    assert.equal(publicKeyText(KEY_1024, 'spki-short'), SPKI_161);
  });

  it('publishes it bare, as 2048-bit key, broken, or not at all', () => {
    // SEQUENCE { INTEGER 00 n, INTEGER 65537 }
    const bare = Buffer.from(`30818902818100${N}0203010001`, 'hex').toString('base64');
    assert.equal(publicKeyText(KEY_1024, 'pkcs1'), bare);
    const long = Buffer.from(publicKeyText(KEY_2048, 'key_2') ?? '', 'base64');
    assert.equal(long.length, 294);
    assert.equal(createPublicKey({ key: long, format: 'der', type: 'spki' }).asymmetricKeyDetails?.modulusLength, 2048);
    const broken = Buffer.from(publicKeyText(KEY_1024, 'broken') ?? '', 'base64');
    assert.throws(() => createPublicKey({ key: broken, format: 'der', type: 'spki' }));
    assert.equal(publicKeyText(KEY_1024, 'none'), undefined);
  });

  it('decrypts the published cipher text (V12)', () => {
    assert.equal(decryptStrictly(KEY_1024, V12_CIPHER), '4748og1u9TefbwK:lU3L7xDN');
  });

  it('decrypts what OpenSSL pads at random', () => {
    for (const [key, format] of [
      [KEY_1024, 'spki'],
      [KEY_2048, 'key_2'],
    ] as const) {
      const der = Buffer.from(publicKeyText(key, format) ?? '', 'base64');
      const cipher = publicEncrypt(
        { key: createPublicKey({ key: der, format: 'der', type: 'spki' }), padding: constants.RSA_PKCS1_PADDING },
        Buffer.from('hello'),
      );
      assert.equal(decryptStrictly(key, cipher.toString('base64')), 'hello');
    }
  });

  const filler = (bytes: number): string => 'aa'.repeat(bytes);
  const message = Buffer.from('x:y').toString('hex');
  const sloppy = [
    ['block type 1', `0001${filler(122)}00${message}`],
    ['seven bytes of padding', `0002${filler(7)}00${'41'.repeat(118)}`],
    ['no end of padding', `0002${filler(126)}`],
    ['no padding at all', `${'00'.repeat(125)}${message}`],
  ] as const;
  for (const [what, block] of sloppy) {
    it(`refuses ${what}`, () => assert.equal(decryptStrictly(KEY_1024, rawCipher(block)), undefined));
  }

  it('takes eight bytes of padding', () => {
    assert.equal(decryptStrictly(KEY_1024, rawCipher(`0002${filler(8)}00${'41'.repeat(117)}`)), 'A'.repeat(117));
  });

  it('refuses base64 that is not plain, and numbers above the modulus', () => {
    assert.equal(decryptStrictly(KEY_1024, V12_CIPHER.replaceAll('+', '-')), undefined);
    assert.equal(decryptStrictly(KEY_1024, `${V12_CIPHER}\n`), undefined);
    assert.equal(decryptStrictly(KEY_1024, V12_CIPHER.slice(0, -4)), undefined);
    assert.equal(decryptStrictly(KEY_1024, Buffer.from('ff'.repeat(128), 'hex').toString('base64')), undefined);
  });
});
