// The loudspeaker's volume over the clips of a line: set, shared, given back, and never a reason to hang or to be silent. The web interface is fake.
import assert from 'node:assert/strict';
import { TalkError } from '../../src/errors.js';
import { Line } from '../../src/talk/line.js';
import type { TalkOutcome } from '../../src/talk/states.js';
import type { RequestOptions, WebRequester } from '../../src/webapi/client.js';
import type { JsonObject } from '../../src/webapi/json.js';
import { coded, noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { clipOf, FakeSessions, testCamera } from '../helpers/fake-session.js';

/** A camera's loudspeaker behind its web interface. */
class Loudspeaker implements WebRequester {
  volume = 30;
  /** Every volume that was set, in order. */
  readonly history: number[] = [];
  delayMs = 0;
  broken: TalkError | undefined;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async request(json: JsonObject, options: RequestOptions = {}): Promise<JsonObject> {
    await this.#clock.wait(this.delayMs, options.signal);
    if (this.broken !== undefined) throw this.broken;
    const asked = JSON.parse(JSON.stringify(json)) as {
      method: string;
      audio_config: { speaker?: { volume: string } };
    };
    if (asked.method === 'set') {
      this.volume = Number(asked.audio_config.speaker?.volume);
      this.history.push(this.volume);
    }
    return { error_code: 0, audio_config: { speaker: { volume: String(this.volume) } } };
  }
}

describe('speaker volume', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let sessions: FakeSessions;
  let loudspeaker: Loudspeaker;
  let warnings: TalkError[];
  let line: Line;

  beforeEach(() => {
    clock = new FakeClock();
    sessions = new FakeSessions(clock);
    loudspeaker = new Loudspeaker(clock);
    warnings = [];
    line = new Line('cam:554', {
      clock,
      openSession: sessions.open,
      answers: sessions.answers,
      webApi: () => loudspeaker,
    });
  });

  afterEach(async () => {
    const ending = watch(line.destroy());
    await clock.advance(120_000);
    assert.equal(ending.state, 'fulfilled');
    assert.equal(clock.pending, 0, 'something still waits on the clock');
  });

  function say(speakerVolume: number | undefined, ms = 500): Watched<TalkOutcome> {
    return watch(
      line.speak({
        camera: testCamera({ idleMs: 1_000 }),
        clip: clipOf(ms),
        priority: 0,
        whenBusy: 'queue',
        maxQueue: 20,
        retries: 0,
        retrySeconds: 120,
        maxWaitSeconds: 180,
        owner: '',
        speakerVolume,
        onWarning: (warning) => warnings.push(warning),
        preparation: { cached: false, warnings: [] },
        onState: () => undefined,
      }),
    );
  }

  it('is set before the first sound and given back after the last', async () => {
    loudspeaker.delayMs = 150;
    const spoken = say(80);
    await clock.advance(299);
    assert.ok(sessions.last.sent.every(({ bytes }) => bytes.every((byte) => byte === 0xd5)));
    await clock.advance(1);
    assert.equal(loudspeaker.volume, 80);
    await clock.advance(2_000);
    assert.equal(spoken.value?.outcome, 'spoken');
    assert.equal(loudspeaker.volume, 30);
    assert.deepEqual(loudspeaker.history, [80, 30]);
    assert.deepEqual(warnings, []);
  });

  it('is set once for clips in a row, and changed where they differ', async () => {
    const all = [say(80), say(80), say(50), say(undefined), say(50)];
    await clock.advance(10_000);
    assert.ok(all.every(({ value }) => value?.outcome === 'spoken'));
    assert.deepEqual(loudspeaker.history, [80, 50, 30, 50, 30]);
  });

  it('is left alone by clips that do not ask', async () => {
    say(undefined);
    await clock.advance(2_000);
    assert.deepEqual(loudspeaker.history, []);
  });

  it('does not keep the clip from being said when the web interface refuses, and warns', async () => {
    loudspeaker.broken = new TalkError('TALK_ERR_LOGIN', 'refused', { camera: 'cam:80' });
    const spoken = say(80);
    await clock.advance(2_000);
    assert.equal(spoken.value?.outcome, 'spoken');
    assert.equal(warnings.length, 1);
    coded('TALK_ERR_LOGIN', /left alone/)(warnings[0]);
  });

  it('is not waited for longer than 2 s', async () => {
    loudspeaker.delayMs = 10_000;
    const spoken = say(80);
    await clock.advance(2_000 + 40 + 500);
    assert.equal(spoken.value?.outcome, 'spoken');
    // What was set late is set back all the same.
    await clock.advance(60_000);
    assert.equal(loudspeaker.volume, 30);
  });

  it('does not delay a stop', async () => {
    loudspeaker.delayMs = 10_000;
    const spoken = say(80);
    await clock.advance(500);
    line.stop('');
    await settle();
    assert.equal(spoken.value?.outcome, 'cut');
  });

  it('is given back when the line is destroyed in the middle', async () => {
    loudspeaker.delayMs = 10;
    say(80, 5_000);
    await clock.advance(1_000);
    assert.equal(loudspeaker.volume, 80);
    const ending = watch(line.destroy());
    await clock.advance(1_000);
    assert.equal(ending.state, 'fulfilled');
    assert.equal(loudspeaker.volume, 30);
  });

  it('does not hold up destroy beyond what Node-RED grants', async () => {
    // A web interface that is out of reach: each request takes its whole time-out.
    loudspeaker.delayMs = 13_000;
    loudspeaker.broken = new TalkError('TALK_ERR_TIMEOUT', 'no answer');
    say(80, 5_000);
    await clock.advance(1_000);
    const ending = watch(line.destroy());
    await clock.advance(10_000);
    assert.equal(ending.state, 'fulfilled', 'destroy waits for a web interface that does not answer');
  });

  it('survives a listener that throws', async () => {
    loudspeaker.broken = new TalkError('TALK_ERR_LOGIN', 'refused');
    const spoken = watch(
      line.speak({
        camera: testCamera(),
        clip: clipOf(100),
        priority: 0,
        whenBusy: 'queue',
        maxQueue: 20,
        retries: 0,
        retrySeconds: 120,
        maxWaitSeconds: 180,
        owner: '',
        speakerVolume: 80,
        onWarning: () => {
          throw new Error('a listener of somebody else');
        },
        preparation: { cached: false, warnings: [] },
        onState: () => undefined,
      }),
    );
    await clock.advance(5_000);
    assert.equal(spoken.value?.outcome, 'spoken');
  });
});
