// Text into a request: escaped for where it stands, in one pass.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeOf, fill, fillHeaders } from '../../src/voice/template.js';

const VALUES = { text: 'a "b" & <c> {voice}\n你', voice: 'x', language: 'de', token: 's3cret' };

describe('fill', () => {
  it('escapes for URL, form, XML and JSON, and fills no placeholder of a value', () => {
    assert.equal(fill('http://h/{voice}?q={text}', VALUES, 'url'), `http://h/x?q=${encodeURIComponent(VALUES.text)}`);
    assert.equal(fill('t={text}', { text: 'a b+' }, 'form'), 't=a+b%2B');
    assert.equal(
      fill('<v n="{voice}">{text}</v>', VALUES, 'xml'),
      '<v n="x">a &quot;b&quot; &amp; &lt;c&gt; {voice}\n你</v>',
    );
    assert.equal(fill('{text}{other}', VALUES, 'raw'), `${VALUES.text}{other}`);
  });

  it('makes JSON that means the text, inside quotes and without', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const filled = fill('{"a \\" {x": "<{text}>", "b": {text}, "v": "{voice}"}', { text, voice: 'v' }, 'json');
        assert.deepEqual(JSON.parse(filled), { 'a " {x': `<${text}>`, b: text, v: 'v' });
      }),
    );
  });
});

describe('escapeOf', () => {
  for (const [type, escape] of Object.entries({
    'application/json': 'json',
    'application/vnd.api+json; charset=utf-8': 'json',
    'application/x-www-form-urlencoded': 'form',
    'application/ssml+xml': 'xml',
    'text/xml': 'xml',
    'text/plain': 'raw',
    '': 'raw',
  })) {
    it(`${type}: ${escape}`, () => assert.equal(escapeOf(type), escape));
  }
});

describe('fillHeaders', () => {
  it('reads lines, and lets no value make another header', () => {
    const headers = fillHeaders('X-Voice: {voice}\r\n\n Accept : audio/wav\nX-Text: {text}', {
      ...VALUES,
      voice: 'a\r\nB: c',
    });
    assert.deepEqual(headers, {
      'x-voice': 'a B: c',
      accept: 'audio/wav',
      'x-text': encodeURIComponent(VALUES.text.replace('\n', ' ')),
    });
  });

  it('refuses what is no header without repeating it', () => {
    assert.throws(
      () => fillHeaders('a: b\nBearer s3cret', VALUES),
      (error: Error) => {
        return /line 2/.test(error.message) && !error.message.includes('s3cret');
      },
    );
  });
});
