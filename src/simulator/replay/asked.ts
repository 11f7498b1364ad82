// What a client says to a camera that only repeats: requests of RTSP and HTTP by method and path, and how many frames. Nothing else of them is read.
import { MAX_REPLAY_WAITING_BYTES } from '../limits.js';

export type Asked = { readonly kind: 'ask'; readonly key: string } | { readonly kind: 'frame' };

const DOLLAR = 0x24;
const FRAME_HEAD_BYTES = 4;

/** Method and path of a request, without host and token: `MULTITRANS /multitrans`. Blank for what is none. */
export function keyOf(text: string): string {
  const [, method = '', uri = ''] = /^([A-Z_]{1,32}) (\S{1,4096}) (?:RTSP|HTTP)\/\d\.\d\r?\n/.exec(text) ?? [];
  return `${method} ${uri.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/stok=[^/]*/, 'stok')}`.trim();
}

export class AskedReader {
  #waiting = Buffer.alloc(0);

  /** What is whole by now. Undefined when the client says nothing that a camera could read. */
  push(chunk: Buffer): Asked[] | undefined {
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    const asked: Asked[] = [];
    for (;;) {
      const length = this.#lengthOfNext();
      if (length === undefined || length > this.#waiting.length) break;
      const isFrame = this.#waiting[0] === DOLLAR;
      asked.push(
        isFrame ? { kind: 'frame' } : { kind: 'ask', key: keyOf(this.#waiting.toString('latin1', 0, length)) },
      );
      this.#waiting = this.#waiting.subarray(length);
    }
    return this.#waiting.length > MAX_REPLAY_WAITING_BYTES ? undefined : asked;
  }

  /** Bytes; undefined while nobody can know. */
  #lengthOfNext(): number | undefined {
    const bytes = this.#waiting;
    if (bytes[0] === DOLLAR) {
      return bytes.length < FRAME_HEAD_BYTES ? undefined : FRAME_HEAD_BYTES + bytes.readUInt16BE(2);
    }
    const head = bytes.indexOf('\r\n\r\n');
    if (head < 0) return undefined;
    const told = /^Content-Length:[ \t]*(\d{1,9})/im.exec(bytes.toString('latin1', 0, head))?.[1] ?? '0';
    return head + '\r\n\r\n'.length + Number(told);
  }
}
