// The writing half of a connection: pieces that the peer shall receive one by one, and answers without end.
import type { Socket } from 'node:net';

export class Outgoing {
  readonly #socket: Socket;
  readonly #waiting: Buffer[] = [];
  #writing = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Writes after what still waits. Between two pieces the event loop polls, so that a peer in this process reads them one by one. */
  write(pieces: readonly Buffer[]): void {
    this.#waiting.push(...pieces);
    if (!this.#writing) this.#writeNext();
  }

  /** Writes the same bytes again and again, as fast as they are read, until the socket ends. */
  pour(bytes: Buffer): void {
    if (!this.#socket.writable) return;
    this.#socket.write(bytes, (error) => {
      if (error == null) setImmediate(() => this.pour(bytes));
    });
  }

  #writeNext(): void {
    const piece = this.#waiting.shift();
    if (piece !== undefined && this.#socket.writable) this.#socket.write(piece);
    this.#writing = this.#waiting.length > 0 && this.#socket.writable;
    // The first setImmediate runs after this poll, the second after the next one.
    if (this.#writing) setImmediate(() => setImmediate(() => this.#writeNext()));
  }
}
