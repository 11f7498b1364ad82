// One TCP connection of the simulated camera: bytes to dialogues and recording, behaviors in between. Owns its socket and its timer.
import type { Socket } from 'node:net';
import { isTalkError } from '../errors.js';
import { parseRtp } from '../rtp/packet.js';
import type { InterleavedFrame, RtspMessage, RtspRequest, RtspResponse } from '../rtsp/message.js';
import { RtspParser } from '../rtsp/parser.js';
import { serializeResponse } from '../rtsp/serialize.js';
import { firstOf } from './behaviors/behavior.js';
import type { Behavior, BehaviorConnection, RequestVerdict, SimulatorDialect, Step } from './behaviors/behavior.js';
import type { ConnectionCamera } from './connection-camera.js';
import type { Challenge } from './digest.js';
import { CameraDialogue } from './talk/dialogue.js';
import { LineEnds } from './line-ends.js';
import { Outgoing } from './outgoing.js';
import { PacketRules } from './talk/packet-rules.js';
import type { Complaints } from './talk/packet-rules.js';
import type { Recording, TalkEnd } from './talk/recording.js';
import { TALK_ERROR, usualTalkReplyText } from './talk/replies.js';
import { STREAM_METHODS } from './stream/dialogue.js';
import { StreamSide } from './stream/side.js';
import { Timeout } from './timeout.js';

export class CameraConnection implements BehaviorConnection {
  readonly number: number;
  /** Resolves when the socket is closed and the behaviors and the camera have been told. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #camera: ConnectionCamera;
  readonly #acceptedAt: number;
  // A client may send no garbage at all. A Content-Length that is too short is noticed this way.
  readonly #parser = new RtspParser({ maxGarbageBytes: 0 });
  readonly #dialogue: CameraDialogue;
  readonly #outgoing: Outgoing;
  #rules: PacketRules | undefined;
  #recording: Recording | undefined;
  /** From the first request for a stream on. */
  #stream: StreamSide | undefined;
  #talks = false;
  readonly #lineEnds = new LineEnds();
  readonly #patience: Timeout;
  #early = false;
  #end: TalkEnd = 'client closed';
  #over = false;
  readonly #gone = new AbortController();

  constructor(socket: Socket, number: number, camera: ConnectionCamera) {
    this.#acceptedAt = camera.clock.now();
    this.number = number;
    this.#socket = socket;
    this.#camera = camera;
    this.#outgoing = new Outgoing(socket);
    this.#dialogue = this.#newDialogue();
    this.#patience = new Timeout(camera.clock, () => this.destroy());
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
    for (const behavior of camera.behaviors) behavior.onConnect?.(this);
  }

  get dialect(): SimulatorDialect {
    return this.#camera.dialect;
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
    this.#stream?.stop();
    this.#socket.pause();
    this.#camera.slot.release(this.number);
    this.#closeUnlessAsked();
  }

  end(): void {
    this.#endsBy('camera closed');
    this.#over = true;
    this.#camera.slot.release(this.number);
    this.#endTalk();
    this.#stream?.stop();
    this.#closeUnlessAsked();
    this.#socket.end();
  }

  reset(): void {
    this.#endsBy('camera closed');
    this.#over = true;
    this.#stream?.stop();
    this.#socket.resetAndDestroy();
  }

  /** Safe to repeat. */
  destroy(): void {
    this.#endsBy('camera closed');
    this.#over = true;
    this.#patience.stop();
    this.#stream?.stop();
    this.#socket.destroy();
  }

  #newDialogue(): CameraDialogue {
    const camera = this.#camera;
    const { behaviors } = camera;
    return new CameraDialogue({
      dialect: camera.dialect,
      username: camera.username,
      password: camera.password,
      realm: camera.realm,
      withoutLogin: behaviors.some((behavior) => behavior.withoutLogin === true),
      nonce: () => camera.nonce(),
      sessionId: () => camera.sessionId(),
      instead: (request) => this.#instead(request),
      challenges: (usual) => this.#challenges(usual),
      openTalk: (mode) =>
        firstOf(behaviors, (behavior) => behavior.onTalkRequest?.(mode, this)) ??
        (this.#recording === undefined && camera.slot.take(this.number) ? 0 : TALK_ERROR.talkIsUsed),
      talkReplyText: (reply) =>
        firstOf(behaviors, (behavior) => behavior.talkReplyText?.(reply, this)) ?? usualTalkReplyText(reply),
    });
  }

  #newStreamSide(): StreamSide {
    const { localAddress = '', localPort = 0, remoteAddress = '' } = this.#socket;
    return new StreamSide(this.#camera, {
      connection: this,
      local: { address: localAddress, port: localPort },
      remoteAddress,
      instead: (request) => this.#instead(request),
      challenges: (usual) => this.#challenges(usual),
      backlog: () => this.#socket.writableLength,
      idle: () => this.#closeUnlessAsked(),
    });
  }

  #instead(request: RtspRequest): RequestVerdict | undefined {
    return firstOf(this.#camera.behaviors, (behavior) => behavior.onRequest?.(request, this));
  }

  #challenges(usual: readonly Challenge[]): readonly Challenge[] {
    return this.#camera.behaviors.reduce(
      (challenges, behavior) => behavior.transformChallenges?.(challenges, this) ?? challenges,
      usual,
    );
  }

  #receive(chunk: Buffer, at: number): void {
    if (this.#over) return;
    if (this.#recording === undefined && this.#lineEnds.areWrong(chunk)) {
      this.#complain({ violations: ['line end without CR'], warnings: [] });
    }
    for (const message of this.#parse(chunk)) this.#take(message, at);
  }

  #parse(chunk: Buffer): RtspMessage[] {
    try {
      return this.#parser.push(chunk);
    } catch (error) {
      if (!isTalkError(error)) throw error;
      this.#complain({ violations: [`unreadable bytes: ${error.message}`], warnings: [] });
      this.end();
      return [];
    }
  }

  #take(message: RtspMessage, at: number): void {
    if (this.#over) return;
    if (message.kind === 'interleaved') this.#hear(message, at);
    else if (message.kind === 'request') this.#answer(message, at);
    else this.#complain({ violations: [], warnings: ['response that nobody waits for'] });
  }

  #answer(request: RtspRequest, at: number): void {
    const { method, uri, headers, body } = request;
    this.#camera.requested({ connection: this.number, at, method, uri, headers, body: body.toString('utf8') });
    if (this.#recording === undefined) this.#closeUnlessAsked();
    const stream = this.#streamFor(request);
    const answer = stream?.receive(request) ?? this.#dialogue.receive(request);
    if (answer.loginFailed === true) this.#camera.loginFailed();
    if (answer.opens !== undefined) this.#openTalk(answer.opens);
    if (answer.response !== undefined) this.#respond(answer.response, answer.step);
    if (answer.opens !== undefined) this.#each((behavior) => behavior.onTalkOpen?.(this));
    stream?.follow(answer);
    // A stream session has its own time-out.
    if (stream?.hasSession === true) this.#patience.stop();
    this.#complain(answer);
    if (answer.crashed === true) this.#camera.crash();
    else if (answer.closes === true) this.end();
  }

  /** The first request decides whether a connection is for talk or for a stream, which has its own dialogue. OPTIONS decides nothing. */
  #streamFor({ method, uri }: RtspRequest): StreamSide | undefined {
    this.#talks ||= this.#stream === undefined && method === 'MULTITRANS';
    if (!this.#talks && STREAM_METHODS.has(method) && !uri.endsWith('/multitrans')) {
      this.#stream ??= this.#newStreamSide();
    }
    return this.#stream;
  }

  #openTalk(mode: string): void {
    this.#patience.stop();
    this.#rules = new PacketRules(this.#camera.packetRules);
    this.#recording = this.#camera.talkOpened(this.number, mode, this.#acceptedAt);
  }

  #respond(usual: RtspResponse, step: Step): void {
    const { behaviors } = this.#camera;
    const response = behaviors.reduce((one, behavior) => behavior.transformResponse?.(one, step, this) ?? one, usual);
    const pieces = behaviors.reduce<readonly Buffer[]>(
      (before, behavior) => before.flatMap((piece) => behavior.transformReply?.(piece, step, this) ?? [piece]),
      [serializeResponse(response)],
    );
    this.#outgoing.write(pieces);
  }

  #hear({ channel, payload: bytes }: InterleavedFrame, at: number): void {
    const recording = this.#recording;
    if (this.#stream !== undefined) {
      this.#complain(this.#stream.take(channel));
      return;
    }
    if (recording === undefined || this.#rules === undefined) {
      if (!this.#early) this.#complain({ violations: ['frame before the talk was opened'], warnings: [] });
      this.#early = true;
      return;
    }
    // Version 2 without padding, extension and CSRC is what every client sends (PROTOCOL.md P1).
    if (bytes.length <= 12 || bytes[0] !== 0x80) {
      this.#complain({ violations: ['frame is not an RTP packet with a plain header'], warnings: [] });
      return;
    }
    const packet = { at, channel, ...parseRtp(bytes) };
    recording.add(packet);
    this.#complain(this.#rules.check(packet));
    this.#camera.heard(recording, packet);
    const { packetCount } = recording;
    this.#each((behavior) => behavior.onPacket?.(packetCount, this));
  }

  #complain(complaints: Complaints): void {
    if (complaints.violations.length === 0 && complaints.warnings.length === 0) return;
    this.#camera.complained(this.number, complaints);
    this.#recording?.note(complaints);
    if (this.#camera.refuses && complaints.violations.length > 0) this.destroy();
  }

  #each(call: (behavior: Behavior) => void): void {
    for (const behavior of this.#camera.behaviors) {
      if (!this.#over) call(behavior);
    }
  }

  /** Restarts the time-out of a connection that has nothing going on: no request, answer, talk or stream. */
  #closeUnlessAsked(): void {
    this.#patience.start(this.#camera.unansweredCloseMs);
  }

  #endsBy(end: TalkEnd): void {
    if (this.#end === 'client closed') this.#end = end;
  }

  #tellEnd(): void {
    this.#over = true;
    this.#gone.abort();
    this.#patience.stop();
    this.#stream?.stop();
    this.#camera.slot.release(this.number);
    for (const behavior of this.#camera.behaviors) behavior.onClose?.(this);
    this.#endTalk();
    this.#camera.closed(this.number);
  }

  #endTalk(): void {
    if (this.#recording?.end !== 'open') return;
    this.#recording.close(this.#end);
    this.#camera.talkEnded(this.#recording);
  }
}
