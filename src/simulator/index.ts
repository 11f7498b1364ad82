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
export { WEB_BEHAVIORS, type WebBehavior } from './web-behaviors.js';
export { simulatorWeb } from './web.js';
export type { SimulatorWebOptions } from './web.js';
