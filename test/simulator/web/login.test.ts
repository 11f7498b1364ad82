// The camera's judgement of logins as values: forms, one-time nonces, counting, locking.
import assert from 'node:assert/strict';
import { constants, createHash, createPublicKey, publicEncrypt } from 'node:crypto';
import { WebLogin, type WebLoginOptions } from '../../../src/simulator/web/login.js';
import { handClock } from './raw-http.js';

// Password Abc12345: securityEncode, and MD5 with the nonce of the vectors (V10, V11).
const ENCODED = '4748og1u9TefbwK';
const NONCE = 'lU3L7xDN';
const MD5 = '16b59cfb5335d1058ceb4891dc2dc394';

function camera(options: Partial<WebLoginOptions> = {}) {
  const clock = handClock();
  const nonces = [NONCE, 'nonce002', 'nonce003', 'nonce004', 'nonce005', 'nonce006'];
  const login = new WebLogin(
    { password: 'Abc12345', nextNonce: () => nonces.shift() ?? 'too many nonces', ...options },
    clock,
  );
  return { clock, login, challenge: () => login.challenge()['data'] as any };
}

function rsa(challenge: any, message: string, field = 'key'): string {
  const der = Buffer.from(decodeURIComponent(challenge[field]), 'base64');
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(message)).toString('base64');
}

const admin = (fields: object) => ({ username: 'admin', ...fields }) as any;
const refusalCode = (verdict: any): number => verdict.refusal.data.code;

describe('simulator/web-login', () => {
  it('challenges with types, key, nonce and the sentinel of the first attempt', () => {
    const challenge = camera().login.challenge() as any;
    assert.equal(challenge.error_code, -40401);
    const { key, ...rest } = challenge.data;
    assert.deepEqual(rest, {
      code: -40407,
      encrypt_type: ['1', '2'],
      nonce: NONCE,
      time: 0,
      max_time: 20,
      sec_left: 0,
    });
    assert.match(
      key,
      /^MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDjksF0xNQdHsjqpAgbrFN2eb8w8WuWngUob0BGHczvYNL8gVuJT5Jp3IckmvJN%2B4xwz9DJ77/,
    );
  });

  for (const encryptTypes of [['3'], '3', 3, null]) {
    it(`writes encrypt_type ${JSON.stringify(encryptTypes)} as it is`, () => {
      assert.deepEqual(camera({ encryptTypes }).challenge().encrypt_type, encryptTypes);
    });
  }

  it('leaves encrypt_type, key and md5_encrypt_type out', () => {
    const challenge = camera({ encryptTypes: 'absent', keyFormat: 'none' }).challenge();
    for (const field of ['encrypt_type', 'key', 'md5_encrypt_type', 'passwdType']) assert.ok(!(field in challenge));
  });

  it('takes RSA with the right password and nonce', () => {
    const { login, challenge } = camera();
    const password = rsa(challenge(), `${ENCODED}:${NONCE}`);
    assert.equal(login.attempt(admin({ password, encrypt_type: '2' })).accepted, true);
  });

  it('takes RSA with key_2 only together with keyType 1', () => {
    const { login, challenge } = camera({ keyFormat: 'key_2' });
    const offer = challenge();
    assert.ok(!('key' in offer));
    const password = rsa(offer, `${ENCODED}:${NONCE}`, 'key_2');
    assert.equal(refusalCode(login.attempt(admin({ password, encrypt_type: '2' }))), -40211);
    assert.equal(login.attempt(admin({ password, encrypt_type: '2', keyType: '1' })).accepted, true);
  });

  it('takes the salted MD5 inside RSA when it says passwdType md5', () => {
    const { login, challenge } = camera({ passwordForm: 'md5' });
    const offer = challenge();
    assert.equal(offer.passwdType, 'md5');
    const password = rsa(offer, `1D9BF6A636F2DF202FB9B9B481D4923B:${NONCE}`);
    assert.equal(login.attempt(admin({ password, encrypt_type: '2' })).accepted, true);
  });

  it('takes the plainly encoded password under type 1 and without a type', () => {
    for (const encrypt_type of ['1', undefined]) {
      const fields = encrypt_type === undefined ? {} : { encrypt_type };
      assert.equal(camera().login.attempt(admin({ password: ENCODED, ...fields })).accepted, true);
      assert.equal(camera().login.attempt(admin({ password: 'Abc12345', ...fields })).accepted, false);
    }
  });

  it('takes MD5 under type 3 with md5_encrypt_type', () => {
    const { login, challenge } = camera({ encryptTypes: ['3'], md5EncryptType: '1' });
    assert.equal(challenge().md5_encrypt_type, '1');
    assert.equal(refusalCode(login.attempt(admin({ password: MD5, encrypt_type: '3' }))), -40211);
    const right = { password: MD5, encrypt_type: '3', md5_encrypt_type: '1' };
    assert.equal(refusalCode(login.attempt(admin({ ...right, md5_encrypt_type: 1 }))), -40205);
    assert.equal(login.failures, 0);
    assert.equal(login.attempt(admin(right)).accepted, true);
  });

  it('wants MD5 in lower case', () => {
    const { login, challenge } = camera({ encryptTypes: ['3'] });
    challenge();
    const fields = { password: MD5.toUpperCase(), encrypt_type: '3', md5_encrypt_type: '1' };
    assert.equal(login.attempt(admin(fields)).accepted, false);
    assert.equal(login.failures, 1);
  });

  it('takes MD5 under type 2 and 1 exactly when it advertises md5_encrypt_type', () => {
    for (const encrypt_type of ['1', '2']) {
      const fields = { password: MD5, encrypt_type, md5_encrypt_type: '1' };
      const advertised = camera({ md5EncryptType: '1' });
      advertised.challenge();
      assert.equal(advertised.login.attempt(admin(fields)).accepted, true);
      const silent = camera();
      silent.challenge();
      const verdict = silent.login.attempt(admin(fields));
      assert.deepEqual([verdict.accepted, verdict.wrongForm], [false, true]);
    }
  });

  it('refuses a type it does not offer as a wrong form, and counts it', () => {
    const { login, challenge } = camera();
    challenge();
    const verdict = login.attempt(admin({ password: MD5, encrypt_type: '3', md5_encrypt_type: '1' }));
    assert.deepEqual([verdict.accepted, verdict.wrongForm, login.failures], [false, true, 1]);
  });

  it('takes MD5 or the encoded password when it names no type', () => {
    for (const encryptTypes of [null, 'absent']) {
      const first = camera({ encryptTypes });
      first.challenge();
      assert.ok(first.login.attempt(admin({ password: MD5, encrypt_type: '3', md5_encrypt_type: '1' })).accepted);
      assert.ok(camera({ encryptTypes }).login.attempt(admin({ password: ENCODED })).accepted);
    }
  });

  it('takes a number as type only when it offered a number', () => {
    const fields = { password: MD5, encrypt_type: 1, md5_encrypt_type: '1' };
    const number = camera({ encryptTypes: 1, md5EncryptType: '1' });
    number.challenge();
    assert.equal(number.login.attempt(admin(fields)).accepted, true);
    assert.equal(refusalCode(camera({ md5EncryptType: '1' }).login.attempt(admin(fields))), -40205);
  });

  it('judges the user name', () => {
    assert.equal(camera().login.attempt({ username: 'root', password: ENCODED }).accepted, false);
    assert.equal(camera({ username: 'root' }).login.attempt({ username: 'root', password: ENCODED }).accepted, true);
  });

  it('asks for missing fields without counting', () => {
    const { login } = camera();
    assert.equal(refusalCode(login.attempt({ password: ENCODED })), -40211);
    assert.equal(refusalCode(login.attempt({ username: 'admin' })), -40211);
    assert.equal(refusalCode(login.attempt({ username: 'admin', password: 12345678 })), -40205);
    assert.equal(login.failures, 0);
  });

  it('lets a nonce serve once, whether the password was right or wrong', () => {
    for (const inside of [ENCODED, 'x7x8og1u9TefbwK']) {
      const { login, challenge } = camera();
      const offer = challenge();
      const fields = (message: string) => admin({ password: rsa(offer, message), encrypt_type: '2' });
      login.attempt(fields(`${inside}:${NONCE}`));
      const failures = login.failures;
      assert.equal(refusalCode(login.attempt(fields(`${ENCODED}:${NONCE}`))), -40410);
      assert.equal(refusalCode(login.attempt(fields(`${ENCODED}:never-given`))), -40410);
      assert.equal(login.failures, failures);
    }
  });

  it('lets the nonce of an MD5 answer serve once too', () => {
    const { login, challenge } = camera({ encryptTypes: ['3'] });
    const right = admin({ password: MD5, encrypt_type: '3', md5_encrypt_type: '1' });
    challenge();
    assert.equal(login.attempt(right).accepted, true);
    assert.equal(refusalCode(login.attempt(right)), -40410);
    challenge();
    const wrong = createHash('md5').update('wrong:nonce002').digest('hex');
    assert.equal(refusalCode(login.attempt({ ...right, password: wrong })), -40407);
    assert.equal(login.failures, 1);
    const late = createHash('md5').update('Abc12345:nonce002').digest('hex');
    assert.equal(refusalCode(login.attempt({ ...right, password: late })), -40410);
  });

  it('judges no MD5 answer before it gave a nonce', () => {
    const { login } = camera({ encryptTypes: ['3'] });
    const early = admin({ password: 'f'.repeat(32), encrypt_type: '3', md5_encrypt_type: '1' });
    assert.equal(refusalCode(login.attempt(early)), -40410);
    assert.equal(login.failures, 0);
  });

  it('accepts used nonces when told to', () => {
    const { login, challenge } = camera({ nonceReuse: 'accept', encryptTypes: ['3'] });
    challenge();
    const right = admin({ password: MD5, encrypt_type: '3', md5_encrypt_type: '1' });
    assert.ok(login.attempt(right).accepted);
    assert.ok(login.attempt(right).accepted);
  });

  it('counts, locks without nonce and key, and opens again after the time', () => {
    const { login, clock } = camera({ lockAfter: 2, lockSeconds: 60 });
    const wrong = admin({ password: 'wrong' });
    assert.deepEqual(pick(login.attempt(wrong).refusal), { code: -40407, time: 1, max_time: 2, sec_left: 0 });
    assert.deepEqual(pick(login.attempt(wrong).refusal), { code: -40404, time: 2, max_time: 2, sec_left: 60 });
    clock.advance(59_500);
    const locked = { code: -40404, time: 2, max_time: 2, sec_left: 1 };
    assert.deepEqual(login.challenge(), { error_code: -40401, data: locked });
    assert.deepEqual(login.attempt(admin({ password: ENCODED })).refusal, { error_code: -40401, data: locked });
    clock.advance(500);
    assert.equal(login.attempt(admin({ password: ENCODED })).accepted, true);
    assert.equal(login.failures, 0);
  });

  it('forgets refused passwords after a right one', () => {
    const { login } = camera({ lockAfter: 2 });
    login.attempt(admin({ password: 'wrong' }));
    login.attempt(admin({ password: ENCODED }));
    login.attempt(admin({ password: 'wrong' }));
    assert.equal(login.attempt(admin({ password: ENCODED })).accepted, true);
  });

  it('can be locked from the start, and name the code at the top', () => {
    const { login } = camera({ locked: true, loginCodeAt: 'top', lockSeconds: 7 });
    assert.deepEqual(login.challenge(), {
      error_code: -40404,
      data: { code: -40404, time: 20, max_time: 20, sec_left: 7 },
    });
  });

  it('refuses the first logins with a given code, without judging them', () => {
    const { login } = camera({ loginRefusals: { code: -40410, times: 1 } });
    assert.equal(refusalCode(login.attempt(admin({ password: 'wrong' }))), -40410);
    assert.equal(login.failures, 0);
    assert.equal(login.attempt(admin({ password: ENCODED })).accepted, true);
  });
});

function pick(refusal: any) {
  const { code, time, max_time, sec_left } = refusal.data;
  return { code, time, max_time, sec_left };
}
