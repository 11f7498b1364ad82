// The Wyoming protocol's bytes: a line of JSON, then data and payload whose lengths it tells. Pure, incremental, bounded.
import { TalkError } from '../errors.js';
import { MAX_WYOMING_BYTES } from '../limits.js';

export interface WyomingEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly payload: Buffer;
}

/** One event as bytes, its data in the line itself, which every server reads. */
export function serializeEvent(type: string, data: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(`${JSON.stringify({ type, data })}\n`);
}

/** Bytes in, events out. */
export class WyomingParser {
  #pending: Buffer[] = [];
  #bytes = 0;
  #header: { type: string; data: object; dataLength: number; payloadLength: number } | undefined;

  /**
   * The events that are complete.
   * @throws TALK_ERR_VOICE for what is no event, or too large
   */
  *push(chunk: Buffer): Generator<WyomingEvent> {
    this.#pending.push(chunk);
    this.#bytes += chunk.length;
    for (;;) {
      if (this.#header === undefined) {
        const line = this.#line();
        if (line === undefined) return;
        this.#header = parseHeader(line);
      }
      const { type, data, dataLength, payloadLength } = this.#header;
      if (this.#bytes < dataLength + payloadLength) return;
      this.#header = undefined;
      const more = dataLength === 0 ? {} : parseObject(this.#take(dataLength));
      yield { type, data: { ...data, ...more }, payload: this.#take(payloadLength) };
    }
  }

  #line(): Buffer | undefined {
    // Earlier chunks were looked through when they came; what is left behind an event is one chunk.
    const last = this.#pending.at(-1);
    const at = last?.indexOf(0x0a) ?? -1;
    if (last !== undefined && at >= 0) return this.#take(this.#bytes - last.length + at + 1);
    if (this.#bytes > MAX_WYOMING_BYTES) throw noWyoming();
    return undefined;
  }

  #take(bytes: number): Buffer {
    const all = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending);
    this.#pending = [all.subarray(bytes)];
    this.#bytes -= bytes;
    return all.subarray(0, bytes);
  }
}

function parseHeader(line: Buffer): { type: string; data: object; dataLength: number; payloadLength: number } {
  const header = parseObject(line);
  const { type, data } = header;
  if (typeof type !== 'string') throw noWyoming();
  return {
    type,
    data: typeof data === 'object' && data !== null ? data : {},
    dataLength: lengthOf(header['data_length']),
    payloadLength: lengthOf(header['payload_length']),
  };
}

function lengthOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MAX_WYOMING_BYTES)
    throw noWyoming();
  return value;
}

function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw noWyoming();
}

function noWyoming(): TalkError {
  return new TalkError('TALK_ERR_VOICE', 'The server does not speak the Wyoming protocol');
}
