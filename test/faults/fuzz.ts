// `npm run fuzz -- --minutes 60`: rounds with one seed after the other; `--seed 7` plays one again and tells all of it.
import { parseArgs } from 'node:util';
import { complaints } from './complaints.js';
import { playRound } from './round.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function fuzz(): Promise<boolean> {
  complaints();
  if (values.seed !== undefined) {
    const { done, outcomes, wrong } = await playRound(Number(values.seed));
    say(`done: ${done.join(', ')}\nended with: ${outcomes.join(', ')}\nwrong: ${wrong.join('\n') || 'nothing'}`);
    return wrong.length === 0;
  }
  const endsAt = performance.now() + Number(values.minutes) * 60_000;
  const counts = { rounds: 0, mutations: 0, broken: 0 };
  for (let seed = Number(values.from); performance.now() < endsAt; seed++) {
    const { done, wrong } = await playRound(seed);
    counts.rounds += 1;
    counts.mutations += done.length;
    if (wrong.length === 0) continue;
    counts.broken += 1;
    say(`seed ${seed}: ${wrong.join('; ')}`);
  }
  say(`${counts.rounds} rounds, ${counts.mutations} mutations, ${counts.broken} broken`);
  return counts.broken === 0;
}

fuzz().then(
  (good) => process.exit(good ? 0 : 1),
  (error: unknown) => {
    say(String(error));
    process.exit(1);
  },
);
