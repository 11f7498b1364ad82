// One TCP connection to the port of the HTTP talk: heads, then parts, behaviors in between. Owns its socket and its timer.
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import type { RtspResponse } from '../../rtsp/message.js';
import { firstOf } from '../behaviors/behavior.js';
import type { Behavior, BehaviorConnection, SimulatorDialect, Step } from '../behaviors/behavior.js';
import type { ConnectionCamera } from '../connection-camera.js';
import { LineEnds } from '../line-ends.js';
import { Outgoing } from '../outgoing.js';
import type { Complaints } from '../talk/packet-rules.js';
import type { TalkEnd } from '../talk/recording.js';
import { Timeout } from '../timeout.js';
import { HttpTalkDialogue } from './dialogue.js';
import type { HttpAnswer } from './dialogue.js';
import type { HttpTalkTraits } from './family.js';
import { HeadReader } from './head.js';
import type { RequestHead } from './head.js';
import { TalkLogin } from './login.js';
import { serializeHttp } from './replies.js';
import { TalkParts } from './talk-parts.js';

const NOTHING = Buffer.alloc(0);

export class HttpTalkConnection implements BehaviorConnection {
  readonly number: number;
  readonly dialect: SimulatorDialect = 'ipc';
  /** Resolves when the socket is closed and the behaviors and the camera have been told. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #camera: ConnectionCamera;
  readonly #acceptedAt: number;
  readonly #behaviors: readonly Behavior[];
  readonly #traits: HttpTalkTraits;
  readonly #outgoing: Outgoing;
  readonly #heads = new HeadReader();
  readonly #lineEnds = new LineEnds();
  readonly #dialogue: HttpTalkDialogue;
  readonly #patience: Timeout;
  readonly #gone = new AbortController();
  /** From the 200 on. */
  #parts: TalkParts | undefined;
  #end: TalkEnd = 'client closed';
  #over = false;

  constructor(socket: Socket, number: number, camera: ConnectionCamera) {
    this.#acceptedAt = camera.clock.now();
    this.number = number;
    this.#socket = socket;
    this.#camera = camera;
    this.#behaviors = camera.httpTalk.behaviors.filter(({ connections = number }) => number <= connections);
    this.#traits = this.#behaviors.reduce(
      (traits, { httpTalk }) => ({ ...traits, ...httpTalk }),
      camera.httpTalk.traits,
    );
    this.#outgoing = new Outgoing(socket);
    this.#dialogue = this.#newDialogue();
    this.#patience = new Timeout(camera.clock, () => this.destroy());
    // Every byte that drips waits with it.
    setMaxListeners(0, this.#gone.signal);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk, camera.clock.now()));
    socket.on('error', () => this.#endsBy('client reset'));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#tellEnd();
        resolve();
      });
    });
    this.#closeUnlessAsked();
    for (const behavior of this.#behaviors) behavior.onConnect?.(this);
  }

  get loginFailures(): number {
    return this.#camera.loginFailures;
  }

  write(bytes: Buffer): void {
    this.#outgoing.write([bytes]);
  }

  writeAfter(ms: number, bytes: Buffer): void {
    const written = this.#camera.clock.wait(ms, this.#gone.signal).then(() => this.write(bytes));
    written.catch(() => undefined);
  }

  pour(bytes: Buffer): void {
    this.#outgoing.pour(bytes);
  }

  pause(): void {
    this.#over = true;
    this.#socket.pause();
    this.#camera.slot.release(this.number);
    this.#closeUnlessAsked();
  }

  end(): void {
    this.#overBy('camera closed');
    this.#parts?.close(this.#end, false);
    this.#closeUnlessAsked();
    this.#socket.end();
  }

  reset(): void {
    this.#overBy('camera closed');
    this.#socket.resetAndDestroy();
  }

  /** Safe to repeat. */
  destroy(): void {
    this.#overBy('camera closed');
    this.#patience.stop();
    this.#socket.destroy();
  }

  #newDialogue(): HttpTalkDialogue {
    const camera = this.#camera;
    const { password, httpTalk } = camera;
    const { nonces } = httpTalk;
    return new HttpTalkDialogue({
      traits: this.#traits,
      login: new TalkLogin({ traits: this.#traits, password, connection: this.number, nonces }),
      nonce: () => camera.nonce(),
      instead: (request) => firstOf(this.#behaviors, (behavior) => behavior.onRequest?.(request, this)),
    });
  }

  #receive(chunk: Buffer, at: number): void {
    if (this.#over) return;
    if (this.#parts !== undefined) {
      this.#parts.receive(chunk, at);
      return;
    }
    if (this.#lineEnds.areWrong(chunk)) this.#complain({ violations: ['line end without CR'] });
    let head = this.#heads.push(chunk);
    while (head !== undefined && this.#takeHead(head, at)) head = this.#heads.push(NOTHING);
  }

  /** True when another head may follow. */
  #takeHead(head: RequestHead | { readonly unreadable: string }, at: number): boolean {
    if ('unreadable' in head) {
      this.#complain({ violations: [head.unreadable] });
      this.end();
      return false;
    }
    const { method, uri, headers } = head;
    this.#camera.requested({ connection: this.number, at, method, uri, headers, body: '' });
    this.#closeUnlessAsked();
    const answer = this.#dialogue.receive(head);
    if (answer.loginFailed === true) this.#camera.loginFailed();
    this.#complain(answer);
    if (answer.drops === true) this.destroy();
    if (!this.#over) this.#answer(answer, at);
    return !this.#over && this.#parts === undefined;
  }

  #answer({ response, step, opens, closes }: HttpAnswer, at: number): void {
    // Whoever waits for the answer has nothing more to say before it.
    const early = this.#heads.takeRest();
    if (early.length > 0) {
      this.#complain({ violations: [opens === undefined ? 'bytes before the answer' : 'part before the 200'] });
    }
    if (opens !== undefined) this.#parts = this.#newParts(opens);
    if (response !== undefined) this.#respond(response, step);
    if (closes === true) this.end();
    if (early.length > 0) this.#receive(early, at);
  }

  #newParts(opened: ConstructorParameters<typeof TalkParts>[2]): TalkParts {
    return new TalkParts(
      this.#camera,
      {
        connection: this,
        acceptedAt: this.#acceptedAt,
        behaviors: this.#behaviors,
        traits: this.#traits,
        isOver: () => this.#over,
        write: (bytes, step) => this.#write(bytes, step),
        complain: (complaints) => this.#complain(complaints),
        talking: (talks) => (talks ? this.#patience.stop() : this.#closeUnlessAsked()),
      },
      opened,
    );
  }

  #respond(usual: RtspResponse, step: Step): void {
    const transform = (one: RtspResponse, behavior: Behavior): RtspResponse =>
      behavior.transformResponse?.(one, step, this) ?? one;
    this.#write(serializeHttp(this.#traits.http, this.#behaviors.reduce(transform, usual)), step);
  }

  #write(bytes: Buffer, step: Step): void {
    const pieces = this.#behaviors.reduce<readonly Buffer[]>(
      (before, behavior) => before.flatMap((piece) => behavior.transformReply?.(piece, step, this) ?? [piece]),
      [bytes],
    );
    if (!this.#over) this.#outgoing.write(pieces);
  }

  #complain({ violations = [], warnings = [] }: Partial<Complaints>): void {
    if (violations.length === 0 && warnings.length === 0) return;
    const complaints = { violations, warnings };
    this.#camera.complained(this.number, complaints);
    this.#parts?.recording?.note(complaints);
    if (this.#camera.refuses && violations.length > 0) this.destroy();
  }

  /** Restarts the time-out of a connection without a talk. */
  #closeUnlessAsked(): void {
    this.#patience.start(this.#camera.unansweredCloseMs);
  }

  #overBy(end: TalkEnd): void {
    this.#endsBy(end);
    this.#over = true;
  }

  #endsBy(end: TalkEnd): void {
    if (this.#end === 'client closed') this.#end = end;
  }

  #tellEnd(): void {
    const byClient = !this.#over;
    this.#parts?.close(this.#end, byClient);
    this.#over = true;
    this.#gone.abort();
    this.#patience.stop();
    for (const behavior of this.#behaviors) behavior.onClose?.(this);
    this.#camera.closed(this.number);
  }
}
