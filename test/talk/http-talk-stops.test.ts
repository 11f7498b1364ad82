// A thousand clips on cameras of the HTTP talk that misbehave, each ended in one of the ways a talk can end: a stop is heard in every talk that a camera can still hear.
import assert from 'node:assert/strict';
import { audioSources } from '../../src/audio/source.js';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import { SimulatedCamera, type Behavior, type BehaviorConnection } from '../../src/simulator/index.js';
import { Session } from '../../src/talk/session.js';
import { StallWatch } from '../../src/talk/stall-watch.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { atRest, openSockets, passingAtRest, unreadBytes } from '../helpers/loopback.js';
import { marked } from '../helpers/marked-clips.js';
import { randomNumbers } from '../helpers/random.js';

const PASSWORD = 'stops-Secret1';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
const CLIPS = 1_000;
/** In one life of a pool. */
const CLIPS_OF_A_POOL = 20;
const LONGEST_MS = 600_000;
const OWNER = 'a node';

/** What may go wrong in a clip, at most once. */
const FAULTS: Readonly<Record<string, Omit<Behavior, 'name'>>> = {
  none: {},
  'hangs up': { onPacket: (count, connection) => (count === 8 ? connection.end() : undefined) },
  resets: { onPacket: (count, connection) => (count === 8 ? connection.reset() : undefined) },
  garbage: { onPacket: (count, connection) => (count === 8 ? connection.write(Buffer.alloc(2_000_000, 'x')) : undefined) }, // prettier-ignore
  busy: { onTalkRequest: () => -52_411 },
  'silent at the talk request': { onTalkRequest: () => 'silent' },
  'silent at the stop': { onTalkStop: () => 'silent' },
  'closes at once': { onConnect: (connection) => connection.end() },
};
/** How somebody ends what is being said. */
const ENDS = ['spoken', 'spoken', 'signal', 'stop', 'skip', 'leave', 'kept', 'disconnect'] as const;

class Life {
  readonly clock = new FakeClock();
  readonly camera: SimulatedCamera;
  readonly pool: Pool;
  /** Talks that were opened, those whose stop was heard, and those that the camera ended. */
  readonly talks = { opened: 0, stopped: 0, byCamera: 0 };
  fault: Omit<Behavior, 'name'> = {};
  readonly #random: () => number;
  #open = new Set<number>();

  constructor(random: () => number) {
    this.#random = random;
    const { clock } = this;
    this.camera = new SimulatedCamera({ family: 'tapo', clock, password: PASSWORD, behaviors: [this.#behavior()] }); // prettier-ignore
    const stallWatch = new StallWatch(clock, unreadBytes);
    this.pool = new Pool({ clock, openSession: (one, deps, how) => Session.open(one, { ...deps, stallWatch }, how) });
  }

  #behavior(): Behavior {
    const byCamera = ({ number }: BehaviorConnection): void => {
      if (this.#open.delete(number)) this.talks.byCamera += 1;
    };
    return {
      name: 'one of many',
      onConnect: (connection) => this.fault.onConnect?.(connection),
      onTalkRequest: (mode, connection) => this.fault.onTalkRequest?.(mode, connection),
      onTalkOpen: ({ number }) => {
        this.talks.opened += 1;
        this.#open.add(number);
      },
      onTalkStop: (connection) => {
        if (this.#open.delete(connection.number)) this.talks.stopped += 1;
        return this.fault.onTalkStop?.(connection);
      },
      onPacket: (count, connection) => {
        // Ended by the camera, whatever is said to it from now on.
        if (this.fault === FAULTS['hangs up'] && count === 8) byCamera(connection);
        if (this.fault === FAULTS['resets'] && count === 8) byCamera(connection);
        this.fault.onPacket?.(count, connection);
      },
    };
  }

  passing<T>(promise: Promise<T>): Promise<T> {
    return passingAtRest(this.clock, promise, LONGEST_MS);
  }

  async run(): Promise<void> {
    const { streamPort } = await this.camera.start();
    const camera = cameraOptions({ host: '127.0.0.1', streamPort, dialect: 'tapo', password: PASSWORD, leadInMs: 100, drainMs: 100, idleMs: 300 }); // prettier-ignore
    let leave = this.pool.register(camera, OWNER);
    for (let n = 0; n < CLIPS_OF_A_POOL; n++) {
      this.fault = pick(this.#random, Object.values(FAULTS)) ?? {};
      const end = pick(this.#random, ENDS) ?? 'spoken';
      await this.passing(this.#clip(camera, end, () => leave()));
      if (end === 'leave') leave = this.pool.register(camera, OWNER);
    }
    // The last one is cut by the end of all: half of the pools are closed, half destroyed.
    this.fault = {};
    const last = this.#speak(camera);
    await this.passing(this.clock.wait(700));
    await this.passing(this.#random() < 0.5 ? this.pool.close() : this.pool.destroy());
    await this.passing(last);
    await this.passing(this.pool.destroy());
    await atRest();
    await this.passing(this.#gone());
    await this.camera.stop();
  }

  async #gone(): Promise<void> {
    while (this.camera.connections > 0) await this.clock.wait(1);
  }

  async #clip(camera: CameraOptions, end: (typeof ENDS)[number], leave: () => Promise<void>): Promise<void> {
    const abort = new AbortController();
    const spoken = this.#speak(camera, abort.signal);
    if (end === 'spoken' || end === 'kept') {
      await spoken;
      // The session is kept for 300 ms.
      await this.clock.wait(end === 'kept' ? 100 : 1_000);
      return;
    }
    // Anywhere between the first request and the last sound.
    await this.clock.wait(this.#random() * 700);
    if (end === 'signal') abort.abort();
    if (end === 'stop') await this.pool.stop(camera, OWNER);
    if (end === 'skip') await this.pool.skip(camera);
    if (end === 'leave') await leave();
    if (end === 'disconnect') await this.pool.disconnect(camera);
    await spoken;
  }

  async #speak(camera: CameraOptions, signal?: AbortSignal): Promise<void> {
    const options = { owner: OWNER, retrySeconds: 3, ...(signal === undefined ? {} : { signal }) };
    const results = await this.pool.speak([camera], audioSources(marked(0xa1, 600), ALAW), options).catch(() => []);
    assert.ok(results.length <= 1);
  }
}

function pick<T>(random: () => number, choices: readonly T[]): T | undefined {
  return choices[Math.floor(random() * choices.length)];
}

describe('a thousand clips of the HTTP talk', function () {
  this.timeout(600_000);

  it('each talk is stopped', async () => {
    const random = randomNumbers(14);
    const all = { opened: 0, stopped: 0, byCamera: 0 };
    for (let n = 0; n < CLIPS / CLIPS_OF_A_POOL; n++) {
      const life = new Life(random);
      await life.run();
      assert.deepEqual(life.camera.violations, [], `pool ${n}`);
      assert.equal(life.clock.pending, 0, 'something still waits on the clock');
      assert.equal(openSockets(), 0, 'a socket is left');
      for (const key of ['opened', 'stopped', 'byCamera'] as const) all[key] += life.talks[key];
    }
    assert.ok(all.opened > 300 && all.byCamera > 20, JSON.stringify(all));
    assert.equal(all.stopped + all.byCamera, all.opened, JSON.stringify(all));
  });
});
