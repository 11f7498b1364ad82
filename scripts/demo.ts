// `npm run demo` and `npm start`: a real Node-RED with the example flows, and a simulated camera that hears what they say.
import { writeFile } from 'node:fs/promises';
import { SimulatedCamera, simulatorWeb, type Recording } from '../src/simulator/index.js';
import { ANNOUNCEMENT, DOORBELL, buttonOf, cameraHosts, exampleFlow, exampleNames, withCameras } from './demo-flows.js';
import { freePort, isFree, startNodeRed } from './node-red-process.js';

const HEARD = 'demo-heard.wav';
const PASSWORD = 'only-for-the-demo';
/** The announcement has about 5 s; a shared machine needs a while to get going. */
const PATIENCE_MS = 60_000;
/** Below this the camera heard a chime at the most. */
const LEAST_SECONDS = 2;

const once = process.argv.includes('--once');

async function main(): Promise<number> {
  const flows = (once ? [DOORBELL] : exampleNames()).map(exampleFlow);
  const cameras = await startCameras(cameraHosts(flows.flat()));
  const nodeRed = await startNodeRed({
    port: await preferred(1_880, once),
    env: { TPLINK_TALK_DEMO_CLIP: ANNOUNCEMENT },
  });
  try {
    await nodeRed.deploy(flows.flatMap((flow) => withCameras(flow, (host) => cameras.get(host))));
    const [camera] = cameras.values();
    if (camera === undefined) throw new Error('The examples name no camera');
    return once ? await ringOnce(nodeRed, camera) : await stayUp(nodeRed, cameras);
  } finally {
    await nodeRed.stop();
    for (const camera of cameras.values()) await camera.stop();
  }
}

/** A simulated camera for each host that the examples name; the first has the well-known ports if they are free. */
async function startCameras(hosts: readonly string[]): Promise<Map<string, SimulatedCamera>> {
  const cameras = new Map<string, SimulatedCamera>();
  for (const [index, host] of hosts.entries()) {
    const camera = new SimulatedCamera({
      password: PASSWORD,
      port: await preferred(8_554 + index, once),
      httpPort: await preferred(8_080 + index, once),
      web: simulatorWeb({ name: `in place of ${host}` }),
    });
    await camera.start();
    cameras.set(host, camera);
  }
  return cameras;
}

async function ringOnce(nodeRed: Awaited<ReturnType<typeof startNodeRed>>, camera: SimulatedCamera): Promise<number> {
  print('A real Node-RED is running the doorbell example. Somebody presses the button…');
  const rungAt = performance.now();
  const heard = new Promise<Recording>((resolve) => camera.once('end', resolve));
  let firstSoundMs: number | undefined;
  camera.on('packet', (recording) => {
    const packet = recording.packets.at(-1);
    if (firstSoundMs === undefined && packet?.payload.some((byte) => byte !== 0xd5) === true)
      firstSoundMs = performance.now() - rungAt;
  });
  await nodeRed.inject(buttonOf(exampleFlow(DOORBELL)).id);
  const recording = await within(PATIENCE_MS, heard);
  if (recording === undefined || firstSoundMs === undefined) {
    process.stderr.write(`The camera heard nothing.\n${nodeRed.output()}\n`);
    return 1;
  }
  const { soundSeconds, leadInMs, latenessMs, violations, warnings } = recording.toJSON();
  await writeFile(HEARD, recording.toWav());
  print(`The camera heard ${soundSeconds.toFixed(1)} s of sound.`);
  print(
    `  first sound         ${firstSoundMs.toFixed(0)} ms after the button, ${leadInMs.toFixed(0)} ms of it lead-in silence`,
  );
  print(`  worst packet        ${latenessMs.max.toFixed(1)} ms late (of ${recording.packetCount})`);
  print(`  recorded as         ${HEARD}`);
  for (const complaint of [...violations, ...warnings]) print(`  a strict camera would complain: ${complaint}`);
  return soundSeconds >= LEAST_SECONDS && violations.length + warnings.length === 0 ? 0 : 1;
}

async function stayUp(
  nodeRed: Awaited<ReturnType<typeof startNodeRed>>,
  cameras: ReadonlyMap<string, SimulatedCamera>,
): Promise<number> {
  print(`Node-RED's editor:  ${nodeRed.url}`);
  for (const [host, camera] of cameras) {
    print(`Simulated camera:   http://127.0.0.1:${camera.httpPort ?? 0}/ plays what it hears (in place of ${host})`);
    print(`                    ${camera.url}, user admin, password ${PASSWORD}`);
    camera.on('end', (recording) => {
      const { soundSeconds, latenessMs } = recording.toJSON();
      print(`heard ${soundSeconds.toFixed(1)} s of sound, worst packet ${latenessMs.max.toFixed(1)} ms late`);
    });
  }
  print('Press the button of an inject node in the editor. Ctrl-C ends everything.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  return 0;
}

async function preferred(port: number, anyWillDo: boolean): Promise<number> {
  return !anyWillDo && (await isFree(port)) ? port : freePort();
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
