// The test buttons of the camera dialog: three admin routes that try values which nobody has deployed. What is asked of a camera is the engine's.
import type { NodeAPI } from 'node-red';
import {
  Capture,
  cameraOptions,
  captureText,
  loadedVersion,
  probeVerdict,
  type CameraOptions,
  type Clock,
  type Engine,
} from '../../src/index.js';
import { sharedEngine } from '../shared/engine.js';
import { registerReport, type Refusal, type Report } from '../shared/report-route.js';
import { testedCamera } from './tested-camera.js';

type Ask = (
  engine: Engine,
  camera: CameraOptions,
  onStep: (step: object) => void,
  signal: AbortSignal,
) => Promise<unknown>;

const ROUTES: Readonly<Record<string, Ask>> = {
  // The last lines of a test are its report and what it comes to.
  '/tplink-camera/test': async (engine, camera, onStep, signal) => {
    const capture = new Capture({ command: 'probe', camera, version: loadedVersion() });
    const steps = await engine.probe(camera, { signal, onStep, onWire: capture.onWire });
    const verdict = probeVerdict(steps);
    onStep({ report: reportOf(capture, { verdict, steps }) });
    onStep({ verdict: verdict.key });
  },
  '/tplink-camera/chime': async (engine, camera, onStep, signal) => onStep(await engine.chime(camera, { signal })),
  '/tplink-camera/check': (engine, camera, onStep, signal) => engine.soundReport(camera, { signal, onStep }),
};

/** One file for whoever is asked for help; blank when a secret would be in it. */
function reportOf(capture: Capture, outcome: object): string {
  try {
    return captureText(capture.files(outcome));
  } catch {
    return '';
  }
}

/** Once for each start of the runtime: routes outlive a redeploy. */
export function registerCameraTests(RED: NodeAPI, clock?: Clock): void {
  for (const [path, ask] of Object.entries(ROUTES)) {
    const wanted = (body: unknown): Report | Refusal => {
      const fields = testedCamera(RED, body);
      if (typeof fields === 'string') return { status: 409, key: fields };
      const camera = cameraOptions(fields);
      return (onStep, signal) => ask(sharedEngine(RED), camera, onStep, signal);
    };
    registerReport(RED, path, 'tplink-camera.write', wanted, { clock });
  }
}
