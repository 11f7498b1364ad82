// The line of one camera: clips wait here, are said one after the other, tried again after an outage, and can be cut. An attempt is speak.ts's, the session kept-session.ts's.
import { abortReason, unlessAborted } from '../abort.js';
import type { CameraOptions } from '../camera-options.js';
import { wallTime, withDeadline, type Clock } from '../clock.js';
import { abortedError, isTalkError, TalkError } from '../errors.js';
import { CONNECT_HOLD_MS, VOLUME_RESTORE_MS } from '../limits.js';
import { swallowing } from '../logger.js';
import type { WebRequester } from '../webapi/client.js';
import type { ClipJob } from './clip-job.js';
import { KeptSession, type OpenSession } from './kept-session.js';
import { admit, PriorityQueue, refusedEntry } from './queue.js';
import { pauseIsOver } from './pause.js';
import { Outages, type Answers } from './outage.js';
import {
  Cut,
  heedQuietHours,
  placedJob,
  settleAborted,
  settleFailed,
  settleSpoken,
  type PlacedJob,
} from './placed-job.js';
import { isKeptBack } from './quiet-hours.js';
import { speak } from './speak.js';
import { VolumeKeeper } from './speaker-volume.js';
import type { CutReason, SessionState, TalkOutcome, TalkReport } from './states.js';

export interface LineDeps {
  readonly clock: Clock;
  readonly openSession: OpenSession;
  readonly answers: Answers;
  /** The camera's web interface, for the loudspeaker's volume. */
  readonly webApi: (camera: CameraOptions) => WebRequester;
  readonly onSession?: (state: SessionState) => void;
  /** The time of day; that of this machine unless given. */
  readonly timeOfDay?: () => Date;
}

export class Line {
  readonly #key: string;
  readonly #clock: Clock;
  readonly #kept: KeptSession;
  readonly #webApi: LineDeps['webApi'];
  readonly #volume: VolumeKeeper;
  readonly #outages: Outages;
  readonly #onSession: (state: SessionState) => void;
  readonly #timeOfDay: () => Date;
  readonly #queue = new PriorityQueue<PlacedJob>();
  #current: PlacedJob | undefined;
  /** The pause of a clip that gives way when aborted; the camera is free. */
  #gap: AbortController | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  /** @param key `host:port`, for errors */
  constructor(key: string, deps: LineDeps) {
    this.#key = key;
    this.#clock = deps.clock;
    this.#webApi = deps.webApi;
    this.#volume = new VolumeKeeper(deps.clock);
    this.#outages = new Outages(key, deps.clock, deps.answers);
    this.#onSession = swallowing(deps.onSession ?? (() => undefined));
    this.#timeOfDay = deps.timeOfDay ?? wallTime;
    this.#kept = new KeptSession({ clock: deps.clock, openSession: deps.openSession, onSession: this.#onSession });
  }

  /** True while something is said or waits, or the session is open. */
  get busy(): boolean {
    return this.#active || this.#kept.isOpen;
  }

  get #active(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Resolves when the clip has been played to its end, or was cut.
   * Rejects once with a coded error: the clip's, the session's, TALK_ERR_BUSY, TALK_ERR_QUEUE_FULL, or the signal's reason.
   */
  async speak(job: ClipJob): Promise<TalkOutcome> {
    this.#throwIfClosed();
    if (job.signal?.aborted === true) throw abortReason(job.signal);
    const cuts = this.#makeRoom(job);
    return new Promise((settle, fail) => {
      const placed = placedJob(job, { now: this.#clock.now(), awayMs: this.#outages.awayMs, settle, fail });
      this.#follow(job.signal, placed);
      this.#place(placed, cuts);
    });
  }

  /** Cuts the current clip. */
  skip(): void {
    if (this.#current !== undefined) this.#cut(this.#current, 'skip');
  }

  /** Cuts the current clip, those between two rounds included, and clears those waiting from this owner. */
  stop(owner: string): void {
    const ends = (waiting: PlacedJob): boolean => waiting.owner === owner || waiting.rounds.said > 0;
    for (const job of this.#queue.remove(ends)) this.#cut(job, 'stop');
    if (this.#current !== undefined) this.#cut(this.#current, 'stop');
  }

  /** Opens the session ahead of time; it is held for CONNECT_HOLD_MS or the camera's idle time, whichever is longer. */
  async connect(camera: CameraOptions, signal?: AbortSignal): Promise<void> {
    this.#throwIfClosed();
    // Clips that are being said open the session with the settings of their camera nodes: wait for them.
    while (this.#running !== undefined) {
      if (this.#kept.isOpen) return;
      await (signal === undefined ? this.#running : unlessAborted(this.#running, signal));
    }
    this.#throwIfClosed();
    await this.#kept.open(camera, { signal });
    if (!this.#active) this.#kept.keepFor(Math.max(CONNECT_HOLD_MS, camera.idleMs));
  }

  /** Closes the session after what was accepted has been said. */
  async disconnect(): Promise<void> {
    // Again: a clip may have come in the same turn of the event loop in which the last one ended.
    while (this.#running !== undefined) await this.#running;
    await this.#kept.hangUp();
  }

  /** Resolves when nothing is said any more and the loudspeaker has its volume back. Never rejects. */
  async volumeRestored(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await this.#volume.restored();
  }

  /** Lets what was accepted end, refuses new clips, then closes the session. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.disconnect();
    await this.#volume.restored();
  }

  /** Ends now: every clip here fails with the reason, the session is gone. */
  async destroy(reason: TalkError = abortedError(this.#key)): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.remove(() => true)) this.#settleAborted(job, reason);
    this.#current?.controller.abort(reason);
    this.#kept.drop();
    await this.#running;
    await this.#kept.hangUp();
    const restored = this.#volume.restored();
    await withDeadline(this.#clock, restored, VOLUME_RESTORE_MS, () => this.#closedError()).catch(() => undefined);
  }

  /** Takes the clips off the queue that give way to this one, and tells whether the current one is to be cut. Throws TALK_ERR_BUSY or TALK_ERR_QUEUE_FULL. */
  #makeRoom(job: ClipJob): boolean {
    const current = this.#gap === undefined || job.whenBusy === 'replace' ? this.#current : undefined;
    const admission = admit(this.#queue, current, job, !isKeptBack(job, this.#timeOfDay()));
    if (admission.kind === 'admitted') {
      for (const cleared of this.#queue.remove((waiting) => admission.cleared.includes(waiting))) {
        this.#cut(cleared, 'replace');
      }
      return admission.cuts;
    }
    throw refusedEntry(this.#key, admission.why, this.#queue.size, job.maxQueue);
  }

  /** When the caller aborts, the job is withdrawn, wherever it is. */
  #follow(signal: AbortSignal | undefined, job: PlacedJob): void {
    const withdraw = (): void => {
      this.#queue.remove((waiting) => waiting === job);
      job.controller.abort(abortReason(signal));
      if (this.#current !== job) this.#settleAborted(job, abortReason(signal));
    };
    signal?.addEventListener('abort', withdraw, { once: true });
    job.signal.addEventListener('abort', () => signal?.removeEventListener('abort', withdraw), { once: true });
  }

  #place(job: PlacedJob, cuts: boolean): void {
    const before = this.#queue.add(job, job.whenBusy === 'interrupt');
    const gap = this.#gap;
    if (this.#current !== undefined && (cuts || gap === undefined)) {
      job.onState({ name: 'waiting', ahead: before + 1 });
      if (cuts) this.#cut(this.#current, job.whenBusy === 'replace' ? 'replace' : 'interrupt');
      else job.unison?.leave();
    }
    this.#gap = undefined;
    gap?.abort();
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    let idleMs = 0;
    const take = (): PlacedJob | undefined => this.#queue.take(this.#clock.now());
    for (let job = take(); job !== undefined; job = take()) {
      this.#current = job;
      for (const [before, waiting] of [...this.#queue].entries()) {
        waiting.onState({ name: 'waiting', ahead: before + 1 });
        waiting.unison?.leave();
      }
      await this.#serve(job);
      idleMs = job.camera.idleMs;
    }
    this.#outages.over();
    this.#volume.restore();
    this.#running = undefined;
    this.#kept.keepFor(idleMs);
  }

  /** Ends with the job settled, or back on the queue: behind one of higher priority, or behind others when it yields. Never rejects. */
  async #serve(job: PlacedJob): Promise<void> {
    const { rounds, progress } = job;
    try {
      for (let said = false; ;) {
        const report = rounds.reportAtEnd(this.#clock.now());
        if (report !== undefined) {
          // Before the caller is told: the next clip may come in the same turn of the event loop, and finds the camera free.
          this.#current = undefined;
          settleSpoken(job, report);
          return;
        }
        const yields = said && rounds.yields && this.#queue.size > 0;
        const isDue = !yields && (!rounds.pausing || (await this.#isRoundDue(job)));
        if (!isDue || !(await this.#isCameraBack(job))) {
          this.#current = undefined;
          job.onState({ name: 'waiting', ahead: this.#queue.add(job, isDue) });
          return;
        }
        const round = await this.#attempt(job);
        said = round !== undefined && rounds.add(round, progress.turnAt, this.#clock.now());
        if (said) job.awayMsBefore = this.#outages.awayMs;
      }
    } catch (error) {
      if (job.signal.aborted) this.#settleAborted(job, job.signal.reason as Error);
      else this.#fail(job, error);
    }
  }

  /** Pauses until the next round is due. False when it gives way: another came, and this one yields. */
  async #isRoundDue(job: PlacedJob): Promise<boolean> {
    const gap = job.rounds.yields ? (this.#gap = new AbortController()) : undefined;
    return pauseIsOver(job, this.#clock, this.#kept, gap?.signal).finally(() => (this.#gap = undefined));
  }

  /** The report; undefined when the clip is to be tried again. */
  async #attempt(job: PlacedJob): Promise<TalkReport | undefined> {
    try {
      heedQuietHours(job, this.#timeOfDay());
      const report = await speak(job, {
        key: this.#key,
        kept: this.#kept,
        clock: this.#clock,
        onSession: this.#onSession,
        // Called after RTSP has accepted the password, so that a wrong one is not sent to the web interface too.
        gate: () => {
          this.#outages.speaking();
          return this.#volume.next(this.#webApi(job.camera), job);
        },
      });
      this.#outages.over();
      return report;
    } catch (error) {
      if (job.signal.aborted || !isTalkError(error) || !error.retryable) throw error;
      // Those behind it wait for the camera even if this clip does not.
      this.#outages.failed(error);
      job.progress.failures += 1;
      if (job.progress.failures > (job.retries ?? Infinity) || job.retrySeconds === 0) throw error;
      job.onState({ name: 'retrying', code: error.code });
      return undefined;
    }
  }

  /** Waits for the camera if it is away: true when it is this clip's turn, false when one of higher priority came meanwhile. Throws what ends the clip. */
  async #isCameraBack(job: PlacedJob): Promise<boolean> {
    // Without waiting for the camera first.
    heedQuietHours(job, this.#timeOfDay());
    if (!this.#outages.lasts) return true;
    await this.#outages.wait(job, this.#queue, (waiting, tooOld) => {
      this.#queue.remove((other) => other === waiting);
      this.#fail(waiting, tooOld);
    });
    return (this.#queue.first(this.#clock.now())?.priority ?? -Infinity) <= job.priority;
  }

  #cut(job: PlacedJob, by: CutReason): void {
    job.controller.abort(new Cut(by));
    if (this.#current !== job) this.#settleAborted(job, job.controller.signal.reason as Error);
  }

  #settleAborted(job: PlacedJob, reason: Error): void {
    if (this.#current === job) this.#current = undefined;
    settleAborted(job, reason);
  }

  #fail(job: PlacedJob, error: unknown): void {
    if (this.#current === job) this.#current = undefined;
    settleFailed(job, error, this.#key);
  }

  #throwIfClosed(): void {
    if (this.#closed) throw this.#closedError();
  }

  #closedError(): TalkError {
    return new TalkError('TALK_ERR_ABORTED', `The line to the camera at ${this.#key} is closed`, { camera: this.#key });
  }
}
