// A microphone in the engine's thread, for a user outside it. It promises the same, and continuous listening survives the thread.
import type { CameraOptions } from '../../camera-options.js';
import { monotonicClock } from '../../clock.js';
import { THREAD_RESTART_MS } from '../../limits.js';
import type { RecordPlan } from '../../listen/recorder.js';
import type { Recording } from '../../listen/states.js';
import type { Listener, ListeningOptions } from '../engine.js';
import type { Id } from './messages.js';
import { ThreadLost } from './thread.js';

/** Asks the thread, starting it if there is none. */
export type Ask = (method: string, ...args: readonly unknown[]) => Promise<unknown>;

/** The microphone in the thread while somebody uses it. */
interface Lent {
  readonly id: Id;
  /** Rejects when the thread refuses it, or is lost. */
  readonly failed: Promise<never>;
  readonly release: () => void;
}

let lastId = 0;

export class ThreadListener implements Listener {
  readonly #ask: Ask;
  readonly #camera: CameraOptions;
  readonly #options: ListeningOptions;
  #lent: Lent | undefined;
  #listening: Promise<void> | undefined;
  #stopping = new AbortController();
  /** Calls under way that need it. */
  #uses = 0;

  /** @param ask rejects with ThreadLost when the thread dies */
  constructor(ask: Ask, camera: CameraOptions, options: ListeningOptions) {
    this.#ask = ask;
    this.#camera = camera;
    this.#options = options;
  }

  start(): Promise<void> {
    if (this.#listening !== undefined) {
      void this.#use('tryMicrophone').catch(() => undefined);
      return this.#listening;
    }
    const listening = this.#listen().finally(() => {
      if (this.#listening === listening) this.#listening = undefined;
    });
    this.#listening = listening;
    return listening;
  }

  async record(plan: RecordPlan, signal?: AbortSignal): Promise<Recording> {
    return (await this.#use('record', plan, signal)) as Recording;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // A new start may come before the thread has heard of the stop.
    this.#listening = undefined;
    if (this.#lent !== undefined) await this.#use('stopMicrophone').catch(() => undefined);
  }

  async destroy(): Promise<void> {
    this.#stopping.abort();
    this.#release();
    await this.#listening?.catch(() => undefined);
  }

  async #listen(): Promise<void> {
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#use('startMicrophone');
        return;
      } catch (error) {
        if (!(error instanceof ThreadLost)) throw error;
        const inMs = THREAD_RESTART_MS;
        this.#options.onState?.({ name: 'retrying', code: 'TALK_ERR_CLOSED', inMs });
        await monotonicClock.wait(inMs, signal).catch(() => undefined);
      }
    }
    // The microphone in the thread would tell this, but it is gone.
    if (this.#listening === undefined) this.#options.onState?.({ name: 'stopped' });
  }

  async #use(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const lent = (this.#lent ??= this.#lend());
    this.#uses += 1;
    try {
      return await Promise.race([lent.failed, this.#ask(method, lent.id, ...args)]);
    } finally {
      this.#uses -= 1;
      if (this.#uses === 0) this.#release();
    }
  }

  #lend(): Lent {
    const id = ++lastId;
    const released = new AbortController();
    const lending = this.#ask('lendMicrophone', id, this.#camera, this.#options, released.signal);
    const failed = new Promise<never>((_, reject) => void lending.catch(reject));
    failed.catch(() => undefined);
    return { id, failed, release: () => released.abort() };
  }

  #release(): void {
    this.#lent?.release();
    this.#lent = undefined;
  }
}
