// What it takes to open talk, and what comes of it, whichever way the camera is asked.
import type { Clock } from '../clock.js';
import type { OpeningStage } from '../connection/handshake.js';
import type { RtspConnection } from '../connection/rtsp-connection.js';
import type { Connect } from '../connection/tcp.js';
import type { Granted } from '../granted.js';
import type { PasswordGuard } from '../password/guard.js';
import type { OnWire } from '../wire.js';
import type { StallWatch } from './stall-watch.js';

export interface SessionDeps {
  readonly clock: Clock;
  readonly guard: PasswordGuard;
  readonly stallWatch: StallWatch;
  /** X-Client-UUID: one per pool, as an app has one per installation. */
  readonly clientId: string;
  readonly connect?: Connect;
  /** Is told what goes over the connections. */
  readonly onWire?: OnWire | undefined;
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onStage?: ((stage: OpeningStage) => void) | undefined;
}

export interface OpenTalk {
  readonly connection: Pick<RtspConnection, 'ended' | 'socket' | 'write' | 'close' | 'destroy' | 'fail'>;
  readonly granted: Granted;
  /** The bytes that carry the next payload. */
  readonly pack: (payload: Uint8Array) => Uint8Array;
}
