// A text to sound, by whatever engine the voice names. Decoding and caching come later.
import { createHash } from 'node:crypto';
import { espeakVoice, languageOf, spokenText } from './text.js';
import { findEspeakPackage, speakByPackage, ESPEAK_PACKAGE } from './espeak-package.js';
import { speakByHttp } from './http.js';
import type { VoiceOptions } from './options.js';
import { findProgram } from '../program-path.js';
import { speakByProgram } from './program.js';
import { voiceError, type SpeakContext, type Utterance } from './utterance.js';
import { speakByWyoming } from './wyoming.js';

/**
 * The sound of one piece of text, as the engine makes it. The reader must read it to its end or return it: then nothing of the engine is left.
 * @throws TALK_ERR_ARGUMENT for a text without words, TALK_ERR_VOICE when no engine is there or it fails, or the signal's reason
 */
export async function speakWords(text: string, voice: VoiceOptions, context: SpeakContext): Promise<Utterance> {
  const words = spokenText(text);
  const language = languageOf(words, voice.language, process.env);
  const values = { text: words, voice: voice.voice, language };
  switch (voice.engine) {
    case 'command':
      return await speakByProgram(voice.command, values, context);
    case 'http':
      return await speakByHttp(voice, values, context);
    case 'wyoming':
      return await speakByWyoming(voice, { ...values, language: voice.language }, context);
    case 'auto':
      return await speakByAny(voice, values, context);
  }
}

async function speakByAny(
  { voice, packageFolder }: VoiceOptions,
  { text, language }: { text: string; language: string },
  context: SpeakContext,
): Promise<Utterance> {
  if (/\.onnx$/i.test(voice)) {
    const command = 'piper --model {voice} --output_file -';
    return await speakByProgram(command, { text, voice, language }, context);
  }
  const name = voice === '' ? espeakVoice(language) : voice;
  const file = findEspeakPackage(packageFolder === '' ? process.cwd() : packageFolder);
  if (file !== undefined) return await speakByPackage(file, text, name, context);
  if ((await findProgram('espeak-ng')) === undefined) throw voiceError(NO_ENGINE);
  return await speakByProgram('espeak-ng -v {voice} --stdin --stdout', { text, voice: name, language }, context);
}

const NO_ENGINE =
  `No voice is on this machine. Install espeak-ng (apt install espeak-ng, apk add espeak-ng, brew install espeak-ng), or run npm install ${ESPEAK_PACKAGE} ` +
  'in the Node-RED user folder, or choose another engine in the voice';

/** What identifies the sound of a text in this voice; not the secret. */
export function voiceKey(text: string, { token, ...voice }: VoiceOptions): string {
  return createHash('sha256')
    .update(JSON.stringify([voice, token !== '', text]))
    .digest('base64');
}
