// The visible effect of each behavior, seen by a client that sends bytes typed by hand; and how behaviors are named.
import assert from 'node:assert/strict';
import { isTalkError } from '../../../src/errors.js';
import {
  BEHAVIORS,
  parseBehavior,
  SimulatedCamera,
  type SimulatedCameraOptions,
} from '../../../src/simulator/index.js';
import {
  CHALLENGE,
  FIRST,
  LOGGED_IN,
  openTalk,
  OPENED,
  packet160,
  SECOND,
  THIRD,
  VECTOR_OPTIONS,
  VIGI_CHALLENGE,
  VIGI_FIRST,
  VIGI_OPENED,
  VIGI_SECOND,
} from '../conversation.js';
import { FakeClock } from '../../helpers/fake-clock.js';
import { eventually, RawClient } from '../raw-client.js';

const NONCE = '96fa3da3bceda6441e098764e178ed07';
const BASIC_LINE = 'WWW-Authenticate: Basic realm="TP-LINK IP-Camera"\r\n';
const DIGEST_LINE = `WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="${NONCE}"\r\n`;
const OPTIONS = 'OPTIONS rtsp://192.168.1.60/ RTSP/1.0\r\nCSeq: 0\r\n\r\n';
/** The third message as the second one of a camera without login. */
const TALK_AT_ONCE = THIRD.replace('CSeq: 2', 'CSeq: 1');
const head = (challenges: string): string => `RTSP/1.0 401 Unauthorized\r\nCSeq: 0\r\n${challenges}\r\n`;

describe('simulator/behaviors', () => {
  let camera: SimulatedCamera | undefined;
  const clients: RawClient[] = [];
  const seen = new Set<string>();

  async function run(behaviors: string | string[], options: SimulatedCameraOptions = {}): Promise<RawClient> {
    const names = [behaviors].flat();
    for (const name of names) seen.add(parseBehavior(name).name.replace(/@.*/, ''));
    camera = new SimulatedCamera({ ...VECTOR_OPTIONS, behaviors: names, ...options });
    await camera.start();
    return dial();
  }
  async function dial(): Promise<RawClient> {
    const client = await RawClient.open(camera?.port ?? 0);
    clients.push(client);
    return client;
  }
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await camera?.stop();
  });
  after(() => {
    // Those of streams are in stream.test.ts.
    const ofTalks = Object.keys(BEHAVIORS).filter((name) => !/^(stream|speaker|microphone|room)-/.test(name));
    const missing = ofTalks.filter((name) => !seen.has(name));
    assert.deepEqual(missing, [], 'behaviors without a test');
  });

  const packets = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, (_, n) => packet160(n + 1)));
  const heard = (): number => camera?.sessions[0]?.packetCount ?? 0;

  describe('challenges', () => {
    const cases: [name: string, lines: string][] = [
      ['challenge-basic-first', BASIC_LINE + DIGEST_LINE],
      ['challenge-digest-first', DIGEST_LINE + BASIC_LINE],
      ['challenge-digest-only', DIGEST_LINE],
      ['challenge-basic-only', BASIC_LINE],
      ['md5-qop', BASIC_LINE + DIGEST_LINE.replace('\r\n', ', algorithm="MD5", qop="auth"\r\n')],
      ['sha256-on-ipc', BASIC_LINE + DIGEST_LINE.replace('\r\n', ', algorithm="SHA-256", qop="auth"\r\n')],
      ['md5-sess', BASIC_LINE + DIGEST_LINE.replace('\r\n', ', algorithm="MD5-sess", qop="auth"\r\n')],
      ['auth-int', BASIC_LINE + DIGEST_LINE.replace('\r\n', ', algorithm="MD5", qop="auth-int"\r\n')],
      ['nonce-with-200', BASIC_LINE + DIGEST_LINE.replace('96fa3da3b', '200400401')],
    ];
    for (const [name, lines] of cases) {
      it(name, async () => assert.equal(await (await run(name)).ask(FIRST), head(lines)));
    }

    for (const [name, status] of [
      ['restream', `401 Unauthorized\r\nCSeq: 1\r\n${BASIC_LINE}`],
      ['restream:digest', `401 Unauthorized\r\nCSeq: 1\r\n${DIGEST_LINE}`],
      ['restream:open', '200 OK'],
    ] as const) {
      it(`${name} has any path and no talk`, async () => {
        const describe = 'DESCRIBE rtsp://192.168.1.60/front?audio RTSP/1.0\r\nCSeq: 1\r\n\r\n';
        const answer = await (await run(name)).ask(describe);
        assert.ok(answer.startsWith(`RTSP/1.0 ${status}`), answer);
        assert.match(await (await dial()).ask(FIRST), /^RTSP\/1\.0 501 /);
      });
    }

    it('md5-qop takes V7', async () => {
      const client = await run('md5-qop');
      await client.ask(FIRST);
      const v7 = SECOND.replace(
        'response="a0c5ca9ee922a01298e79071a2204d18"',
        'algorithm=MD5, qop=auth, nc=00000001, cnonce="0a4f113b0a4f113b", response="54dab70d3aceb0537362422ab2002043"',
      );
      assert.equal(await client.ask(v7), LOGGED_IN);
    });

    it('sha256-on-ipc takes V8 in the second of three messages', async () => {
      const client = await run('sha256-on-ipc');
      await client.ask(FIRST);
      const v8 = SECOND.replace(
        'response="a0c5ca9ee922a01298e79071a2204d18"',
        'algorithm="SHA-256", qop="auth", cnonce="0a4f113b0a4f113b", nc="00000001", ' +
          'response="b5c252144c4a627bfe2ba5a4060380415122ba503ef4ef893088e64a8429aa0d"',
      );
      assert.equal(await client.ask(v8), LOGGED_IN);
      assert.equal(await client.ask(THIRD), OPENED);
    });

    for (const name of ['md5-sess', 'auth-int']) {
      it(`${name} takes no credentials at all`, async () => {
        const client = await run(name);
        await client.ask(FIRST);
        assert.match(await client.ask(SECOND), /^RTSP\/1\.0 401 /);
        assert.match(camera?.violations[0] ?? '', /MD5-sess or auth-int/);
      });
    }

    it('stale-nonce-once', async () => {
      const client = await run('stale-nonce-once');
      await client.ask(FIRST);
      assert.equal(
        await client.ask(SECOND),
        head(BASIC_LINE + DIGEST_LINE.replace('\r\n', ', stale=true\r\n')).replace('CSeq: 0', 'CSeq: 1'),
      );
      assert.equal(camera?.loginFailures, 0);
      assert.match(await client.ask(SECOND.replace('CSeq: 1', 'CSeq: 2')), /^RTSP\/1\.0 200 OK/);
    });

    it('vigi', async () => {
      const client = await run('vigi');
      assert.equal(await client.ask(VIGI_FIRST), VIGI_CHALLENGE);
      assert.equal(await client.ask(VIGI_SECOND), VIGI_OPENED);
    });
  });

  describe('sessions', () => {
    it('no-challenge', async () => {
      const client = await run('no-challenge');
      assert.equal(await client.ask(FIRST), LOGGED_IN.replace('CSeq: 1', 'CSeq: 0'));
      assert.equal(await client.ask(TALK_AT_ONCE), OPENED.replace('CSeq: 2', 'CSeq: 1'));
    });
    it('no-challenge-no-session', async () => {
      const client = await run('no-challenge-no-session');
      assert.equal(await client.ask(FIRST), 'RTSP/1.0 200 OK\r\nCSeq: 0\r\n\r\n');
    });
    it('missing-session', async () => {
      const client = await run('missing-session');
      await client.ask(FIRST);
      assert.equal(await client.ask(SECOND), 'RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n');
      assert.doesNotMatch(await client.ask(THIRD.replace(/Session.*\r\n/, '')), /Session/);
      assert.deepEqual(camera?.violations, []);
    });
    it('session-timeout', async () => {
      const client = await run('session-timeout');
      await client.ask(FIRST);
      assert.equal(await client.ask(SECOND), LOGGED_IN.replace('9228\r\n', '9228;timeout=60\r\n'));
    });
  });

  describe('refusals', () => {
    const statuses: [name: string, line: string][] = [
      ['bad-request', 'RTSP/1.0 400 Bad Request'],
      ['not-found', 'RTSP/1.0 404 Not Found'],
      ['unavailable', 'RTSP/1.0 503 Service Unavailable'],
      ['no-multitrans', 'RTSP/1.0 405 Method Not Allowed'],
      ['no-multitrans:501', 'RTSP/1.0 501 Not Implemented'],
      ['no-multitrans:551', 'RTSP/1.0 551 Option Not Supported'],
    ];
    for (const [name, line] of statuses) {
      it(name, async () => {
        const client = await run(name);
        assert.equal(await client.ask(FIRST), `${line}\r\nCSeq: 0\r\n\r\n`);
      });
    }
    it('redirect', async () => {
      const client = await run('redirect');
      const location = 'rtsp://admin:secret@192.0.2.1:554/elsewhere?token=secret';
      assert.equal(await client.ask(FIRST), `RTSP/1.0 302 Found\r\nCSeq: 0\r\nLocation: ${location}\r\n\r\n`);
    });
    it('no-multitrans does not list it', async () => {
      const answer = await (await run('no-multitrans')).ask(OPTIONS);
      assert.match(answer, /^RTSP\/1\.0 200 OK\r\nCSeq: 0\r\nPublic: OPTIONS, .*SET_PARAMETER\r\n\r\n$/);
    });
    it('unavailable still lists its methods', async () => {
      assert.match(await (await run('unavailable')).ask(OPTIONS), /MULTITRANS/);
    });
    it('wrong-password-always', async () => {
      const client = await run('wrong-password-always');
      await client.ask(FIRST);
      assert.match(await client.ask(SECOND), /^RTSP\/1\.0 401 /);
      assert.equal(camera?.loginFailures, 1);
      assert.deepEqual(camera.violations, []);
    });
    it('locked', async () => {
      const client = await run('locked:1');
      await client.ask(FIRST);
      assert.equal(await client.ask(SECOND), LOGGED_IN);
      assert.match(await client.ask(SECOND.replace('CSeq: 1', 'CSeq: 2').replace('a0c5', 'a0c6')), /^RTSP\/1\.0 401 /);
      assert.match(await client.ask(SECOND.replace('CSeq: 1', 'CSeq: 3')), /^RTSP\/1\.0 401 /);
    });
  });

  describe('silence', () => {
    /** True when the connection is still there, unanswered, long after 20 s. */
    async function staysSilent(client: RawClient, clock: FakeClock, requests: number): Promise<boolean> {
      await eventually(() => camera?.requests.length === requests, 'request');
      await clock.advance(600_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return client.text === '' && client.over === 'no' && camera?.connections === 1;
    }
    it('silent', async () => {
      const clock = new FakeClock();
      const client = await run('silent', { clock });
      client.send(FIRST);
      assert.ok(await staysSilent(client, clock, 1));
    });
    it('close-after-20s', async () => {
      const clock = new FakeClock();
      const client = await run('close-after-20s', { clock });
      client.send(FIRST);
      await eventually(() => camera?.requests.length === 1, 'request');
      await clock.advance(19_999);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(client.over, 'no');
      await clock.advance(1);
      await client.ended();
      assert.equal(client.text, '');
    });
    it('silent-login', async () => {
      const clock = new FakeClock();
      const client = await run('silent-login', { clock });
      assert.equal(await client.ask(FIRST), CHALLENGE);
      client.send(SECOND);
      assert.ok(await staysSilent(client, clock, 2));
    });
    it('silent-after-auth', async () => {
      const clock = new FakeClock();
      const client = await run('silent-after-auth', { clock });
      await client.ask(FIRST);
      assert.equal(await client.ask(SECOND), LOGGED_IN);
      client.send(THIRD);
      assert.ok(await staysSilent(client, clock, 3));
      assert.equal(camera?.sessions.length, 0);
    });
    it('close-after-accept', async () => assert.equal(await (await run('close-after-accept')).ended(), 'end'));
    it('one-connection', async () => {
      const first = await run('one-connection');
      assert.equal(await first.ask(FIRST), CHALLENGE);
      assert.equal(await (await dial()).ended(), 'end');
      first.destroy();
      await eventually(() => camera?.connections === 0, 'closed connections');
      assert.equal(await (await dial()).ask(FIRST), CHALLENGE);
    });
    it('reset-after-accept', async () => assert.equal(await (await run('reset-after-accept')).ended(), 'reset'));
  });

  describe('answers', () => {
    it('lower-case-headers', async () => {
      const client = await run('lower-case-headers');
      assert.match(await client.ask(FIRST), /\r\ncseq: 0\r\nwww-authenticate: Basic /);
    });
    it('split-bytes', async () => {
      const client = await run('split-bytes');
      assert.equal(await openTalk(client), OPENED);
      assert.ok(client.pieces.length > 20, `${client.pieces.length} pieces`);
    });
    it('slow', async () => {
      const clock = new FakeClock();
      const client = await run('slow:700', { clock });
      client.send(FIRST);
      await eventually(() => camera?.requests.length === 1, 'request');
      await clock.advance(699);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(client.text, '');
      await clock.advance(1);
      assert.equal(await client.message(), CHALLENGE);
      client.send(SECOND);
      await eventually(() => camera?.requests.length === 2, 'request');
      client.destroy();
      await eventually(() => camera?.connections === 0, 'closed connection');
      assert.equal(clock.pending, 0);
    });
    it('huge-header', async () => {
      const answer = await (await run('huge-header:5000')).ask(FIRST);
      assert.equal(answer, CHALLENGE.replace('\r\n', `\r\nX-Filler: ${'a'.repeat(5_000)}\r\n`));
    });
    it('split-header-body', async () => {
      const client = await run('split-header-body');
      await client.ask(FIRST);
      await client.ask(SECOND);
      client.pieces.length = 0;
      assert.equal(await client.ask(THIRD), OPENED);
      assert.deepEqual(client.pieces, [OPENED.length - 73, 73]);
    });
    it('glued-frame', async () => {
      const client = await run('glued-frame');
      await client.ask(FIRST);
      await client.ask(SECOND);
      client.send(THIRD);
      const all = await client.take(176 + OPENED.length + 176);
      assert.equal(all.toString('latin1', 0, 4), '$\x00\x00\xac');
      assert.equal(all.toString('latin1', 176, 176 + OPENED.length), OPENED);
      assert.equal(all.toString('latin1', 176 + OPENED.length).slice(0, 4), '$\x00\x00\xac');
    });

    it('no-content-length', async () => {
      const client = await run('no-content-length');
      await client.ask(FIRST);
      await client.ask(SECOND);
      client.send(THIRD);
      const without = OPENED.replace('Content-Length: 73\r\n', '');
      assert.equal((await client.take(without.length)).toString(), without);
    });
    it('busy-without-length', async () => {
      const client = await run('busy-without-length:1');
      await client.ask(FIRST);
      await client.ask(SECOND);
      client.send(THIRD);
      const without = OPENED.replace('Content-Length: 73\r\n', '').replace('0, "session_id":"2"', '-52411');
      assert.equal((await client.take(without.length)).toString(), without);
    });
    it('bad-header-line', async () => {
      assert.equal(await (await run('bad-header-line')).ask(FIRST), CHALLENGE.replace('\r\n', '\r\nthis line is no header\r\n')); // prettier-ignore
    });
    it('nul-after-json', async () => {
      assert.equal(await openTalk(await run('nul-after-json')), `${OPENED.replace('Length: 73', 'Length: 74')}\0`);
    });

    const replies: [name: string, body: string][] = [
      [
        'json-blanks',
        '{\n  "type": "response",\n  "seq": 0,\n  "params": {\n    "error_code": 0,\n    "session_id": "2"\n  }\n}',
      ],
      ['error-code-flat', '{"error_code":0,"session_id":"2"}'],
      ['error-code-string', '{"type":"response","seq":0,"params":{"error_code":"0","session_id":"2"}}'],
      ['error-code-missing', '{"type":"response","seq":0,"params":{"session_id":"2"}}'],
      ['session-id-number', '{"type":"response","seq":0,"params":{"error_code":0,"session_id":2}}'],
    ];
    for (const [name, body] of replies) {
      it(name, async () => {
        const answer = await openTalk(await run(name));
        assert.equal(answer, OPENED.replace('Length: 73', `Length: ${body.length}`).slice(0, -73) + body);
      });
    }
    it('error-code-flat and busy together', async () => {
      assert.match(await openTalk(await run(['error-code-flat', 'busy'])), /\{"error_code":-52411,"session_id":"2"\}$/);
    });

    const endless: [name: string, start: string][] = [
      ['endless-header', 'RTSP/1.0 200 OK\r\nX-Filler: aaaa'],
      ['endless-headers', 'RTSP/1.0 200 OK\r\nX-Filler: aaaa\r\nX-Filler: aaaa\r\n'],
      ['huge-body', 'RTSP/1.0 200 OK\r\nContent-Length: 4294967296\r\n\r\n     '],
    ];
    for (const [name, start] of endless) {
      it(name, async () => {
        const client = await run(name);
        client.send(FIRST);
        const taken = await client.take(1_000_000);
        assert.equal(taken.toString('latin1', 0, start.length), start);
        client.destroy();
        await eventually(() => camera?.connections === 0, 'closed connection');
      });
    }
    it('garbage', async () => {
      const client = await run('garbage:1000');
      client.send(FIRST);
      const taken = await client.take(1_000);
      assert.ok(!taken.includes('$') && !taken.includes('RTSP'));
      assert.equal(await client.message(), CHALLENGE);
    });
    it('noise', async () => {
      for (const step of ['first', 'talk']) {
        const client = await run(`noise:${step}`);
        if (step === 'talk') {
          await client.ask(FIRST);
          await client.ask(SECOND);
        }
        client.send(step === 'talk' ? THIRD : FIRST);
        const bytes = await client.take(1_024);
        assert.ok(!bytes.includes('$') && !bytes.includes('RTSP'));
        assert.equal(new Set(bytes).size, 255);
        await camera?.stop();
      }
    });
    it('speaks-http', async () => {
      const client = await run('speaks-http');
      client.send(FIRST);
      assert.equal(await client.ended(), 'end');
      assert.match(client.text, /^HTTP\/1\.1 400 /);
    });
  });

  describe('refused talks', () => {
    const codes: [name: string, code: number][] = [
      ['busy', -52411],
      ['too-many', -52405],
      ['too-many-clients', -52407],
      ['json-error', -501],
      ['bad-inner', -502],
      ['audio-invalid', -52423],
      ['talk-error:-64206', -64206],
      ['refuses-mode', -502],
      ['refuses-mode:half_duplex', -502],
    ];
    for (const [name, code] of codes) {
      it(name, async () => {
        const body = `{"type":"response", "seq":0, "params":{"error_code":${code}}}`;
        const expected = OPENED.replace('Length: 73', `Length: ${body.length}`).slice(0, -73) + body;
        assert.equal(await openTalk(await run(name)), expected);
        assert.equal(camera?.sessions.length, 0);
      });
    }
    it('refuses-mode takes the others', async () => {
      assert.equal(await openTalk(await run('refuses-mode:aec')), OPENED);
    });
    it('busy-times', async () => {
      const client = await run('busy-2');
      assert.match(await openTalk(client), /-52411/);
      assert.match(await client.ask(THIRD.replace('CSeq: 2', 'CSeq: 3')), /-52411/);
      assert.match(await client.ask(THIRD.replace('CSeq: 2', 'CSeq: 4')), /"error_code":0,/);
    });
    it('busy-but-plays', async () => {
      const client = await run('busy-but-plays');
      assert.match(await openTalk(client), /-52411/);
      client.send(packets(2));
      await eventually(() => camera?.sessions[0]?.packetCount === 2, 'heard packets');
      // To a second talker it is busy in earnest.
      assert.match(await openTalk(await dial()), /-52411/);
      assert.equal(camera?.sessions.length, 1);
    });
    it('busy-until-closed', async () => {
      const one = await run('busy-until-closed');
      const other = await dial();
      assert.match(await openTalk(one), /-52411/);
      assert.match(await openTalk(other), /-52411/);
      one.end();
      other.end();
      await eventually(() => camera?.connections === 0, 'closed connections');
      assert.equal(await openTalk(await dial()), OPENED);
    });
  });

  describe('during a talk', () => {
    it('downlink-frames', async () => {
      const client = await run('downlink-frames');
      await openTalk(client);
      client.send(packets(2));
      const frames = await client.take(352);
      assert.equal(frames.toString('hex', 0, 20), '240000ac80080001000000a01badcafed5d5d5d5');
      assert.equal(frames.toString('hex', 176, 188), '240000ac8008000200000140');
    });
    it('downlink-loop', async () => {
      const client = await run('downlink-loop');
      await openTalk(client);
      client.send(packets(1));
      const frame = await client.take(176);
      assert.equal(frame.toString('hex', 0, 20), '240100ac80080001000000a01badcafed5d5d5d5');
    });
    it('downlink-json', async () => {
      const client = await run('downlink-json');
      await openTalk(client);
      client.send(packets(2));
      assert.match(await client.message(), /^MULTITRANS rtsp:.* RTSP\/1\.0\r\n[^]*\{"type":"notification", .*\}$/);
    });
    it('downlink-json:json', async () => {
      const client = await run('downlink-json:json');
      await openTalk(client);
      client.send(packets(2));
      await client.until(() => /^\{"type":"notification", .*\}\}$/.test(client.text));
    });
    it('downlink-garbage', async () => {
      const client = await run('downlink-garbage');
      await openTalk(client);
      client.send(packets(1));
      await client.until(() => client.text.split('$').length === 3);
      assert.equal(client.text.slice(0, 11), '\x00\xff\x13\x37 neithe');
    });
    it('stop-reading', async () => {
      const client = await run('stop-reading:3');
      await openTalk(client);
      client.send(packets(5));
      await eventually(() => heard() === 3, 'three packets');
      // More than the buffers of both kernels take; a camera that reads would be through with it in no time.
      client.send(Buffer.alloc(32 * 1024 * 1024));
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.ok(client.unsent > 0);
      assert.equal(heard(), 3);
      assert.equal(await openTalk(await dial()), OPENED);
    });
    it('hang-up', async () => {
      const client = await run('hang-up:3');
      await openTalk(client);
      client.send(packets(5));
      assert.equal(await client.ended(), 'end');
      const recording = await camera?.waitForTalkEnd();
      assert.equal(recording?.packetCount, 3);
      assert.equal(recording.end, 'camera closed');
    });
    it('hang-up goes on reading', async () => {
      const client = await run('hang-up:3');
      await openTalk(client);
      client.send(packets(3));
      assert.equal(await client.ended(), 'end');
      for (let n = 0; n < 10; n++) {
        client.send(packets(1));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.equal(client.over, 'end');
    });
    it('hang-up-reset answers the next packet with RST', async () => {
      const client = await run('hang-up-reset:3');
      await openTalk(client);
      client.send(packets(3));
      assert.equal(await client.ended(), 'end');
      const recording = await camera?.waitForTalkEnd();
      assert.deepEqual([recording?.packetCount, recording?.end], [3, 'camera closed']);
      assert.equal(client.over, 'end');
      // A half-closed socket learns of the RST by the write that follows.
      await eventually(() => {
        client.send(packets(1));
        return client.over === 'reset';
      }, 'RST');
      assert.equal(camera?.connections, 0);
    });
    it('reset', async () => {
      const client = await run('reset:3');
      await openTalk(client);
      client.send(packets(3));
      assert.equal(await client.ended(), 'reset');
      assert.equal((await camera?.waitForTalkEnd())?.packetCount, 3);
    });
  });

  describe('names', () => {
    it('hold for the first connections only when told so', async () => {
      const client = await run('reset:1@1');
      await openTalk(client);
      client.send(packets(2));
      assert.equal(await client.ended(), 'reset');
      const second = await dial();
      assert.equal(await openTalk(second), OPENED);
      second.send(packets(2));
      second.end();
      assert.equal((await camera?.waitForTalkEnd(2))?.packetCount, 2);
    });
    it('each answer hook holds for the first connections only', async () => {
      const names = ['lower-case-headers@1', 'error-code-flat@1', 'challenge-digest-only@1', 'busy@1'];
      const client = await run(names);
      assert.match(await client.ask(FIRST), /^RTSP\/1\.0 401 Unauthorized\r\ncseq: 0\r\nwww-authenticate: Digest /);
      await client.ask(SECOND);
      assert.match(await client.ask(THIRD), /\{"error_code":-52411,"session_id":"2"\}$/);
      const second = await dial();
      assert.equal(await second.ask(FIRST), CHALLENGE);
      assert.equal(await second.ask(SECOND), LOGGED_IN);
      assert.equal(await second.ask(THIRD), OPENED);
    });
    it('all have a line of description', () => {
      for (const [name, { description }] of Object.entries(BEHAVIORS)) {
        assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
        assert.ok(description.length > 10 && description.length < 80 && !description.includes('\n'), name);
      }
    });
    it('are those of the behaviors they make', () => {
      for (const [name, { create }] of Object.entries(BEHAVIORS)) assert.equal(create().name, name);
    });
    for (const text of [
      '',
      'nonsense',
      'toString',
      'busy:3',
      'busy-x',
      'busy-3:4',
      'hang-up:x',
      'hang-up:-1',
      'hang-up:1:2',
      'hang-up@x',
      'no-multitrans:200',
      'refuses-mode:loud',
      'vigi@1',
      'no-challenge@2',
    ]) {
      it(`refuse ${JSON.stringify(text)}`, () => {
        assert.throws(
          () => parseBehavior(text),
          (error: unknown) => isTalkError(error) && error.code === 'TALK_ERR_ARGUMENT',
        );
        assert.throws(() => new SimulatedCamera({ behaviors: [text] }));
      });
    }
  });
});
