// What an engine gives: sound as it comes, or where it is; and how long it is waited for. The engines themselves are elsewhere.
import { onAbort } from '../abort.js';
import { withDeadline, type Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { MAX_SOURCE_BYTES, VOICE_FIRST_MS, VOICE_IDLE_MS, VOICE_TOTAL_MS } from '../limits.js';
import { redact } from '../logger.js';
import { OutOfPatience, Patience } from '../patience.js';
import type { AudioFormat } from '../sound/format.js';

/** Sound of one piece of text: a container or, with a format, samples. */
export interface Sounding {
  readonly chunks: AsyncGenerator<Buffer>;
  readonly format?: AudioFormat | undefined;
}

/** The same, or an address from which it is to be fetched. */
export type Utterance = ({ readonly kind: 'sound' } & Sounding) | { readonly kind: 'url'; readonly url: string };

export interface SpeakContext {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What an engine sends, once its first answer is there; it is told to stop when the reader stops, when it takes too long, and at the end.
 * @param engine how people call it, for errors
 * @param start resolves with the engine's first answer; the chunks may then be read. Both end by the signal
 * @throws TALK_ERR_VOICE for an engine that is too slow, sends nothing or too much; what the engine throws; the signal's reason
 */
export async function patiently<T extends Utterance>(
  engine: string,
  start: (stop: AbortSignal) => Promise<T>,
  { clock, signal }: SpeakContext,
): Promise<T> {
  const stop = new AbortController();
  const ignore = onAbort(signal, () => stop.abort(signal?.reason));
  const end = (): void => {
    ignore();
    stop.abort(OVER);
  };
  const started = async (): Promise<T> => {
    const utterance = await start(stop.signal);
    if (utterance.kind === 'url') return utterance;
    const first = await utterance.chunks.next();
    if (first.done === true) throw voiceError(`${engine} gave no sound`);
    return { ...utterance, chunks: rest(engine, first.value, utterance.chunks, { clock, signal }, end) };
  };
  try {
    const late = (): TalkError => voiceError(`${engine} gave no sound within ${VOICE_FIRST_MS / 1_000} s`);
    const utterance = await withDeadline(clock, started(), VOICE_FIRST_MS, late, signal);
    if (utterance.kind === 'url') end();
    return utterance;
  } catch (error) {
    end();
    throw error;
  }
}

async function* rest(
  engine: string,
  first: Buffer,
  chunks: AsyncGenerator<Buffer>,
  { clock, signal }: SpeakContext,
  end: () => void,
): AsyncGenerator<Buffer> {
  const patience = new Patience({ clock, idleMs: VOICE_IDLE_MS, totalMs: VOICE_TOTAL_MS });
  let bytes = first.length;
  try {
    yield first;
    for (;;) {
      patience.progress();
      const next = await patience.wait(chunks.next(), signal);
      if (next.done === true) return;
      bytes += next.value.length;
      if (bytes > MAX_SOURCE_BYTES) throw voiceError(`${engine} gave more than ${MAX_SOURCE_BYTES} bytes for one text`);
      yield next.value;
    }
  } catch (error) {
    throw error instanceof OutOfPatience ? voiceError(`${engine} gave ${error.message}`) : error;
  } finally {
    end();
  }
}

/** @param words the engine's own, cut */
export function voiceError(what: string, words = '', cause?: unknown): TalkError {
  const own = excerpt(redact(words).trim());
  return new TalkError('TALK_ERR_VOICE', own === '' ? what : `${what}: ${own}`, { cause });
}

/** The engine could not be reached: another attempt may succeed. */
export function unreachable(what: string, cause: unknown): TalkError {
  return new TalkError('TALK_ERR_VOICE', what, { cause, retryable: true });
}

/** Ends an engine that nobody reads any more. */
const OVER = new TalkError('TALK_ERR_ABORTED', 'The voice was told to end');
