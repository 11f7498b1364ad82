// The step *said* of a test button: something is said on one camera, once and at its usual loudness, because a person waits and wants to hear it.
import type { NodeAPI } from 'node-red';
import type { AudioSource, CameraOptions, SpeakOptions } from '../../src/index.js';
import { sharedEngine } from './engine.js';

export async function saidStep(
  RED: NodeAPI,
  camera: CameraOptions,
  sources: readonly AudioSource[],
  options: SpeakOptions,
): Promise<object> {
  const aloud = { ...camera, quietMode: 'off' as const };
  const [result] = await sharedEngine(RED).speak([aloud], [...sources], { ...options, retries: 0 });
  if (result?.status !== 'fulfilled') throw result?.reason;
  if (result.value.outcome !== 'spoken') return { name: 'said', outcome: 'warning', key: 'cut' };
  const { seconds, firstSoundMs } = result.value.report;
  const values = { seconds: seconds.toFixed(1), firstSoundMs: Math.round(firstSoundMs) };
  return { name: 'said', outcome: 'ok', key: 'said', values };
}
