// Secrets in an answer that nobody has explained: whole, escaped, encoded, in pieces.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shown } from '../../src/webapi/shown.js';

const SECRET = 'S3cr3t"\\%27 Päß/word';

describe('an answer without secrets', () => {
  it('shows the rest, cut short', () => {
    assert.equal(shown({ hint: 'speak up' }, [SECRET, '']), '{"hint":"speak up"}');
    assert.equal(shown({ hint: 'x'.repeat(1_000) }, [SECRET]).length, 200);
  });

  const bytes = Buffer.from(SECRET);
  const percent = [...bytes].map((byte) => `%${byte.toString(16)}`).join('');
  const written: Record<string, unknown> = {
    whole: SECRET,
    'in the middle': `no ${SECRET}!`,
    'as a key': { [SECRET]: 1 },
    'as JSON': JSON.stringify({ a: SECRET }),
    'as JSON in JSON': JSON.stringify({ a: JSON.stringify({ b: SECRET }) }),
    'in an address': `http://h/?p=${encodeURIComponent(SECRET)}`,
    'in an address, in lower case': encodeURIComponent(SECRET).toLowerCase(),
    'in an address, every byte': percent,
    'in base64': bytes.toString('base64'),
    'in base64 of addresses': bytes.toString('base64url'),
    'in hex': bytes.toString('hex'),
    'in two pieces': [SECRET.slice(0, 5), SECRET.slice(5)],
    'letter by letter': Array.from(SECRET),
    'in capitals': SECRET.toUpperCase().replace('SS', 'ß'),
  };
  for (const [how, value] of Object.entries(written)) {
    it(`hides one that is written ${how}`, () => {
      const text = shown({ hint: 'no', echo: value as string }, ['', SECRET]);
      assert.doesNotMatch(text, /S3c|cr3t|%53|Päß|word|UzNj|533363/i);
    });
  }

  it('shows no secret, whatever it is and wherever it stands', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), fc.jsonValue(), fc.string(), (secret, value, around) => {
        const text = shown({ x: [value as null, around + secret + around] }, [secret]);
        assert.ok(!text.includes(secret) || '***{"x":[]}'.includes(secret));
      }),
    );
  });
});
