// What the log may show: a wire dump in any shape, without its secrets.
import assert from 'node:assert/strict';
import { format } from 'node:util';
import debug from 'debug';
import fc from 'fast-check';
import { MAX_HEAD_BYTES } from '../src/limits.js';
import { swallowing, logger, redact } from '../src/logger.js';

/** Visible ASCII, long enough not to occur in the text around it by chance, and free of what redaction itself puts there. */
const password = fc
  .string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 6,
    maxLength: 24,
  })
  .filter((text) => /[0-9a-zA-Z]{3}/.test(text) && !text.includes('*'));
const token = fc.stringMatching(/^[0-9a-zA-Z]{8,40}$/);
const stok = fc.stringMatching(/^[0-9a-zA-Z)!*(~.%-]{8,40}$/).filter((text) => !text.includes('***'));

/** Fails when four characters in a row of the secret are still there. */
function hides(text: string, secret: string): void {
  const shown = redact(text);
  for (let at = 0; at + 4 <= secret.length; at++) {
    const piece = secret.slice(at, at + 4);
    assert.ok(!shown.includes(piece) || text.split(secret).join('').includes(piece), `${text}\n  became\n${shown}`);
  }
}

function never<T extends string>(secret: fc.Arbitrary<T>, dump: (secret: T) => string): void {
  fc.assert(
    fc.property(secret, (value) => hides(dump(value), value)),
    { numRuns: 500 },
  );
}

describe('redact', () => {
  it('leaves ordinary text alone', () => {
    for (const text of [
      'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0',
      'CSeq: 2',
      'The camera at cam:554 dropped the connection (ECONNRESET), after 1.2 s of 3.1 s',
      'realm="TP-LINK IP-Camera", uri="rtsp://192.168.1.60/multitrans"',
      '{"params":{"error_code":0}}',
      'mail to somebody@example.com',
      '',
    ]) {
      assert.equal(redact(text), text);
    }
  });

  it('hides a whole published conversation', () => {
    const shown = redact(
      [
        'WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07"',
        'Authorization: Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
          'uri="rtsp://192.168.1.60/multitrans", cnonce="0a4f113b0a4f113b", response="a0c5ca9ee922a01298e79071a2204d18"',
        'Session: 7116520596809429228;timeout=60',
      ].join('\r\n'),
    );
    for (const secret of ['96fa3da3', '0a4f113b', 'a0c5ca9e', '71165205']) assert.ok(!shown.includes(secret), shown);
    for (const kept of ['username="admin"', 'realm="TP-LINK IP-Camera"', 'uri="rtsp://192.168.1.60/multitrans"'])
      assert.ok(shown.includes(kept), shown);
  });

  it('hides the password of a URL as it is meant to be written', () =>
    never(password, (secret) => `open rtsp://admin:${encodeURIComponent(secret)}@192.168.1.60:554/stream1 now`));

  it('hides the password of a URL as people write it', () =>
    never(password, (secret) => `open rtsp://admin:${secret}@192.168.1.60:554/stream1 now`));

  it('hides Digest parameters, quoted, unquoted and with blanks', () => {
    for (const name of ['nonce', 'cnonce', 'response', 'opaque', 'NONCE']) {
      never(token, (secret) => `Digest username="admin", ${name}="${secret}", uri="x"`);
      never(token, (secret) => `Digest username=admin,${name}=${secret},uri=x`);
      never(token, (secret) => `Digest ${name} = "${secret}"`);
    }
  });

  it('hides a quoted Digest parameter with escapes in it', () =>
    never(password, (secret) => `Digest nonce="${secret.replace(/["\\]/g, '\\$&')}", uri="x"`));

  it('hides Basic credentials', () => {
    never(password, (secret) => `Authorization: Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`);
    fc.assert(
      fc.property(password, (secret) => {
        const encoded = Buffer.from(`admin:${secret}`).toString('base64');
        for (const line of [`authorization: basic ${encoded}`, `Authorization:Basic ${encoded}`])
          assert.ok(!redact(line).includes(encoded.slice(0, 8)), redact(line));
      }),
    );
  });

  it('hides the stok in a path and in JSON', () => {
    never(stok, (secret) => `POST /stok=${secret}/ds HTTP/1.1`);
    never(stok, (secret) => `POST http://192.168.1.60/stok=${encodeURIComponent(secret)}/ds`);
    never(stok, (secret) => JSON.stringify({ error_code: 0, stok: secret, user_group: 'root' }));
  });

  it('hides the secrets of JSON, also with blanks, escapes and numbers', () => {
    for (const key of ['password', 'passwd', 'nonce', 'key', 'stok']) {
      never(password, (secret) => JSON.stringify({ login: { username: 'admin', [key]: secret, encrypt_type: '2' } }));
      never(password, (secret) => JSON.stringify({ login: { [key]: secret } }, null, 2));
    }
    const digits = fc.integer({ min: 10_000_000, max: 999_999_999 }).map(String);
    never(digits, (secret) => JSON.stringify({ login: { password: Number(secret) } }));
  });

  it('hides secrets of JSON inside JSON', () =>
    never(token, (secret) => JSON.stringify({ body: JSON.stringify({ password: secret }) })));

  it('hides the Session', () => {
    never(token, (secret) => `Session: ${secret}`);
    never(token, (secret) => `CSeq: 2\r\nsession:${secret};timeout=60\r\n`);
  });

  it('comes to an end with a whole head of anything', () => {
    // A pattern that backtracks without bound would take minutes here, and the runner's time-out would tell.
    for (const unit of ['a', 'a.', 'a-', 'stok=', 'nonce=', 'a://', '"key":"', 'Session:', ' ', 'response '])
      redact(unit.repeat(Math.floor(MAX_HEAD_BYTES / unit.length)));
  });
});

describe('logger', () => {
  let shown: string[];
  let before: { log: typeof debug.log; names: string };

  beforeEach(() => {
    shown = [];
    before = { log: debug.log, names: debug.disable() };
    debug.log = (...values: unknown[]) => shown.push(format(...values));
    debug.enable('tplink-talk:*');
  });

  afterEach(() => {
    debug.log = before.log;
    debug.enable(before.names);
  });

  it('writes under tplink-talk:<area>', () => {
    logger('test')('%s is open, payload type %d', 'cam:554', 8);
    assert.equal(shown.length, 1);
    assert.match(shown[0] ?? '', /tplink-talk:test/);
    assert.match(shown[0] ?? '', /cam:554 is open, payload type 8/);
  });

  it('writes nothing unless asked', () => {
    debug.disable();
    logger('test')('anything');
    assert.deepEqual(shown, []);
  });

  for (const [name, call] of [
    ['in the text', (log) => log('rtsp://admin:Abc12345@cam/')],
    ['in a value', (log) => log('%s', 'rtsp://admin:Abc12345@cam/')],
    ['split between text and value', (log) => log('Session: %s', 'Abc12345')],
    ['split between text and value, quoted', (log) => log('nonce="%s"', 'Abc12345')],
    ['split between text and value, unquoted', (log) => log('nonce=%s', 'Abc12345')],
    ['in an object', (log) => log('%O', { password: 'Abc12345' })],
    ['in an object as JSON', (log) => log('%j', { password: 'Abc12345' })],
    ['in a surplus value', (log) => log('options', { password: 'Abc12345' })],
    ['in an error', (log) => log('failed: %s', new Error('rtsp://admin:Abc12345@cam/'))],
  ] satisfies [string, (log: ReturnType<typeof logger>) => void][]) {
    it(`shows no password that is ${name}`, () => {
      call(logger('test'));
      assert.equal(shown.length, 1);
      assert.ok(!shown.join().includes('Abc12345'), shown.join());
    });
  }
});

describe('swallowing', () => {
  it('passes everything on', () => {
    const heard: unknown[] = [];
    swallowing((...values: [string, number]) => heard.push(...values))('a', 1);
    assert.deepEqual(heard, ['a', 1]);
  });

  for (const [name, what] of [
    ['an error', new Error('rtsp://admin:Abc12345@cam/')],
    ['nothing', undefined],
    ['a symbol', Symbol('x')],
  ] as const) {
    it(`keeps ${name} that a listener throws to itself`, () => {
      swallowing(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- listeners of others throw anything
        throw what;
      })();
    });
  }
});
