// By which output a message leaves the talk node: the first when it was heard, with two outputs the second when it was not. Once, at the latest when the node closes.
import type { CameraOptions, TalkError, TalkState } from '../../src/index.js';
import type { Message } from '../shared/message.js';
import type { Send } from '../shared/receive.js';
import { closedReport, type CameraReport } from './results.js';

export class Exits {
  /** Whether what was not heard leaves by an output of its own. */
  readonly two: boolean;
  readonly #inside = new Set<Passage>();

  /** @param outputs as the editor stores it */
  constructor(outputs: unknown) {
    this.two = Number(outputs) === 2;
  }

  enter(msg: Message, send: Send): Passage {
    const passage: Passage = new Passage(msg, send, this.two, () => this.#inside.delete(passage));
    this.#inside.add(passage);
    return passage;
  }

  /** The node closes. What is inside leaves now: a moment later the nodes behind are gone too. */
  close(): void {
    for (const passage of [...this.#inside]) passage.cutOff();
  }
}

/** One message on its way through the node. */
export class Passage {
  #message: (() => Message) | undefined;
  #cameras: readonly CameraOptions[] = [];
  readonly #ended = new Map<number, 'spoken' | 'quiet'>();
  readonly #send: Send;
  readonly #two: boolean;
  readonly #gone: () => void;

  constructor(msg: Message, send: Send, two: boolean, gone: () => void) {
    this.#message = () => msg;
    this.#send = send;
    this.#two = two;
    this.#gone = gone;
  }

  /** It is being said. @param outgoing the message that will leave: of live sound the latest piece */
  begins(cameras: readonly CameraOptions[], outgoing?: () => Message): void {
    this.#cameras = cameras;
    if (this.#message !== undefined) this.#message = outgoing ?? this.#message;
  }

  /** Listens to the states of the cameras on their way to `show`. Keeps nothing of the message once that has left. */
  follow(show: (state: TalkState) => void): (state: TalkState, camera: number) => void {
    return (state, camera) => {
      // A round after the first one: it was said before.
      const said = state.name === 'finished' || ('round' in state && (state.round ?? 1) > 1);
      if (said) this.#ended.set(camera, 'spoken');
      if (state.name === 'quiet') this.#ended.set(camera, 'quiet');
      show(state);
    };
  }

  /** @param talk `msg.talk`; undefined leaves it alone */
  leave(heard: boolean, talk?: unknown, failure?: TalkError): void {
    const msg = this.#message?.();
    this.end();
    if (msg === undefined) return;
    if (talk !== undefined) msg['talk'] = talk;
    if (!this.#two) {
      if (heard) this.#send(msg);
      return;
    }
    // An error of an earlier node would pass for one of this.
    if (!heard) delete msg['error'];
    if (failure !== undefined && !heard) msg['error'] = { code: failure.code, message: failure.message };
    this.#send(heard ? [msg, null] : [null, msg]);
  }

  cutOff(): void {
    const reports = this.#cameras.map((camera, index): CameraReport => closedReport(camera, this.#ended.get(index)));
    const several = Array.isArray(this.#message?.()['camera']);
    const heard = reports.some(({ outcome }) => outcome === 'spoken');
    if (this.#two) this.leave(heard, several ? reports : (reports[0] ?? { outcome: 'cut', by: 'close' }));
    else this.end();
  }

  /** It does not leave: it went into another message's sound, or is told as an error. */
  end(): void {
    this.#message = undefined;
    this.#gone();
  }
}
