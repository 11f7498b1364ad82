// What people paste into the address field: one table for the library's reader and the editor's, which must agree.
import assert from 'node:assert/strict';
import { compileFunction } from 'node:vm';
import { pastedAddress, type PastedAddress } from '../src/pasted-address.js';
import { resource } from './helpers/forms.js';
import { PASTED } from './pasted-cases.js';

type Read = (text: string) => PastedAddress | undefined;

const inEditor = compileFunction(`${resource('tplink-pasted.js')}\nreturn tplinkPastedAddress;`)() as Read;

for (const [where, read] of [
  ['in the library', pastedAddress],
  ['in the editor', inEditor],
] as const satisfies readonly (readonly [string, Read])[]) {
  describe(`a pasted address, ${where}`, () => {
    for (const [text, parts] of PASTED) {
      it(JSON.stringify(text.slice(0, 60)), () => {
        assert.deepEqual(JSON.parse(JSON.stringify(read(text) ?? null)), parts ?? null);
      });
    }

    it('is read in linear time, whatever is in it', () => {
      for (const piece of ['@', 'a@', ':', '[', 'a:1/', '：', '. ', 'rtsp://', '%']) {
        assert.doesNotThrow(() => read(piece.repeat(1_000).slice(0, 1_000)));
        assert.equal(read(piece.repeat(100_000)), undefined);
      }
    });
  });
}
