// The test buttons of the camera dialog: three admin routes that try values which nobody has deployed. What is asked of a camera is the engine's.
import type { NodeAPI } from 'node-red';
import { cameraOptions, probeVerdict, type CameraOptions, type Clock, type Engine } from '../../src/index.js';
import { sharedEngine } from '../shared/engine.js';
import { registerReport, type Refusal, type Report } from '../shared/report-route.js';
import { withReport } from './saved-report.js';
import { testedCamera } from './tested-camera.js';

type Ask = (
  engine: Engine,
  camera: CameraOptions,
  onStep: (step: object) => void,
  signal: AbortSignal,
) => Promise<unknown>;

const ROUTES: Readonly<Record<string, Ask>> = {
  '/tplink-camera/test': async (engine, camera, onStep, signal) => {
    const { verdict, steps } = await withReport('probe', camera, onStep, async (onWire) => {
      const told = await engine.probe(camera, { signal, onStep, onWire });
      return { verdict: probeVerdict(told), steps: told };
    });
    const settings = steps.find((step) => step.settings !== undefined)?.settings;
    if (settings !== undefined) onStep({ tuned: { settings, tried: [] } });
    onStep({ verdict: verdict.key });
  },
  '/tplink-camera/chime': async (engine, camera, onStep, signal) => onStep(await engine.chime(camera, { signal })),
  '/tplink-camera/check': (engine, camera, onStep, signal) =>
    withReport('check', camera, onStep, async (onWire) => ({
      steps: await engine.soundReport(camera, { signal, onStep, onWire }),
    })),
};

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
