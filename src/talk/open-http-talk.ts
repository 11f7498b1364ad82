// Opens talk by TP-Link's HTTP talk: the log-in over one connection or two, the talk request, sound in parts.
import { randomBytes } from 'node:crypto';
import { throwIfAborted } from '../abort.js';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import type { HttpTalkConnection } from '../connection/http-talk-connection.js';
import { openHttpConnection } from '../connection/open.js';
import { isTalkError } from '../errors.js';
import { answersStop, stopRequest, talkAnswer, talkEnd, talkRequest, type TalkGrant } from '../httptalk/control.js';
import { STREAM_URI, StreamLogin } from '../httptalk/login.js';
import { streamPacker, streamProfile } from '../httptalk/sound.js';
import { HTTP_FIN_PATIENCE_MS } from '../limits.js';
import type { HttpResponse } from '../multipart/http.js';
import { serializePart, serializeStreamRequest } from '../multipart/serialize.js';
import { refuseStatus } from '../multitrans/replies.js';
import { answerToLogin } from '../password/late-answer.js';
import { headerValue } from '../rtsp/headers.js';
import type { HeaderList } from '../rtsp/message.js';
import type { OpenOptions, OpenTalk, SessionDeps } from './open-talk.js';

/** Rejects as `Session.open`; every socket is closed then. */
export async function openHttpTalk(camera: CameraOptions, deps: SessionDeps, options: OpenOptions): Promise<OpenTalk> {
  const opening = new Opening(camera, deps, options);
  try {
    return await opening.open();
  } catch (error) {
    opening.giveUp();
    throw error;
  }
}

/** Where the talk goes: of these cameras `port` is for listening. */
export function streamAddress({ host, streamPort }: CameraOptions): Pick<CameraOptions, 'host' | 'port'> {
  return { host, port: streamPort };
}

class Opening {
  readonly #camera: CameraOptions;
  readonly #deps: SessionDeps;
  readonly #signal: AbortSignal | undefined;
  readonly #onStage: NonNullable<OpenOptions['onStage']>;
  readonly #key: string;
  readonly #login: StreamLogin;
  /** Aborts with the attempt, or with the session that comes of it: so long it has its turn with the password. */
  readonly #over = new AbortController();
  #connection: HttpTalkConnection | undefined;
  #moved = false;

  constructor(camera: CameraOptions, deps: SessionDeps, { signal, onStage = () => undefined }: OpenOptions) {
    this.#camera = camera;
    this.#deps = deps;
    this.#signal = signal;
    this.#onStage = onStage;
    this.#key = cameraKey(streamAddress(camera));
    this.#login = new StreamLogin({
      camera,
      key: this.#key,
      clientNonce: () => randomBytes(8).toString('hex'),
      onForm: (form) => deps.guard.offered('talk', camera, form),
      known: deps.guard.formOf(camera),
    });
  }

  async open(): Promise<OpenTalk> {
    const camera = this.#camera;
    const response = await this.#logIn();
    this.#onStage('opening');
    const connection = this.#live;
    const { sessionId, busy } = await this.#talk(connection);
    connection.ended.addEventListener('abort', () => this.giveUp(), { once: true });
    const keyExchange = headerValue(response.headers, 'Key-Exchange');
    const pack = streamPacker(camera, { key: this.#key, sessionId, secret: this.#login.secret, keyExchange });
    const granted = { dialect: camera.dialect, profile: streamProfile(camera), login: this.#login.hash };
    return { connection, pack, granted: busy === undefined ? granted : { ...granted, busy } };
  }

  giveUp(): void {
    this.#over.abort();
    this.#connection?.destroy();
  }

  get #live(): HttpTalkConnection {
    if (this.#connection === undefined) throw new Error('not connected');
    return this.#connection;
  }

  /** Up to the 200. */
  async #logIn(): Promise<HttpResponse> {
    const { guard } = this.#deps;
    const camera = this.#camera;
    await this.#connect(this.#signal);
    let response = await this.#live.request(this.#head([]), 'the first request', this.#signal);
    for (;;) {
      const headers = this.#judged(response);
      if (headers === 'open') return response;
      if (!(await this.#stays(response))) await this.#move(this.#signal);
      await guard.turn('talk', camera, this.#over.signal, this.#signal);
      // It may have been refused elsewhere since. Nothing is awaited between looking and sending.
      guard.check('talk', camera);
      throwIfAborted(this.#signal);
      this.#onStage('authenticating');
      response = await this.#authorized(this.#head(headers));
    }
  }

  #judged(response: HttpResponse): HeaderList | 'open' {
    const { guard } = this.#deps;
    const camera = this.#camera;
    let next: HeaderList | 'open';
    try {
      next = this.#login.receive(response);
    } catch (error) {
      const refused = isTalkError(error) && error.code === 'TALK_ERR_AUTH';
      const failure = refused ? guard.refused('talk', camera, error) : error;
      throwIfAborted(this.#signal);
      throw failure;
    }
    if (this.#login.proved) guard.accepted('talk', camera, this.#login.form);
    throwIfAborted(this.#signal);
    return next;
  }

  /** The response to a request that shows the password. What is hung up on is asked once more elsewhere: no answer is no refusal (PROTOCOL.md H3). */
  async #authorized(request: Buffer): Promise<HttpResponse> {
    const step = 'the log-in';
    const send = async (giveUp: AbortSignal): Promise<HttpResponse> => {
      try {
        return await this.#live.request(request, step, giveUp);
      } catch (error) {
        if (this.#moved || !isTalkError(error) || error.code !== 'TALK_ERR_CLOSED') throw error;
      }
      await this.#move(giveUp);
      return this.#live.request(request, step, giveUp);
    };
    try {
      return await answerToLogin(this.#deps.clock, send, this.#signal);
    } catch (error) {
      this.#deps.guard.unanswered('talk', this.#camera);
      throwIfAborted(this.#signal);
      throw error;
    }
  }

  /** An answer that comes when nobody wants it any more is heard all the same: a talk that was granted is to be stopped. */
  async #talk(connection: HttpTalkConnection): Promise<TalkGrant> {
    const { mode, ignoreBusy } = this.#camera;
    const key = this.#key;
    const request = serializePart(talkRequest(mode));
    const send = (signal: AbortSignal): Promise<TalkGrant> =>
      connection.ask(
        request,
        (heard) => {
          if ('body' in heard) return talkAnswer(heard, key, ignoreBusy);
          return refuseStatus({ status: heard.status, headers: [] }, key, 'HTTP');
        },
        'the talk request',
        { signal },
      );
    try {
      const grant = await answerToLogin(this.#deps.clock, send, this.#signal);
      this.#endsWithStop(connection, grant.sessionId);
      throwIfAborted(this.#signal);
      return grant;
    } catch (error) {
      // It may have been granted in words that nobody understands.
      if (isTalkError(error) && error.code === 'TALK_ERR_PROTOCOL') this.#endsWithStop(connection, undefined);
      throwIfAborted(this.#signal);
      throw error;
    }
  }

  #endsWithStop(connection: HttpTalkConnection, sessionId: string | undefined): void {
    const bytes = serializePart(stopRequest(sessionId));
    connection.endsWith({ bytes, isAnswer: (heard) => 'body' in heard && answersStop(heard, this.#key) });
  }

  #head(headers: HeaderList): Buffer {
    const { host, port } = streamAddress(this.#camera);
    return serializeStreamRequest({ host, port, uri: STREAM_URI, headers });
  }

  /** Whether the connection can be asked on. One that says it closes is given a moment to do so (PROTOCOL.md H3). */
  async #stays({ headers }: HttpResponse): Promise<boolean> {
    const { ended } = this.#live;
    if (/\bclose\b/i.test(headerValue(headers, 'Connection') ?? '')) {
      await this.#deps.clock.wait(HTTP_FIN_PATIENCE_MS, ended).catch(() => undefined);
    }
    return !ended.aborted;
  }

  /** The challenge's nonce is as good on another connection with most cameras; with the others it is too old. */
  async #move(signal: AbortSignal | undefined): Promise<void> {
    this.#moved = true;
    this.#login.moved();
    this.#connection?.destroy();
    await this.#connect(signal);
  }

  async #connect(signal: AbortSignal | undefined): Promise<void> {
    const { clock, connect, onWire } = this.#deps;
    const connection = await openHttpConnection(
      streamAddress(this.#camera),
      {
        clock,
        connect,
        onWire,
        onPart: (part) => {
          const end = talkEnd(part, this.#key);
          if (end !== undefined) connection.fail(end);
        },
      },
      signal,
    );
    this.#connection = connection;
  }
}
