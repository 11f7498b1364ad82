// One sentence as a voice makes it, whole, with the time that took: for whoever tries a voice. Nothing is played here.
import type { Clock } from '../clock.js';
import { MAX_SOURCE_BYTES } from '../limits.js';
import type { VoiceOptions } from '../voice/options.js';
import { voiceError } from '../voice/utterance.js';
import { speakWords } from '../voice/voice.js';
import type { AudioSource } from './source.js';

export interface Rehearsal {
  /** What the voice gave. */
  readonly source: AudioSource;
  /** From the request to the engine's first sound, ms, and to its last. */
  readonly firstMs: number;
  readonly wholeMs: number;
}

/** Rejects with TALK_ERR_ARGUMENT for a text without words, TALK_ERR_VOICE when the engine fails, or the signal's reason. */
export async function rehearse(
  text: string,
  voice: VoiceOptions,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<Rehearsal> {
  const start = clock.now();
  const since = (): number => Math.round(clock.now() - start);
  const utterance = await speakWords(text, voice, { clock, signal });
  const firstMs = since();
  if (utterance.kind === 'url') return { source: { kind: 'url', url: utterance.url }, firstMs, wholeMs: firstMs };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of utterance.chunks) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_SOURCE_BYTES) throw voiceError('The voice gave too much sound for one sentence');
  }
  const format = utterance.format === undefined ? {} : { format: utterance.format };
  return { source: { kind: 'bytes', bytes: Buffer.concat(chunks), ...format }, firstMs, wholeMs: since() };
}
