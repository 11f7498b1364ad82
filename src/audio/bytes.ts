// Bytes in every shape that messages bring them in, as a Buffer. What they hold is decided elsewhere.
import { isAnyArrayBuffer, isTypedArray } from 'node:util/types';
import { TalkError } from '../errors.js';
import { MAX_SOURCE_BYTES } from '../limits.js';
import type { AudioFormat, Encoding } from '../sound/format.js';
import { isUnmistakable, SNIFF_BYTES } from '../sound/sniff.js';
import { formatExample } from './advice.js';

/** Arrays of samples, and how these are written. Other typed arrays hold bytes. */
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  Int16Array: 's16le',
  Int32Array: 's32le',
  Float32Array: 'f32le',
  Float64Array: 'f64le',
};

/**
 * The same memory as a Buffer: of a Buffer, a typed array, a DataView, an ArrayBuffer, or the bytes of a Buffer that went through JSON;
 * undefined for what is not bytes. Values of other realms, such as a Function node's, count too.
 */
export function asBuffer(value: unknown): Buffer | undefined {
  if (isAnyArrayBuffer(value)) return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return fromJson(value);
}

/** Throws TALK_ERR_ARGUMENT for an array of samples without a format, or with one that says something else; a container in it needs none. */
export function checkSamples(value: unknown, bytes: Buffer, format: AudioFormat | undefined): void {
  const name = isTypedArray(value) ? value[Symbol.toStringTag] : '';
  const encoding = ENCODINGS[name];
  if (encoding === undefined || encoding === format?.encoding) return;
  if (isUnmistakable(bytes.subarray(0, SNIFF_BYTES))) return;
  const holds = `Audio: ${/^I/.test(name) ? 'an' : 'a'} ${name} holds samples of the encoding ${encoding}`;
  throw new TalkError(
    'TALK_ERR_ARGUMENT',
    format === undefined
      ? `${holds}; say how many a second in msg.format, such as ${formatExample(encoding)}`
      : `${holds}, but msg.format says ${format.encoding}`,
  );
}

/** `{ type: 'Buffer', data: [82, 73, …] }`, as `Buffer.toJSON` writes it. */
function fromJson(value: unknown): Buffer | undefined {
  if (typeof value !== 'object' || value === null || Reflect.get(value, 'type') !== 'Buffer') return undefined;
  const data: unknown = Reflect.get(value, 'data');
  if (!Array.isArray(data) || data.length > MAX_SOURCE_BYTES) return undefined;
  const bytes = Buffer.alloc(data.length);
  for (let at = 0; at < bytes.length; at++) {
    const byte: unknown = data[at];
    if (typeof byte !== 'number') return undefined;
    bytes[at] = byte;
    if (bytes[at] !== byte) return undefined;
  }
  return bytes;
}
