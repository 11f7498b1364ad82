// The contract of the library. What a caller constructs or calls is a value, what a caller only receives is a type; the rest stays inside.
export { TalkError, isRetryable, isTalkError, toTalkError, type TalkErrorCode } from './errors.js';
export { monotonicClock, wallTime, withDeadline, type Clock } from './clock.js';
export { redact } from './logger.js';
export {
  given,
  invalid,
  numberOf,
  rangeText,
  readChoice,
  readFlagOrText,
  readNumberOrText,
  readText,
  shown,
  type Range,
} from './options.js';
export {
  CAMERA_TEST_TIMEOUT_MS,
  EAR_FILE_TIMEOUT_MS,
  FIND_SECONDS,
  LIVE_GAP_MS,
  MAX_CAMERA_TEST_BYTES,
  MAX_SOUND_BYTES,
  MAX_SOUND_FOLDER_BYTES,
  MAX_SOUND_NAME_BYTES,
  MAX_SOUND_UPLOADS,
  MAX_SOUNDS,
  MAX_SOURCE_BYTES,
  SAY_NOW_TIMEOUT_MS,
  TUNE_TIMEOUT_MS,
} from './limits.js';
export {
  CAMERA_DEFAULTS,
  CAMERA_RANGES,
  cameraKey,
  cameraOptions,
  type CameraOptions,
  type Codec,
  type Dialect,
  type Login,
  type QuietMode,
  type TalkMode,
} from './camera-options.js';
export { headerlessFormat, parseFormat, type AudioFormat, type Encoding } from './sound/format.js';
export { asBuffer } from './audio/bytes.js';
export { excerpt } from './excerpt.js';
export { pastedAddress, type PastedAddress } from './pasted-address.js';
export { beginsFile, wholeWav } from './sound/pieces.js';
export { builtInSound, soundType, unlikeSound } from './audio/sound-files.js';
export { audioSources, discardSources, type AudioSource } from './audio/source.js';
export {
  VOICE_DEFAULTS,
  VOICE_ENGINES,
  VOICE_RANGES,
  voiceOptions,
  type VoiceEngine,
  type VoiceOptions,
} from './voice/options.js';
export { rehearse, type Rehearsal } from './audio/rehearsal.js';
export { Capture, type CaptureFiles, type CaptureOptions } from './capture/capture.js';
export { captureText, prepareFolder, writeCapture } from './capture/folder.js';
export type { OnWire, WireEvent } from './wire.js';
export { CHIMES, type ChimeName } from './sound/tone.js';
export type { Allowed } from './audio/allowed.js';
export { createEngine, type EngineOptions } from './engine/create.js';
export { loadedVersion } from './engine/thread/installed.js';
export type { Engine, Listener, ListeningOptions } from './engine/engine.js';
export {
  /** @deprecated Use `createEngine({ thread: false })`. */
  Pool,
  type PoolOptions,
} from './engine/pool.js';
export { SPEAK_DEFAULTS, SPEAK_RANGES, type SpeakOptions } from './talk/options.js';
export { quietGainDb } from './talk/quiet-hours.js';
export { readRepeat, type Repeat, type RepeatOptions } from './talk/repeat.js';
export {
  WHEN_BUSY,
  type CutReason,
  type SessionState,
  type TalkOutcome,
  type TalkReport,
  type TalkState,
  type WhenBusy,
} from './talk/states.js';
export { toWav } from './listen/chunks.js';
export type { Microphone } from './listen/microphone.js';
export { LISTEN_RANGES } from './listen/options.js';
export { recordPlan, type RecordPlan } from './listen/recorder.js';
export type { ListenState, Recording, SoundChunk } from './listen/states.js';
export {
  CONTROL_ACTIONS,
  type CameraInfo,
  type CameraTime,
  type ControlAction,
  type ControlResult,
} from './webapi/actions.js';
export type { AudioLevel } from './webapi/audio-level.js';
export type { CheckOptions, CheckStep } from './check/run.js';
export type { SoundVerdict } from './check/verdict.js';
export { findCameras, type FindOptions } from './find/find.js';
export type { FindPorts, FoundCamera, FoundTalk } from './find/found.js';
export { TUNED } from './tune/result.js';
export type { TunedSetting, TuneEar, TuneProgress, TuneResult, TuneTrial, VolumeAdvice } from './tune/result.js';
export type { TuneRemark } from './tune/sentences.js';
export type { TuneOptions } from './tune/run.js';
export { probe, type ProbeOptions } from './probe/probe.js';
export type { ProbeStep } from './probe/report.js';
export type { TuneReport } from './probe/tune.js';
export { probeVerdict, type ProbeVerdict } from './probe/verdict.js';
