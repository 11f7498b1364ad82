// One stream: its beat, its drift and its cost, for one minute and for ten.
import { distribution, drift, percentile } from '../figures.js';
import type { Bench } from '../group.js';
import { packetLateness } from '../heard.js';
import { withProcesses } from '../processes.js';

export function minute(bench: Bench): Promise<void> {
  return oneStream(bench, 60, 'minute', 'one stream of 60 s');
}

export function long(bench: Bench): Promise<void> {
  return oneStream(bench, 600, 'long', 'one stream of 10 min');
}

async function oneStream({ report, clips, family }: Bench, seconds: number, id: string, name: string): Promise<void> {
  await withProcesses({ families: [family.name] }, async ({ speak, hear }) => {
    const { cpuSeconds } = await speak({ source: clips.speech(seconds, 'mp3') });
    const [heard] = await hear();
    const late = packetLateness(heard);
    const moved = Math.abs(drift(heard?.arrivals ?? [], heard?.due ?? []));
    report.add(`${id}.p99`, `MP3, ${name}: packet lateness p99`, 'ms', [percentile(late, 0.99)], family.goals.one);
    report.add(`${id}.max`, `MP3, ${name}: packet lateness max`, 'ms', [Math.max(...late)], '<= 10');
    report.add(`${id}.drift`, `MP3, ${name}: drift`, 'ms', [moved], '<= 10');
    report.add(`${id}.cpu`, `MP3, ${name}: CPU per stream-minute`, 's', [(cpuSeconds * 60) / seconds], '<= 0.15');
    report.addSeries(`${id}.lateness`, distribution(late));
  });
}
