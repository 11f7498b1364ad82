// Behaviors of the streams: what is described, what happens to the microphone's packets, what loudspeaker and room do to sound.
import type { Behavior } from './behavior.js';
import type { StreamTraits } from '../stream/traits.js';
import { NONSENSE } from '../talk/downlink.js';
import { respond } from '../talk/replies.js';

// --- what a stream is like ----------------------------------------------------------------------------------------

const withTraits = (name: string, traits: Partial<StreamTraits>): Behavior => ({
  name,
  transformStream: (usual) => ({ ...usual, ...traits }),
});

export const noAudio = (): Behavior => withTraits('stream-no-audio', { audio: 'none' });
export const h265 = (): Behavior => withTraits('stream-h265', { video: 'h265' });
export const aac = (): Behavior => withTraits('stream-aac', { audio: 'aac' });
export const pcmu = (): Behavior => withTraits('stream-pcmu', { audio: 'pcmu' });
export const dualLens = (): Behavior => withTraits('stream-dual-lens', { lenses: 2 });
export const noStream = (): Behavior => withTraits('stream-404', { exists: false });
export const noChallenge = (): Behavior => withTraits('stream-no-challenge', { withoutLogin: true });
export const oldSdp = (): Behavior => withTraits('stream-old-sdp', { oldApplicationTrack: true });
export const relativeControl = (): Behavior => withTraits('stream-relative-control', { control: 'relative' });
export const absoluteControl = (): Behavior => withTraits('stream-absolute-control', { control: 'absolute' });
export const senderReports = (): Behavior => withTraits('stream-rtcp', { senderReports: true });
/** Pairs that no client asks for, and still below 8 for a client with two tracks. */
export const oddChannels = (): Behavior => withTraits('stream-odd-channels', { channelShift: 4 });
export const shortTimeout = (timeoutSeconds = 4): Behavior => withTraits('stream-short-timeout', { timeoutSeconds });
export const wraps = (): Behavior => withTraits('stream-wraps', { wraps: true });

/** What watches a camera and hands its stream on: any path, no talk. `basic` as go2rtc and mediamtx with a password (PROTOCOL.md L10). */
export const restream = (login: 'basic' | 'digest' | 'open' = 'basic'): Behavior => ({
  name: 'restream',
  onRequest: (request) => (request.method === 'MULTITRANS' ? respond(request, 501) : undefined),
  transformChallenges: (challenges) => {
    if (login === 'basic') return challenges.slice(0, 1).map(({ realm }) => ({ scheme: 'Basic', realm }));
    return challenges.filter(({ scheme }) => scheme === 'Digest');
  },
  transformStream: (usual) => ({ ...usual, anyPath: true, withoutLogin: login === 'open' }),
});

export const sessionAtPlay = (): Behavior => withTraits('stream-session-at-play', { sessionAtPlay: true });

/** GET_PARAMETER costs the client something; OPTIONS keeps the session alive. */
export const keepAlive = (form: '454' | 'silence' | 'hang-up' = '454'): Behavior => ({
  name: 'stream-keep-alive',
  onRequest: (request) => {
    if (request.method !== 'GET_PARAMETER') return undefined;
    if (form === '454') return respond(request, 454);
    return form === 'silence' ? 'silent' : 'close';
  },
});

// --- packets of the microphone ------------------------------------------------------------------------------------

export const stops = (packets = 50): Behavior => ({
  name: 'stream-stops',
  transformStreamPacket: (frame, count) => (count > packets ? [] : [frame]),
});

export const closes = (packets = 50): Behavior => ({
  name: 'stream-closes',
  onStreamPacket: (count, connection) => (count === packets ? connection.end() : undefined),
});

/** RST comes in place of packet n + 1: a Node.js client takes a RST right after a packet for a FIN. */
export const resets = (packets = 50): Behavior => ({
  name: 'stream-resets',
  transformStreamPacket: (frame, count, connection) => {
    if (count <= packets) return [frame];
    connection.reset();
    return [];
  },
});

/** The same packets are lost in every stream, spread as if at random. */
export const loss = (percent = 5): Behavior => ({
  name: 'stream-loss',
  transformStreamPacket: (frame, count) => (isLost(count, percent) ? [] : [frame]),
});

/** In front of every tenth packet: the head of a frame of 65535 bytes that never comes, and nonsense. */
export const strayBytes = (): Behavior => ({
  name: 'stream-stray-bytes',
  transformStreamPacket: (frame, count) =>
    count % 10 === 0 ? [Buffer.concat([Buffer.from('2405ffff', 'hex'), NONSENSE, frame])] : [frame],
});

/** Every tenth packet comes after the one that follows it. */
export const reorder = (): Behavior => {
  const held = new Map<number, Buffer>();
  return {
    name: 'stream-reorder',
    transformStreamPacket: (frame, count, { number }) => {
      const before = held.get(number);
      held.delete(number);
      if (count % 10 !== 0) return before === undefined ? [frame] : [frame, before];
      held.set(number, frame);
      return [];
    },
    onClose: ({ number }) => void held.delete(number),
  };
};

/** Knuth's multiplicative hash: 2³² divided by the golden ratio spreads neighbours evenly over the hundred. */
function isLost(count: number, percent: number): boolean {
  return (Math.imul(count, 0x9e3779b1) >>> 0) / 2 ** 32 < percent / 100;
}

// --- loudspeaker and microphone -----------------------------------------------------------------------------------

export const doubleSpeed = (): Behavior => ({ name: 'speaker-double-speed', loudspeaker: { speed: 2 } });
export const halfSpeed = (): Behavior => ({ name: 'speaker-half-speed', loudspeaker: { speed: 0.5 } });
export const clips = (db = 20): Behavior => ({ name: 'speaker-clips', loudspeaker: { overdriveDb: db } });
export const swallows = (ms = 450): Behavior => ({ name: 'speaker-swallows', loudspeaker: { swallowedMs: ms } });
export const sleeps = (ms = 900): Behavior => ({ name: 'speaker-sleeps', loudspeaker: { asleepMs: ms } });
export const cutsTail = (ms = 300): Behavior => ({ name: 'speaker-cuts-tail', loudspeaker: { droppedMs: ms } });
export const gapsBelow = (bytes = 1_024): Behavior => ({
  name: 'speaker-gaps-below',
  loudspeaker: { gapsBelowBytes: bytes },
});
export const gapsAbove = (bytes = 1_024): Behavior => ({
  name: 'speaker-gaps-above',
  loudspeaker: { gapsAboveBytes: bytes },
});
export const delays = (ms = 400): Behavior => ({ name: 'speaker-delays', loudspeaker: { bufferMs: ms } });
export const mutes = (): Behavior => ({ name: 'microphone-mutes', microphone: { muteInHalfDuplex: true } });
export const cancels = (): Behavior => ({ name: 'microphone-cancels', microphone: { cancelInAec: true } });
export const deaf = (): Behavior => ({
  name: 'microphone-deaf',
  microphone: { gainDb: Number.NEGATIVE_INFINITY },
});

export const goesDeaf = (ms = 3_500): Behavior => ({ name: 'microphone-goes-deaf', microphone: { deafAfterMs: ms } });

// --- the room ----------------------------------------------------------------------------------------------------

export const roomNoise = (db = 30): Behavior => ({ name: 'room-noise', room: { noiseDb: -db } });
export const roomEcho = (): Behavior => ({ name: 'room-echo', room: { echo: true } });
