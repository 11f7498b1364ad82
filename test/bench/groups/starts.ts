// From the call to the first packet with sound, in a fresh session and in a kept one; and whether what is heard is what was meant.
import { decodeAlaw } from '../../../src/sound/g711.js';
import { correlation } from '../figures.js';
import { LEAD_IN_MS, type Bench } from '../group.js';
import { firstAudible, type Heard } from '../heard.js';
import { withProcesses, type Processes } from '../processes.js';

const SAMPLES_PER_MS = 8;
/** Spreads ten starts over one packet of 128 ms. */
const OFF_BEAT_MS = 13;
/** Keeps the session for the next clip. */
const KEPT_MS = 60_000;

export async function starts(bench: Bench): Promise<void> {
  for (const kind of ['wav', 'mp3'] as const) {
    await withProcesses({}, (processes) => freshSessions(bench, processes, kind));
  }
  await withProcesses({}, (processes) => keptSession(bench, processes));
}

async function freshSessions(
  { report, clips, runs }: Bench,
  { speak, hear }: Processes,
  kind: 'wav' | 'mp3',
): Promise<void> {
  const source = clips.speech(5, kind);
  const reference = clips.reference(source);
  const firstSounds: number[] = [];
  const alike: number[] = [];
  for (let run = 0; run < runs; run++) {
    // A gain no other run had keeps the cache out of it.
    const { calledAt } = await speak({ source, gain: -0.001 * run });
    const [heard] = await hear({ ended: true, withAudio: true });
    firstSounds.push(firstAudible(heard) - calledAt - LEAD_IN_MS);
    alike.push(likeness(reference, heard));
  }
  const name = kind.toUpperCase();
  report.add(
    `starts.${kind}.first`,
    `${name} 5 s, fresh session: first sound after lead-in`,
    'ms',
    firstSounds,
    '<= 12',
  );
  report.add(`starts.${kind}.alike`, `${name} heard against ffmpeg's conversion, correlation`, '', alike, '>= 0.98');
}

async function keptSession({ report, clips, runs }: Bench, { speak, hear }: Processes): Promise<void> {
  const source = clips.speech(1, 'wav');
  const first: number[] = [];
  for (let run = 0; run <= runs * 2; run++) {
    // Whoever speaks next does not know where the beat is.
    await new Promise((wake) => setTimeout(wake, run * OFF_BEAT_MS));
    const [before] = await hear({});
    const { calledAt } = await speak({ source, idleMs: KEPT_MS });
    const [heard] = await hear({});
    if (run > 0) first.push(firstAudible(heard, before?.arrivals.length ?? 0) - calledAt);
  }
  const goal = '<= 131';
  report.add('starts.kept.first', 'kept session, cached clip: first sound (one packet is 128 ms)', 'ms', first, goal);
}

function likeness(reference: Int16Array, heard: Heard | null | undefined): number {
  const samples = decodeAlaw(Buffer.from(heard?.audio ?? '', 'base64'));
  return correlation(samples.subarray(LEAD_IN_MS * SAMPLES_PER_MS), reference, 40).value;
}
