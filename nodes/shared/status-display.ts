// What one node shows over time: the latest status, "finished" for a while, then whatever its camera's session is doing.
import type { Node } from 'node-red';
import { monotonicClock, type Clock } from '../../src/index.js';
import type { NodeStatus } from './status.js';

/** How long "finished" is shown, ms (contract). */
const FINISHED_MS = 3_000;

export interface DisplayDeps {
  readonly node: Pick<Node, 'status'>;
  /** Fills a catalogue text's placeholders; texts without placeholders go out as keys and are translated per viewer. */
  readonly translate: (key: string, values: Readonly<Record<string, number | string>>) => string;
  /** What to show when there is nothing else to tell. */
  readonly resting: () => NodeStatus | undefined;
  readonly clock?: Clock;
}

export class StatusDisplay {
  readonly #deps: DisplayDeps;
  #shown = '';
  #isResting = true;
  #ended = false;
  #pause = new AbortController();

  constructor(deps: DisplayDeps) {
    this.#deps = deps;
  }

  show(status: NodeStatus): void {
    this.#isResting = false;
    this.#put(status);
  }

  /** Shows the status for FINISHED_MS and rests then, unless something else is shown meanwhile. */
  showBriefly(status: NodeStatus): void {
    this.show(status);
    if (this.#ended) return;
    const clock = this.#deps.clock ?? monotonicClock;
    clock.wait(FINISHED_MS, this.#pause.signal).then(
      () => this.rest(),
      () => undefined,
    );
  }

  rest(): void {
    this.#put(this.#deps.resting());
    this.#isResting = true;
  }

  /** The camera's session changed: shown only while there is nothing else to tell. */
  refresh(): void {
    if (this.#isResting) this.rest();
  }

  /** Nothing is shown any more. */
  end(): void {
    this.#ended = true;
    this.#pause.abort();
  }

  #put(status: NodeStatus | undefined): void {
    if (this.#ended) return;
    this.#pause.abort();
    this.#pause = new AbortController();
    const text = status?.values === undefined ? status?.text : this.#deps.translate(status.text, status.values);
    const sent = status === undefined ? {} : { fill: status.fill, shape: status.shape, text: text ?? '' };
    const signature = JSON.stringify(sent);
    if (signature === this.#shown) return;
    this.#shown = signature;
    this.#deps.node.status(sent);
  }
}
