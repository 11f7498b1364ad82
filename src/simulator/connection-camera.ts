// What one connection and its camera know of each other: types only.
import type { Clock } from '../clock.js';
import type { HeaderList } from '../rtsp/message.js';
import type { Behavior, SimulatorDialect } from './behaviors/behavior.js';
import type { HttpTalkTraits, SimulatorFamily } from './httptalk/family.js';
import type { Nonces } from './httptalk/nonces.js';
import type { Complaints, PacketRulesOptions } from './talk/packet-rules.js';
import type { RecordedPacket } from './talk/packet-rules.js';
import type { Recording } from './talk/recording.js';
import type { Microphone } from './stream/microphone.js';
import type { StreamRecord } from './stream/record.js';
import type { StreamTraits } from './stream/traits.js';
import type { TalkSlot } from './talk/slot.js';

/**
 * One request as it came. A JSON part of the HTTP talk is one of method `PART`, with the headers of the part.
 * `headers` hold the Authorization answer: for tests, not for logs.
 */
export interface RequestRecord {
  /** Number of the TCP connection. */
  readonly connection: number;
  /** Milliseconds on the camera's clock. */
  readonly at: number;
  readonly method: string;
  readonly uri: string;
  readonly headers: HeaderList;
  readonly body: string;
}

/** What the port of the HTTP talk needs beside that. */
export interface HttpTalkSettings {
  readonly behaviors: readonly Behavior[];
  /** The usual ones of the family; behaviors may change them for a connection. */
  readonly traits: HttpTalkTraits;
  readonly nonces: Nonces;
  /** Of a talk. */
  sessionId(): string;
}

/** What a connection needs of its camera. */
export interface ConnectionCamera {
  readonly clock: Clock;
  readonly family: SimulatorFamily;
  readonly httpTalk: HttpTalkSettings;
  readonly dialect: SimulatorDialect;
  readonly behaviors: readonly Behavior[];
  readonly username: string;
  readonly password: string;
  readonly listenUsername: string;
  readonly listenPassword: string;
  readonly realm: string;
  readonly packetRules: PacketRulesOptions;
  readonly unansweredCloseMs: number;
  /** Whether the first violation ends the connection. */
  readonly refuses: boolean;
  readonly loginFailures: number;
  readonly slot: TalkSlot;
  readonly microphone: Microphone;
  /** The usual ones; behaviors may change them for a connection. */
  readonly streamTraits: StreamTraits;
  nonce(): string;
  sessionId(): string;
  streamSessionId(): string;
  requested(record: RequestRecord): void;
  complained(connection: number, complaints: Complaints): void;
  loginFailed(): void;
  talkOpened(connection: number, mode: string, acceptedAt: number): Recording;
  /** After each packet. */
  heard(recording: Recording, packet: RecordedPacket): void;
  talkEnded(recording: Recording): void;
  /** The first SETUP of a stream session. */
  streamOpened(connection: number, path: string): StreamRecord;
  streamEnded(record: StreamRecord): void;
  crash(): void;
  closed(connection: number): void;
}
