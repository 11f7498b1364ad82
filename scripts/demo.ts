// `npm run demo` and `npm start`: a real Node-RED with the example flows, and a simulated camera that hears what they say.
// With `--watch` it compiles first, and Node-RED starts anew with what changes. `--any-port` leaves the well-known ports alone.
import { writeFile } from 'node:fs/promises';
import { findProgram } from '../src/program-path.js';
import { SimulatedCamera, simulatorWeb, type Recording } from '../src/simulator/index.js';
import {
  ANNOUNCEMENT,
  DOORBELL,
  SAY_A_TEXT,
  buttonOf,
  cameraHosts,
  exampleFlow,
  exampleNames,
  withCameras,
} from './demo-flows.js';
import { ROOT, freePort, isFree, startNodeRed, type RunningNodeRed } from './node-red-process.js';
import { watchSources, type SourceWatch } from './watch-sources.js';

const PASSWORD = 'only-for-the-demo';
/** The announcement has about 5 s; a shared machine needs a while to get going. */
const PATIENCE_MS = 60_000;
/** Below this the camera heard a chime, or a word, at the most. */
const LEAST_SECONDS = 2;
const NO_VOICE = 'No voice is on this machine: with the program espeak-ng it says a sentence as well.';

const once = process.argv.includes('--once');
const anyPort = once || process.argv.includes('--any-port');

async function main(): Promise<number> {
  if (once) return demo();
  const told = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => told.abort());
  if (!process.argv.includes('--watch')) return demo(told.signal);
  const sources = await watchSources({ root: ROOT, print, signal: told.signal });
  try {
    return told.signal.aborted ? 0 : await demo(told.signal, sources);
  } finally {
    await sources.stop();
  }
}

/** @param told ends what would stay up; without it the button is pressed once */
async function demo(told?: AbortSignal, sources?: SourceWatch): Promise<number> {
  const hasVoice = (await findProgram('espeak-ng')) !== undefined;
  const names = told === undefined ? [DOORBELL, SAY_A_TEXT] : exampleNames();
  const cameras = await startCameras(cameraHosts(names.flatMap(exampleFlow)));
  const flows = (): object[] => names.flatMap((name) => withCameras(exampleFlow(name), (host) => cameras.get(host)));
  const nodeRed = await startNodeRed({
    port: await preferred(1_880),
    env: { TPLINK_TALK_DEMO_CLIP: ANNOUNCEMENT },
    ...(sources === undefined ? {} : { onOutput: (text) => process.stdout.write(text) }),
  });
  try {
    await nodeRed.deploy(flows());
    const [camera] = cameras.values();
    if (camera === undefined) throw new Error('The examples name no camera');
    if (told === undefined) return await pressBoth(nodeRed, camera, hasVoice);
    if (hasVoice) await nodeRed.inject(buttonOf(exampleFlow(SAY_A_TEXT)).id);
    print(hasVoice ? `Now it says the first sentence of "${SAY_A_TEXT}".` : NO_VOICE);
    tellAll(nodeRed, cameras);
    sources?.onBuild((changed) => renew(nodeRed, changed, flows));
    if (!told.aborted) await new Promise((resolve) => told.addEventListener('abort', resolve, { once: true }));
    return 0;
  } finally {
    await sources?.stop();
    await nodeRed.stop();
    for (const camera of cameras.values()) await camera.stop();
  }
}

/** The cameras stay up, and so do flows that were changed in the editor, unless the examples themselves changed. */
async function renew(nodeRed: RunningNodeRed, changed: readonly string[], flows: () => object[]): Promise<void> {
  print(`Changed: ${changed.length === 0 ? 'the code' : changed.join(', ')}. Node-RED restarts…`);
  await nodeRed.restart();
  if (changed.some((file) => file.startsWith('examples'))) await nodeRed.deploy(flows());
  print(`Node-RED is back: ${nodeRed.url}`);
}

/** A simulated camera for each host that the examples name; the first has the well-known ports if they are free. */
async function startCameras(hosts: readonly string[]): Promise<Map<string, SimulatedCamera>> {
  const cameras = new Map<string, SimulatedCamera>();
  for (const [index, host] of hosts.entries()) {
    const camera = new SimulatedCamera({
      password: PASSWORD,
      port: await preferred(8_554 + index),
      httpPort: await preferred(8_080 + index),
      web: simulatorWeb({ name: `in place of ${host}` }),
    });
    await camera.start();
    cameras.set(host, camera);
  }
  return cameras;
}

async function pressBoth(nodeRed: RunningNodeRed, camera: SimulatedCamera, hasVoice: boolean): Promise<number> {
  print('A real Node-RED is running the doorbell example. Somebody presses the button…');
  const rung = await pressOnce(nodeRed, camera, DOORBELL, 'demo-heard.wav');
  if (!hasVoice) print(NO_VOICE);
  if (!hasVoice || rung !== 0) return rung;
  print('Now it says a sentence by espeak-ng…');
  return pressOnce(nodeRed, camera, SAY_A_TEXT, 'demo-said.wav');
}

/** @param file what was heard goes there */
async function pressOnce(
  nodeRed: RunningNodeRed,
  camera: SimulatedCamera,
  example: string,
  file: string,
): Promise<number> {
  const rungAt = performance.now();
  const heard = new Promise<Recording>((resolve) => camera.once('end', resolve));
  let firstSoundMs: number | undefined;
  const listen = (recording: Recording): void => {
    const packet = recording.packets.at(-1);
    if (firstSoundMs === undefined && packet?.payload.some((byte) => byte !== 0xd5) === true)
      firstSoundMs = performance.now() - rungAt;
  };
  camera.on('packet', listen);
  await nodeRed.inject(buttonOf(exampleFlow(example)).id);
  const recording = await within(PATIENCE_MS, heard);
  camera.off('packet', listen);
  if (recording === undefined || firstSoundMs === undefined) {
    process.stderr.write(`The camera heard nothing.\n${nodeRed.output()}\n`);
    return 1;
  }
  const { soundSeconds, leadInMs, latenessMs, violations, warnings } = recording.toJSON();
  await writeFile(file, recording.toWav());
  print(`The camera heard ${soundSeconds.toFixed(1)} s of sound.`);
  print(
    `  first sound         ${firstSoundMs.toFixed(0)} ms after the button, ${leadInMs.toFixed(0)} ms of it lead-in silence`,
  );
  print(`  worst packet        ${latenessMs.max.toFixed(1)} ms late (of ${recording.packetCount})`);
  print(`  recorded as         ${file}`);
  for (const complaint of [...violations, ...warnings]) print(`  a strict camera would complain: ${complaint}`);
  return soundSeconds >= LEAST_SECONDS && violations.length + warnings.length === 0 ? 0 : 1;
}

function tellAll(nodeRed: RunningNodeRed, cameras: ReadonlyMap<string, SimulatedCamera>): void {
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
}

async function preferred(port: number): Promise<number> {
  return !anyPort && (await isFree(port)) ? port : freePort();
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
