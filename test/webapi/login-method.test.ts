// Which answer each challenge gets, by itself and by configuration.
import assert from 'node:assert/strict';
import type { Login } from '../../src/camera-options.js';
import { NO_CHALLENGE, parseChallenge } from '../../src/webapi/challenge.js';
import { chooseLogin, loginRequest } from '../../src/webapi/login-method.js';
import { rsaDecrypt, SPKI_161, SPKI_162, stripPkcs1 } from './stand-in.js';

const choose = (data: object, login: Login = 'auto'): ReturnType<typeof chooseLogin> =>
  chooseLogin(parseChallenge({ data: { code: -40407, ...data } }) ?? NO_CHALLENGE, login);

const nonce = 'lU3L7xDN';
const key = encodeURIComponent(SPKI_162);
/** PKCS#1: 30 47, 02 40 n of 512 bits, 02 03 01 00 01. */
const WEAK = Buffer.from(`30470240${'c5'.repeat(64)}0203010001`, 'hex').toString('base64');

/** What goes on the wire, without the password. */
function sent(data: object, login: Login = 'auto'): Record<string, unknown> {
  const { login: fields } = loginRequest('admin', 'Abc12345', choose(data, login)) as { login: Record<string, string> };
  const { username, password = '', ...rest } = fields;
  assert.equal(username, 'admin');
  const kind =
    password === '4748og1u9TefbwK'
      ? 'plain'
      : password === '16b59cfb5335d1058ceb4891dc2dc394'
        ? 'md5'
        : decrypted(password);
  return { kind, ...rest };
}

function decrypted(password: string): string {
  const plain = stripPkcs1(rsaDecrypt(password));
  // PROTOCOL.md V10, for contrast.
  if (plain === '1D9BF6A636F2DF202FB9B9B481D4923B:lU3L7xDN') return 'salted rsa';
  return plain === '4748og1u9TefbwK:lU3L7xDN' ? 'rsa' : '?';
}

describe('choice of the login method', () => {
  const RSA = { kind: 'rsa', encrypt_type: '2' };
  const md5 = (type: string | number): object => ({ kind: 'md5', encrypt_type: type, md5_encrypt_type: '1' });

  for (const [name, data, expected] of [
    ['["2"] with a key', { encrypt_type: ['2'], key, nonce }, RSA],
    ['["1","2"] with a key', { encrypt_type: ['1', '2'], key, nonce }, RSA],
    ['2 with a key and md5_encrypt_type', { encrypt_type: '2', key, nonce, md5_encrypt_type: '1' }, RSA],
    ['2 and 3 with a key', { encrypt_type: ['3', '2'], key, nonce }, RSA],
    ['2 as a number', { encrypt_type: 2, key, nonce }, RSA],
    ['2 with a short key', { encrypt_type: ['2'], key: SPKI_161, nonce }, RSA],
    ['2 with a readable key and a second', { encrypt_type: ['2'], key, key_2: SPKI_162, nonce }, RSA],
    [
      '2 with only the second key readable',
      { encrypt_type: ['2'], key: 'x', key_2: SPKI_162, nonce },
      { ...RSA, keyType: '1' },
    ],
    ['2 with passwdType md5', { encrypt_type: ['2'], key, nonce, passwdType: 'md5' }, { ...RSA, kind: 'salted rsa' }],
    ['2 with another passwdType', { encrypt_type: ['2'], key, nonce, passwdType: 'plain' }, RSA],
    ['2 and 3 without a readable key', { encrypt_type: ['2', '3'], key: 'x', nonce }, md5('3')],
    ['2 with md5_encrypt_type and no key', { encrypt_type: ['2'], nonce, md5_encrypt_type: '1' }, md5('2')],
    [
      '2 with md5_encrypt_type and an unreadable key',
      { encrypt_type: '2', key: 'x', nonce, md5_encrypt_type: 1 },
      md5('2'),
    ],
    ['["3"]', { encrypt_type: ['3'], nonce }, md5('3')],
    ['3 as a number', { encrypt_type: 3, nonce }, md5('3')],
    ['1 and 3', { encrypt_type: ['1', '3'], nonce }, md5('3')],
    ['1', { encrypt_type: '1', nonce }, { kind: 'plain', encrypt_type: '1' }],
    ['1 with md5_encrypt_type', { encrypt_type: '1', nonce, md5_encrypt_type: '1' }, md5('1')],
    ['the number 1 with md5_encrypt_type', { encrypt_type: 1, nonce, md5_encrypt_type: '1' }, md5(1)],
    ['2 and 3 with a key of 512 bits', { encrypt_type: ['2', '3'], key: WEAK, nonce }, md5('3')],
    [
      '2 with a weak key and a good second',
      { encrypt_type: '2', key: WEAK, key_2: SPKI_162, nonce },
      { ...RSA, keyType: '1' },
    ],
    [
      '1 and 2 without a key, with md5_encrypt_type',
      { encrypt_type: ['1', '2'], nonce, md5_encrypt_type: '1' },
      md5('2'),
    ],
    ['null', { encrypt_type: null, nonce }, md5('3')],
    ['no type', { nonce }, md5('3')],
    ['no type and no nonce', {}, { kind: 'plain' }],
  ] as const) {
    it(`answers ${name} on its own`, () => assert.deepEqual(sent(data), expected));
  }

  for (const [login, data, expected] of [
    ['rsa', { encrypt_type: ['3'], key, nonce }, RSA],
    ['md5', { encrypt_type: ['1', '2'], key, nonce }, md5('3')],
    ['md5', { encrypt_type: ['2'], key, nonce, md5_encrypt_type: '1' }, md5('2')],
    ['md5', { encrypt_type: ['3', '2'], key, nonce, md5_encrypt_type: '1' }, md5('3')],
    ['md5', { encrypt_type: 1, nonce, md5_encrypt_type: '1' }, md5(1)],
    ['md5', { nonce, md5_encrypt_type: '1' }, md5('3')],
    ['plain', { encrypt_type: ['2'], key, nonce }, { kind: 'plain', encrypt_type: '1' }],
    ['plain', {}, { kind: 'plain' }],
  ] as const) {
    it(`obeys ${login} at ${JSON.stringify(data).slice(0, 40)}`, () => assert.deepEqual(sent(data, login), expected));
  }

  for (const [name, data, login, code] of [
    ['a way nobody knows', { encrypt_type: ['4', '5'], nonce }, 'auto', 'TALK_ERR_UNSUPPORTED'],
    ['type 2 alone without a key', { encrypt_type: ['2'], nonce }, 'auto', 'TALK_ERR_PROTOCOL'],
    ['type 2 alone with an unreadable key', { encrypt_type: ['2'], key: 'x', nonce }, 'auto', 'TALK_ERR_PROTOCOL'],
    ['types 1 and 2 without a key', { encrypt_type: ['1', '2'], nonce }, 'auto', 'TALK_ERR_PROTOCOL'],
    [
      'types 1 and 2 with an unreadable key',
      { encrypt_type: ['1', '2'], key: 'x', nonce },
      'auto',
      'TALK_ERR_PROTOCOL',
    ],
    [
      'types 1 and 2 with a key of 512 bits',
      { encrypt_type: ['1', '2'], key: WEAK, nonce },
      'auto',
      'TALK_ERR_PROTOCOL',
    ],
    ['rsa by hand with a key of 512 bits', { encrypt_type: ['2'], key: WEAK, nonce }, 'rsa', 'TALK_ERR_PROTOCOL'],
    ['type 3 without a nonce', { encrypt_type: ['3'] }, 'auto', 'TALK_ERR_PROTOCOL'],
    ['rsa without a key', { encrypt_type: ['3'], nonce }, 'rsa', 'TALK_ERR_PROTOCOL'],
    ['rsa without a nonce', { encrypt_type: ['2'], key }, 'rsa', 'TALK_ERR_PROTOCOL'],
    ['none', { encrypt_type: ['3'], nonce }, 'none', 'TALK_ERR_ARGUMENT'],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(() => choose(data, login), { code });
    });
  }
});
