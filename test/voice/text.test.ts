// What is to be said before an engine gets it: cleaned, cut at sentences, its language.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { espeakVoice, languageOf, piecesOf, spokenText } from '../../src/voice/text.js';

describe('spokenText', () => {
  it('keeps words, and makes blanks of control characters', () => {
    assert.equal(spokenText('  Dinner\u0000 is\u001b[2J ready. '), 'Dinner  is [2J ready.');
    assert.equal(spokenText('欢迎光临\r\n请进'), '欢迎光临 \n请进');
  });

  for (const text of ['', ' ', '\u0000\u0007', '...', '\u200b', '"', '\n\n']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => spokenText(text), { code: 'TALK_ERR_ARGUMENT', message: /holds no words/ });
    });
  }

  it('refuses 100 000 characters', () => {
    assert.throws(() => spokenText('a'.repeat(100_000)), { code: 'TALK_ERR_VOICE', message: /100000.*10000/ });
  });

  for (const text of ['--version', '$(reboot)', '<speak>hello</speak>', '5°', '+', '٣']) {
    it(`takes ${text} for words`, () => assert.equal(spokenText(text), text));
  }
});

describe('piecesOf', () => {
  it('leaves a short text whole', () => assert.deepEqual(piecesOf('One. Two. Three.'), ['One. Two. Three.']));

  it('gives the first sentence alone, and the others together while they are short', () => {
    const rest = Array.from({ length: 12 }, (_, index) => `This is sentence ${index} of a text, 3.5 m long.`);
    const pieces = piecesOf(['First.', ...rest].join(' '));
    assert.equal(pieces[0], 'First.');
    assert.ok(
      pieces.slice(1).every((piece) => piece.length <= 300 && piece.length > 200),
      String(pieces.map((p) => p.length)),
    );
    assert.equal(pieces.join(' '), ['First.', ...rest].join(' '));
  });

  it('knows Chinese sentences, and cuts what has none', () => {
    const pieces = piecesOf('欢迎光临。' + '请进店看看！'.repeat(80));
    assert.equal(pieces[0], '欢迎光临。');
    assert.ok(pieces.every((piece) => piece.length <= 300 && /[。！]$/.test(piece)));
    assert.deepEqual(
      piecesOf('字'.repeat(700)).map(({ length }) => length),
      [300, 300, 100],
    );
  });

  it('loses no word of anything', () => {
    const bare = (text: string): string => text.replace(/[^\p{L}\p{N}\p{S}]/gu, '');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000 }), (text) => {
        const pieces = piecesOf(text);
        assert.equal(bare(pieces.join('')), bare(text));
        assert.ok(pieces.every((piece) => !/\p{Cs}/u.test(piece) && (piece.length <= 300 || pieces.length === 1)));
      }),
    );
  });
});

describe('languageOf', () => {
  const cases: [text: string, configured: string, environment: Record<string, string>, language: string][] = [
    ['欢迎光临', '', { LANG: 'en_US.UTF-8' }, 'cmn'],
    ['欢迎 to the shop', '', {}, 'cmn'],
    ['欢迎光临', 'yue', {}, 'yue'],
    ['日本語です', '', { LANG: 'ja_JP.UTF-8' }, 'ja-JP'],
    ['Guten Tag', '', { LANG: 'de_AT@euro' }, 'de-AT'],
    ['Hello', '', { LANG: 'C.UTF-8' }, 'en'],
    ['Hello', '', { LC_ALL: 'POSIX', LANG: 'de_DE' }, 'en'],
    ['Hello', '', { LC_ALL: '', LC_MESSAGES: 'fr', LANG: 'de' }, 'fr'],
    ['Hello', '', {}, 'en'],
  ];
  for (const [text, configured, environment, language] of cases) {
    it(`${text} ${configured} ${JSON.stringify(environment)}: ${language}`, () => {
      assert.equal(languageOf(text, configured, environment), language);
    });
  }

  it('is said in words that espeak-ng knows', () => {
    for (const [language, voice] of Object.entries({
      'zh-CN': 'cmn',
      zh: 'cmn',
      'zh-HK': 'yue',
      cmn: 'cmn',
      'en-US': 'en-us',
    })) {
      assert.equal(espeakVoice(language), voice);
    }
  });
});
