// A real Node-RED in a process and a throw-away user folder of its own, with a copy of this package in it. For the demo, the tests and the gate.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '..');

export interface NodeRedOptions {
  /** Flows to begin with; credentials cannot come this way, see `deploy`. */
  readonly flows?: readonly object[];
  /** Port of the editor; a free one by default. */
  readonly port?: number;
  /** The node binary; this one by default. */
  readonly node?: string;
  /** Node-RED's `red.js`; that of this checkout by default. */
  readonly red?: string;
  /** A prepared user folder with the package installed; by default a new one that links to this checkout (built). */
  readonly userDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** More of settings.js; plain data. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Gets everything Node-RED prints. */
  readonly onOutput?: (text: string) => void;
}

export interface RunningNodeRed {
  /** Where the editor is, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  readonly userDir: string;
  /** The last 16 KiB printed. */
  output(): string;
  /** Deploys flows; nodes may carry `credentials`. */
  deploy(flows: readonly object[], type?: 'full' | 'nodes' | 'flows'): Promise<void>;
  /** Presses the button of an inject node. */
  inject(nodeId: string): Promise<void>;
  /** Ends the process and starts it anew on the same port and folder, so with the flows that were deployed last. */
  restart(): Promise<void>;
  /** Ends the process and removes its folder; resolves with its exit code. */
  stop(): Promise<number | null>;
}

// Node-RED starts in 1 to 2 s; shared machines take several times as long.
const START_TIMEOUT_MS = 150_000;
// Longer than Node-RED's own 15 s for nodes that do not close.
const STOP_TIMEOUT_MS = 20_000;

export async function startNodeRed(options: NodeRedOptions = {}): Promise<RunningNodeRed> {
  const port = options.port ?? (await freePort());
  const userDir = options.userDir ?? (await linkedUserDir());
  await writeSettings(userDir, port, options);
  const root = options.settings?.['httpAdminRoot'];
  const url = `http://127.0.0.1:${port}${typeof root === 'string' ? root : ''}`;
  let output = '';
  const keep = (text: string): void => {
    output = (output + text).slice(-16_384);
    options.onOutput?.(text);
  };
  let running = launch(userDir, options, keep);

  const stop = async (): Promise<number | null> => {
    const code = await running.end();
    await rm(userDir, { recursive: true, force: true });
    return code;
  };
  const started = async (): Promise<void> => {
    const deadline = Date.now() + START_TIMEOUT_MS;
    // The editor's page is there for everybody, also where the rest wants a login.
    while (!(await answers(`${url}/`))) {
      if (running.ended() || Date.now() > deadline) throw new Error(`Node-RED did not start:\n${output}`);
      await new Promise((wake) => setTimeout(wake, 100));
    }
  };
  try {
    await started();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    get pid() {
      return running.pid;
    },
    userDir,
    output: () => output,
    deploy: (flows, type = 'full') =>
      post(`${url}/flows`, { flows }, { 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': type }),
    inject: (nodeId) => pressButton(`${url}/inject/${nodeId}`),
    restart: async () => {
      await running.end();
      running = launch(userDir, options, keep);
      await started();
    },
    stop,
  };
}

interface Launched {
  readonly pid: number;
  ended(): boolean;
  /** Resolves with the exit code. */
  end(): Promise<number | null>;
}

function launch(userDir: string, options: NodeRedOptions, onOutput: (text: string) => void): Launched {
  const red = options.red ?? join(ROOT, 'node_modules', 'node-red', 'red.js');
  const child = spawn(options.node ?? process.execPath, [red, '--userDir', userDir], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (): Promise<number | null> => {
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    if (!ended()) child.kill('SIGTERM');
    if (!ended()) await exited;
    clearTimeout(killer);
    return child.exitCode;
  };
  return { pid: child.pid ?? 0, ended, end };
}

/** A port nobody listens on, below those that the system gives to whoever asks for any: it stays free. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

/** True when nobody listens on this port of the loopback address. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function linkedUserDir(): Promise<string> {
  if (!existsSync(join(ROOT, 'dist', 'nodes', 'tplink-talk.js'))) throw new Error('Run `npm run build` first');
  const userDir = await mkdtemp(join(tmpdir(), 'tplink-talk-'));
  const scope = join(userDir, 'node_modules', '@camera-talk');
  await mkdir(scope, { recursive: true });
  await symlink(ROOT, join(scope, 'node-red-tplink-talk'), 'dir');
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'user-folder', private: true }));
  return userDir;
}

async function writeSettings(
  userDir: string,
  port: number,
  { flows = [], settings = {} }: NodeRedOptions,
): Promise<void> {
  const all = {
    uiHost: '127.0.0.1',
    uiPort: port,
    flowFile: 'flows.json',
    credentialSecret: 'only for a throw-away folder',
    editorTheme: { tours: false },
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { palette: { allowInstall: false } },
    logging: { console: { level: 'warn' } },
    ...settings,
  };
  await writeFile(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(all)};\n`);
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flows));
}

async function post(url: string, body: object, headers: Readonly<Record<string, string>>): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

/** Flows go on starting after a deploy has been answered; until then the button is not there. */
async function pressButton(url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await post(url, {}, {});
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
