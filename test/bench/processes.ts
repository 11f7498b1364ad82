// The two processes of the benchmark, cameras and client, and how they are asked.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FamilyName, PacketSize } from './family.js';
import type { Heard } from './heard.js';

/** The password of every simulated camera of the benchmark. */
export const PASSWORD = 'bench';

export interface Spoken {
  /** ms on the system's monotonic clock. */
  readonly calledAt: number;
  readonly cpuSeconds: number;
  /** Error codes. */
  readonly failures: readonly string[];
  readonly reports: readonly { readonly seconds: number; readonly slips: number; readonly worstLatenessMs: number }[];
}

/** What of a camera's options says where it is. */
export interface Place {
  readonly dialect: string;
  /** RTSP port. */
  readonly port: number;
  readonly streamPort?: number;
}

/** What the client is asked to say, and what keeps its main loop busy meanwhile. */
export interface Speech extends PacketSize {
  readonly cameras: readonly Place[];
  /** Path of a clip; with a voice, words. */
  readonly source: string;
  /** Of `voiceOptions`. */
  readonly voice?: object | undefined;
  readonly idleMs?: number;
  readonly gain?: number;
  readonly block?: Block;
}

/** Busy for so long, first so long after the call; again and again after `freeMs` if that is given. */
export interface Block {
  readonly afterMs: number;
  readonly busyMs: number;
  readonly freeMs?: number;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A forked program that answers commands. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #id = 0;

  constructor(file: string, options: object = {}) {
    this.#child = fork(join(__dirname, file), [JSON.stringify(options)], {
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' },
    });
    this.#child.on('message', ({ id, result, error }: { id: number; result?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error));
    });
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${file} ended with ${String(code)}`));
    });
  }

  /** Rejects with what the program threw, or when it ends before it answers. */
  async ask<T>(command: string, parameters: object = {}): Promise<T> {
    const id = ++this.#id;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#child.send({ id, command, ...parameters });
    return (await answer) as T;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    await this.ask('stop');
    this.#child.disconnect();
    await exited;
  }
}

/** Cameras and a client, as long as a measurement takes. */
export interface Processes {
  readonly cameras: readonly Place[];
  /** For RTSP. */
  readonly ports: readonly number[];
  readonly client: Worker;
  readonly camera: Worker;
  readonly speak: (speech: Omit<Speech, 'cameras'> & Partial<Pick<Speech, 'cameras'>>) => Promise<Spoken>;
  /** What each camera heard in its latest talk session; `ended` waits for its end, `withAudio` adds the sound of the first camera. */
  readonly hear: (how?: { readonly ended?: boolean; readonly withAudio?: boolean }) => Promise<(Heard | null)[]>;
  /** How late the process of the cameras itself came to things, since the last time it was asked. */
  readonly cameraDelay: () => Promise<{ readonly p99Ms: number; readonly maxMs: number }>;
}

export interface ProcessOptions {
  readonly cameras?: number;
  /** Of the cameras, in turn. */
  readonly families?: readonly FamilyName[];
  /** False: the engine runs on the client's main loop. */
  readonly thread?: boolean;
  /** False: the client has not loaded the library when `measure` is called. */
  readonly warm?: boolean;
}

/** Starts cameras and a client with a warm engine, measures, and ends both. */
export async function withProcesses<T>(
  { cameras: count = 1, families = ['multitrans'], thread = true, warm = true }: ProcessOptions,
  measure: (processes: Processes) => Promise<T>,
): Promise<T> {
  const camera = new Worker('camera-process.cjs');
  const client = new Worker('client-process.cjs', { thread });
  try {
    const { cameras } = await camera.ask<{ cameras: Place[] }>('start', { count, families, password: PASSWORD });
    if (warm) await client.ask('warmUp');
    return await measure({
      cameras,
      ports: cameras.map(({ port }) => port),
      client,
      camera,
      speak: (speech) => client.ask('speak', { cameras, password: PASSWORD, idleMs: 0, ...speech }),
      hear: async (how = { ended: true }) => (await camera.ask<{ cameras: (Heard | null)[] }>('heard', how)).cameras,
      cameraDelay: () => camera.ask('loopDelay'),
    });
  } finally {
    await client.end().catch(() => undefined);
    await camera.end().catch(() => undefined);
  }
}
