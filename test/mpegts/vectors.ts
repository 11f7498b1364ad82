// MPEG-TS that was computed elsewhere (PROTOCOL.md V17): bytes typed by hand, and their SHA-256.
import { createHash } from 'node:crypto';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
export const silence = (bytes: number): Buffer => Buffer.alloc(bytes, 0xd5);
const hex = (...texts: string[]): Buffer => Buffer.from(texts.join('').replaceAll(' ', ''), 'hex');
const times = (byte: string, count: number): string => byte.repeat(count);

export const TABLES = hex(
  '474000100000b00d0001c100000001f0002ab104b2',
  times('ff', 167),
  '475000100002b0120001c10000fffff00090e100f0005631e8cd',
  times('ff', 162),
);
/** The same with PID 0x100 for the clock. */
export const TABLES_WITH_CLOCK = hex(
  '474000100000b00d0001c100000001f0002ab104b2',
  times('ff', 167),
  '475000100002b0120001c10000e100f00090e100f00082d7e47b',
  times('ff', 162),
);
export const TABLES_SHA = 'a73e13d7d24724fe7162be000c6d624fc542f079920350d85c90b1f0776ccb5b';

export const FRAME_20_MS = hex('474100300900', times('ff', 8), '000001c000a88080052100010001', times('d5', 160));
export const FRAME_40_MS = hex(
  '47410010 000001c001488080052100010001',
  times('d5', 170),
  '47010031 2100',
  times('ff', 32),
  times('d5', 150),
);

/** First and second frame of a stream. */
export const FRAMES_20_MS_SHA = [
  '0b20bfab78830942b59ae9c05ece4d5931873bd2dad962a8935e84c6e5fc1662',
  'a8792a435b5d4b1bb2bf247f0c3cb51fb90ebad8763c83e15bffedbf4558b74f',
];
export const FRAMES_40_MS_SHA = [
  'cb9908f06d4a1a2c360bba1bba24ff62fe0a185a8928d5413ca8fd592a3f8a4a',
  '206c3f558b8e5af209e39a47118ece2b32f77c6008b1244d977e6c2dde62d9b1',
];
export const FRAME_120_MS_SHA = 'b96113ca72a0ac6e20da1e9f0ebc8f29c95092a7afe113a0037d764230059d41';
export const FRAME_128_MS_SHA = 'b0bde3305c979e4b1fb39e2f8cf69dc07b06282da94203555ec97f946d6c6959';

export const TIME_STAMPS: readonly [ticks: number, bytes: string][] = [
  [0, '2100010001'],
  [1_800, '2100010e11'],
  [3_600, '2100011c21'],
  [10_800, '2100015461'],
  [324_000_000, '214d3fb201'],
  [2 ** 33 - 1_800, '2ffffff1f1'],
  [2 ** 33 - 1, '2fffffffff'],
];

/** A group of the maker's app: tables without CRC, 960 bytes of silence in six packets, a length that is 8 too low; `pts` in five bytes. */
export function vendorGroup(pts: string): Buffer {
  const middle = ['11', '12', '13', '14'].map((counter) => `470044${counter}${times('d5', 184)}`);
  return hex(
    '474000100000b00d0001c100000001e04200000000',
    times('ff', 167),
    '474042100002b0120001c10000e100f00090e044f00000000000',
    times('ff', 162),
    `474044300100000001c003c0808005${pts}`,
    times('d5', 168),
    ...middle,
    '470044357f00',
    times('ff', 126),
    times('d5', 56),
  );
}
export const VENDOR_GROUPS_SHA: readonly [pts: string, sha: string][] = [
  ['2100010001', 'fba4bf39dce2bcb9592075ba662fee9daf4d0378c35bc2f625590c125ae483e2'],
  ['2100015461', 'b611339a81f58495d2f833cfcc0c8c0c788ccf0720e93d6dd9254e3f491fd1dc'],
];
