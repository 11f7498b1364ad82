// Plays one chime on a camera whose settings are being tried, and reports it as a step.
import type { AudioSource } from '../audio/source.js';
import type { CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import type { Speaker } from '../talk/speaker.js';
import { failedTalking, reporter, type ProbeStep } from './report.js';

const CHIME: AudioSource = { kind: 'chime', name: 'dingdong' };

/** Resolves when the chime has been heard; never rejects for what the camera does or for an abort. `speaker` is undefined when the camera is not to be spoken to now. */
export async function playChime(
  camera: CameraOptions,
  speaker: Speaker | undefined,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<ProbeStep> {
  const tell = reporter(clock, () => undefined);
  if (speaker === undefined) return tell('chime', { outcome: 'skipped', key: 'talk.ourselves' });
  try {
    // Whoever tries a camera wants to hear it now.
    const [result] = await speaker.speak([{ ...camera, quietMode: 'off' }], [CHIME], { signal, retries: 0 });
    if (result?.status !== 'fulfilled') return tell('chime', failedTalking(result?.reason, camera));
    if (result.value.outcome !== 'spoken') return tell('chime', { outcome: 'warning', key: 'chime.cut' });
    const { seconds, firstSoundMs } = result.value.report;
    const values = { seconds: Number(seconds.toFixed(1)), firstSoundMs: Math.round(firstSoundMs) };
    return tell('chime', { outcome: 'ok', key: 'chime.ok', values });
  } catch (error) {
    return tell('chime', failedTalking(error, camera));
  }
}
