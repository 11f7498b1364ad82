// What this machine does with the same packets by timers and writes alone: the floor under every other figure.
import { apart, lateness, percentile } from '../figures.js';
import { PIECES, type Bench } from '../group.js';
import { withProcesses, type Block } from '../processes.js';

/** 1024 bytes of sound, RTP header and frame; and 160 bytes of it. */
const LARGE = { packetMs: 128, bytes: 1_040 };
const SMALL = { packetMs: 20, bytes: 176 };
const GOAL = '(the machine)';

export async function bare({ report }: Bench): Promise<void> {
  const one = await bareLoop({ ...LARGE, sockets: 1, packets: 235 });
  report.add('bare.p99', 'bare timer loop, 30 s: packet lateness p99', 'ms', [one.latenessP99Ms], GOAL);
  report.add('bare.cpu', 'bare timer loop, 30 s: CPU per stream-minute', 's', [one.cpuPerMinute], GOAL);

  const many = await bareLoop({ ...LARGE, sockets: 50, packets: 79 });
  report.add('bare.many.spread', 'bare timer loop, 50 sockets: apart p99', 'ms', [many.spreadP99Ms], GOAL);
  report.add('bare.many.cpu', 'bare timer loop, 50 sockets: CPU per stream-minute', 's', [many.cpuPerMinute], GOAL);

  const beside = await bareLoop({ ...SMALL, sockets: 1, packets: 500, block: PIECES });
  const figure = 'bare timer thread, main loop blocked 80 % of the time: lateness p99';
  report.add('bare.pieces.p99', figure, 'ms', [beside.latenessP99Ms], GOAL);
}

interface Loop {
  readonly sockets: number;
  readonly packets: number;
  readonly packetMs: number;
  readonly bytes: number;
  /** What keeps the main loop busy beside it. */
  readonly block?: Block;
}

interface Measured {
  /** Of the first socket. */
  readonly latenessP99Ms: number;
  readonly spreadP99Ms: number;
  /** Seconds for each minute and socket. */
  readonly cpuPerMinute: number;
}

async function bareLoop(loop: Loop): Promise<Measured> {
  return withProcesses({ warm: false }, async ({ camera, client }) => {
    const { port } = await camera.ask<{ port: number }>('sink');
    const { cpuSeconds } = await client.ask<{ cpuSeconds: number }>('bareLoop', { port, ...loop });
    const { arrivals } = await camera.ask<{ arrivals: number[][] }>('sunk');
    const [first = []] = arrivals;
    const due = first.map((_, n) => n * loop.packetMs);
    return {
      latenessP99Ms: percentile(lateness(first, due), 0.99),
      spreadP99Ms: percentile(apart(arrivals), 0.99),
      cpuPerMinute: (cpuSeconds * 60_000) / (loop.packets * loop.packetMs * loop.sockets),
    };
  });
}
