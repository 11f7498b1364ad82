// The options of a simulated camera with every default filled in and its behaviors looked up: what never changes for its connections.
import { randomBytes, randomInt } from 'node:crypto';
import { monotonicClock } from '../clock.js';
import { TalkError } from '../errors.js';
import { readChoice } from '../options.js';
import type { Behavior } from './behaviors/behavior.js';
import { isOfStreams, parseFamilyBehavior } from './behaviors/families.js';
import { noMultitrans } from './behaviors/login.js';
import type { ConnectionCamera } from './connection-camera.js';
import { FAMILIES, TALK_USER, usualTalk } from './httptalk/family.js';
import type { SimulatorFamily } from './httptalk/family.js';
import { Nonces } from './httptalk/nonces.js';
import { MAX_AHEAD_MS, MAX_GAP_MS, UNANSWERED_CLOSE_MS } from './limits.js';
import type { SimulatedCameraOptions } from './options.js';
import { Microphone } from './stream/microphone.js';
import { USUAL_STREAM } from './stream/traits.js';
import { TalkSlot } from './talk/slot.js';

/** The part of a camera that no connection changes. */
export type CameraSettings = Pick<
  ConnectionCamera,
  | 'clock'
  | 'family'
  | 'httpTalk'
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

/** Throws TALK_ERR_ARGUMENT for a behavior nobody knows, or one of another family. */
export function cameraSettings(options: SimulatedCameraOptions): CameraSettings {
  const family = readChoice('family', options.family ?? 'multitrans', FAMILIES);
  const { all, rtsp, httpTalk } = familyBehaviors(options.behaviors ?? [], family);
  const usualDialect = family === 'vigi-stream' ? 'vigi' : 'ipc';
  const dialect = rtsp.find((one) => one.dialect !== undefined)?.dialect ?? options.dialect ?? usualDialect;
  const clock = options.clock ?? monotonicClock;
  const microphone = newMicrophone(options, all);
  const { username = TALK_USER, password = 'camera-talk' } = options;
  if (family !== 'multitrans' && username !== TALK_USER) {
    throw new TalkError('TALK_ERR_ARGUMENT', `Cameras of family ${family} know no user but ${TALK_USER}; listenUsername is for their streams`); // prettier-ignore
  }
  const nonce = options.nonce ?? (() => randomBytes(16).toString('hex'));
  const usual = usualTalk(family);
  return {
    clock,
    family,
    httpTalk: {
      behaviors: httpTalk,
      traits: { ...usual, realm: options.realm ?? usual.realm },
      nonces: new Nonces(clock, nonce),
      sessionId: options.sessionId ?? (() => String(randomInt(10, 100_000))),
    },
    dialect,
    behaviors: rtsp,
    username,
    password,
    listenUsername: options.listenUsername ?? username,
    listenPassword: options.listenPassword ?? password,
    realm: options.realm ?? (family === 'multitrans' ? 'TP-LINK IP-Camera' : usual.realm),
    packetRules: {
      channel: dialect === 'ipc' ? 1 : 0,
      payloadTypes: options.payloadTypes ?? (dialect === 'ipc' ? [8, 102] : [8]),
      maxAheadMs: options.maxAheadMs ?? MAX_AHEAD_MS,
      maxGapMs: options.maxGapMs ?? MAX_GAP_MS,
    },
    unansweredCloseMs: all.find((one) => one.unansweredCloseMs !== undefined)?.unansweredCloseMs ?? UNANSWERED_CLOSE_MS,
    refuses: options.strict === 'refuse',
    slot: new TalkSlot(clock, options.slotReleaseMs ?? 0),
    microphone,
    streamTraits: { ...USUAL_STREAM, audio: microphone.codec },
    nonce,
    sessionId: options.sessionId ?? (() => randomBytes(8).readBigUInt64BE().toString()),
    // As Mercury and VIGI cameras give them: 5579378E.
    streamSessionId: options.streamSessionId ?? (() => randomBytes(4).toString('hex').toUpperCase()),
  };
}

/** Behaviors by where they hold. Those given as objects hold on both ports. */
function familyBehaviors(
  given: readonly (Behavior | string)[],
  family: SimulatorFamily,
): Record<'all' | 'rtsp' | 'httpTalk', readonly Behavior[]> {
  const all = given.map((one) => (typeof one === 'string' ? parseFamilyBehavior(one, family) : one));
  if (family === 'multitrans') return { all, rtsp: all, httpTalk: [] };
  const named = (index: number): string | undefined => {
    const one = given[index];
    return typeof one === 'string' ? one : undefined;
  };
  return {
    all,
    rtsp: [noMultitrans(), ...all.filter((_, index) => isOfStreams(named(index) ?? 'stream-'))],
    httpTalk: all.filter((_, index) => !isOfStreams(named(index) ?? '')),
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
