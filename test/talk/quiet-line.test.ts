// Quiet hours on a camera's line: judged when a clip's turn comes, on a fake clock with fake sessions and a time of day of its own.
import assert from 'node:assert/strict';
import type { CameraOptions } from '../../src/camera-options.js';
import { TalkError } from '../../src/errors.js';
import { Clip } from '../../src/sound/clip.js';
import { decodeAlaw } from '../../src/sound/g711.js';
import type { ClipJob } from '../../src/talk/clip-job.js';
import { Line } from '../../src/talk/line.js';
import type { TalkOutcome, TalkState } from '../../src/talk/states.js';
import { noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { FakeSessions, SILENCE, testCamera } from '../helpers/fake-session.js';

/** Loud enough that a step of A-law is far less than 1 dB. */
const LOUD = 0xa6;
const NIGHT = { quietFrom: '22:00', quietTo: '07:00' };
const SOFTER = testCamera({ ...NIGHT, quietMode: 'softer' });
const SILENT = testCamera({ ...NIGHT, quietMode: 'silent' });

describe('quiet hours of a line', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let sessions: FakeSessions;
  let time: string;
  let line: Line;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new FakeSessions(clock);
    time = '23:00';
    line = new Line('cam:554', {
      clock,
      openSession: sessions.open,
      answers: sessions.answers,
      webApi: () => ({ request: () => Promise.reject(new TalkError('TALK_ERR_CONNECT', 'No web interface')) }),
      timeOfDay: () => new Date(`2026-11-30T${time}:00`),
    });
  });

  afterEach(async () => {
    const ending = watch(line.destroy());
    await clock.advance(60_000);
    assert.deepEqual([ending.state, clock.pending, sessions.alive.length], ['fulfilled', 0, 0]);
  });

  type Said = Watched<TalkOutcome> & { readonly states: TalkState['name'][] };

  function say(camera: CameraOptions, options: Partial<ClipJob> = {}, ms = 100): Said {
    const clip = new Clip({ live: false });
    clip.append(Buffer.alloc(ms * 8, LOUD));
    clip.end();
    const states: TalkState['name'][] = [];
    const watched = watch(
      line.speak({
        ...{ camera, clip, priority: 0, whenBusy: 'queue', maxQueue: 20, retrySeconds: 120, maxWaitSeconds: 180 },
        ...{ owner: 'node', preparation: { cached: false, warnings: [] }, onState: ({ name }) => states.push(name) },
        ...options,
      }),
    );
    return Object.assign(watched, { states });
  }

  /** Levels on the wire against the clip's own, dB: one for each stretch. */
  function levels(): number[] {
    const codes = [...Buffer.concat(sessions.opened.map(({ bytes }) => bytes))];
    const stretches = codes.filter((code, i) => code !== SILENCE && code !== codes[i - 1]);
    const [full = 0] = decodeAlaw(Uint8Array.of(LOUD));
    return [...decodeAlaw(Uint8Array.from(stretches))].map((sample) => 20 * Math.log10(sample / full));
  }

  const ended = ({ value, error }: Said): unknown => value?.outcome ?? error;
  const quietGain = ({ value }: Said): unknown => value?.outcome === 'spoken' && value.report.quietGain;

  it('silent: kept back at once, without a connection', async () => {
    const said = say(SILENT);
    await clock.advance(0);
    assert.deepEqual([said.value, said.states, sessions.asked], [{ outcome: 'quiet' }, ['quiet'], []]);
  });

  it('softer: within 1 dB, and the report says by how much', async () => {
    const said = say(SOFTER);
    await clock.advance(1_000);
    assert.deepEqual([ended(said), quietGain(said)], ['spoken', -12]);
    const [level = 0, ...more] = levels();
    assert.ok(Math.abs(level + 12) < 1, String(level));
    assert.deepEqual(more, []);
  });

  for (const camera of [SOFTER, SILENT]) {
    it(`${camera.quietMode}: as usual by day, and from its priority on`, async () => {
      const urgent = say(camera, { priority: 10 });
      await clock.advance(1_000);
      time = '12:00';
      const byDay = say(camera);
      await clock.advance(1_000);
      assert.deepEqual([urgent, byDay].map(ended), ['spoken', 'spoken']);
      assert.deepEqual([urgent, byDay].map(quietGain), [undefined, undefined]);
      assert.deepEqual(levels(), [0, 0]);
    });
  }

  it('is judged when the turn comes, not when the clip does', async () => {
    time = '06:59';
    const [alarm, morning] = [say(SILENT, { priority: 10 }, 1_000), say(SILENT)];
    await clock.advance(500);
    time = '07:00';
    await clock.advance(1_500);
    assert.deepEqual([alarm, morning].map(ended), ['spoken', 'spoken']);
    time = '21:59';
    const [evening, late] = [say(SILENT, {}, 1_000), say(SILENT)];
    await clock.advance(500);
    time = '22:00';
    await clock.advance(1_500);
    assert.deepEqual([evening, late].map(ended), ['spoken', 'quiet']);
    assert.deepEqual(late.states, ['waiting', 'quiet']);
  });

  it('of two camera nodes for one camera each clip has its own', async () => {
    const said = [say(testCamera(), {}, 300), say(SILENT), say(SOFTER), say(testCamera())];
    await clock.advance(3_000);
    assert.deepEqual(said.map(ended), ['spoken', 'quiet', 'spoken', 'spoken']);
    assert.deepEqual(levels().map(Math.round), [0, -12, 0]);
    assert.equal(sessions.opened.length, 1);
  });

  for (const whenBusy of ['interrupt', 'replace'] as const) {
    it(`what is kept back cuts nothing: ${whenBusy}`, async () => {
      const [alarm, waiting] = [say(SILENT, { priority: 10 }, 1_000), say(SILENT, { priority: 10 })];
      await clock.advance(200);
      const other = say(SILENT, { whenBusy, priority: 9 });
      const current = say(testCamera(), { whenBusy: 'queue' });
      await clock.advance(3_000);
      assert.deepEqual([alarm, waiting, other, current].map(ended), ['spoken', 'spoken', 'quiet', 'spoken']);
    });

    it(`what is made softer cuts as usual: ${whenBusy}`, async () => {
      const first = say(SOFTER, {}, 1_000);
      await clock.advance(200);
      const other = say(SOFTER, { whenBusy });
      await clock.advance(2_000);
      assert.deepEqual([first.value, ended(other)], [{ outcome: 'cut', by: whenBusy }, 'spoken']);
    });
  }

  it('a camera that is away: kept back without waiting for it, and when the hours begin meanwhile', async () => {
    sessions.refusing = 'TALK_ERR_CONNECT';
    time = '21:59';
    const early = say(SILENT);
    await clock.advance(5_000);
    time = '22:00';
    const late = say(SILENT);
    await clock.advance(20_000);
    assert.deepEqual([early, late].map(ended), ['quiet', 'quiet']);
    sessions.refusing = undefined;
    const alarm = say(SILENT, { priority: 10 });
    await clock.advance(20_000);
    assert.equal(ended(alarm), 'spoken');
  });

  it('an attempt after the hours have begun is softer, though the one before was not', async () => {
    sessions.openings.push({ error: 'TALK_ERR_BUSY' });
    time = '21:59';
    const said = say(SOFTER);
    await clock.advance(500);
    time = '22:00';
    await clock.advance(5_000);
    assert.deepEqual([ended(said), quietGain(said), levels().map(Math.round)], ['spoken', -12, [-12]]);
  });
});
