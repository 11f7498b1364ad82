// Bytes spoilt in many ways, the same ones each time.
export function* mutated(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at++) {
    yield bytes.subarray(0, at);
    yield bytes.subarray(at);
    const other = Buffer.from(bytes);
    other[at] = 0x24;
    yield other;
  }
}
