// Tuning for somebody who tries a camera's settings: its findings as steps. It measures nothing itself.
import type { CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { TUNED, type TuneProgress, type TuneResult } from '../tune/result.js';
import type { Tuner } from '../tune/run.js';
import { reporter, type ProbeStep } from './report.js';
import { unheard } from './sound.js';

export interface TuneReportOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Called as each sound is to be played. */
  readonly onProgress?: ((progress: TuneProgress) => void) | undefined;
  /** Called as each step is known. */
  readonly onStep?: ((step: ProbeStep) => void) | undefined;
}

/** Plain data. */
export type TuneReport = Pick<TuneResult, 'settings' | 'tried'>;

/** Resolves with the settings that were found and what was tried, none when it failed; never rejects for what the camera does or for an abort. */
export async function reportTune(
  camera: CameraOptions,
  tuner: Tuner,
  { clock, signal, onProgress, onStep = () => undefined }: TuneReportOptions,
): Promise<TuneReport> {
  const tell = reporter(clock, onStep);
  let sounds = 0;
  const playing = (progress: TuneProgress): void => {
    sounds += 1;
    onProgress?.(progress);
  };
  try {
    const result = await tuner.tune(camera, { signal, onProgress: playing });
    const { settings, reasons, measuredIn, latencyMs, latencySpreadMs = 0, speakerVolume, tried } = result;
    for (const name of TUNED) {
      const [value, mode] = [settings[name], measuredIn[name]];
      const why = reasons[name];
      if (why !== undefined) tell(name, { outcome: 'skipped', key: 'tune.unknown', reasons: why });
      else if (value === undefined) continue;
      else if (mode === undefined) tell(name, { outcome: 'ok', key: 'tune.found', values: { value } });
      else tell(name, { outcome: 'ok', key: 'tune.measuredIn', values: { value, mode } });
    }
    if (latencyMs !== undefined) {
      tell('latency', { outcome: 'ok', key: 'tune.latency', values: { latencyMs, spreadMs: latencySpreadMs } });
    }
    if (speakerVolume !== undefined) {
      const { advice, levelDb, snrDb } = speakerVolume;
      const outcome = advice === 'keep' ? 'ok' : 'warning';
      tell('level', { outcome, key: `tune.${advice}`, values: { levelDb, snrDb } });
    }
    return { settings, tried };
  } catch (error) {
    tell(sounds > 0 ? 'sound' : 'stream', unheard(error, camera, sounds > 0));
    return { settings: {}, tried: [] };
  }
}
