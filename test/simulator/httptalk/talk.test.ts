// A talk over HTTP, seen by a client that sends bytes typed by hand: what is heard, what is recorded, and every complaint.
import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../../src/simulator/index.js';
import { FakeClock } from '../../helpers/fake-clock.js';
import { eventually, RawClient } from '../raw-client.js';
import {
  audio,
  group,
  head,
  json,
  logIn,
  NONCE,
  OPENED,
  openTalk,
  part,
  PAT,
  PMT,
  sha256,
  sound20,
  sound40,
  STOP,
  STOPPED,
  TABLES,
  TALK,
  TAPO_OPTIONS,
} from './conversation.js';

describe('simulator/httptalk: talk', () => {
  let clock: FakeClock;
  let camera: SimulatedCamera;
  const clients: RawClient[] = [];

  async function run(behaviors: readonly string[] = [], options: SimulatedCameraOptions = {}): Promise<RawClient> {
    clock = new FakeClock();
    camera = new SimulatedCamera({ ...TAPO_OPTIONS, clock, behaviors, ...options });
    await camera.start();
    return dial();
  }
  async function dial(): Promise<RawClient> {
    const client = await RawClient.open(camera.streamPort ?? 0);
    clients.push(client);
    return client;
  }
  async function opened(behaviors: readonly string[] = []): Promise<RawClient> {
    const client = await run(behaviors);
    assert.equal(await openTalk(client), OPENED);
    return client;
  }
  /** Sends sound, waits until it is recorded, and lets the time of it pass. */
  async function say(client: RawClient, bodies: readonly Buffer[], ms = 40): Promise<void> {
    for (const body of bodies) {
      const before = camera.sessions.at(-1)?.packetCount ?? 0;
      client.send(audio(body));
      await eventually(() => (camera.sessions.at(-1)?.packetCount ?? 0) > before, 'a packet');
      await clock.advance(ms);
    }
  }
  /** Ends the talk as it should be, so that nothing sent before is still under way. */
  async function stop(client: RawClient): Promise<string> {
    client.send(STOP);
    return part(client);
  }
  const complaints = (): string[] => camera.violations.map((text) => text.replace(/^connection \d+, /, ''));

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await camera.stop();
  });

  it('hears tables, sound and stop, and finds nothing wrong', async () => {
    const client = await opened();
    client.send(audio(TABLES));
    await say(client, [sound40(0, 0x80), sound40(1), sound40(2, 0x81)]);
    assert.equal(await stop(client), STOPPED);
    const heard = await camera.waitForTalkEnd();
    client.end();
    await client.ended();
    assert.deepEqual([camera.violations, camera.warnings], [[], []]);
    assert.deepEqual(
      [heard.start.mode, heard.start.connection, heard.end, heard.packetCount, heard.codec?.name, heard.seconds],
      ['aec', 1, 'client closed', 3, 'pcma8k', 0.12],
    );
    assert.equal(heard.audio().toString('hex'), '80'.repeat(320) + 'd5'.repeat(320) + '81'.repeat(320));
    assert.deepEqual(
      heard.packets.map(({ timestamp, marker, payloadType }) => [timestamp, marker, payloadType]),
      [
        [0, true, 8],
        [320, false, 8],
        [640, false, 8],
      ],
    );
    assert.deepEqual(
      camera.requests.map(({ method, body }) => [method, body.length]),
      [
        ['POST', 0],
        ['POST', 0],
        ['PART', 74],
        ['PART', 65],
      ],
    );
  });

  it('hears it however it is cut, and with none or two line ends behind a body', async () => {
    const client = await opened();
    for (const byte of audio(TABLES)) client.send(Buffer.from([byte]));
    client.send(
      Buffer.concat([audio(sound20(0)), audio(sound20(1), { end: '' }), audio(sound20(2), { end: '\r\n\r\n' })]),
    );
    client.send(audio(sound20(3)));
    assert.equal(await stop(client), STOPPED);
    assert.equal(camera.sessions[0]?.packetCount, 4);
    assert.deepEqual(complaints(), []);
    assert.deepEqual(camera.warnings, [
      'connection 1, 0 line ends behind a part’s body',
      'connection 1, 2 line ends behind a part’s body',
    ]);
  });

  it('opens one talk at a time, and the next one at once after a stop', async () => {
    const client = await opened();
    const other = await dial();
    await logIn(other, head(authorizationOf('00000002')));
    const refused = '{"type":"response", "seq":3, "params":{"error_code":-52411}}';
    other.send(TALK);
    assert.equal((await part(other)).split('\r\n\r\n')[1], refused);
    await stop(client);
    other.send(TALK.replace('"seq":3', '"seq":5'));
    assert.match(await part(other), /"seq":5, "params":\{"error_code":0, "session_id":"71"\}/);
    assert.deepEqual(
      camera.sessions.map(({ end }) => end),
      ['client closed', 'open'],
    );
  });

  for (const [mode, code] of [
    ['half_duplex', 0],
    ['vad', 0],
    ['full_duplex', -502],
  ] as const) {
    it(`answers ${code} to ${mode}`, async () => {
      const client = await run();
      await logIn(client);
      client.send(json(`{"type":"request","seq":9,"params":{"method":"get","talk":{"mode":"${mode}"}}}`));
      assert.match(await part(client), new RegExp(`"seq":9, "params":\\{"error_code":${code}[,}]`));
      assert.equal(camera.sessions[0]?.start.mode, code === 0 ? mode : undefined);
    });
  }

  describe('complains of JSON', () => {
    for (const [why, text, answer] of [
      ['part is no JSON object', '[]', ''],
      ['part is no JSON object', '{', ''],
      ['part is not a JSON request of type, seq and params', '{"type":"request","params":{}}', 'error_code":-501'],
      ['method stands beside params, not inside', '{"method":"get","talk":{"mode":"aec"}}', 'HTTP/1.0 400 '],
      ['params name no method', '{"type":"request","seq":1,"params":{"talk":{"mode":"aec"}}}', 'HTTP/1.0 400 '],
      [
        'params name no module that a talk needs',
        '{"type":"request","seq":1,"params":{"method":"get","preview":{}}}',
        '',
      ],
      [
        'stop is not the text null',
        '{"type":"request","seq":1,"params":{"method":"do","stop":null}}',
        'error_code":-502',
      ],
    ] as const) {
      it(`${text}: ${why}`, async () => {
        const client = await run();
        await logIn(client);
        client.send(json(text));
        if (answer !== '') await client.until(() => client.text.includes(answer));
        await eventually(() => camera.violations.length > 0, 'a complaint');
        assert.deepEqual(complaints(), [why]);
        assert.equal(answer === '' ? client.text : '', '');
      });
    }

    it('passes over a notification, and tells of seq that does not count up', async () => {
      const client = await opened();
      client.send(json('{"type":"notification","params":{}}'));
      client.send(json('{"type":"request","seq":3,"params":{"stop":"null","method":"do"}}'));
      assert.match(await part(client), /"seq":3, "params":\{"error_code":0\}/);
      assert.deepEqual(complaints(), []);
      assert.deepEqual(camera.warnings, [
        'connection 1, seq does not count up',
        'connection 1, stop without X-Session-Id',
      ]);
    });
  });

  describe('hears nothing any more after', () => {
    const good = audio(sound20(0)).toString('latin1');
    for (const [why, bytes] of [
      ['wrong delimiter', good.replace('----client', '--client')],
      ['wrong delimiter', good.replace('boundary--\r\n', 'boundary--x\r\n')],
      ['closing delimiter', '----client-stream-boundary----\r\n'],
      ['junk between two parts', `junk${good}`],
      ['junk between two parts', `\r\n\r\n\r\n${good}`],
      ['part without Content-Length', good.replace('Content-Length: 188\r\n', '')],
      ['negative Content-Length', good.replace('Length: 188', 'Length: -188')],
      ['Content-Length is no number', good.replace('Length: 188', 'Length: 188 bytes')],
      ['part of 67108864 bytes', good.replace('Length: 188', 'Length: 67108864')],
      ['header line without name, colon and value', good.replace('Content-Type:', 'Content-Type')],
      ['head of a part without end', `----client-stream-boundary--\r\nX: ${'a'.repeat(17_000)}`],
    ] as const) {
      it(`${why}: ${JSON.stringify(bytes.slice(0, 50))}`, async () => {
        const client = await opened();
        client.send(Buffer.from(bytes, 'latin1'));
        await eventually(() => camera.violations.length > 0, 'a complaint');
        client.send(STOP);
        client.end();
        await client.ended();
        await camera.waitForTalkEnd();
        assert.deepEqual(complaints(), [why, 'closed without stop']);
        assert.equal(client.text, '');
      });
    }

    it('a length that is too short, or too long', async () => {
      const client = await opened();
      client.send(Buffer.from(good.replace('Length: 188', 'Length: 187'), 'latin1'));
      client.send(STOP);
      await eventually(() => camera.violations.length > 1, 'complaints');
      assert.deepEqual(complaints(), ['part 1: 187 bytes are not a whole number of packets', 'junk between two parts']);
      await camera.stop();
      const other = await opened();
      other.send(Buffer.from(good.replace('Length: 188', 'Length: 200'), 'latin1'));
      other.end();
      await other.ended();
      await camera.waitForTalkEnd();
      assert.deepEqual(complaints(), ['closed inside a part', 'closed without stop']);
    });
  });

  describe('complains of sound', () => {
    const broken = (body: Buffer, at: number, hex: string): Buffer => {
      const copy = Buffer.from(body);
      copy.write(hex, at, 'hex');
      return copy;
    };
    const cases: [why: RegExp, parts: readonly Buffer[], heard: number][] = [
      [
        /^part 1: 189 bytes are not a whole number of packets$/,
        [audio(Buffer.concat([sound20(0), Buffer.alloc(1)]))],
        0,
      ],
      [
        /^part 2: 1880 bytes, more than 1504$/,
        [audio(TABLES), audio(Buffer.concat([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => sound20(n))))],
        1,
      ],
      [/^part 2: A packet begins with 48/, [audio(TABLES), audio(broken(sound20(0), 0, '48'))], 0],
      [/^part 1: PID 256 before the tables$/, [audio(sound20(0)), audio(TABLES), audio(sound20(1))], 1],
      [
        /^part 1: The stream's type is 0x6, not 0x90$|CRC/,
        [audio(Buffer.concat([PAT, broken(PMT, 17, '06')])), audio(sound20(0))],
        0,
      ],
      [
        /^part 1: The CRC of table 2 is wrong$/,
        [audio(Buffer.concat([PAT, broken(PMT, 22, '00')])), audio(sound20(0))],
        1,
      ],
      [/^part 2: An adaptation field is not filled with FF$/, [audio(TABLES), audio(broken(sound20(0), 8, '00'))], 1],
      [
        /^part 1: What fills the packet of table 0 is not FF$/,
        [audio(Buffer.concat([broken(PAT, 100, '00'), PMT])), audio(sound20(0))],
        1,
      ],
      [
        /^part 3: PID 256: counter 2 after 0$/,
        [audio(TABLES), audio(sound20(0)), audio(broken(sound20(1), 3, '32'))],
        2,
      ],
      [
        /^part 3: PTS 160, 160 after the one before/,
        [audio(TABLES), audio(sound20(0)), audio(broken(sound20(1), 23, '2100010141'))],
        2,
      ],
      [/^part 2: 160 bytes of sound, by the header 152$/, [audio(TABLES), audio(broken(sound20(0), 18, '00a0'))], 1],
      [
        /^part 2: 170 bytes of sound, by the header 320$/,
        [audio(TABLES), audio(sound40(0).subarray(0, 188)), audio(sound40(0).subarray(188))],
        2,
      ],
      [/^sound without the X-Session-Id of the talk$/, [audio(TABLES, { id: '72' }), audio(TABLES, { id: '' })], 0],
      [/^X-If-Encrypt is neither 0 nor 1$/, [audio(TABLES, { encrypt: '2' })], 0],
      [/^encrypted part that is not of this key$/, [audio(TABLES, { encrypt: '1' })], 0],
      [
        /^part is neither application\/json nor audio\/mp2t$/,
        [Buffer.from(audio(TABLES).toString('latin1').replace('audio', 'video'), 'latin1')],
        0,
      ],
    ];
    for (const [why, parts, heard] of cases) {
      it(String(why), async () => {
        const client = await opened();
        for (const one of parts) client.send(one);
        await stop(client);
        assert.match(complaints()[0] ?? 'nothing', why);
        assert.equal(camera.sessions[0]?.packetCount, heard);
        assert.deepEqual(camera.sessions[0].violations, complaints());
      });
    }

    it('once while a fault lasts, and of sound that is too early or too late each time it begins', async () => {
      const client = await opened();
      client.send(audio(TABLES));
      for (let n = 0; n < 10; n += 1) client.send(audio(sound40(n)));
      await eventually(() => camera.sessions[0]?.packetCount === 10, 'ten packets');
      await clock.advance(1_000);
      await say(client, [sound40(10), sound40(11)]);
      await stop(client);
      assert.deepEqual(complaints(), ['part 9: 280 ms ahead of real time', 'part 12: gap of 600 ms']);
    });

    it('outside of a talk', async () => {
      const client = await run();
      await logIn(client);
      client.send(audio(TABLES));
      client.send(audio(sound20(0)));
      client.send(TALK);
      await part(client);
      await stop(client);
      client.send(audio(sound20(0)));
      await eventually(() => camera.violations.length > 1, 'complaints');
      assert.deepEqual(complaints(), ['sound before the talk was opened', 'sound after the talk']);
    });
  });

  describe('ends', () => {
    it('without stop, and it complains', async () => {
      const client = await opened();
      client.end();
      const heard = await camera.waitForTalkEnd();
      assert.deepEqual([heard.end, heard.violations], ['client closed', ['closed without stop']]);
    });

    it('by RST, and it complains', async () => {
      const client = await opened();
      client.reset();
      const heard = await camera.waitForTalkEnd();
      assert.deepEqual([heard.end, heard.violations], ['client reset', ['closed without stop']]);
    });

    it('without a complaint when the camera ends it', async () => {
      const client = await opened();
      await camera.stop();
      await client.ended();
      assert.deepEqual([camera.sessions[0]?.end, complaints()], ['camera closed', []]);
    });

    it('by a stop of its own id alone', async () => {
      const client = await opened();
      client.send(STOP.replace('Id: 71', 'Id: 72'));
      assert.match(await part(client), /"error_code":-502/);
      assert.equal(camera.sessions[0]?.end, 'open');
      assert.deepEqual(complaints(), ['stop of another X-Session-Id']);
    });

    it('after 20 s when nobody talks', async () => {
      const client = await run();
      await logIn(client);
      await clock.advance(20_000);
      await client.ended();
    });
  });

  it('decrypts what is marked as encrypted', async () => {
    const secret = 'F8AA14DA2301E201E817F5B8667A36BB40C8CA49DA69B3470A74D0F4EC194961';
    const keys = '4514f88f1148a6735bdc6a7d7b93b0b0';
    const md5 = (text: string): Buffer => createHash('md5').update(text).digest();
    const encrypt = (body: Buffer | string): Buffer => {
      const cipher = createCipheriv('aes-128-cbc', md5(`${keys}:${secret}`), md5(`admin:${keys}`));
      return Buffer.concat([cipher.update(body), cipher.final()]);
    };
    assert.equal(sha256(encrypt(sound20(0))), '047af47aa76d3326f0c30eb5e29c39352258c76afe91cfe4b634b737c32ad729');
    assert.equal(sha256(encrypt(group(0))), '16334a5cd77ddbc0fe27cd3c11dcf239f6fb261c6fe389fb446c0e5e4a87fd9c');
    let given = 0;
    const client = await run(['encrypted'], { nonce: () => (given++ === 0 ? NONCE : keys) });
    await logIn(client);
    const talk = encrypt('{"params":{"talk":{"mode":"aec"},"method":"get"},"seq":3,"type":"request"}');
    const start = `----client-stream-boundary--\r\nContent-Type: application/json\r\nX-If-Encrypt: 1\r\nContent-Length: ${talk.length}\r\n\r\n`;
    client.send(Buffer.concat([Buffer.from(start), talk, Buffer.from('\r\n')]));
    assert.equal(await part(client), OPENED);
    client.send(audio(encrypt(TABLES), { encrypt: '1' }));
    client.send(audio(encrypt(sound20(0, 0x80)), { encrypt: '1' }));
    // The same in clear is thrown away without a word.
    client.send(audio(sound20(1)));
    await stop(client);
    assert.equal(camera.sessions[0]?.audio().toString('hex'), '80'.repeat(160));
    assert.deepEqual(complaints(), []);
  });

  it('plays in its room, where another camera and a phone hear it', async () => {
    const client = await opened();
    const neighbour = new SimulatedCamera({ clock, earshotOf: camera });
    const phone = camera.recordRoom({ noiseDb: Number.NEGATIVE_INFINITY });
    client.send(audio(TABLES));
    await say(
      client,
      Array.from({ length: 20 }, (_, n) => sound40(n, n % 2 === 0 ? 0x80 : 0x00)),
    );
    await stop(client);
    await clock.advance(500);
    const wav = phone.stop();
    const samples = new Int16Array(
      wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length - (wav.length % 2)),
    );
    assert.ok(samples.some((sample) => Math.abs(sample) > 500));
    assert.equal(neighbour.room, camera.room);
  });
});

/** SHA-256 form, the nonce of the vectors, and another count: the nonce was given anew. */
function authorizationOf(cnonce: string): string {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const ha1 = '03db083329064cc170fde2d852bac009';
  const response = md5(`${ha1}:${NONCE}:00000001:${cnonce}:auth:${md5('POST:/stream')}`);
  return (
    `Authorization: Digest username="admin", realm="TP-Link IP-Camera", nonce="${NONCE}", uri="/stream", ` +
    `qop=auth, nc=00000001, cnonce="${cnonce}", response="${response}", opaque="64943214654649846565646421", algorithm=MD5\r\n`
  );
}
