// What a dialogue that opens something is to whoever carries its words. Types only; connection/handshake.ts carries them.
import type { RtspRequest, RtspResponse } from './message.js';

/** There is more to ask. `authenticating` goes with the request that shows a password nobody has yet accepted here. */
export interface NextRequest {
  readonly kind: 'send';
  readonly request: RtspRequest;
  readonly stage: 'authenticating' | 'opening';
}

/** There is nothing more to ask. */
export interface OpeningEnd {
  readonly kind: string;
  readonly request?: never;
}

/** One attempt on one connection: start(), then receive() until it says something other than the next request. */
export interface OpeningDialogue<End extends OpeningEnd, Next extends NextRequest = NextRequest> {
  /** Whether the camera has accepted the password on this connection. */
  readonly proved: boolean;
  /** The first request. It never carries a password. */
  start(): RtspRequest;
  /** Throws TALK_ERR_AUTH when the camera refused the password. */
  receive(response: RtspResponse): Next | End;
}
