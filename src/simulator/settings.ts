// The options of a simulated camera with every default filled in and its behaviors looked up: what never changes for its connections.
import { randomBytes } from 'node:crypto';
import { monotonicClock } from '../clock.js';
import type { Behavior } from './behaviors/behavior.js';
import { parseBehavior } from './behaviors/table.js';
import type { ConnectionCamera } from './connection-camera.js';
import { MAX_AHEAD_MS, MAX_GAP_MS, UNANSWERED_CLOSE_MS } from './limits.js';
import type { SimulatedCameraOptions } from './options.js';
import { Microphone } from './stream/microphone.js';
import { USUAL_STREAM } from './stream/traits.js';
import { TalkSlot } from './talk/slot.js';

/** The part of a camera that no connection changes. */
export type CameraSettings = Pick<
  ConnectionCamera,
  | 'clock'
  | 'dialect'
  | 'behaviors'
  | 'username'
  | 'password'
  | 'listenUsername'
  | 'listenPassword'
  | 'realm'
  | 'packetRules'
  | 'unansweredCloseMs'
  | 'refuses'
  | 'slot'
  | 'microphone'
  | 'streamTraits'
  | 'nonce'
  | 'sessionId'
  | 'streamSessionId'
>;

/** Throws TALK_ERR_ARGUMENT for a behavior nobody knows. */
export function cameraSettings(options: SimulatedCameraOptions): CameraSettings {
  const behaviors = (options.behaviors ?? []).map((one) => (typeof one === 'string' ? parseBehavior(one) : one));
  const dialect = behaviors.find((one) => one.dialect !== undefined)?.dialect ?? options.dialect ?? 'ipc';
  const clock = options.clock ?? monotonicClock;
  const microphone = newMicrophone(options, behaviors);
  const { username = 'admin', password = 'camera-talk' } = options;
  return {
    clock,
    dialect,
    behaviors,
    username,
    password,
    listenUsername: options.listenUsername ?? username,
    listenPassword: options.listenPassword ?? password,
    realm: options.realm ?? 'TP-LINK IP-Camera',
    packetRules: {
      channel: dialect === 'ipc' ? 1 : 0,
      payloadTypes: options.payloadTypes ?? (dialect === 'ipc' ? [8, 102] : [8]),
      maxAheadMs: options.maxAheadMs ?? MAX_AHEAD_MS,
      maxGapMs: options.maxGapMs ?? MAX_GAP_MS,
    },
    unansweredCloseMs:
      behaviors.find((one) => one.unansweredCloseMs !== undefined)?.unansweredCloseMs ?? UNANSWERED_CLOSE_MS,
    refuses: options.strict === 'refuse',
    slot: new TalkSlot(clock, options.slotReleaseMs ?? 0),
    microphone,
    streamTraits: { ...USUAL_STREAM, audio: microphone.codec },
    nonce: options.nonce ?? (() => randomBytes(16).toString('hex')),
    sessionId: options.sessionId ?? (() => randomBytes(8).readBigUInt64BE().toString()),
    // As Mercury and VIGI cameras give them: 5579378E.
    streamSessionId: options.streamSessionId ?? (() => randomBytes(4).toString('hex').toUpperCase()),
  };
}

/** Later behaviors over earlier ones over the options. */
function newMicrophone(options: SimulatedCameraOptions, behaviors: readonly Behavior[]): Microphone {
  return new Microphone(
    behaviors.reduce((before, { microphone }) => ({ ...before, ...microphone }), options.microphone ?? {}),
    behaviors.reduce((before, { loudspeaker }) => ({ ...before, ...loudspeaker }), options.loudspeaker ?? {}),
    behaviors.reduce((before, { room }) => ({ ...before, ...room }), options.room ?? {}),
    options.earshotOf?.room,
  );
}
