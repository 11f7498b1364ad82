// The two processes of the benchmark and how they are asked.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Heard {
  /** Arrival of each packet, ms on the system's monotonic clock. */
  readonly arrivals: readonly number[];
  readonly payloadBytes: number;
  /** Whether the packet holds anything but silence. */
  readonly audible: readonly boolean[];
  readonly violations: readonly string[];
  readonly audio?: string;
}

export interface Spoken {
  readonly calledAt: number;
  readonly cpuSeconds: number;
  readonly residentMb: number;
  readonly failures: readonly string[];
  readonly reports: readonly { readonly seconds: number; readonly cached: boolean; readonly session: string }[];
}

/** A forked program that answers commands. */
export class Worker {
  readonly #child: ChildProcess;
  #id = 0;

  constructor(file: string) {
    this.#child = fork(join(__dirname, file), {
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' },
    });
  }

  async ask<T>(command: string, parameters: object = {}): Promise<T> {
    const id = ++this.#id;
    this.#child.send({ id, command, ...parameters });
    for (;;) {
      const [answer] = (await once(this.#child, 'message')) as [{ id: number; result?: T; error?: string }];
      if (answer.id !== id) continue;
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.result as T;
    }
  }

  async end(): Promise<void> {
    await this.ask('stop');
    this.#child.disconnect();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
