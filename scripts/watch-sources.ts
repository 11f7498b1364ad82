// For `npm start -- --watch`: compiles and copies what changes, one build at a time, and tells of each that has no errors. Restarting is demo.ts's.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export interface SourceWatch {
  /** The handler gets the changed files that are no TypeScript; it is waited for, and what changes meanwhile comes with the next call. */
  onBuild(handler: (changed: readonly string[]) => Promise<void>): void;
  /** Waits for the handler, too. */
  stop(): Promise<void>;
}

export interface SourceWatchOptions {
  readonly root: string;
  readonly print: (line: string) => void;
  /** Ends the wait for the first build. */
  readonly signal: AbortSignal;
}

/** What is copied as it is, or read by Node-RED where it is; the compiler watches the rest. */
const ASSETS = ['nodes', 'icons', 'resources', 'examples', join('src', 'simulator', 'page')];
/** Looked at so often: works in containers and on network drives, where no file system tells. */
const LOOK_MS = 500;

/** Resolves after the first build without errors, or when the signal aborts; rejects when there is no compiler. */
export async function watchSources({ root, print, signal }: SourceWatchOptions): Promise<SourceWatch> {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const tsc = spawn(process.execPath, [compiler, '-p', 'tsconfig.json', '--watch', '--preserveWatchOutput'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(tsc, 'exit');
  let stopped = false;
  let compiled = false;
  let handle: ((changed: readonly string[]) => Promise<void>) | undefined;
  let due = false;
  let working = Promise.resolve();
  let seen = assets(root);
  const changed = new Set<string>();

  const work = (): void => {
    working = working.then(async () => {
      if (handle === undefined || !due || !compiled || stopped) return;
      due = false;
      const files = [...changed];
      changed.clear();
      try {
        await copyAssets(root);
        await handle(files);
      } catch (error) {
        print(String(error));
      }
    });
  };

  const firstBuild = new Promise<boolean>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
    if (signal.aborted) resolve(false);
    exited.then(([code]) => {
      if (code !== null && !stopped) print(`The compiler has ended with ${String(code)}; nothing is watched any more`);
      reject(new Error('The compiler has ended'));
    }, reject);
    createInterface(tsc.stdout).on('line', (line) => {
      const [, errors] = /Found (\d+) errors?\. Watching/.exec(line) ?? [];
      if (/Starting (?:incremental )?compilation/.test(line)) {
        compiled = false;
        print('Compiling…');
      } else if (errors === undefined) {
        if (line.trim() !== '') print(line);
      } else if (errors === '0') {
        compiled = true;
        due = true;
        resolve(true);
        work();
      } else {
        print(`Errors: ${errors}. Waiting for the next change.`);
      }
    });
  });
  const looking = setInterval(() => {
    const now = assets(root);
    for (const file of new Set([...now.keys(), ...seen.keys()])) {
      if (now.get(file) !== seen.get(file)) changed.add(file);
    }
    seen = now;
    if (changed.size === 0) return;
    due = true;
    work();
  }, LOOK_MS);

  const stop = async (): Promise<void> => {
    stopped = true;
    clearInterval(looking);
    if (tsc.exitCode === null && tsc.signalCode === null) tsc.kill();
    await exited;
    await working;
  };
  try {
    if (await firstBuild) await copyAssets(root);
    due = changed.size > 0;
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    onBuild: (handler) => {
      handle = handler;
      work();
    },
    stop,
  };
}

/** When each was written, and its length. */
function assets(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of ASSETS) {
    for (const entry of entriesOf(join(root, folder))) {
      if (!entry.isFile() || entry.name.endsWith('.ts')) continue;
      const file = join(entry.parentPath, entry.name);
      const { mtimeMs, size } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 };
      found.set(relative(root, file), `${mtimeMs} ${size}`);
    }
  }
  return found;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    // Not there, or just being written.
    return [];
  }
}

async function copyAssets(root: string): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, 'scripts', 'copy-assets.mjs')]);
}
