// Reports against recordings: what was reported spoken is in what the camera heard, whole and once; live sound in order, and current after a break.
import type { Message, Part } from './message.js';
import type { Room } from './room.js';
import type { TalkReport } from '../../src/talk/states.js';
import { BLOCK_MS, type Run } from './sound.js';

/** A break so soon after a clip that the last acknowledgements were lost: it is said once more, ms. */
const UNSEEN_MS = 3_000;
/** What is said after a break is not older, ms: a turn begins within so long of the packet it begins with. */
const CURRENT_MS = 3_000;

/** Reports round to 0.1 s, and a block is lost where sound goes on in its middle. */
const ROUNDED_BLOCKS = 150;

/** What is not as it was reported. */
export function heardAsReported(room: Room): string[] {
  return room.parts.flatMap((part) => {
    const runs = room.device.runs.filter(({ id }) => id === part.message.id);
    const taken = room.device.takenRuns.filter(({ id }) => id === part.message.id);
    const wrong = part.message.kind === 'clip' ? clip(part, runs, taken) : live(part, runs);
    return wrong === undefined ? [] : [`${room.device.name}, #${part.message.id}: ${wrong}`];
  });
}

function clip({ message, end, room }: Part, runs: readonly Run[], taken: readonly Run[]): string | undefined {
  const isWhole = ({ from, to }: Run): boolean => from === 0 && to === message.blocks;
  const whole = runs.filter(isWhole);
  if (end?.how === 'spoken' && whole.length === 0 && !taken.some(isWhole)) {
    const heard = runs.map(({ from, to }) => `${from}-${to}`).join(' ');
    return `reported as said; heard of ${message.blocks} blocks: ${heard === '' ? 'nothing' : heard}`;
  }
  if (runs.some(({ from }) => from !== 0)) return 'did not begin at its beginning';
  const again = whole
    .slice(0, -1)
    .find(({ lastAt }) => room.faultsIn(lastAt - UNSEEN_MS, lastAt + UNSEEN_MS).length === 0);
  return again === undefined ? undefined : `said whole ${whole.length} times`;
}

function live({ message, end }: Part, runs: readonly Run[]): string | undefined {
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    if (before === undefined) continue;
    if (run.from < before.to - 400) return `said again from block ${run.from} after ${before.to}`;
    // Of a source that has ended, all that is still there is said.
    if (run.from > before.to && run.firstAt < (message.givenAt.at(-1)?.at ?? 0)) {
      const ageMs = run.firstAt - (givenAt(message, run.from) ?? run.firstAt);
      if (ageMs > CURRENT_MS) return `went on with sound that was ${Math.round(ageMs)} ms old`;
    }
  }
  const heard = runs.reduce((sum, { from, to }) => sum + to - from, 0);
  if (end?.how !== 'spoken' || end.report.attempts !== 1) return undefined;
  const leftOut = leftOutMs(end.report) / BLOCK_MS;
  if (heard + leftOut > message.given - ROUNDED_BLOCKS) return undefined;
  return `reported as said; heard ${heard} of ${message.given} blocks, ${Math.round(leftOut)} were reported as left out`;
}

/** Of live sound, what the report says was too old to be said. */
function leftOutMs({ warnings = [] }: TalkReport): number {
  const [, seconds = '0'] = /^([\d.]+) s of the live sound were too old/.exec(warnings.join()) ?? [];
  return Number(seconds) * 1_000;
}

function givenAt({ givenAt: chunks }: Message, block: number): number | undefined {
  return chunks.find(({ upTo }) => upTo > block)?.at;
}
