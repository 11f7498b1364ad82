// The session description of a stream as "TP-LINK RTSP Server" writes it, mistakes included. Pure.
import { PICTURE_FORMAT } from './picture.js';
import { TRACK } from './traits.js';
import type { StreamTraits } from './traits.js';

export interface DescriptionOptions {
  /** `TP-LINK` or `MERCURY`: part of the server's name and of its own track's. */
  readonly vendor: string;
  /** The camera's own address. */
  readonly address: string;
  /** Beginning of absolute controls, without a slash at its end. */
  readonly base: string;
}

/** Parameter sets of the still picture that is sent as H264, and those that such cameras announce of H265, of which nothing is sent. */
const VIDEO = {
  h264: PICTURE_FORMAT.fmtp,
  h265:
    'profile-space=0;profile-id=1;tier-flag=0;level-id=150;interop-constraints=000000000000;' +
    'sprop-vps=QAEMAf//AWAAAAMAAAMAAAMAAAMAlqwJ;' +
    'sprop-sps=QgEBAWAAAAMAAAMAAAMAAAMAlqABICAFEWNrkkya5ZwCAAADAAIAAAMAHhA=;sprop-pps=RAHgdrAmQA==',
} as const;

/** Payload type, name and parameters of the microphone's track. 1408: AAC-LC, 16 kHz, mono (ISO 14496-3, section 1.6.2.1). */
export const AUDIO_FORMATS = {
  pcma: { payloadType: 8, rtpmap: 'PCMA/8000' },
  pcmu: { payloadType: 0, rtpmap: 'PCMU/8000' },
  aac: {
    payloadType: 97,
    rtpmap: 'mpeg4-generic/16000/1',
    fmtp: 'streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408',
  },
} as const;

/** The text of the description, every line ended by CR LF. */
export function describeStream(traits: StreamTraits, options: DescriptionOptions): string {
  const lines = [
    'v=0',
    // SDP has one number less here; real cameras write it so.
    `o=- 14665860 31787219 1 IN ${options.address.includes(':') ? 'IP6' : 'IP4'} ${options.address}`,
    `s=Session streamed by "${options.vendor} RTSP Server"`,
    't=0 0',
    ...(traits.control === 'based' ? [] : [`a=control:${traits.control === 'relative' ? '*' : `${options.base}/`}`]),
    // Written by firmware since about 2021.
    ...(traits.oldApplicationTrack ? [] : ['a=smart_encoder:virtualIFrame=1']),
    ...videoLines(traits, options),
    ...audioLines(traits, options),
    ...applicationLines(traits, options),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function videoLines(traits: StreamTraits, options: DescriptionOptions): string[] {
  return [
    'm=video 0 RTP/AVP 96',
    'c=IN IP4 0.0.0.0',
    'b=AS:4096',
    'a=range:npt=0-',
    control(traits, options, TRACK.video),
    `a=rtpmap:96 ${traits.video.toUpperCase()}/90000`,
    `a=fmtp:96 ${VIDEO[traits.video]}`,
  ];
}

function audioLines(traits: StreamTraits, options: DescriptionOptions): string[] {
  if (traits.audio === 'none') return [];
  const format = AUDIO_FORMATS[traits.audio];
  return [
    `m=audio 0 RTP/AVP ${format.payloadType}`,
    `a=rtpmap:${format.payloadType} ${format.rtpmap}`,
    ...('fmtp' in format ? [`a=fmtp:${format.payloadType} ${format.fmtp}`] : []),
    control(traits, options, TRACK.audio),
  ];
}

/** The format is not a number, which strict SDP parsers do not accept. */
function applicationLines(traits: StreamTraits, options: DescriptionOptions): string[] {
  const { oldApplicationTrack: old } = traits;
  const name = old ? options.vendor.toLowerCase() : options.vendor;
  const rate = old ? 25_000 : 90_000;
  return [
    `m=application/${name} 0 RTP/AVP smart/${old ? 0 : 1}/${rate}`,
    `a=rtpmap:95 ${name}/${rate}`,
    control(traits, options, TRACK.application),
  ];
}

function control(traits: StreamTraits, { base }: DescriptionOptions, track: number): string {
  return `a=control:${traits.control === 'absolute' ? `${base}/` : ''}track${track}`;
}
