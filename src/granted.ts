// What a camera granted for a talk, whichever way it was asked: how sound goes to it, and how it let us in.

/** How the samples of a clip are coded. */
export interface SampleFormat {
  readonly encoding: 'alaw' | 'mulaw';
  /** Hz. */
  readonly sampleRate: number;
  /** The byte that decodes to zero. */
  readonly silence: number;
}

export interface PacketProfile extends SampleFormat {
  /** Bytes of one payload; one byte is one sample in both codecs. */
  readonly packetBytes: number;
  /** What one payload plays for, ms. */
  readonly frameMs: number;
}

export interface Granted {
  /** How the camera spoke. */
  readonly dialect: string;
  readonly profile: PacketProfile;
  /** The digest's hash; `none` when the camera wanted no password. */
  readonly login: 'md5' | 'sha256' | 'none';
  /** What a camera said that is spoken to although it is busy, such as `error -52411, another talk is in progress`. */
  readonly busy?: string;
}
