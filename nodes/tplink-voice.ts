// Config node: what turns words into sound, read once; talk nodes ask it. The engines are the library's.
import type { NodeAPI, NodeDef } from 'node-red';
import { toTalkError, voiceOptions, type VoiceOptions } from '../src/index.js';
import { registerVoiceTry } from './voice/voice-try.js';
import { packageFolder, type VoiceCredentials, type VoiceNode } from './shared/voice-node.js';

export default function register(RED: NodeAPI): void {
  function TplinkVoice(this: VoiceNode, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    let options: VoiceOptions | undefined;
    this.voice = () =>
      (options ??= voiceOptions({ ...config, ...this.credentials, packageFolder: packageFolder(RED) }));
    try {
      this.voice();
    } catch (error) {
      this.error(toTalkError(error, 'TALK_ERR_ARGUMENT', String(error)).message);
    }
  }

  registerVoiceTry(RED);
  RED.nodes.registerType<VoiceNode, NodeDef, object, VoiceCredentials>('tplink-voice', TplinkVoice, {
    credentials: { token: { type: 'password' } },
  });
}
