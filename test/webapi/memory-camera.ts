// A camera's audio settings in memory, behind the request function of a web API: for tests of what is asked, not of how it travels.
import { apiError } from '../../src/webapi/error-codes.js';
import type { WebRequester } from '../../src/webapi/client.js';
import type { JsonObject } from '../../src/webapi/json.js';

export interface MemoryCamera extends WebRequester {
  readonly speaker: Record<string, string>;
  readonly microphone: Record<string, string>;
  /** `audio_capability`; undefined: the camera knows no such section. */
  capability: Record<string, unknown> | undefined;
  /** Takes volumes as numbers only, answering this otherwise. */
  wantsNumbers: number | undefined;
  /** Thrown by the next `set`, after it has taken effect or not. */
  failNext: { error: Error; applied: boolean } | undefined;
  readonly requests: any[];
  /** Volumes set so far. */
  readonly volumes: unknown[];
}

export function memoryCamera(speaker: Record<string, string> = { volume: '40' }): MemoryCamera {
  const camera: MemoryCamera = {
    speaker,
    microphone: { volume: '70', mute: 'off' },
    capability: { device_speaker: { mute: '1' }, device_microphone: { mute: '1' } },
    wantsNumbers: undefined,
    failNext: undefined,
    requests: [],
    volumes: [],
    request: async (json: any): Promise<JsonObject> => {
      camera.requests.push(json);
      await Promise.resolve();
      if (json.audio_capability !== undefined) {
        if (camera.capability === undefined) throw apiError(-40106, 'get audio_capability');
        return { error_code: 0, audio_capability: camera.capability as JsonObject };
      }
      const sections: Record<string, Record<string, string>> = {
        speaker: camera.speaker,
        microphone: camera.microphone,
      };
      if (json.method === 'get') {
        const [name] = json.audio_config.name;
        return { error_code: 0, audio_config: { [name]: sections[name] ?? {} } };
      }
      const [[name, change]] = Object.entries<any>(json.audio_config) as [[string, any]];
      if (change.volume !== undefined && camera.wantsNumbers !== undefined && typeof change.volume !== 'number') {
        throw apiError(camera.wantsNumbers, 'set audio_config');
      }
      const failure = camera.failNext;
      camera.failNext = undefined;
      if (failure === undefined || failure.applied) {
        for (const [key, value] of Object.entries(change)) (sections[name] ?? {})[key] = String(value);
        if (change.volume !== undefined) camera.volumes.push(change.volume);
      }
      if (failure !== undefined) throw failure.error;
      return { error_code: 0 };
    },
  };
  return camera;
}
