// A clip from an address, decoded while it arrives: whole if it comes at once, else from its first second on. How bytes become sound is decided elsewhere.
import { throwIfAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import type { Download } from './fetch.js';
import type { Sound } from './mp3.js';
import { yielding } from './yielding.js';

/** A body that is there so soon after its first bytes is decoded as a whole, with all that is known of whole files, ms. */
const AT_ONCE_MS = 200;
/** So much sound must be there before the first of it is heard, s. */
const HEAD_START_SECONDS = 1;
/** More than anybody looks at before decoding; longer than the header of a WAV with its notes. */
const BEGINNING_BYTES = 65_536;
/** Bytes for one step of a decoder. */
const PIECE_BYTES = 4_096;

export interface ArrivingOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Longest sound, s. */
  readonly maxSeconds: number;
  readonly warn?: ((warning: string) => void) | undefined;
}

export interface Decoders {
  readonly whole: (bytes: Buffer) => AsyncIterable<Sound>;
  /** Whether these first bytes tell what they belong to. */
  readonly isEnough: (head: Buffer) => boolean;
  /** Undefined for what these first bytes belong to when only the whole of it can be decoded. */
  readonly arriving: (
    head: Buffer,
    size: number | undefined,
  ) => ((chunks: AsyncGenerator<Buffer>) => AsyncIterable<Sound>) | undefined;
}

/**
 * The sound of a download. Until a second of it is there every failure is thrown; from then on the sound ends with what came, and a warning.
 * Throws what the download and the decoders throw, or the signal's reason.
 */
export async function* decodeArriving(
  download: Download,
  decoders: Decoders,
  options: ArrivingOptions,
): AsyncGenerator<Sound> {
  const body = new Body(download);
  await body.comeWithin(AT_ONCE_MS, options.clock);
  const head = await body.head(decoders.isEnough);
  const decode = body.over ? undefined : decoders.arriving(head, download.size);
  const started = decode && (await start(body, decode(body.chunks()), options));
  if (started === undefined) yield* decoders.whole(await body.whole(yielding(options.clock, options.signal)));
  else yield* goOn(started, body, options);
}

interface Started {
  readonly held: readonly Sound[];
  readonly rest: AsyncIterator<Sound>;
}

/** The first second. Undefined when the whole is to be decoded: it is there by now, it cannot be decoded in pieces, or it seems too long. */
async function start(
  body: Body,
  sounds: AsyncIterable<Sound>,
  { signal, maxSeconds }: ArrivingOptions,
): Promise<Started | undefined> {
  const rest = sounds[Symbol.asyncIterator]();
  const held: Sound[] = [];
  let seconds = 0;
  try {
    while (seconds < HEAD_START_SECONDS) {
      const next = await rest.next();
      if (next.done === true) return undefined;
      held.push(next.value);
      seconds += secondsOf(next.value);
    }
  } catch {
    // The whole decides, and says what is wrong.
    throwIfAborted(signal);
    return undefined;
  }
  if (!body.over && !body.seemsLongerThan(maxSeconds, seconds)) return { held, rest };
  await rest.return?.();
  return undefined;
}

async function* goOn({ held, rest }: Started, body: Body, options: ArrivingOptions): AsyncGenerator<Sound> {
  const { signal, maxSeconds, warn } = options;
  let left = maxSeconds;
  let why: string | undefined;
  try {
    for (const sound of held) {
      left -= secondsOf(sound);
      yield sound;
    }
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      left -= secondsOf(next.value);
      if (left < 0) {
        why = 'The audio is longer than the limit';
        break;
      }
      yield next.value;
    }
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
  } finally {
    await rest.return?.();
  }
  throwIfAborted(signal);
  why = body.failure?.message ?? why;
  if (why !== undefined) warn?.(`${why}; the clip ended there`);
}

/** A body, kept as far as it has come. */
class Body {
  readonly #download: Download;
  readonly #kept: Buffer[] = [];
  #taking: Promise<void> | undefined;
  /** Bytes handed to a decoder that takes them as they come. */
  #handed = 0;
  #over = false;
  #failure: Error | undefined;

  constructor(download: Download) {
    this.#download = download;
  }

  /** Whether everything has come. */
  get over(): boolean {
    return this.#over;
  }

  /** What ended the download before its end. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** What has come of the beginning. */
  get beginning(): Buffer {
    let bytes = 0;
    const enough = this.#kept.findIndex(({ length }) => (bytes += length) >= BEGINNING_BYTES);
    return Buffer.concat(enough < 0 ? this.#kept : this.#kept.slice(0, enough + 1));
  }

  /** Takes what comes within that time of the first bytes. Throws the failure. */
  async comeWithin(ms: number, clock: Clock): Promise<void> {
    await this.#take();
    const timer = new AbortController();
    let late = false;
    const deadline = clock.wait(ms, timer.signal).then(
      () => void (late = true),
      () => undefined,
    );
    const isLate = (): boolean => late;
    try {
      while (!this.#over && !isLate()) await Promise.race([this.#take(), deadline]);
    } finally {
      timer.abort();
    }
  }

  /** The first bytes as soon as they are enough, or all. Throws the failure. */
  async head(isEnough: (head: Buffer) => boolean): Promise<Buffer> {
    while (!this.#over && !isEnough(this.beginning)) await this.#take();
    return this.beginning;
  }

  /** All bytes. Throws the failure. */
  async whole(giveWay: () => Promise<void>): Promise<Buffer> {
    while (!this.#over) await this.#take();
    const whole = Buffer.allocUnsafeSlow(this.#kept.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const chunk of this.#kept) {
      await giveWay();
      offset += chunk.copy(whole, offset);
    }
    return whole;
  }

  /** From the beginning, as they come, in small pieces. Ends where the download fails, so that a decoder gives what it has. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (let index = 0; ; index++) {
      while (index >= this.#kept.length && !this.#over && this.#failure === undefined) {
        await this.#take().catch(() => undefined);
      }
      const chunk = this.#kept[index];
      if (chunk === undefined) return;
      for (let offset = 0; offset < chunk.length; offset += PIECE_BYTES) {
        const piece = chunk.subarray(offset, offset + PIECE_BYTES);
        this.#handed += piece.length;
        yield piece;
      }
    }
  }

  /** Whether all that the server announces would be longer, judging by the sound of what was handed out. */
  seemsLongerThan(maxSeconds: number, seconds: number): boolean {
    return ((this.#download.size ?? 0) / this.#handed) * seconds > maxSeconds;
  }

  #take(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#taking ??= this.#pull().finally(() => (this.#taking = undefined));
    this.#taking.catch(() => undefined);
    return this.#taking;
  }

  async #pull(): Promise<void> {
    try {
      const next = await this.#download.chunks.next();
      if (next.done === true) this.#over = true;
      else this.#kept.push(next.value);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    }
  }
}

function secondsOf({ samples, sampleRate }: Sound): number {
  return samples.length / sampleRate;
}
