// The bytes of conversation.ts are those of the vectors: PROTOCOL.md V16.
import assert from 'node:assert/strict';
import { audio, group, PAT, PMT, sha256, sound20, sound40, STOP, TABLES, TALK } from './conversation.js';

describe('simulator/httptalk/conversation', () => {
  const cases: [name: string, bytes: Buffer | string, length: number, hash: string][] = [
    ['tables', TABLES, 376, 'a73e13d7d24724fe7162be000c6d624fc542f079920350d85c90b1f0776ccb5b'],
    ['20 ms', sound20(0), 188, '0b20bfab78830942b59ae9c05ece4d5931873bd2dad962a8935e84c6e5fc1662'],
    ['the second 20 ms', sound20(1), 188, 'a8792a435b5d4b1bb2bf247f0c3cb51fb90ebad8763c83e15bffedbf4558b74f'],
    ['40 ms', sound40(0), 376, 'cb9908f06d4a1a2c360bba1bba24ff62fe0a185a8928d5413ca8fd592a3f8a4a'],
    ['the second 40 ms', sound40(1), 376, '206c3f558b8e5af209e39a47118ece2b32f77c6008b1244d977e6c2dde62d9b1'],
    ['a group', group(0), 1504, 'fba4bf39dce2bcb9592075ba662fee9daf4d0378c35bc2f625590c125ae483e2'],
    ['the second group', group(1), 1504, 'b611339a81f58495d2f833cfcc0c8c0c788ccf0720e93d6dd9254e3f491fd1dc'],
    ['the talk request', TALK, 160, '07387d1a659f9c1678ccdcd5f3b4d2a09705c86a5b85efbc9e4206ac0d11474d'],
    ['tables as a part', audio(TABLES), 492, 'c7db7141882b4244cd91da51c90aa8fd843463310f91cc655f9df8359507af96'],
    ['20 ms as a part', audio(sound20(0)), 304, '65db2d4d2b63c7c320c0b0a06660afe9e8e842e59cffe2efd4fb4fff82b08f11'],
    ['a group as a part', audio(group(0)), 1621, 'dc3da5fc635a156f2c163d13c3fd421579d0d68177e755eac4f7e684a1580338'],
  ];
  for (const [name, bytes, length, hash] of cases) {
    it(name, () => assert.deepEqual([bytes.length, sha256(bytes)], [length, hash]));
  }

  it('says the lengths of what it holds', () => {
    assert.equal(STOP.split('\r\n\r\n')[1]?.trimEnd().length, 65);
    assert.deepEqual([PAT.length, PMT.length], [188, 188]);
  });
});
