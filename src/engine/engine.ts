// What users of cameras ask for, whether it is done in this thread or in one of its own: plain data, callbacks, signals and promises.
import type { CameraOptions } from '../camera-options.js';
import type { SoundChecker } from '../check/run.js';
import type { Microphone, MicrophoneDeps, MicrophoneOptions } from '../listen/microphone.js';
import type { ProbeOptions } from '../probe/probe.js';
import type { ProbeStep } from '../probe/report.js';
import type { SpeakOptions } from '../talk/options.js';
import type { Speaker } from '../talk/speaker.js';
import type { SessionState } from '../talk/states.js';
import type { TuneReport, TuneReportOptions } from '../probe/tune.js';
import type { Tuner } from '../tune/run.js';
import type { ControlResult } from '../webapi/actions.js';

/** How to listen, and who hears. */
export type ListeningOptions = Omit<MicrophoneOptions, 'camera'> & Pick<MicrophoneDeps, 'onState' | 'onChunk'>;

/** What whoever tries a camera may want of it. `onWire` hears what goes over its connections, secrets included. */
export type ProbeWishes = Pick<ProbeOptions, 'signal' | 'onStep' | 'onWire'>;

/** The same of tuning. */
export type TuneWishes = Pick<TuneReportOptions, 'signal' | 'onProgress' | 'onStep'> & Pick<ProbeWishes, 'onWire'>;

/** A user's own microphone: call `stop` at the end. */
export type Listener = Pick<Microphone, 'start' | 'record' | 'stop' | 'destroy'>;

/** All cameras of a process. */
export interface Engine extends Speaker, SoundChecker, Tuner {
  /**
   * Announces a user of this camera; `onSession` is called when its session changes. Call the result to leave: when the last user leaves, what the camera is doing ends.
   * Throws TALK_ERR_ARGUMENT when the camera is in use with another user name or password.
   */
  register(camera: CameraOptions, user: string, onSession?: (state: SessionState) => void): () => Promise<void>;

  /** What one camera's session is doing. */
  sessionState(camera: CameraOptions): SessionState;

  /** Cuts what the camera is saying and clears the clips of this owner that wait. */
  stop(camera: CameraOptions, owner: string): Promise<void>;

  /** Cuts what the camera is saying. */
  skip(camera: CameraOptions): Promise<void>;

  /** Opens the session ahead of time. Rejects with the session's error or the signal's reason. */
  connect(camera: CameraOptions, signal?: AbortSignal): Promise<void>;

  /** Closes the session after what was accepted has been said. */
  disconnect(camera: CameraOptions): Promise<void>;

  /**
   * The user's own microphone on the camera's stream, which is opened once for all who listen to it.
   * Wrong options, or a camera in use with another user name or password, give TALK_ERR_ARGUMENT: here, or from the microphone.
   */
  microphone(camera: CameraOptions, options: ListeningOptions): Listener;

  /**
   * Asks the camera's web interface for one of CONTROL_ACTIONS; arguments and results are those of the tplink-control node.
   * Rejects with TALK_ERR_ARGUMENT, _LOGIN, _LOCKED, _API, _CONNECT, _TIMEOUT, _CLOSED, _PROTOCOL, _UNSUPPORTED or the signal's reason.
   */
  control(camera: CameraOptions, action: string, argument?: unknown, signal?: AbortSignal): Promise<ControlResult>;

  /** `probe` with the engine's memory of refused passwords. A talk of the engine's own is not disturbed. */
  probe(camera: CameraOptions, options?: ProbeWishes): Promise<ProbeStep[]>;

  /** Plays a chime with options that need not be deployed. Never rejects for what the camera does. */
  chime(camera: CameraOptions, options?: Pick<SpeakOptions, 'signal'>): Promise<ProbeStep>;

  /** `checkSound` in steps, with options that need not be deployed. Never rejects for what the camera does. */
  soundReport(camera: CameraOptions, options?: ProbeWishes): Promise<ProbeStep[]>;

  /** `tune` in steps, with options that need not be deployed: the settings that were found, and what was tried. Never rejects for what the camera does. */
  tuneReport(camera: CameraOptions, options?: TuneWishes): Promise<TuneReport>;

  /** Gets ready what the first clip would wait for. Never rejects. */
  warmUp(): Promise<void>;

  /** Lets everything accepted end, refuses the rest. */
  close(): Promise<void>;

  /** Ends everything now. */
  destroy(): Promise<void>;
}
