// The lines of one head while its bytes arrive: a first line and headers up to a blank line, within limits. What the lines mean is told elsewhere (http.ts, parser.ts).
import { MAX_HEAD_BYTES, MAX_HEADERS } from '../limits.js';
import { parseHeaderLines } from '../rtsp/head.js';
import type { HeaderList } from '../rtsp/message.js';

const LF = 0x0a;
const CR = 0x0d;
/** Real heads have 100 to 500 bytes. */
const FIRST_STORE_BYTES = 512;

export class Head {
  #store = Buffer.allocUnsafeSlow(FIRST_STORE_BYTES);
  #length = 0;
  /** Line ends so far. */
  #lines = 0;
  /** Bytes of the line that is under way. */
  #lineBytes = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = this.#lines = this.#lineBytes = 0;
  }

  /** Takes the next byte. The first line may be blank; lines may end without CR. */
  add(byte: number): 'open' | 'whole' | 'too long' {
    if (this.#length === MAX_HEAD_BYTES) return 'too long';
    if (this.#length === this.#store.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(MAX_HEAD_BYTES, this.#length * 2));
      this.#store.copy(larger);
      this.#store = larger;
    }
    this.#store[this.#length++] = byte;
    if (byte !== LF) {
      if (byte !== CR) this.#lineBytes++;
      return 'open';
    }
    if (this.#lines > 0 && this.#lineBytes === 0) return 'whole';
    this.#lines++;
    this.#lineBytes = 0;
    // The first line is no header.
    return this.#lines > MAX_HEADERS + 1 ? 'too long' : 'open';
  }

  /** What a whole head says. Lines that are no headers are passed over. */
  read(): { readonly firstLine: string; readonly headers: HeaderList } {
    const [firstLine = '', ...lines] = this.#store.toString('utf8', 0, this.#length).split(/\r?\n/);
    return { firstLine, headers: parseHeaderLines(lines) };
  }
}
