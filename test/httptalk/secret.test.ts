// What stands for a password in the digest, against hashes made elsewhere.
import assert from 'node:assert/strict';
import { isHash, secretForms, secretOf } from '../../src/httptalk/secret.js';

describe('secret of the HTTP talk', () => {
  for (const [password, md5, sha256, scrambled] of [
    [
      'Abc12345',
      '1A64A010767F0725FB52111B0A9E9F84',
      'F8AA14DA2301E201E817F5B8667A36BB40C8CA49DA69B3470A74D0F4EC194961',
      '4748og1u9TefbwK',
    ],
    [
      'TP-Link@2024!',
      'A71DEA79292D84C2EFD3D1DDC35BA5C2',
      '6691C544576E170E77D90D58AEEC6FECD3EA71BBF139E96BEA5E35AA8BE366BE',
      'zMP1HqyRL02VKwK',
    ],
    [
      '密码12345678',
      'B713C08DB9FFA80830EE2B522E98A2F1',
      '28795E65940B64B30C9B3465275B7C4BD9B0A79B2D6CA53B7B3C3D02159E1D47',
      undefined,
    ],
  ] as const) {
    it(`is made of a password of ${password.length} characters`, () => {
      assert.equal(secretOf(password, 'md5'), md5);
      assert.equal(secretOf(password, 'sha256'), sha256);
      if (scrambled === undefined) assert.throws(() => secretOf(password, 'scrambled'), { code: 'TALK_ERR_ARGUMENT' });
      else assert.equal(secretOf(password, 'scrambled'), scrambled);
    });
  }

  it('is tried in two forms at most, and in the known one first', () => {
    const tapo = { dialect: 'tapo', password: 'secret' } as const;
    assert.deepEqual(secretForms(tapo, '3'), ['sha256', 'md5']);
    assert.deepEqual(secretForms(tapo, undefined), ['md5', 'sha256']);
    assert.deepEqual(secretForms(tapo, '3', 'md5'), ['md5', 'sha256']);
    assert.deepEqual(secretForms(tapo, '3', 'scrambled'), ['sha256', 'md5']);
    assert.deepEqual(secretForms({ dialect: 'vigi-stream', password: 'secret' }, '3', 'md5'), ['scrambled']);
    assert.deepEqual(secretForms({ dialect: 'tapo', password: 'ab'.repeat(16) }, '3'), ['stored']);
  });

  it('is a hash only with as many digits as one', () => {
    for (const hash of ['ab'.repeat(16), 'AB'.repeat(32), ` ${'0f'.repeat(16)}\t`]) assert.ok(isHash(hash));
    for (const other of ['', 'ab'.repeat(15), 'ab'.repeat(24), 'xy'.repeat(16)]) assert.ok(!isHash(other));
  });
});
