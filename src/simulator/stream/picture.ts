// The one picture that the stream shows, so that players which wait for video start: a still in H.264, as RTP payloads (RFC 6184).
import type { TrackEncoder } from './source.js';

/**
 * 320x180 of plain grey in constrained baseline, level 3.0: two IDR pictures by libx264, which differ in their idr_pic_id alone.
 *
 *     ffmpeg -f lavfi -i color=c=gray:s=320x180:r=1 -frames:v 2 -c:v libx264 -profile:v baseline -level 3.0 -pix_fmt yuv420p \
 *       -x264-params keyint=1:sei=0 -bsf:v filter_units=remove_types=6 -f h264 still.h264
 */
const SEQUENCE_PARAMETERS = 'Z0LAHtwUGfnwEQAAAwABAAADAAIPFi+A';
const PICTURE_PARAMETERS = 'aM4PLIA=';
const PICTURES = [
  'ZYiEBLyYoAAgLycnJycnJycnJycnJycnJycnJydddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd' +
    'ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddeA',
  'ZYiCAX8mKAAIIsnJycnJycnJycnJycnJycnJycnXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX' +
    'XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXg',
] as const;

/** Of the description's `a=fmtp`. */
export const PICTURE_FORMAT = {
  payloadType: 96,
  fmtp: `packetization-mode=1; profile-level-id=42C01E; sprop-parameter-sets=${SEQUENCE_PARAMETERS},${PICTURE_PARAMETERS}`,
} as const;

const ACCESS_UNITS: readonly Buffer[] = PICTURES.map((picture) =>
  aggregate([SEQUENCE_PARAMETERS, PICTURE_PARAMETERS, picture].map((text) => Buffer.from(text, 'base64'))),
);

/** The still once a second, each time with its parameter sets, in one packet. */
export const STILL_PICTURE: TrackEncoder = {
  payloadType: PICTURE_FORMAT.payloadType,
  frameMs: 1_000,
  timestampStep: 90_000,
  marksEach: true,
  encode: (index) => ACCESS_UNITS[index % ACCESS_UNITS.length] ?? Buffer.alloc(0),
};

/** STAP-A (RFC 6184 section 5.7.1): type 24 with the importance of what it holds, then size and bytes of each unit. */
function aggregate(units: readonly Buffer[]): Buffer {
  const parts = units.flatMap((unit) => {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(unit.length);
    return [size, unit];
  });
  return Buffer.concat([Buffer.of(0x60 | 24), ...parts]);
}
