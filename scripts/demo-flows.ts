// The importable examples, with every camera replaced by a simulated one. For the demo and the gate.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedCamera } from '../src/simulator/index.js';
import { ROOT } from './node-red-process.js';

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

const EXAMPLES = join(ROOT, 'examples');
export const DOORBELL = '02 - Doorbell';
/** Its first button says words by espeak-ng. */
export const SAY_A_TEXT = '13 - Say a text';
/** The spoken MP3 that stands in for the user's announcement. */
export const ANNOUNCEMENT = join(ROOT, 'scripts', 'assets', 'announcement.mp3');

/** Names as the import menu shows them. */
export function exampleNames(): string[] {
  return readdirSync(EXAMPLES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

export function exampleFlow(name: string): FlowNode[] {
  return JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')) as FlowNode[];
}

/** The hosts of a flow's cameras, each once. */
export function cameraHosts(nodes: readonly FlowNode[]): string[] {
  const hosts = nodes.flatMap((node) => (node.type === 'tplink-camera' ? [String(node['host'])] : []));
  return [...new Set(hosts)];
}

/** Every camera node gets the simulated camera that stands in for its host. Flows that need a broker are switched off, so that nothing outside is dialled. */
export function withCameras(
  nodes: readonly FlowNode[],
  standIn: (host: string) => SimulatedCamera | undefined,
): FlowNode[] {
  const needsBroker = nodes.some((node) => node.type === 'mqtt-broker');
  return nodes.map((node) => {
    if (node.type === 'tab') return { ...node, disabled: needsBroker };
    if (node.type !== 'tplink-camera') return node;
    const camera = standIn(String(node['host']));
    if (camera === undefined) throw new Error(`No camera stands in for ${String(node['host'])}`);
    const simulated = {
      host: '127.0.0.1',
      port: camera.port,
      ...(camera.httpPort === undefined ? {} : { httpPort: camera.httpPort }),
    };
    return { ...node, ...simulated, credentials: { username: camera.username, password: camera.password } };
  });
}

/** The first button of a flow. */
export function buttonOf(nodes: readonly FlowNode[]): FlowNode {
  const button = nodes.find((node) => node.type === 'inject');
  if (button === undefined) throw new Error('The flow has no inject node');
  return button;
}
