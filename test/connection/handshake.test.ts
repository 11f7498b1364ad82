// The conversation that opens a session, with a made-up connection, dialogue and guard in one log: when the guard is asked and told, what is sent and what is not.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { abortReason } from '../../src/abort.js';
import { openDialogue, type HandshakeOptions } from '../../src/connection/handshake.js';
import { TalkError } from '../../src/errors.js';
import { ListenDialogue, type ListenEnd, type NextListenRequest } from '../../src/listen/dialogue.js';
import { TalkDialogue, type OpenStep } from '../../src/multitrans/dialogue.js';
import { cameraOptions } from '../../src/camera-options.js';
import { PasswordGuard } from '../../src/password/guard.js';
import type { HeaderList, RtspRequest, RtspResponse } from '../../src/rtsp/message.js';
import type { NextRequest, OpeningDialogue } from '../../src/rtsp/opening.js';
import { coded, noUnhandledRejections, rejection, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { SDP_PCMA } from '../listen/descriptions.js';

const CAMERA = cameraOptions({ host: '192.168.1.60', password: 'Abc12345' });
const DIGEST = [
  'WWW-Authenticate',
  'Digest realm="TP-LINK IP-Camera", nonce="96fa3da3bceda6441e098764e178ed07"',
] as const;
const GRANTED = '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"2"}}';
const clientNonce = (): string => '0a4f113b0a4f113b';

const response = (status = 200, headers: HeaderList = [], body = ''): RtspResponse => ({
  kind: 'response',
  status,
  reason: '',
  headers,
  body: Buffer.from(body),
});
const UNAUTHORIZED = response(401, [DIGEST]);

type Step = { readonly stage: NextRequest['stage']; readonly proved?: boolean } | TalkError | 'open' | 'open, proved';
type Open = { readonly kind: 'open' };

/** Asks `first`, then one request per step, named after its stage; ends with the last step. */
class ScriptedDialogue implements OpeningDialogue<Open> {
  proved = false;
  readonly #steps: Step[];

  constructor(steps: readonly Step[]) {
    this.#steps = [...steps];
  }

  start(): RtspRequest {
    return request('first');
  }

  receive(): NextRequest | Open {
    const step = this.#steps.shift();
    if (step === undefined) assert.fail('asked on after the end');
    if (step instanceof TalkError) throw step;
    if (typeof step === 'string') {
      this.proved = step === 'open, proved';
      return { kind: 'open' };
    }
    this.proved = step.proved === true;
    return { kind: 'send', request: request(step.stage), stage: step.stage };
  }
}

function request(method: string): RtspRequest {
  return { kind: 'request', method, uri: 'rtsp://cam/', headers: [], body: Buffer.alloc(0) };
}

const AUTHENTICATING: Step = { stage: 'authenticating' };
const OPENING: Step = { stage: 'opening' };
const refused = new TalkError('TALK_ERR_AUTH', 'refused the user name or password');

describe('handshake', () => {
  noUnhandledRejections();

  /** What went on, in order: requests sent, and what the guard was asked and told. */
  let log: string[];
  let ended: AbortController;

  let clock: FakeClock;

  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    ended = new AbortController();
  });

  /** Gives these responses in order, then none. */
  function connection(responses: readonly RtspResponse[] = Array.from({ length: 9 }, () => response())) {
    const left = [...responses];
    return {
      ended: ended.signal,
      exchange: (asked: RtspRequest, step: string, signal?: AbortSignal): Promise<RtspResponse> => {
        log.push(`send ${asked.method} as ${step}`);
        const answer = left.shift();
        if (answer !== undefined) return Promise.resolve(answer);
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(abortReason(signal)), { once: true }),
        );
      },
    };
  }

  /** A real guard that tells the log what it hears. */
  function watched(guard: PasswordGuard): HandshakeOptions<NextRequest>['guard'] {
    return {
      turn: async (way, camera, over, signal) => {
        log.push('turn');
        await guard.turn(way, camera, over, signal);
      },
      check: (way, camera) => {
        log.push('check');
        guard.check(way, camera);
      },
      accepted: (way, camera) => {
        log.push('accepted');
        guard.accepted(way, camera);
      },
      refused: (way, camera, error) => {
        log.push('refused');
        return guard.refused(way, camera, error);
      },
      unanswered: (way, camera) => {
        log.push('unanswered');
        guard.unanswered(way, camera);
      },
    };
  }

  function options(
    more: Partial<HandshakeOptions<NextRequest>> = {},
    guard = new PasswordGuard(new FakeClock()),
  ): HandshakeOptions<NextRequest> {
    return { camera: CAMERA, clock, way: 'talk', guard: watched(guard), nameOf: (_, stage) => stage, ...more };
  }

  const open = (steps: readonly Step[], ...how: Parameters<typeof options>): Promise<Open> =>
    openDialogue<Open>(connection(), new ScriptedDialogue(steps), options(...how));

  it('asks the guard for the turn before the password goes out, and checks again after it', async () => {
    const stages: string[] = [];
    const onStage = (stage: string): void => void stages.push(stage);
    assert.deepEqual(await open([AUTHENTICATING, OPENING, 'open, proved'], { onStage }), { kind: 'open' });
    assert.deepEqual(log, [
      'send first as connecting',
      'turn',
      'check',
      'send authenticating as authenticating',
      'send opening as opening',
      'accepted',
    ]);
    assert.deepEqual(stages, ['authenticating', 'opening']);
  });

  it('asks again before a second digest, the first nonce having been too old', async () => {
    await open([AUTHENTICATING, AUTHENTICATING, 'open, proved']);
    assert.deepEqual(
      log.filter((entry) => !entry.startsWith('send')),
      ['turn', 'check', 'turn', 'check', 'accepted'],
    );
  });

  it('does not send a password that was refused elsewhere while it waited for its turn', async () => {
    const guard = new PasswordGuard(new FakeClock());
    const other = new AbortController();
    await guard.turn('talk', CAMERA, other.signal);
    const opening = watch(open([AUTHENTICATING, 'open'], {}, guard));
    await settle();
    assert.deepEqual([opening.state, ...log], ['pending', 'send first as connecting', 'turn']);
    guard.refused('talk', CAMERA, refused);
    await settle();
    coded('TALK_ERR_LOCKED')(opening.error);
    assert.deepEqual(log, ['send first as connecting', 'turn', 'check']);
  });

  it('sends it as soon as it was accepted elsewhere', async () => {
    const guard = new PasswordGuard(new FakeClock());
    await guard.turn('talk', CAMERA, new AbortController().signal);
    const opening = watch(open([AUTHENTICATING, 'open, proved'], {}, guard));
    await settle();
    assert.equal(opening.state, 'pending');
    guard.accepted('talk', CAMERA);
    await settle();
    assert.equal(opening.state, 'fulfilled');
  });

  it('tells the guard once that the password was refused, and sends nothing after it', async () => {
    const guard = new PasswordGuard(new FakeClock());
    coded(
      'TALK_ERR_AUTH',
      /refused the user name/,
    )(await rejection(open([AUTHENTICATING, refused, 'open'], {}, guard)));
    assert.deepEqual(log.slice(-2), ['send authenticating as authenticating', 'refused']);
    assert.equal(log.filter((entry) => entry === 'refused').length, 1);
    assert.throws(() => guard.check('talk', CAMERA), coded('TALK_ERR_LOCKED'));
  });

  it('does not take another refusal for one of the password', async () => {
    for (const code of ['TALK_ERR_BUSY', 'TALK_ERR_UNSUPPORTED', 'TALK_ERR_PROTOCOL'] as const) {
      log = [];
      const error = new TalkError(code, 'no');
      assert.equal(await rejection(open([AUTHENTICATING, error, 'open'])), error);
      assert.equal(log.at(-1), 'send authenticating as authenticating', 'nothing was told, nothing sent');
    }
  });

  it('does not count an open without a log-in as a password accepted', async () => {
    await open([OPENING, 'open']);
    assert.deepEqual(log, ['send first as connecting', 'send opening as opening']);
  });

  it('tells the guard of an accepted password as soon as the dialogue knows', async () => {
    await open([AUTHENTICATING, { stage: 'opening', proved: true }, 'open, proved']);
    assert.deepEqual(log.slice(-3), ['accepted', 'send opening as opening', 'accepted']);
  });

  it('has everything ready before it sends, and sends nothing when that fails', async () => {
    const prepare = (next: NextRequest): Promise<void> => {
      log.push(`prepare ${next.request.method}`);
      return next.stage === 'opening' ? Promise.reject(refused) : Promise.resolve();
    };
    assert.equal(await rejection(open([AUTHENTICATING, OPENING, 'open'], { prepare })), refused);
    assert.deepEqual(log, [
      'send first as connecting',
      'prepare authenticating',
      'turn',
      'check',
      'send authenticating as authenticating',
      'prepare opening',
    ]);
  });

  describe('that is cut while the password is on its way', () => {
    const reason = new TalkError('TALK_ERR_CLOSED', 'redeployed');

    /** A log-in whose answer comes when `answer` is called. */
    function underWay(step: Step, guard = new PasswordGuard(clock)) {
      const answers: (() => void)[] = [];
      const exchange = (asked: RtspRequest, _: string, signal?: AbortSignal): Promise<RtspResponse> => {
        log.push(`send ${asked.method}`);
        return new Promise((resolve, reject) => {
          answers.push(() => resolve(response()));
          signal?.addEventListener('abort', () => reject(abortReason(signal)), { once: true });
        });
      };
      const stop = new AbortController();
      const dialogue = new ScriptedDialogue([AUTHENTICATING, step, 'open']);
      const stages: string[] = [];
      const told = options({ signal: stop.signal, onStage: (stage) => stages.push(stage) }, guard);
      const opening = watch(openDialogue<Open>({ ended: ended.signal, exchange }, dialogue, told));
      const cut = async (): Promise<void> => {
        answers[0]?.();
        await settle();
        assert.equal(log.at(-1), 'send authenticating');
        stop.abort(reason);
        await settle();
        assert.equal(opening.state, 'pending');
      };
      return { opening, guard, cut, stages, answer: () => answers[1]?.() };
    }

    for (const [name, step, told] of [
      ['refused', refused, 'refused'],
      ['accepted', { stage: 'opening', proved: true }, 'accepted'],
      ['answered by neither', OPENING, undefined],
    ] as const) {
      it(`hears that it is ${name}, and asks no more`, async () => {
        const { opening, guard, cut, stages, answer } = underWay(step);
        await cut();
        answer();
        await settle();
        assert.equal(opening.error, reason);
        assert.deepEqual(stages, ['authenticating'], 'what was cut tells of no further stage');
        assert.deepEqual(log.slice(4), told === undefined ? [] : [told]);
        const next = watch(Promise.resolve().then(() => guard.check('talk', CAMERA)));
        await settle();
        assert.equal(next.state, told === 'refused' ? 'rejected' : 'fulfilled');
        assert.equal(clock.pending, 0);
      });
    }

    it('counts it as unanswered after 2 s, and one that was accepted before as nothing', async () => {
      for (const known of [false, true]) {
        log = [];
        const { opening, guard, cut } = underWay(OPENING);
        if (known) guard.accepted('talk', CAMERA);
        await cut();
        await clock.advance(1_999);
        assert.equal(opening.state, 'pending');
        await clock.advance(1);
        await settle();
        assert.equal(opening.error, reason);
        assert.equal(log.at(-1), 'unanswered');
        const check = (): void => guard.check('talk', CAMERA);
        if (known) check();
        else assert.throws(check, coded('TALK_ERR_LOCKED'));
      }
    });

    it('does not send it when the cut came first', async () => {
      const stop = new AbortController();
      const prepare = (next: NextRequest): Promise<void> => {
        if (next.stage === 'authenticating') stop.abort(reason);
        return Promise.resolve();
      };
      assert.equal(await rejection(open([AUTHENTICATING, 'open'], { prepare, signal: stop.signal })), reason);
      assert.ok(!log.includes('send authenticating as authenticating'));
    });
  });

  describe('is over', () => {
    const reason = new TalkError('TALK_ERR_ABORTED', 'enough');

    it('when the signal says so while it waits for an answer', async () => {
      const stop = new AbortController();
      const asking = openDialogue<Open>(
        connection([]),
        new ScriptedDialogue(['open']),
        options({ signal: stop.signal }),
      );
      const opening = watch(asking);
      await settle();
      stop.abort(reason);
      await settle();
      assert.equal(opening.error, reason);
      assert.deepEqual(log, ['send first as connecting']);
    });

    /** One that waits for the turn of somebody else. */
    async function waiting(signal?: AbortSignal): Promise<Watched<Open>> {
      const guard = new PasswordGuard(new FakeClock());
      await guard.turn('talk', CAMERA, new AbortController().signal);
      const opening = watch(open([AUTHENTICATING, 'open'], { signal }, guard));
      await settle();
      assert.equal(log.at(-1), 'turn');
      return opening;
    }

    it('when the signal says so while it waits for its turn', async () => {
      const stop = new AbortController();
      const opening = await waiting(stop.signal);
      stop.abort(reason);
      await settle();
      assert.equal(opening.error, reason);
      assert.equal(log.at(-1), 'turn', 'the password was not sent');
      assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
    });

    it('when the connection ends while it waits for its turn', async () => {
      const opening = await waiting();
      ended.abort(reason);
      await settle();
      assert.equal(opening.error, reason);
      assert.equal(log.at(-1), 'turn', 'the password was not sent');
    });
  });

  describe('with the real dialogues', () => {
    const talk = (responses: readonly RtspResponse[], guard?: PasswordGuard): Promise<OpenStep> => {
      const dialogue = new TalkDialogue({
        camera: CAMERA,
        clientId: '6a0c3d1e-3a0f-4c0e-9a55-0d0f4b2f7c11',
        clientNonce,
      });
      return openDialogue<OpenStep>(connection(responses), dialogue, options({}, guard));
    };
    const listen = (responses: readonly RtspResponse[], guard?: PasswordGuard): Promise<ListenEnd> => {
      const dialogue = new ListenDialogue({ camera: CAMERA, stream: 'stream1', clientNonce });
      return openDialogue<ListenEnd, NextListenRequest>(connection(responses), dialogue, options({}, guard));
    };
    const grantTalk = [response(), response(200, [], GRANTED)];
    const grantSound = [response(200, [], SDP_PCMA), response(), response()];
    const told = (): string[] => log.filter((entry) => !entry.startsWith('send'));

    it('a camera that wants no password proves none', async () => {
      await talk(grantTalk);
      await listen(grantSound);
      assert.deepEqual(told(), []);
    });

    it('one that takes it is asked and told in this order; talking counts as accepted only once it is open', async () => {
      await talk([UNAUTHORIZED, ...grantTalk]);
      assert.deepEqual(told(), ['turn', 'check', 'accepted']);
      assert.equal(log.at(-1), 'accepted');
      log = [];
      await listen([UNAUTHORIZED, ...grantSound]);
      assert.deepEqual(told(), ['turn', 'check', 'accepted', 'accepted', 'accepted']);
    });

    it('one that refuses it, with or without a challenge, hears no more, and the guard once', async () => {
      const basic = response(401, [['WWW-Authenticate', 'Basic realm="TP-LINK IP-Camera"']]);
      const refusals = [UNAUTHORIZED, basic, response(401)];
      for (const [ask, refusal] of [talk, listen].flatMap((way) => refusals.map((how) => [way, how] as const))) {
        log = [];
        ended = new AbortController();
        const guard = new PasswordGuard(new FakeClock());
        coded('TALK_ERR_AUTH')(await rejection(ask([UNAUTHORIZED, refusal], guard)));
        assert.deepEqual(told(), ['turn', 'check', 'refused']);
        assert.equal(log.filter((entry) => entry.startsWith('send')).length, 2);
        coded('TALK_ERR_LOCKED')(await rejection(ask([UNAUTHORIZED], guard)));
        assert.equal(log.filter((entry) => entry.startsWith('send')).length, 3);
      }
    });
  });
});
