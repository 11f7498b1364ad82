// The dialogue as values: bytes out against PROTOCOL.md V15, answers in from friendly and hostile cameras.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cameraOptions } from '../../src/camera-options.js';
import { isTalkError } from '../../src/errors.js';
import { TalkDialogue, type DialogueStep, type RtpGranted } from '../../src/multitrans/dialogue.js';
import type { HeaderList, RtspRequest, RtspResponse } from '../../src/rtsp/message.js';
import { serializeRequest } from '../../src/rtsp/serialize.js';
import { coded, thrown } from '../helpers/collect.js';
import { fixture } from '../rtsp/cases.js';

const CLIENT_ID = '6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11';
const NONCE = '96fa3da3bceda6441e098764e178ed07';
const BASIC = 'Basic realm="TP-LINK IP-Camera"';
const DIGEST = `Digest realm="TP-LINK IP-Camera", nonce="${NONCE}"`;
const SHA256 = `Digest realm="TP-LINK IP-Camera", nonce="${NONCE}", algorithm="SHA-256", qop="auth"`;
const GRANTED = '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"2"}}';

// PROTOCOL.md V1.
const V1 =
  'Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'uri="rtsp://192.168.1.60/multitrans", response="a0c5ca9ee922a01298e79071a2204d18"';
// PROTOCOL.md V8, in the header shape of V9.
const V8 =
  'Digest username="admin", realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07", ' +
  'uri="rtsp://192.168.1.60/multitrans", algorithm="SHA-256", qop="auth", cnonce="0a4f113b0a4f113b", nc="00000001", ' +
  'response="b5c252144c4a627bfe2ba5a4060380415122ba503ef4ef893088e64a8429aa0d"';

// PROTOCOL.md D1 and the table of the contract.
const STATUSES = [
  [302, 'TALK_ERR_PROTOCOL'],
  [100, 'TALK_ERR_PROTOCOL'],
  [400, 'TALK_ERR_UNSUPPORTED'],
  [404, 'TALK_ERR_UNSUPPORTED'],
  [405, 'TALK_ERR_UNSUPPORTED'],
  [501, 'TALK_ERR_UNSUPPORTED'],
  [551, 'TALK_ERR_UNSUPPORTED'],
  [453, 'TALK_ERR_BUSY'],
  [503, 'TALK_ERR_BUSY'],
  [500, 'TALK_ERR_REFUSED'],
  [403, 'TALK_ERR_REFUSED'],
  [454, 'TALK_ERR_REFUSED'],
] as const;

function dialogue(options: Readonly<Record<string, unknown>> = {}): TalkDialogue {
  return new TalkDialogue({
    camera: cameraOptions({ host: '192.168.1.60', password: 'Abc12345', ...options }),
    clientId: CLIENT_ID,
    clientNonce: () => '0a4f113b0a4f113b',
  });
}

function response(status: number, headers: HeaderList = [], body = ''): RtspResponse {
  return { kind: 'response', status, reason: '', headers, body: Buffer.from(body) };
}

const unauthorized = (...challenges: string[]): RtspResponse =>
  response(
    401,
    challenges.map((challenge) => ['WWW-Authenticate', challenge] as const),
  );
const withSession = (session: string): RtspResponse => response(200, [['Session', session]]);

function sent(step: DialogueStep): RtspRequest {
  assert.equal(step.kind, 'send');
  return step.request;
}

function granted(step: DialogueStep): RtpGranted {
  assert.equal(step.kind, 'open');
  return step.granted;
}

function text(request: RtspRequest): string {
  return serializeRequest(request).toString('latin1');
}

function lines(...all: string[]): string {
  return all.join('\r\n');
}

const header = (request: RtspRequest, name: string): string | undefined =>
  request.headers.find(([candidate]) => candidate === name)?.[1];

/** An ipc dialogue that has been asked for its talk request and awaits the reply. */
function awaitingTalkReply(options: Readonly<Record<string, unknown>> = {}): TalkDialogue {
  const talk = dialogue(options);
  talk.start();
  talk.receive(withSession('1'));
  return talk;
}

describe('dialogue, ipc', () => {
  it('says the whole conversation V15 byte by byte', () => {
    const talk = dialogue();
    assert.equal(
      text(talk.start()),
      lines(
        'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0',
        'CSeq: 0',
        'X-Client-UUID: 6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11',
        '',
        '',
      ),
    );
    const proving = talk.receive(unauthorized(BASIC, DIGEST));
    assert.equal(
      text(sent(proving)),
      lines(
        'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0',
        'CSeq: 1',
        `Authorization: ${V1}`,
        'X-Client-UUID: 6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11',
        '',
        '',
      ),
    );
    assert.equal(proving.kind === 'send' && proving.stage, 'authenticating');
    const opening = talk.receive(withSession('7116520596809429228'));
    assert.equal(
      text(sent(opening)),
      lines(
        'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0',
        'CSeq: 2',
        'Session: 7116520596809429228',
        'Content-Type: application/json',
        'Content-Length: 82',
        '',
        '{"type":"request","seq":0,"params":{"method":"get","talk":{"mode":"half_duplex"}}}',
      ),
    );
    assert.equal(opening.kind === 'send' && opening.stage, 'opening');
    assert.deepEqual(talk.receive(response(200, [['Session', '7116520596809429228']], GRANTED)), {
      kind: 'open',
      granted: {
        dialect: 'ipc',
        login: 'md5',
        profile: {
          encoding: 'alaw',
          sampleRate: 8000,
          payloadType: 8,
          silence: 0xd5,
          channel: 1,
          packetBytes: 1024,
          frameMs: 128,
        },
      },
    });
  });

  it('sends the published requests of fixtures/cameras/tl-ipc', () => {
    const talk = dialogue();
    assert.deepEqual(serializeRequest(talk.start()), fixture('tl-ipc/1-request.rtsp'));
    assert.deepEqual(
      serializeRequest(sent(talk.receive(unauthorized(BASIC, DIGEST)))),
      fixture('tl-ipc/3-request-authorized.rtsp'),
    );
    assert.deepEqual(
      serializeRequest(sent(talk.receive(withSession('7116520596809429228')))),
      fixture('tl-ipc/5-request-talk.rtsp'),
    );
  });

  for (const [name, challenges] of [
    ['Basic first', [BASIC, DIGEST]],
    ['Digest first', [DIGEST, BASIC]],
    ['Digest alone', [DIGEST]],
    ['both in one header, Basic first', [`${BASIC}, ${DIGEST}`]],
    ['both in one header, Digest first', [`${DIGEST}, ${BASIC}`]],
    ['a scheme nobody knows in front', ['Bearer realm="x"', DIGEST]],
    ['a Digest we cannot answer in front', [DIGEST.replace(/$/, ', algorithm=SHA-512-256'), DIGEST]],
  ] as const) {
    it(`answers Digest with the challenges ${name}`, () => {
      const talk = dialogue();
      talk.start();
      assert.equal(header(sent(talk.receive(unauthorized(...challenges))), 'Authorization'), V1);
    });
  }

  it('reads header names without case', () => {
    const talk = dialogue();
    talk.start();
    const proving = talk.receive(response(401, [['www-authenticate', DIGEST]]));
    assert.equal(header(sent(proving), 'Authorization'), V1);
    assert.equal(header(sent(talk.receive(response(200, [['SESSION', '77']]))), 'Session'), '77');
  });

  it('prefers SHA-256 when both are offered', () => {
    const talk = dialogue();
    talk.start();
    assert.equal(header(sent(talk.receive(unauthorized(DIGEST, SHA256))), 'Authorization'), V8);
  });

  it('goes straight to the talk request when the camera wants no log-in (TL-IPC44AW-COLOR 4.0)', () => {
    const talk = dialogue();
    talk.start();
    const request = sent(talk.receive(withSession('7116520596809429228')));
    assert.equal(header(request, 'CSeq'), '1');
    assert.equal(header(request, 'Session'), '7116520596809429228');
    assert.equal(header(request, 'Authorization'), undefined);
    assert.equal(request.body.length, 82);
    assert.equal(granted(talk.receive(response(200, [], GRANTED))).login, 'none');
  });

  it('goes on without a session when the camera names none', () => {
    const talk = dialogue();
    talk.start();
    talk.receive(unauthorized(DIGEST));
    const request = sent(talk.receive(response(200)));
    assert.equal(header(request, 'Session'), undefined);
    assert.equal(request.body.length, 82);
  });

  for (const [value, id] of [
    ['7116520596809429228;timeout=60', '7116520596809429228'],
    [' 42 ; timeout=60', '42'],
    ['0a1b', '0a1b'],
    ['401', '401'],
  ] as const) {
    it(`echoes of the session ${JSON.stringify(value)} only the id`, () => {
      const talk = dialogue();
      talk.start();
      assert.equal(header(sent(talk.receive(withSession(value))), 'Session'), id);
    });
  }

  for (const [status, nonce] of [
    [401, '200'],
    [401, '401'],
    [401, '400'],
    [401, 'a200b400c401"error_code":0'],
  ] as const) {
    it(`is not misled by the nonce ${nonce}`, () => {
      const talk = dialogue();
      talk.start();
      const challenge = `Digest realm="TP-LINK IP-Camera", nonce="${nonce.replaceAll('"', '\\"')}"`;
      const step = talk.receive(response(status, [['WWW-Authenticate', challenge]]));
      assert.equal(step.kind === 'send' && step.stage, 'authenticating');
      assert.ok(header(sent(step), 'Authorization')?.includes(`nonce="${nonce.replaceAll('"', '\\"')}"`));
    });
  }

  it('asks for the mode of the options', () => {
    for (const [mode, bytes] of [
      ['half_duplex', 82],
      ['full_duplex', 82],
      ['vad', 74],
      ['aec', 74],
    ] as const) {
      const talk = dialogue({ mode });
      talk.start();
      const { body } = sent(talk.receive(response(200)));
      assert.equal(body.length, bytes);
      assert.equal(body.toString(), `{"type":"request","seq":0,"params":{"method":"get","talk":{"mode":"${mode}"}}}`);
    }
  });

  it('stays with three messages when the dialect is ipc, whatever the hash', () => {
    const talk = dialogue({ dialect: 'ipc' });
    talk.start();
    const proving = sent(talk.receive(unauthorized(SHA256)));
    assert.equal(header(proving, 'Authorization'), V8);
    assert.equal(proving.body.length, 0);
    const opening = sent(talk.receive(withSession('9')));
    assert.equal(header(opening, 'Session'), '9');
    const open = talk.receive(response(200, [], GRANTED));
    assert.equal(granted(open).dialect, 'ipc');
    assert.equal(granted(open).login, 'sha256');
  });

  it('writes IPv6 hosts in brackets and leaves out the standard port only', () => {
    for (const [options, uri] of [
      [{ host: '::1' }, 'rtsp://[::1]/multitrans'],
      [{ host: '[2001:db8::60]', port: 8554 }, 'rtsp://[2001:db8::60]:8554/multitrans'],
      [{ host: 'fe80::1%eth0' }, 'rtsp://[fe80::1]/multitrans'],
      [{ host: '192.168.1.60', port: 554 }, 'rtsp://192.168.1.60/multitrans'],
      [{ host: '192.168.1.60', port: '10554' }, 'rtsp://192.168.1.60:10554/multitrans'],
      [{ host: 'Front-Door.LAN' }, 'rtsp://front-door.lan/multitrans'],
    ] as const) {
      assert.equal(dialogue(options).start().uri, uri);
    }
  });

  it('gives the digest the uri of the request line', () => {
    const talk = dialogue({ host: '::1', port: 8554 });
    const { uri } = talk.start();
    const request = sent(talk.receive(unauthorized(DIGEST)));
    assert.equal(request.uri, uri);
    assert.ok(header(request, 'Authorization')?.includes(`uri="${uri}"`));
  });

  it('can write a request for every host that the options accept', () => {
    for (const host of ['192.168.1.60', '::1', 'cam', 'front_door.lan', '摄像头.local', 'bücher.example']) {
      assert.doesNotThrow(() => serializeRequest(dialogue({ host }).start()), host);
    }
  });
});

describe('dialogue, vigi', () => {
  const BODY = '{"type":"request","seq":"1","params":{"method":"get","talk":{"mode":"half_duplex"}}}';

  it('says everything in two messages when told so', () => {
    const talk = dialogue({ dialect: 'vigi' });
    assert.equal(
      text(talk.start()),
      lines(
        'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0',
        'CSeq: 1',
        'Content-Type: application/json',
        'Content-Length: 84',
        '',
        BODY,
      ),
    );
    const step = talk.receive(unauthorized(SHA256));
    assert.equal(step.kind === 'send' && step.stage, 'authenticating');
    assert.equal(
      text(sent(step)),
      lines(
        'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0',
        'CSeq: 2',
        `Authorization: ${V8}`,
        'Content-Type: application/json',
        'Content-Length: 84',
        '',
        BODY,
      ),
    );
    const reply = '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"0"}}';
    assert.deepEqual(talk.receive(response(200, [['Session', '5f']], reply)), {
      kind: 'open',
      granted: {
        dialect: 'vigi',
        login: 'sha256',
        profile: {
          encoding: 'alaw',
          sampleRate: 8000,
          payloadType: 8,
          silence: 0xd5,
          channel: 0,
          packetBytes: 160,
          frameMs: 20,
        },
      },
    });
  });

  it('is found out by the SHA-256 challenge', () => {
    const talk = dialogue({ dialect: 'auto' });
    assert.equal(header(talk.start(), 'X-Client-UUID'), CLIENT_ID);
    assert.equal(
      text(sent(talk.receive(unauthorized(SHA256)))),
      lines(
        'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0',
        'CSeq: 1',
        `Authorization: ${V8}`,
        'Content-Type: application/json',
        'Content-Length: 84',
        '',
        BODY,
      ),
    );
    const open = talk.receive(response(200, [], GRANTED));
    assert.equal(granted(open).dialect, 'vigi');
    assert.equal(granted(open).profile.channel, 0);
  });

  it('is left again when the camera only takes the log-in and gives a session', () => {
    const talk = dialogue({ dialect: 'auto' });
    talk.start();
    talk.receive(unauthorized(SHA256));
    const step = talk.receive(withSession('7116520596809429228'));
    assert.equal(
      text(sent(step)),
      lines(
        'MULTITRANS rtsp://192.168.1.60/multitrans RTSP/1.0',
        'CSeq: 2',
        'Session: 7116520596809429228',
        'Content-Type: application/json',
        'Content-Length: 82',
        '',
        '{"type":"request","seq":0,"params":{"method":"get","talk":{"mode":"half_duplex"}}}',
      ),
    );
    const { dialect, login, profile } = granted(talk.receive(response(200, [], GRANTED)));
    assert.deepEqual([dialect, login, profile.channel, profile.packetBytes], ['ipc', 'sha256', 1, 1024]);
  });

  it('takes the talk reply without a log-in', () => {
    const talk = dialogue({ dialect: 'vigi' });
    talk.start();
    assert.equal(talk.receive(response(200, [], GRANTED)).kind, 'open');
  });

  it('reads the error number out of the first answer too', () => {
    const talk = dialogue({ dialect: 'vigi' });
    talk.start();
    assert.throws(() => talk.receive(response(200, [], '{"params":{"error_code":-52411}}')), coded('TALK_ERR_BUSY'));
  });

  it('answers an MD5 challenge when told so', () => {
    const talk = dialogue({ dialect: 'vigi' });
    talk.start();
    const request = sent(talk.receive(unauthorized(BASIC, DIGEST)));
    assert.equal(header(request, 'Authorization'), V1);
    assert.equal(request.body.toString(), BODY);
  });
});

describe('dialogue, the password', () => {
  it('is never in the first request', () => {
    for (const dialect of ['auto', 'ipc', 'vigi']) {
      const first = text(dialogue({ dialect }).start());
      assert.ok(!first.includes('Abc12345') && !first.includes('Authorization'), first);
    }
  });

  it('is not sent to a camera that wants Basic', () => {
    for (const challenges of [[BASIC], [], ['Digest realm="no nonce"'], ['Basic'], ['Bearer x']]) {
      const talk = dialogue();
      talk.start();
      assert.throws(() => talk.receive(unauthorized(...challenges)), coded('TALK_ERR_UNSUPPORTED', /Digest/));
    }
  });

  it('is refused by a VIGI camera with a word about OpenAPI', () => {
    const talk = dialogue();
    talk.start();
    talk.receive(unauthorized(SHA256));
    assert.throws(() => talk.receive(unauthorized(SHA256)), coded('TALK_ERR_AUTH', /OpenAPI/));
    for (const [status, code] of STATUSES) {
      const asking = dialogue({ dialect: 'vigi' });
      asking.start();
      const { message } = thrown(() => asking.receive(response(status)));
      assert.equal(message.includes('OpenAPI'), code === 'TALK_ERR_UNSUPPORTED' || code === 'TALK_ERR_REFUSED');
    }
  });

  it('is refused with the second 401, and no further request is made', () => {
    const talk = dialogue();
    talk.start();
    talk.receive(unauthorized(DIGEST));
    const error = thrown(() => talk.receive(unauthorized(BASIC, DIGEST)));
    assert.equal(error.code, 'TALK_ERR_AUTH');
    assert.equal(error.camera, '192.168.1.60:554');
    assert.equal(error.retryable, false);
  });

  // The second 401 judges the password whether or not it carries a challenge; anything but TALK_ERR_AUTH would leave the guard open.
  for (const [name, challenges] of [
    ['without any challenge', []],
    ['with Basic alone', [BASIC]],
    ['with a hash nobody knows', [`${DIGEST}, algorithm=SHA-512-256`]],
  ] as const) {
    it(`is refused with a second 401 ${name}`, () => {
      const talk = dialogue();
      talk.start();
      talk.receive(unauthorized(DIGEST));
      assert.throws(() => talk.receive(unauthorized(...challenges)), coded('TALK_ERR_AUTH'));
    });
  }

  it('is refused in the vigi dialect with the second 401', () => {
    const talk = dialogue({ dialect: 'vigi' });
    talk.start();
    talk.receive(unauthorized(SHA256));
    assert.throws(() => talk.receive(unauthorized(SHA256)), coded('TALK_ERR_AUTH'));
  });

  it('is shown again once, and once only, when the camera says that the nonce was stale', () => {
    const talk = dialogue();
    talk.start();
    talk.receive(unauthorized(DIGEST));
    const again = talk.receive(unauthorized('Digest realm="TP-LINK IP-Camera", nonce="fresh", stale=true'));
    assert.ok(header(sent(again), 'Authorization')?.includes('nonce="fresh"'));
    assert.equal(header(sent(again), 'CSeq'), '2');
    assert.throws(
      () => talk.receive(unauthorized('Digest realm="TP-LINK IP-Camera", nonce="newer", stale=true')),
      coded('TALK_ERR_AUTH'),
    );
  });

  it('opens after a stale nonce', () => {
    const talk = dialogue();
    talk.start();
    talk.receive(unauthorized(DIGEST));
    talk.receive(unauthorized(`${DIGEST}, stale="TRUE"`));
    assert.equal(header(sent(talk.receive(withSession('8'))), 'CSeq'), '3');
    assert.equal(talk.receive(response(200, [], GRANTED)).kind, 'open');
  });

  it('is not blamed for a 401 to the talk request, which carries none', () => {
    assert.throws(() => awaitingTalkReply().receive(unauthorized(DIGEST)), coded('TALK_ERR_PROTOCOL', /vigi/));
  });

  it('is in no error, nor is the nonce or the session', () => {
    const endings: ((talk: TalkDialogue) => unknown)[] = [
      (talk) => talk.receive(unauthorized(DIGEST)),
      (talk) => talk.receive(response(400)),
      (talk) => talk.receive(response(302, [['Location', 'rtsp://admin:Abc12345@elsewhere/']])),
      (talk) => {
        talk.receive(withSession('7116520596809429228'));
        return talk.receive(response(200, [], '{"error_code":-1,"session_id":"7116520596809429228"}'));
      },
    ];
    for (const ending of endings) {
      const talk = dialogue();
      talk.start();
      talk.receive(unauthorized(DIGEST));
      const error = thrown(() => ending(talk));
      for (const secret of ['Abc12345', NONCE, '7116520596809429228', 'a0c5ca9ee922a01298e79071a2204d18'])
        assert.ok(!`${error.message} ${JSON.stringify(error)} ${error.stack ?? ''}`.includes(secret), error.message);
    }
  });
});

describe('dialogue, answers nobody asked for', () => {
  it('are refused before the first request and after the end', () => {
    assert.throws(() => dialogue().receive(response(200)), coded('TALK_ERR_PROTOCOL'));
    const talk = awaitingTalkReply();
    talk.receive(response(200, [], GRANTED));
    assert.throws(() => talk.receive(response(200, [], GRANTED)), coded('TALK_ERR_PROTOCOL'));
  });

  for (const [status, code] of STATUSES) {
    it(`${status} means ${code} in every place, and names the number`, () => {
      const names = coded(code, new RegExp(String(status)));
      const first = dialogue();
      first.start();
      assert.throws(() => first.receive(response(status)), names);
      const second = dialogue();
      second.start();
      second.receive(unauthorized(DIGEST));
      assert.throws(() => second.receive(response(status)), names);
      assert.throws(() => awaitingTalkReply().receive(response(status)), names);
      const vigi = dialogue({ dialect: 'vigi' });
      vigi.start();
      assert.throws(() => vigi.receive(response(status)), names);
    });
  }

  it('mean what the status says when an error page comes with it', () => {
    for (const [status, code] of STATUSES) {
      const page = response(status, [['Content-Type', 'text/html']], '<html><body>no</body></html>');
      assert.throws(() => awaitingTalkReply().receive(page), coded(code));
      const vigi = dialogue({ dialect: 'vigi' });
      vigi.start();
      assert.throws(() => vigi.receive(page), coded(code));
    }
  });

  it('whatever they are, only a TalkError is thrown, at most one Authorization is sent per nonce, and the end is soon', () => {
    const challenge = fc.oneof(
      fc.constantFrom(BASIC, DIGEST, SHA256, `${DIGEST}, stale=true`, 'Digest', ''),
      fc.string({ unit: 'binary' }),
      fc
        .record({ nonce: fc.string(), algorithm: fc.string(), qop: fc.string(), stale: fc.string() })
        .map(
          ({ nonce, algorithm, qop, stale }) =>
            `Digest realm="r", nonce="${nonce}", algorithm=${algorithm}, qop="${qop}", stale=${stale}`,
        ),
    );
    const body = fc.oneof(
      fc.constantFrom('', GRANTED, '{"error_code":-52411}', '{"params":{}}', '[]', 'null', '0', '{'),
      fc.json(),
      fc.anything().map((value) => {
        try {
          return JSON.stringify({ params: { error_code: value } });
        } catch {
          return '{';
        }
      }),
      fc.string({ unit: 'binary' }),
    );
    const answer = fc.record({
      status: fc.oneof(fc.constantFrom(200, 401), fc.integer({ min: 100, max: 999 })),
      challenges: fc.array(challenge, { maxLength: 3 }),
      session: fc.option(fc.string({ unit: 'binary' })),
      body,
    });
    fc.assert(
      fc.property(
        fc.constantFrom('auto', 'ipc', 'vigi'),
        fc.array(answer, { minLength: 1, maxLength: 8 }),
        (dialect, answers) => {
          const talk = dialogue({ dialect });
          talk.start();
          let authorizations = 0;
          for (const { status, challenges, session, body: text } of answers) {
            const headers: [string, string][] = challenges.map((value) => ['WWW-Authenticate', value]);
            if (session !== null) headers.push(['Session', session]);
            let step;
            try {
              step = talk.receive(response(status, headers, text));
            } catch (error) {
              assert.ok(isTalkError(error), String(error));
              return;
            }
            if (step.kind === 'open') return;
            if (header(step.request, 'Authorization') !== undefined) authorizations += 1;
            assert.ok(authorizations <= 2, 'the password was shown three times');
            assert.ok(!Buffer.concat([step.request.body]).includes('Abc12345'));
          }
          assert.ok(answers.length <= 3, 'still talking after four answers');
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
