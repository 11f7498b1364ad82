// What a client says to a camera that only repeats: requests of RTSP and HTTP by method and path, parts of the HTTP talk by what is asked, and how many frames
// or parts of sound. Nothing else of them is read.
import { MAX_REPLAY_WAITING_BYTES } from '../limits.js';

export type Asked = { readonly kind: 'ask'; readonly key: string } | { readonly kind: 'frame' };

const DOLLAR = 0x24;
const HYPHEN = 0x2d;
const FRAME_HEAD_BYTES = 4;

/** Method and path of a request, without host and token: `MULTITRANS /multitrans`; `PART talk` of a part. Blank for what is none. */
export function keyOf(text: string): string {
  if (text.startsWith('--')) return `PART ${/"(talk|stop)"/.exec(text)?.[1] ?? ''}`.trim();
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
      const text = isFrame ? '' : this.#waiting.toString('latin1', 0, length);
      if (isFrame || isSound(text)) asked.push({ kind: 'frame' });
      else if (!holdsTables(text)) asked.push({ kind: 'ask', key: keyOf(text) });
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
    // One line end stands behind a part.
    return head + '\r\n\r\n'.length + Number(told) + (bytes[0] === HYPHEN ? '\r\n'.length : 0);
  }
}

function isSound(part: string): boolean {
  return isAudio(part) && !holdsTables(part);
}

/** They go out with the first sound, and stand first in a transport stream: PID 0. */
function holdsTables(part: string): boolean {
  return isAudio(part) && /\r\n\r\nG[\0\x40]\0/.test(part);
}

function isAudio(part: string): boolean {
  return /^--[^\r\n]*\r\n(?:[^\r\n]+\r\n)*?Content-Type:[ \t]*audio\//i.test(part);
}
