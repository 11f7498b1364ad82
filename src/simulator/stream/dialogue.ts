// The camera's side of DESCRIBE, SETUP, PLAY and TEARDOWN on one connection, as values: a request goes in, an answer comes out. No sockets, no time.
import { headerValue, headerValues, parseSession } from '../../rtsp/headers.js';
import type { RtspRequest } from '../../rtsp/message.js';
import type { RequestVerdict } from '../behaviors/behavior.js';
import type { Answer } from '../talk/dialogue.js';
import { PUBLIC_METHODS, respond } from '../talk/replies.js';
import type { StreamLogin } from './login.js';
import {
  dateHeader,
  descriptionReply,
  playHeaders,
  sessionHeader,
  streamBase,
  transportHeader,
  type LocalEnd,
} from './replies.js';
import { TRACK } from './traits.js';
import type { StreamTraits } from './traits.js';
import { chooseTransport, parseAnyStreamUri, parseStreamUri } from './uri.js';
import type { ChannelPair, StreamUri } from './uri.js';

export interface StreamDialogueOptions {
  readonly traits: StreamTraits;
  /** `TP-LINK` or `MERCURY`. */
  readonly vendor: string;
  readonly local: LocalEnd;
  readonly remoteAddress: string;
  readonly login: StreamLogin;
  readonly sessionId: () => string;
  /** The time of day, for the Date header. */
  readonly date: () => Date;
  /** An answer that takes the place of the usual one. */
  readonly instead: (request: RtspRequest) => RequestVerdict | undefined;
  /** The next packet of a track, for RTP-Info. */
  readonly position: (track: number) => { readonly sequenceNumber: number; readonly timestamp: number };
}

/** What happened to the session. `named`: a request named it, which keeps it alive. */
export type StreamEvent = 'set up' | 'play' | 'pause' | 'named' | 'teardown';

export interface StreamAnswer extends Answer {
  readonly event?: StreamEvent;
}

/** A stream session from its first SETUP on. */
export interface StreamSession {
  readonly id: string;
  readonly path: string;
  /** By the number of the track. */
  readonly tracks: ReadonlyMap<number, ChannelPair>;
}

type Outcome = Omit<StreamAnswer, 'violations' | 'warnings' | 'step'>;

/** The methods that only make sense on a stream. */
export const STREAM_METHODS: ReadonlySet<string> = new Set(
  PUBLIC_METHODS.filter((method) => method !== 'OPTIONS' && method !== 'MULTITRANS'),
);

/** One connection's dialogue. */
export class StreamDialogue {
  readonly #options: StreamDialogueOptions;
  #session: (StreamSession & { readonly tracks: Map<number, ChannelPair> }) | undefined;
  /** The id of the session that ended last: a client that does not know it yet may still name it. */
  #endedId: string | undefined;
  #cseq: number | undefined;
  #violations: string[] = [];
  #warnings: string[] = [];

  constructor(options: StreamDialogueOptions) {
    this.#options = options;
  }

  get session(): StreamSession | undefined {
    return this.#session;
  }

  receive(request: RtspRequest): StreamAnswer {
    this.#violations = [];
    this.#warnings = [];
    const outcome = this.#checkHeaders(request) ?? this.#instead(request) ?? this.#route(request);
    return { step: 'stream', ...outcome, violations: this.#violations, warnings: this.#warnings };
  }

  /** The session has timed out, or its connection is closed. */
  expire(): void {
    this.#endedId = this.#session?.id ?? this.#endedId;
    this.#session = undefined;
  }

  #checkHeaders(request: RtspRequest): Outcome | undefined {
    const [text = '', ...more] = headerValues(request.headers, 'CSeq');
    if (!/^\d{1,9}$/.test(text) || more.length > 0) {
      return this.#refuse(request, 400, 'CSeq is missing, doubled or no number');
    }
    const cseq = Number(text);
    if (this.#cseq !== undefined && cseq !== this.#cseq + 1) {
      this.#violations.push(`CSeq ${cseq} after ${this.#cseq}`);
    }
    this.#cseq = cseq;
    return undefined;
  }

  #instead(request: RtspRequest): Outcome | undefined {
    const verdict = this.#options.instead(request);
    if (verdict === undefined) return undefined;
    if (verdict === 'silent') return {};
    if (verdict === 'close') return { closes: true };
    if (verdict === 'stale') return { response: this.#options.login.ask(request, true) };
    if (verdict === 'refuse') return { response: this.#options.login.ask(request, false), loginFailed: true };
    return { response: verdict };
  }

  #route(request: RtspRequest): Outcome {
    const { method } = request;
    if (method === 'OPTIONS') return this.#listMethods(request);
    if (!STREAM_METHODS.has(method)) {
      return this.#refuse(request, 400, `${method} on the connection of a stream`);
    }
    const login = this.#options.login.check(request);
    if (login.violation !== undefined) this.#violations.push(login.violation);
    if (login.warning !== undefined) this.#warnings.push(login.warning);
    if (login.response !== undefined) {
      return { response: login.response, ...(login.loginFailed === true ? { loginFailed: true } : {}) };
    }
    const uri = this.#findStream(request);
    if (uri === undefined) return { response: respond(request, 404) };
    if (method === 'DESCRIBE') return this.#describe(request, uri);
    if (method === 'SETUP') return this.#setUp(request, uri);
    return this.#ofSession(request, uri);
  }

  /** Answered without a log-in. Keeps the session alive when it names it. */
  #listMethods(request: RtspRequest): Outcome {
    const refusal = headerValue(request.headers, 'Session') === undefined ? undefined : this.#checkSession(request);
    if (refusal !== undefined) return refusal;
    const named = headerValue(request.headers, 'Session') !== undefined;
    if (!named && this.#session !== undefined) this.#warnings.push('OPTIONS without Session keeps no session alive');
    const response = respond(request, 200, [['Public', PUBLIC_METHODS.join(', ')]]);
    return named ? { response, event: 'named' } : { response };
  }

  #findStream({ uri }: RtspRequest): StreamUri | undefined {
    if (/^[^/]*\/\/[^/]*@/.test(uri)) this.#violations.push('request URI holds credentials');
    const { anyPath, exists, lenses, audio } = this.#options.traits;
    const parsed = anyPath ? parseAnyStreamUri(uri) : parseStreamUri(uri);
    if (parsed === undefined || !exists) return undefined;
    const { channel, track } = parsed;
    if (channel !== undefined && (channel < 1 || channel > lenses)) return undefined;
    if (track !== undefined && (track < TRACK.video || track > TRACK.application)) return undefined;
    return track === TRACK.audio && audio === 'none' ? undefined : parsed;
  }

  #describe(request: RtspRequest, uri: StreamUri): Outcome {
    const { traits, vendor, local, date } = this.#options;
    if (uri.track !== undefined) return { response: respond(request, 404) };
    const accept = headerValue(request.headers, 'Accept');
    if (accept !== undefined && !/application\/(sdp|\*)|\*\/\*/i.test(accept)) {
      return this.#refuse(request, 406, 'Accept leaves out application/sdp');
    }
    const { path } = uri;
    return { response: descriptionReply(request, traits, { vendor, local, path, date: date() }) };
  }

  #setUp(request: RtspRequest, { path, track }: StreamUri): Outcome {
    const transport = headerValue(request.headers, 'Transport');
    if (transport === '') {
      this.#violations.push('Transport is empty: this took a MERCURY MIPC252W down');
      return { crashed: true };
    }
    if (track === undefined) return this.#refuse(request, 400, 'SETUP of a whole stream instead of a track');
    const choice = chooseTransport(transport ?? '');
    if (choice.kind === 'unreadable') return this.#refuse(request, 400, 'Transport is missing or cannot be read');
    if (choice.kind === 'unsupported') return { response: respond(request, 461) };
    const session = this.#session;
    if (session !== undefined) {
      const refusal = this.#checkSession(request);
      if (refusal !== undefined) return refusal;
      if (session.path !== path) return this.#refuse(request, 400, 'SETUP of another stream in the same session');
      if (session.tracks.has(track)) return this.#refuse(request, 455, 'SETUP of a track that is already set up');
    } else if (headerValue(request.headers, 'Session') !== undefined) return this.#unknownSession(request);

    const asked = choice.channels ?? this.#freeChannels();
    const channels = asked.map((channel) => (channel + this.#options.traits.channelShift) % 256);
    const [rtp = 0, rtcp = 1] = channels;
    if ([...(session?.tracks.values() ?? [])].flat().some((taken) => channels.includes(taken))) {
      return this.#refuse(request, 400, 'SETUP with the channels of another track');
    }
    if (track === TRACK.video) this.#warnings.push('video was set up: it costs the camera its bandwidth');
    const tracks = new Map([...(session?.tracks ?? []), [track, [rtp, rtcp] as const] as const]);
    this.#session = { id: session?.id ?? this.#options.sessionId(), path, tracks };
    const { local, remoteAddress, traits, date } = this.#options;
    const headers = [
      dateHeader(date()),
      transportHeader(local, remoteAddress, [rtp, rtcp]),
      ...(traits.sessionAtPlay ? [] : [sessionHeader(this.#session.id, traits.timeoutSeconds)]),
    ];
    return { response: respond(request, 200, headers), event: 'set up' };
  }

  #ofSession(request: RtspRequest, uri: StreamUri): Outcome {
    const unnamed = request.method === 'PLAY' && this.#options.traits.sessionAtPlay;
    const named = headerValue(request.headers, 'Session') !== undefined;
    const refusal = unnamed && !named ? undefined : this.#checkSession(request);
    const session = this.#session;
    if (refusal !== undefined || session === undefined) return refusal ?? this.#unknownSession(request);
    const { method } = request;
    const aimsElsewhere = uri.path !== session.path || (uri.track !== undefined && !session.tracks.has(uri.track));
    if (aimsElsewhere) return this.#refuse(request, 404, `${method} of what the session does not hold`);
    const { local, traits, date, position } = this.#options;
    if (method === 'TEARDOWN') {
      this.expire();
      return { response: respond(request, 200, [dateHeader(date())]), event: 'teardown' };
    }
    const headers = [dateHeader(date()), sessionHeader(session.id, traits.timeoutSeconds)];
    if (method !== 'PLAY') {
      return { response: respond(request, 200, headers), event: method === 'PAUSE' ? 'pause' : 'named' };
    }
    const positions = [...session.tracks.keys()].map((track) => ({ track, ...position(track) }));
    const info = playHeaders(streamBase(local, session.path), positions);
    return { response: respond(request, 200, [...headers, ...info]), event: 'play' };
  }

  /** Undefined when the request names the session. */
  #checkSession(request: RtspRequest): Outcome | undefined {
    const value = headerValue(request.headers, 'Session');
    if (value === undefined) return this.#refuse(request, 454, `${request.method} without Session`);
    if (parseSession(value).id !== this.#session?.id) return this.#unknownSession(request);
    if (value.includes(';')) this.#warnings.push('Session was sent back with its parameters');
    return undefined;
  }

  #unknownSession(request: RtspRequest): Outcome {
    const value = headerValue(request.headers, 'Session') ?? '';
    if (parseSession(value).id === this.#endedId) return { response: respond(request, 454) };
    return this.#refuse(request, 454, 'Session is not the one given');
  }

  #refuse(request: RtspRequest, status: number, violation: string): Outcome {
    this.#violations.push(violation);
    return { response: respond(request, status) };
  }

  #freeChannels(): ChannelPair {
    const first = 2 * (this.#session?.tracks.size ?? 0);
    return [first, first + 1];
  }
}
