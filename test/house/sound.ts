// Sound that says what it is: A-law in blocks that hold a clip's id and their place in it, and an ear that reads them again.

/** Bytes of a block: a mark, two digits of the id, three of the place. */
export const BLOCK_BYTES = 6;
/** A block's length, ms of A-law. */
export const BLOCK_MS = BLOCK_BYTES / 8;
const MARK = 0xc0;
/** To this base, so that no digit is a mark or silence. */
const BASE = 80;
/** A-law of digital silence, +0 and -0 (G.711). */
const SILENCE: ReadonlySet<number> = new Set([0xd5, 0x55]);

/** Blocks `from` to below `to` of a clip. */
export function soundOf(id: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc((to - from) * BLOCK_BYTES);
  for (let n = from; n < to; n++) {
    const digits = [Math.floor(id / BASE), id % BASE, Math.floor(n / BASE ** 2), Math.floor(n / BASE) % BASE, n % BASE];
    bytes.set([MARK, ...digits], (n - from) * BLOCK_BYTES);
  }
  return bytes;
}

/** A stretch of one clip without a hole. Times are those of the packets that held its first and its last block. */
export interface Run {
  readonly id: number;
  readonly from: number;
  readonly firstAt: number;
  to: number;
  lastAt: number;
}

/** Reads what came, packet by packet; a block may be cut by the end of a packet. */
export class Ear {
  readonly runs: Run[] = [];
  /** Bytes that were no silence and no block of ours. */
  nonsense = 0;
  readonly #digits: number[] = [];
  #inBlock = false;
  #adjoins = false;

  hear(payload: Buffer, at: number): void {
    for (const byte of payload) {
      if (this.#inBlock && byte < BASE) this.#take(byte, at);
      else if (byte === MARK) this.#begin();
      else if (SILENCE.has(byte)) this.#adjoins = this.#inBlock = false;
      // Live sound may go on in the middle of a block.
      else if (byte >= BASE) this.nonsense += 1;
    }
  }

  /** A block that was begun before is lost: its clip was cut. */
  #begin(): void {
    if (this.#inBlock) this.#adjoins = false;
    this.#inBlock = true;
    this.#digits.length = 0;
  }

  #take(byte: number, at: number): void {
    if (this.#digits.push(byte) < BLOCK_BYTES - 1) return;
    const [high = 0, low = 0, n2 = 0, n1 = 0, n0 = 0] = this.#digits;
    this.#inBlock = false;
    const id = high * BASE + low;
    const n = (n2 * BASE + n1) * BASE + n0;
    const last = this.runs.at(-1);
    if (this.#adjoins && last?.id === id && last.to === n) {
      last.to = n + 1;
      last.lastAt = at;
    } else this.runs.push({ id, from: n, to: n + 1, firstAt: at, lastAt: at });
    this.#adjoins = true;
  }
}
