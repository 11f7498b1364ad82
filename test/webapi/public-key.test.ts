// Every key form seen in the field, and bytes that are none.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { parsePublicKey } from '../../src/webapi/public-key.js';
import { isTalkError } from '../../src/errors.js';
import { RSA_N, SPKI_161, SPKI_162 } from './stand-in.js';

const modulus = (key: string): bigint => {
  const { n } = parsePublicKey(key).export({ format: 'jwk' });
  return BigInt(`0x${Buffer.from(String(n), 'base64url').toString('hex')}`);
};

describe('public key of a challenge', () => {
  // A bare PKCS#1 structure, put together by hand from n: 30 81 89, 02 81 81 00 n, 02 03 01 00 01.
  const pkcs1 = Buffer.from(`30818902818100${RSA_N.toString(16)}0203010001`, 'hex').toString('base64');
  // The same without the leading zero of n.
  const shortPkcs1 = Buffer.from(`308188028180${RSA_N.toString(16)}0203010001`, 'hex').toString('base64');

  for (const [name, key] of [
    ['a correct SPKI of 162 bytes', SPKI_162],
    ['an SPKI of 161 bytes without the leading zero', SPKI_161],
    ['the SPKI percent-encoded, as cameras send it', encodeURIComponent(SPKI_162)],
    ['the short SPKI percent-encoded', encodeURIComponent(SPKI_161)],
    ['bare PKCS#1', pkcs1],
    ['bare PKCS#1 without the leading zero', shortPkcs1],
    ['base64 without its equals sign', SPKI_161.replace('=', '')],
    ['base64 in lines', SPKI_162.replace(/(.{64})/g, '$1\r\n')],
    ['trailing bytes', Buffer.concat([Buffer.from(SPKI_162, 'base64'), Buffer.alloc(3)]).toString('base64')],
  ] as const) {
    it(`reads ${name}`, () => assert.equal(modulus(key), RSA_N));
  }

  it('reads a 2048-bit key', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    assert.equal(spki.length, 294);
    const key = parsePublicKey(encodeURIComponent(spki.toString('base64')));
    assert.equal(key.export({ format: 'jwk' }).n, publicKey.export({ format: 'jwk' }).n);
    assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
  });

  for (const [name, key, why] of [
    ['nothing', '', /not base64/],
    ['a sentence', 'there is no key', /neither/],
    ['other text', '<html>', /not base64/],
    ['broken percent signs', '%%%', /not base64/],
    ['a key cut off', SPKI_162.slice(0, 100), /cut off/],
    ['an endless length', Buffer.from('30ffffff', 'hex').toString('base64'), /cut off/],
    ['indefinite length', Buffer.from('3080020100', 'hex').toString('base64'), /cut off/],
    ['one missing number', Buffer.from('3003020103', 'hex').toString('base64'), /neither/],
    ['a megabyte', 'A'.repeat(1_000_000), /not base64/],
  ] as const) {
    it(`refuses ${name} with a sentence`, () => {
      assert.throws(
        () => parsePublicKey(key),
        (error) =>
          isTalkError(error) &&
          error.code === 'TALK_ERR_PROTOCOL' &&
          error.message.startsWith("The camera's RSA key cannot be read") &&
          why.test(error.message),
      );
    });
  }

  /** Bare PKCS#1. */
  const weak = (n: bigint, e: string): string => {
    const integers = [n.toString(16).padStart(258, '0'), e].map((hex) => tlv('02', hex));
    return Buffer.from(tlv('30', integers.join('')), 'hex').toString('base64');
  };
  const tlv = (tag: string, hex: string): string => {
    const length = hex.length / 2;
    return `${tag}${length < 0x80 ? '' : '81'}${length.toString(16).padStart(2, '0')}${hex}`;
  };

  it('takes the smallest exponent that protects', () => assert.equal(modulus(weak(RSA_N, '03')), RSA_N));

  for (const [name, key, why] of [
    ['a modulus of 6 bits', weak(0x23n, '03'), /it has 6 bits, 1024 are the least/],
    ['512 bits', weak(RSA_N >> 512n, '010001'), /it has 512 bits/],
    ['1023 bits', weak((RSA_N >> 1n) | 1n, '010001'), /it has 1023 bits/],
    ['an exponent of 0', weak(RSA_N, '00'), /exponent is 0/],
    ['an exponent of 1', weak(RSA_N, '01'), /exponent is 1/],
    ['an exponent of 1 after zeros', weak(RSA_N, '0001'), /exponent is 1/],
    ['an exponent of 2', weak(RSA_N, '02'), /exponent is 2/],
    ['an even exponent', weak(RSA_N, '010000'), /exponent is 65536/],
  ] as const) {
    it(`refuses ${name}, which protects nothing`, () => {
      assert.throws(
        () => parsePublicKey(key),
        (error) =>
          isTalkError(error) &&
          error.code === 'TALK_ERR_PROTOCOL' &&
          error.message.startsWith("The camera's RSA key does not protect a password: ") &&
          why.test(error.message),
      );
    });
  }

  it('never throws anything but TALK_ERR_PROTOCOL, whatever bytes come', () => {
    const onlyOurs = (key: string): void => {
      try {
        parsePublicKey(key);
      } catch (error) {
        assert.ok(isTalkError(error) && error.code === 'TALK_ERR_PROTOCOL', String(error));
      }
    };
    fc.assert(fc.property(fc.string(), onlyOurs));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => onlyOurs(Buffer.from(bytes).toString('base64'))),
    );
    const der = Buffer.from(SPKI_162, 'base64');
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 0, max: 255 }), (index, byte) => {
        const broken = Buffer.from(der);
        broken[index] = byte;
        onlyOurs(broken.toString('base64'));
      }),
      { numRuns: 400 },
    );
  });
});
