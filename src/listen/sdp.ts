// A session description (RFC 8866) as values, as far as an RTSP client needs it. Forgiving: what cannot be read is left out.

/** `a=rtpmap`. */
export interface RtpMap {
  /** As written. */
  readonly encoding: string;
  /** Hz. */
  readonly clockRate: number;
  readonly channels: number;
}

/** One `m=` line with what belongs to it. */
export interface MediaDescription {
  /** In lower case; `audio`, `video`, or what a camera made up, such as `application/tp-link`. */
  readonly kind: string;
  /** Such as `RTP/AVP`; empty when missing. */
  readonly protocol: string;
  /** As written; not always numbers: TP-Link writes `smart/1/90000`. */
  readonly formats: readonly string[];
  readonly control?: string;
  readonly direction?: 'sendrecv' | 'recvonly' | 'sendonly' | 'inactive';
  /** By payload type. */
  readonly rtpMaps: ReadonlyMap<number, RtpMap>;
  /** `a=fmtp` by payload type; names in lower case. */
  readonly parameters: ReadonlyMap<number, ReadonlyMap<string, string>>;
}

export interface SessionDescription {
  /** The session's own `a=control`. */
  readonly control?: string;
  readonly media: readonly MediaDescription[];
}

type Section = { -readonly [Key in keyof MediaDescription]: MediaDescription[Key] } & {
  rtpMaps: Map<number, RtpMap>;
  parameters: Map<number, Map<string, string>>;
};

const DIRECTIONS = ['sendrecv', 'recvonly', 'sendonly', 'inactive'] as const;

/** Never throws. Lines may end in CR LF, LF or CR. */
export function parseSdp(text: string): SessionDescription {
  const session: Section = newSection('', '', []);
  const media: Section[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const value = line.slice(2).trim();
    if (/^m=/i.test(line)) {
      const [kind = '', , protocol = '', ...formats] = value.split(/\s+/);
      media.push(newSection(kind.toLowerCase(), protocol, formats));
    } else if (/^a=/i.test(line)) {
      readAttribute(media.at(-1) ?? session, value);
    }
  }
  return { ...(session.control !== undefined && { control: session.control }), media };
}

function newSection(kind: string, protocol: string, formats: readonly string[]): Section {
  return { kind, protocol, formats, rtpMaps: new Map(), parameters: new Map() };
}

function readAttribute(section: Section, attribute: string): void {
  const [name = ''] = attribute.split(/[:\s]/, 1);
  const behind = attribute.slice(name.length).trimStart();
  const value = (behind.startsWith(':') ? behind.slice(1) : behind).trimStart();
  const lower = name.toLowerCase();
  const direction = DIRECTIONS.find((candidate) => candidate === lower);
  if (direction !== undefined) section.direction = direction;
  if (lower === 'control' && value !== '') section.control = value;
  const [, number] = /^(\d{1,3})\s/.exec(value) ?? [];
  if (number === undefined) return;
  const rest = value.slice(number.length).trimStart();
  if (lower === 'rtpmap') {
    const rtpMap = parseRtpMap(rest);
    if (rtpMap !== undefined) section.rtpMaps.set(Number(number), rtpMap);
  }
  if (lower === 'fmtp') section.parameters.set(Number(number), parseParameters(rest));
}

/** `MPEG4-GENERIC/16000/1` */
function parseRtpMap(text: string): RtpMap | undefined {
  const [, encoding, clockRate, channels = '1'] = /^([^/\s]+)\s*\/\s*(\d{1,9})(?:\s*\/\s*(\d{1,3}))?/.exec(text) ?? [];
  if (encoding === undefined || clockRate === undefined) return undefined;
  return { encoding, clockRate: Number(clockRate), channels: Number(channels) };
}

/** `mode=AAC-hbr; config=1408`; a parameter without a value has an empty one. */
function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', ...value] = part.split('=');
    if (name.trim() !== '') parameters.set(name.trim().toLowerCase(), value.join('=').trim());
  }
  return parameters;
}
