// A clip from an address, decoded while it arrives: whole if it comes at once, else from its first second on. How bytes become sound is decided elsewhere.
import { throwIfAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { NoRoom, type Share } from './budget.js';
import type { Download } from './fetch.js';
import { BLOCK_BYTES, Kept } from './kept.js';
import type { Sound } from './mp3.js';
import { cut, storedBlocks, type StoredAudio } from './stored.js';

/** A body that is there so soon after its first bytes is decoded as a whole, with all that is known of whole files, ms. */
const AT_ONCE_MS = 200;
/** So much sound must be there before the first of it is heard, s. */
const HEAD_START_SECONDS = 1;
/** Bytes for one step of a decoder. */
const PIECE_BYTES = 4_096;

export interface ArrivingOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Longest sound, s. */
  readonly maxSeconds: number;
  /** Of the memory, for what is kept. */
  readonly share?: Share | undefined;
  readonly warn?: ((warning: string) => void) | undefined;
}

export interface Decoders {
  readonly whole: (stored: StoredAudio) => AsyncIterable<Sound>;
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
 * Throws what the download and the decoders throw, NoRoom before the first sound, or the signal's reason.
 */
export async function* decodeArriving(
  download: Download,
  decoders: Decoders,
  options: ArrivingOptions,
): AsyncGenerator<Sound> {
  const body = new Body(download, options.share);
  await body.comeWithin(AT_ONCE_MS, options.clock);
  const head = await body.head(decoders.isEnough);
  const decode = body.over ? undefined : decoders.arriving(head, download.size);
  const started = decode && (await start(body, decode(body.chunks()), options));
  // A decoder takes it for the end.
  if (body.failure instanceof NoRoom) throw body.failure;
  if (started === undefined) yield* decoders.whole(await body.whole());
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
  body.letGo();
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

/** A body, kept as far as it has come until it is let go. */
class Body {
  readonly #download: Download;
  readonly #kept: Kept;
  /** The latest chunk of a body that is let go. */
  #passing: Buffer | undefined;
  #isLetGo = false;
  #taking: Promise<void> | undefined;
  /** Bytes handed to a decoder that takes them as they come. */
  #handed = 0;
  #over = false;
  #failure: Error | undefined;

  constructor(download: Download, share?: Share) {
    this.#download = download;
    this.#kept = new Kept(share);
  }

  /** Whether everything has come. */
  get over(): boolean {
    return this.#over;
  }

  /** What ended the download before its end. */
  get failure(): Error | undefined {
    return this.#failure;
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
    const isAll = (): boolean => this.#over || this.#kept.length >= BLOCK_BYTES;
    while (!isAll() && !isEnough(this.#kept.beginning)) await this.#take();
    return this.#kept.beginning;
  }

  /** All bytes. Throws the failure. */
  async whole(): Promise<StoredAudio> {
    while (!this.#over) await this.#take();
    return storedBlocks(this.#kept.blocks);
  }

  /** What the decoder has had is not needed again: from now on nothing more is kept. */
  letGo(): void {
    this.#isLetGo = true;
  }

  /** From the beginning, as they come, in small pieces. Ends where the download fails, so that a decoder gives what it has. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (let offset = 0; ;) {
      const [piece, passing] = [this.#kept.at(offset, PIECE_BYTES), this.#passing];
      offset += piece.length;
      this.#handed += piece.length;
      if (this.#isLetGo) this.#kept.letGo(offset);
      if (piece.length > 0) yield piece;
      else if (passing !== undefined) {
        this.#passing = undefined;
        yield* cut(passing, PIECE_BYTES);
      } else if (this.#over || this.#failure !== undefined) return;
      else await this.#take().catch(() => undefined);
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
      else if (this.#isLetGo) this.#passing = next.value;
      else this.#kept.add(next.value);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    }
  }
}

function secondsOf({ samples, sampleRate }: Sound): number {
  return samples.length / sampleRate;
}
