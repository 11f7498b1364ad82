// `npm run bench [-- --json] [-- --only=starts|bare|minute|many]`: one table of what matters to who listens, measured at the camera's side of the socket. A benchmark, not a test: it judges nothing.
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { decodeAlaw } from '../../src/audio/g711.js';
import { makeClips } from './clips.js';
import { correlation, drift, lateness, median, percentile } from './figures.js';
import { Worker, type Heard, type Spoken } from './processes.js';

interface Row {
  readonly figure: string;
  readonly unit: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly runs: number;
  /** What was asked for, as text. */
  readonly goal: string;
}

const PASSWORD = 'bench';
const LEAD_IN_MS = 300;
const SAMPLE_RATE = 8_000;
const RUNS = Number(process.env['BENCH_RUNS'] ?? 5);
const MANY = 50;

async function main(): Promise<void> {
  const json = process.argv.includes('--json');
  const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length);
  const clips = makeClips();
  const rows: Row[] = [];
  const add = (figure: string, unit: string, values: readonly number[], goal: string): void => {
    const row = {
      figure,
      unit,
      value: median(values),
      least: Math.min(...values),
      most: Math.max(...values),
      runs: values.length,
      goal,
    };
    rows.push(row);
    if (!json) process.stdout.write(`${line(row)}\n`);
  };
  if (!json) process.stdout.write(`${environment()}\n\n${HEADER}\n`);
  try {
    for (const [name, measure] of Object.entries({
      starts,
      bare: (_: Clips, told: Add) => bareLoop(told),
      minute,
      many,
    })) {
      if (only === undefined || only === name) await measure(clips, add);
    }
  } finally {
    clips.remove();
  }
  if (json) process.stdout.write(`${JSON.stringify({ environment: environment(), rows }, null, 2)}\n`);
}

type Add = (figure: string, unit: string, values: readonly number[], goal: string) => void;
type Clips = ReturnType<typeof makeClips>;

/** Fresh and kept sessions: from the call to the first packet with sound in it. */
async function starts(clips: Clips, add: Add): Promise<void> {
  await withProcesses(1, async ({ camera, client, ports }) => {
    const speak = (source: string, idleMs: number): Promise<Spoken> =>
      client.ask('speak', { ports, password: PASSWORD, source, idleMs });
    await speak(clips.mp3, 0);
    await speak(clips.wav, 0);
    await hear(camera, { ended: true });
    for (const [name, clip] of [
      ['WAV', clips.wav],
      ['MP3', clips.mp3],
    ] as const) {
      const firstSounds: number[] = [];
      const alike: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        // A gain no other run had keeps the cache out of it.
        const spoken = await client.ask<Spoken>('speak', {
          ports,
          password: PASSWORD,
          source: clip,
          idleMs: 0,
          gain: -0.001 * (run + 1),
        });
        const [heard] = await hear(camera, { ended: true, withAudio: true });
        firstSounds.push(firstAudible(heard) - spoken.calledAt - LEAD_IN_MS);
        alike.push(correlationWith(clips.reference(clip), heard));
      }
      add(`${name} 5 s, fresh session: first sound after lead-in`, 'ms', firstSounds, '<= 20');
      add(`${name} heard against ffmpeg's conversion, correlation`, '', alike, '>= 0.98');
    }
    const kept: number[] = [];
    for (let run = 0; run <= RUNS * 2; run++) {
      const before = (await hear(camera, {}))[0]?.arrivals.length ?? 0;
      const spoken = await speak(clips.wav, 60_000);
      const [heard] = await hear(camera, {});
      if (run > 0) kept.push(firstAudible(heard, before) - spoken.calledAt);
    }
    add('kept session, cached clip: first sound', 'ms', kept, '<= 133 (one packet time + 5)');
  });
}

/** One stream of a minute: the beat and its cost. */
async function minute(clips: Clips, add: Add): Promise<void> {
  for (const [name, clip] of [
    ['WAV', clips.minuteWav],
    ['MP3', clips.minuteMp3],
  ] as const) {
    await withProcesses(1, async ({ camera, client, ports }) => {
      await client.ask('speak', {
        ports,
        password: PASSWORD,
        source: name === 'MP3' ? clips.mp3 : clips.wav,
        idleMs: 0,
      });
      const spoken = await client.ask<Spoken>('speak', { ports, password: PASSWORD, source: clip, idleMs: 0 });
      const [heard] = await hear(camera, { ended: true });
      const late = lateness(heard?.arrivals ?? [], frameMs(heard));
      add(`${name} 60 s, one stream: packet lateness p99`, 'ms', [percentile(late, 0.99)], '<= 3');
      add(`${name} 60 s, one stream: packet lateness max`, 'ms', [Math.max(...late)], '');
      add(`${name} 60 s, one stream: drift`, 'ms', [Math.abs(drift(heard?.arrivals ?? [], frameMs(heard)))], '<= 10');
      add(`${name} 60 s, one stream: CPU per stream-minute`, 's', [spoken.cpuSeconds], '<= 0.15');
    });
  }
}

/** The same number of packets by timers and writes alone, in the same run: what the machine itself costs just now. */
async function bareLoop(add: Add): Promise<void> {
  await withProcesses(1, async ({ camera, client }) => {
    const { port } = await camera.ask<{ port: number }>('sink');
    const packetMs = 128;
    const { cpuSeconds } = await client.ask<{ cpuSeconds: number }>('bareLoop', {
      port,
      packets: 469,
      packetMs,
      bytes: 1_040,
    });
    const { arrivals } = await camera.ask<{ arrivals: number[] }>('sunk');
    add(
      'bare timer loop, 60 s: packet lateness p99',
      'ms',
      [percentile(lateness(arrivals, packetMs), 0.99)],
      '(the machine)',
    );
    add('bare timer loop, 60 s: CPU', 's', [cpuSeconds], '(the machine)');
  });
}

/** One message to many cameras. */
async function many(clips: Clips, add: Add): Promise<void> {
  const whole: number[] = [];
  const last: number[] = [];
  const p99: number[] = [];
  const spread: number[] = [];
  const cpu: number[] = [];
  const resident: number[] = [];
  for (let run = 0; run < Math.min(3, RUNS); run++) {
    await withProcesses(MANY + 1, async ({ camera, client, ports }) => {
      // Warms the decoder with what the cache will not recognise, on a camera that is not measured.
      const [spare, ...measured] = ports;
      await client.ask('speak', { ports: [spare], password: PASSWORD, source: clips.mp3, idleMs: 0, gain: -1 });
      const spoken = await client.ask<Spoken>('speak', {
        ports: measured,
        password: PASSWORD,
        source: clips.mp3,
        idleMs: 0,
      });
      const { peakMb } = await client.ask<{ peakMb: number }>('memory');
      const [, ...heard] = await hear(camera, { ended: true });
      const seconds = spoken.reports[0]?.seconds ?? Number.NaN;
      whole.push(heard.filter((one) => audibleSeconds(one) >= seconds - 0.3 && one?.violations.length === 0).length);
      const firsts = heard.map((one) => firstAudible(one) - spoken.calledAt);
      last.push(Math.max(...firsts) - LEAD_IN_MS);
      spread.push(Math.max(...firsts) - Math.min(...firsts));
      p99.push(
        percentile(
          heard.flatMap((one) => lateness(one?.arrivals ?? [], frameMs(one))),
          0.99,
        ),
      );
      cpu.push((spoken.cpuSeconds * 60) / (seconds * MANY));
      resident.push(peakMb);
    });
  }
  add(`${MANY} cameras, one MP3 of 5 s: heard whole`, '', whole, `= ${MANY}`);
  add(`${MANY} cameras: first sound on the last one after lead-in`, 'ms', last, '');
  add(`${MANY} cameras: first sounds apart`, 'ms', spread, '');
  add(`${MANY} cameras: packet lateness p99, all packets`, 'ms', p99, '<= 15');
  add(`${MANY} cameras: CPU per stream-minute`, 's', cpu, '');
  add(`${MANY} cameras: peak resident memory`, 'MB', resident, '<= 150');
}

interface Processes {
  readonly camera: Worker;
  readonly client: Worker;
  readonly ports: readonly number[];
}

async function withProcesses(count: number, measure: (processes: Processes) => Promise<void>): Promise<void> {
  const camera = new Worker('camera-process.cjs');
  const client = new Worker('client-process.cjs');
  try {
    const { ports } = await camera.ask<{ ports: number[] }>('start', { count, password: PASSWORD });
    await measure({ camera, client, ports });
  } finally {
    await client.end();
    await camera.end();
  }
}

async function hear(camera: Worker, how: { ended?: boolean; withAudio?: boolean }): Promise<(Heard | null)[]> {
  return (await camera.ask<{ cameras: (Heard | null)[] }>('heard', how)).cameras;
}

function frameMs(heard: Heard | null | undefined): number {
  return ((heard?.payloadBytes ?? 0) * 1_000) / SAMPLE_RATE;
}

function firstAudible(heard: Heard | null | undefined, from = 0): number {
  const index = heard?.audible.findIndex((audible, n) => audible && n >= from) ?? -1;
  return heard?.arrivals[index] ?? Number.NaN;
}

function audibleSeconds(heard: Heard | null | undefined): number {
  if (heard === null || heard === undefined) return 0;
  const first = heard.audible.indexOf(true);
  const last = heard.audible.lastIndexOf(true);
  return first === -1 ? 0 : ((last - first + 1) * frameMs(heard)) / 1_000;
}

function correlationWith(reference: Int16Array, heard: Heard | null | undefined): number {
  const samples = decodeAlaw(Buffer.from(heard?.audio ?? '', 'base64'));
  return correlation(samples.subarray((LEAD_IN_MS * SAMPLE_RATE) / 1_000), reference, 40).value;
}

const HEADER = `${'figure'.padEnd(58)} ${'median'.padStart(9)} ${'least'.padStart(9)} ${'most'.padStart(9)}  runs  goal`;

function line({ figure, unit, value, least, most, runs, goal }: Row): string {
  const digits = unit === 's' || unit === '' ? 3 : 1;
  const shown = [value, least, most].map((number) => number.toFixed(digits).padStart(9)).join(' ');
  return `${figure.padEnd(58)} ${shown} ${String(runs).padStart(5)}  ${goal} ${unit}`;
}

function environment(): string {
  const [cpu] = cpus();
  return `Node.js ${process.version}, ${platform()} ${release()} ${arch()}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
