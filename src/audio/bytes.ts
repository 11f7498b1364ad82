// Bytes in every shape that messages bring them in, as a Buffer. What they hold is decided elsewhere.
import { isAnyArrayBuffer, isUint8Array } from 'node:util/types';

/** The same memory as a Buffer; undefined for what is not bytes. Values of other realms, such as a Function node's, count too. */
export function asBuffer(value: unknown): Buffer | undefined {
  if (isUint8Array(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return isAnyArrayBuffer(value) ? Buffer.from(value) : undefined;
}
