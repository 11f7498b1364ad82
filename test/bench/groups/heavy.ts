// One camera speaks in packets of 20 ms while another one is sent something heavy: how late are the packets of the first, beside the same without.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { percentile } from '../figures.js';
import type { Bench } from '../group.js';
import { packetLateness } from '../heard.js';
import { makeHeavyFiles, type HeavyFiles, type HeavyName } from '../heavy-files.js';
import { PASSWORD, withProcesses } from '../processes.js';

interface Load {
  readonly id: string;
  readonly what: string;
  readonly file: HeavyName;
  /** How a flow hands it over. */
  readonly as: 'path' | 'buffer' | 'stream' | 'dataUrl' | 'text' | 'url';
  readonly normalize?: boolean;
}

const LOADS: readonly Load[] = [
  { id: 'zeros', what: 'MP3 behind 110 MB of zeros', file: 'zeros.mp3', as: 'path' },
  { id: 'tag', what: 'MP3 behind an ID3 tag of 110 MB, Buffer', file: 'tag.mp3', as: 'buffer' },
  { id: 'random', what: 'MP3 with 110 MB of noise inside', file: 'random.mp3', as: 'path' },
  { id: 'ones', what: 'MP3 with 110 MB of 0xFF inside', file: 'ones.mp3', as: 'path' },
  { id: 'wav', what: '595 s of WAV to normalise', file: 'long.wav', as: 'path', normalize: true },
  { id: 'buffer', what: 'the same as Buffer', file: 'long.wav', as: 'buffer', normalize: true },
  { id: 'stream', what: 'the same as a stream of one chunk', file: 'long.wav', as: 'stream' },
  { id: 'url', what: 'the same from a URL', file: 'long.wav', as: 'url', normalize: true },
  { id: 'data', what: 'the same as data: URL', file: 'long.wav', as: 'dataUrl', normalize: true },
  { id: 'flac', what: 'the same as FLAC', file: 'long.flac', as: 'path', normalize: true },
  { id: 'promise', what: 'WAV that promises 1 GB and has 114 MB', file: 'promise.wav', as: 'path' },
  { id: 'gigabyte', what: 'WAV of 1 GB', file: 'gigabyte.wav', as: 'path' },
  { id: 'limit', what: 'Buffer of 220 MB', file: 'limit.bin', as: 'buffer' },
  { id: 'unknown', what: 'Buffer of 110 MB of nothing', file: 'unknown.bin', as: 'buffer' },
  { id: 'text', what: 'text of 147 million letters', file: 'unknown.bin', as: 'text' },
];

const PACKET_BYTES = 160;
const SPEECH_SECONDS = 10;
/** The heavy clip comes when the other one is under way, ms. */
const AFTER_MS = 1_000;
const MAX_RUNS = 3;

interface Run {
  readonly p99: number;
  readonly max: number;
  readonly slips: number;
  /** The latest packet by the client's own clock, and how late the process of the cameras was at most, ms: what of `max` is whose. */
  readonly sentMs: number;
  readonly cameraDelayMs: number;
  /** To the first sound of the heavy clip, ms; NaN when it had none while the other spoke. */
  readonly firstSoundMs: number;
}

export async function heavy(bench: Bench): Promise<void> {
  const files = makeHeavyFiles(bench.clips.speech(5, 'mp3'));
  const server = createServer((_, response) => void createReadStream(files.file('long.wav')).pipe(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    for (const load of [undefined, ...LOADS]) await measure(bench, files, url, load);
  } finally {
    server.closeAllConnections();
    server.close();
    files.remove();
  }
}

async function measure(bench: Bench, files: HeavyFiles, url: string, load: Load | undefined): Promise<void> {
  const path = load === undefined ? '' : load.as === 'url' ? url : files.file(load.file);
  const runs: Run[] = [];
  while (runs.length < Math.min(MAX_RUNS, bench.runs)) runs.push(await speakBeside(bench, path, load));
  const tell = (name: string, figure: string, unit: string, pick: (run: Run) => number, goal: string): void =>
    bench.report.add(
      `heavy.${load?.id ?? 'nothing'}.${name}`,
      `${load?.what ?? 'nothing heavy'}: ${figure}`,
      unit,
      runs.map(pick),
      goal,
    );
  tell('p99', 'lateness p99', 'ms', ({ p99 }) => p99, '');
  tell('max', 'latest packet', 'ms', ({ max }) => max, load === undefined ? '(the bench)' : '<= 20');
  tell('sent', 'latest packet as it was sent', 'ms', ({ sentMs }) => sentMs, '<= 20');
  tell('cameras', "the cameras' own loop delay, most", 'ms', ({ cameraDelayMs }) => cameraDelayMs, '(the bench)');
  tell('slips', 'slips', '', ({ slips }) => slips, '= 0');
  if (load !== undefined) tell('first', 'its own first sound', 'ms', ({ firstSoundMs }) => firstSoundMs, '');
}

function speakBeside({ clips }: Bench, path: string, load: Load | undefined): Promise<Run> {
  return withProcesses({ cameras: 2 }, async ({ ports, client, speak, hear, cameraDelay }) => {
    const [port, otherPort] = ports;
    const source = clips.speech(SPEECH_SECONDS, 'mp3');
    await cameraDelay();
    const speaking = speak({ ports: [port ?? 0], source, packetBytes: PACKET_BYTES });
    await new Promise((wake) => setTimeout(wake, AFTER_MS));
    if (load !== undefined) {
      const { as, normalize } = load;
      await client.ask('load', {
        port: otherPort,
        password: PASSWORD,
        path,
        as: as === 'url' ? 'path' : as,
        normalize,
      });
    }
    const { reports } = await speaking;
    const { maxMs: cameraDelayMs } = await cameraDelay();
    const { firstSoundMs } = await client.ask<{ firstSoundMs: number | null }>('unload');
    const [heard] = await hear();
    const late = packetLateness(heard);
    const { slips, worstLatenessMs: sentMs } = reports[0] ?? { slips: Number.NaN, worstLatenessMs: Number.NaN };
    return {
      p99: percentile(late, 0.99),
      max: Math.max(...late),
      sentMs,
      cameraDelayMs,
      slips,
      firstSoundMs: firstSoundMs ?? Number.NaN,
    };
  });
}
