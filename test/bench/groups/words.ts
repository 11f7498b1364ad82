// Words: from the call to the first packet with sound in a kept session, beside what the engine alone takes; and a sentence again beside a clip again.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../../src/program-path.js';
import { toneWav } from '../../helpers/voices.js';
import { now } from '../clock.cjs';
import { median } from '../figures.js';
import type { Bench } from '../group.js';
import { firstAudible } from '../heard.js';
import { withProcesses, type Processes, type Speech } from '../processes.js';

/** What the stub waits before its first byte, ms. */
const STUB_MS = 100;
/** So that waiting for the next packet counts little; a packet of the default size is 128 ms. */
const PACKET_BYTES = 160;
const KEPT_MS = 60_000;
/** Spreads the starts over one packet of the default size. */
const OFF_BEAT_MS = 13;
/** A WAV's header. Samples below the smallest step of A-law are silence. */
const HEADER_BYTES = 44;
const AUDIBLE = 16;

interface Engine {
  readonly id: string;
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

export async function words(bench: Bench): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tplink-talk-bench-'));
  try {
    const engines = [await stubEngine(folder)];
    const espeak = await findProgram('espeak-ng');
    if (espeak === undefined) process.stderr.write('words: espeak-ng is not installed, so it is not measured\n');
    else engines.push({ id: 'espeak', name: 'espeak-ng', program: espeak, args: ['-v', 'en', '--stdin', '--stdout'] });
    for (const engine of engines) await withProcesses({}, (processes) => newSentences(bench, processes, engine));
    for (const engine of engines) await withProcesses({}, (processes) => sameAgain(bench, processes, engine));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A program whose only cost is a wait. */
async function stubEngine(folder: string): Promise<Engine> {
  const [program, sound] = [join(folder, 'stub'), join(folder, 'tone.wav')];
  await writeFile(sound, toneWav(1));
  await writeFile(program, `#!/bin/sh\nsleep ${STUB_MS / 1_000}\ncat '${sound}'\n`);
  await chmod(program, 0o755);
  return { id: 'stub', name: `a stub that waits ${STUB_MS} ms`, program, args: [] };
}

/** Engine alone and engine through us in turn, so that what disturbs the machine disturbs both. */
async function newSentences({ report, runs }: Bench, processes: Processes, engine: Engine): Promise<void> {
  const own: number[] = [];
  const first: number[] = [];
  for (let run = 0; run <= runs * 2; run++) {
    const source = `Everybody to table ${run}`;
    const alone = await firstSoundAlone(engine, source);
    const ours = await firstSound(processes, run, { source, voice: voiceOf(engine), packetBytes: PACKET_BYTES });
    // The first one opens the session and compiles what all need.
    if (run === 0) continue;
    own.push(alone);
    first.push(ours);
  }
  const { id, name } = engine;
  report.add(`words.${id}.own`, `${name}: alone to its first sound`, 'ms', own, '(the engine)');
  report.add(`words.${id}.first`, `${name}: kept session, packets of 20 ms: first sound`, 'ms', first);
  report.add(`words.${id}.more`, `${name}: more than the engine's own`, 'ms', [median(first) - median(own)], '<= 50');
}

async function sameAgain({ report, clips, runs }: Bench, processes: Processes, engine: Engine): Promise<void> {
  const words: number[] = [];
  const clip: number[] = [];
  for (let run = 0; run <= runs * 2; run++) {
    const sentence = { source: 'Everybody to table', voice: voiceOf(engine) };
    const again = await firstSound(processes, run, sentence);
    const file = await firstSound(processes, run, { source: clips.speech(1, 'wav') });
    if (run === 0) continue;
    words.push(again);
    clip.push(file);
  }
  report.add(`words.${engine.id}.again`, `${engine.name}: the same sentence again`, 'ms', words, '<= 131');
  report.add(`words.${engine.id}.clip`, 'a cached clip in turn with it', 'ms', clip, '<= 131');
}

async function firstSound(
  { speak, hear }: Processes,
  run: number,
  speech: Pick<Speech, 'source' | 'voice' | 'packetBytes'>,
): Promise<number> {
  await new Promise((wake) => setTimeout(wake, run * OFF_BEAT_MS));
  const [before] = await hear({});
  const { calledAt, failures } = await speak({ ...speech, idleMs: KEPT_MS });
  if (failures.length > 0) throw new Error(failures.join());
  const [heard] = await hear({});
  return firstAudible(heard, before?.arrivals.length ?? 0) - calledAt;
}

function voiceOf({ program, args }: Engine): object {
  return { engine: 'command', command: [`"${program}"`, ...args].join(' ') };
}

/** Until its first byte, and the silence with which it begins. */
async function firstSoundAlone({ program, args }: Engine, text: string): Promise<number> {
  const startedAt = now();
  let firstAt = Number.NaN;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  // One that needs no text closes it.
  child.stdin.on('error', () => undefined).end(text);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    if (chunks.length === 0) firstAt = now();
    chunks.push(chunk);
  }
  const wav = Buffer.concat(chunks);
  const rate = wav.readUInt32LE(24);
  let at = HEADER_BYTES;
  while (at + 2 < wav.length && Math.abs(wav.readInt16LE(at)) <= AUDIBLE) at += 2;
  return firstAt - startedAt + ((at - HEADER_BYTES) / 2 / rate) * 1_000;
}
