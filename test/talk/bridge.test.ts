// A bridge: live sound that need not end, from its pieces to one or more cameras. Lines are real, sessions are fake, time is the test's.
import assert from 'node:assert/strict';
import { PreparedCache } from '../../src/audio/cache.js';
import { Memory } from '../../src/audio/memory.js';
import type { AudioSource } from '../../src/audio/source.js';
import { cameraKey } from '../../src/camera-options.js';
import type { Clip } from '../../src/sound/clip.js';
import { announce } from '../../src/talk/announce.js';
import { Line } from '../../src/talk/line.js';
import { speakOptions, type SpeakOptions } from '../../src/talk/options.js';
import type { TalkOutcome } from '../../src/talk/states.js';
import type { WebRequester } from '../../src/webapi/client.js';
import { noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { FakeSessions, SILENCE, testCamera } from '../helpers/fake-session.js';

const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
const PIECE_MS = 100;
/** Pieces are told apart by their byte, of which this many are no silence. */
const MARKS = 199;

type Announced = Watched<PromiseSettledResult<TalkOutcome>[]>;

describe('a bridge', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let sessions: FakeSessions[];
  let lines: Map<string, Line>;
  let clip: Clip;
  let end: AbortController;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = [];
    lines = new Map();
    end = new AbortController();
  });

  afterEach(async () => {
    end.abort();
    const ended = watch(Promise.all([...lines.values()].map((line) => line.destroy())));
    await clock.advance(10_000);
    assert.equal(ended.state, 'fulfilled', 'a line does not come to an end');
    assert.equal(clock.pending, 0, 'something still waits on the clock');
  });

  /** Pieces at so many times the pace of time, until `end`. */
  async function* pieces(pace: number): AsyncGenerator<Buffer> {
    for (let index = 0; !end.signal.aborted; index++) {
      yield Buffer.alloc(PIECE_MS * 8, 1 + (index % MARKS));
      await clock.wait(PIECE_MS / pace, end.signal).catch(() => undefined);
    }
  }

  /** On so many cameras with a packet of 20 ms. */
  function say(source: AudioSource, cameras = 1, options: SpeakOptions = {}): Announced {
    const to = Array.from({ length: cameras }, (_, index) => testCamera({ host: `cam${index}` }));
    const lineOf = (camera: (typeof to)[number]): Line => {
      const key = cameraKey(camera);
      const known = lines.get(key);
      if (known !== undefined) return known;
      const factory = new FakeSessions(clock);
      sessions.push(factory);
      const { open: openSession, answers } = factory;
      const webApi = (): WebRequester => ({
        request: () => Promise.reject(new Error('No web interface in this test')),
      });
      const line = new Line(key, { clock, openSession, answers, webApi });
      const speak = line.speak.bind(line);
      line.speak = (job) => speak({ ...job, clip: (clip = job.clip) });
      lines.set(key, line);
      return line;
    };
    return watch(
      announce(to, [source], speakOptions(options), {
        clock,
        cache: new PreparedCache(),
        memory: new Memory(),
        lineOf,
      }),
    );
  }
  const bridge = (pace = 1): AudioSource => ({ kind: 'live', chunks: pieces(pace), format: ALAW, bridge: true });

  function outcome(said: Announced, camera = 0): Extract<TalkOutcome, { outcome: 'spoken' }>['report'] {
    const result = said.value?.[camera];
    if (result?.status !== 'fulfilled' || result.value.outcome !== 'spoken') assert.fail(JSON.stringify(result));
    return result.value.report;
  }

  /** Runs of pieces without one left out, as `first-last`; what one camera heard on all its sessions. */
  function heard(camera = 0): string[] {
    const bytes = Buffer.concat((sessions[camera]?.opened ?? []).map((session) => session.bytes));
    const marks = [...bytes].filter((byte, index) => byte !== SILENCE && byte !== bytes[index - 1]);
    const runs: [number, number][] = [];
    for (const mark of marks) {
      const last = runs.at(-1);
      const step = (mark - 1 - ((last?.[1] ?? 0) % MARKS) + MARKS) % MARKS;
      const index = (last?.[1] ?? 0) + step;
      if (last !== undefined && step <= 1) last[1] = index;
      else runs.push([index, index]);
    }
    return runs.map(([from, to]) => `${from}-${to}`);
  }

  const heardMs = (camera = 0): number =>
    (sessions[camera]?.opened ?? []).reduce(
      (sum, { bytes }) => sum + bytes.filter((byte) => byte !== SILENCE).length / 8,
      0,
    );

  function assertOnTheBeat(camera: number): void {
    for (const { sent, profile } of sessions[camera]?.opened ?? []) {
      sent.forEach(({ at }, index) => {
        assert.ok(Math.abs(at - (sent[0]?.at ?? 0) - index * profile.frameMs) < 0.01, `packet ${index} off the beat`);
      });
    }
  }

  it('of ten minutes on three cameras: continuous, on the beat, in bounded memory, however short the longest clip is', async () => {
    const said = say(bridge(), 3, { maxSeconds: 5 });
    const held: number[] = [];
    for (let second = 0; second < 600; second++) {
      await clock.advance(1_000);
      held.push(clip.heldBytes);
    }
    end.abort();
    await clock.advance(2_000);
    for (const camera of [0, 1, 2]) {
      assert.match(heard(camera).join(), /^0-(5999|6000)$/);
      assert.ok(outcome(said, camera).seconds >= 599.9);
      assert.deepEqual([outcome(said, camera).slips, outcome(said, camera).warnings], [0, undefined]);
      assertOnTheBeat(camera);
    }
    assert.ok(Math.max(...held) <= 16_384, `${Math.max(...held)} bytes held`);
  });

  it('faster than time: what waits is bounded by the longest clip, and the report warns once of what was left out', async () => {
    const said = say(bridge(4), 1, { maxSeconds: 20 });
    await clock.advance(120_000);
    assert.ok(clip.available - clip.first <= 160_000, `${clip.available - clip.first} bytes wait`);
    assert.ok(clip.heldBytes <= 320_000 + 800, `${clip.heldBytes} bytes held`);
    end.abort();
    await clock.advance(30_000);
    const { seconds, warnings = [] } = outcome(said);
    assert.ok(Math.abs(seconds * 1_000 - heardMs()) < 1, `${seconds} s reported, ${heardMs()} ms heard`);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^\d+\.\d s of the live sound were too old to be said and were left out$/);
    // It takes 20 s / 3 until 20 s more have come than were said.
    assert.ok(heard().length <= 1 + 120 / 6.6, heard().join());
  });

  it('faster than time and not longer than the longest clip: whole', async () => {
    const said = say(bridge(20), 1, { maxSeconds: 20 });
    await clock.advance(1_000);
    end.abort();
    await clock.advance(30_000);
    assert.deepEqual([heard().length, outcome(said).warnings], [1, undefined]);
    assert.ok(outcome(said).seconds >= 19.9);
  });

  for (const [ms, late] of [
    [3_000, false],
    [15_000, true],
  ] as const) {
    it(`that waits ${ms} ms behind a clip ${late ? 'begins with what is current' : 'is said whole'}`, async () => {
      say({ kind: 'bytes', bytes: Buffer.alloc(ms * 8, 250), format: ALAW });
      await clock.advance(20);
      say(bridge());
      await clock.advance(60_000);
      const first = sessions[0]?.opened[0]?.bytes ?? Buffer.alloc(0);
      const mark = first.subarray(ms * 8).find((byte) => byte !== SILENCE && byte !== 250) ?? 0;
      assert.ok(late ? Math.abs(mark - ms / PIECE_MS) <= 2 : mark === 1, `begins with piece ${mark - 1}`);
    });
  }

  it('after a time in which nothing ran goes on with what is current, and no later than before', async () => {
    const said = say(bridge());
    await clock.advance(10_000);
    // The microphone went on: what it heard comes at once.
    for (let behind = 0; behind < 80; behind++) clip.append(Buffer.alloc(PIECE_MS * 8, 250));
    clock.stall(8_000);
    await clock.advance(10_000);
    assert.ok(heardMs() < 20_100, `${heardMs()} ms`);
    end.abort();
    await clock.advance(1_000);
    assert.ok((outcome(said).warnings ?? []).length <= 1);
    assert.ok(clip.available / 8 - heardMs() > 7_000, 'what is old is left out');
  });

  for (const kind of ['bridge', 'clip'] as const) {
    it(`three cameras, one away for a while, a ${kind}: two begin at once, the late one speaks alone, all end before the report`, async () => {
      const ms = kind === 'clip' ? 5_000 : 30_000;
      const source =
        kind === 'bridge' ? bridge() : { kind: 'bytes' as const, bytes: Buffer.alloc(ms * 8, 7), format: ALAW };
      const start = clock.now();
      const said = say(source, 3);
      const away = sessions[1] ?? assert.fail();
      away.refusing = 'TALK_ERR_CONNECT';
      await clock.advance(8_000);
      away.refusing = undefined;
      away.answering = true;
      assert.equal(said.state, 'pending');
      for (const camera of [0, 2]) assert.ok((sessions[camera]?.opened[0]?.openedAt ?? Infinity) - start < 1_000);
      await clock.advance(kind === 'clip' ? 2_000 : 22_000);
      assert.equal(said.state, 'pending', 'the late one still speaks');
      end.abort();
      await clock.advance(5_000);
      for (const camera of [0, 2]) assert.ok(Math.abs(heardMs(camera) - ms) <= PIECE_MS, `${heardMs(camera)} ms`);
      assert.ok(heardMs(1) >= (kind === 'clip' ? ms : 20_000), `${heardMs(1)} ms by the late one`);
      assert.equal(outcome(said, 1).seconds, heardMs(1) / 1_000);
      if (kind === 'bridge') assert.match(heard(1)[0] ?? '', /^[89]\d-/, 'it begins with what is current');
    });
  }
});
