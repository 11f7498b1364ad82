// What function nodes, tests and the command line may use of the simulator; exports named one by one.
export { SimulatedCamera } from './camera.js';
export type { SimulatedCameraEvents, SimulatedCameraOptions, SimulatorWeb } from './options.js';
export { BEHAVIORS, parseBehavior } from './behaviors.js';
export type { BehaviorEntry } from './behaviors.js';
export type { Behavior, BehaviorConnection, RequestVerdict, SimulatorDialect, Step, TalkReply } from './behavior.js';
export type { RequestRecord } from './connection-camera.js';
export type { Challenge } from './digest.js';
export { Recording } from './recording.js';
export type { Gap, RecordedPacket, RecordingSummary, TalkEnd } from './recording.js';
export type { LoudspeakerOptions } from './stream-loudspeaker.js';
export type { MicrophoneOptions } from './stream-microphone.js';
export type { StreamEnd, StreamRecord, StreamStart } from './stream-record.js';
export type { MicrophoneCodec, StreamTraits } from './stream-traits.js';
export { WEB_BEHAVIORS, type WebBehavior } from './web-behaviors.js';
export { simulatorWeb } from './web.js';
export type { SimulatorWebOptions } from './web.js';
