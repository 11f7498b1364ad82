// The first bytes of files, and what people call such files. Data, and the comparison with them; WAV and MP3 are recognised elsewhere.

/** `?` stands for any byte. */
type Signatures = ReadonlyArray<readonly [pattern: string, name: string]>;

/** Sound, or video with sound, that ffmpeg reads. */
const CONTAINERS: Signatures = [
  ['OggS', 'Ogg (Opus, Vorbis)'],
  ['fLaC', 'FLAC'],
  ['????ftyp', 'M4A or MP4 (AAC)'],
  ['????moov', 'M4A or MP4 (AAC)'],
  ['????mdat', 'M4A or MP4 (AAC)'],
  ['????free', 'M4A or MP4 (AAC)'],
  ['????skip', 'M4A or MP4 (AAC)'],
  ['????wide', 'QuickTime'],
  ['#!AMR', 'AMR'],
  ['\x1a\x45\xdf\xa3', 'WebM or Matroska'],
  ['FORM????AIF', 'AIFF'],
  ['caff', 'CAF'],
  ['.snd', 'AU'],
  ['Creative Voice File', 'VOC'],
  ['riff\x2e\x91\xcf\x11', 'Wave64'],
  ['wvpk', 'WavPack'],
  ['MAC ', "Monkey's Audio"],
  ['TTA1', 'TTA'],
  ['tBaK', 'TAK'],
  ['MPCK', 'Musepack'],
  ['DSD ', 'DSD'],
  ['\x30\x26\xb2\x75', 'Windows Media (WMA)'],
  ['RIFF????AVI ', 'AVI'],
  ['FLV\x01', 'Flash Video (FLV)'],
];

/** Files without sound, or with sound that nobody here can read. */
const FOREIGN: Signatures = [
  ['\xff\xd8\xff', 'a picture (JPEG)'],
  ['\x89PNG\r\n\x1a\n', 'a picture (PNG)'],
  ['GIF8', 'a picture (GIF)'],
  ['RIFF????WEBP', 'a picture (WebP)'],
  ['BM????\0\0\0\0', 'a picture (BMP)'],
  ['II*\0', 'a picture (TIFF)'],
  ['MM\0*', 'a picture (TIFF)'],
  ['????ftyphei', 'a picture (HEIC)'],
  ['????ftypmif1', 'a picture (HEIC)'],
  ['????ftypavif', 'a picture (AVIF)'],
  ['%PDF-', 'a document (PDF)'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'an Office document'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x1f\x8b\x08', 'a gzip archive'],
  ['BZh', 'a bzip2 archive'],
  ['\xfd7zXZ\0', 'an xz archive'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive'],
  ['Rar!\x1a\x07', 'a RAR archive'],
  ['\x28\xb5\x2f\xfd', 'a zstd archive'],
  ['MThd', 'MIDI'],
  ['RIFF????RMID', 'MIDI'],
  ['#!SILK_V3', 'a SILK voice message (WeChat, QQ)'],
  ['\x02#!SILK_V3', 'a SILK voice message (WeChat, QQ)'],
  ['SQLite format 3\0', 'a database (SQLite)'],
  ['\x7fELF', 'a program (ELF)'],
];

/** Fixed bytes that raw audio does not begin with by chance. */
const SURE_BYTES = 4;

/** What the container is called that these bytes begin; undefined for none. */
export function containerName(head: Buffer): string | undefined {
  return find(CONTAINERS, head)?.[1] ?? streamName(head);
}

/** What the file is called that these bytes begin and that holds no sound for us, such as `a picture (JPEG)`; undefined for none. */
export function foreignName(head: Buffer): string | undefined {
  return find(FOREIGN, head)?.[1];
}

/** Whether these bytes begin one of these files and cannot be raw audio. */
export function hasSignature(head: Buffer): boolean {
  const [pattern] = find(FOREIGN, head) ?? find(CONTAINERS, head) ?? [''];
  return pattern.replaceAll('?', '').length >= SURE_BYTES;
}

/** Streams without a header, told by the marks of their frames, which raw audio may resemble. */
function streamName(head: Buffer): string | undefined {
  const [first = 0, second = 0, third = 0] = head;
  // Twelve bits of sync like MPEG audio, but layer 0, which MPEG audio does not have (ISO 13818-7, 6.2).
  if (first === 0xff && (second & 0xf6) === 0xf0) return 'AAC';
  // Eleven bits of sync and thirteen of length, which leads to the next (ISO 14496-3, 1.7.2).
  const length = 3 + (second & 0x1f) * 256 + third;
  if (isLatm(head, 0) && isLatm(head, length)) return 'AAC (LATM)';
  if (first === 0x0b && second === 0x77) return 'AC-3';
  // Packets of 188 bytes (ISO 13818-1, 2.4.3.2).
  if ([0, 188, 376].every((at) => head[at] === 0x47)) return 'MPEG-TS';
  // A pack of a program stream (ISO 13818-1, 2.5.3.4).
  if (head.length >= 4 && head.readUInt32BE(0) === 0x1ba) return 'MPEG video';
  return undefined;
}

function isLatm(head: Buffer, at: number): boolean {
  return head[at] === 0x56 && ((head[at + 1] ?? 0) & 0xe0) === 0xe0;
}

function find(signatures: Signatures, head: Buffer): readonly [pattern: string, name: string] | undefined {
  const text = head.toString('latin1', 0, 32);
  return signatures.find(([pattern]) => matches(text, pattern));
}

function matches(text: string, pattern: string): boolean {
  if (text.length < pattern.length) return false;
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== '?' && pattern[at] !== text[at]) return false;
  }
  return true;
}
