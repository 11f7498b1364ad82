// A look at the port of the HTTP talk without a password: whether a camera is there, and of which line.
import type { Clock } from '../clock.js';
import { openHttpConnection } from '../connection/open.js';
import { streamQuestion, streamSigns, type StreamDialect } from '../httptalk/signs.js';

/** `open`: something else answers HTTP there. */
export type StreamLook = 'closed' | 'open' | StreamDialect;

/** Never rejects. */
export async function lookAtStream(host: string, port: number, clock: Clock, signal: AbortSignal): Promise<StreamLook> {
  try {
    const connection = await openHttpConnection({ host, port }, { clock }, signal);
    try {
      const answer = await connection.request(streamQuestion(host, port), 'the first request', signal);
      return streamSigns(answer)?.dialect ?? 'open';
    } finally {
      connection.destroy();
    }
  } catch {
    return 'closed';
  }
}
