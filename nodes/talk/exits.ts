// By which output a message leaves the talk node: the first when it was heard, with two outputs the second when it was not. Once, at the latest when the node closes.
import type { CameraOptions, TalkError, TalkState } from '../../src/index.js';
import { isAddressed, namesSeveral } from '../shared/find-cameras.js';
import type { Message } from '../shared/message.js';
import { hasList, type NamedCameras } from '../shared/own-cameras.js';
import type { Send } from '../shared/receive.js';
import { closedReport, failedReport, type CameraReport } from './results.js';

export class Exits {
  /** Whether what was not heard leaves by an output of its own. */
  readonly two: boolean;
  readonly #inside = new Set<Passage>();
  readonly #hasList: boolean;

  /** @param config as the editor stores it */
  constructor(config: NamedCameras & { readonly outputs?: unknown }) {
    this.two = Number(config.outputs) === 2;
    this.#hasList = hasList(config);
  }

  enter(msg: Message, send: Send): Passage {
    const several = isAddressed(msg) ? namesSeveral(msg) : this.#hasList;
    const passage: Passage = new Passage(msg, send, { two: this.two, several }, () => this.#inside.delete(passage));
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
  /** Whether `msg.talk` is a list: the message or the node names several cameras, though it be one. */
  readonly several: boolean;
  #message: (() => Message) | undefined;
  #cameras: readonly CameraOptions[] = [];
  readonly #ended = new Map<number, 'spoken' | 'quiet'>();
  readonly #send: Send;
  readonly #two: boolean;
  readonly #gone: () => void;

  constructor(msg: Message, send: Send, form: { readonly two: boolean; readonly several: boolean }, gone: () => void) {
    this.#message = () => msg;
    this.#send = send;
    this.#two = form.two;
    this.several = form.several;
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

  /** @param reports one for each camera; none leaves `msg.talk` alone */
  leave(heard: boolean, reports: readonly object[] = [], failure?: TalkError): void {
    const msg = this.#message?.();
    this.end();
    if (msg === undefined) return;
    if (reports.length > 0) msg['talk'] = this.several ? reports : reports[0];
    if (!this.#two) {
      if (heard) this.#send(msg);
      return;
    }
    // An error of an earlier node would pass for one of this.
    if (!heard) delete msg['error'];
    if (failure !== undefined && !heard) msg['error'] = { code: failure.code, message: failure.message };
    this.#send(heard ? [msg, null] : [null, msg]);
  }

  /** It failed before a camera was asked. */
  refuse(cameras: readonly CameraOptions[], failure: TalkError): void {
    const reports = cameras.map((camera) => failedReport(camera, failure));
    this.leave(false, reports.length > 0 ? reports : [{ outcome: 'failed', error: failure.code }], failure);
  }

  cutOff(): void {
    const reports = this.#cameras.map((camera, index): CameraReport => closedReport(camera, this.#ended.get(index)));
    const heard = reports.some(({ outcome }) => outcome === 'spoken');
    if (this.#two) this.leave(heard, reports.length > 0 ? reports : [{ outcome: 'cut', by: 'close' }]);
    else this.end();
  }

  /** It does not leave: it went into another message's sound, or is told as an error. */
  end(): void {
    this.#message = undefined;
    this.#gone();
  }
}
