// One simulated camera with one behavior, a real pool, and clips that can be told apart: what became of each, and whether it is true.
import { audioSources } from '../../src/audio/source.js';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import { isTalkError } from '../../src/errors.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { Session } from '../../src/talk/session.js';
import { StallWatch } from '../../src/talk/stall-watch.js';
import type { TalkOutcome, TalkState } from '../../src/talk/states.js';
import { unreadBytes } from '../helpers/loopback.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { timeless } from '../helpers/violations.js';
import type { Time } from './time.js';

const PASSWORD = 'faults-Secret1';
export const OWNER = 'a node';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
/** A-law codes that are no silence, one for each clip. */
const CODES = [0xa1, 0xb1, 0xb2, 0xb4, 0xb8, 0x91, 0x92] as const;
/** Long enough for the pauses after three failures, s. */
const RETRY_SECONDS = 10;
const ENDS: ReadonlySet<TalkState['name']> = new Set(['finished', 'stopped', 'failed']);

/** By MULTITRANS, or over HTTP. */
export const FAMILIES = ['multitrans', 'tapo'] as const;
export type Family = (typeof FAMILIES)[number];

export interface Spoken {
  readonly states: TalkState['name'][];
  readonly ended: Promise<void>;
  /** `heard`, `cut`, an error's code without its prefix, or what is wrong. */
  outcome: string;
}

interface Clip extends Spoken {
  readonly code: number;
  readonly ms: number;
  ends: number;
}

export class Stage {
  readonly time: Time;
  readonly camera: CameraOptions;
  readonly pool: Pool;
  readonly simulator: SimulatedCamera;
  readonly clips: Clip[] = [];
  /** What the recording ended with. */
  recorded: string | undefined;
  readonly #changes = new Set<() => void>();
  #leave: () => Promise<void> = () => Promise.resolve();

  private constructor(time: Time, simulator: SimulatedCamera) {
    this.time = time;
    this.simulator = simulator;
    // What the camera has taken is what it has read, not what the system keeps for it.
    const stallWatch = new StallWatch(time.clock, unreadBytes);
    this.pool = new Pool({
      clock: time.clock,
      openSession: (camera, deps, options) => Session.open(camera, { ...deps, stallWatch }, options),
    });
    const { port, streamPort, family } = simulator;
    const dialect = family === 'tapo' ? 'tapo' : 'auto';
    this.camera = cameraOptions({ host: '127.0.0.1', port, password: PASSWORD, dialect, streamPort: streamPort ?? 1 });
    this.register();
  }

  /** With the behaviors of this list, such as `hang-up:3@1`. */
  static async set(time: Time, family: Family, behaviors: readonly string[]): Promise<Stage> {
    const simulator = new SimulatedCamera({ family, clock: time.clock, password: PASSWORD, behaviors });
    await simulator.start();
    return new Stage(time, simulator);
  }

  register(): void {
    this.#leave = this.pool.register(this.camera, OWNER);
  }

  leave(): Promise<void> {
    return this.time.until(this.#leave());
  }

  speak(ms: number): Spoken {
    const code = CODES[this.clips.length] ?? 0;
    const states: TalkState['name'][] = [];
    const clip: Clip = {
      code,
      ms,
      states,
      ends: 0,
      outcome: '',
      ended: this.#speak(code, ms, states).then((outcome) => this.#end(clip, outcome)),
    };
    this.clips.push(clip);
    return clip;
  }

  /** One recording; its outcome is how long it is. */
  async listen(seconds: number): Promise<void> {
    const recorded = this.pool
      .microphone(this.camera, { stream: 'stream1', chunkMs: 100 })
      .record({ until: 'full', seconds })
      .then(({ seconds: got }) => `${got} s`, codeOf);
    this.recorded = 'hangs';
    this.recorded = await this.time.until(recorded);
  }

  /** What one clip ended with. */
  async #speak(code: number, ms: number, states: TalkState['name'][]): Promise<string> {
    const onState = ({ name }: TalkState): void => {
      states.push(name);
      for (const look of this.#changes) look();
    };
    const sources = audioSources(marked(code, ms), ALAW);
    try {
      const [result] = await this.pool.speak([this.camera], sources, {
        onState,
        owner: OWNER,
        retrySeconds: RETRY_SECONDS,
      });
      if (result?.status === 'fulfilled') return this.#told(result.value);
      return codeOf(result?.reason);
    } catch (error) {
      return codeOf(error);
    }
  }

  #told(outcome: TalkOutcome): string {
    return outcome.outcome === 'spoken' ? 'heard' : 'cut';
  }

  #end(clip: Clip, outcome: string): void {
    clip.outcome = outcome;
    clip.ends += 1;
    for (const look of this.#changes) look();
  }

  /** Until the clip is in one of these states, or has ended. */
  async reaches(clip: Spoken, ...names: readonly TalkState['name'][]): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      const look = (): void => {
        if (clip.outcome === '' && !clip.states.some((name) => names.includes(name))) return;
        this.#changes.delete(look);
        resolve();
      };
      this.#changes.add(look);
      look();
    });
    await this.time.until(reached);
  }

  async end(...clips: readonly Spoken[]): Promise<void> {
    await this.time.until(Promise.all(clips.map(({ ended }) => ended)));
  }

  pass(ms: number): Promise<void> {
    return this.time.until(this.time.clock.wait(ms));
  }

  /** How often a password was sent: answers to different challenges. */
  get logIns(): number {
    const answers = this.simulator.requests.flatMap(({ headers }) =>
      headers.flatMap(([name, value]) =>
        name.toLowerCase() === 'authorization' ? [/nonce="([^"]*)"/.exec(value)?.[1]] : [],
      ),
    );
    return new Set(answers).size;
  }

  /** Ends everything, and says what is not as it must be. */
  async strike(): Promise<string[]> {
    await this.time.until(this.pool.destroy());
    await this.time.until(this.#quiet());
    const { simulator } = this;
    await this.time.until(simulator.stop());
    const wrong = [...(await this.time.left())];
    for (const clip of this.clips)
      wrong.push(...this.#untruths(clip).map((what) => `clip ${clip.code.toString(16)} ${what}`));
    // Over HTTP it goes out in two forms.
    const attempts = simulator.family === 'multitrans' ? 1 : 2;
    if (simulator.loginFailures > attempts) wrong.push(`a refused password was sent ${simulator.loginFailures} times`);
    if (simulator.family !== 'multitrans') wrong.push(...timeless(simulator.violations));
    return wrong;
  }

  /** Every connection of ours is seen to have ended at the camera's side, but for one that no longer reads. */
  async #quiet(): Promise<void> {
    const hangs = this.simulator.behaviors.some(({ name }) => name.startsWith('stop-reading'));
    while (this.simulator.connections > 0 && !hangs) await this.time.clock.wait(1);
  }

  #untruths({ code, ms, states, ends, outcome }: Clip): string[] {
    const stretches = this.simulator.sessions.flatMap(marksIn).filter(([mark]) => mark === code);
    const whole = stretches.filter(([, heardMs]) => heardMs === ms).length;
    const wrong: string[] = [];
    if (ends !== 1) wrong.push(`ended ${ends} times`);
    const finals = states.filter((name) => ENDS.has(name));
    // What is refused before it has a place in the line tells no state.
    if (finals.length > 1) wrong.push(`had the states ${finals.join()}`);
    if (outcome === 'heard' && whole !== 1)
      wrong.push(`was reported as spoken, and heard ${whole} times: ${JSON.stringify(stretches)}`);
    if (whole > 1) wrong.push(`was heard ${whole} times`);
    if (!/^(heard|cut|[A-Z]+)$/.test(outcome)) wrong.push(`ended with ${outcome}`);
    return wrong;
  }
}

function codeOf(error: unknown): string {
  return isTalkError(error) ? error.code.replace('TALK_ERR_', '') : `no error of ours: ${String(error)}`;
}
