// What tests of listening add to the runtime: listen nodes in its flows, and what a simulated microphone is to hear.
import helper from 'node-red-node-test-helper';
import tplinkListen from '../../nodes/tplink-listen.js';
import type { SimulatedCamera, SimulatedCameraOptions } from '../../src/simulator/index.js';
import { eventually } from './collect.js';
import type { CameraConfig, Flow, FlowConfig, Message, Runtime } from './node-runtime.js';

/** Hooks of a describe block: flows may hold nodes of type tplink-listen. After `nodeRuntime()`. */
export function withListenNodes(): void {
  const load = helper.load.bind(helper);
  before(() => {
    helper.load = (modules, flow, credentials) => load([...modules, tplinkListen], flow, credentials);
  });
  after(() => {
    helper.load = load;
  });
}

/** A listen node with the id `listen`, for `talks` of a flow. */
export function listenNode(
  properties: Readonly<Record<string, unknown>> = {},
): { readonly id: string } & Readonly<Record<string, unknown>> {
  return { id: 'listen', type: 'tplink-listen', ...properties };
}

/** `blue dot listening` for each status of a listen node since it was loaded; empty for a cleared one. */
export function shown(flow: Flow, node = 'listen'): string[] {
  return flow.shown(node).map((text) => text.replace(/tplink-listen\.(status|retryStatus|errorStatus)\./, ''));
}

/** A tone at 8 kHz for so long, s16. */
export function tone(ms: number, hz = 500, amplitude = 8_000): Int16Array {
  return Int16Array.from({ length: ms * 8 }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / 8_000)),
  );
}

/** Sounds one after the other. */
export function sequence(...sounds: readonly Int16Array[]): Int16Array {
  return Int16Array.from(sounds.flatMap((sound) => [...sound]));
}

export function quiet(ms: number): Int16Array {
  return new Int16Array(ms * 8);
}

/** Root mean square of s16le, dB of full scale; −∞ for digital silence. */
export function levelDb(pcm: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < pcm.length; at += 2) sum += pcm.readInt16LE(at) ** 2;
  return 10 * Math.log10(sum / (pcm.length / 2) / 32_768 ** 2);
}

/** How often s16le at 8 kHz rises through zero in a second. */
export function pitchHz(pcm: Buffer, sampleRate = 8_000): number {
  let rises = 0;
  for (let at = 2; at + 1 < pcm.length; at += 2)
    if (pcm.readInt16LE(at - 2) < 0 && pcm.readInt16LE(at) >= 0) rises += 1;
  return (rises * sampleRate) / (pcm.length / 2);
}

/** What the microphone of `deployListening` hears, Hz. */
export const TONE_HZ = 500;

export type DeployListening = (
  properties?: Readonly<Record<string, unknown>>,
  simulator?: SimulatedCameraOptions & { readonly tolerant?: boolean },
  config?: FlowConfig & { readonly camera?: CameraConfig },
) => Promise<{ readonly camera: SimulatedCamera; readonly flow: Flow }>;

/** Deploys one camera, called `front`, that hears a tone, and one listen node. */
export function deployListening(runtime: Runtime): DeployListening {
  return async (properties, simulator = {}, config = {}) => {
    const microphone = { source: tone(1_000, TONE_HZ), ...simulator.microphone };
    const camera = await runtime.simulate({ password: 'Only4Tests!', ...simulator, microphone });
    const cameras = [{ name: 'front', at: camera, ...config.camera }, ...(config.cameras ?? [])];
    const flow = await runtime.load({ ...config, cameras, talks: config.talks ?? [listenNode(properties)] });
    return { camera, flow };
  };
}

export function bufferOf(msg: Message | undefined): Buffer {
  const payload = msg?.['payload'];
  if (!Buffer.isBuffer(payload)) throw new Error(`The payload is ${typeof payload}`);
  return payload;
}

export async function untilHeard(flow: Flow, count: number): Promise<void> {
  await eventually(() => flow.out.length >= count, `${count} messages, not ${flow.out.length}`);
}

export async function untilShown(flow: Flow, text: string, node = 'listen'): Promise<void> {
  await eventually(() => shown(flow, node).at(-1) === text, `the status ${text}`);
}
