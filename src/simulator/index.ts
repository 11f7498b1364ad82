// What function nodes, tests and the command line may use of the simulator; exports named one by one.
export { SimulatedCamera } from './camera.js';
export type { SimulatedCameraEvents, SimulatedCameraOptions, SimulatorWeb } from './options.js';
export { BEHAVIORS, parseBehavior } from './behaviors/table.js';
export type { BehaviorEntry } from './behaviors/entries.js';
export { HTTP_TALK_BEHAVIORS } from './behaviors/http-talk-table.js';
export { behaviorsOf } from './behaviors/families.js';
export { FAMILIES } from './httptalk/family.js';
export type { HttpTalkTraits, SimulatorFamily } from './httptalk/family.js';
export type {
  Behavior,
  BehaviorConnection,
  RequestVerdict,
  SimulatorDialect,
  Step,
  TalkReply,
} from './behaviors/behavior.js';
export type { RequestRecord } from './connection-camera.js';
export type { Challenge } from './digest.js';
export type { DiscoveryOptions } from './discovery.js';
export { Recording } from './talk/recording.js';
export type { RecordedPacket } from './talk/packet-rules.js';
export type { Gap, RecordingSummary, TalkEnd } from './talk/recording.js';
export type { LoudspeakerOptions } from './stream/loudspeaker.js';
export type { MicrophoneOptions } from './stream/microphone.js';
export type { Phone, PhoneOptions } from './stream/phone.js';
export type { InRoom, RoomOptions } from './stream/room.js';
export type { StreamEnd, StreamRecord, StreamStart } from './stream/record.js';
export type { MicrophoneCodec, StreamTraits } from './stream/traits.js';
export { WEB_BEHAVIORS, type WebBehavior } from './behaviors/web.js';
export { simulatorWeb } from './web/web.js';
export type { SimulatorWebOptions } from './web/web.js';
