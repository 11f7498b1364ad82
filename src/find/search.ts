// What is known of the cameras of one search: who answered or was named, a few looks at a time, one result for each that answered and each that was named.
import { lookup } from 'node:dns/promises';
import { setMaxListeners } from 'node:events';
import { isIP } from 'node:net';
import { abortReason, onAbort, unlessAborted } from '../abort.js';
import { urlHost } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { swallowing } from '../logger.js';
import { LOOK_TIMEOUT_MS, MAX_DISCOVERY_ANSWERS, MAX_FOUND_CAMERAS, MAX_LOOKS } from '../limits.js';
import {
  byUse,
  foundCamera,
  NOTHING_SEEN,
  type FindPorts,
  type FoundCamera,
  type Looks,
  type Unasked,
} from './found.js';
import { lookAtRtsp } from './look-rtsp.js';
import { lookAtStream } from './look-stream.js';
import { lookAtWeb } from './look-web.js';
import { parseProbeMatch, type ProbeMatch } from './messages.js';

interface SearchOptions {
  readonly ports: FindPorts;
  readonly clock: Clock;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  readonly onFound?: ((camera: FoundCamera) => void) | undefined;
  /** The address of a name; by the system unless a test has another one. */
  readonly resolve?: (host: string) => Promise<{ readonly address: string }>;
}

interface Known {
  /** Blank as long as only a name is known. */
  address: string;
  /** As it was named, or the address. */
  shown: string;
  ports: FindPorts;
  isNamed: boolean;
  match: ProbeMatch | undefined;
  looks: Looks;
  unasked: Unasked | undefined;
}

export class Search {
  readonly #options: SearchOptions;
  readonly #known: Known[] = [];
  readonly #asked = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  /** Aborts when the search is over, or its time. */
  readonly #over = new AbortController();
  #looking = 0;
  #answers = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
    // Every look listens to it.
    setMaxListeners(0, this.#over.signal);
    onAbort(options.signal, () => this.#over.abort(abortReason(options.signal)));
  }

  /** The addresses of the hosts to look at, as far as they are known. */
  get named(): readonly string[] {
    return [...new Set(this.#known.flatMap(({ isNamed, address }) => (isNamed && address !== '' ? address : [])))];
  }

  /** A question of this id, a UUID, goes out. */
  asked(id: string): void {
    this.#asked.add(id);
  }

  /** Takes a datagram as it came. Only the address it came from is looked at, whatever it says. */
  readonly answered = (bytes: Buffer, from: string): void => {
    this.#answers += 1;
    if (this.#answers > MAX_DISCOVERY_ANSWERS) return;
    const match = parseProbeMatch(bytes);
    if (match === undefined || !this.#isOurs(match)) return;
    const there = this.#known.filter(({ address }) => address === from);
    for (const known of there) known.match ??= match;
    if (there.length > 0 || this.#known.filter(({ isNamed }) => !isNamed).length >= MAX_FOUND_CAMERAS) return;
    this.#look(this.#add({ address: from, shown: from, isNamed: false, match }));
  };

  /** Looks at a host that was named, at ports of its own where it has some. */
  look(host: string, ports: FindPorts = this.#options.ports): void {
    // Listed as it was named, also when nobody knows it.
    const known = this.#add({ address: '', shown: host, ports, isNamed: true });
    this.#track(this.#lookUp(host, known));
  }

  /** What was found so far, those that can talk first. */
  get cameras(): FoundCamera[] {
    // A camera that answers both ways is shown by its IPv4 address, which people know.
    const endpoints = new Set(this.#known.flatMap(({ address, match }) => (address.includes(':') ? [] : (match?.endpoint ?? [])))); // prettier-ignore
    endpoints.delete('');
    return this.#known
      .filter(
        ({ address, isNamed, match }) => isNamed || !address.includes(':') || !endpoints.has(match?.endpoint ?? ''),
      )
      .map((known) => this.#camera(known))
      .sort(byUse);
  }

  /** What was found once every look is over; what is not after LOOK_TIMEOUT_MS is cut. Rejects with the signal's reason. */
  async end(): Promise<FoundCamera[]> {
    const { clock, signal } = this.#options;
    const timer = new AbortController();
    clock.wait(LOOK_TIMEOUT_MS, timer.signal).then(
      () => this.#over.abort(),
      () => undefined,
    );
    const looks = async (): Promise<void> => {
      while (this.#running.size > 0) await Promise.all(this.#running);
    };
    try {
      await unlessAborted(looks(), signal);
    } finally {
      timer.abort();
    }
    return this.cameras;
  }

  /** Answers name their question (OASIS, WS-Discovery 1.1, 5.3); to one that names none the benefit of the doubt. */
  #isOurs({ relatesTo }: ProbeMatch): boolean {
    return relatesTo === undefined || this.#asked.has(/[\da-f]+(?:-[\da-f]+){4}/i.exec(relatesTo)?.[0].toLowerCase() ?? ''); // prettier-ignore
  }

  async #lookUp(host: string, known: Known): Promise<void> {
    if (isIP(host) === 0) {
      const { resolve = lookup } = this.#options;
      try {
        known.address = (await unlessAborted(resolve(host), this.#over.signal)).address;
      } catch {
        if (!this.#over.signal.aborted) known.unasked = 'name';
        return;
      }
    } else known.address = plainAddress(host);
    const { address, ports } = known;
    const answered = this.#known.find((one) => one.address === address && !one.isNamed);
    if (answered !== undefined) {
      known.match = answered.match;
      const isSame = ports === answered.ports;
      this.#known.splice(this.#known.indexOf(isSame ? known : answered), 1);
      if (isSame) {
        Object.assign(answered, { shown: host, isNamed: true });
        return;
      }
    }
    this.#look(known);
  }

  #add(known: Partial<Known> & Pick<Known, 'address' | 'shown' | 'isNamed'>): Known {
    const added: Known = {
      ports: this.#options.ports,
      match: undefined,
      looks: NOTHING_SEEN,
      unasked: 'time',
      ...known,
    };
    this.#known.push(added);
    return added;
  }

  #look(known: Known): void {
    this.#track(this.#inTurn(() => this.#lookAt(known)));
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }

  async #inTurn(look: () => Promise<void>): Promise<void> {
    if (this.#looking < MAX_LOOKS) this.#looking += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (!this.#over.signal.aborted) await look();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#looking -= 1;
      else next();
    }
  }

  async #lookAt(known: Known): Promise<void> {
    const { clock, onFound } = this.#options;
    const { address, ports } = known;
    const over = new AbortController();
    const ignore = onAbort(this.#over.signal, () => over.abort());
    let hadItsTime = false;
    clock.wait(LOOK_TIMEOUT_MS, over.signal).then(
      () => {
        hadItsTime = true;
        over.abort();
      },
      () => undefined,
    );
    try {
      const [rtsp, web, stream] = await Promise.all([
        lookAtRtsp(address, ports.rtsp, clock, over.signal),
        lookAtWeb(address, ports.http, over.signal),
        lookAtStream(address, ports.stream, clock, over.signal),
      ]);
      known.looks = { rtsp, web, stream };
      const wasCut = this.#over.signal.aborted && !hadItsTime;
      if (!wasCut || this.#camera(known).talk !== 'unknown') known.unasked = undefined;
      if (!this.#over.signal.aborted && this.#known.includes(known))
        swallowing(onFound ?? (() => undefined))(this.#camera(known));
    } finally {
      over.abort();
      ignore();
    }
  }

  #camera({ shown, match, ports, looks, unasked }: Known): FoundCamera {
    return foundCamera(shown, match, ports, looks, unasked);
  }
}

/** As datagrams have it: IPv6 in its short form. */
function plainAddress(address: string): string {
  const zone = /%.*$/.exec(address)?.[0] ?? '';
  return `${urlHost(address).replace(/^\[(.*)\]$/, '$1')}${zone}`;
}
