// Words to sound, piece by piece: what the voice gives is decoded like any sound that comes little by little. How engines are asked is voice/'s.
import type { Clock } from '../clock.js';
import { isTalkError, TalkError, type TalkErrorCode } from '../errors.js';
import type { AudioFormat } from '../sound/format.js';
import type { VoiceOptions } from '../voice/options.js';
import { piecesOf, spokenText } from '../voice/text.js';
import { voiceError } from '../voice/utterance.js';
import { speakWords } from '../voice/voice.js';
import type { Sound } from './mp3.js';

export interface Words {
  readonly text: string;
  readonly voice: VoiceOptions;
}

export interface WordsDecoders {
  readonly chunks: (chunks: AsyncGenerator<Buffer>, format: AudioFormat | undefined) => AsyncGenerator<Sound>;
  readonly url: (url: string) => AsyncGenerator<Sound>;
}

/** What a decoder says of an engine's sound is the engine's failure; a missing ffmpeg is not. */
const ENGINES_FAULT: readonly TalkErrorCode[] = ['TALK_ERR_ARGUMENT', 'TALK_ERR_AUDIO', 'TALK_ERR_SOURCE'];

/**
 * The sound of a text, the first sentence while the next is made.
 * Throws TALK_ERR_ARGUMENT for a text without words, TALK_ERR_VOICE, TALK_ERR_FFMPEG, or the signal's reason.
 */
export async function* decodeWords(
  { text, voice }: Words,
  decoders: WordsDecoders,
  context: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Sound> {
  for (const piece of piecesOf(spokenText(text))) {
    const utterance = await speakWords(piece, voice, context);
    let heard = false;
    try {
      const sounds =
        utterance.kind === 'url' ? decoders.url(utterance.url) : decoders.chunks(utterance.chunks, utterance.format);
      for await (const sound of sounds) {
        heard = true;
        yield sound;
      }
    } catch (error) {
      if (!isTalkError(error) || !ENGINES_FAULT.includes(error.code)) throw error;
      throw new TalkError('TALK_ERR_VOICE', `What the voice gave cannot be played. ${error.message}`, { cause: error });
    } finally {
      if (utterance.kind === 'sound') await utterance.chunks.return(undefined);
    }
    if (!heard) throw voiceError('The voice gave no sound');
  }
}
