// *Try it* of the voice dialog: an admin route that has a sentence said by a voice, and on a camera, that nobody has deployed.
import type { NodeAPI } from 'node-red';
import {
  invalid,
  monotonicClock,
  rehearse,
  toTalkError,
  type CameraOptions,
  type VoiceOptions,
} from '../../src/index.js';
import { triedCamera } from '../camera/tested-camera.js';
import type { Fields } from '../shared/dialog-fields.js';
import { registerReport, type Refusal, type Report } from '../shared/report-route.js';
import { saidStep } from '../shared/said-step.js';
import { triedVoice } from './tried-voice.js';

/** Of a sentence that is tried, characters. */
const MAX_TRIED_CHARS = 300;

export function registerVoiceTry(RED: NodeAPI): void {
  registerReport(RED, '/tplink-voice/try', 'tplink-voice.write', (body) => wanted(RED, body as Fields));
}

function wanted(RED: NodeAPI, body: Fields): Report | Refusal {
  const { sentence } = body;
  if (typeof sentence !== 'string' || sentence.trim() === '' || sentence.length > MAX_TRIED_CHARS)
    throw invalid('sentence', `1 to ${MAX_TRIED_CHARS} characters`, sentence);
  const voice = triedVoice(RED, body);
  if ('status' in voice) return voice;
  const camera = triedCamera(RED, body['camera']);
  return 'status' in camera ? camera : (onStep, signal) => tell(RED, { sentence, voice, camera }, onStep, signal);
}

interface Trial {
  readonly sentence: string;
  readonly voice: VoiceOptions;
  readonly camera: CameraOptions;
}

async function tell(
  RED: NodeAPI,
  { sentence, voice, camera }: Trial,
  onStep: (step: object) => void,
  signal: AbortSignal,
): Promise<void> {
  let name = 'engine';
  try {
    const { source, firstMs, wholeMs } = await rehearse(sentence, voice, { clock: monotonicClock, signal });
    onStep({ name, outcome: 'ok', key: 'engine', values: { firstMs } });
    onStep({ name: 'prepared', outcome: 'ok', key: 'prepared', values: { wholeMs } });
    name = 'said';
    onStep(await saidStep(RED, camera, [source], { signal }));
  } catch (error) {
    const { code, message } = toTalkError(error, 'TALK_ERR_PROTOCOL', String(error));
    onStep({ name, outcome: 'failed', key: `failed.${name}`, code, detail: message });
  }
}
