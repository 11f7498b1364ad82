// The microphone: how soon Node-RED gets its first sound, and whether talking and listening at once disturb each other.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { startNodeRed } from '../../../scripts/node-red-process.js';
import { now } from '../clock.cjs';
import { jitter, median, percentile } from '../figures.js';
import type { Bench } from '../group.js';
import { packetLateness } from '../heard.js';
import { PASSWORD, withProcesses, type Processes } from '../processes.js';

/** The shortest steady beat both ways: two of the simulated microphone's packets, and 20 ms of talk. */
const CHUNK_MS = 40;
const PACKET_BYTES = 160;
const ALONE_MS = 5_000;
const MAX_RUNS = 3;
const FIRST_SOUND_TIMEOUT_MS = 10_000;

export async function listen(bench: Bench): Promise<void> {
  await firstSound(bench);
  await bothWays(bench);
}

/** An inject node starts a listen node, whose messages go out by TCP. */
async function firstSound({ report, runs }: Bench): Promise<void> {
  await withProcesses({ warm: false }, async ({ ports: [port] }) => {
    let onSound = (): void => undefined;
    const server = createServer((socket) => socket.on('data', () => onSound())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const nodeRed = await startNodeRed();
    try {
      await nodeRed.deploy(listenFlow(port, (server.address() as AddressInfo).port));
      const first: number[] = [];
      for (let run = 0; run <= runs; run++) {
        const sound = new Promise<number>((resolve, reject) => {
          onSound = () => resolve(now());
          setTimeout(() => reject(new Error('no sound from the microphone')), FIRST_SOUND_TIMEOUT_MS).unref();
        });
        const startedAt = now();
        await nodeRed.inject('start');
        // The first one compiles what all need.
        if (run > 0) first.push((await sound) - startedAt);
        else await sound;
        await nodeRed.inject('stop');
        await delay(500);
      }
      const figure = 'listening in Node-RED: first audio message (100 ms of it) after start';
      report.add('listen.first', figure, 'ms', first, '<= 300');
    } finally {
      await nodeRed.stop();
      server.close();
    }
  });
}

function listenFlow(cameraPort: number | undefined, soundPort: number): object[] {
  const place = { z: 'tab', x: 200, y: 100 };
  const button = (action: string): object => ({
    id: action,
    type: 'inject',
    ...place,
    props: [{ p: 'action', v: action, vt: 'str' }],
    wires: [['microphone']],
  });
  const camera = { id: 'camera', type: 'tplink-camera', host: '127.0.0.1', port: String(cameraPort) };
  // A listen node in this mode waits for a message.
  const listening = {
    id: 'microphone',
    type: 'tplink-listen',
    ...place,
    camera: 'camera',
    mode: 'seconds',
    chunkMs: 100,
  };
  const tcp = { type: 'tcp out', ...place, host: '127.0.0.1', port: String(soundPort), beserver: 'client', end: false };
  return [
    { id: 'tab', type: 'tab', label: 'listen' },
    { ...camera, credentials: { username: 'admin', password: PASSWORD } },
    button('start'),
    button('stop'),
    { ...listening, wires: [['sound']] },
    { id: 'sound', ...tcp, base64: false, wires: [] },
  ];
}

async function bothWays(bench: Bench): Promise<void> {
  const { report, clips, runs } = bench;
  const source = clips.speech(5, 'mp3');
  const talk = { alone: [] as number[][], both: [] as number[][] };
  const chunks = { alone: [] as number[][], both: [] as number[][] };
  await withProcesses({}, async (processes) => {
    for (let run = 0; run < Math.min(MAX_RUNS, runs); run++) {
      await processes.speak({ source, packetBytes: PACKET_BYTES });
      talk.alone.push(packetLateness((await processes.hear())[0]));
      const both = await talkWhileListening(processes, source);
      talk.both.push(both.late);
      chunks.alone.push(both.jitterBefore);
      chunks.both.push(both.jitterMeanwhile);
    }
  });
  const p99 = (runs: readonly number[][]): number[] => runs.map((values) => percentile(values, 0.99));
  const most = (runs: readonly number[][]): number[] => runs.map((values) => Math.max(...values));
  report.add('listen.talk.alone.p99', 'talking alone: packet lateness p99', 'ms', p99(talk.alone));
  report.add('listen.talk.alone.max', 'talking alone: packet lateness max', 'ms', most(talk.alone));
  report.add('listen.talk.both.p99', 'talking and listening: packet lateness p99', 'ms', p99(talk.both));
  report.add('listen.talk.both.max', 'talking and listening: packet lateness max', 'ms', most(talk.both));
  const more = median(p99(talk.both)) - median(p99(talk.alone));
  report.add('listen.talk.more', 'listening makes talk packets later by (p99)', 'ms', [more], '< 5');
  report.add('listen.chunks.alone.p99', 'listening alone: jitter of chunks p99', 'ms', p99(chunks.alone));
  report.add('listen.chunks.both.p99', 'listening and talking: jitter of chunks p99', 'ms', p99(chunks.both));
  const worse = median(p99(chunks.both)) - median(p99(chunks.alone));
  report.add('listen.chunks.more', 'talking makes chunks jitter more by (p99)', 'ms', [worse], '< 5');
}

interface BothWays {
  readonly late: readonly number[];
  readonly jitterBefore: number[];
  readonly jitterMeanwhile: number[];
}

async function talkWhileListening(
  { client, ports, speak, hear }: Processes,
  source: string,
): Promise<BothWays & { late: number[] }> {
  await client.ask('listen', { port: ports[0], password: PASSWORD, chunkMs: CHUNK_MS });
  await delay(ALONE_MS);
  const { calledAt } = await speak({ source, packetBytes: PACKET_BYTES });
  const { arrivals } = await client.ask<{ arrivals: number[] }>('listened');
  const late = packetLateness((await hear())[0]);
  const before = arrivals.filter((at) => at < calledAt);
  const meanwhile = arrivals.slice(before.length);
  return { late, jitterBefore: jitter(before, CHUNK_MS), jitterMeanwhile: jitter(meanwhile, CHUNK_MS) };
}

function delay(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
