// What three looks at one address come to: whether it can be talked to, how, and on which ports. Pure.
import type { RtspLook } from './look-rtsp.js';
import type { StreamLook } from './look-stream.js';
import type { WebLook } from './look-web.js';
import type { ProbeMatch } from './messages.js';
import type { StreamDialect } from '../httptalk/signs.js';

/** `can`: it takes talk this package speaks; `cannot`: it has said that it does not; `unknown`: it did not say. */
export type FoundTalk = 'can' | 'cannot' | 'unknown';

/** One device that answered, or was named. Texts are the device's own, cleaned, in one line; blank where it told none. */
export interface FoundCamera {
  /** What its owner or its maker calls it. */
  readonly name: string;
  readonly model: string;
  /** Where it answered from, or as it was named; IPv6 with its zone. */
  readonly address: string;
  readonly talk: FoundTalk;
  /**
   * How it is talked to. `tapo` and `vigi-stream` are the HTTP talk, as user `admin`: with the password of the TP-Link account, and with that of the camera.
   * Blank where it did not show.
   */
  readonly dialect: 'ipc' | 'vigi' | StreamDialect | '';
  /** The ports that answered: `rtsp` and `http` as the settings of a camera have them, `stream` that of the HTTP talk. */
  readonly ports: { readonly rtsp?: number; readonly http?: number; readonly stream?: number };
  /** Why it was not asked, or not to the end: there was no `time` left, or nobody knows its `name`. Absent for all others. */
  readonly unasked?: Unasked;
}

export type Unasked = 'time' | 'name';

export interface FindPorts {
  readonly rtsp: number;
  readonly http: number;
  readonly stream: number;
}

export interface Looks {
  readonly rtsp: RtspLook;
  readonly web: WebLook;
  readonly stream: StreamLook;
}

export const NOTHING_SEEN: Looks = {
  rtsp: { open: false, signs: { talk: 'unknown' } },
  web: 'closed',
  stream: 'closed',
};

export function foundCamera(
  address: string,
  match: ProbeMatch | undefined,
  ports: FindPorts,
  looks: Looks,
  unasked?: Unasked,
): FoundCamera {
  return {
    name: match?.name ?? '',
    model: match?.model ?? '',
    address,
    ...verdict(looks),
    ports: {
      ...(looks.rtsp.open && { rtsp: ports.rtsp }),
      ...(looks.web !== 'closed' && { http: ports.http }),
      ...(looks.stream !== 'closed' && { stream: ports.stream }),
    },
    ...(unasked !== undefined && { unasked }),
  };
}

function verdict({ rtsp: { signs }, web, stream }: Looks): Pick<FoundCamera, 'talk' | 'dialect'> {
  if (signs.talk === 'can') return { talk: 'can', dialect: signs.dialect };
  if (stream === 'tapo') return { talk: 'can', dialect: stream };
  // Cameras of other makers ask for a log-in whatever they are asked; with this web interface it is one of ours.
  if (signs.talk === 'maybe' && web === 'ours') return { talk: 'can', dialect: signs.dialect };
  if (stream === 'vigi-stream') return { talk: 'can', dialect: stream };
  return { talk: signs.talk === 'cannot' ? 'cannot' : 'unknown', dialect: '' };
}

const RANK: Readonly<Record<FoundTalk, number>> = { can: 0, unknown: 1, cannot: 2 };

/** Those that can first, then by address. */
export function byUse(one: FoundCamera, other: FoundCamera): number {
  return RANK[one.talk] - RANK[other.talk] || one.address.localeCompare(other.address, 'en', { numeric: true });
}
