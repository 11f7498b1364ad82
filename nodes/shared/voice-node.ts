// A voice as the nodes that speak with it see it: the tplink-voice that one has chosen, or the machine's own.
import type { Node, NodeAPI } from 'node-red';
import { TalkError, VOICE_DEFAULTS, type VoiceOptions } from '../../src/index.js';

export interface VoiceCredentials {
  token?: string;
}

export interface VoiceNode extends Node<VoiceCredentials> {
  /** The validated options. Throws the coded error that keeps this voice from working. */
  voice: () => VoiceOptions;
}

export interface ChosenVoice {
  /** Whether one was chosen: then a text that is no sound's place is words. */
  readonly chosen: boolean;
  /** Whether the one that was chosen is not there: deleted, or disabled. */
  readonly gone: boolean;
  /** To be asked only for words. Throws TALK_ERR_ARGUMENT when the voice is gone or its settings are wrong. */
  readonly options: () => VoiceOptions;
}

/** @param id of a voice node, or blank */
export function chosenVoice(RED: NodeAPI, id: unknown): ChosenVoice {
  if (typeof id !== 'string' || id === '') {
    const options = { ...VOICE_DEFAULTS, packageFolder: packageFolder(RED) };
    return { chosen: false, gone: false, options: () => options };
  }
  const node = RED.nodes.getNode(id) as VoiceNode | null;
  return { chosen: true, gone: node === null, options: () => (node ?? gone()).voice() };
}

/** Where users put the package of a voice. */
export function packageFolder(RED: NodeAPI): string {
  return RED.settings.userDir ?? '';
}

function gone(): never {
  throw new TalkError('TALK_ERR_ARGUMENT', 'The voice of this node is gone or disabled: choose another one, or none');
}
