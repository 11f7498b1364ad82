// Pulling live chunks from somebody else's stream: abortable, bounded, checked. What they hold is decided elsewhere.
import { abortReason, onAbort, throwIfAborted } from '../abort.js';
import { isTalkError, TalkError } from '../errors.js';
import { MAX_SOURCE_BYTES } from '../limits.js';
import { asBuffer } from './bytes.js';
import { endChunks } from './source.js';

/**
 * The chunks as Buffers. Ends the stream (`return`, for a Readable `destroy`) when the reader stops.
 * Throws TALK_ERR_ARGUMENT for a chunk that is not bytes, TALK_ERR_SOURCE when the stream fails or never ends, the signal's reason when aborted.
 */
export async function* pullChunks(chunks: AsyncIterable<unknown>, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let giveUp: ((reason: Error) => void) | undefined;
  const ignore = onAbort(signal, () => giveUp?.(abortReason(signal)));
  let bytes = 0;
  try {
    for (;;) {
      throwIfAborted(signal);
      const next = await new Promise<IteratorResult<unknown, unknown>>((resolve, reject) => {
        giveUp = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done === true) return;
      const chunk = asBuffer(next.value);
      if (chunk === undefined) {
        const why = typeof next.value === 'string' ? ': the stream must have no encoding' : '';
        throw new TalkError('TALK_ERR_ARGUMENT', `Live audio must come as Buffers, not as ${typeof next.value}${why}`);
      }
      bytes += chunk.length;
      if (bytes > MAX_SOURCE_BYTES) {
        throw new TalkError('TALK_ERR_SOURCE', `The live audio is longer than ${MAX_SOURCE_BYTES} bytes`);
      }
      if (chunk.length > 0) yield chunk;
    }
  } catch (error) {
    if (isTalkError(error) || signal?.aborted === true) throw error;
    throw new TalkError('TALK_ERR_SOURCE', 'The live audio stream failed', { cause: error });
  } finally {
    ignore();
    endChunks(chunks, iterator);
  }
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
