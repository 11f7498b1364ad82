// Voices behind HTTP: what is asked, what is made of the replies, and what never leaves. Real sockets.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monotonicClock } from '../../src/clock.js';
import { VOICE_FIRST_MS } from '../../src/limits.js';
import { speakByHttp } from '../../src/voice/http.js';
import { voiceOptions } from '../../src/voice/options.js';
import type { Utterance } from '../../src/voice/utterance.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { soundOf } from './sound-of.js';

const TEXTS = { text: 'a "b" & <c>', voice: 'anna', language: 'de' };
const TOKEN = 't0p-s3cret';

describe('speakByHttp', () => {
  let server: Server;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  let asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];

  before((done) => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
        answer(request, response, body);
      });
    }).listen(0, '127.0.0.1', () => {
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    });
  });
  beforeEach(() => {
    asked = [];
    answer = (_, response) => response.setHeader('content-type', 'audio/wav').end('sound');
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  const speak = (more: Record<string, string>, clock = monotonicClock): Promise<Utterance> =>
    speakByHttp(voiceOptions({ engine: 'http', url, ...more }), TEXTS, { clock });

  it('asks with GET, everything escaped for an address', async () => {
    assert.equal(String(await soundOf(speak({ url: `${url}/say/{voice}?t={text}&l={language}` }))), 'sound');
    assert.deepEqual([asked[0]?.method, asked[0]?.url], ['GET', `/say/anna?t=${encodeURIComponent(TEXTS.text)}&l=de`]);
  });

  it('asks with POST when there is a body: JSON, form, XML', async () => {
    await soundOf(speak({ body: '{"input": "{text}", "v": {voice}}' }));
    await soundOf(speak({ body: 't={text}', headers: 'Content-Type: application/x-www-form-urlencoded' }));
    await soundOf(speak({ body: '<s>{text}</s>', headers: 'content-type: application/ssml+xml', method: 'put' }));
    assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), { input: TEXTS.text, v: 'anna' });
    assert.deepEqual(
      asked.map(({ method, headers }) => `${method} ${headers['content-type']}`),
      ['POST application/json', 'POST application/x-www-form-urlencoded', 'PUT application/ssml+xml'],
    );
    assert.equal(asked[1]?.body, 't=a+%22b%22+%26+%3Cc%3E');
    assert.equal(asked[2]?.body, '<s>a &quot;b&quot; &amp; &lt;c&gt;</s>');
  });

  it('sends the token as Bearer, or where it is placed, and nowhere else', async () => {
    await soundOf(speak({ token: TOKEN }));
    await soundOf(speak({ token: TOKEN, headers: 'X-Key: {token}' }));
    await soundOf(speak({ token: TOKEN, url: `${url}?key={token}` }));
    assert.deepEqual(
      asked.map(({ headers, url: path }) => [headers.authorization, headers['x-key'], path]),
      [
        [`Bearer ${TOKEN}`, undefined, '/'],
        [undefined, TOKEN, '/'],
        [undefined, undefined, `/?key=${TOKEN}`],
      ],
    );
  });

  it('finds sound in JSON: base64 at a path, or an address', async () => {
    const json = (value: unknown): void => {
      answer = (_, response) =>
        response.setHeader('content-type', 'application/json; charset=utf-8').end(JSON.stringify(value));
    };
    json({ data: [{ audio: Buffer.from('sound').toString('base64') }] });
    assert.equal(String(await soundOf(speak({ audioPath: 'data.0.audio' }))), 'sound');
    json({ data: `data:audio/wav;base64,${Buffer.from('sound').toString('base64')}` });
    assert.equal(String(await soundOf(speak({ audioPath: 'data' }))), 'sound');
    json({ url: '/api/tts_proxy/1.mp3', path: 'x' });
    assert.deepEqual(await speak({}), { kind: 'url', url: `${url}/api/tts_proxy/1.mp3` });
    json({ a: { link: 'http://other.example/x.mp3' } });
    assert.deepEqual(await speak({ audioPath: 'a.link' }), { kind: 'url', url: 'http://other.example/x.mp3' });
  });

  const replies: [what: string, status: number, type: string, body: string, message: RegExp][] = [
    ['a web page', 200, 'text/html', '<html><b>Log in</b></html>', /text instead of sound: Log in/],
    ['500', 500, 'text/plain', `failed with ${TOKEN}`, /answered 500: failed with \*\*\*/],
    ['401', 401, 'application/json', '{"error": "bad key"}', /answered 401: .*bad key/],
    ['a redirect', 302, 'text/plain', '', /redirects \(302\)/],
    ['nothing', 200, 'audio/wav', '', /gave no sound/],
    ['broken JSON', 200, 'application/json', '{', /JSON that is none/],
    ['JSON without sound', 200, 'application/json', '{"ok": true}', /without a url/],
    ['null', 200, 'application/json', 'null', /without a url/],
  ];
  for (const [what, status, type, body, message] of replies) {
    it(`says TALK_ERR_VOICE for ${what}`, async () => {
      answer = (_, response) => response.writeHead(status, { 'content-type': type }).end(body);
      await assert.rejects(speak({ token: TOKEN }), { code: 'TALK_ERR_VOICE', message, retryable: false });
    });
  }

  it('says so when the path leads to no sound', async () => {
    answer = (_, response) => response.setHeader('content-type', 'application/json').end('{"a": {"b": 1}, "c": "ü"}');
    for (const audioPath of ['a.b', 'a.b.c', '__proto__', 'c', 'constructor.name']) {
      await assert.rejects(speak({ audioPath }), {
        code: 'TALK_ERR_VOICE',
        message: new RegExp(audioPath.replace('.', '\\.')),
      });
    }
  });

  it('is retryable when nobody listens, and not when the server breaks off', async () => {
    await assert.rejects(speak({ url: 'http://127.0.0.1:9' }), {
      code: 'TALK_ERR_VOICE',
      retryable: true,
      message: /ECONNREFUSED/,
    });
    answer = (request) => request.socket.destroy();
    await assert.rejects(speak({}), { code: 'TALK_ERR_VOICE', retryable: false, message: /broke off/ });
    answer = (request, response) => {
      response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': '100' }).write('half');
      setImmediate(() => request.socket.destroy());
    };
    await assert.rejects(soundOf(speak({})), { code: 'TALK_ERR_VOICE', message: /broke off/ });
  });

  it('gives up a server that never answers, and hangs up', async () => {
    const clock = new FakeClock();
    const closed = new Promise((resolve) => (answer = (request) => void request.socket.once('close', resolve)));
    const speaking = speak({}, clock);
    speaking.catch(() => undefined);
    while (asked.length === 0) await monotonicClock.wait(5);
    await clock.advance(VOICE_FIRST_MS);
    await assert.rejects(speaking, { code: 'TALK_ERR_VOICE', message: /within 30 s/ });
    await closed;
  });
});
