// All that an engine gave, for tests.
import type { Utterance } from '../../src/voice/utterance.js';

export async function soundOf(speaking: Promise<Utterance>): Promise<Buffer> {
  const utterance = await speaking;
  if (utterance.kind === 'url') throw new Error(`an address: ${utterance.url}`);
  const chunks: Buffer[] = [];
  for await (const chunk of utterance.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}
