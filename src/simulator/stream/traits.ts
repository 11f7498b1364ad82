// What the streams of a simulated camera are like: the traits that behaviors change, and their usual values. No decisions.
import { STREAM_TIMEOUT_SECONDS } from '../limits.js';

/** PCMA/8000 as on most cameras, PCMU/8000, or AAC-LC 16 kHz as on a TL-IPC48AW-PLUS. */
export type MicrophoneCodec = 'pcma' | 'pcmu' | 'aac';

/** `/stream1` and `/stream2` as one connection finds them. */
export interface StreamTraits {
  readonly video: 'h264' | 'h265';
  /** `none`: the description has no audio track. */
  readonly audio: MicrophoneCodec | 'none';
  /** The vendor's own track as in 2020: `smart/0/25000` and lower case. */
  readonly oldApplicationTrack: boolean;
  /**
   * `based`: `a=control:track2` under a `Content-Base`, as on hardware. `relative`: the same without `Content-Base`.
   * `absolute`: whole URIs.
   */
  readonly control: 'based' | 'relative' | 'absolute';
  /** How many `&channel=` there are; 0: none, the path has no channel. */
  readonly lenses: 0 | 2;
  /** Every path is a stream, as of a restream. */
  readonly anyPath: boolean;
  /** False: 404 for every path. */
  readonly exists: boolean;
  readonly withoutLogin: boolean;
  readonly timeoutSeconds: number;
  /** The answer to PLAY is the first that names the session, and PLAY need not name it. */
  readonly sessionAtPlay: boolean;
  /** The interleaved channels are those asked for plus this. */
  readonly channelShift: number;
  readonly senderReports: boolean;
  /** Sequence number and timestamp begin just below their ends. */
  readonly wraps: boolean;
}

export const USUAL_STREAM: StreamTraits = {
  video: 'h264',
  audio: 'pcma',
  oldApplicationTrack: false,
  control: 'based',
  lenses: 0,
  anyPath: false,
  exists: true,
  withoutLogin: false,
  timeoutSeconds: STREAM_TIMEOUT_SECONDS,
  sessionAtPlay: false,
  channelShift: 0,
  senderReports: false,
  wraps: false,
};

/** The tracks of every stream by their number in `track1`. */
export const TRACK = { video: 1, audio: 2, application: 3 } as const;
