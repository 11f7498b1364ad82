// From the call to the first packet with sound, in a fresh session and in a kept one; and whether what is heard is what was meant.
import { decodeAlaw } from '../../../src/sound/g711.js';
import { correlation } from '../figures.js';
import type { Bench } from '../group.js';
import { firstAudible, type Heard } from '../heard.js';
import { withProcesses, type Processes } from '../processes.js';

const SAMPLES_PER_MS = 8;
/** Spreads the starts over one packet: the share of it between one and the next. */
const OFF_BEAT = 0.1;
/** What may come to the wait for the next packet. */
const LATE_MS = 3;
/** Keeps the session for the next clip. */
const KEPT_MS = 60_000;

export async function starts(bench: Bench): Promise<void> {
  const families = [bench.family.name];
  for (const kind of ['wav', 'mp3'] as const) {
    await withProcesses({ families }, (processes) => freshSessions(bench, processes, kind));
  }
  await withProcesses({ families }, (processes) => keptSession(bench, processes));
}

async function freshSessions(
  { report, clips, runs, family }: Bench,
  { speak, hear }: Processes,
  kind: 'wav' | 'mp3',
): Promise<void> {
  const source = clips.speech(5, kind);
  const reference = clips.reference(source);
  const { leadInMs } = family;
  const firstSounds: number[] = [];
  const sinceAccept: number[] = [];
  const alike: number[] = [];
  for (let run = 0; run < runs; run++) {
    // A gain no other run had keeps the cache out of it.
    const { calledAt } = await speak({ source, gain: -0.001 * run });
    const [heard] = await hear({ ended: true, withAudio: true });
    firstSounds.push(firstAudible(heard) - calledAt - leadInMs);
    sinceAccept.push(firstAudible(heard) - (heard?.acceptedAt ?? Number.NaN) - leadInMs);
    alike.push(likeness(reference, heard, leadInMs));
  }
  const name = kind.toUpperCase();
  report.add(
    `starts.${kind}.first`,
    `${name} 5 s, fresh session: first sound after lead-in`,
    'ms',
    firstSounds,
    '<= 12',
  );
  report.add(
    `starts.${kind}.accept`,
    `${name} 5 s, the same since the camera accepted the connection`,
    'ms',
    sinceAccept,
    '<= 12',
  );
  report.add(`starts.${kind}.alike`, `${name} heard against ffmpeg's conversion, correlation`, '', alike, '>= 0.98');
}

async function keptSession(
  { report, clips, runs, family: { packetMs } }: Bench,
  { speak, hear }: Processes,
): Promise<void> {
  const source = clips.speech(1, 'wav');
  const first: number[] = [];
  for (let run = 0; run <= runs * 2; run++) {
    // Whoever speaks next does not know where the beat is.
    await new Promise((wake) => setTimeout(wake, run * OFF_BEAT * packetMs));
    const [before] = await hear({});
    const { calledAt } = await speak({ source, idleMs: KEPT_MS });
    const [heard] = await hear({});
    if (run > 0) first.push(firstAudible(heard, before?.arrivals.length ?? 0) - calledAt);
  }
  const figure = `kept session, cached clip: first sound (one packet is ${packetMs} ms)`;
  report.add('starts.kept.first', figure, 'ms', first, `<= ${packetMs + LATE_MS}`);
}

function likeness(reference: Int16Array, heard: Heard | null | undefined, leadInMs: number): number {
  const samples = decodeAlaw(Buffer.from(heard?.audio ?? '', 'base64'));
  return correlation(samples.subarray(leadInMs * SAMPLES_PER_MS), reference, 40).value;
}
