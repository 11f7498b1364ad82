// The visible effect of each behavior of a camera that talks over HTTP, seen by a client that sends bytes typed by hand; those of the log-in are in login.test.ts.
import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { isTalkError } from '../../../src/errors.js';
import {
  behaviorsOf,
  HTTP_TALK_BEHAVIORS,
  SimulatedCamera,
  type SimulatedCameraOptions,
} from '../../../src/simulator/index.js';
import { FakeClock } from '../../helpers/fake-clock.js';
import { eventually, RawClient } from '../raw-client.js';
import { ASK, audio, authorization,  group, head, json, LOG_IN, NONCE,  logIn, OPENED, openTalk, part, sound20, STOP, STOPPED, TABLES, TALK, TAPO_OPTIONS } from './conversation.js'; // prettier-ignore

const STATUS_PART =
  '----device-stream-boundary--\r\nContent-Type: application/json\r\nX-If-Encrypt: 0\r\nContent-Length: 85\r\n\r\n' +
  '{"type":"notification", "params":{"event_type":"stream_status", "status":"running"}}';

describe('simulator/httptalk: behaviors', () => {
  let clock: FakeClock;
  let camera: SimulatedCamera;
  let isRunning = false;
  const clients: RawClient[] = [];

  async function run(behaviors: string | readonly string[], options: SimulatedCameraOptions = {}): Promise<RawClient> {
    clock = new FakeClock();
    camera = new SimulatedCamera({ ...TAPO_OPTIONS, clock, behaviors: [behaviors].flat(), ...options });
    await camera.start();
    isRunning = true;
    return dial();
  }
  async function dial(): Promise<RawClient> {
    const client = await RawClient.open(camera.streamPort ?? 0);
    clients.push(client);
    return client;
  }
  async function loggedIn(behaviors: string | readonly string[]): Promise<RawClient> {
    const client = await run(behaviors);
    await logIn(client);
    return client;
  }
  /** A talk, its tables and `count` packets. */
  async function talking(behaviors: string | readonly string[], count: number): Promise<RawClient> {
    const client = await run(behaviors);
    assert.equal(await openTalk(client), OPENED);
    client.send(audio(TABLES));
    for (let n = 0; n < count; n += 1) client.send(audio(sound20(n)));
    return client;
  }
  const packets = (): number => camera.sessions[0]?.packetCount ?? 0;

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    if (isRunning) await camera.stop();
    isRunning = false;
  });

  it('each have a description, and can be made', () => {
    for (const [name, { description, create }] of Object.entries(HTTP_TALK_BEHAVIORS)) {
      assert.match(name, /^[a-z0-9-]+$/);
      assert.ok(description.length > 10);
      assert.ok(create().name !== '');
    }
    assert.ok(Object.keys(HTTP_TALK_BEHAVIORS).length > 80);
  });

  describe('names', () => {
    const refused = (behavior: string, options: SimulatedCameraOptions): string => {
      try {
        new SimulatedCamera({ ...options, behaviors: [behavior] });
      } catch (error) {
        if (isTalkError(error) && error.code === 'TALK_ERR_ARGUMENT') return error.message;
      }
      return 'accepted';
    };

    it('of the other family are refused, and it is said whose they are', () => {
      assert.equal(
        refused('glued-frame', { family: 'tapo' }),
        'Behavior "glued-frame": cameras of family tapo do not have it, multitrans has',
      );
      assert.equal(
        refused('no-qop@1', {}),
        'Behavior "no-qop@1": cameras of family multitrans do not have it, tapo and vigi-stream have',
      );
      assert.match(refused('nonsense', { family: 'tapo' }), /^Behavior "nonsense": expected one of those/);
      assert.equal(refused('vigi', { family: 'vigi-stream' }).includes('multitrans has'), true);
    });

    it('of streams, loudspeaker, microphone and room belong to all', () => {
      for (const name of [
        'stream-pcmu',
        'speaker-swallows-450',
        'microphone-mutes',
        'room-noise-30',
        'busy-2',
        'no-qop',
      ]) {
        assert.equal(refused(name, { family: 'tapo' }), 'accepted', name);
      }
      assert.ok('room-echo' in behaviorsOf('tapo') && !('vigi' in behaviorsOf('tapo')));
    });

    it('know no user but admin', () => {
      assert.match(refused('busy', { family: 'tapo', username: 'viewer' }), /no user but admin/);
      assert.throws(() => new SimulatedCamera({ family: 'nest' as 'tapo' }), /family/);
    });
  });

  describe('the answer to the talk request', () => {
    const refusals: [name: string, code: number][] = [
      ['busy', -52411],
      ['too-many', -52405],
      ['too-many-clients', -52407],
      ['video-call', -52499],
      ['audio-invalid', -52423],
      ['talk-error:-52402', -52402],
      ['refuses-mode:aec', -502],
    ];
    for (const [name, code] of refusals) {
      it(name, async () => {
        const client = await loggedIn(name);
        client.send(TALK);
        const text = `{"type":"response", "seq":3, "params":{"error_code":${code}}}`;
        assert.equal((await part(client)).split('\r\n\r\n')[1], text);
        assert.equal(camera.sessions.length, 0);
      });
    }

    const replies: [name: string, text: string][] = [
      ['json-compact', '{"type":"response","seq":3,"params":{"error_code":0,"session_id":"71"}}'],
      ['no-seq', '{"type":"response", "params":{"error_code":0, "session_id":"71"}}'],
      ['session-id-number', '{"type":"response","seq":3,"params":{"error_code":0,"session_id":71}}'],
      ['error-code-string', '{"type":"response","seq":3,"params":{"error_code":"0","session_id":"71"}}'],
      ['error-code-flat', '{"error_code":0,"session_id":"71"}'],
      ['error-code-missing', '{"type":"response","seq":3,"params":{"session_id":"71"}}'],
      ['session-id-crlf', '{"type":"response", "seq":3, "params":{"error_code":0, "session_id":"71\\r\\nX-Evil: 1"}}'],
      ['json-wrong', '[]'],
      ['json-wrong:text', '"error_code"'],
      ['json-wrong:null', 'null'],
      ['json-wrong:broken', '{"type":"response", "seq":'],
    ];
    for (const [name, text] of replies) {
      it(name, async () => {
        const client = await loggedIn(name);
        client.send(TALK);
        assert.equal((await part(client)).split('\r\n\r\n')[1], text);
        assert.equal(camera.sessions.length, 1);
      });
    }

    it('busy-2', async () => {
      const client = await loggedIn('busy-2');
      for (const code of [-52411, -52411, 0]) {
        client.send(TALK);
        assert.ok((await part(client)).includes(`"error_code":${code}`));
      }
    });

    it('json-blanks, nul-after-json', async () => {
      const client = await loggedIn('json-blanks');
      client.send(TALK);
      assert.ok((await part(client)).includes('{\n  "type": "response",\n  "seq": 3,'));
      await camera.stop();
      const other = await loggedIn('nul-after-json');
      other.send(TALK);
      assert.ok((await part(other)).endsWith('"71"}}\0'));
    });

    it('bad-request, unavailable', async () => {
      const client = await loggedIn('bad-request');
      client.send(TALK);
      assert.equal(await client.message(), 'HTTP/1.0 400 Bad Request\r\nServer: Streamd\r\nContent-Length: 0\r\n\r\n');
      await camera.stop();
      const other = await loggedIn('unavailable');
      other.send(TALK);
      assert.match(await other.message(), /^HTTP\/1\.0 503 [\s\S]*\{"error_code":-52405\}\}$/);
    });

    it('silent-after-auth, hang-up-at-talk, reset-at-talk', async () => {
      const silent = await loggedIn('silent-after-auth');
      silent.send(TALK + STOP);
      // The answer to the stop is the first.
      assert.equal(await part(silent), STOPPED);
      for (const [name, end] of [
        ['hang-up-at-talk', 'end'],
        ['reset-at-talk', 'reset'],
      ] as const) {
        await camera.stop();
        const client = await loggedIn(name);
        client.send(TALK);
        assert.equal(await client.ended(), end);
        assert.deepEqual([camera.violations, camera.sessions.length], [[], 0]);
      }
    });
  });

  describe('around the answer', () => {
    const before: [name: string, text: RegExp][] = [
      ['notification-first', /^----device-stream-boundary--\r\nContent-Type: application\/json[\s\S]*"stream_status"/],
      ['other-answer-first', /"seq":99999, "params":\{"error_code":0, "session_id":"13"\}\}\r\n----device/],
      [
        'delimiter-inside',
        /^----device-stream-boundary--\r\nContent-Type: video\/mp2t[\s\S]*\r\n----device-stream-boundary--\r\nContent-Type: application\/json\r\nContent-Length: 2\r\n\r\n\{\}\r\n\r\n/,
      ],
      ['broken-head', /^----device-stream-boundary--\r\nCont----device-stream-boundary--\r\nContent-Type/],
      ['part-length', /^----device-stream-boundary--\r\nContent-Type: application\/json\r\n\r\n\{\}\r\n/],
      ['part-length:negative', /Content-Length: -1\r\n\r\n\{\}\r\n/],
      ['part-length:text', /Content-Length: two\r\n\r\n\{\}\r\n/],
    ];
    for (const [name, text] of before) {
      it(name, async () => {
        const client = await loggedIn(name);
        client.send(TALK);
        await client.until(() => client.text.includes('"session_id":"71"}}\r\n'));
        assert.match(client.text, text);
        assert.ok(client.text.endsWith(`${OPENED}\r\n`));
      });
    }

    it('glued-parts', async () => {
      const client = await loggedIn('glued-parts');
      assert.equal(await part(client), STATUS_PART.replace('85', '84'));
      const pieces = client.pieces.length;
      client.send(TALK);
      await client.until(() => client.text.split('stream_status').length > 2);
      assert.equal(client.pieces.length, pieces + 1);
      assert.equal(
        client.text,
        `${STATUS_PART.replace('85', '84')}\r\n${OPENED}\r\n${STATUS_PART.replace('85', '84')}\r\n`,
      );
    });

    it('line-ends, lower-case-headers, split-header-body, split-bytes', async () => {
      for (const [name, text] of [
        ['line-ends', OPENED],
        ['line-ends:2', `${OPENED}\r\n\r\n`],
        [
          'lower-case-headers',
          `${OPENED.replace('Content-Type', 'content-type').replace('X-If-Encrypt', 'x-if-encrypt').replace('Content-Length', 'content-length')}\r\n`,
        ],
        ['split-header-body', `${OPENED}\r\n`],
        ['split-bytes', `${OPENED}\r\n`],
      ] as const) {
        const client = await loggedIn(name);
        client.send(TALK);
        assert.equal((await client.take(text.length)).toString('latin1'), text);
        await camera.stop();
      }
    });

    it('slow, drips', async () => {
      const client = await run('slow');
      client.send(ASK);
      await eventually(() => camera.requests.length === 1, 'the request');
      assert.equal(client.text, '');
      await clock.advance(1_500);
      assert.match(await client.message(), /^HTTP\/1\.0 401 /);
      await camera.stop();
      const other = await run('drips:100');
      other.send(ASK);
      await other.until(() => other.text === 'H');
      await clock.advance(300);
      await other.until(() => other.text === 'HTTP');
    });

    it('huge-part, endless-part-head, endless-head, huge-header pour', async () => {
      for (const [name, start] of [
        ['huge-part', 'Content-Length: 67108864\r\n\r\naaaa'],
        ['endless-part-head', 'X-Filler: aaaa\r\nX-Filler'],
      ] as const) {
        const client = await loggedIn(name);
        client.send(TALK);
        await client.until(() => client.text.length > 300_000);
        assert.ok(client.text.slice(0, 300).includes(start));
        client.destroy();
        await camera.stop();
      }
      const client = await run('endless-head');
      await client.ask(ASK);
      client.send(LOG_IN);
      await client.until(() => client.text.length > 300_000);
      client.destroy();
      await camera.stop();
      assert.ok((await (await run('huge-header')).ask(ASK)).length > 65_536);
    });
  });

  describe('during a talk', () => {
    it('downlink-video, downlink-encrypted, downlink-json, downlink-garbage, heartbeat', async () => {
      for (const [name, text] of [
        ['downlink-video', 'Content-Type: video/mp2t\r\nX-If-Encrypt: 0\r\nX-Session-Id: 4\r\n'],
        ['downlink-encrypted', 'Content-Type: video/mp2t\r\nX-If-Encrypt: 1\r\n'],
        ['downlink-json', '"stream_status"'],
        ['downlink-garbage', 'Cont----device-stream-boundary--'],
        ['heartbeat', '"heartbeat"'],
      ] as const) {
        const client = await talking(name, 3);
        await client.until(() => client.text.includes(text));
        await eventually(() => packets() === 3, 'three packets');
        await camera.stop();
      }
    });

    it('tells-finish, tells-closed', async () => {
      for (const [name, text] of [
        ['tells-finish', '"event_type":"stream_finish", "reason":"internal_error"'],
        ['tells-finish:interrupt', '"reason":"interrupt"'],
        ['tells-closed', '"event_type":"connection_closed", "close_reason":"password_changed"'],
      ] as const) {
        const client = await talking(name, 10);
        await client.until(() => client.text.includes(text));
        await camera.stop();
      }
    });

    it('hang-up, reset, hang-up-reset, stop-reading', async () => {
      for (const [name, end] of [
        ['hang-up:2', 'end'],
        ['reset:2', 'reset'],
        ['hang-up-reset:2', 'end'],
      ] as const) {
        const client = await talking(name, 2);
        assert.equal(await client.ended(), end);
        assert.deepEqual([packets(), camera.violations, camera.sessions[0]?.end], [2, [], 'camera closed']);
        await camera.stop();
      }
      const client = await talking('stop-reading:2', 2);
      await eventually(() => packets() === 2, 'two packets');
      for (let n = 0; client.unsent === 0 && n < 100_000; n += 1) client.send(audio(sound20(n)));
      assert.equal(packets(), 2);
      await clock.advance(20_000);
      await client.ended();
    });

    it('silent-stop, hang-up-at-stop, reset-at-stop', async () => {
      const silent = await talking('silent-stop', 1);
      silent.send(STOP);
      assert.equal((await camera.waitForTalkEnd()).end, 'client closed');
      assert.equal(silent.text, '');
      for (const [name, end] of [
        ['hang-up-at-stop', 'end'],
        ['reset-at-stop', 'reset'],
      ] as const) {
        await camera.stop();
        const client = await talking(name, 1);
        client.send(STOP);
        assert.equal(await client.ended(), end);
        assert.deepEqual([camera.violations, camera.sessions[0]?.end], [[], 'camera closed']);
      }
    });

    it('idle-timeout, sleeps', async () => {
      const client = await talking('idle-timeout:3', 1);
      await eventually(() => packets() === 1, 'a packet');
      await clock.advance(2_999);
      assert.equal(client.over, 'no');
      await clock.advance(1);
      assert.equal(await client.ended(), 'end');
      await camera.stop();
      const other = await talking('sleeps:3', 1);
      await eventually(() => packets() === 1, 'a packet');
      await clock.advance(2_000);
      other.send(audio(sound20(1)));
      await eventually(() => packets() === 2, 'two packets');
      await clock.advance(1_000);
      assert.equal(await other.ended(), 'end');
    });

    it('slot-held', async () => {
      const client = await talking('slot-held:10', 1);
      client.end();
      await camera.waitForTalkEnd();
      const ask = async (code: number): Promise<void> => {
        const next = await dial();
        await next.ask(ASK);
        await next.ask(LOG_IN);
        next.send(TALK);
        assert.ok((await part(next)).includes(`"error_code":${code}`));
        if (code === 0) {
          next.send(STOP);
          await part(next);
        }
        next.end();
      };
      await ask(-52411);
      await clock.advance(10_000);
      await ask(0);
      // After a stop it is free at once.
      await ask(0);
    });
  });

  describe('the maker’s groups', () => {
    it('vendor-groups', async () => {
      const client = await loggedIn('vendor-groups');
      client.send(TALK);
      await part(client);
      client.send(Buffer.concat([audio(group(0, 0x80)), audio(group(1, 0x81))]));
      client.send(STOP);
      await part(client);
      assert.equal(camera.sessions[0]?.audio().length, 1_920);
      assert.deepEqual(camera.violations, []);
      await camera.stop();
      await talking('vendor-groups', 1);
      await eventually(() => camera.violations.length > 0, 'a complaint');
      assert.equal(camera.violations[0], 'connection 1, part 1: no group of 1504 bytes with 960 of sound');
    });

    it('hub wants query and client id', async () => {
      const client = await run('hub');
      const player = '6d198157-565a-4adb-aaa5-85b81bc5c918';
      const uri = `/stream?deviceId=802100000000000000000000000000000000000A&type=talk&mode=aec&playerId=${player}`;
      assert.match(await client.ask(head(`X-Client-UUID: ${player}\r\n`, uri)), /^HTTP\/1\.0 401 /);
      assert.deepEqual(camera.violations, []);
      for (const [why, query, uuid] of [
        ['query without the deviceId of a child', '', player],
        ['query without type=talk', uri.replace('talk', 'preview'), player],
        ['query without mode', uri.replace('aec', ''), player],
        ['query without a playerId', uri.replace(player, '1'), player],
        ['X-Client-UUID is not the playerId', uri, 'other'],
      ] as const) {
        await client.ask(head(`X-Client-UUID: ${uuid}\r\n`, query === '' ? '/stream' : query));
        assert.ok(camera.violations.join('\n').endsWith(`connection 1, ${why}`), why);
      }
    });
  });

  it('hub hears encrypted groups from the second talk on', async () => {
    const client = await run('hub');
    const player = '6d198157-565a-4adb-aaa5-85b81bc5c918';
    const uri = `/stream?deviceId=802100000000000000000000000000000000000A&type=talk&mode=aec&playerId=${player}`;
    const id = `X-Client-UUID: ${player}\r\n`;
    await client.ask(head(id, uri));
    const md5 = (text: string): Buffer => createHash('md5').update(text).digest();
    const secret = createHash('sha256').update('Abc12345').digest('hex').toUpperCase();
    const ha1 = md5(`admin:TP-Link IP-Camera:${secret}`).toString('hex');
    const ha2 = md5(`POST:${uri}`).toString('hex');
    const response = md5(`${ha1}:${NONCE}:00000001:0a4f113b0a4f113b:auth:${ha2}`).toString('hex');
    const login = authorization(response).replace('uri="/stream"', `uri="${uri}"`);
    assert.match(await client.ask(head(id + login, uri)), /^HTTP\/1\.0 200 /);
    const encrypted = (body: Buffer): Buffer => {
      const cipher = createCipheriv('aes-128-cbc', md5(`${NONCE}:${secret}`), md5(`admin:${NONCE}`));
      return audio(Buffer.concat([cipher.update(body), cipher.final()]), { encrypt: '1' });
    };
    for (const heard of [0, 960]) {
      client.send(TALK);
      await part(client);
      // In clear it is thrown away.
      client.send(Buffer.concat([encrypted(group(0, 0x80)), audio(group(1))]));
      client.send(STOP);
      await part(client);
      assert.equal(camera.sessions.at(-1)?.byteCount, heard);
    }
    assert.deepEqual(camera.violations, []);
  });

  it('holds on the first connections only, where it is told so', async () => {
    const client = await loggedIn(['busy@1', 'http11@1']);
    client.send(TALK);
    assert.ok((await part(client)).includes('-52411'));
    const next = await dial();
    assert.match(await next.ask(ASK), /^HTTP\/1\.0 401 /);
    client.send(json('{"type":"request","seq":4,"params":{"method":"get","talk":{"mode":"aec"}}}'));
    assert.ok((await part(client)).includes('-52411'));
  });
});
