// A package that is updated while it runs: what was loaded goes on, and no thread is started from the new files. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { ROOT } from '../../../scripts/node-red-process.js';
import { audioSources, cameraOptions, type Engine } from '../../../src/index.js';
import { SimulatedCamera } from '../../../src/simulator/index.js';
import { eventually } from '../../helpers/collect.js';
import { watchThreads } from '../../helpers/threads.js';

const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;

describe('a package that is updated while it runs', () => {
  const { alive } = watchThreads();
  let folder: string;
  let engine: Engine;
  let simulator: SimulatedCamera;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tplink-talk-updated-'));
    await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
    await install('1.0.0');
    const load = createRequire(join(folder, 'index.js'));
    engine = (load('./dist/src/index.js') as typeof import('../../../src/index.js')).createEngine({ endsUnused: true });
    simulator = new SimulatedCamera();
    await simulator.start();
  });

  afterEach(async () => {
    await engine.destroy();
    await simulator.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function install(version: string): Promise<void> {
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as object;
    await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, version }));
  }

  const camera = (): ReturnType<typeof cameraOptions> => {
    const { port, username, password } = simulator;
    return cameraOptions({ host: '127.0.0.1', port, username, password, leadInMs: 20, drainMs: 0, idleMs: 0 });
  };

  async function say(): Promise<void> {
    const [result] = await engine.speak([camera()], audioSources(Buffer.alloc(480, 0xa1), ALAW), { retries: 0 });
    if (result?.status === 'rejected') throw result.reason;
  }

  const refused = {
    code: 'TALK_ERR_ARGUMENT',
    retryable: false,
    message: /loaded: 1\.0\.0, installed: .*restart Node-RED/,
  };

  it('goes on while its thread runs, and after that says to restart, also where the thread died', async () => {
    const leave = engine.register(camera(), 'me');
    await say();
    await install('1.0.1');
    await say();
    const [thread] = alive;
    // As an error does that nobody catches.
    thread?.postMessage(null);
    await eventually(() => !alive.includes(thread as Worker), 'the end of the thread');
    await assert.rejects(say(), refused);
    await assert.rejects(engine.probe(camera()), refused);
    assert.equal(alive.length, 0);
    await leave();
  });

  it('the same after a full deploy, which ends the thread and asks for another', async () => {
    const leave = engine.register(camera(), 'me');
    await say();
    await install('2.0.0');
    await leave();
    engine.register(camera(), 'me again');
    await engine.warmUp();
    await assert.rejects(say(), refused);
    assert.equal(alive.length, 0);
  });

  it('the same when the new version has its thread elsewhere, and when the package is gone', async () => {
    await install('2.0.0');
    await rename(join(folder, 'dist', 'src', 'engine'), join(folder, 'dist', 'src', 'motor'));
    await assert.rejects(say(), refused);
    await rm(join(folder, 'package.json'));
    await assert.rejects(say(), refused);
  });

  it('starts as ever when the same version is installed again', async () => {
    await install('1.0.1');
    await assert.rejects(say(), refused);
    await install('1.0.0');
    await say();
  });

  it('a thread that finds other files than those that were looked at ends by itself', async () => {
    const program = join(folder, 'dist', 'src', 'engine', 'thread', 'installed.js');
    const text = await readFile(program, 'utf8');
    await writeFile(program, `${text}\nexports.loadedVersion = () => '1.0.1';\n`);
    await assert.rejects(say(), { code: 'TALK_ERR_CLOSED', message: /just updated: restart Node-RED/ });
  });
});
