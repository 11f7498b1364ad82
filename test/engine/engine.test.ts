// What an engine can be asked for, the same with its cameras in a thread and in this one. Whole flows run both ways in test/nodes and test/e2e.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { freePort } from '../../scripts/node-red-process.js';
import {
  audioSources,
  cameraOptions,
  createEngine,
  isTalkError,
  type AudioSource,
  type CameraOptions,
  type Engine,
  type ListenState,
  type SessionState,
  type SoundChunk,
  type TalkOutcome,
  type TalkState,
  type TuneProgress,
} from '../../src/index.js';
import { decodeAlaw } from '../../src/sound/g711.js';
import { SimulatedCamera, simulatorWeb, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { eventually, rejection } from '../helpers/collect.js';
import { marksIn } from '../helpers/marked-clips.js';

const SPEECH = join(__dirname, '..', 'fixtures', 'audio', 'speech-44k-stereo.mp3');
const SECONDS = 2;
const PASSWORD = 'engine-Secret1';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
/** A-law that is no silence. */
const MARK = 0xa1;

const marked = (ms: number, mark = MARK): AudioSource[] => audioSources(Buffer.alloc(ms * 8, mark), ALAW);
const coded =
  (code: string) =>
  (error: unknown): boolean =>
    isTalkError(error) && error.code === code;

async function first(results: Promise<PromiseSettledResult<TalkOutcome>[]>): Promise<TalkOutcome> {
  const [result] = await results;
  if (result?.status !== 'fulfilled') throw result?.reason ?? new Error('no result');
  return result.value;
}

for (const thread of [true, false]) {
  describe(`an engine ${thread ? 'in a thread' : 'in this thread'}`, () => {
    let engine: Engine;
    const simulated: SimulatedCamera[] = [];

    beforeEach(() => {
      engine = createEngine({ thread });
    });

    afterEach(async () => {
      await engine.destroy();
      for (const camera of simulated) await eventually(() => camera.connections === 0, 'the last connection');
      await Promise.all(simulated.splice(0).map((camera) => camera.stop()));
    });

    async function simulate(
      options: SimulatedCameraOptions = {},
      settings: object = {},
    ): Promise<{ simulator: SimulatedCamera; camera: CameraOptions }> {
      const simulator = new SimulatedCamera({ password: PASSWORD, ...options });
      simulated.push(simulator);
      const { port, httpPort = 80 } = await simulator.start();
      const quick = { leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160 };
      const camera = cameraOptions({ host: '127.0.0.1', port, httpPort, password: PASSWORD, ...quick, ...settings });
      return { simulator, camera };
    }

    it('speaks bytes, files and streams, tells its states and reports', async () => {
      const { simulator, camera } = await simulate();
      const stream = Readable.from([Buffer.alloc(800, MARK), Buffer.alloc(800, MARK)]);
      const cases: [AudioSource[], number][] = [
        [audioSources(readFileSync(SPEECH)), SECONDS],
        [audioSources(SPEECH), SECONDS],
        [audioSources(stream, ALAW), 0.2],
      ];
      for (const [sources, seconds] of cases) {
        const states: TalkState[] = [];
        const said = await first(engine.speak([camera], sources, { onState: (state) => states.push(state) }));
        assert.equal(said.outcome, 'spoken');
        assert.equal(said.report.seconds, seconds);
        assert.equal(said.report.camera, '127.0.0.1');
        assert.deepEqual([states.some(({ name }) => name === 'talking'), states.at(-1)?.name], [true, 'finished']);
        const recording = await simulator.waitForTalkEnd(simulator.sessions.length);
        // Packets of silence may follow, as many as the machine has time for.
        const { soundSeconds } = recording.toJSON();
        assert.ok(Math.abs(soundSeconds - seconds) < 0.2, String(soundSeconds));
      }
      assert.ok(stream.destroyed);
    });

    it('speaks on several cameras, and tells which of them failed', async () => {
      const [one, other] = [await simulate(), await simulate()];
      const port = await freePort();
      const indexes = new Set<number>();
      const results = await engine.speak([one.camera, { ...one.camera, port }, other.camera], marked(200), {
        retries: 0,
        onState: (_, index) => indexes.add(index),
      });
      assert.deepEqual([...indexes].sort(), [0, 1, 2]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      const reason: unknown = results[1]?.status === 'rejected' ? results[1].reason : undefined;
      assert.ok(isTalkError(reason) && reason.retryable);
      assert.deepEqual([reason.code, reason.camera], ['TALK_ERR_CONNECT', `127.0.0.1:${port}`]);
      assert.equal(Reflect.get(Object(reason.cause), 'code'), 'ECONNREFUSED');
      for (const { simulator } of [one, other]) {
        assert.deepEqual(marksIn(await simulator.waitForTalkEnd()), [[MARK, 200]]);
      }
    });

    it('heeds the quiet hours of each camera of an announcement, also with live sound, and plays a chime in them', async () => {
      const quiet = { quietFrom: '00:00', quietTo: '00:00' };
      const [usual, softer, silent] = [
        await simulate(),
        await simulate({}, { ...quiet, quietMode: 'softer', quietGain: -20 }),
        await simulate({}, { ...quiet, quietMode: 'silent' }),
      ];
      const all = [usual, softer, silent];
      const cameras = all.map(({ camera }) => camera);
      const marks = all.slice(0, 2).map(() => new Set<number>());
      for (const sources of [marked(200), audioSources(Readable.from([Buffer.alloc(1_600, MARK)]), ALAW)]) {
        const last = new Map<number, string>();
        const results = await engine.speak(cameras, sources, { onState: ({ name }, index) => last.set(index, name) });
        const outcomes = results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason));
        const gains = outcomes.map((outcome: TalkOutcome) => outcome.outcome === 'spoken' && outcome.report.quietGain);
        assert.deepEqual([outcomes[2], gains], [{ outcome: 'quiet' }, [undefined, -20, false]]);
        assert.deepEqual([...last.entries()].sort(), [
          [0, 'finished'],
          [1, 'finished'],
          [2, 'quiet'],
        ]);
        for (const [index, { simulator }] of all.slice(0, 2).entries()) {
          const heard = marksIn(await simulator.waitForTalkEnd(simulator.sessions.length));
          assert.equal(
            heard.reduce((sum, [, ms]) => sum + ms, 0),
            200,
          );
          for (const [mark] of heard) marks[index]?.add(mark);
        }
      }
      const [[loud = 0], [soft = 0]] = marks.map((each) => [...decodeAlaw(Uint8Array.from(each))]) as [
        number[],
        number[],
      ];
      assert.ok(Math.abs(20 * Math.log10(soft / loud) + 20) < 1, `${loud} ${soft}`);
      assert.equal(silent.simulator.connections, 0);

      assert.equal((await engine.chime(silent.camera)).outcome, 'ok');
      const { soundSeconds } = (await silent.simulator.waitForTalkEnd()).toJSON();
      assert.ok(soundSeconds > 0.5, String(soundSeconds));
    });

    it('rejects what cannot be, and ends its streams', async () => {
      const { camera } = await simulate();
      const stream = Readable.from([Buffer.alloc(80)]);
      const cameras = [camera, { ...camera, port: 1, codec: 'pcmu16k' as const }];
      await assert.rejects(engine.speak(cameras, audioSources(stream, ALAW)), coded('TALK_ERR_ARGUMENT'));
      assert.ok(stream.destroyed);
      await assert.rejects(first(engine.speak([camera], audioSources('/not/there.mp3'))), coded('TALK_ERR_SOURCE'));
      const broken = Readable.from(['text']);
      await assert.rejects(first(engine.speak([camera], audioSources(broken, ALAW))), coded('TALK_ERR_ARGUMENT'));
      const torn = new Readable({ read: () => void torn.destroy(new Error('torn')) });
      await assert.rejects(first(engine.speak([camera], audioSources(torn, ALAW))), coded('TALK_ERR_SOURCE'));
    });

    it('ends with the signal of the caller, and passes its reason on', async () => {
      const { camera, simulator } = await simulate();
      const abort = new AbortController();
      const speaking = engine.speak([camera], marked(5_000), { signal: abort.signal });
      await eventually(() => (simulator.sessions[0]?.packetCount ?? 0) > 5, 'the clip');
      abort.abort();
      await assert.rejects(first(speaking), coded('TALK_ERR_ABORTED'));
      const late = engine.speak([camera], marked(100), { signal: abort.signal });
      await assert.rejects(late, coded('TALK_ERR_ABORTED'));
    });

    it('cuts, clears and goes on in the order of the calls', async () => {
      const { camera, simulator } = await simulate();
      const cut = first(engine.speak([camera], marked(5_000, 0xa1), { owner: 'me' }));
      const cleared = first(engine.speak([camera], marked(100, 0xa2), { owner: 'me' }));
      const others = first(engine.speak([camera], marked(100, 0xa3), { owner: 'somebody' }));
      await eventually(() => (simulator.sessions[0]?.packetCount ?? 0) > 5, 'the clip');
      await engine.stop(camera, 'me');
      assert.deepEqual(await Promise.all([cut, cleared]), Array(2).fill({ outcome: 'cut', by: 'stop' }));
      assert.equal((await others).outcome, 'spoken');
      const skipped = first(engine.speak([camera], marked(5_000, 0xa4)));
      await eventually(() => (simulator.sessions.at(-1)?.packetCount ?? 0) > 5, 'the next clip');
      await engine.skip(camera);
      assert.deepEqual(await skipped, { outcome: 'cut', by: 'skip' });
    });

    it('opens ahead of time, tells those who registered, and closes', async () => {
      const { camera, simulator } = await simulate({}, { idleMs: 5_000 });
      const heard: SessionState[] = [];
      const leave = engine.register(camera, 'me', (state) => heard.push(state));
      assert.equal(engine.sessionState(camera), 'closed');
      await engine.connect(camera);
      await eventually(() => engine.sessionState(camera) === 'kept', 'the kept session');
      const { report } = (await first(engine.speak([camera], marked(100)))) as Extract<TalkOutcome, { report: object }>;
      assert.equal(report.session, 'reused');
      await engine.disconnect(camera);
      await eventually(() => engine.sessionState(camera) === 'closed', 'the end');
      assert.deepEqual(heard, ['kept', 'talking', 'kept', 'closed']);
      assert.equal(simulator.sessions.length, 1);
      await leave();
    });

    it('takes a camera out of use with the last who leaves', async () => {
      const { camera } = await simulate();
      const leave = engine.register(camera, 'me');
      assert.throws(() => engine.register({ ...camera, password: 'other' }, 'you'), coded('TALK_ERR_ARGUMENT'));
      const speaking = first(engine.speak([camera], marked(5_000)));
      await eventually(() => engine.sessionState(camera) === 'talking', 'the clip');
      const gone = assert.rejects(speaking, coded('TALK_ERR_CLOSED'));
      await leave();
      await gone;
      await leave();
      const other = engine.register({ ...camera, password: 'other' }, 'you');
      await assert.rejects(first(engine.speak([camera], marked(100))), coded('TALK_ERR_ARGUMENT'));
      await other();
      assert.equal((await first(engine.speak([camera], marked(100)))).outcome, 'spoken');
    });

    it('asks the web interface, and passes its refusals on', async () => {
      const { camera } = await simulate({ httpPort: 0, web: simulatorWeb() });
      const volume = await engine.control(camera, 'speaker', 30);
      assert.deepEqual(volume, { volume: 30, mute: false });
      await assert.rejects(engine.control(camera, 'dance'), coded('TALK_ERR_ARGUMENT'));
      const circular: Record<string, unknown> = {};
      circular['self'] = circular;
      const list: unknown[] = [];
      list.push(list, list, list);
      for (const argument of [circular, { method: 'get', list }]) {
        await assert.rejects(engine.control(camera, 'request', argument), coded('TALK_ERR_ARGUMENT'));
      }
    });

    it('probes, rings and checks the sound, step by step', async () => {
      const { camera } = await simulate({ microphone: { delayMs: 120 } }, { mode: 'full_duplex', packetBytes: 1_024 });
      const told: string[] = [];
      const steps = await engine.probe(camera, { onStep: ({ name }) => void told.push(name) });
      assert.deepEqual(
        told,
        steps.map(({ name }) => name),
      );
      assert.equal((await engine.chime(camera)).key, 'chime.ok');
      const checked: string[] = [];
      const verdict = await engine.checkSound(camera, { onStep: (step) => void checked.push(step) });
      assert.equal(verdict.verdict, 'heard');
      assert.deepEqual(checked.slice(-2), ['playing', 'measuring']);
    });

    it('tunes, tells its progress and stops with its signal', async () => {
      const { camera } = await simulate();
      const stop = new AbortController();
      const progress: TuneProgress[] = [];
      const tuning = engine.tune(camera, {
        signal: stop.signal,
        onProgress: (step) => {
          progress.push(step);
          stop.abort();
        },
      });
      assert.equal((await rejection(tuning)).code, 'TALK_ERR_ABORTED');
      assert.deepEqual(progress, [{ setting: 'mode', value: camera.mode, done: 0, of: 5 }]);
    });

    it('listens, records and stops', async () => {
      const { camera, simulator } = await simulate();
      const states: ListenState[] = [];
      const chunks: SoundChunk[] = [];
      const microphone = engine.microphone(camera, {
        stream: 'stream1',
        chunkMs: 20,
        onState: (state) => states.push(state),
        onChunk: (chunk) => chunks.push(chunk),
      });
      const listening = microphone.start();
      assert.equal(microphone.start(), listening);
      await eventually(() => chunks.length >= 3, 'chunks');
      assert.ok(chunks.every(({ pcm }) => Buffer.isBuffer(pcm) && pcm.length === 320));
      const recording = await microphone.record({ until: 'full', seconds: 0.2 });
      assert.deepEqual([recording.ended, recording.pcm.length], ['full', 3_200]);
      await microphone.stop();
      await listening;
      assert.equal(simulator.streams[0]?.end, 'teardown');
      assert.deepEqual(
        states.map(({ name }) => name).filter((name, n, all) => name !== all[n - 1]),
        ['connecting', 'authenticating', 'opening', 'listening', 'stopped'],
      );
      void microphone.start();
      await eventually(() => states.at(-1)?.name === 'listening', 'another session');
      const stopping = microphone.stop();
      const again = microphone.start();
      await stopping;
      const before = chunks.length;
      await eventually(() => chunks.length > before + 10, 'sound after a stop and a start at once');
      await microphone.destroy();
      await again;
    });

    it('says what cannot be listened to', async () => {
      const { camera } = await simulate();
      const refused = async (): Promise<void> => {
        await engine.microphone(camera, { stream: 'stream1', chunkMs: 1 }).start();
      };
      await assert.rejects(refused, coded('TALK_ERR_ARGUMENT'));
      const abort = new AbortController();
      const recording = engine
        .microphone(camera, { stream: 'stream1', chunkMs: 20 })
        .record({ until: 'full', seconds: 5 }, abort.signal);
      abort.abort();
      await assert.rejects(recording, coded('TALK_ERR_ABORTED'));
    });

    it('lets what was accepted end when it is closed, and refuses the rest', async () => {
      const { camera, simulator } = await simulate();
      const speaking = first(engine.speak([camera], marked(300)));
      const closing = engine.close();
      await assert.rejects(engine.speak([camera], marked(100)), coded('TALK_ERR_ABORTED'));
      assert.throws(() => engine.register(camera, 'late'), coded('TALK_ERR_ABORTED'));
      assert.equal((await speaking).outcome, 'spoken');
      await closing;
      assert.deepEqual(marksIn(await simulator.waitForTalkEnd()), [[MARK, 300]]);
      await engine.close();
    });

    it('tells everybody who waits when it is destroyed', async () => {
      const { camera } = await simulate();
      const speaking = [first(engine.speak([camera], marked(5_000))), first(engine.speak([camera], marked(100)))];
      const listening = engine.microphone(camera, { stream: 'stream1', chunkMs: 20 }).start();
      await eventually(() => engine.sessionState(camera) === 'talking', 'the clip');
      const ends = [...speaking, listening].map((promise) => assert.rejects(promise, coded('TALK_ERR_ABORTED')));
      await engine.destroy();
      await Promise.all(ends);
      await engine.destroy();
    });

    it('can be warmed up', async () => {
      await engine.warmUp();
    });
  });
}
