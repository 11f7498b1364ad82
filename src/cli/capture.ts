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

interface CaptureSetting<T> {
  readonly values: Values;
  readonly terminal: Terminal;
  /** Cameras that take part beside the one that is asked. */
  readonly others?: readonly CameraOptions[];
  /** Must have closed its connections when it is over. */
  readonly run: (onWire?: OnWire) => Promise<T>;
  /** Prints what `run` resolved with, and gives the exit code; must not throw. */
  readonly show: (outcome: T) => number | Promise<number>;
}

/**
 * Runs the command and shows what came of it; with `--capture` it is watched, and written down afterwards with what went over the connections. Resolves with
 * the exit code: 1 also when the capture could not be written, which is said on stderr alone.
 * Rejects as `run` does, and before it with TALK_ERR_ARGUMENT when the folder cannot be had or the password is too short to be looked for.
 */
export async function captured<T extends object>(
  command: string,
  camera: CameraOptions,
  { values, terminal, others, run, show }: CaptureSetting<T>,
): Promise<number> {
  const folder = text(values, 'capture');
  if (folder === undefined) return show(await run());
  const capture = new Capture({ command, camera, others, version: loadedVersion() });
  await prepareFolder(folder);
  // What is known of the camera matters more than what goes wrong with its capture.
  const isWritten = async (outcome: object): Promise<boolean> => {
    try {
      const files = capture.files(outcome);
      await writeCapture(folder, files);
      const sound = capture.heard ? ', the sound of its microphone among them' : '';
      terminal.err(`captured: ${files.size} files in ${folder}${sound}\n`);
      return true;
    } catch (error) {
      terminal.err(isTalkError(error) ? `${error.code}: ${error.message}\n` : `${String(error)}\n`);
      return false;
    }
  };
  let outcome: T;
  try {
    outcome = await run(capture.onWire);
  } catch (error) {
    await isWritten({ error: failure(error) });
    throw error;
  }
  const code = await show(outcome);
  return (await isWritten(outcome)) ? code : 1;
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
