// The report's words: the editor's catalogue has every sentence, and what a device says of itself cannot become more than text in one.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TALK_ERROR_CODES, TalkError } from '../../src/errors.js';
import { cameraOptions } from '../../src/camera-options.js';
import { deviceText, failed, webFailed } from '../../src/probe/report.js';
import { PROBE_SENTENCES, sentence } from '../../src/probe/sentences.js';
import { catalogue } from '../helpers/forms.js';

const CAMERA = cameraOptions({ host: '192.168.1.60' });

describe('probe sentences', () => {
  it('are those of the English catalogue, one by one', () => {
    const prefix = 'tplink-camera.probe.';
    const texts = [...catalogue('tplink-camera', 'en-US')].filter(([key]) => key.startsWith(prefix));
    assert.deepEqual(Object.fromEntries(texts.map(([key, text]) => [key.slice(prefix.length), text])), PROBE_SENTENCES);
  });

  it('have a name for every step and a word for every refusal of the routes', () => {
    const texts = catalogue('tplink-camera', 'en-US');
    const asked = ['reach', 'methods', 'multitrans', 'login', 'talk', 'web', 'device'];
    const checked = ['stream', 'microphone', 'chirp', 'sound', 'level', 'speed', 'mode'];
    const refusals = ['busy', 'tooLarge', 'invalid', 'retype', 'environment', 'unauthorized', 'lost'];
    for (const step of [...asked, 'chime', ...checked]) assert.ok(texts.has(`tplink-camera.test.step.${step}`), step);
    for (const refusal of refusals) assert.ok(texts.has(`tplink-camera.test.${refusal}`), refusal);
  });

  it('put values in place once: a value is never a placeholder', () => {
    const said = sentence('device.ok', { model: '__firmware__', firmware: '1.0' });
    assert.equal(said, '__firmware__, firmware 1.0');
  });

  it('there is one for every error, complete with its values', () => {
    for (const code of TALK_ERROR_CODES) {
      const error = new TalkError(code, `Something happened for 17 s: error -52423`);
      for (const { key, values } of [failed(error), webFailed(error, CAMERA)]) {
        assert.doesNotMatch(sentence(key, values), /__/, key);
        assert.match(key, new RegExp(`\\.(${code}|other)$`));
      }
    }
  });

  it('keep secrets, control characters and endless texts out of the particulars', () => {
    const { detail = '' } = failed(
      new TalkError('TALK_ERR_PROTOCOL', `stok=abc123/ds \u001b[31m\r\n nonce="n0nce" ${'x'.repeat(5_000)}`),
    );
    assert.doesNotMatch(detail, /abc123|n0nce|\p{C}/u);
    assert.ok(detail.length > 300 && detail.length <= 400, String(detail.length));
  });

  for (const [text, shown] of [
    ['TL-IPC44AW-COLOR', 'TL-IPC44AW-COLOR'],
    ['1.0.3 Build 230601 Rel.50000n(7777)', '1.0.3 Build 230601 Rel.50000n(7777)'],
    ['水星 MIPC251C-4', '水星 MIPC251C-4'],
    ['<b>x</b>', 'b x /b'],
    ['$t(common.label.done)', 't(common.label.done)'],
    ['__host__', 'host'],
    ['a_b', 'a_b'],
    ['', ''],
    ['\u0000\u202e', ''],
    ['😀'.repeat(100), ''],
    ['x'.repeat(65), 'x'.repeat(64)],
    ['𠮷'.repeat(65), '𠮷'.repeat(64)],
  ] as const) {
    it(`show ${JSON.stringify(text.slice(0, 20))} of a device as ${JSON.stringify(shown.slice(0, 20))}`, () => {
      assert.equal(deviceText(text), shown);
    });
  }

  it('show of a device nothing but plain text, whatever it sends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const shown = deviceText(text);
        assert.match(shown, /^[\p{L}\p{N}.,:/()+_ -]{0,64}$/u);
        assert.doesNotMatch(shown, /__/);
      }),
    );
  });
});
