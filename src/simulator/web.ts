// Puts a page and a web API on a simulated camera: what the camera heard, as the page wants it. HTTP itself is web-server's.
import type { Clock } from '../clock.js';
import { monotonicClock } from '../clock.js';
import type { SimulatedCamera } from './camera.js';
import type { SimulatorWeb } from './options.js';
import type { Recording } from './recording.js';
import { createWebApi, type WebApi, type WebApiOptions } from './web-api.js';
import type { PageSession, PageSource } from './web-page.js';
import { startWebServer } from './web-server.js';

export interface SimulatorWebOptions {
  /** Shown on the page. */
  readonly name?: string;
  /** The camera's web API; `false` leaves the page alone on the port. User name and password are the camera's. */
  readonly api?: Partial<WebApiOptions> | false;
  readonly clock?: Clock;
  /** Gets the web API once it runs. */
  readonly onApi?: (api: WebApi) => void;
}

/** The `web` option of a SimulatedCamera: `new SimulatedCamera({ httpPort: 8080, web: simulatorWeb() })`. */
export function simulatorWeb(
  options: SimulatorWebOptions = {},
): (camera: SimulatedCamera, listen: { port: number; host: string }) => Promise<SimulatorWeb> {
  return async (camera, listen) => {
    const clock = options.clock ?? monotonicClock;
    const { username, password } = camera;
    const api = options.api === false ? undefined : createWebApi({ username, password, clock, ...options.api });
    if (api !== undefined) options.onApi?.(api);
    return startWebServer({
      ...listen,
      page: pageSource(camera, options.name ?? 'camera'),
      clock,
      ...(api === undefined ? {} : { api }),
    });
  };
}

function pageSource(camera: SimulatedCamera, name: string): PageSource {
  // The wall clock of each talk's start, which the monotonic recording does not know.
  const startedAt = new WeakMap<Recording, string>();
  camera.on('talk', (recording) => startedAt.set(recording, new Date().toISOString()));
  return {
    snapshot: () => ({
      name,
      rtspUrl: camera.url,
      talking: camera.sessions.some((recording) => recording.end === 'open'),
      sessions: camera.sessions.map((recording) => pageSession(recording, startedAt.get(recording) ?? '')),
    }),
    wav: (id) => camera.sessions.find((recording) => String(recording.start.number) === id)?.toWav(),
    onChange: (listener) => {
      camera.on('talk', listener).on('packet', listener).on('end', listener);
      return () => void camera.off('talk', listener).off('packet', listener).off('end', listener);
    },
  };
}

function pageSession(recording: Recording, startedAt: string): PageSession {
  const { number, mode } = recording.start;
  const known = {
    id: String(number),
    startedAt,
    mode,
    packets: recording.packetCount,
    violations: [...recording.violations],
  };
  // The figures cost a decode; while the talk goes on only what is at hand is shown.
  if (recording.end === 'open') {
    return {
      ...known,
      seconds: recording.seconds,
      firstSoundMs: null,
      worstLatenessMs: null,
      leadInMs: null,
      codec: recording.codec?.name ?? '',
    };
  }
  const { seconds, firstSoundMs, latenessMs, leadInMs, codec } = recording.toJSON();
  return { ...known, seconds, firstSoundMs, worstLatenessMs: latenessMs.max, leadInMs, codec };
}
