// Stream URIs and Transport values as the camera reads them. Pure; what is refused, and how, is the dialogue's.

/** `rtsp://host:port/stream1&channel=2/track3` taken apart. */
export interface StreamUri {
  /** `/stream1`, with its channel if it names one. */
  readonly path: string;
  /** Of a dual-lens camera; absent without `&channel=`. */
  readonly channel?: number;
  /** Absent for the whole stream. */
  readonly track?: number;
}

const STREAM_URI =
  /^[Rr][Tt][Ss][Pp]:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s/@[\]:]+)(?::\d{1,5})?(\/stream[12](?:&channel=(\d))?)(?:\/(?:track(\d))?)?$/;

const ANY_URI = /^[Rr][Tt][Ss][Pp]:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s/@[\]:]+)(?::\d{1,5})?(\/\S+?)(?:\/(?:track(\d))?)?$/;

/** The same where every path is a stream, query and all. */
export function parseAnyStreamUri(uri: string): StreamUri | undefined {
  const [, path, track] = ANY_URI.exec(uri) ?? [];
  if (path === undefined) return undefined;
  return { path, ...(track === undefined ? {} : { track: Number(track) }) };
}

/** Undefined for a URI that is not of a stream. The host is not looked at, as with MULTITRANS (PROTOCOL.md T3). */
export function parseStreamUri(uri: string): StreamUri | undefined {
  const [, path, channel, track] = STREAM_URI.exec(uri) ?? [];
  if (path === undefined) return undefined;
  return {
    path,
    ...(channel === undefined ? {} : { channel: Number(channel) }),
    ...(track === undefined ? {} : { track: Number(track) }),
  };
}

/** RTP and RTCP. */
export type ChannelPair = readonly [rtp: number, rtcp: number];

/** `channels` is absent when the client leaves them to the camera. `udp` and multicast are not offered. */
export type TransportChoice =
  | { readonly kind: 'tcp'; readonly channels?: ChannelPair }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'unreadable' };

/** The first offer of a `Transport` value that goes over the connection itself. */
export function chooseTransport(value: string): TransportChoice {
  const offers = value.split(',').map((offer) => offer.split(';').map((part) => part.trim()));
  if (offers.some(([protocol = '']) => !/^RTP\/AVP(\/(TCP|UDP))?$/i.test(protocol))) return { kind: 'unreadable' };
  const tcp = offers.find(
    ([protocol = '', ...parameters]) => /\/TCP$/i.test(protocol) && !parameters.includes('multicast'),
  );
  if (tcp === undefined) return { kind: 'unsupported' };
  const interleaved = tcp.find((part) => /^interleaved\s*=/i.test(part));
  if (interleaved === undefined) return { kind: 'tcp' };
  const [, first, second] = /=\s*(\d{1,3})(?:-(\d{1,3}))?$/.exec(interleaved) ?? [];
  if (first === undefined) return { kind: 'unreadable' };
  const rtp = Number(first);
  const rtcp = second === undefined ? rtp + 1 : Number(second);
  return rtp > 255 || rtcp > 255 || rtp === rtcp ? { kind: 'unreadable' } : { kind: 'tcp', channels: [rtp, rtcp] };
}
