// `npm run bench`: one table of what matters to who listens, measured at the camera's side of the socket. A benchmark, not a test: it judges nothing.
import { benchArguments, knows, USAGE, type BenchArguments, type GroupName } from './arguments.js';
import { makeClips } from './clips.js';
import { familyOf, type FamilyName } from './family.js';
import type { Bench, Group } from './group.js';
import { bare } from './groups/bare.js';
import { long, minute } from './groups/beat.js';
import { blocked } from './groups/blocked.js';
import { compare } from './groups/compare.js';
import { flood } from './groups/flood.js';
import { growth } from './groups/growth.js';
import { heavy } from './groups/heavy.js';
import { idle } from './groups/idle.js';
import { listen } from './groups/listen.js';
import { many } from './groups/many.js';
import { starts } from './groups/starts.js';
import { words } from './groups/words.js';
import { BenchReport, ofFamily } from './report.js';

const MEASURE: Readonly<Record<GroupName, Group>> = {
  starts,
  bare,
  minute,
  blocked,
  many,
  listen,
  words,
  heavy,
  flood,
  growth,
  idle,
  long,
  compare,
};

async function main({ help, json, groups, families, compare, seconds }: BenchArguments): Promise<void> {
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  // With --json the table is there to watch.
  const report = new BenchReport((text) => void (json ? process.stderr : process.stdout).write(text));
  const clips = makeClips();
  const runs = Number(process.env['BENCH_RUNS'] ?? 5);
  const measure = async (group: GroupName, family: FamilyName): Promise<void> => {
    const told = family === 'multitrans' ? report : ofFamily(report, family);
    const bench: Bench = { report: told, clips, family: familyOf(family), runs, compare, seconds };
    // What has been measured is told, whatever becomes of the rest.
    await MEASURE[group](bench).catch((error: unknown) => fail(`${group}: ${String(error)}`));
  };
  try {
    for (const group of groups) {
      for (const family of families) if (knows(group, family)) await measure(group, family);
    }
  } finally {
    clips.remove();
  }
  if (json) process.stdout.write(`${JSON.stringify(report.results, null, 2)}\n`);
}

function fail(why: string): void {
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  let words: BenchArguments;
  try {
    words = benchArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  await main(words);
}

run().catch((error: unknown) => fail(String(error)));
