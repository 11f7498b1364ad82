// The threads that a suite starts, to see that each of them ends.
import { join } from 'node:path';
import threads, { type Worker } from 'node:worker_threads';

export interface Threads {
  /** Started and not yet ended, oldest first. */
  readonly alive: readonly Worker[];
  /** Those of them that keep the process from ending. */
  readonly holding: ReadonlySet<Worker>;
  /** How many have been started since the test began. */
  started: number;
  /** How many have been ended by force since the test began. */
  terminated: number;
}

/** Spins for ever when it is told to; loaded before the thread's own program. */
const SPINNER = join(__dirname, 'spinner.cjs');

/** Has a thread do nothing but count from now on, as a loop without end would. */
export function spin(worker: Worker): void {
  worker.postMessage('spin');
}

/** Hooks of a describe block. */
export function watchThreads(): Threads {
  const Original = threads.Worker;
  const alive: Worker[] = [];
  const holding = new Set<Worker>();
  const watched = { alive, holding, started: 0, terminated: 0 };

  class Watched extends Original {
    constructor(...[file, options]: ConstructorParameters<typeof Original>) {
      super(file, { ...options, execArgv: ['--require', SPINNER] });
      watched.started += 1;
      alive.push(this);
      holding.add(this);
      this.once('exit', () => {
        alive.splice(alive.indexOf(this), 1);
        holding.delete(this);
      });
    }

    override ref(): void {
      super.ref();
      if (alive.includes(this)) holding.add(this);
    }

    override unref(): void {
      super.unref();
      holding.delete(this);
    }

    override terminate(): Promise<number> {
      watched.terminated += 1;
      return super.terminate();
    }
  }

  before(() => Reflect.set(threads, 'Worker', Watched));
  after(() => Reflect.set(threads, 'Worker', Original));
  beforeEach(() => {
    watched.started = 0;
    watched.terminated = 0;
  });
  return watched;
}
