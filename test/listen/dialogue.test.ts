// The dialogue as values: requests as they must be, responses typed by hand, every turn it can take. Digests computed elsewhere.
import assert from 'node:assert/strict';
import type { RtspRequest, RtspResponse } from '../../src/rtsp/message.js';
import { serializeRequest } from '../../src/rtsp/serialize.js';
import { ListenDialogue, type ListenGrant, type ListenStep } from '../../src/listen/dialogue.js';
import { coded, thrown } from '../helpers/collect.js';
import { SDP_2020, SDP_AAC, SDP_PCMA, SDP_SILENT } from './descriptions.js';

const NONCE = '96fa3da3bceda6441e098764e178ed07';
const OTHER_NONCE = '0123456789abcdef0123456789abcdef';
const SESSION = '7116520596809429228';
const CAMERA = { host: '192.168.1.60', port: 554, username: 'admin', password: 'Abc12345' };
const BASE = 'rtsp://192.168.1.60:554/stream1/';

type Header = readonly [string, string];
const response = (status: number, headers: readonly Header[] = [], body = ''): RtspResponse => ({
  kind: 'response',
  status,
  reason: '',
  headers,
  body: Buffer.from(body),
});
const BASIC: Header = ['WWW-Authenticate', 'Basic realm="TP-LINK IP-Camera"'];
const digest = (nonce: string, more = ''): Header => [
  'WWW-Authenticate',
  `Digest realm="TP-LINK IP-Camera", nonce="${nonce}"${more}`,
];
const CHALLENGE = response(401, [BASIC, digest(NONCE)]);
const described = (sdp = SDP_PCMA, headers: readonly Header[] = [['Content-Base', BASE]]): RtspResponse =>
  response(200, headers, sdp);
const setUp = (session = `${SESSION};timeout=60`, transport = 'RTP/AVP/TCP;unicast;interleaved=0-1'): RtspResponse =>
  response(200, [
    ['Transport', transport],
    ['Session', session],
  ]);
const PLAYING = response(200, [['Session', SESSION]]);

const authorization = (nonce: string, uri: string, answer: string): string =>
  `Authorization: Digest username="admin", realm="TP-LINK IP-Camera", nonce="${nonce}", uri="${uri}", response="${answer}"`;
const text = (request: RtspRequest): string[] => serializeRequest(request).toString().trimEnd().split('\r\n');

function dialogueTo(stream = 'stream1'): ListenDialogue {
  return new ListenDialogue({ camera: CAMERA, stream, clientNonce: () => '0a4f113b0a4f113b' });
}

/** The request of a step that must be one to send. */
function sent(step: ListenStep): string[] {
  if (step.kind !== 'send') assert.fail(`Not to send: ${step.kind}`);
  return text(step.request);
}

function playing(step: ListenStep): ListenGrant {
  if (step.kind !== 'playing') assert.fail(`Not playing: ${step.kind}`);
  return step.grant;
}

/** A dialogue that plays. */
function open(responses: readonly RtspResponse[] = [CHALLENGE, described(), setUp(), PLAYING]): ListenDialogue {
  const dialogue = dialogueTo();
  dialogue.start();
  const steps = responses.map((answer) => dialogue.receive(answer));
  assert.equal(steps.at(-1)?.kind, 'playing');
  return dialogue;
}

describe('listen dialogue', () => {
  it('describes, proves, sets up the sound alone, plays', () => {
    const dialogue = dialogueTo();
    assert.deepEqual(text(dialogue.start()), [
      'DESCRIBE rtsp://192.168.1.60/stream1 RTSP/1.0',
      'CSeq: 1',
      'Accept: application/sdp',
    ]);
    const proving = dialogue.receive(CHALLENGE);
    assert.deepEqual(sent(proving), [
      'DESCRIBE rtsp://192.168.1.60/stream1 RTSP/1.0',
      'CSeq: 2',
      authorization(NONCE, 'rtsp://192.168.1.60/stream1', '37396c2e73bb1b8d08a3278564fecdc4'),
      'Accept: application/sdp',
    ]);
    assert.equal(proving.kind === 'send' && proving.stage, 'authenticating');
    assert.deepEqual(sent(dialogue.receive(described())), [
      'SETUP rtsp://192.168.1.60:554/stream1/track2 RTSP/1.0',
      'CSeq: 3',
      authorization(NONCE, `${BASE}track2`, 'eedee1f3724679f02aedb2329736bf13'),
      'Transport: RTP/AVP/TCP;unicast;interleaved=0-1',
    ]);
    const opening = dialogue.receive(setUp());
    assert.deepEqual(sent(opening), [
      `PLAY ${BASE} RTSP/1.0`,
      'CSeq: 4',
      authorization(NONCE, BASE, '40adf828d288bbeafd1b25a558887bef'),
      `Session: ${SESSION}`,
      'Range: npt=0.000-',
    ]);
    const grant = playing(dialogue.receive(PLAYING));
    assert.deepEqual(opening.kind === 'send' && opening.grant, grant);
    assert.deepEqual(grant, {
      track: { uri: `${BASE}track2`, payloadType: 8, clockRate: 8_000, channels: 1, codec: { name: 'PCMA' } },
      channels: { rtp: 0, rtcp: 1 },
      keepAliveMs: 30_000,
      login: 'md5',
    });
  });

  it('never mentions the password, and the user name only in a digest', () => {
    const dialogue = dialogueTo();
    const requests = [dialogue.start(), ...[CHALLENGE, described(), setUp()].map((answer) => dialogue.receive(answer))];
    const all = JSON.stringify(requests);
    assert.doesNotMatch(all, /Abc12345|Basic/);
    assert.equal(all.match(/admin/g)?.length, 3);
  });

  it('sends no password to a camera that wants none', () => {
    const dialogue = dialogueTo();
    dialogue.start();
    for (const answer of [described(), setUp()])
      assert.ok(sent(dialogue.receive(answer)).every((line) => !line.startsWith('Authorization')));
    assert.equal(playing(dialogue.receive(PLAYING)).login, 'none');
  });

  it('answers SHA-256 with quoted qop and a counted nonce', () => {
    const dialogue = dialogueTo();
    dialogue.start();
    const challenge = response(401, [digest(NONCE, ', algorithm="SHA-256", qop="auth"')]);
    assert.equal(
      sent(dialogue.receive(challenge))[2],
      `Authorization: Digest username="admin", realm="TP-LINK IP-Camera", nonce="${NONCE}", uri="rtsp://192.168.1.60/stream1", algorithm="SHA-256", ` +
        'qop="auth", cnonce="0a4f113b0a4f113b", nc="00000001", response="d96358da2f188ae1638be6923c0c952698e8fc1113e37f883a77ac44b9494ebe"',
    );
    const setup = sent(dialogue.receive(described()))[2] ?? '';
    assert.match(setup, /nc="00000002", response="79d55b0af6892c1fb8696d799b13f0fb255fa707b43ffe2d72a8060b3a124b31"/);
  });

  it('opens the second lens of a dual-lens camera', () => {
    const dialogue = dialogueTo('/stream1&channel=2');
    assert.equal(text(dialogue.start())[0], 'DESCRIBE rtsp://192.168.1.60/stream1&channel=2 RTSP/1.0');
    const base = 'rtsp://192.168.1.60:554/stream1&channel=2/';
    assert.equal(
      sent(dialogue.receive(described(SDP_PCMA, [['content-base', base]])))[0],
      `SETUP ${base}track2 RTSP/1.0`,
    );
    assert.equal(sent(dialogue.receive(setUp()))[0], `PLAY ${base} RTSP/1.0`);
  });

  const bases: readonly [name: string, headers: readonly Header[], sdp: string, setup: string, play: string][] = [
    ['Content-Location', [['Content-Location', BASE]], SDP_PCMA, `${BASE}track2`, BASE],
    ['the request', [], SDP_2020, 'rtsp://192.168.1.60/stream1/track2', 'rtsp://192.168.1.60/stream1'],
    ['the request when Content-Base is no URI', [['Content-Base', '/stream1/']], SDP_PCMA, 'rtsp://192.168.1.60/stream1/track2', 'rtsp://192.168.1.60/stream1'],
    ['an absolute control', [['Content-Base', BASE]], SDP_PCMA.replace('control:track2', 'control:rtsp://10.0.0.9/x/track2'), 'rtsp://10.0.0.9/x/track2', BASE],
    ['a control of the session', [['Content-Base', BASE]], `a=control:rtsp://10.0.0.9/all\r\n${SDP_PCMA}`, `${BASE}track2`, 'rtsp://10.0.0.9/all'],
  ]; // prettier-ignore
  for (const [name, headers, sdp, setup, play] of bases) {
    it(`takes the URIs from ${name}`, () => {
      const dialogue = dialogueTo();
      dialogue.start();
      assert.equal(sent(dialogue.receive(described(sdp, headers)))[0], `SETUP ${setup} RTSP/1.0`);
      assert.equal(sent(dialogue.receive(setUp()))[0], `PLAY ${play} RTSP/1.0`);
    });
  }

  it('takes AAC', () => {
    const dialogue = dialogueTo();
    dialogue.start();
    for (const answer of [described(SDP_AAC), setUp()]) dialogue.receive(answer);
    const { track } = playing(dialogue.receive(PLAYING));
    assert.equal(track.codec.name, 'AAC');
    assert.equal(track.clockRate, 16_000);
  });

  const transports: readonly [transport: string, rtp: number, rtcp: number][] = [
    ['RTP/AVP/TCP;unicast;interleaved=4-5;ssrc=1A2B3C4D;mode="play"', 4, 5],
    ['RTP/AVP/TCP;interleaved=2', 2, 3],
    ['RTP/AVP/TCP;unicast; interleaved = "6-7"', 6, 7],
    ['RTP/AVP/TCP;unicast', 0, 1],
    ['', 0, 1],
  ];
  for (const [transport, rtp, rtcp] of transports) {
    it(`listens on channel ${rtp} when the camera says ${transport || 'nothing'}`, () => {
      const dialogue = dialogueTo();
      dialogue.start();
      dialogue.receive(described());
      dialogue.receive(setUp(SESSION, transport));
      assert.deepEqual(playing(dialogue.receive(PLAYING)).channels, { rtp, rtcp });
    });
  }

  const timeouts: readonly [session: string, ms: number][] = [
    [SESSION, 30_000],
    [`${SESSION};timeout=60`, 30_000],
    [`${SESSION}; timeout=10`, 5_000],
    [`${SESSION};timeout=1`, 1_000],
    [`${SESSION};timeout=0`, 30_000],
    [`${SESSION};timeout=86400`, 30_000],
  ];
  for (const [session, ms] of timeouts) {
    it(`keeps alive every ${ms} ms for ${session}`, () => {
      const dialogue = dialogueTo();
      dialogue.start();
      dialogue.receive(described());
      dialogue.receive(setUp(session));
      assert.equal(playing(dialogue.receive(PLAYING)).keepAliveMs, ms);
    });
  }

  it('goes on without a session id when the camera gives none', () => {
    const dialogue = dialogueTo();
    dialogue.start();
    dialogue.receive(described());
    assert.ok(sent(dialogue.receive(response(200))).every((line) => !line.startsWith('Session')));
    playing(dialogue.receive(response(200)));
  });

  it('takes the session and its time from the answer to PLAY', () => {
    for (const [first, id] of [
      [response(200), '77'],
      [setUp('old;timeout=60'), '77'],
    ] as const) {
      // prettier-ignore
      const dialogue = dialogueTo();
      dialogue.start();
      dialogue.receive(described());
      dialogue.receive(first);
      const grant = playing(dialogue.receive(response(200, [['Session', `${id};timeout=10`]])));
      assert.equal(grant.keepAliveMs, 5_000);
      assert.ok(text(dialogue.keepAlive()).includes(`Session: ${id}`));
      assert.ok(text(dialogue.teardown()).includes(`Session: ${id}`));
    }
  });

  describe('when the password is asked for', () => {
    it('gives up after one refusal', () => {
      const dialogue = dialogueTo();
      dialogue.start();
      dialogue.receive(CHALLENGE);
      coded('TALK_ERR_AUTH', /user name or password/)(thrown(() => dialogue.receive(CHALLENGE)));
    });

    it('gives up after one refusal with another nonce too: that alone says nothing about the first', () => {
      const dialogue = dialogueTo();
      dialogue.start();
      dialogue.receive(CHALLENGE);
      coded('TALK_ERR_AUTH')(thrown(() => dialogue.receive(response(401, [digest(OTHER_NONCE)]))));
    });

    it('answers a stale nonce once more, not twice', () => {
      const dialogue = dialogueTo();
      dialogue.start();
      dialogue.receive(CHALLENGE);
      const stale = response(401, [BASIC, digest(OTHER_NONCE, ', stale=TRUE')]);
      const uri = 'rtsp://192.168.1.60/stream1';
      assert.equal(
        sent(dialogue.receive(stale))[2],
        authorization(OTHER_NONCE, uri, '4e0d84b488002bc85143c287dac396bf'),
      );
      coded('TALK_ERR_AUTH')(thrown(() => dialogue.receive(stale)));
    });

    it('answers a new nonce at PLAY, the password having been accepted before', () => {
      const dialogue = dialogueTo();
      dialogue.start();
      for (const answer of [CHALLENGE, described(), setUp()]) dialogue.receive(answer);
      const again = dialogue.receive(response(401, [digest(OTHER_NONCE)]));
      assert.deepEqual(sent(again), [
        `PLAY ${BASE} RTSP/1.0`,
        'CSeq: 5',
        authorization(OTHER_NONCE, BASE, '842b847ee6e5b8baa24bcde09f93a350'),
        `Session: ${SESSION}`,
        'Range: npt=0.000-',
      ]);
      assert.ok(again.kind === 'send' && again.grant !== undefined);
      coded('TALK_ERR_AUTH')(thrown(() => dialogue.receive(response(401, [digest(NONCE)]))));
    });

    it('answers a camera that asks at SETUP only', () => {
      const dialogue = dialogueTo();
      dialogue.start();
      dialogue.receive(described());
      assert.equal(
        sent(dialogue.receive(CHALLENGE))[2],
        authorization(NONCE, `${BASE}track2`, 'eedee1f3724679f02aedb2329736bf13'),
      );
      coded('TALK_ERR_AUTH')(thrown(() => dialogue.receive(CHALLENGE)));
    });

    it('does not answer Basic', () => {
      const dialogue = dialogueTo();
      dialogue.start();
      coded('TALK_ERR_UNSUPPORTED', /Digest/)(thrown(() => dialogue.receive(response(401, [BASIC]))));
    });
  });

  describe('what else a camera may answer', () => {
    const refusals: readonly [
      after: readonly RtspResponse[],
      status: number,
      code: Parameters<typeof coded>[0],
      shown: RegExp,
    ][] = [
      [[], 404, 'TALK_ERR_UNSUPPORTED', /no such stream.*path/],
      [[], 400, 'TALK_ERR_UNSUPPORTED', /path/],
      [[], 503, 'TALK_ERR_BUSY', /busy/],
      [[], 403, 'TALK_ERR_REFUSED', /403/],
      [[], 302, 'TALK_ERR_PROTOCOL', /302/],
      [[described()], 461, 'TALK_ERR_UNSUPPORTED', /RTSP\/TCP/],
      [[described()], 453, 'TALK_ERR_BUSY', /bandwidth/],
      [[described(), setUp()], 454, 'TALK_ERR_CLOSED', /session/],
      [[described(), setUp()], 455, 'TALK_ERR_REFUSED', /455/],
    ];
    for (const [after, status, code, shown] of refusals) {
      it(`calls ${status} after ${after.length} good answers ${code}`, () => {
        const dialogue = dialogueTo();
        dialogue.start();
        for (const answer of after) dialogue.receive(answer);
        const error = thrown(() => dialogue.receive(response(status)));
        coded(code, shown)(error);
        assert.equal(error.camera, '192.168.1.60:554');
      });
    }

    it('tells where a redirect leads, without a password', () => {
      const dialogue = dialogueTo();
      dialogue.start();
      const moved = response(302, [['Location', 'rtsp://me:s3cret@10.0.0.9:8554/live?token=t0ken']]);
      const error = thrown(() => dialogue.receive(moved));
      coded('TALK_ERR_PROTOCOL', /rtsp:\/\/10\.0\.0\.9:8554\/live .*302/)(error);
      assert.doesNotMatch(error.message, /s3cret|t0ken/);
    });

    const senseless: readonly [name: string, answers: readonly RtspResponse[], code: Parameters<typeof coded>[0]][] = [
      ['a description of nothing', [described('')], 'TALK_ERR_PROTOCOL'],
      ['a page of HTML', [described('<html>hello</html>')], 'TALK_ERR_PROTOCOL'],
      ['a stream without sound', [described(SDP_SILENT)], 'TALK_ERR_UNSUPPORTED'],
      ['a track named with a blank', [described(SDP_PCMA.replace('track2', 'track 2'))], 'TALK_ERR_PROTOCOL'],
      [
        'UDP',
        [described(), setUp(SESSION, 'RTP/AVP;unicast;client_port=0-1;server_port=6970-6971')],
        'TALK_ERR_UNSUPPORTED',
      ],
      [
        'channels that do not exist',
        [described(), setUp(SESSION, 'RTP/AVP/TCP;interleaved=300-301')],
        'TALK_ERR_PROTOCOL',
      ],
      ['one channel for both', [described(), setUp(SESSION, 'RTP/AVP/TCP;interleaved=1-1')], 'TALK_ERR_PROTOCOL'],
      ['an answer too many', [described(), setUp(), PLAYING, PLAYING], 'TALK_ERR_PROTOCOL'],
    ];
    for (const [name, answers, code] of senseless) {
      it(`calls ${name} ${code}`, () => {
        const dialogue = dialogueTo();
        dialogue.start();
        for (const answer of answers.slice(0, -1)) dialogue.receive(answer);
        coded(code)(thrown(() => dialogue.receive(answers.at(-1) ?? PLAYING)));
      });
    }
  });

  describe('once it plays', () => {
    it('keeps alive by GET_PARAMETER', () => {
      const dialogue = open();
      assert.deepEqual(text(dialogue.keepAlive()), [
        `GET_PARAMETER ${BASE} RTSP/1.0`,
        'CSeq: 5',
        authorization(NONCE, BASE, 'd5e8216284b1e7c706c07d80e2896972'),
        `Session: ${SESSION}`,
      ]);
      assert.deepEqual(dialogue.receive(response(200)), { kind: 'alive' });
    });

    for (const status of [400, 404, 405, 451, 501, 551]) {
      it(`keeps alive by OPTIONS after a ${status}, at once and from then on`, () => {
        const dialogue = open();
        dialogue.keepAlive();
        assert.deepEqual(sent(dialogue.receive(response(status))), [
          `OPTIONS ${BASE} RTSP/1.0`,
          'CSeq: 6',
          authorization(NONCE, BASE, '37b10a447c004354a0a0e58801beba3f'),
          `Session: ${SESSION}`,
        ]);
        assert.deepEqual(dialogue.receive(response(status)), { kind: 'alive' });
        assert.match(text(dialogue.keepAlive())[0] ?? '', /^OPTIONS /);
      });
    }

    it('keeps alive by OPTIONS when the camera lists its methods without GET_PARAMETER', () => {
      const listed = {
        ...described(),
        headers: [...described().headers, ['Public', 'OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY']] as Header[],
      };
      assert.match(text(open([CHALLENGE, listed, setUp(), PLAYING]).keepAlive())[0] ?? '', /^OPTIONS /);
    });

    it('keeps alive with a new nonce when the old one is too old', () => {
      const dialogue = open();
      dialogue.keepAlive();
      const again = dialogue.receive(response(401, [digest(OTHER_NONCE, ', stale=true')]));
      assert.equal(sent(again)[2], authorization(OTHER_NONCE, BASE, 'bd4592b2d435fe70734c95ecf2ee1c7a'));
      assert.deepEqual(dialogue.receive(response(200)), { kind: 'alive' });
    });

    it('stops sending digests in keep-alives when the camera refuses them, and plays on', () => {
      const dialogue = open();
      dialogue.keepAlive();
      assert.deepEqual(dialogue.receive(CHALLENGE), { kind: 'alive' });
      assert.deepEqual(text(dialogue.keepAlive()), [`OPTIONS ${BASE} RTSP/1.0`, 'CSeq: 6', `Session: ${SESSION}`]);
      assert.deepEqual(dialogue.receive(CHALLENGE), { kind: 'alive' });
    });

    it('plays on too when the refusal names no challenge', () => {
      const dialogue = open();
      dialogue.keepAlive();
      assert.deepEqual(dialogue.receive(response(401)), { kind: 'alive' });
      assert.deepEqual(text(dialogue.keepAlive()), [`OPTIONS ${BASE} RTSP/1.0`, 'CSeq: 6', `Session: ${SESSION}`]);
    });

    it('tries the other method at once after a 454, whichever came first, and takes a second one for an answer', () => {
      for (const methods of ['OPTIONS, GET_PARAMETER', 'OPTIONS, PLAY']) {
        const listed = { ...described(), headers: [...described().headers, ['Public', methods]] as Header[] };
        const dialogue = open([CHALLENGE, listed, setUp(), PLAYING]);
        const first = text(dialogue.keepAlive())[0]?.split(' ')[0];
        const other = first === 'OPTIONS' ? 'GET_PARAMETER' : 'OPTIONS';
        assert.match(sent(dialogue.receive(response(454)))[0] ?? '', new RegExp(`^${other} `));
        assert.deepEqual(dialogue.receive(response(454)), { kind: 'alive' });
      }
    });

    it('tries the other method at once after silence, then no more', () => {
      const dialogue = open();
      dialogue.keepAlive();
      assert.match(text(dialogue.unanswered() ?? assert.fail())[0] ?? '', /^OPTIONS /);
      assert.equal(dialogue.unanswered(), undefined);
    });

    it('says goodbye', () => {
      assert.deepEqual(text(open().teardown()), [
        `TEARDOWN ${BASE} RTSP/1.0`,
        'CSeq: 5',
        authorization(NONCE, BASE, '802f9260f0358e475ae7247cb2b4fe0e'),
        `Session: ${SESSION}`,
      ]);
    });
  });
});
