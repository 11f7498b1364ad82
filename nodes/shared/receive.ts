// A message comes in and is done exactly once: quietly, or with one coded error. What a message means is the node's business.
import type { Node, NodeMessageInFlow } from 'node-red';
import { excerpt, toTalkError, type TalkError } from '../../src/index.js';
import type { Message } from './message.js';

/** A list has one entry for each output. */
export type Send = (msg: NodeMessageInFlow | (NodeMessageInFlow | null)[]) => void;

/**
 * `done` is called when `handle` resolves or rejects. A rejection is told with the error that `onFailure` gives back after it has shown it,
 * if any; after the close it is not, since nobody listens any more.
 */
export function receiveMessages(
  node: Node,
  closing: AbortSignal,
  handle: (msg: Message, send: Send) => Promise<void>,
  onFailure: (failure: TalkError, msg: Message, send: Send) => TalkError | undefined,
): void {
  node.on('input', (msg, send, done) => {
    const message = msg as Message;
    handle(message, send).then(
      () => done(),
      (error: unknown) => {
        if (closing.aborted) {
          done();
          return;
        }
        const failure = toTalkError(
          error,
          'TALK_ERR_ARGUMENT',
          `The message could not be read: ${excerpt(String(error))}`,
        );
        done(onFailure(failure, message, send));
      },
    );
  });
}
