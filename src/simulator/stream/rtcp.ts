// The sender reports that a camera puts on the RTCP channel, as bytes (RFC 3550 section 6.4.1). Nothing is read here.

export interface SenderReport {
  readonly ssrc: number;
  /** Time of day at which `timestamp` was heard. */
  readonly date: Date;
  readonly timestamp: number;
  readonly packets: number;
  /** Payload bytes. */
  readonly bytes: number;
}

const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const CNAME = 1;
/** From 1900, where NTP begins, to 1970. */
const NTP_OFFSET_SECONDS = 2_208_988_800;
const NAME = 'camera';

/** A report and the name of its source, as one compound packet. */
export function senderReport({ ssrc, date, timestamp, packets, bytes }: SenderReport): Buffer {
  const report = Buffer.alloc(28);
  report[0] = 0x80;
  report[1] = SENDER_REPORT;
  report.writeUInt16BE(report.length / 4 - 1, 2);
  report.writeUInt32BE(ssrc, 4);
  const ms = date.getTime();
  report.writeUInt32BE((Math.floor(ms / 1_000) + NTP_OFFSET_SECONDS) % 2 ** 32, 8);
  report.writeUInt32BE(Math.floor(((ms % 1_000) / 1_000) * 2 ** 32), 12);
  report.writeUInt32BE(timestamp, 16);
  report.writeUInt32BE(packets % 2 ** 32, 20);
  report.writeUInt32BE(bytes % 2 ** 32, 24);

  // Header, SSRC, CNAME and its length, the name, at least one zero, up to a multiple of four.
  const description = Buffer.alloc(4 * Math.ceil((4 + 4 + 2 + NAME.length + 1) / 4));
  description[0] = 0x81;
  description[1] = SOURCE_DESCRIPTION;
  description.writeUInt16BE(description.length / 4 - 1, 2);
  description.writeUInt32BE(ssrc, 4);
  description[8] = CNAME;
  description[9] = NAME.length;
  description.write(NAME, 10, 'latin1');
  return Buffer.concat([report, description]);
}
