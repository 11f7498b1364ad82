// What is known of the cameras of one search: who answered or was named, a few looks at a time, one result for each address.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { onAbort, unlessAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { swallowing } from '../logger.js';
import { LOOK_TIMEOUT_MS, MAX_DISCOVERY_ANSWERS, MAX_FOUND_CAMERAS, MAX_LOOKS } from '../limits.js';
import { byUse, foundCamera, NOTHING_SEEN, type FindPorts, type FoundCamera, type Looks } from './found.js';
import { lookAtRtsp } from './look-rtsp.js';
import { lookAtStream, lookAtWeb } from './look-web.js';
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
  /** As it was named, or the address. */
  shown: string;
  match: ProbeMatch | undefined;
  looks: Looks;
}

export class Search {
  readonly #options: SearchOptions;
  readonly #known = new Map<string, Known>();
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #named: string[] = [];
  #looking = 0;
  #answers = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** The addresses of the hosts to look at, as far as they are known. */
  get named(): readonly string[] {
    return this.#named;
  }

  /** Takes a datagram as it came. Only the address it came from is looked at, whatever it says. */
  readonly answered = (bytes: Buffer, from: string): void => {
    this.#answers += 1;
    if (this.#answers > MAX_DISCOVERY_ANSWERS) return;
    const match = parseProbeMatch(bytes);
    if (match === undefined) return;
    const known = this.#known.get(from);
    if (known !== undefined) known.match ??= match;
    else if (this.#known.size < MAX_FOUND_CAMERAS) this.#add(from, from, match);
  };

  /** Looks at a host that was named. */
  look(host: string): void {
    this.#track(this.#lookUp(host));
  }

  /** What was found so far, those that can talk first. */
  get cameras(): FoundCamera[] {
    // A camera that answers both ways is shown by its IPv4 address, which people know.
    const ipv4 = [...this.#known].filter(([address]) => !address.includes(':')).map(([, { match }]) => match?.endpoint);
    const endpoints = new Set(ipv4.filter((endpoint) => endpoint !== ''));
    return [...this.#known]
      .filter(
        ([address, { match }]) => !(address.includes(':') && match !== undefined && endpoints.has(match.endpoint)),
      )
      .map(([, known]) => this.#camera(known))
      .sort(byUse);
  }

  /** What was found once every look is over, after LOOK_TIMEOUT_MS at the latest. Rejects with the signal's reason. */
  async end(): Promise<FoundCamera[]> {
    const { clock, signal } = this.#options;
    const timer = new AbortController();
    const looks = (async () => {
      while (this.#running.size > 0) await Promise.all(this.#running);
    })();
    try {
      await unlessAborted(Promise.race([looks, clock.wait(LOOK_TIMEOUT_MS, timer.signal)]), signal);
    } finally {
      timer.abort();
    }
    return this.cameras;
  }

  async #lookUp(host: string): Promise<void> {
    let address = host;
    if (isIP(host) === 0) {
      // Listed as it was named, also when nobody knows it.
      this.#known.set(host, { shown: host, match: undefined, looks: NOTHING_SEEN });
      const { resolve = lookup, signal } = this.#options;
      try {
        ({ address } = await unlessAborted(resolve(host), signal));
      } catch {
        return;
      }
      this.#known.delete(host);
    }
    this.#named.push(address);
    const known = this.#known.get(address);
    if (known === undefined) this.#add(address, host, undefined);
    else known.shown = host;
  }

  #add(address: string, shown: string, match: ProbeMatch | undefined): void {
    const known: Known = { shown, match, looks: NOTHING_SEEN };
    this.#known.set(address, known);
    this.#track(this.#inTurn(() => this.#lookAt(address, known)));
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }

  async #inTurn(look: () => Promise<void>): Promise<void> {
    if (this.#looking < MAX_LOOKS) this.#looking += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (!this.#options.signal.aborted) await look();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#looking -= 1;
      else next();
    }
  }

  async #lookAt(address: string, known: Known): Promise<void> {
    const { ports, clock, signal, onFound } = this.#options;
    const over = new AbortController();
    const ignore = onAbort(signal, () => over.abort());
    clock.wait(LOOK_TIMEOUT_MS, over.signal).then(
      () => over.abort(),
      () => undefined,
    );
    try {
      const [rtsp, web, stream] = await Promise.all([
        lookAtRtsp(address, ports.rtsp, clock, over.signal),
        lookAtWeb(address, ports.http, over.signal),
        lookAtStream(address, ports.stream, over.signal),
      ]);
      known.looks = { rtsp, web, stream };
      if (!signal.aborted) swallowing(onFound ?? (() => undefined))(this.#camera(known));
    } finally {
      over.abort();
      ignore();
    }
  }

  #camera({ shown, match, looks }: Known): FoundCamera {
    return foundCamera(shown, match, this.#options.ports, looks);
  }
}
