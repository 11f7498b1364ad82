// Who is told what goes over the connections to one camera: whoever watches all cameras, and those who watch this one while they ask it something.
import type { OnWire } from '../wire.js';

export class WatchedWire {
  readonly #always: OnWire | undefined;
  readonly #watching = new Set<OnWire>();

  constructor(always: OnWire | undefined) {
    this.#always = always;
  }

  /** For the connections, which may be older than those who come to watch. */
  readonly onWire: OnWire = (event) => {
    this.#always?.(event);
    for (const watcher of this.#watching) watcher(event);
  };

  /** What `ask` comes to; `watcher` hears everything until then. */
  async during<T>(watcher: OnWire | undefined, ask: () => Promise<T>): Promise<T> {
    if (watcher !== undefined) this.#watching.add(watcher);
    try {
      return await ask();
    } finally {
      if (watcher !== undefined) this.#watching.delete(watcher);
    }
  }
}
