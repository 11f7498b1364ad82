// A TCP client that sends bytes typed by hand and waits for what the camera answers.
import { connect, type Socket } from 'node:net';

/** Every wait ends here; generous because the machine may be busy. */
const PATIENCE_MS = 60_000;

export class RawClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #changed = (): void => undefined;
  /** `end`: FIN. `reset`: RST. */
  over: 'no' | 'end' | 'reset' = 'no';
  /** Sizes of the pieces as they came. */
  readonly pieces: number[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.pieces.push(chunk.length);
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#changed();
    });
    socket.on('error', () => {
      this.over = 'reset';
      this.#changed();
    });
    socket.on('end', () => {
      this.over = 'end';
      this.#changed();
    });
    socket.on('close', () => {
      if (this.over === 'no') this.over = 'end';
      this.#changed();
    });
  }

  static open(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      const client = new RawClient(socket);
      socket.once('connect', () => resolve(client));
      socket.once('error', (error) => {
        if ('code' in error && error.code === 'ECONNRESET') resolve(client);
        else reject(error);
      });
    });
  }

  /** Bytes not taken yet, as latin1. */
  get text(): string {
    return this.#received.toString('latin1');
  }

  /** How often the kernel has not taken what was written. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** One whole RTSP message: the head, and the body its Content-Length promises. */
  async message(): Promise<string> {
    await this.until(() => /\r\n\r\n/.test(this.text));
    const head = /^[\s\S]*?\r\n\r\n/.exec(this.text)?.[0] ?? '';
    const length = head.length + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    return (await this.take(length)).toString('latin1');
  }

  async take(bytes: number): Promise<Buffer> {
    await this.until(() => this.#received.length >= bytes);
    const taken = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    return taken;
  }

  async ask(request: string): Promise<string> {
    this.send(request);
    return this.message();
  }

  async ended(): Promise<'end' | 'reset'> {
    await this.until(() => this.over !== 'no');
    return this.over === 'reset' ? 'reset' : 'end';
  }

  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing more came; so far: ${this.text}`)), PATIENCE_MS);
      const look = (): void => {
        if (condition()) {
          clearTimeout(timer);
          resolve();
        } else if (this.over !== 'no') {
          clearTimeout(timer);
          reject(new Error(`the camera ended (${this.over}); so far: ${this.text}`));
        }
      };
      this.#changed = look;
      look();
    });
  }

  /** FIN. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}

/** Waits for a condition that no event announces. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
