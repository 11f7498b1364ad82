// The whole suite, twice in a row, while processes that never sleep load the machine: no test may depend on a quiet one. Needs `npm run build` before.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const RUNS = 2;
/** Twice the cores of the machine that the suite is made for. */
const LOADS = 4;
/** Ends with the process that started it, however that ended. */
const NEVER_SLEEPS = 'for (let n = 0; n % 1e7 !== 0 || process.ppid === Number(process.argv[1]); n++);';

let suite: ChildProcess | undefined;
let stopped: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped = signal;
    suite?.kill(signal);
  });
}

async function main(): Promise<number> {
  const loads = Array.from({ length: LOADS }, () =>
    spawn(process.execPath, ['-e', NEVER_SLEEPS, String(process.pid)], { stdio: 'ignore' }),
  );
  try {
    for (let run = 1; run <= RUNS; run++) {
      console.log(`\nrun ${run} of ${RUNS}, beside ${LOADS} processes that never sleep`);
      // What chance finds is found here.
      const env = { ...process.env, FC_SEED: String(Date.now() % 2 ** 31) };
      console.log(`FC_SEED=${env.FC_SEED}`);
      suite = spawn('npm', ['run', 'test:all'], { stdio: 'inherit', env, shell: process.platform === 'win32' });
      const [code] = (await once(suite, 'close')) as [number | null];
      // What a signal ended has no code.
      if (code !== 0 || stopped !== undefined) return code === null || code === 0 ? 1 : code;
    }
    return 0;
  } finally {
    for (const load of loads) load.kill('SIGKILL');
  }
}

void main().then((code) => {
  process.exitCode = code;
});
