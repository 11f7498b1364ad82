// One worker thread seen from outside, from its start to its end: calls go in, results and events come out, its death ends every call.
import { once } from 'node:events';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { throwIfAborted } from '../../abort.js';
import { monotonicClock, withDeadline } from '../../clock.js';
import { abortedError, TalkError } from '../../errors.js';
import { FFMPEG_EXIT_MS, THREAD_END_MS, THREAD_SILENT_MS } from '../../limits.js';
import { logger } from '../../logger.js';
import { loadedVersion, wordToRestart } from './installed.js';
import { Loans } from './loans.js';
import { NOTHING_BORROWED, pack, unpack } from './marshal.js';
import type { FromThread, Id, ThreadData, ThreadOptions, ToThread } from './messages.js';
import { Watchdog } from './watchdog.js';

const log = logger('thread');

/** Why a call has no result: the thread is gone, and its sessions with it. */
export class ThreadLost extends TalkError {
  constructor(cause: unknown, camera?: string) {
    const why = cause instanceof Error ? ` (${cause.message})` : '';
    const message = `The audio thread ended unexpectedly${why}; it is started again with the next message, so send this one again`;
    super('TALK_ERR_CLOSED', message, { camera, cause });
  }
}

/** What a thread tells unasked. */
export interface ThreadEvents {
  readonly onSession: (message: Extract<FromThread, { kind: 'session' }>) => void;
  readonly onGuard: (message: Extract<FromThread, { kind: 'guard' }>) => void;
  /** The thread ended without being asked to. */
  readonly onLost: () => void;
}

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Thread {
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  readonly #loans = new Loans((message, transfer) => this.#worker.postMessage(message, transfer));
  readonly #watchdog = new Watchdog({
    clock: monotonicClock,
    ask: () => this.#worker.postMessage({ kind: 'ping' } satisfies ToThread),
    onSilent: () => {
      this.#cause = new Error(`no answer for ${THREAD_SILENT_MS / 1_000} s`);
      void this.destroy();
    },
  });
  readonly #calls = new Map<Id, Call>();
  readonly #gone = new AbortController();
  readonly #exited: Promise<void>;
  #lastCall = 0;
  #ending = false;
  #inUse = false;
  /** Why it ended, if it said. */
  #cause: unknown;

  constructor(options: ThreadOptions, events: ThreadEvents) {
    this.#events = events;
    this.#worker = startWorker(options);
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('messageerror', (error) => (this.#cause = error));
    this.#worker.on('error', (error) => (this.#cause = error));
    this.#exited = once(this.#worker, 'exit').then(
      () => this.#lose(),
      () => this.#lose(),
    );
    this.#holdProcess();
  }

  /** Whether no call waits for its result. */
  get idle(): boolean {
    return this.#calls.size === 0;
  }

  /** Whether something goes on that no call waits for. It keeps the process alive. */
  set inUse(inUse: boolean) {
    this.#inUse = inUse;
    this.#holdProcess();
  }

  /** Resolves with what the method gives. Rejects with its error, with ThreadLost, or with a DataCloneError for arguments that are no plain data. */
  async call(method: string, args: readonly unknown[]): Promise<unknown> {
    throwIfAborted(this.#gone.signal);
    const call = ++this.#lastCall;
    const loan = this.#loans.begin();
    try {
      const transfer: ArrayBuffer[] = [];
      const packed = args.map((arg) => pack(arg, loan, transfer));
      const message: ToThread = { kind: 'call', call, method, args: packed };
      this.#worker.postMessage(message, transfer);
      return await new Promise((resolve, reject) => {
        this.#calls.set(call, { resolve, reject });
        this.#holdProcess();
      });
    } finally {
      loan.end();
      this.#calls.delete(call);
      this.#holdProcess();
    }
  }

  /** Ends what goes on in the thread, then the thread itself, by force when it does not answer. Never rejects. */
  async end(): Promise<void> {
    this.#ending = true;
    const within = (ended: Promise<unknown>, ms: number): Promise<unknown> =>
      withDeadline(monotonicClock, ended, ms, () => new Error('It does not end'));
    try {
      await within(this.call('end', []), THREAD_END_MS);
      // Anything left only waits, such as a pause before another try, and holds nothing.
      await within(this.#exited, FFMPEG_EXIT_MS);
    } catch (error) {
      log('terminated: %s', error);
      await this.#worker.terminate();
    }
    await this.#exited;
  }

  /** Ends it by force; calls under way reject with ThreadLost. */
  async destroy(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: FromThread): void {
    switch (message.kind) {
      case 'result':
        this.#calls.get(message.call)?.resolve(unpack(message.value, NOTHING_BORROWED));
        return;
      case 'failure':
        this.#calls.get(message.call)?.reject(unpack(message.error, NOTHING_BORROWED));
        return;
      case 'session':
        this.#events.onSession(message);
        return;
      case 'guard':
        this.#events.onGuard(message);
        return;
      case 'alive':
        this.#watchdog.heard();
        return;
      default:
        this.#loans.receive(message);
    }
  }

  #lose(): void {
    const lost = this.#ending ? abortedError() : new ThreadLost(this.#cause);
    this.#gone.abort(lost);
    this.#watchdog.on = false;
    for (const { reject } of this.#calls.values()) reject(lost);
    if (this.#ending) return;
    log('lost: %s', this.#cause);
    this.#events.onLost();
  }

  /** A call, or a session that is open, keeps the process alive as a socket of its own would, and is what the watchdog watches over. */
  #holdProcess(): void {
    const holds = this.#calls.size > 0 || this.#inUse;
    if (holds) this.#worker.ref();
    else this.#worker.unref();
    this.#watchdog.on = holds && !this.#gone.signal.aborted;
  }
}

/** Throws TALK_ERR_ARGUMENT where threads are forbidden, or the program on disk is no longer the one that was loaded. */
function startWorker(options: ThreadOptions): Worker {
  const restart = wordToRestart();
  if (restart !== undefined) throw new TalkError('TALK_ERR_ARGUMENT', restart);
  const workerData = { ...options, version: loadedVersion() } satisfies ThreadData;
  try {
    // The environment says where ffmpeg is, and may change.
    return new Worker(require.resolve('./main.js'), { name: 'tplink-talk', workerData, env: SHARE_ENV });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const way = 'createEngine({ thread: false }), or tplinkTalkThread: false in settings.js, does without';
    throw new TalkError('TALK_ERR_ARGUMENT', `The audio thread cannot be started (${why}); ${way}`, { cause: error });
  }
}
