// Behaviors of the talk: refused talk requests, what the camera sends meanwhile, and how a talk breaks off.
import type { Behavior } from './behavior.js';
import { TALK_ERROR, usualTalkReplyText } from '../talk/replies.js';
import { channelBack, frameBack, NONSENSE, notification } from '../talk/downlink.js';

// --- refused talk requests ----------------------------------------------------------------------------------------

const refusesTalk = (name: string, errorCode: number): Behavior => ({ name, onTalkRequest: () => errorCode });

export const jsonError = (): Behavior => refusesTalk('json-error', TALK_ERROR.json);
export const badInner = (): Behavior => refusesTalk('bad-inner', TALK_ERROR.inner);
export const tooMany = (): Behavior => refusesTalk('too-many', TALK_ERROR.tooManyRequests);
export const tooManyClients = (): Behavior => refusesTalk('too-many-clients', TALK_ERROR.tooManyClients);
export const busy = (): Behavior => refusesTalk('busy', TALK_ERROR.talkIsUsed);
export const audioInvalid = (): Behavior => refusesTalk('audio-invalid', TALK_ERROR.audioInvalid);

/** For error numbers that have no behavior of their own. */
export const talkError = (errorCode = -52410): Behavior => refusesTalk('talk-error', errorCode);

/** Busy for the first `times` talk requests. */
export const busyTimes = (times = 2): Behavior => {
  let left = times;
  return { name: 'busy-times', onTalkRequest: () => (left-- > 0 ? TALK_ERROR.talkIsUsed : undefined) };
};

/** Says busy, and plays what comes, as a TL-IPC48AW-PLUS does (PROTOCOL.md R6). */
export const busyButPlays = (): Behavior => ({
  name: 'busy-but-plays',
  talkReplyText: (reply) => usualTalkReplyText({ ...reply, errorCode: reply.errorCode || TALK_ERROR.talkIsUsed }),
});

/** The first talk request is refused as busy, and so is each further one until the refused connections are closed. */
export const busyUntilClosed = (): Behavior => {
  const refused = new Set<number>();
  let first = true;
  return {
    name: 'busy-until-closed',
    onTalkRequest: (_mode, connection) => {
      if (!first && refused.size === 0) return undefined;
      first = false;
      refused.add(connection.number);
      return TALK_ERROR.talkIsUsed;
    },
    onClose: (connection) => void refused.delete(connection.number),
  };
};

export const refusesMode = (refused = 'half_duplex'): Behavior => ({
  name: 'refuses-mode',
  onTalkRequest: (mode) => (mode === refused ? TALK_ERROR.inner : undefined),
});

// --- what the camera sends ----------------------------------------------------------------------------------------

/** One frame on the camera's own channel for each packet of the client. */
export const downlinkFrames = (): Behavior => ({
  name: 'downlink-frames',
  onPacket: (count, connection) => connection.write(frameBack(channelBack(connection.dialect), count)),
});

/** The same on the channel on which the client talks. */
export const downlinkLoop = (): Behavior => ({
  name: 'downlink-loop',
  onPacket: (count, connection) => connection.write(frameBack(1 - channelBack(connection.dialect), count)),
});

/** A notification at the second packet, again every hundred. */
export const downlinkJson = (form: 'request' | 'json' = 'request'): Behavior => ({
  name: 'downlink-json',
  onPacket: (count, connection) => {
    if (count % 100 === 2) connection.write(notification(form));
  },
});

/** Garbage between the camera's own frames, at every tenth packet. */
export const downlinkGarbage = (): Behavior => ({
  name: 'downlink-garbage',
  onPacket: (count, connection) => {
    if (count % 10 !== 1) return;
    const frame = frameBack(channelBack(connection.dialect), count);
    connection.write(Buffer.concat([NONSENSE, frame, NONSENSE, frame]));
  },
});

// --- breaking off -------------------------------------------------------------------------------------------------

export const stopReading = (packets = 10): Behavior => ({
  name: 'stop-reading',
  onPacket: (count, connection) => (count === packets ? connection.pause() : undefined),
});

export const hangUp = (packets = 10): Behavior => ({
  name: 'hang-up',
  onPacket: (count, connection) => (count === packets ? connection.end() : undefined),
});

/** As a camera whose process ends. A client that notices only RST would talk on after `hang-up`, but not here. */
export const hangUpReset = (packets = 10): Behavior => ({
  name: 'hang-up-reset',
  onPacket: (count, connection) => (count === packets ? connection.destroy() : undefined),
});

export const reset = (packets = 10): Behavior => ({
  name: 'reset',
  onPacket: (count, connection) => (count === packets ? connection.reset() : undefined),
});
