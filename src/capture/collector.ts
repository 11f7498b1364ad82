// Collects what goes over connections, bounded: everything that is said, of our own sound the first and the last packets. Nothing is hidden here yet.
import { MAX_CAPTURE_BYTES, MAX_CAPTURE_CONNECTIONS, MAX_CAPTURE_EVENTS } from '../limits.js';
import type { OnWire, WireEvent } from '../wire.js';
import { holdsSound } from './sound-part.js';

/** Some bytes, and when, ms on the clock. */
export interface Piece {
  readonly at: number;
  readonly bytes: Buffer;
}

/** Our own sound, interleaved frames or parts, between two things that were said. */
export interface SentFrames {
  readonly first: readonly Piece[];
  /** None of `first` among them. */
  readonly last: readonly Piece[];
  /** When each was sent, ms on the clock. */
  readonly times: readonly number[];
}

export type Said =
  | { readonly by: 'client'; readonly piece: Piece }
  | { readonly by: 'client'; readonly frames: SentFrames }
  /** What came without anything of ours in between. */
  | { readonly by: 'camera'; readonly pieces: readonly Piece[] };

/** One connection, from its beginning to its end. */
export interface Conversation {
  readonly protocol: WireEvent['protocol'];
  /** When it was begun or known, ms on the clock. */
  readonly at: number;
  /** False when there was no connection. */
  readonly opened: boolean;
  readonly said: readonly Said[];
  readonly over?: { readonly at: number; readonly by: 'us' | 'camera'; readonly code?: string | undefined };
}

/** Packets of ours that are kept at either end. */
const KEPT_FRAMES = 3;
const DOLLAR = 0x24;

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Open = Writable<Omit<Conversation, 'said'>> & { readonly said: Said[] };
type Frames = { first: Piece[]; last: Piece[]; times: number[] };

export class Collector {
  readonly #conversations = new Map<number, Open>();
  readonly #frames = new WeakMap<Said, Frames>();
  readonly #pieces = new WeakMap<Said, Piece[]>();
  #bytes = 0;
  #events = 0;
  #cut = false;

  /** For whoever is to be watched. */
  readonly onWire: OnWire = (event) => this.#add(event);

  /** In the order in which they began. */
  get conversations(): readonly Conversation[] {
    return [...this.#conversations.values()];
  }

  /** Whether it was more than may be kept. */
  get cut(): boolean {
    return this.#cut;
  }

  #add(event: WireEvent): void {
    const conversation = this.#conversationOf(event);
    if (conversation === undefined) return;
    const { at } = event;
    if (event.what === 'open') conversation.opened = true;
    else if (event.what === 'over') conversation.over = { at, by: event.by, code: event.code };
    else {
      conversation.opened = true;
      // The socket's memory is used again.
      const piece = { at, bytes: Buffer.from(event.bytes) };
      if (event.what === 'received') this.#hear(conversation, piece);
      else if (isSound(event.protocol, piece.bytes)) this.#sendFrame(conversation, piece);
      else if (this.#fits(piece)) conversation.said.push({ by: 'client', piece });
    }
  }

  #conversationOf({ connection, protocol, at }: WireEvent): Open | undefined {
    const known = this.#conversations.get(connection);
    if (known !== undefined) return known;
    if (this.#conversations.size >= MAX_CAPTURE_CONNECTIONS) {
      this.#cut = true;
      return undefined;
    }
    const begun: Open = { protocol, at, opened: false, said: [] };
    this.#conversations.set(connection, begun);
    return begun;
  }

  #hear({ said }: Open, piece: Piece): void {
    if (!this.#fits(piece)) return;
    const last = said.at(-1);
    const pieces = last && this.#pieces.get(last);
    if (pieces !== undefined) {
      pieces.push(piece);
      return;
    }
    const begun: Piece[] = [piece];
    const heard: Said = { by: 'camera', pieces: begun };
    this.#pieces.set(heard, begun);
    said.push(heard);
  }

  #sendFrame({ said }: Open, piece: Piece): void {
    const last = said.at(-1);
    let frames = last && this.#frames.get(last);
    if (frames === undefined) {
      if (!this.#fits(piece)) return;
      frames = { first: [], last: [], times: [] };
      const sent: Said = { by: 'client', frames };
      this.#frames.set(sent, frames);
      said.push(sent);
    }
    if (frames.times.length < MAX_CAPTURE_EVENTS) frames.times.push(piece.at);
    else this.#cut = true;
    if (frames.first.length < KEPT_FRAMES) frames.first.push(piece);
    else if (frames.last.push(piece) > KEPT_FRAMES) frames.last.shift();
  }

  #fits({ bytes }: Piece): boolean {
    this.#bytes += bytes.length;
    this.#events += 1;
    this.#cut ||= this.#bytes > MAX_CAPTURE_BYTES || this.#events > MAX_CAPTURE_EVENTS;
    return !this.#cut;
  }
}

function isSound(protocol: WireEvent['protocol'], bytes: Buffer): boolean {
  return protocol === 'rtsp' ? bytes[0] === DOLLAR : protocol === 'stream' && holdsSound(bytes);
}
