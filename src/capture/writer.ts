// The files of a capture: numbered in the order in which things were said, and the lines that tell when. What is in them goes through the redactor. Pure.
import { STALL_TIMEOUT_MS } from '../limits.js';
import type { Conversation, Piece, SentFrames } from './collector.js';
import { namelessFrame } from './frames.js';
import type { Redactor } from './redactor.js';
import { withoutPicture, partHead } from './sound-part.js';
import { split, type Part } from './split.js';

/** One line of a conversation in capture.json; `at` in ms since the capture began. */
export type Line =
  | { readonly by: 'client' | 'camera'; readonly at: number; readonly file: string }
  /** Interleaved frames. Of ours the first and the last are there, `files`; the camera's are one file, and `times` has when each came. */
  | {
      readonly by: 'client';
      readonly at: number;
      readonly frames: number;
      readonly until: number;
      readonly files: readonly string[];
    }
  | {
      readonly by: 'camera';
      readonly at: number;
      readonly frames: number;
      readonly times: readonly number[];
      readonly file: string;
    }
  /** `taken`: how many frames the camera had surely read when it stopped reading. */
  | { readonly by: 'us' | 'camera'; readonly at: number; readonly end: string; readonly taken?: number };

/** That a camera reads no more is seen this much later than STALL_TIMEOUT_MS at most, with room to spare. */
const SEEN_LATE = 1.5;
const DOLLAR = 0x24;

export class Writer {
  readonly files = new Map<string, Buffer>();
  readonly #redactor: Redactor;
  readonly #begun: number;
  #count = 0;

  constructor(redactor: Redactor, begun: number) {
    this.#redactor = redactor;
    this.#begun = begun;
  }

  /** Ms since the beginning, to the tenth. */
  since(at: number): number {
    return Math.round((at - this.#begun) * 10) / 10;
  }

  json(name: string, value: object): void {
    this.files.set(name, Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`));
  }

  lines({ protocol, said, over }: Conversation): Line[] {
    const lines = said.flatMap((one): Line[] => {
      if ('frames' in one) return [this.#sent(one.frames, protocol)];
      return one.by === 'client'
        ? split([one.piece], protocol).map((part) => this.#message('client', part, protocol))
        : this.#received(split(one.pieces, protocol), protocol);
    });
    if (over === undefined) return lines;
    const stalled = over.code === 'TALK_ERR_STALLED';
    const sentAt = said.flatMap((one) => ('frames' in one ? one.frames.times : []));
    const taken = sentAt.filter((at) => at < over.at - SEEN_LATE * STALL_TIMEOUT_MS).length;
    return [...lines, { by: over.by, at: this.since(over.at), end: over.code ?? '', ...(stalled ? { taken } : {}) }];
  }

  #message(by: 'client' | 'camera', { kind, name, at, bytes }: Part, protocol: string): Line {
    // Noise may be a frame whose end did not come.
    const nameless = bytes[0] === DOLLAR ? namelessFrame(bytes) : bytes;
    const isText = kind !== 'frame' && !(kind === 'part' && name !== 'json');
    const unseen = kind === 'part' && !isText ? withoutPicture(nameless) : nameless;
    const text = kind === 'frame' ? unseen : Buffer.from(this.#redactor.message(unseen.toString('latin1')), 'latin1');
    const ending = isText && kind !== 'noise' ? protocol : 'bin';
    const file = this.#file(`${[kind, name].filter((word) => word !== '').join('-')}.${ending}`, text);
    return { by, at: this.since(at), file };
  }

  #sent({ first, last, times }: SentFrames, protocol: Conversation['protocol']): Line {
    const hidden = (bytes: Buffer): Buffer => (protocol === 'rtsp' ? namelessFrame(bytes) : this.#sound(bytes));
    const name = protocol === 'rtsp' ? 'frame.bin' : 'part.bin';
    const files = [...first, ...last].map(({ bytes }) => this.#file(name, hidden(bytes)));
    const [begin = 0] = times;
    return {
      by: 'client',
      at: this.since(begin),
      frames: times.length,
      until: this.since(times.at(-1) ?? begin),
      files,
    };
  }

  /** One part or several, the sound as it is; their heads name the session. */
  #sound(sent: Buffer): Buffer {
    const parts = split([{ at: 0, bytes: sent }], 'stream').flatMap(({ bytes }) => {
      const head = partHead(bytes);
      return [Buffer.from(this.#redactor.text(head), 'latin1'), bytes.subarray(head.length)];
    });
    return Buffer.concat(parts);
  }

  /** Frames that follow each other are one file. */
  #received(parts: readonly Part[], protocol: string): Line[] {
    const lines: Line[] = [];
    let frames: Part[] = [];
    const putFrames = (): void => {
      if (frames.length > 0) lines.push(this.#heard(frames));
      frames = [];
    };
    for (const part of parts) {
      if (part.kind === 'frame') frames.push(part);
      else {
        putFrames();
        lines.push(this.#message('camera', part, protocol));
      }
    }
    putFrames();
    return lines;
  }

  #heard(frames: readonly Piece[]): Line {
    const file = this.#file('frames.bin', Buffer.concat(frames.map(({ bytes }) => namelessFrame(bytes))));
    const times = frames.map(({ at }) => this.since(at));
    return { by: 'camera', at: times[0] ?? 0, frames: frames.length, times, file };
  }

  #file(name: string, bytes: Buffer): string {
    this.#count += 1;
    const numbered = `${String(this.#count).padStart(3, '0')}-${name}`;
    this.files.set(numbered, bytes);
    return numbered;
  }
}
