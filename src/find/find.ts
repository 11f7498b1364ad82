// Finds the cameras of this network: asks by multicast, looks at whoever answers, and at those that are named. Sends no password, and nothing to anybody else.
import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { abortReason, onAbort, throwIfAborted } from '../abort.js';
import { CAMERA_DEFAULTS, CAMERA_RANGES, cameraOptions } from '../camera-options.js';
import { monotonicClock, type Clock } from '../clock.js';
import { abortedError, TalkError } from '../errors.js';
import { FIND_SECONDS, MAX_FOUND_CAMERAS } from '../limits.js';
import { readNumber } from '../options.js';
import { pastedAddress } from '../pasted-address.js';
import type { FindPorts, FoundCamera } from './found.js';
import { outlets } from './interfaces.js';
import { PROBE_TYPES, probeMessage } from './messages.js';
import { openSockets, type Sockets } from './multicast.js';
import { Search } from './search.js';

export interface FindOptions {
  /** How long answers are waited for, s: 0 to 60, 5 when absent. 0 asks nobody but `hosts`. */
  readonly seconds?: number | undefined;
  /** Names or addresses of the interfaces that are asked on; all when absent or empty. */
  readonly interfaces?: readonly string[] | undefined;
  /**
   * Names or addresses that are looked at whether they answer or not: multicast does not reach other subnets. At most 256. Of one such as
   * `rtsp://192.168.7.60:8554/stream1` the port is where it is looked at; user name and password go nowhere.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Where is looked: RTSP (554), web interface (80), HTTP talk (8800); and where is asked, UDP (3702). */
  readonly ports?: Readonly<Partial<Record<keyof FindPorts | 'discovery', number | undefined>>> | undefined;
  /** Called with each camera as soon as it was looked at. */
  readonly onFound?: ((camera: FoundCamera) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** WS-Discovery over UDP (OASIS, WS-Discovery 1.1, 2.4). */
const DISCOVERY_PORT = 3_702;
/** Of Tapo's HTTP talk (PROTOCOL.md N4). */
const STREAM_PORT = 8_800;
/** When each probe goes out, ms from the first: radio loses multicast, and sleepy cameras miss the first. Each time both types. */
const PROBES_AT_MS = [0, 250, 700, 1_500, 3_000, 5_000, 10_000, 20_000, 40_000] as const;

/**
 * Asks for cameras by ONVIF WS-Discovery on every interface and looks at each that answers: RTSP's OPTIONS and the first message of MULTITRANS, the web
 * interface's challenge, the HTTP talk's. No password is sent and no attempt counted; only addresses that an answer came from and `hosts` are asked.
 * Resolves after `seconds` and at most 3 s more with what was found, those that can talk first: each of `hosts`, and at most 256 others.
 * Throws TALK_ERR_ARGUMENT for an impossible option or an interface that is not there, TALK_ERR_CONNECT when there is no network to ask on, TALK_ERR_ABORTED.
 */
export async function findCameras(options: FindOptions = {}): Promise<FoundCamera[]> {
  const { clock = monotonicClock, signal } = options;
  const seconds = readNumber('find option seconds', options.seconds ?? FIND_SECONDS.usual, FIND_SECONDS);
  const ports = readPorts(options.ports ?? {});
  const hosts = readHosts(options.hosts ?? [], ports);
  const wanted = outlets(networkInterfaces(), options.interfaces ?? []);
  throwIfAborted(signal);
  const ending = new AbortController();
  const ignore = onAbort(signal, () => ending.abort(abortReason(signal)));
  const search = new Search({ ports, clock, signal: ending.signal, onFound: options.onFound });
  const sockets = await openSockets(seconds === 0 ? [] : wanted, ports.discovery, search.answered);
  try {
    if (seconds > 0 && sockets.groups === 0 && hosts.length === 0) throw noNetwork();
    for (const host of hosts) search.look(...host);
    await ask(sockets, search, seconds * 1_000, clock, ending.signal);
    return await search.end();
  } finally {
    ignore();
    ending.abort(abortedError());
    await sockets.close();
  }
}

/** Sends every probe in its time, and returns when the time is over. */
async function ask(sockets: Sockets, search: Search, ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const start = clock.now();
  for (const at of PROBES_AT_MS.filter((one) => one < ms || one === 0)) {
    await clock.wait(start + at - clock.now(), signal);
    for (const type of PROBE_TYPES) {
      const id = randomUUID();
      search.asked(id);
      const probe = probeMessage(id, type);
      if (ms > 0) sockets.ask(probe);
      for (const address of search.named) sockets.askOne(probe, address);
    }
  }
  await clock.wait(start + ms - clock.now(), signal);
}

/** Each once; the same ports as those of the search are the very object. */
function readHosts(hosts: readonly string[], ports: FindPorts): (readonly [host: string, ports: FindPorts])[] {
  if (hosts.length > MAX_FOUND_CAMERAS) {
    throw new TalkError('TALK_ERR_ARGUMENT', `find option hosts: expected at most ${MAX_FOUND_CAMERAS} of them`);
  }
  const named = hosts.map((text): [string, FindPorts] => {
    const pasted = pastedAddress(text);
    // Without its account, for which nobody asks here.
    const wanted = { host: pasted?.host ?? text, port: pasted?.port ?? ports.rtsp, httpPort: pasted?.httpPort ?? ports.http }; // prettier-ignore
    const { host, port: rtsp, httpPort: http } = cameraOptions(wanted);
    return [host, rtsp === ports.rtsp && http === ports.http ? ports : { ...ports, rtsp, http }];
  });
  return [...new Map(named.map((one) => [JSON.stringify(one), one])).values()];
}

function readPorts(given: NonNullable<FindOptions['ports']>): FindPorts & { readonly discovery: number } {
  const port = (name: keyof typeof given, usual: number): number =>
    readNumber(`find option ports.${name}`, given[name] ?? usual, CAMERA_RANGES.port);
  return {
    rtsp: port('rtsp', CAMERA_DEFAULTS.port),
    http: port('http', CAMERA_DEFAULTS.httpPort),
    stream: port('stream', STREAM_PORT),
    discovery: port('discovery', DISCOVERY_PORT),
  };
}

function noNetwork(): TalkError {
  return new TalkError(
    'TALK_ERR_CONNECT',
    'No network interface could be used to ask for cameras; is there a network?',
  );
}
