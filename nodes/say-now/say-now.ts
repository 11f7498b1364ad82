// *Say it now* of the talk dialog: an admin route that says what the form holds on a camera, with chime, gain and volume, though nobody has deployed it.
import type { NodeAPI } from 'node-red';
import {
  SAY_NOW_TIMEOUT_MS,
  monotonicClock,
  quietGainDb,
  toTalkError,
  wallTime,
  type AudioSource,
  type CameraOptions,
  type Clock,
  type TalkError,
  type TalkState,
} from '../../src/index.js';
import { triedCamera } from '../camera/tested-camera.js';
import { deployedNode, dialogFields, type Dialog, type Fields } from '../shared/dialog-fields.js';
import { pathResolver } from '../shared/paths.js';
import { registerReport, type Refusal, type Report } from '../shared/report-route.js';
import { saidStep } from '../shared/said-step.js';
import { chosenVoice } from '../shared/voice-node.js';
import { messageSources, speakSettings, typedAudio, type SpeakSettings, type Voice } from '../talk/request.js';
import { triedVoice } from '../voice/tried-voice.js';

const TALK: Dialog = {
  type: 'tplink-talk',
  fields: ['audio', 'audioType', 'chime', 'chimeType', 'gain', 'normalize', 'speakerVolume'],
  defaults: {},
};
const TYPED = ['say', 'sound', 'str', 'env'];

/** What is told of a clip on its way. How it ended is the report's last line. */
const STAGES: Readonly<Partial<Record<TalkState['name'], string>>> = {
  decoding: 'preparing',
  connecting: 'connecting',
  authenticating: 'connecting',
  opening: 'connecting',
  waiting: 'waiting',
  talking: 'speaking',
};

/** Once for each start of the runtime: routes outlive a redeploy. */
export function registerSayNow(RED: NodeAPI, clock: Clock = monotonicClock): void {
  const limits = { clock, timeoutMs: SAY_NOW_TIMEOUT_MS };
  registerReport(RED, '/tplink-talk/say-now', 'tplink-talk.write', (body) => wanted(RED, body as Fields), limits);
}

function wanted(RED: NodeAPI, body: Fields): Report | Refusal {
  const fields = dialogFields(RED, body, TALK);
  if (typeof fields === 'string') return { status: 409, key: fields };
  const type = String(fields['audioType']);
  if (!TYPED.includes(type)) return { status: 409, key: 'nothingToTry' };
  const audio = type === 'env' ? environment(RED, body) : (typedAudio(type, fields['audio']) ?? fields['audio']);
  if (audio === undefined) return { status: 409, key: 'environment' };
  const voice = wantedVoice(RED, body['voice']);
  if ('status' in voice) return voice;
  const camera = triedCamera(RED, body['camera']);
  if ('status' in camera) return camera;
  const sources = messageSources({}, fields, audio, pathResolver(RED), voice);
  const settings = speakSettings({}, fields);
  return (onStep, signal) => tell(RED, { camera, sources, settings }, onStep, signal);
}

/** Of variables only those that were deployed: they may hold secrets of the server. */
function environment(RED: NodeAPI, { id, audio }: Fields): unknown {
  if (typeof id !== 'string' || typeof audio !== 'string') return undefined;
  const deployed = deployedNode(RED, id, TALK.type);
  if (deployed['audioType'] !== 'env' || deployed['audio'] !== audio) return undefined;
  return RED.util.evaluateNodeProperty(audio, 'env', RED.nodes.getNode(id), {}) ?? '';
}

/** A deployed one by its id, the fields of one that was changed in the editor, or none. */
function wantedVoice(RED: NodeAPI, voice: unknown): Voice | Refusal {
  if (typeof voice === 'object' && voice !== null) {
    const options = triedVoice(RED, voice);
    return 'status' in options ? options : { chosen: true, options: () => options };
  }
  const chosen = chosenVoice(RED, voice);
  return chosen.gone ? { status: 409, key: 'voiceNotDeployed' } : chosen;
}

interface Clip {
  readonly camera: CameraOptions;
  readonly sources: AudioSource[];
  readonly settings: SpeakSettings;
}

async function tell(
  RED: NodeAPI,
  { camera, sources, settings }: Clip,
  onStep: (step: object) => void,
  signal: AbortSignal,
): Promise<void> {
  const name = 'said';
  let stage: string | undefined;
  const onState = (state: TalkState): void => {
    const next = STAGES[state.name];
    if (next === undefined || next === stage) return;
    stage = next;
    onStep({ name, outcome: 'running', key: next });
  };
  const onWarning = ({ message }: TalkError): void =>
    onStep({ name, outcome: 'warning', key: 'warning', detail: message });
  if (quietGainDb(camera, settings.priority, wallTime()) !== 0)
    onStep({ name: 'quiet', outcome: 'warning', key: 'quiet' });
  try {
    onStep(await saidStep(RED, camera, sources, { ...settings, signal, onState, onWarning }));
  } catch (error) {
    const { code, message } = toTalkError(error, 'TALK_ERR_PROTOCOL', String(error));
    onStep({ name, outcome: 'failed', key: 'failed', code, detail: message });
  }
}
