// One command against a camera, watched: what came of it in few words, and the files of its capture.
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { Capture, type CaptureFiles } from '../../src/capture/capture.js';
import { Pool } from '../../src/engine/pool.js';
import { isTalkError } from '../../src/errors.js';
import { audioSources } from '../../src/audio/source.js';
import type { ProbeStep } from '../../src/probe/report.js';
import { probeVerdict } from '../../src/probe/verdict.js';
import { Session } from '../../src/talk/session.js';
import { StallWatch } from '../../src/talk/stall-watch.js';
import type { OnWire } from '../../src/wire.js';
import type { Time } from '../faults/time.js';
import { unreadBytes } from '../helpers/loopback.js';
import { marked } from '../helpers/marked-clips.js';

/** Of the command line; those with a report are the buttons of the dialog. */
export type Command = 'probe' | 'say' | 'check' | 'checkReport' | 'tune' | 'tuneReport';

export interface Played {
  /** What must be the same whenever it is played. */
  readonly outcome: string;
  readonly files: CaptureFiles;
  /** All that went over the connections, as latin1: what was sent, and what came. */
  readonly wire: readonly string[];
}

const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
/** More than ten packets of 128 ms, after which most faults strike, lead-in included. */
const CLIP_MS = 1_500;
const CLIP_CODE = 0xa1;
/** Long enough for the pauses after three failures, s. */
const RETRY_SECONDS = 10;

/** Ends when every connection has. */
export async function play(command: Command, camera: CameraOptions, time: Time): Promise<Played> {
  const capture = new Capture({ command: command.replace('Report', ''), camera });
  const wire = new Map<string, string>();
  const onWire: OnWire = (event) => {
    capture.onWire(event);
    if (!('bytes' in event)) return;
    const key = `${event.connection} ${event.what}`;
    wire.set(key, (wire.get(key) ?? '') + Buffer.from(event.bytes).toString('latin1'));
  };
  const { clock } = time;
  // What the camera has taken is what it has read, not what the system keeps for it.
  const stallWatch = new StallWatch(clock, unreadBytes);
  const pool = new Pool({
    clock,
    onWire,
    openSession: (options, deps, open) => Session.open(options, { ...deps, stallWatch }, open),
  });
  const told = await time.until(COMMANDS[command](pool, camera).catch(failure));
  await time.until(pool.destroy());
  return { outcome: wordsOf(told), files: capture.files(told), wire: [...wire.values()] };
}

/** With the settings that a capture tells. */
export function playedWith(settings: object, port: number, httpPort: number, password: string): CameraOptions {
  return cameraOptions({ ...settings, host: '127.0.0.1', port, httpPort, password, idleMs: 0 });
}

/** By whom the same is asked again. */
export function commandOf({ command, outcome: { steps } }: { command: string; outcome: Outcome }): Command {
  const name = steps !== undefined && command !== 'probe' ? `${command}Report` : command;
  if (!isCommand(name)) throw new Error(`Nobody knows the command ${name}`);
  return name;
}

function isCommand(name: string): name is Command {
  return Object.hasOwn(COMMANDS, name);
}

/** What a capture tells of its outcome, without what differs from one time to the next. */
export function wordsOf(outcome: Outcome): string {
  const { error, steps, settings, unknown = {}, verdict, reason, speed = '' } = outcome;
  if (error !== undefined) return error.code;
  const found = settings === undefined ? [] : [JSON.stringify(settings), ...Object.keys(unknown)];
  if (steps !== undefined) {
    const told = steps.map(({ name, outcome: came, key, code = '' }) => `${name} ${came} ${key} ${code}`.trim());
    return [...told, ...found].join(', ');
  }
  if (settings !== undefined) return found.join(', ');
  return typeof verdict === 'string' ? `${verdict} ${reason} ${speed}`.trim() : String(outcome.outcome);
}

/** As it is in capture.json. */
export interface Outcome {
  readonly error?: { readonly code: string };
  readonly steps?: readonly Pick<ProbeStep, 'name' | 'outcome' | 'key' | 'code'>[];
  readonly settings?: object;
  readonly unknown?: object;
  readonly verdict?: string | object;
  readonly reason?: string;
  readonly speed?: number;
  readonly outcome?: string;
}

const COMMANDS: Readonly<Record<Command, (pool: Pool, camera: CameraOptions) => Promise<Outcome>>> = {
  probe: async (pool, camera) => {
    const steps = await pool.probe(camera);
    return { verdict: probeVerdict(steps), steps };
  },
  say: async (pool, camera) => {
    const [result] = await pool.speak([camera], audioSources(marked(CLIP_CODE, CLIP_MS), ALAW), {
      retrySeconds: RETRY_SECONDS,
    });
    if (result?.status !== 'fulfilled') throw result?.reason ?? new Error('No camera');
    return result.value;
  },
  check: async (pool, camera) => ({ ...(await pool.checkSound(camera)) }),
  checkReport: async (pool, camera) => ({ steps: await pool.soundReport(camera) }),
  tune: (pool, camera) => pool.tune(camera),
  tuneReport: async (pool, camera) => {
    const steps: ProbeStep[] = [];
    const found = await pool.tuneReport(camera, { onStep: (step) => steps.push(step) });
    return { ...found, steps };
  },
};

function failure(error: unknown): Outcome {
  if (!isTalkError(error)) throw error;
  return { error: { code: error.code } };
}
