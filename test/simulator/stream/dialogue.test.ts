// The camera's stream dialogue as values: who is asked for what, what a SETUP needs, which session is known, what a strict camera minds.
import assert from 'node:assert/strict';
import type { HeaderList, RtspRequest } from '../../../src/rtsp/message.js';
import type { RequestVerdict } from '../../../src/simulator/behaviors/behavior.js';
import type { Challenge } from '../../../src/simulator/digest.js';
import { StreamDialogue, type StreamAnswer } from '../../../src/simulator/stream/dialogue.js';
import { StreamLogin, type StreamLoginOptions } from '../../../src/simulator/stream/login.js';
import { USUAL_STREAM, type StreamTraits } from '../../../src/simulator/stream/traits.js';

const NONCE = '96fa3da3bceda6441e098764e178ed07';
const STREAM = 'rtsp://192.168.1.60/stream1';
const TRANSPORT = ['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1'] as const;
const SESSION = ['Session', '5579378E'] as const;
const TIMED_SESSION = ['Session', '5579378E;timeout=60'] as const;
const DATE = ['Date', 'Fri, Jan 10 2020 08:20:21 GMT'] as const;
const BASIC_LINE = 'Basic realm="TP-LINK IP-Camera"';
const DIGEST_LINE = `Digest realm="TP-LINK IP-Camera", nonce="${NONCE}"`;
const credentials = (uri: string, response: string): string =>
  `Digest username="admin", realm="TP-LINK IP-Camera", nonce="${NONCE}", uri="${uri}", response="${response}"`;
/** admin:Abc12345 */
const BASIC = 'Basic YWRtaW46QWJjMTIzNDU=';

interface Change {
  traits?: Partial<StreamTraits>;
  login?: Partial<StreamLoginOptions>;
  instead?: RequestVerdict;
}

/** A camera without login unless told otherwise, and a client that counts. */
class Viewer {
  readonly dialogue: StreamDialogue;
  #cseq = 0;

  constructor({ traits = {}, login, instead }: Change = {}) {
    this.dialogue = new StreamDialogue({
      traits: { ...USUAL_STREAM, ...traits },
      vendor: 'TP-LINK',
      local: { address: '192.168.1.60', port: 554 },
      remoteAddress: '192.168.1.2',
      login: new StreamLogin({
        dialect: 'ipc',
        username: 'admin',
        password: 'Abc12345',
        realm: 'TP-LINK IP-Camera',
        withoutLogin: login === undefined,
        nonce: () => NONCE,
        challenges: (usual) => usual,
        ...login,
      }),
      sessionId: () => '5579378E',
      date: () => new Date('2020-01-10T08:20:21Z'),
      instead: () => instead,
      position: (track) => ({ sequenceNumber: 100 * track, timestamp: 70_000 * track }),
    });
  }

  ask(method: string, uri: string, ...headers: HeaderList): StreamAnswer {
    this.#cseq += 1;
    return this.dialogue.receive(request(method, uri, [['CSeq', String(this.#cseq)], ...headers]));
  }

  /** SETUP of the microphone on 0-1. */
  setUp(): this {
    assert.equal(this.ask('SETUP', `${STREAM}/track2`, TRANSPORT).response?.status, 200);
    return this;
  }
}

function request(method: string, uri: string, headers: HeaderList): RtspRequest {
  return { kind: 'request', method, uri, headers, body: Buffer.alloc(0) };
}

const status = ({ response }: StreamAnswer): number | undefined => response?.status;
/** Without CSeq. */
const headers = ({ response }: StreamAnswer): HeaderList => (response?.headers ?? []).slice(1);
const asked = (answer: StreamAnswer): readonly string[] => {
  assert.equal(answer.response?.status, 401);
  return headers(answer).map(([name, value]) => {
    assert.equal(name, 'WWW-Authenticate');
    return value;
  });
};
function refused(answer: StreamAnswer, code: number, violation: string): void {
  assert.deepEqual([status(answer), answer.violations], [code, [violation]]);
}

describe('simulator/stream-dialogue', () => {
  it('describes, sets up, plays, keeps alive and tears down', () => {
    const viewer = new Viewer();
    const described = viewer.ask('DESCRIBE', STREAM, ['Accept', 'application/sdp']);
    assert.equal(described.step, 'stream');
    assert.deepEqual(headers(described).slice(0, 3), [
      DATE,
      ['Content-Base', 'rtsp://192.168.1.60:554/stream1/'],
      ['Content-Type', 'application/sdp'],
    ]);
    assert.match(described.response?.body.toString() ?? '', /^v=0\r\n/);
    assert.equal(viewer.dialogue.session === undefined, true);

    const setUp = viewer.ask('SETUP', `${STREAM}/track2`, TRANSPORT);
    assert.equal(setUp.event, 'set up');
    assert.deepEqual(headers(setUp), [
      DATE,
      ['Transport', 'RTP/AVP/TCP;unicast;destination=192.168.1.2;source=192.168.1.60;interleaved=0-1'],
      TIMED_SESSION,
    ]);
    assert.deepEqual(viewer.dialogue.session?.tracks, new Map([[2, [0, 1]]]));

    const played = viewer.ask('PLAY', `${STREAM}/`, SESSION, ['Range', 'npt=0.000-']);
    assert.equal(played.event, 'play');
    assert.deepEqual(headers(played), [
      DATE,
      TIMED_SESSION,
      ['Range', 'npt=0.000-'],
      ['RTP-Info', 'url=rtsp://192.168.1.60:554/stream1/track2;seq=200;rtptime=140000'],
    ]);

    const kept = viewer.ask('GET_PARAMETER', `${STREAM}/`, SESSION);
    assert.deepEqual([status(kept), kept.event, headers(kept)], [200, 'named', [DATE, TIMED_SESSION]]);
    assert.equal(viewer.ask('SET_PARAMETER', STREAM, SESSION).event, 'named');
    assert.equal(viewer.ask('PAUSE', STREAM, SESSION).event, 'pause');
    assert.equal(viewer.ask('PLAY', `${STREAM}/track2`, SESSION).event, 'play');

    const over = viewer.ask('TEARDOWN', `${STREAM}/`, SESSION);
    assert.deepEqual([status(over), over.event, headers(over)], [200, 'teardown', [DATE]]);
    assert.equal(viewer.dialogue.session, undefined);
    assert.deepEqual([over.violations, over.warnings], [[], []]);
  });

  describe('login', () => {
    it('asks for Basic and Digest and takes Digest, request by request', () => {
      const viewer = new Viewer({ login: {} });
      const first = viewer.ask('DESCRIBE', STREAM);
      assert.deepEqual(asked(first), [BASIC_LINE, DIGEST_LINE]);
      assert.equal(first.loginFailed, undefined);
      const described = viewer.ask('DESCRIBE', STREAM, [
        'Authorization',
        credentials(STREAM, '37396c2e73bb1b8d08a3278564fecdc4'),
      ]);
      assert.deepEqual([status(described), described.violations, described.warnings], [200, [], []]);
      assert.equal(status(viewer.ask('SETUP', `${STREAM}/track2`, TRANSPORT)), 401);
      const setUp = viewer.ask('SETUP', `${STREAM}/track2`, TRANSPORT, [
        'Authorization',
        credentials(`${STREAM}/track2`, '95587be8c8608eaa0c4ce3f48258931f'),
      ]);
      assert.deepEqual([status(setUp), setUp.violations, setUp.warnings], [200, [], []]);
      assert.equal(status(viewer.ask('GET_PARAMETER', STREAM, SESSION)), 401);
      assert.equal(status(viewer.ask('OPTIONS', STREAM)), 200);
    });

    it('takes Basic, with a warning', () => {
      const viewer = new Viewer({ login: {} });
      const answer = viewer.ask('DESCRIBE', STREAM, ['Authorization', BASIC]);
      assert.deepEqual([status(answer), answer.violations], [200, []]);
      assert.deepEqual(answer.warnings, ['Basic credentials put the password on the wire']);
    });

    it('takes Basic only where it was asked for', () => {
      const onlyDigest = (usual: readonly Challenge[]): Challenge[] =>
        usual.filter(({ scheme }) => scheme === 'Digest');
      const viewer = new Viewer({ login: { challenges: onlyDigest } });
      const answer = viewer.ask('DESCRIBE', STREAM, ['Authorization', BASIC]);
      assert.deepEqual(asked(answer), [DIGEST_LINE]);
      assert.deepEqual([answer.loginFailed, answer.violations], [true, ['Basic credentials were not asked for']]);
    });

    it('takes the URI of the whole stream as the signed one of a track, with a warning', () => {
      const viewer = new Viewer({ login: {} });
      viewer.ask('DESCRIBE', STREAM);
      const signed = credentials(`${STREAM}/`, '1e7730c4815628a75f8f2b09ee5e3ede');
      const answer = viewer.ask('SETUP', `${STREAM}/track2`, TRANSPORT, ['Authorization', signed]);
      assert.deepEqual([status(answer), answer.violations], [200, []]);
      assert.deepEqual(answer.warnings, ['Digest uri is the stream’s, not that of the request']);
    });

    it('takes no other track’s', () => {
      const viewer = new Viewer({ login: {} });
      viewer.ask('DESCRIBE', STREAM);
      const signed = credentials(`${STREAM}/track1`, 'd599ef7595a3c2c0b4ea88b577d12055');
      const answer = viewer.ask('SETUP', `${STREAM}/track2`, TRANSPORT, ['Authorization', signed]);
      assert.deepEqual([status(answer), answer.violations], [401, ['Digest uri is not the URI of the request']]);
    });

    const right = credentials(STREAM, '37396c2e73bb1b8d08a3278564fecdc4');
    const wrong: [what: string, headers: HeaderList, violations: string[]][] = [
      ['a wrong answer', [['Authorization', right.replace('37396c', '37396d')]], []],
      ['a wrong Basic password', [['Authorization', 'Basic YWRtaW46YWRtaW4=']], []],
      ['Basic that is no base64', [['Authorization', 'Basic ?']], ['Authorization cannot be read']],
      [
        'an algorithm that was not offered',
        [['Authorization', `${right}, algorithm="MD5"`]],
        ['Digest algorithm was not offered'],
      ],
      [
        'the URI of another stream',
        [['Authorization', right.replaceAll('stream1', 'stream2')]],
        ['Digest uri is not the URI of the request'],
      ],
      [
        'two answers',
        [
          ['Authorization', right],
          ['Authorization', right],
        ],
        ['more than one Authorization'],
      ],
    ];
    for (const [what, lines, violations] of wrong) {
      it(`401 for ${what}`, () => {
        const viewer = new Viewer({ login: {} });
        viewer.ask('DESCRIBE', STREAM);
        const answer = viewer.ask('DESCRIBE', STREAM, ...lines);
        assert.deepEqual(asked(answer), [BASIC_LINE, DIGEST_LINE]);
        assert.deepEqual([answer.loginFailed, answer.violations], [true, violations]);
      });
    }

    it('401 for a nonce of another connection', () => {
      const answer = new Viewer({ login: {} }).ask('DESCRIBE', STREAM, ['Authorization', right]);
      assert.deepEqual([status(answer), answer.loginFailed], [401, true]);
      assert.deepEqual(answer.violations, ['credentials for a nonce that was not offered on this connection']);
    });

    it('asks a VIGI viewer for SHA-256 and takes it', () => {
      const viewer = new Viewer({ login: { dialect: 'vigi' } });
      assert.deepEqual(asked(viewer.ask('DESCRIBE', STREAM)), [`${DIGEST_LINE}, algorithm="SHA-256", qop="auth"`]);
      const answer = viewer.ask('DESCRIBE', STREAM, [
        'Authorization',
        `Digest username="admin", realm="TP-LINK IP-Camera", nonce="${NONCE}", uri="${STREAM}", ` +
          'algorithm="SHA-256", qop="auth", cnonce="0a4f113b0a4f113b", nc="00000001", ' +
          'response="d96358da2f188ae1638be6923c0c952698e8fc1113e37f883a77ac44b9494ebe"',
      ]);
      assert.deepEqual([status(answer), answer.violations], [200, []]);
    });

    it('minds credentials that nobody asked for', () => {
      const answer = new Viewer().ask('DESCRIBE', STREAM, ['Authorization', BASIC]);
      assert.deepEqual([status(answer), answer.violations], [200, ['credentials for a camera that asked for none']]);
    });

    it('does what a behavior says instead', () => {
      const first = (instead: RequestVerdict): StreamAnswer =>
        new Viewer({ login: {}, instead }).ask('DESCRIBE', STREAM);
      assert.deepEqual([status(first('silent')), first('silent').closes], [undefined, undefined]);
      assert.equal(first('close').closes, true);
      assert.deepEqual(asked(first('stale')), [BASIC_LINE, `${DIGEST_LINE}, stale=true`]);
      assert.deepEqual([status(first('refuse')), first('refuse').loginFailed], [401, true]);
    });
  });

  describe('paths', () => {
    const describeOf = (uri: string, traits: Partial<StreamTraits> = {}): number | undefined =>
      status(new Viewer({ traits }).ask('DESCRIBE', uri));
    for (const uri of [STREAM, `${STREAM}/`, 'rtsp://127.0.0.1:8554/stream2', 'RTSP://[::1]:554/stream1']) {
      it(`knows ${uri}`, () => assert.equal(describeOf(uri), 200));
    }
    for (const uri of [
      'rtsp://192.168.1.60/',
      'rtsp://192.168.1.60/stream3',
      'rtsp://192.168.1.60/STREAM1',
      `${STREAM}/track2`,
      `${STREAM}&channel=1`,
      `${STREAM}?channel=1`,
      'rtsp://192.168.1.60/11',
      '*',
    ]) {
      it(`404 for ${uri}`, () => assert.equal(describeOf(uri), 404));
    }
    it('asks for the password before it says 404', () => {
      assert.equal(status(new Viewer({ login: {} }).ask('DESCRIBE', 'rtsp://192.168.1.60/stream3')), 401);
    });
    it('knows no stream at all when so told', () => assert.equal(describeOf(STREAM, { exists: false }), 404));
    it('has a stream for each lens', () => {
      const traits = { lenses: 2 } as const;
      for (const channel of [1, 2]) assert.equal(describeOf(`${STREAM}&channel=${channel}`, traits), 200);
      assert.equal(describeOf(STREAM, traits), 200);
      for (const channel of [0, 3]) assert.equal(describeOf(`${STREAM}&channel=${channel}`, traits), 404);
      const viewer = new Viewer({ traits });
      assert.deepEqual(headers(viewer.ask('DESCRIBE', `${STREAM}&channel=2`))[1], [
        'Content-Base',
        'rtsp://192.168.1.60:554/stream1&channel=2/',
      ]);
      assert.equal(status(viewer.ask('SETUP', `${STREAM}&channel=2/track2`, TRANSPORT)), 200);
      assert.equal(viewer.dialogue.session?.path, '/stream1&channel=2');
      refused(viewer.ask('PLAY', STREAM, SESSION), 404, 'PLAY of what the session does not hold');
    });
    it('minds credentials in the URI', () => {
      const answer = new Viewer().ask('DESCRIBE', 'rtsp://admin:Abc12345@192.168.1.60/stream1');
      refused(answer, 404, 'request URI holds credentials');
    });
    it('minds an Accept that leaves out SDP', () => {
      refused(new Viewer().ask('DESCRIBE', STREAM, ['Accept', 'text/html']), 406, 'Accept leaves out application/sdp');
    });
    it('ignores a Require for a back-channel', () => {
      const answer = new Viewer().ask('DESCRIBE', STREAM, ['Require', 'www.onvif.org/ver20/backchannel']);
      assert.deepEqual([status(answer), answer.violations], [200, []]);
    });
  });

  describe('SETUP', () => {
    const setUp = (...lines: HeaderList): StreamAnswer => new Viewer().ask('SETUP', `${STREAM}/track2`, ...lines);
    for (const value of [
      'RTP/AVP;unicast;client_port=5000-5001',
      'RTP/AVP/UDP;unicast;client_port=5000-5001',
      'RTP/AVP/TCP;multicast',
    ]) {
      it(`461 for ${value}`, () => {
        const answer = setUp(['Transport', value]);
        assert.deepEqual([status(answer), answer.violations], [461, []]);
      });
    }
    it('takes the TCP offer among several', () => {
      assert.equal(status(setUp(['Transport', `RTP/AVP;unicast;client_port=5000-5001, ${TRANSPORT[1]}`])), 200);
    });
    it('chooses the channels of a client that names none', () => {
      const viewer = new Viewer();
      viewer.ask('SETUP', `${STREAM}/track2`, ['Transport', 'RTP/AVP/TCP;unicast']);
      viewer.ask('SETUP', `${STREAM}/track3`, ['Transport', 'RTP/AVP/TCP;unicast'], SESSION);
      assert.deepEqual(
        viewer.dialogue.session?.tracks,
        new Map([
          [2, [0, 1]],
          [3, [2, 3]],
        ]),
      );
    });
    it('answers other channels when so told', () => {
      const viewer = new Viewer({ traits: { channelShift: 4 } }).setUp();
      assert.deepEqual(viewer.dialogue.session?.tracks, new Map([[2, [4, 5]]]));
    });
    for (const value of ['', 'interleaved=0-1', 'RTP/AVP/TCP;interleaved=a-b', 'RTP/AVP/TCP;interleaved=256-257']) {
      it(`minds a Transport ${JSON.stringify(value)}`, () => {
        const answer = setUp(['Transport', value]);
        if (value !== '') {
          refused(answer, 400, 'Transport is missing or cannot be read');
          return;
        }
        assert.deepEqual([status(answer), answer.crashed], [undefined, true]);
        assert.deepEqual(answer.violations, ['Transport is empty: this took a MERCURY MIPC252W down']);
      });
    }
    it('minds a missing Transport', () => refused(setUp(), 400, 'Transport is missing or cannot be read'));
    it('minds the whole stream instead of a track', () => {
      refused(new Viewer().ask('SETUP', STREAM, TRANSPORT), 400, 'SETUP of a whole stream instead of a track');
    });
    it('has no microphone to set up when so told', () => {
      const viewer = new Viewer({ traits: { audio: 'none' } });
      assert.equal(status(viewer.ask('SETUP', `${STREAM}/track2`, TRANSPORT)), 404);
      assert.equal(status(viewer.ask('SETUP', `${STREAM}/track3`, TRANSPORT)), 200);
    });
    it('404 for a track that is not described', () => {
      assert.equal(status(new Viewer().ask('SETUP', `${STREAM}/track4`, TRANSPORT)), 404);
    });
    it('warns of video', () => {
      const answer = new Viewer().ask('SETUP', `${STREAM}/track1`, TRANSPORT);
      assert.deepEqual([status(answer), answer.violations], [200, []]);
      assert.deepEqual(answer.warnings, ['video was set up: it costs the camera its bandwidth']);
    });
    it('adds a second track to the session that is named', () => {
      const viewer = new Viewer().setUp();
      const second = ['Transport', 'RTP/AVP/TCP;unicast;interleaved=2-3'] as const;
      refused(viewer.ask('SETUP', `${STREAM}/track3`, second), 454, 'SETUP without Session');
      assert.equal(status(viewer.ask('SETUP', `${STREAM}/track3`, second, SESSION)), 200);
      assert.match(
        headers(viewer.ask('PLAY', STREAM, SESSION)).at(-1)?.[1] ?? '',
        /^url=rtsp:\S+\/track2;seq=200;rtptime=140000,url=rtsp:\S+\/track3;seq=300;rtptime=210000$/,
      );
    });
    it('minds a track, a channel or a stream that does not go with the session', () => {
      const viewer = new Viewer().setUp();
      const again = viewer.ask('SETUP', `${STREAM}/track2`, TRANSPORT, SESSION);
      refused(again, 455, 'SETUP of a track that is already set up');
      const channels = viewer.ask('SETUP', `${STREAM}/track3`, TRANSPORT, SESSION);
      refused(channels, 400, 'SETUP with the channels of another track');
      const other = viewer.ask('SETUP', 'rtsp://192.168.1.60/stream2/track2', TRANSPORT, SESSION);
      refused(other, 400, 'SETUP of another stream in the same session');
    });
    it('minds a session that was never given', () => {
      refused(setUp(TRANSPORT, ['Session', '12345678']), 454, 'Session is not the one given');
    });
  });

  describe('sessions', () => {
    for (const method of ['PLAY', 'PAUSE', 'GET_PARAMETER', 'SET_PARAMETER', 'TEARDOWN']) {
      it(`${method}: 454 without one, for another one, and for none`, () => {
        refused(new Viewer().ask(method, STREAM, SESSION), 454, 'Session is not the one given');
        const viewer = new Viewer().setUp();
        refused(viewer.ask(method, STREAM), 454, `${method} without Session`);
        refused(viewer.ask(method, STREAM, ['Session', '00000000']), 454, 'Session is not the one given');
        refused(viewer.ask(method, `${STREAM}/track1`, SESSION), 404, `${method} of what the session does not hold`);
        assert.equal(status(viewer.ask(method, STREAM, SESSION)), 200);
      });
    }
    it('454 for one that is over, which the client may not know', () => {
      const viewer = new Viewer().setUp();
      viewer.dialogue.expire();
      viewer.dialogue.expire();
      const answer = viewer.ask('GET_PARAMETER', STREAM, SESSION);
      assert.deepEqual([status(answer), answer.violations, answer.event], [454, [], undefined]);
      viewer.setUp();
      assert.equal(viewer.ask('PLAY', STREAM, SESSION).event, 'play');
    });
    it('warns of a Session with its parameters', () => {
      const answer = new Viewer().setUp().ask('PLAY', STREAM, TIMED_SESSION);
      assert.deepEqual([status(answer), answer.violations], [200, []]);
      assert.deepEqual(answer.warnings, ['Session was sent back with its parameters']);
    });
    it('OPTIONS keeps alive the session that it names', () => {
      const viewer = new Viewer().setUp();
      const named = viewer.ask('OPTIONS', STREAM, SESSION);
      assert.deepEqual([status(named), named.event, named.warnings], [200, 'named', []]);
      assert.deepEqual(headers(named), [
        ['Public', 'OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, MULTITRANS'],
      ]);
      const nameless = viewer.ask('OPTIONS', STREAM);
      assert.deepEqual([status(nameless), nameless.event], [200, undefined]);
      assert.deepEqual(nameless.warnings, ['OPTIONS without Session keeps no session alive']);
      refused(viewer.ask('OPTIONS', STREAM, ['Session', '1']), 454, 'Session is not the one given');
    });
    it('says when it ends', () => {
      const viewer = new Viewer({ traits: { timeoutSeconds: 7 } });
      const answer = viewer.ask('SETUP', `${STREAM}/track2`, TRANSPORT);
      assert.deepEqual(headers(answer).at(-1), ['Session', '5579378E;timeout=7']);
    });
  });

  it('minds requests that do not belong to a stream', () => {
    for (const method of ['MULTITRANS', 'RECORD', 'ANNOUNCE']) {
      refused(new Viewer().ask(method, STREAM), 400, `${method} on the connection of a stream`);
    }
  });
  it('minds CSeq', () => {
    const { dialogue } = new Viewer();
    assert.equal(status(dialogue.receive(request('OPTIONS', STREAM, []))), 400);
    assert.deepEqual(dialogue.receive(request('OPTIONS', STREAM, [['CSeq', '4']])).violations, []);
    assert.deepEqual(dialogue.receive(request('OPTIONS', STREAM, [['CSeq', '4']])).violations, ['CSeq 4 after 4']);
  });
});
