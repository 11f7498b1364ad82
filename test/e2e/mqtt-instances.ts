// Node-RED instances that run the example of announcements over MQTT, each with a simulated camera. No assertions.
import { exampleFlow, type FlowNode } from '../../scripts/demo-flows.js';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera } from '../../src/simulator/index.js';

export interface InstanceOptions {
  readonly zone: string;
  readonly brokerPort: number;
  /** What the sender's buttons send instead of built-in sounds: two files and an address. */
  readonly own?: { readonly files: readonly [everywhere: string, hall: string]; readonly url: string };
  /** `keep open` of the camera; the example's by default. */
  readonly idleMs?: number;
}

export interface Instance {
  readonly camera: SimulatedCamera;
  readonly nodeRed: RunningNodeRed;
  /** Everything printed, debug nodes included. */
  printed(): string;
  /** Presses the nth button of the sender. */
  press(button: number): Promise<void>;
  stop(): Promise<number | null>;
}

const PASSWORD = 'Only4Tests!';

/** Starts camera and Node-RED, imports the example and sets in it what its comment says must be set. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const camera = new SimulatedCamera({ password: PASSWORD });
  await camera.start();
  let printed = '';
  const nodeRed = await startNodeRed({
    settings: {
      // Node-RED's own default settings wait 15 s.
      mqttReconnectTime: 500,
      // Debug nodes write to the console at this level.
      logging: { console: { level: 'info' } },
    },
    onOutput: (text) => (printed += text),
  }).catch(async (error: unknown) => {
    await camera.stop();
    throw error;
  });
  const flow = adapted(exampleFlow('11 - Announcements over MQTT'), camera, options);
  const buttons = flow.filter(({ type }) => type === 'inject');
  const stop = async (): Promise<number | null> => {
    const code = await nodeRed.stop();
    await camera.stop();
    return code;
  };
  try {
    await nodeRed.deploy(flow);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    camera,
    nodeRed,
    printed: () => printed,
    press: (button) => nodeRed.inject(buttons[button]?.id ?? ''),
    stop,
  };
}

function adapted(
  flow: readonly FlowNode[],
  camera: SimulatedCamera,
  { zone, brokerPort, own, idleMs }: InstanceOptions,
): FlowNode[] {
  const filenames = [...(own?.files ?? [])];
  return flow.map((node) => {
    switch (node.type) {
      case 'mqtt-broker':
        return { ...node, broker: '127.0.0.1', port: brokerPort };
      case 'mqtt in':
        return { ...node, topic: String(node['topic']).replace('/hall/', `/${zone}/`) };
      case 'tplink-camera':
        return {
          ...node,
          ...{ host: '127.0.0.1', port: camera.port, credentials: { username: 'admin', password: PASSWORD } },
          ...(idleMs === undefined ? {} : { idleMs }),
        };
      case 'inject':
        return { ...node, props: (node['props'] as object[]).map((prop) => ({ ...prop, ...sent(prop) })) };
      case 'debug':
        return { ...node, console: true };
      default:
        return node;
    }
  });

  function sent(prop: object): object {
    const name: unknown = Reflect.get(prop, 'p');
    if (own === undefined || (name !== 'filename' && name !== 'payload')) return {};
    if (name === 'filename') return { v: filenames.shift() };
    return { v: JSON.stringify({ ...JSON.parse(String(Reflect.get(prop, 'v'))), url: own.url }) };
  }
}

/** A WAV of A-law, 8 kHz: one code only, which every camera gets to hear unchanged. */
export function markedWav(code: number, ms: number): Buffer {
  const samples = ms * 8;
  const bytes = Buffer.alloc(44 + samples, code);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + samples, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  // WAVE_FORMAT_ALAW.
  bytes.writeUInt16LE(6, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8_000, 24);
  bytes.writeUInt32LE(8_000, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples, 40);
  return bytes;
}
