// Which request keeps this camera's sessions alive: learned from refusals, silence and lost sessions, and remembered across them. Pure.

export type KeepAliveMethod = 'GET_PARAMETER' | 'OPTIONS';

/** So many keep-alives in one session are more than two of its times, since one goes every half: the method keeps sessions alive. */
const PROOF = 5;

/** What is known of one camera (PROTOCOL.md L6). */
export class KeepAliveHabit {
  #method: KeepAliveMethod = 'GET_PARAMETER';
  /** Nothing the camera has listed counts against what it did. */
  #learned = false;
  readonly #failed = new Set<KeepAliveMethod>();
  #proved = false;

  get method(): KeepAliveMethod {
    return this.#method;
  }

  /** The camera has listed its methods. */
  listed(methods: readonly string[]): void {
    if (this.#learned || methods.length === 0) return;
    this.#method = methods.includes('GET_PARAMETER') ? 'GET_PARAMETER' : 'OPTIONS';
  }

  /** The camera refused this method or did not answer. True when there is another to try. */
  failed(method: KeepAliveMethod): boolean {
    if (method !== this.#method || this.#failed.has(otherThan(method))) return false;
    this.#change();
    return true;
  }

  /** A session in which so many keep-alives went by the present method goes on. */
  lasted(keepAlives: number): void {
    if (keepAlives >= PROOF) this.#proved = this.#learned = true;
  }

  /** The camera ended a session, or let it run dry, after keep-alives by this method. */
  lost(method: KeepAliveMethod): void {
    if (this.#proved || method !== this.#method) return;
    this.#failed.clear();
    this.#change();
  }

  #change(): void {
    this.#failed.add(this.#method);
    this.#method = otherThan(this.#method);
    this.#learned = true;
    this.#proved = false;
  }
}

function otherThan(method: KeepAliveMethod): KeepAliveMethod {
  return method === 'OPTIONS' ? 'GET_PARAMETER' : 'OPTIONS';
}
