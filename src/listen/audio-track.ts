// Which track of a camera's description is listened to, and how its sound is coded. Nothing is decoded here.
import { TalkError } from '../errors.js';
import { MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from '../limits.js';
import { parseAacConfig, plainAacConfig, type AacConfig } from './aac/config.js';
import type { MediaDescription, RtpMap, SessionDescription } from './sdp.js';
import { controlUri } from './uri.js';

/** Widths of the fields in front of AAC access units, bits (RFC 3640 section 3.3.6). */
export interface AacFraming {
  readonly sizeLength: number;
  readonly indexLength: number;
  readonly indexDeltaLength: number;
}

export type TrackCodec =
  | { readonly name: 'PCMA' | 'PCMU' }
  | { readonly name: 'AAC'; readonly config: AacConfig; readonly framing: AacFraming };

/** An audio track that we can play. */
export interface AudioTrack {
  readonly uri: string;
  readonly payloadType: number;
  /** Of the RTP timestamps and of the sound that comes out, Hz. */
  readonly clockRate: number;
  /** As they come from the camera; the sound that comes out is mono. */
  readonly channels: number;
  readonly codec: TrackCodec;
}

/** Payload types that need no `a=rtpmap` (RFC 3551 section 6), as far as cameras use them. */
const STATIC_TYPES: ReadonlyMap<number, RtpMap> = new Map([
  [0, { encoding: 'PCMU', clockRate: 8_000, channels: 1 }],
  [3, { encoding: 'GSM', clockRate: 8_000, channels: 1 }],
  [8, { encoding: 'PCMA', clockRate: 8_000, channels: 1 }],
  [9, { encoding: 'G722', clockRate: 8_000, channels: 1 }],
  [14, { encoding: 'MPA', clockRate: 90_000, channels: 1 }],
]);
/** The widths of AAC-hbr; no other mode has been seen. */
const HBR: AacFraming = { sizeLength: 13, indexLength: 3, indexDeltaLength: 3 };
/** The longest field we read at once. */
const MAX_FIELD_BITS = 24;

/**
 * The first audio track we can play. One that is meant for sound to the camera is not looked at.
 * Throws TALK_ERR_UNSUPPORTED when there is none, naming the codecs that were offered.
 * @param base what relative control values belong to
 */
export function pickAudioTrack(description: SessionDescription, base: string, camera: string): AudioTrack {
  const offered = description.media.filter(({ kind, direction }) => kind === 'audio' && direction !== 'sendonly');
  if (offered.length === 0) {
    throw new TalkError(
      'TALK_ERR_UNSUPPORTED',
      `The camera at ${camera} sends no sound on this stream; switch on its microphone or "record sound" in its own settings`,
      { camera },
    );
  }
  const problems: string[] = [];
  for (const media of offered) {
    for (const payloadType of payloadTypes(media)) {
      const track = readTrack(media, payloadType, controlUri(media.control, base));
      if (typeof track !== 'string') return track;
      problems.push(track);
    }
  }
  throw new TalkError(
    'TALK_ERR_UNSUPPORTED',
    `The sound of the camera at ${camera} cannot be decoded (${problems.join(', ') || 'no codec named'}); choose G.711 or AAC in its settings`,
    { camera },
  );
}

function payloadTypes({ formats, rtpMaps }: MediaDescription): number[] {
  const listed = formats.filter((format) => /^\d{1,3}$/.test(format)).map(Number);
  return listed.length > 0 ? listed : [...rtpMaps.keys()];
}

/** The track, or in a few words why it cannot be played. */
function readTrack(media: MediaDescription, payloadType: number, uri: string): AudioTrack | string {
  const rtpMap = media.rtpMaps.get(payloadType) ?? STATIC_TYPES.get(payloadType);
  if (rtpMap === undefined) return `payload type ${payloadType}`;
  const shown = `${rtpMap.encoding.replace(/[^\w.-]/g, '?').slice(0, 32)}/${rtpMap.clockRate}`;
  if (/SAVP/i.test(media.protocol)) return `${shown}, encrypted`;
  const codec = readCodec(media, payloadType, rtpMap);
  if (codec === undefined) return shown;
  if (typeof codec === 'string') return `${shown}: ${codec}`;
  const channels = codec.name === 'AAC' ? codec.config.channels : rtpMap.channels;
  const { clockRate } = rtpMap;
  const sane =
    clockRate >= MIN_SAMPLE_RATE && clockRate <= MAX_SAMPLE_RATE && channels >= 1 && channels <= MAX_CHANNELS;
  return sane ? { uri, payloadType, clockRate, channels, codec } : shown;
}

function readCodec(media: MediaDescription, payloadType: number, rtpMap: RtpMap): TrackCodec | string | undefined {
  const encoding = rtpMap.encoding.toUpperCase();
  if (encoding === 'PCMA' || encoding === 'PCMU') return { name: encoding };
  if (encoding !== 'MPEG4-GENERIC') return undefined;
  const parameters = media.parameters.get(payloadType) ?? new Map<string, string>();
  const mode = parameters.get('mode');
  if (mode !== undefined && !/^aac-(?:hbr|lbr)$/i.test(mode))
    return `mode ${mode.replace(/[^\w.-]/g, '?').slice(0, 32)}`;
  const field = (name: string, fallback: number): number => {
    const text = parameters.get(name);
    return text !== undefined && /^\d{1,2}$/.test(text) ? Math.min(Number(text), MAX_FIELD_BITS) : fallback;
  };
  const framing = {
    sizeLength: field('sizelength', HBR.sizeLength),
    indexLength: field('indexlength', HBR.indexLength),
    indexDeltaLength: field('indexdeltalength', HBR.indexDeltaLength),
  };
  if (framing.sizeLength === 0) return 'access units of constant size';
  try {
    const hex = parameters.get('config');
    const config = hex === undefined ? plainAacConfig(rtpMap.clockRate, rtpMap.channels) : parseAacConfig(hex);
    return { name: 'AAC', config, framing };
  } catch (error) {
    return error instanceof TalkError ? error.message : 'unreadable';
  }
}
