// *Save report* of the camera dialog: what a button asked of a camera, what went over the connections and what came of it, as one file without secrets.
import {
  Capture,
  captureText,
  isTalkError,
  loadedVersion,
  type CameraOptions,
  type CaptureOptions,
  type OnWire,
} from '../../src/index.js';

/** A line of a button's report. `noReport`: why there is none, `tplink-camera.test.noReport.<key>` in the catalogues. */
type ReportLine =
  | { readonly report: string; /** Whether sound of the microphone is in it. */ readonly heard: boolean }
  | { readonly noReport: 'shortPassword' | 'secret' | 'failed' };

/** Asks, and tells the report whatever came of it. Rejects as `ask` does. */
export async function withReport<T extends object>(
  command: CaptureOptions['command'],
  camera: CameraOptions,
  onStep: (line: object) => void,
  ask: (onWire: OnWire | undefined) => Promise<T>,
): Promise<T> {
  const capture = captureOf(command, camera);
  let outcome: object = { error: { code: '' } };
  try {
    const answer = await ask(capture?.onWire);
    outcome = answer;
    return answer;
  } finally {
    onStep(capture === undefined ? { noReport: 'shortPassword' } : lineOf(capture, outcome));
  }
}

/** Undefined with a password that no text could be searched for. */
function captureOf(command: CaptureOptions['command'], camera: CameraOptions): Capture | undefined {
  try {
    return new Capture({ command, camera, version: loadedVersion() });
  } catch (error) {
    if (isTalkError(error) && error.code === 'TALK_ERR_ARGUMENT') return undefined;
    throw error;
  }
}

function lineOf(capture: Capture, outcome: object): ReportLine {
  try {
    return { report: captureText(capture.files(outcome)), heard: capture.heard };
  } catch (error) {
    return { noReport: isTalkError(error) ? 'secret' : 'failed' };
  }
}
