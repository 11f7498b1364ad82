// What the installed package is without Node-RED: a command, a library, its types. On any Node.js.
import { spawn } from 'node:child_process';
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SimulatedCamera } from '../src/simulator/index.js';
import { check } from './checks.js';
import { ANNOUNCEMENT } from './demo-flows.js';
import { ROOT } from './node-red-process.js';

const PACKAGE = '@camera-talk/node-red-tplink-talk';

/** Runs where the package is installed, as a module; `require` gets the same. */
const LIBRARY = `
import { createRequire } from 'node:module';
import { audioSources, cameraOptions, createEngine } from '${PACKAGE}';
import { SimulatedCamera } from '${PACKAGE}/simulator';
if (createRequire(import.meta.url)('${PACKAGE}').createEngine !== createEngine) throw new Error('There are two of it');
for (const thread of [true, false]) {
  const camera = new SimulatedCamera({ password: 'only-for-the-gate' });
  const { port } = await camera.start();
  const engine = createEngine({ thread });
  const [result] = await engine.speak(
    [cameraOptions({ host: '127.0.0.1', port, password: 'only-for-the-gate' })],
    audioSources(Buffer.alloc(4_000, 0xa1), { encoding: 'alaw', sampleRate: 8_000, channels: 1 }),
  );
  if (result.value?.outcome !== 'spoken') throw result.reason ?? new Error(result.value.outcome);
  const stop = new AbortController();
  const stopped = engine.speak(
    [cameraOptions({ host: '127.0.0.1', port, password: 'only-for-the-gate' })],
    audioSources(Buffer.alloc(800_000, 0xa1), { encoding: 'alaw', sampleRate: 8_000, channels: 1 }),
    { signal: stop.signal },
  );
  camera.once('packet', () => stop.abort());
  if ((await stopped)[0].reason?.code !== 'TALK_ERR_ABORTED') throw new Error('It cannot be stopped');
  await engine.close();
  await camera.stop();
}
`;

/** What a program in TypeScript sees. */
const TYPES = `
import { audioSources, cameraOptions, createEngine, isTalkError, type Engine } from '${PACKAGE}';
import { SimulatedCamera, type Recording } from '${PACKAGE}/simulator';
const engine: Engine = createEngine();
export async function slips(): Promise<number> {
  const [result] = await engine.speak([cameraOptions({ host: 'h' })], audioSources('a.wav'));
  if (result?.status === 'fulfilled' && result.value.outcome === 'spoken') return result.value.report.slips;
  if (result?.status === 'rejected' && isTalkError(result.reason)) throw result.reason;
  // @ts-expect-error: the types are no any
  return engine.nothing;
}
export const recordings: readonly Recording[] = new SimulatedCamera({ password: 'p' }).sessions;
`;

export async function checkLibrary(userDir: string, node: string): Promise<void> {
  const program = join(userDir, 'library.mjs');
  await writeFile(program, LIBRARY);
  check('the library speaks in a thread and without', (await run(node, [program])) === 0, 'exit code');
}

/** The command that the package brings, as `npx` runs it. */
export async function checkCommand(userDir: string, node: string): Promise<void> {
  const command = await realpath(join(userDir, 'node_modules', '.bin', 'tplink-talk'));
  const camera = new SimulatedCamera({ password: 'only-for-the-gate' });
  const { port } = await camera.start();
  try {
    const env = { TPLINK_TALK_PASSWORD: camera.password };
    const talk = (...args: string[]): Promise<number | null> => run(node, [command, ...args], env);
    const target = ['--host', '127.0.0.1', '--port', String(port)];
    check('tplink-talk probe says the camera talks', (await talk('probe', ...target)) === 0, 'exit code');
    const said = await talk('say', ...target, ANNOUNCEMENT);
    check('tplink-talk say speaks', said === 0 && camera.sessions.length === 2, `exit code ${String(said)}`);
    check('wrong usage ends with 2', (await talk('say')) === 2, 'exit code');
  } finally {
    await camera.stop();
  }
}

export async function checkTypes(userDir: string): Promise<void> {
  const program = join(userDir, 'types.mts');
  await writeFile(program, TYPES);
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = ['--typeRoots', join(ROOT, 'node_modules', '@types'), '--types', 'node'];
  const strict = ['--strict', '--target', 'es2022', '--lib', 'es2023', '--module', 'node16', '--noEmit'];
  const code = await run(process.execPath, [compiler, ...strict, ...types, program]);
  check('the types are whole', code === 0, `exit code ${String(code)}`);
  const declarations = join(userDir, 'node_modules', PACKAGE, 'dist', 'src', 'engine');
  const files = await Promise.all(['engine.d.ts', 'create.d.ts'].map((f) => readFile(join(declarations, f), 'utf8')));
  const described = files.every((text) => text.includes('/**'));
  check('they say what things are for', described, 'no docstrings');
}

/** Resolves with the exit code; what it prints is shown when it fails. */
function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code !== 0 && code !== 2) process.stdout.write(output);
      resolve(code);
    });
  });
}
