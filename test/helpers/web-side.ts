// What tests of the web side add to the runtime: control nodes in its flows, cameras with a web API, a clock that cuts long waits short.
import helper from 'node-red-node-test-helper';
import tplinkControl from '../../nodes/tplink-control.js';
import { monotonicClock } from '../../src/clock.js';
import { simulatorWeb, type SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import type { WebApi, WebApiOptions } from '../../src/simulator/web/api.js';
import type { CameraConfig, Runtime } from './node-runtime.js';

/** A simulated camera with its web API, and the properties of a camera node for it. */
export interface WebCamera {
  readonly camera: SimulatedCamera;
  readonly api: WebApi;
  readonly config: CameraConfig;
}

/** Starts a camera with a web side; `api` are its behaviours there. It is stopped after the test. */
export async function simulateWeb(
  runtime: Runtime,
  api: Partial<WebApiOptions> = {},
  options: SimulatedCameraOptions & { readonly tolerant?: boolean } = {},
): Promise<WebCamera> {
  let made: WebApi | undefined;
  const web = simulatorWeb({ api, onApi: (started) => (made = started) });
  const camera = await runtime.simulate({ ...options, httpPort: 0, web });
  if (made === undefined || camera.httpPort === undefined) throw new Error('The camera has no web side');
  return { camera, api: made, config: { at: camera, httpPort: camera.httpPort } };
}

/** Hooks of a describe block: flows may hold nodes of type tplink-control. After `nodeRuntime()`. */
export function withControlNodes(): void {
  const load = helper.load.bind(helper);
  before(() => {
    helper.load = (modules, flow, credentials) => load([...modules, tplinkControl], flow, credentials);
  });
  after(() => {
    helper.load = load;
  });
}

/** A control node with the id `control`, for `talks` of a flow. */
export function controlNode(
  properties: Readonly<Record<string, unknown>> = {},
): { readonly id: string } & Readonly<Record<string, unknown>> {
  return { id: 'control', type: 'tplink-control', ...properties };
}

/** Runs `work` while every wait of more than `longest` ms takes only that long. */
export async function inHaste<T>(longest: number, work: () => Promise<T>): Promise<T> {
  const original = { ...monotonicClock };
  monotonicClock.wait = (ms, signal) => original.wait(Math.min(ms, longest), signal);
  try {
    return await work();
  } finally {
    Object.assign(monotonicClock, original);
  }
}
