// A main loop that does something else: blocked for two seconds, and blocked most of the time; with the engine in its thread, and without.
import { distribution, percentile } from '../figures.js';
import { PIECES, type Bench } from '../group.js';
import { packetLateness } from '../heard.js';
import { withProcesses, type Block } from '../processes.js';
import type { Series } from '../report.js';

/** 20 ms of sound: the beat that is hardest to keep. */
const PACKET_BYTES = 160;
/** From the call on, which the clip follows after the lead-in of 300 ms. */
const PAUSE = { afterMs: 1_500, busyMs: 2_000 };
/** Each run is a process of its own. */
const MAX_RUNS = 3;

interface Blocked {
  /** Of the packets, run by run. */
  readonly late: readonly (readonly number[])[];
  readonly slips: readonly number[];
  /** How late the process of the cameras itself was, p99, ms. */
  readonly cameraDelays: readonly number[];
  /** Of the first run: seconds since the first packet, lateness. */
  readonly course: Series;
  /** Of the first run: when the main loop was blocked first, seconds since the first packet. */
  readonly block: readonly [from: number, to: number];
}

export async function blocked(bench: Bench): Promise<void> {
  const { report } = bench;
  for (const thread of [true, false]) {
    const [mode, id] = thread ? ['', 'thread'] : [' (without the thread)', 'bare'];
    const goal = (text: string): string => (thread ? text : '');

    const pause = await speakBlocked(bench, thread, 5, PAUSE);
    const latest = pause.late.map((late) => Math.max(...late));
    report.add(
      `blocked.pause.${id}.max`,
      `main loop blocked for 2 s: latest packet${mode}`,
      'ms',
      latest,
      goal('<= 10'),
    );
    report.add(`blocked.pause.${id}.slips`, `main loop blocked for 2 s: slips${mode}`, '', pause.slips, goal('= 0'));
    report.addSeries(`blocked.pause.${id}.course`, pause.course);
    report.addSeries(`blocked.pause.${id}.block`, [pause.block]);

    const pieces = await speakBlocked(bench, thread, 10, PIECES);
    const p99 = pieces.late.map((late) => percentile(late, 0.99));
    const name = `main loop blocked 80 % of the time: packet lateness p99${mode}`;
    report.add(`blocked.pieces.${id}.p99`, name, 'ms', p99, goal('<= 5'));
    const cameras = `main loop blocked 80 % of the time: the cameras' own loop delay p99${mode}`;
    report.add(`blocked.pieces.${id}.cameras`, cameras, 'ms', pieces.cameraDelays, '(the bench)');
    report.addSeries(`blocked.pieces.${id}.lateness`, distribution(pieces.late.flat()));
  }
}

async function speakBlocked({ clips, runs }: Bench, thread: boolean, seconds: number, block: Block): Promise<Blocked> {
  const late: number[][] = [];
  const slips: number[] = [];
  const cameraDelays: number[] = [];
  let course: Series = [];
  let span: Blocked['block'] = [0, 0];
  for (let run = 0; run < Math.min(MAX_RUNS, runs); run++) {
    await withProcesses({ thread }, async ({ speak, hear, cameraDelay }) => {
      await cameraDelay();
      const { calledAt, reports } = await speak({
        source: clips.speech(seconds, 'mp3'),
        packetBytes: PACKET_BYTES,
        block,
      });
      cameraDelays.push((await cameraDelay()).p99Ms);
      const [heard] = await hear();
      const lateness = packetLateness(heard);
      late.push(lateness);
      slips.push(reports[0]?.slips ?? Number.NaN);
      if (run > 0) return;
      course = lateness.map((ms, n) => [(heard?.due[n] ?? 0) / 1_000, ms]);
      const from = (calledAt + block.afterMs - (heard?.arrivals[0] ?? 0)) / 1_000;
      span = [from, from + block.busyMs / 1_000];
    });
  }
  return { late, slips, cameraDelays, course, block: span };
}
