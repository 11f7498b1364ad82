// The stream half of one connection: its dialogue, its session's time-out, the microphone's packets as behaviors change them, and the picture. Owns all timers.
import { randomBytes } from 'node:crypto';
import { wallTime } from '../../clock.js';
import { MAX_STREAM_BACKLOG_BYTES } from '../limits.js';
import type { RtspRequest } from '../../rtsp/message.js';
import type { BehaviorConnection, RequestVerdict } from '../behaviors/behavior.js';
import type { ConnectionCamera } from '../connection-camera.js';
import type { Challenge } from '../digest.js';
import type { Complaints } from '../talk/packet-rules.js';
import { microphoneEncoder } from './codec.js';
import { StreamDialogue } from './dialogue.js';
import type { StreamAnswer } from './dialogue.js';
import { StreamLogin } from './login.js';
import { STILL_PICTURE } from './picture.js';
import type { StreamEnd, StreamRecord } from './record.js';
import type { LocalEnd } from './replies.js';
import { StreamSource } from './source.js';
import type { TrackEncoder } from './source.js';
import { TRACK } from './traits.js';
import type { StreamTraits } from './traits.js';
import { Timeout } from '../timeout.js';

/** What it needs of its connection. */
export interface StreamWire {
  readonly connection: BehaviorConnection;
  readonly local: LocalEnd;
  readonly remoteAddress: string;
  readonly instead: (request: RtspRequest) => RequestVerdict | undefined;
  readonly challenges: (usual: readonly Challenge[]) => readonly Challenge[];
  /** Bytes the client has not read yet. */
  readonly backlog: () => number;
  /** The session timed out. */
  readonly idle: () => void;
}

/** Just below the maximum, so that both wrap within a few packets. */
const WRAPPING = { sequenceNumber: 0xfffd, timestamp: 0xffffff00 } as const;

export class StreamSide {
  readonly #camera: ConnectionCamera;
  readonly #wire: StreamWire;
  readonly #traits: StreamTraits;
  readonly #dialogue: StreamDialogue;
  readonly #first: { readonly sequenceNumber: number; readonly timestamp: number };
  readonly #timeout: Timeout;
  #record: StreamRecord | undefined;
  /** By the number of the track. */
  readonly #sources = new Map<number, StreamSource>();

  constructor(camera: ConnectionCamera, wire: StreamWire) {
    this.#camera = camera;
    this.#wire = wire;
    this.#traits = camera.behaviors.reduce(
      (traits, behavior) => behavior.transformStream?.(traits, wire.connection) ?? traits,
      camera.streamTraits,
    );
    const random = randomBytes(6);
    this.#first = this.#traits.wraps
      ? WRAPPING
      : { sequenceNumber: random.readUInt16BE(0), timestamp: random.readUInt32BE(2) };
    this.#dialogue = this.#newDialogue();
    this.#timeout = new Timeout(camera.clock, () => this.#expire());
  }

  get hasSession(): boolean {
    return this.#dialogue.session !== undefined;
  }

  receive(request: RtspRequest): StreamAnswer {
    return this.#dialogue.receive(request);
  }

  /** Acts on an answer after it has been sent. */
  follow({ event }: StreamAnswer): void {
    const { session } = this.#dialogue;
    if (event === 'teardown') this.#end('teardown');
    if (event === undefined || session === undefined) return;
    const record = (this.#record ??= this.#camera.streamOpened(this.#wire.connection.number, session.path));
    record.noteTracks([...session.tracks.keys()]);
    if (event === 'set up') this.#newSources();
    if (event === 'named') record.noteKeepAlive();
    if (event === 'pause') this.#eachSource((source) => source.stop());
    if (event === 'play') {
      record.notePlay(this.#camera.clock.now());
      this.#eachSource((source) => source.play());
    }
    this.#keepAlive();
  }

  /** A frame of the client can only be an RTCP report, which keeps the session alive. */
  take(channel: number): Complaints {
    const pairs = [...(this.#dialogue.session?.tracks.values() ?? [])];
    if (!pairs.some(([, rtcp]) => rtcp === channel)) {
      return { violations: [`frame on channel ${channel}, which carries no RTCP`], warnings: [] };
    }
    this.#keepAlive();
    return { violations: [], warnings: [] };
  }

  /** The connection is over. Safe to repeat. */
  stop(): void {
    this.#dialogue.expire();
    this.#end('connection closed');
  }

  #newDialogue(): StreamDialogue {
    const camera = this.#camera;
    const { dialect, listenUsername, listenPassword, realm } = camera;
    const { local, remoteAddress, instead, challenges } = this.#wire;
    const { withoutLogin } = this.#traits;
    return new StreamDialogue({
      traits: this.#traits,
      // Mercury cameras have a realm of their own (PROTOCOL.md F4).
      vendor: /^(\S+) IP-Camera$/.exec(realm)?.[1] ?? 'TP-LINK',
      local,
      remoteAddress,
      login: new StreamLogin({
        dialect,
        username: listenUsername,
        password: listenPassword,
        realm,
        withoutLogin,
        nonce: () => camera.nonce(),
        challenges,
      }),
      sessionId: () => camera.streamSessionId(),
      date: wallTime,
      instead,
      position: (track) => this.#sources.get(track)?.position ?? this.#first,
    });
  }

  #newSources(): void {
    const { audio, video } = this.#traits;
    if (audio !== 'none') {
      const encoder = microphoneEncoder(audio, this.#camera.microphone);
      this.#newSource(TRACK.audio, encoder, (frame, count) => this.#send(frame, count));
    }
    if (video === 'h264') this.#newSource(TRACK.video, STILL_PICTURE, (frame) => this.#write([frame]));
  }

  #newSource(track: number, encoder: TrackEncoder, packet: (frame: Buffer, count: number) => void): void {
    const channels = this.#dialogue.session?.tracks.get(track);
    if (this.#sources.has(track) || channels === undefined) return;
    const source = new StreamSource({
      clock: this.#camera.clock,
      encoder,
      channels,
      ssrc: randomBytes(4).readUInt32BE(),
      ...this.#first,
      senderReports: this.#traits.senderReports,
      date: wallTime,
      packet,
      report: (frame) => this.#write([frame]),
    });
    this.#sources.set(track, source);
  }

  #eachSource(call: (source: StreamSource) => void): void {
    for (const source of this.#sources.values()) call(source);
  }

  #send(frame: Buffer, count: number): void {
    const { connection } = this.#wire;
    const { behaviors } = this.#camera;
    this.#record?.notePacket();
    const frames = behaviors.reduce<readonly Buffer[]>(
      (before, behavior) => before.flatMap((one) => behavior.transformStreamPacket?.(one, count, connection) ?? [one]),
      [frame],
    );
    this.#write(frames);
    for (const behavior of behaviors) behavior.onStreamPacket?.(count, connection);
  }

  /** Frames are dropped while the client has too much unread. */
  #write(frames: readonly Buffer[]): void {
    if (this.#wire.backlog() > MAX_STREAM_BACKLOG_BYTES) return;
    for (const frame of frames) this.#wire.connection.write(frame);
  }

  /** Restarts the session's time-out. */
  #keepAlive(): void {
    this.#timeout.start(this.#traits.timeoutSeconds * 1_000);
  }

  #expire(): void {
    this.#dialogue.expire();
    this.#end('timed out');
    this.#wire.idle();
  }

  #end(end: StreamEnd): void {
    this.#timeout.stop();
    this.#eachSource((source) => source.stop());
    this.#sources.clear();
    const record = this.#record;
    this.#record = undefined;
    if (record === undefined) return;
    record.close(end);
    this.#camera.streamEnded(record);
  }
}
