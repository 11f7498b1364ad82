// The npm package @echogarden/espeak-ng-emscripten, which speaks without any program, where the user has put it beside Node-RED. Run in a thread.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { abortReason, onAbort } from '../abort.js';
import type { Clock } from '../clock.js';
import { VOICE_PACKAGE_IDLE_MS } from '../limits.js';
import type { EspeakReply, EspeakRequest } from './espeak-worker.js';
import { patiently, voiceError, type SpeakContext, type Utterance } from './utterance.js';

export const ESPEAK_PACKAGE = '@echogarden/espeak-ng-emscripten';

/** The package's file as an address; undefined where it is not. */
export function findEspeakPackage(folder: string): string | undefined {
  try {
    return pathToFileURL(createRequire(join(folder, 'package.json')).resolve(ESPEAK_PACKAGE)).href;
  } catch {
    return undefined;
  }
}

/**
 * @param file of the package, see `findEspeakPackage`
 * @param voice an espeak-ng voice, such as `cmn`
 * @throws TALK_ERR_VOICE for an unknown voice, or a package that cannot be loaded
 */
export function speakByPackage(file: string, text: string, voice: string, context: SpeakContext): Promise<Utterance> {
  const start = async (stop: AbortSignal): Promise<Utterance> => {
    const replies = speakerOf(file, context.clock).ask(text, voice, stop);
    const first = await replies.next();
    if (first.done === true || !('samples' in first.value)) throw voiceError('espeak-ng gave no sound');
    const { sampleRate } = first.value;
    return {
      kind: 'sound',
      chunks: soundOf(first.value, replies),
      format: { encoding: 's16le', sampleRate, channels: 1 },
    };
  };
  return patiently('espeak-ng', start, context);
}

async function* soundOf(first: EspeakReply, replies: AsyncGenerator<EspeakReply>): AsyncGenerator<Buffer> {
  if ('samples' in first) yield Buffer.from(first.samples.buffer);
  for await (const reply of replies) if ('samples' in reply) yield Buffer.from(reply.samples.buffer);
}

let speaker: Speaker | undefined;

function speakerOf(file: string, clock: Clock): Speaker {
  if (speaker?.file !== file || speaker.isOver) {
    speaker?.end();
    speaker = new Speaker(file, clock);
  }
  return speaker;
}

/** The thread, kept a while for the next sentence. Whoever cuts one ends it, because nothing else stops what has begun. */
class Speaker {
  readonly file: string;
  readonly #clock: Clock;
  readonly #worker: Worker;
  readonly #listeners = new Map<number, (reply: EspeakReply | Error) => void>();
  #asked = 0;
  #idle = new AbortController();
  isOver = false;

  constructor(file: string, clock: Clock) {
    this.file = file;
    this.#clock = clock;
    this.#worker = new Worker(require.resolve('./espeak-worker.js'), { name: 'tplink-voice', workerData: { file } });
    this.#worker.on('message', (reply: EspeakReply) => this.#listeners.get(reply.id)?.(reply));
    this.#worker.on('error', (error) => this.#lost(voiceError(`${ESPEAK_PACKAGE} failed`, String(error))));
    this.#worker.on('exit', () => this.#lost(voiceError(`${ESPEAK_PACKAGE} ended`)));
  }

  end(): void {
    this.isOver = true;
    this.#idle.abort();
    void this.#worker.terminate();
  }

  async *ask(text: string, voice: string, stop: AbortSignal): AsyncGenerator<EspeakReply> {
    const id = ++this.#asked;
    const replies: (EspeakReply | Error)[] = [];
    let wake = (): void => undefined;
    const hear = (reply: EspeakReply | Error): void => {
      replies.push(reply);
      wake();
    };
    this.#begin();
    this.#listeners.set(id, hear);
    const ignore = onAbort(stop, () => hear(abortReason(stop)));
    let whole = false;
    try {
      this.#worker.postMessage({ id, text, voice } satisfies EspeakRequest);
      for (;;) {
        if (replies.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const reply = replies.shift();
        if (reply === undefined) continue;
        if (reply instanceof Error) throw reply;
        whole = !('samples' in reply);
        if ('failed' in reply) throw voiceError('espeak-ng', reply.failed);
        if ('over' in reply) return;
        yield reply;
      }
    } finally {
      ignore();
      this.#listeners.delete(id);
      if (whole && !this.isOver) this.#rest();
      else this.end();
    }
  }

  #begin(): void {
    this.#idle.abort();
    this.#worker.ref();
  }

  /** Must not hold the process; ends after a while. */
  #rest(): void {
    if (this.#listeners.size > 0) return;
    this.#worker.unref();
    this.#idle = new AbortController();
    this.#clock.wait(VOICE_PACKAGE_IDLE_MS, this.#idle.signal).then(
      () => this.end(),
      () => undefined,
    );
  }

  #lost(error: Error): void {
    this.isOver = true;
    this.#idle.abort();
    for (const tell of this.#listeners.values()) tell(error);
  }
}
