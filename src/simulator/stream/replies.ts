// Headers of the stream dialogue's answers, spelled as TP-Link's server (a descendant of LIVE555) spells them. No decisions.
import type { HeaderList, RtspRequest, RtspResponse } from '../../rtsp/message.js';
import { respond } from '../talk/replies.js';
import { describeStream } from './sdp.js';
import type { StreamTraits } from './traits.js';
import type { ChannelPair } from './uri.js';

type Header = readonly [name: string, value: string];

/** The camera's end of a connection. */
export interface LocalEnd {
  readonly address: string;
  readonly port: number;
}

/** `Fri, Jan 10 2020 08:20:21 GMT`: the month before the day. */
export function dateHeader(date: Date): Header {
  return ['Date', date.toUTCString().replace(/^(\w+), (\d+) (\w+) /, '$1, $3 $2 ')];
}

export function sessionHeader(id: string, timeoutSeconds: number): Header {
  return ['Session', `${id};timeout=${timeoutSeconds}`];
}

export function transportHeader(local: LocalEnd, remoteAddress: string, [rtp, rtcp]: ChannelPair): Header {
  const ends = `destination=${remoteAddress};source=${local.address}`;
  return ['Transport', `RTP/AVP/TCP;unicast;${ends};interleaved=${rtp}-${rtcp}`];
}

/** The stream's URI without a slash at its end, the port always named. */
export function streamBase({ address, port }: LocalEnd, path: string): string {
  return `rtsp://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
}

export interface TrackPosition {
  readonly track: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
}

export function playHeaders(base: string, positions: readonly TrackPosition[]): HeaderList {
  const tracks = positions.map(({ track, sequenceNumber, timestamp }) => {
    return `url=${base}/track${track};seq=${sequenceNumber};rtptime=${timestamp}`;
  });
  return [
    ['Range', 'npt=0.000-'],
    ['RTP-Info', tracks.join(',')],
  ];
}

/** The answer to DESCRIBE. `vendor` is TP-LINK or MERCURY. */
export function descriptionReply(
  request: RtspRequest,
  traits: StreamTraits,
  options: { readonly vendor: string; readonly local: LocalEnd; readonly path: string; readonly date: Date },
): RtspResponse {
  const { vendor, local, path, date } = options;
  const base = streamBase(local, path);
  const headers: HeaderList = [
    dateHeader(date),
    ...(traits.control === 'based' ? [['Content-Base', `${base}/`] as const] : []),
    ['Content-Type', 'application/sdp'],
  ];
  return respond(request, 200, headers, describeStream(traits, { vendor, address: local.address, base }));
}
