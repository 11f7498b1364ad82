// The conversation that opens a session, for talking and for listening: requests out, responses in, and the password guard asked and told. What is said is the dialogue's.
import { throwIfAborted } from '../abort.js';
import type { Clock } from '../clock.js';
import { isTalkError } from '../errors.js';
import { answerToLogin } from '../password/late-answer.js';
import type { Credentials, PasswordGuard, Way } from '../password/guard.js';
import type { RtspRequest, RtspResponse } from '../rtsp/message.js';
import type { NextRequest, OpeningDialogue, OpeningEnd } from '../rtsp/opening.js';
import type { RtspConnection } from './rtsp-connection.js';

/** What a session is busy with until it is open. */
export type OpeningStage = 'connecting' | NextRequest['stage'];

export interface HandshakeOptions<Next extends NextRequest> {
  readonly camera: Credentials;
  readonly clock: Clock;
  readonly way: Way;
  readonly guard: Pick<PasswordGuard, 'turn' | 'check' | 'accepted' | 'refused' | 'unanswered'>;
  /** What a request is to the user, such as "the log-in". */
  readonly nameOf: (request: RtspRequest, stage: OpeningStage) => string;
  /** What must be ready before the next request is sent. */
  readonly prepare?: (next: Next) => Promise<void>;
  readonly onStage?: ((stage: OpeningStage) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries the dialogue to its end and resolves with its last step. Rejects with what the dialogue, `prepare` or the connection throws, with TALK_ERR_LOCKED while
 * the password is held back, or with the signal's reason, after a log-in that is under way was answered or not (CUT_LOGIN_MS); the connection is to be closed then.
 */
export async function openDialogue<End extends OpeningEnd, Next extends NextRequest = NextRequest>(
  connection: Pick<RtspConnection, 'exchange' | 'ended'>,
  dialogue: OpeningDialogue<End, Next>,
  { camera, clock, way, guard, nameOf, prepare, onStage, signal }: HandshakeOptions<Next>,
): Promise<End> {
  let request = dialogue.start();
  let stage: OpeningStage = 'connecting';
  for (;;) {
    let response: RtspResponse;
    try {
      const step = nameOf(request, stage);
      response =
        stage === 'authenticating'
          ? await answerToLogin(clock, (giveUp) => connection.exchange(request, step, giveUp), signal)
          : await connection.exchange(request, step, signal);
    } catch (error) {
      if (stage === 'authenticating') guard.unanswered(way, camera);
      throwIfAborted(signal);
      throw error;
    }
    let step: Next | End;
    try {
      step = dialogue.receive(response);
    } catch (error) {
      const refused = isTalkError(error) && error.code === 'TALK_ERR_AUTH';
      const failure = refused ? guard.refused(way, camera, error) : error;
      throwIfAborted(signal);
      throw failure;
    }
    if (dialogue.proved) guard.accepted(way, camera);
    if (step.request === undefined) return step;
    await prepare?.(step);
    if (step.stage === 'authenticating') {
      await guard.turn(way, camera, connection.ended, signal);
      // It may have been refused elsewhere since the connection was begun. Nothing is awaited between looking and sending.
      guard.check(way, camera);
    }
    // What was cut tells of no further stage.
    throwIfAborted(signal);
    ({ request, stage } = step);
    onStage?.(stage);
  }
}
