// The same message to more and more cameras: whether cost grows with their number, and where the beat is lost.
import { fanOut } from '../fan-out.js';
import type { Bench } from '../group.js';

const STREAMS = [1, 10, 50, 100, 200] as const;
const CLIP_SECONDS = 20;

export async function growth({ report, clips, family }: Bench): Promise<void> {
  for (const streams of STREAMS) {
    const one = await fanOut(streams, [family.name], clips.speech(CLIP_SECONDS, 'mp3'));
    const tell = (id: string, figure: string, unit: string, value: number, goal = ''): void =>
      report.add(
        `growth.${streams}.${id}`,
        `${streams} ${streams === 1 ? 'stream' : 'streams'} of ${CLIP_SECONDS} s: ${figure}`,
        unit,
        [value],
        goal,
      );
    tell('whole', 'heard whole', '', one.whole, `= ${streams}`);
    tell('cpu', 'CPU per stream-minute', 's', one.cpuPerStreamMinute);
    tell('share', 'share of the machine', '%', one.machineShare * 100);
    tell('memory', 'peak resident memory', 'MB', one.peakMb);
    tell('p99', 'packet lateness p99', 'ms', one.latenessP99Ms, streams === 200 ? '<= 20' : '');
    tell('spread', 'cameras apart p99', 'ms', one.spreadP99Ms);
    tell('cameras', "the cameras' own loop delay p99", 'ms', one.cameraDelayMs, '(the bench)');
  }
}
