// One TCP connection of the house: two sockets, the wires between them, and what a kernel does when one of them is gone.
import { MemorySocket, socketError, type Place, type Wire } from './memory-socket.js';
import type { Timers } from './timers.js';
import { Half, type Link } from './wire.js';

/** The kernel of the camera as its connections need it. */
export interface Kernel {
  link(): Link;
  /** The process reads nothing; so many bytes per connection are taken for it, ms of silence after that. */
  readonly stalledWindowBytes: number | undefined;
}

export class Connection {
  readonly client: MemorySocket;
  readonly camera: MemorySocket;
  /** Bytes the camera's system has acknowledged and its process never read: nobody can know. */
  lost: Buffer[] = [];
  readonly #kernel: Kernel;
  readonly #timers: Timers;
  readonly #toCamera: Half;
  readonly #toClient: Half;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #readerFull = false;
  #finAfterUnread = false;
  #poweredOff = false;
  #isBreaking = false;

  constructor(kernel: Kernel, timers: Timers, local: Place, remote: Place) {
    this.#kernel = kernel;
    this.#timers = timers;
    this.client = new MemorySocket(local, remote, true);
    this.camera = new MemorySocket(remote, local, false);
    const link = (): Link => kernel.link();
    this.#toCamera = new Half(timers, link, {
      take: (bytes) => this.#takeAtCamera(bytes),
      finish: () => {
        if (this.#unread.length > 0) this.#finAfterUnread = true;
        else if (!this.camera.destroyed) this.camera.push(null);
      },
    });
    this.#toClient = new Half(timers, link, {
      take: (bytes) => this.#takeAtClient(bytes),
      finish: () => (this.client.destroyed ? undefined : this.client.push(null)),
    });
    this.client.attach(this.#end(this.client, this.#toCamera, () => undefined));
    this.camera.attach(
      this.#end(this.camera, this.#toClient, () => {
        this.#readerFull = false;
        this.#hand();
      }),
    );
  }

  /** Bytes in the client's send queue, as /proc/net/tcp shows them. */
  get outstanding(): number {
    return this.#toCamera.outstanding;
  }

  get over(): boolean {
    return this.client.destroyed && this.camera.destroyed;
  }

  /** The link or the reader has changed. */
  wake(): void {
    this.#hand();
    this.#toCamera.pump();
    this.#toClient.pump();
  }

  /** The camera loses its power: its end is gone, and the client hears nothing of it. */
  powerOff(): void {
    this.#poweredOff = true;
    this.#drop();
    this.#toClient.kill();
    this.camera.destroy();
  }

  /** The camera is back and knows nothing of this connection. */
  powerOn(inMs: number): void {
    if (this.#poweredOff) this.#breakClient(inMs, 'ECONNRESET');
  }

  /** The client's keep-alive probes are not answered. */
  probesFail(): void {
    if (this.#poweredOff && this.outstanding === 0 && !this.client.destroyed) this.#breakClient(0, 'ETIMEDOUT');
  }

  #end(socket: MemorySocket, half: Half, wanted: () => void): Wire {
    return {
      send: (bytes, taken) => half.send(bytes, taken),
      finish: () => half.finish(),
      wanted,
      close: (reset) => {
        const ours = socket === this.client;
        if (!ours) this.#drop();
        if (reset) half.kill();
        if (reset || (!ours && this.#poweredOff)) this.#breakOther(ours);
        else if (!socket.writableFinished) half.finish();
      },
    };
  }

  #breakOther(fromClient: boolean): void {
    if (!fromClient) {
      if (!this.#poweredOff) this.#breakClient(this.#kernel.link().latencyMs, 'ECONNRESET');
      return;
    }
    this.#timers.after(this.#kernel.link().latencyMs, () => {
      if (!this.camera.destroyed && !this.#kernel.link().dark) this.camera.destroy(socketError('ECONNRESET'));
    });
  }

  #breakClient(inMs: number, code: string): void {
    this.#timers.after(inMs, () => {
      this.#toCamera.kill();
      if (!this.client.destroyed) this.client.destroy(socketError(code));
    });
  }

  #takeAtClient(bytes: Buffer): boolean {
    if (this.client.destroyed) {
      this.#toClient.kill();
      this.#breakOther(true);
    } else this.client.push(bytes);
    return true;
  }

  #takeAtCamera(bytes: Buffer): boolean {
    if (this.camera.destroyed) {
      // What a RST answers, then or when a camera without power is back, is never acknowledged.
      if (!this.#isBreaking) this.#breakOther(false);
      this.#isBreaking = true;
      return false;
    }
    const { stalledWindowBytes = 65_536 } = this.#kernel;
    if (this.#unreadBytes > 0 && this.#unreadBytes + bytes.length > stalledWindowBytes) return false;
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.length;
    this.#hand();
    return true;
  }

  /** Gives the camera's process what lies in its kernel, as far as it reads. */
  #hand(): void {
    if (this.#kernel.stalledWindowBytes !== undefined || this.camera.destroyed) return;
    const before = this.#unreadBytes;
    while (!this.#readerFull && this.#unread.length > 0) {
      const bytes = this.#unread.shift() as Buffer;
      this.#unreadBytes -= bytes.length;
      this.#readerFull = !this.camera.push(bytes);
    }
    if (this.#unread.length === 0 && this.#finAfterUnread) {
      this.#finAfterUnread = false;
      this.camera.push(null);
    }
    if (this.#unreadBytes < before) this.#toCamera.pump();
  }

  #drop(): void {
    this.lost.push(...this.#unread);
    this.#unread = [];
    this.#unreadBytes = 0;
  }
}
