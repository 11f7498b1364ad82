// What a simulated camera can be told and what it tells: types only.
import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock.js';
import type { Behavior, SimulatorDialect } from './behaviors/behavior.js';
import type { DiscoveryOptions } from './discovery.js';
import type { SimulatorFamily } from './httptalk/family.js';
import type { Recording } from './talk/recording.js';
import type { LoudspeakerOptions } from './stream/loudspeaker.js';
import type { MicrophoneOptions } from './stream/microphone.js';
import type { InRoom, RoomOptions } from './stream/room.js';
import type { StreamRecord } from './stream/record.js';

/** What a simulated camera shows to its HTTP side. */
export interface ShownCamera extends EventEmitter<SimulatedCameraEvents> {
  readonly username: string;
  readonly password: string;
  /** `rtsp://` and where it listens. */
  readonly url: string;
  /** Where it is talked to: the same, or `http://` and `/stream`. */
  readonly talkUrl: string;
  /** Its talks, oldest first. */
  readonly sessions: readonly Recording[];
}

/** The HTTP side of a simulated camera, listening: its web API and its page. */
export interface SimulatorWeb {
  readonly port: number;
  /** Idempotent; every socket closed. */
  stop(): Promise<void>;
}

export interface SimulatedCameraOptions {
  /** Address to listen on; loopback unless told otherwise. */
  readonly host?: string;
  /**
   * Default `multitrans`. `tapo` and `vigi-stream` talk over HTTP on a port of their own, as user `admin`, and answer MULTITRANS as a method they do not know;
   * their streams want `listenUsername` and `listenPassword`.
   */
  readonly family?: SimulatorFamily;
  /** RTSP port; 0 (default) takes a free one. */
  readonly port?: number;
  /** Port of the HTTP talk, for the families that have it; 0 (default) takes a free one. */
  readonly streamPort?: number;
  /** HTTP port, 0 for a free one; without it, or without `web`, there is no HTTP. */
  readonly httpPort?: number;
  /**
   * Starts the HTTP side, after the RTSP port is open. It may look at everything `camera` shows and listen to its events;
   * the camera stops it in `stop()`.
   */
  web?(camera: ShownCamera, listen: { port: number; host: string }): Promise<SimulatorWeb>;
  /** Answers those who look for cameras by WS-Discovery, on the interfaces that `host` is reached by; not at all by default. */
  readonly discovery?: boolean | DiscoveryOptions;
  /** Default `admin`, `camera-talk`. */
  readonly username?: string;
  readonly password?: string;
  /** The account for its streams, where it is another. */
  readonly listenUsername?: string;
  readonly listenPassword?: string;
  readonly realm?: string;
  /** Default `ipc`, of family `vigi-stream` `vigi`; the behavior `vigi` does the same. */
  readonly dialect?: SimulatorDialect;
  /** Behaviors or their names: `['busy-2', 'hang-up:25@1']`. Hooks run in this order. */
  readonly behaviors?: readonly (Behavior | string)[];
  /** `report` (default) writes violations down; `refuse` also drops the connection. */
  readonly strict?: 'report' | 'refuse';
  /** Payload types the loudspeaker plays; default 8 and 102, for VIGI 8. */
  readonly payloadTypes?: readonly number[];
  /** More audio than this waiting in the loudspeaker when a packet comes is a flood, ms; default 250. */
  readonly maxAheadMs?: number;
  /** Longest time without audio inside a talk, ms; default 250. */
  readonly maxGapMs?: number;
  /** How long the talk slot stays taken after the talk's end, ms; default 0. */
  readonly slotReleaseMs?: number;
  /** How long the camera is gone after a request that crashes it, ms; default 10 s. */
  readonly crashMs?: number;
  /**
   * What `/stream1` and `/stream2` carry: the loudspeaker, `delayMs` (20) later and changed by `gainDb` (−12), noise of `noiseDb` (−60),
   * a `source` of your own; in a `codec` (`pcma`). With `muteInHalfDuplex` a talk mutes it, with `cancelInAec` the talk is removed from it.
   */
  readonly microphone?: Partial<MicrophoneOptions>;
  /** The loudspeaker's buffer, and its faults: the wrong speed, clipping, sound that is lost. */
  readonly loudspeaker?: Partial<LoudspeakerOptions>;
  /** Noise and echo around the camera. */
  readonly room?: Partial<RoomOptions>;
  /** Another simulated camera, on the same clock: this one is in its room. Each hears the other, and the room's noise and echo are the same for both. */
  readonly earshotOf?: InRoom;
  /**
   * A capture to repeat, instead of being a camera of its own: a folder, or one file that holds it. Requests are answered as they were then, whatever user and
   * password; one that was not recorded is a violation, and ends its connection. `start` rejects with TALK_ERR_ARGUMENT when it cannot be read.
   */
  readonly replay?: string;
  readonly clock?: Clock;
  /** Fixed nonces and Session ids, those of talks and those of streams, instead of random ones. */
  readonly nonce?: () => string;
  readonly sessionId?: () => string;
  readonly streamSessionId?: () => string;
}

/** What the camera tells while it runs. */
export interface SimulatedCameraEvents {
  /** A talk was opened. */
  talk: [recording: Recording];
  /** A packet was recorded; keep the listener short. */
  packet: [recording: Recording];
  /** A talk is over. */
  end: [recording: Recording];
  /** A stream session was set up. */
  stream: [record: StreamRecord];
  /** A stream session is over. */
  streamEnd: [record: StreamRecord];
  violation: [text: string];
}
