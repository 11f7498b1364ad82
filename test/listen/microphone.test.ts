// Microphone: one session for all who listen, chunks, recordings, reconnects with growing pauses, every end; and once over real loopback.
import assert from 'node:assert/strict';
import { cameraOptions } from '../../src/camera-options.js';
import { monotonicClock } from '../../src/clock.js';
import { isRetryable, TalkError, type TalkErrorCode } from '../../src/errors.js';
import {
  listenSessions,
  Microphone,
  type MicrophoneDeps,
  type MicrophoneOptions,
} from '../../src/listen/microphone.js';
import type { ListenState, Recording, SoundChunk } from '../../src/listen/states.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { coded, eventually, rejection, watch } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { ScriptedCamera } from '../helpers/scripted-camera.js';
import { FakeListenSessions } from './fake-listen-session.js';
import { pcma, send, SoundLog, soundScript } from './sound-camera.js';
import { tone } from './sounds.js';

const CAMERA = cameraOptions({ host: 'cam', password: 'Abc12345' });

describe('Microphone', () => {
  let clock: FakeClock;
  let sessions: FakeListenSessions;
  let states: ListenState[];
  let chunks: SoundChunk[];
  let microphone: Microphone;

  function build(deps: Partial<MicrophoneDeps> = {}): Microphone {
    return new Microphone(
      { camera: CAMERA, stream: 'stream1', chunkMs: 100 },
      {
        clock,
        openSession: sessions.open,
        onState: (state) => states.push(state),
        onChunk: (chunk) => chunks.push(chunk),
        random: () => 0,
        ...deps,
      },
    );
  }

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new FakeListenSessions(clock);
    states = [];
    chunks = [];
    microphone = build();
  });

  afterEach(async () => {
    const stopped = microphone.destroy();
    await clock.advance(600);
    await stopped;
    assert.equal(clock.pending, 0, 'something still waits on the clock');
  });

  const names = (): string[] => states.map(({ name }) => name);
  const opened = async (): Promise<void> => clock.advance(100);
  /** Sound for so long, 20 ms at a time. */
  async function hear(ms: number): Promise<void> {
    for (let heard = 0; heard < ms; heard += 20) {
      await clock.advance(20);
      sessions.last.sound(20);
    }
    await settle();
  }

  describe('continuous', () => {
    it('gives chunks until it is stopped', async () => {
      const listening = watch(microphone.start());
      await opened();
      await hear(350);
      assert.deepEqual(chunks.map(({ pcm, sampleRate }) => [pcm.length, sampleRate]), [[1_600, 8_000], [1_600, 8_000], [1_600, 8_000]]); // prettier-ignore
      assert.deepEqual(states, [{ name: 'connecting' }, { name: 'listening', codec: 'PCMA', sampleRate: 8_000 }]);
      const stopping = watch(microphone.stop());
      await settle();
      assert.equal(listening.state, 'fulfilled');
      assert.equal(stopping.state, 'pending');
      await clock.advance(500);
      assert.equal(stopping.state, 'fulfilled');
      assert.equal(sessions.last.endedBy, 'close');
      assert.equal(states.at(-1)?.name, 'stopped');
    });

    it('tells that it listens before the first chunk, also when sound comes with the answer to PLAY', async () => {
      const order: string[] = [];
      const openSession: MicrophoneDeps['openSession'] = async (camera, options) => {
        const session = await sessions.open(camera, options);
        sessions.last.sound(200);
        return session;
      };
      const early = build({ openSession, onState: ({ name }) => order.push(name), onChunk: () => order.push('chunk') });
      watch(early.start());
      await opened();
      assert.deepEqual(order, ['connecting', 'listening', 'chunk', 'chunk']);
      const stopped = early.destroy();
      await clock.advance(600);
      await stopped;
    });

    it('is one and the same however often it is started', async () => {
      const first = microphone.start();
      assert.equal(microphone.start(), first);
      await opened();
      assert.equal(microphone.start(), first);
      assert.equal(sessions.asked.length, 1);
    });

    it('stops while it opens', async () => {
      const listening = watch(microphone.start());
      await clock.advance(50);
      await microphone.stop();
      assert.equal(listening.state, 'fulfilled');
      assert.equal(sessions.opened.length, 0);
      assert.deepEqual(names(), ['connecting', 'stopped']);
    });

    it('begins anew when it is started while it closes', async () => {
      watch(microphone.start());
      await opened();
      const stopping = watch(microphone.stop());
      await clock.advance(200);
      const again = watch(microphone.start());
      await clock.advance(300);
      assert.equal(stopping.state, 'fulfilled');
      await opened();
      await hear(100);
      assert.equal(sessions.opened.length, 2);
      assert.equal(chunks.length, 1);
      assert.equal(again.state, 'pending');
    });

    it('opens again after 1, 2, 4 … 30 s, for as long as it takes', async () => {
      sessions.failures.push(...new Array<TalkErrorCode>(8).fill('TALK_ERR_CONNECT'));
      const listening = watch(microphone.start());
      await clock.advanceUntil(() => sessions.opened.length === 1, 300_000);
      const pauses = sessions.asked.slice(1).map((at, index) => at - (sessions.asked[index] ?? 0) - 100);
      assert.deepEqual(pauses.map(Math.round), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
      assert.deepEqual(states[1], { name: 'retrying', code: 'TALK_ERR_CONNECT', inMs: 1_000 });
      assert.equal(listening.state, 'pending');
      await hear(100);
      assert.equal(chunks.length, 1);
    });

    it('spreads the pauses by up to half', async () => {
      const numbers = [0.99, 0.5, 0];
      microphone = build({ random: () => numbers.shift() ?? 0 });
      sessions.failures.push('TALK_ERR_CONNECT', 'TALK_ERR_TIMEOUT', 'TALK_ERR_BUSY');
      watch(microphone.start());
      await clock.advanceUntil(() => sessions.opened.length === 1);
      assert.deepEqual(
        states.flatMap((state) => (state.name === 'retrying' ? [state.inMs] : [])),
        [505, 1_500, 4_000],
      );
    });

    it('opens again when the camera goes, and starts its pauses anew after 10 s of sound', async () => {
      watch(microphone.start());
      await opened();
      for (const [heardMs, pause] of [
        [200, 1_000],
        [200, 2_000],
        [10_040, 1_000],
      ] as const) {
        // prettier-ignore
        await hear(heardMs);
        sessions.last.die();
        await settle();
        assert.deepEqual(states.at(-1), { name: 'retrying', code: 'TALK_ERR_CLOSED', inMs: pause });
        await clock.advance(pause + 100);
      }
      assert.equal(sessions.opened.length, 4);
      const before = chunks.length;
      await hear(100);
      assert.equal(chunks.length, before + 1);
    });

    it('cuts chunks anew after a break', async () => {
      watch(microphone.start());
      await opened();
      await hear(140);
      sessions.last.die();
      await clock.advance(1_100);
      await hear(80);
      assert.equal(chunks.length, 1);
      await hear(20);
      assert.equal(chunks.length, 2);
      assert.equal(Math.round((chunks[1]?.startedAt ?? 0) - clock.now()), -100);
    });

    for (const code of ['TALK_ERR_AUTH', 'TALK_ERR_LOCKED'] as const) {
      it(`gives up at once on ${code}, and can be started again`, async () => {
        sessions.failures.push(code);
        const listening = watch(microphone.start());
        await opened();
        coded(code)(listening.error);
        assert.deepEqual(states.at(-1), { name: 'failed', code });
        watch(microphone.start());
        await opened();
        await hear(100);
        assert.equal(chunks.length, 1);
      });
    }

    const retries = (): object[] =>
      states.flatMap((state) => (state.name === 'retrying' ? [[state.code, state.inMs, state.problem]] : []));
    const problem = (code: TalkErrorCode): string => `Opening failed with ${code}`;

    it('says once what is wrong with a stream, and hears it when it comes up after all', async () => {
      sessions.failures.push('TALK_ERR_UNSUPPORTED', 'TALK_ERR_UNSUPPORTED', 'TALK_ERR_REFUSED');
      const listening = watch(microphone.start());
      await clock.advanceUntil(() => sessions.opened.length === 1);
      assert.deepEqual(retries(), [
        ['TALK_ERR_UNSUPPORTED', 1_000, problem('TALK_ERR_UNSUPPORTED')],
        ['TALK_ERR_UNSUPPORTED', 2_000, undefined],
        ['TALK_ERR_REFUSED', 4_000, problem('TALK_ERR_REFUSED')],
      ]);
      await hear(100);
      assert.equal(chunks.length, 1);
      assert.equal(listening.state, 'pending');
    });

    it('says it again, and tries at once, when it is started again', async () => {
      sessions.failures.push('TALK_ERR_UNSUPPORTED', 'TALK_ERR_UNSUPPORTED');
      const listening = watch(microphone.start());
      await clock.advance(600);
      watch(microphone.start());
      await opened();
      assert.deepEqual(retries().length, 2);
      assert.deepEqual(retries()[1], ['TALK_ERR_UNSUPPORTED', 2_000, problem('TALK_ERR_UNSUPPORTED')]);
      assert.equal(listening.state, 'pending');
    });

    it('takes a camera that was heard and now answers strangely for one that restarts', async () => {
      const listening = watch(microphone.start());
      await opened();
      await hear(100);
      sessions.failures.push('TALK_ERR_CONNECT', 'TALK_ERR_UNSUPPORTED', 'TALK_ERR_PROTOCOL', 'TALK_ERR_REFUSED');
      sessions.last.die('TALK_ERR_STALLED');
      await clock.advanceUntil(() => sessions.opened.length === 2);
      assert.equal(listening.state, 'pending');
      assert.ok(states.every((state) => !('problem' in state)));
    });

    it('waits until an account is free again, tries once, and takes a refusal for an answer', async () => {
      sessions.failures.push({ code: 'TALK_ERR_LOCKED', retryAfterMs: 1_800_000 }, 'TALK_ERR_AUTH');
      const listening = watch(microphone.start());
      await clock.advance(1_800_000);
      assert.equal(sessions.asked.length, 1);
      assert.deepEqual(retries(), [['TALK_ERR_LOCKED', 1_800_000, problem('TALK_ERR_LOCKED')]]);
      await clock.advance(200);
      coded('TALK_ERR_AUTH')(listening.error);
      await clock.advance(3_600_000);
      assert.equal(sessions.asked.length, 2);
    });

    it('gives only what can be sent to another thread', async () => {
      sessions.failures.push('TALK_ERR_UNSUPPORTED');
      watch(microphone.start());
      const recording = watch(microphone.record({ until: 'full', seconds: 0.1 }));
      await clock.advanceUntil(() => sessions.opened.length === 1);
      assert.equal(recording.state, 'rejected');
      const again = watch(microphone.record({ until: 'full', seconds: 0.1 }));
      await hear(100);
      const { pcm, ...rest } = chunks[0] ?? assert.fail('no chunk');
      const told = [states, rest, { ...again.value, pcm: undefined }];
      assert.deepEqual(structuredClone(told), told);
      assert.deepEqual(Buffer.from(structuredClone(pcm)), pcm);
    });

    it('does not try a password again that is refused after a break', async () => {
      const listening = watch(microphone.start());
      await opened();
      await hear(100);
      sessions.failures.push('TALK_ERR_AUTH');
      sessions.last.die();
      await clock.advance(3_600_000);
      coded('TALK_ERR_AUTH')(listening.error);
      assert.equal(sessions.asked.length, 2);
    });

    it('stops in the pause before the next try', async () => {
      sessions.failures.push('TALK_ERR_CONNECT');
      const listening = watch(microphone.start());
      await clock.advance(500);
      await microphone.stop();
      assert.equal(listening.state, 'fulfilled');
      assert.equal(clock.pending, 0);
      assert.equal(states.at(-1)?.name, 'stopped');
    });

    it('tries at once when it is started in the pause', async () => {
      sessions.failures.push('TALK_ERR_CONNECT');
      watch(microphone.start());
      await clock.advance(500);
      watch(microphone.start());
      await opened();
      assert.equal(sessions.opened.length, 1);
    });
  });

  describe('recording', () => {
    const recorded = async (recording: Promise<Recording>, ms: number): Promise<Recording> => {
      const watched = watch(recording);
      await opened();
      await hear(ms);
      await settle();
      assert.equal(watched.state, 'fulfilled');
      return recording;
    };

    it('opens, records so many seconds, and closes', async () => {
      const recording = await recorded(microphone.record({ until: 'full', seconds: 1 }), 1_000);
      assert.equal(recording.pcm.length, 16_000);
      assert.equal(recording.ended, 'full');
      assert.equal(Math.round(recording.startedAt - clock.now()), -1_000);
      assert.equal(sessions.last.endedBy, 'close');
      await clock.advance(500);
      assert.deepEqual(names(), ['connecting', 'listening', 'stopped']);
    });

    it('records speech until it is over', async () => {
      const recording = watch(microphone.record({ until: 'silence', hangMs: 500 }));
      await opened();
      await hear(1_000);
      for (let n = 0; n < 50; n++) sessions.last.sound(20, tone(160, 0.3, 300, 8_000));
      await hear(460);
      assert.equal(recording.state, 'pending');
      await hear(60);
      assert.deepEqual([recording.value?.ended, recording.value?.speech], ['silence', true]);
      assert.equal(recording.value?.seconds, 2);
    });

    it('shares one session with other recordings and with continuous listening', async () => {
      const one = watch(microphone.record({ until: 'full', seconds: 0.2 }));
      watch(microphone.start());
      await opened();
      await hear(100);
      const two = watch(microphone.record({ until: 'full', seconds: 0.2 }));
      await hear(100);
      assert.equal(one.value?.seconds, 0.2);
      assert.equal(two.state, 'pending');
      await hear(100);
      assert.equal(two.value?.seconds, 0.2);
      assert.equal(chunks.length, 3);
      assert.equal(sessions.asked.length, 1);
      assert.equal(sessions.last.endedBy, undefined);
    });

    it('says how much of it stands for lost sound', async () => {
      watch(microphone.start());
      await opened();
      await hear(100);
      sessions.last.filledMs = 80;
      const recording = watch(microphone.record({ until: 'full', seconds: 0.1 }));
      sessions.last.filledMs = 120;
      await hear(100);
      assert.equal(recording.value?.filledMs, 40);
    });

    it('gives what it has when it is stopped, also nothing', async () => {
      const recording = watch(microphone.record({ until: 'full', seconds: 5 }));
      await opened();
      await hear(300);
      const stopping = microphone.stop();
      await clock.advance(500);
      await stopping;
      assert.deepEqual([recording.value?.ended, recording.value?.seconds], ['stopped', 0.3]);

      const empty = watch(microphone.record({ until: 'full', seconds: 5 }));
      await microphone.stop();
      await settle();
      assert.deepEqual([empty.value?.ended, empty.value?.seconds], ['stopped', 0]);
      assert.ok(Number.isFinite(empty.value?.startedAt));
    });

    it('fails when the session cannot be opened, without another try', async () => {
      sessions.failures.push('TALK_ERR_CONNECT');
      const recording = watch(microphone.record({ until: 'full', seconds: 1 }));
      await clock.advance(10_000);
      coded('TALK_ERR_CONNECT')(recording.error);
      assert.ok(isRetryable(recording.error));
      assert.equal(sessions.asked.length, 1);
      assert.deepEqual(states.at(-1), { name: 'failed', code: 'TALK_ERR_CONNECT' });
      await recorded(microphone.record({ until: 'full', seconds: 0.1 }), 100);
    });

    it('fails when the camera goes; continuous listening goes on', async () => {
      const listening = watch(microphone.start());
      await opened();
      const recording = watch(microphone.record({ until: 'full', seconds: 1 }));
      await hear(100);
      sessions.last.die('TALK_ERR_STALLED');
      await settle();
      coded('TALK_ERR_STALLED')(recording.error);
      await clock.advance(1_100);
      assert.equal(listening.state, 'pending');
      assert.equal(sessions.opened.length, 2);
    });

    it('does not wait for the end of a pause', async () => {
      sessions.failures.push('TALK_ERR_CONNECT');
      watch(microphone.start());
      await clock.advance(500);
      await recorded(microphone.record({ until: 'full', seconds: 0.1 }), 100);
    });

    it('is withdrawn by its signal, and closes what nobody hears', async () => {
      const controller = new AbortController();
      const reason = new TalkError('TALK_ERR_ABORTED', 'enough');
      const recording = watch(microphone.record({ until: 'full', seconds: 1 }, controller.signal));
      await opened();
      await hear(100);
      controller.abort(reason);
      await settle();
      assert.equal(recording.error, reason);
      assert.equal(sessions.last.endedBy, 'close');
      assert.equal(await rejection(microphone.record({ until: 'full', seconds: 1 }, controller.signal)), reason);
    });

    it('refuses a plan out of bounds before anything is opened', async () => {
      coded('TALK_ERR_ARGUMENT')(await rejection(microphone.record({ until: 'full', seconds: 0 })));
      assert.equal(sessions.asked.length, 0);
    });
  });

  it('ends at once when it is destroyed', async () => {
    const listening = watch(microphone.start());
    await opened();
    const recording = watch(microphone.record({ until: 'full', seconds: 1 }));
    await microphone.destroy();
    coded('TALK_ERR_ABORTED')(recording.error);
    assert.equal(listening.state, 'fulfilled');
    assert.equal(sessions.last.endedBy, 'destroy');
    assert.equal(clock.pending, 0);
  });

  for (const chunkMs of [9, 10_001, NaN]) {
    it(`refuses chunks of ${chunkMs} ms`, () =>
      assert.throws(
        () => new Microphone({ camera: CAMERA, stream: 'stream1', chunkMs }, { clock, openSession: sessions.open }),
        coded('TALK_ERR_ARGUMENT', /chunkMs: expected a number from 10 to 10000/),
      ));
  }

  it('refuses a stream that is no text', () => {
    const options = { camera: CAMERA, chunkMs: 100, ...JSON.parse('{ "stream": 1 }') } as MicrophoneOptions;
    assert.throws(
      () => new Microphone(options, { clock, openSession: sessions.open }),
      coded('TALK_ERR_ARGUMENT', /^stream: expected stream1, stream2 or a path, not 1$/),
    );
  });

  it('hears a real connection, through its loss, and leaves nothing behind', async () => {
    const log = new SoundLog();
    const camera = await ScriptedCamera.listen(soundScript({ onPlay: (peer) => send(peer, pcma(10)) }, log));
    const deps = { clock: monotonicClock, guard: new PasswordGuard(monotonicClock) };
    const real = new Microphone(
      {
        camera: cameraOptions({ host: '127.0.0.1', port: camera.port, password: 'Abc12345' }),
        stream: 'stream1',
        chunkMs: 100,
      },
      {
        clock,
        openSession: listenSessions(deps),
        onChunk: (chunk) => chunks.push(chunk),
        onState: (state) => states.push(state),
      },
    );
    const listening = watch(real.start());
    await eventually(() => chunks.length === 2, 'two chunks');
    camera.peers[0]?.reset();
    await eventually(() => states.at(-1)?.name === 'retrying', 'the loss');
    await clock.advance(1_000);
    await eventually(() => chunks.length === 4, 'two more chunks');
    await real.stop();
    assert.equal(listening.state, 'fulfilled');
    assert.equal(log.refused, 0);
    assert.deepEqual(log.methods, [
      'DESCRIBE',
      'DESCRIBE',
      'SETUP',
      'PLAY',
      'DESCRIBE',
      'DESCRIBE',
      'SETUP',
      'PLAY',
      'TEARDOWN',
    ]);
    await camera.close();
  });
});
