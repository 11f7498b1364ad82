// The tables of a strict reader: sections of one packet to PIDs and stream type, and what is wrong with them. Packets and sound are reader.ts's.

/** A stream as the program's table has it. */
export interface ListedStream {
  readonly pid: number;
  readonly type: number;
}

/** Told what is wrong: `psi` where it cannot be read. */
export type Complain = (kind: 'psi' | 'psi_crc' | 'ts_stuffing' | 'stream_type', text: string) => void;

const PROGRAMS = 0x00;
const STREAMS = 0x02;
/** A-law, privately used (PROTOCOL.md M12). */
const A_LAW = 0x90;
/** Table id and length. */
const SECTION_START_BYTES = 3;
/** Stream or program id, version, two numbers. */
const SECTION_HEAD_BYTES = 5;
const CRC_BYTES = 4;

/** The PID of the first program's table; undefined when the payload of this packet is no program association. */
export function readPrograms(payload: Buffer, complain: Complain): number | undefined {
  const contents = readSection(payload, PROGRAMS, complain);
  if (contents === undefined) return undefined;
  for (let at = 0; at + 4 <= contents.length; at += 4) {
    // Program 0 names the network's table.
    if (contents.readUInt16BE(at) !== 0) return contents.readUInt16BE(at + 2) & 0x1fff;
  }
  complain('psi', 'The PAT names no program');
  return undefined;
}

/** The stream of sound; undefined when the payload of this packet lists none. */
export function readStreams(payload: Buffer, complain: Complain): ListedStream | undefined {
  const contents = readSection(payload, STREAMS, complain);
  if (contents === undefined) return undefined;
  const streams: ListedStream[] = [];
  // The PID of the clock, and descriptors.
  let at = contents.length < 4 ? contents.length : 4 + (contents.readUInt16BE(2) & 0x0fff);
  while (at + 5 <= contents.length) {
    streams.push({ type: contents.readUInt8(at), pid: contents.readUInt16BE(at + 1) & 0x1fff });
    at += 5 + (contents.readUInt16BE(at + 3) & 0x0fff);
  }
  if (at !== contents.length) complain('psi', 'The PMT ends inside a stream');
  const stream = streams.find(({ type }) => type === A_LAW) ?? streams[0];
  if (stream === undefined) complain('psi', 'The PMT lists no stream');
  else if (stream.type !== A_LAW)
    complain('stream_type', `The stream's type is 0x${stream.type.toString(16)}, not 0x90`);
  return stream;
}

/** What stands between the head of a section and its CRC. One packet holds it whole. */
function readSection(payload: Buffer, table: number, complain: Complain): Buffer | undefined {
  const from = 1 + (payload[0] ?? 0);
  if (from + SECTION_START_BYTES > payload.length || payload[from] !== table) {
    complain('psi', `A packet of table ${table} has none`);
    return undefined;
  }
  const to = from + SECTION_START_BYTES + (payload.readUInt16BE(from + 1) & 0x0fff);
  const contentsAt = from + SECTION_START_BYTES + SECTION_HEAD_BYTES;
  const crcAt = to - CRC_BYTES;
  if (to > payload.length || crcAt < contentsAt) {
    complain('psi', `The length of table ${table} does not fit its packet`);
    return undefined;
  }
  if (crc32(payload, from, crcAt) !== payload.readUInt32BE(crcAt))
    complain('psi_crc', `The CRC of table ${table} is wrong`);
  if (!isStuffing(payload, to)) complain('ts_stuffing', `What fills the packet of table ${table} is not FF`);
  return payload.subarray(contentsAt, crcAt);
}

/** Whether all from here on is FF. */
export function isStuffing(bytes: Buffer, from: number, to = bytes.length): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0xff) return false;
  return true;
}

/** CRC-32/MPEG-2: 04C11DB7, not reflected, from FFFFFFFF (ISO 13818-1, annex A). */
function crc32(bytes: Buffer, from: number, to: number): number {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) {
    crc ^= (bytes[at] ?? 0) << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 || crc >= 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
