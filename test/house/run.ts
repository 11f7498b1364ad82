// npm run house: hours in the house by seed, in several processes; a seed that breaks something prints itself and can be replayed.
import { fork, type ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { takeOutCures } from './cures.js';
import { World, type Hour } from './world.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '60' },
    jobs: { type: 'string', default: '2' },
    trace: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    cures: { type: 'boolean', default: false },
    part: { type: 'boolean', default: false },
  },
});

async function hour(seed: number): Promise<Hour> {
  const trace = values.trace ? (text: string): void => console.log(text) : undefined;
  const result = await new World({ seed, minutes: Number(values.minutes), trace }).run();
  for (const text of result.broken) console.log(`seed ${seed}: ${text}`);
  if (result.broken.length > 0) console.log(`  npm run house -- --seed ${seed} --trace`);
  return result;
}

/** Every `jobs`-th seed from `from` on. */
async function part(): Promise<void> {
  let broken = 0;
  const last = Number(values.from) + Number(values.seeds);
  const [messages, spoken] = [0, 0];
  const sums = { messages, spoken };
  for (let seed = Number(values.from); seed < last; seed += Number(values.jobs)) {
    const result = await hour(seed);
    if (result.broken.length > 0) broken += 1;
    if (values.first && broken > 0) break;
    sums.messages += result.messages;
    sums.spoken += result.spoken;
  }
  process.send?.({ broken, ...sums });
}

async function all(): Promise<void> {
  const jobs = Number(values.jobs);
  const startedAt = process.hrtime.bigint();
  const children: ChildProcess[] = [];
  const sums = { broken: 0, messages: 0, spoken: 0 };
  await Promise.all(
    Array.from({ length: jobs }, async (_, index) => {
      const from = Number(values.from) + index;
      const seeds = Number(values.seeds) - index;
      const args = ['--part', `--from=${from}`, `--seeds=${seeds}`, `--jobs=${jobs}`, `--minutes=${values.minutes}`];
      if (values.first) args.push('--first');
      const child = fork(__filename, args);
      children.push(child);
      child.on('message', (result: typeof sums) => {
        sums.broken += result.broken;
        sums.messages += result.messages;
        sums.spoken += result.spoken;
      });
      const code = await new Promise((resolve) => child.on('exit', resolve));
      if (code !== 0 && code !== null) sums.broken += 1;
      // One is enough.
      if (values.first && sums.broken > 0) for (const other of children) other.kill();
    }),
  );
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  console.log(
    `${values.seeds} hours in ${seconds.toFixed(1)} s: ${sums.messages} messages, ${sums.spoken} spoken, ${sums.broken} hours with a broken invariant`,
  );
  process.exitCode = sums.broken > 0 ? 1 : 0;
}

if (values.part) void part();
else if (values.seed !== undefined) void hour(Number(values.seed));
else if (values.cures) {
  void takeOutCures(Number(values.seeds), Number(values.jobs)).then((unnoticed) => {
    process.exitCode = unnoticed;
  });
} else void all();
