// *Find the best settings* of the camera dialog: an admin route that tunes with values which nobody has deployed. What is asked of a camera is the engine's.
import type { NodeAPI } from 'node-red';
import { TUNE_TIMEOUT_MS, cameraOptions, type Clock } from '../../src/index.js';
import { sharedEngine } from '../shared/engine.js';
import { registerReport, type Refusal, type Report } from '../shared/report-route.js';
import { withReport } from './saved-report.js';
import { testedCamera } from './tested-camera.js';

/** Beyond what tuning itself takes at most: it ends by itself, and says why. */
const SPARE_MS = 10_000;

/** Once for each start of the runtime: routes outlive a redeploy. Sounds and findings are lines, the last one has the settings that were found, and what was tried. */
export function registerCameraTune(RED: NodeAPI, clock?: Clock): void {
  const wanted = (body: unknown): Report | Refusal => {
    const fields = testedCamera(RED, body);
    if (typeof fields === 'string') return { status: 409, key: fields };
    const camera = cameraOptions(fields);
    return async (onStep, signal) => {
      const { settings, tried } = await withReport('tune', camera, onStep, async (onWire) => {
        const steps: object[] = [];
        const found = await sharedEngine(RED).tuneReport(camera, {
          signal,
          onWire,
          onStep: (step) => {
            steps.push(step);
            onStep(step);
          },
          onProgress: ({ done, of }) =>
            onStep({ outcome: 'running', key: 'tune.playing', values: { done: done + 1, of } }),
        });
        return { ...found, steps };
      });
      onStep({ tuned: { settings, tried } });
    };
  };
  const timeoutMs = TUNE_TIMEOUT_MS + SPARE_MS;
  registerReport(RED, '/tplink-camera/tune', 'tplink-camera.write', wanted, { clock, timeoutMs });
}
