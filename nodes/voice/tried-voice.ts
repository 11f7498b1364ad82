// The fields of a voice dialog -> a voice that nobody has deployed.
import type { NodeAPI } from 'node-red';
import { VOICE_DEFAULTS, voiceOptions, type VoiceOptions } from '../../src/index.js';
import { dialogFields, type Dialog } from '../shared/dialog-fields.js';
import type { Refusal } from '../shared/report-route.js';
import { packageFolder } from '../shared/voice-node.js';

const VOICE: Dialog = {
  type: 'tplink-voice',
  fields: Object.keys(VOICE_DEFAULTS).filter((field) => field !== 'packageFolder'),
  secrets: { token: ['url'] },
  defaults: { ...VOICE_DEFAULTS },
};

/** See `dialogFields`. Throws TALK_ERR_ARGUMENT for a wrong one. */
export function triedVoice(RED: NodeAPI, body: unknown): VoiceOptions | Refusal {
  const fields = dialogFields(RED, body, VOICE);
  if (typeof fields === 'string') return { status: 409, key: fields };
  return voiceOptions({ ...fields, packageFolder: packageFolder(RED) });
}
