// What the code uses of net.Socket, on a wire that is no system's.
import { Duplex } from 'node:stream';

/** One end of a connection, as its socket sees it. */
export interface Wire {
  /** `taken` when the kernel has room again. */
  send(bytes: Buffer, taken: () => void): void;
  /** FIN behind what was sent. */
  finish(): void;
  /** The socket is gone: FIN behind what was sent, or RST. */
  close(reset: boolean): void;
  /** The reader wants more. */
  wanted(): void;
}

export interface Place {
  readonly address: string;
  readonly port: number;
}

export class MemorySocket extends Duplex {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  connecting: boolean;
  /** Sees what is written, when it is written. */
  onWrite: (bytes: Buffer) => void = () => undefined;
  #wire: Wire | undefined;
  #sent = 0;
  #resets = false;

  constructor(local: Place, remote: Place, connecting: boolean) {
    super({ allowHalfOpen: false });
    [this.localAddress, this.localPort] = [local.address, local.port];
    [this.remoteAddress, this.remotePort] = [remote.address, remote.port];
    this.connecting = connecting;
  }

  attach(wire: Wire): void {
    this.#wire = wire;
  }

  get bytesWritten(): number {
    return this.#sent + this.writableLength;
  }

  resetAndDestroy(): this {
    this.#resets = true;
    return this.destroy();
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    this.#wire?.wanted();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    this.onWrite(chunk);
    this.#wire?.send(chunk, () => {
      this.#sent += chunk.length;
      taken();
    });
  }

  override _final(done: () => void): void {
    this.#wire?.finish();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire?.close(this.#resets);
    done(error);
  }
}

/** As the system reports it. */
export function socketError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
