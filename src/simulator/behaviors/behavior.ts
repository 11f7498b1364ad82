// The shape of a behavior: what a simulated camera does differently from a healthy one. The behaviors themselves are in the files beside this one.
import type { RtspRequest, RtspResponse } from '../../rtsp/message.js';
import type { Challenge } from '../digest.js';
import type { HttpTalkTraits } from '../httptalk/family.js';
import type { LoudspeakerOptions } from '../stream/loudspeaker.js';
import type { MicrophoneOptions } from '../stream/microphone.js';
import type { RoomOptions } from '../stream/room.js';
import type { StreamTraits } from '../stream/traits.js';

/** `ipc`: TL-IPC, Mercury, FAST. `vigi`: VIGI, InSight. */
export type SimulatorDialect = 'ipc' | 'vigi';

/** Which question a response answers; `stream`: any on the connection of a stream. */
export type Step = 'options' | 'challenge' | 'login' | 'talk' | 'stream' | 'other';

/** The answer to the talk request before it is text. */
export interface TalkReply {
  readonly seq: number;
  /** 0: the talk is open. */
  readonly errorCode: number;
  readonly sessionId: string;
}

/** A connection as its behaviors see it. */
export interface BehaviorConnection {
  /** 1 for the first TCP connection of the camera. */
  readonly number: number;
  readonly dialect: SimulatorDialect;
  /** Credentials this camera has refused so far, on all connections. */
  readonly loginFailures: number;
  /** Writes after what is still being written. */
  write(bytes: Buffer): void;
  /** Writes in so many ms, unless the connection is over by then. */
  writeAfter(ms: number, bytes: Buffer): void;
  /** Writes the same bytes again and again, as fast as they are read, until the connection ends. */
  pour(bytes: Buffer): void;
  /** Reads no more. The talk slot is free again; the connection is closed after 20 s. */
  pause(): void;
  /** Sends FIN; what still comes is read and thrown away. */
  end(): void;
  /** Closes the socket as a process that ends does: sends FIN, and RST in answer to what still comes. */
  destroy(): void;
  /** Sends RST. */
  reset(): void;
}

/**
 * What takes the place of the usual answer: another response, no answer, FIN,
 * or 401 with a fresh nonce (`refuse` counts as a failed login, `stale` says so in the challenge).
 */
export type RequestVerdict = RtspResponse | 'silent' | 'close' | 'refuse' | 'stale';

/** A fault or a firmware's habit. Hooks are called in the order of the list; one object serves one camera. */
export interface Behavior {
  readonly name: string;
  readonly dialect?: SimulatorDialect;
  /** The first request is answered 200 instead of 401. */
  readonly withoutLogin?: true;
  /** When a connection without a talk is closed, ms. */
  readonly unansweredCloseMs?: number;
  /** For the whole camera; takes precedence over its options. */
  readonly microphone?: Partial<MicrophoneOptions>;
  readonly loudspeaker?: Partial<LoudspeakerOptions>;
  readonly room?: Partial<RoomOptions>;
  /** What its port of the HTTP talk is like. */
  readonly httpTalk?: Partial<HttpTalkTraits>;
  /** Where it holds: on the first so many connections of the camera; default all. */
  readonly connections?: number;
  onConnect?(connection: BehaviorConnection): void;
  /** The first behavior that returns something decides. */
  onRequest?(request: RtspRequest, connection: BehaviorConnection): RequestVerdict | undefined;
  transformChallenges?(challenges: readonly Challenge[], connection: BehaviorConnection): readonly Challenge[];
  /** For a valid talk request: an error number, or silence. Otherwise the talk slot decides. */
  onTalkRequest?(mode: string, connection: BehaviorConnection): number | 'silent' | undefined;
  /** The body of the talk reply; the first behavior that returns something decides. */
  talkReplyText?(reply: TalkReply, connection: BehaviorConnection): string | undefined;
  transformResponse?(response: RtspResponse, step: Step, connection: BehaviorConnection): RtspResponse;
  /** Cuts the bytes of a response into the pieces in which they are written. */
  transformReply?(bytes: Buffer, step: Step, connection: BehaviorConnection): readonly Buffer[];
  onTalkOpen?(connection: BehaviorConnection): void;
  /** The HTTP talk is asked to stop: `silent` for no answer. */
  onTalkStop?(connection: BehaviorConnection): 'silent' | undefined;
  /** After packet `count` of the connection's talk (1 = first) was recorded. */
  onPacket?(count: number, connection: BehaviorConnection): void;
  /** What the streams are like for this connection. */
  transformStream?(traits: StreamTraits, connection: BehaviorConnection): StreamTraits;
  /** What is written in place of a microphone packet, which comes as an interleaved frame; `count` 1 = the stream's first. */
  transformStreamPacket?(frame: Buffer, count: number, connection: BehaviorConnection): readonly Buffer[];
  /** After microphone packet `count`. */
  onStreamPacket?(count: number, connection: BehaviorConnection): void;
  onClose?(connection: BehaviorConnection): void;
}

/** The answer of the first behavior that has one. */
export function firstOf<T>(behaviors: readonly Behavior[], ask: (behavior: Behavior) => T | undefined): T | undefined {
  for (const behavior of behaviors) {
    const answer = ask(behavior);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** The same behavior, but only on the first `connections` TCP connections of the camera. */
export function onFirstConnections(connections: number, behavior: Behavior): Behavior {
  const on = (connection: BehaviorConnection): boolean => connection.number <= connections;
  const { unansweredCloseMs, httpTalk } = behavior;
  return {
    name: `${behavior.name}@${connections}`,
    connections,
    ...(httpTalk === undefined ? {} : { httpTalk }),
    ...(unansweredCloseMs === undefined ? {} : { unansweredCloseMs }),
    onConnect: (connection) => (on(connection) ? behavior.onConnect?.(connection) : undefined),
    onRequest: (request, connection) => (on(connection) ? behavior.onRequest?.(request, connection) : undefined),
    transformChallenges: (challenges, connection) =>
      (on(connection) ? behavior.transformChallenges?.(challenges, connection) : undefined) ?? challenges,
    onTalkRequest: (mode, connection) => (on(connection) ? behavior.onTalkRequest?.(mode, connection) : undefined),
    talkReplyText: (reply, connection) => (on(connection) ? behavior.talkReplyText?.(reply, connection) : undefined),
    transformResponse: (response, step, connection) =>
      (on(connection) ? behavior.transformResponse?.(response, step, connection) : undefined) ?? response,
    transformReply: (bytes, step, connection) =>
      (on(connection) ? behavior.transformReply?.(bytes, step, connection) : undefined) ?? [bytes],
    onTalkOpen: (connection) => (on(connection) ? behavior.onTalkOpen?.(connection) : undefined),
    onTalkStop: (connection) => (on(connection) ? behavior.onTalkStop?.(connection) : undefined),
    onPacket: (count, connection) => (on(connection) ? behavior.onPacket?.(count, connection) : undefined),
    transformStream: (traits, connection) =>
      (on(connection) ? behavior.transformStream?.(traits, connection) : undefined) ?? traits,
    transformStreamPacket: (frame, count, connection) =>
      (on(connection) ? behavior.transformStreamPacket?.(frame, count, connection) : undefined) ?? [frame],
    onStreamPacket: (count, connection) => (on(connection) ? behavior.onStreamPacket?.(count, connection) : undefined),
    onClose: (connection) => (on(connection) ? behavior.onClose?.(connection) : undefined),
  };
}
