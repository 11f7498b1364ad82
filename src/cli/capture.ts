// `--capture FOLDER` of the commands that speak with a camera: what was said, as files without secrets.
import {
  Capture,
  createEngine,
  isTalkError,
  loadedVersion,
  prepareFolder,
  writeCapture,
  type CameraOptions,
  type Engine,
  type OnWire,
  type TalkErrorCode,
} from '../index.js';
import { text, type Terminal, type Values } from './terminal.js';

export const CAPTURE_ARG = { capture: { type: 'string' } } as const;

interface CaptureSetting {
  readonly values: Values;
  readonly terminal: Terminal;
  /** Cameras that take part beside the one that is asked. */
  readonly others?: readonly CameraOptions[];
}

/**
 * Runs the command; with `--capture` it is watched, and what it resolves to, or fails with, is written down with what went over the connections.
 * Rejects as `run` does, with TALK_ERR_ARGUMENT when the folder cannot be had or the password is too short to be looked for, and with TALK_ERR_PROTOCOL when a secret would be in the files.
 * @param run must have closed its connections when it is over
 */
export async function captured<T extends object>(
  command: string,
  camera: CameraOptions,
  { values, terminal, others }: CaptureSetting,
  run: (onWire?: OnWire) => Promise<T>,
): Promise<T> {
  const folder = text(values, 'capture');
  if (folder === undefined) return run();
  const capture = new Capture({ command, camera, others, version: loadedVersion() });
  await prepareFolder(folder);
  const write = async (outcome: object): Promise<void> => {
    const files = capture.files(outcome);
    await writeCapture(folder, files);
    terminal.err(
      `captured: ${files.size} files in ${folder}${capture.heard ? ', the sound of its microphone among them' : ''}\n`,
    );
  };
  let outcome: T;
  try {
    outcome = await run(capture.onWire);
  } catch (error) {
    // What went wrong with the camera matters more than what goes wrong with its capture.
    await write({ error: failure(error) }).catch((worse: unknown) => {
      terminal.err(`${isTalkError(worse) ? worse.message : String(worse)}\n`);
    });
    throw error;
  }
  await write(outcome);
  return outcome;
}

/** Asks an engine of this process that is over afterwards; what was accepted is said to its end, unless asking fails. */
export async function onEngine<T>(
  onWire: OnWire | undefined,
  ask: (engine: Engine) => Promise<T>,
  create = createEngine,
): Promise<T> {
  const engine = create({ thread: false, onWire });
  try {
    const answer = await ask(engine);
    await engine.close();
    return answer;
  } finally {
    await engine.destroy();
  }
}

/** What went wrong with the camera in words; what went wrong with the user's own files, addresses and programs only by its code, because the words repeat them. */
function failure(error: unknown): { code: string; message?: string } {
  if (!isTalkError(error)) return { code: '' };
  const { code, message } = error;
  return OF_USERS.has(code) ? { code } : { code, message };
}

const OF_USERS: ReadonlySet<TalkErrorCode> = new Set([
  'TALK_ERR_ARGUMENT',
  'TALK_ERR_SOURCE',
  'TALK_ERR_AUDIO',
  'TALK_ERR_FFMPEG',
  'TALK_ERR_VOICE',
]);
