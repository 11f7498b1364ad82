// Before all tests, in each process that runs some: a rejection that nobody handles fails the run, as it would stop all flows of a Node-RED; and threads read TypeScript too.
import fc from 'fast-check';
import threads, { type WorkerOptions } from 'node:worker_threads';

const fail = (reason: unknown): never => {
  throw reason;
};

function failOnUnhandled(): void {
  process.off('unhandledRejection', fail).on('unhandledRejection', fail);
}
failOnUnhandled();

/** A process of `mocha --parallel` takes all listeners away after each file. */
export const mochaHooks = { beforeAll: failOnUnhandled };

/** Node.js knows no TypeScript when it starts a thread; the program is loaded in one that does. */
class SourceWorker extends threads.Worker {
  constructor(file: string, options: WorkerOptions = {}) {
    if (file.endsWith('.ts')) {
      super(`require('tsx/cjs'); require(${JSON.stringify(file)});`, { ...options, eval: true });
    } else {
      super(file, options);
    }
  }
}
Reflect.set(threads, 'Worker', SourceWorker);

/** The same cases each time, so that a change is not blamed for what chance finds; FC_SEED looks elsewhere, `npm run test:busy` always does. */
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_130) });
