// Puts a page and a web API on a simulated camera: what the camera heard, as the page wants it. HTTP itself is server.ts's.
import type { Clock } from '../../clock.js';
import { monotonicClock, wallTime } from '../../clock.js';
import type { ShownCamera, SimulatorWeb } from '../options.js';
import type { Recording } from '../talk/recording.js';
import { createWebApi, type WebApi, type WebApiOptions } from './api.js';
import type { PageSession, PageSource } from './page.js';
import { startWebServer } from './server.js';

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
): (camera: ShownCamera, listen: { port: number; host: string }) => Promise<SimulatorWeb> {
  return async (camera, listen) => {
    const clock = options.clock ?? monotonicClock;
    const { username, password } = camera;
    const api = options.api === false ? undefined : createWebApi({ username, password, clock, ...options.api });
    if (api !== undefined) options.onApi?.(api);
    // The time of day at which each talk began; a recording only has the monotonic clock's.
    const startedAt = new WeakMap<Recording, string>();
    const stamp = (recording: Recording): void => void startedAt.set(recording, wallTime().toISOString());
    camera.on('talk', stamp);
    const page = pageSource(camera, options.name ?? 'camera', startedAt);
    const server = await startWebServer({ ...listen, page, clock, ...(api === undefined ? {} : { api }) });
    return {
      port: server.port,
      stop: async () => {
        camera.off('talk', stamp);
        await server.stop();
      },
    };
  };
}

function pageSource(camera: ShownCamera, name: string, startedAt: WeakMap<Recording, string>): PageSource {
  return {
    snapshot: () => ({
      name,
      rtspUrl: camera.talkUrl,
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
  // The other figures need the sound decoded, so they are made when the talk is over.
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
