// Pulling live chunks from somebody else's stream: abortable, bounded in bytes and time, checked. What they hold is decided elsewhere.
import { unlessAborted } from '../abort.js';
import { isTalkError, TalkError } from '../errors.js';
import { MAX_SOURCE_BYTES } from '../limits.js';
import { OutOfPatience, Patience, type PatienceOptions } from '../patience.js';
import { asBuffer } from './bytes.js';
import { endChunks } from './source.js';
import { cut } from './stored.js';

export interface PullOptions extends PatienceOptions {
  /** The stream takes too long and is given up: why. For the reader it has ended. */
  readonly onGivenUp: (why: string) => void;
  /** In all; MAX_SOURCE_BYTES by default. */
  readonly mostBytes?: number | undefined;
}

/** Node-RED clones a message for every wire but the first, and a cloned stream delivers nothing or throws. */
const NO_TWO_WIRES =
  'a stream cannot go to two wires: the copies that Node-RED makes for all but the first of them deliver nothing';

/**
 * The chunks as Buffers, large ones in pieces. Ends the stream (`return`, for a Readable `destroy`) when the reader stops.
 * Throws TALK_ERR_ARGUMENT for a chunk that is not bytes, TALK_ERR_SOURCE when the stream fails, never ends or never delivers anything,
 * the signal's reason when aborted.
 */
export async function* pullChunks(
  chunks: AsyncIterable<unknown>,
  signal?: AbortSignal,
  options?: PullOptions,
): AsyncGenerator<Buffer> {
  const patience = options && new Patience(options);
  const mostBytes = options?.mostBytes ?? MAX_SOURCE_BYTES;
  let iterator: AsyncIterator<unknown> | undefined;
  let bytes = 0;
  try {
    iterator = chunks[Symbol.asyncIterator]();
    for (;;) {
      const pulled = iterator.next();
      const next = await (patience === undefined ? unlessAborted(pulled, signal) : patience.wait(pulled, signal));
      if (next.done === true) return;
      const chunk = asBuffer(next.value);
      if (chunk === undefined) {
        const why = typeof next.value === 'string' ? ': the stream must have no encoding' : '';
        throw new TalkError('TALK_ERR_ARGUMENT', `Live audio must come as Buffers, not as ${typeof next.value}${why}`);
      }
      bytes += chunk.length;
      if (bytes > mostBytes) {
        throw new TalkError('TALK_ERR_SOURCE', `The live audio is longer than ${mostBytes} bytes`);
      }
      if (chunk.length > 0) {
        yield* cut(chunk);
        patience?.progress();
      }
    }
  } catch (error) {
    if (isTalkError(error) || signal?.aborted === true) throw error;
    if (!(error instanceof OutOfPatience)) throw broken(error, bytes);
    if (bytes === 0) throw new TalkError('TALK_ERR_SOURCE', `The stream delivered ${error.message} (${NO_TWO_WIRES})`);
    options?.onGivenUp(`The stream delivered ${error.message}`);
  } finally {
    endChunks(chunks, iterator);
  }
}
/** What the stream itself threw. A clone of one misses what makes it work. */
function broken(cause: unknown, bytes: number): TalkError {
  const isCopy = bytes === 0 && cause instanceof Error && cause.name === 'TypeError';
  return new TalkError('TALK_ERR_SOURCE', `The live audio stream failed${isCopy ? ` (${NO_TWO_WIRES})` : ''}`, {
    cause,
  });
}

/** The first chunks, joined, until `enough` says so or the stream ends; and all chunks, those included. */
export async function peekChunks(
  chunks: AsyncGenerator<Buffer>,
  enough: (head: Buffer) => boolean,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  let head = Buffer.alloc(0);
  while (!enough(head)) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return { head, chunks: prepend(head, chunks) };
}

async function* prepend(head: Buffer, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* chunks;
}
