// One socket to a camera, whatever is spoken on it: read from birth to death in small slices, ended once, for one reason.
import type { Socket } from 'node:net';
import { withDeadline, type Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import { CLOSE_GRACE_MS } from '../limits.js';
import { logger } from '../logger.js';
import type { Wire } from '../wire.js';

const log = logger('socket');

/** Read of one camera in a turn of the event loop, bytes; the packets of other cameras go out between. The worst that may stand in them takes about 2 ms. */
const READ_SLICE_BYTES = 8_192;

export interface CameraSocketOptions {
  /** `host:port`, for errors. */
  readonly camera: string;
  readonly clock: Clock;
  /** Is told what goes over the connection. */
  readonly wire?: Wire | undefined;
  /** Takes what came, as long as the connection lives. What it throws is garbage, and ends it. */
  readonly onBytes: (bytes: Buffer) => void;
  /** The camera ended the connection; called before `ended` aborts. What it throws is garbage. */
  readonly onLost?: () => void;
  /** Nothing will be read any more; called before `ended` aborts, and at the latest when a connection that we close is gone. */
  readonly onOver?: () => void;
}

export class CameraSocket {
  readonly #socket: Socket;
  readonly #options: CameraSocketOptions;
  readonly #ended = new AbortController();
  readonly #socketClosed: Promise<void>;
  #state: 'live' | 'closing' | 'closed' = 'live';
  /** Sent when the connection is ended from this side while it is whole, before the FIN. */
  lastWords: Uint8Array | undefined;

  /** Takes over a connected socket. */
  constructor(socket: Socket, options: CameraSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    const { wire } = options;
    wire?.open();
    this.#socketClosed = socket.closed
      ? Promise.resolve()
      : new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => {
      wire?.received(chunk);
      this.#receive(chunk);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(error.code));
    socket.on('end', () => this.#lost(undefined));
    socket.on('close', () => this.#lost(undefined));
    // It was reset in the same turn of the event loop in which it connected, so no event will come.
    if (socket.destroyed) this.#lost('ECONNRESET');
  }

  /** Aborts when the connection is over; its reason is the error, TALK_ERR_ABORTED when it was our own doing. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  get live(): boolean {
    return this.#state === 'live';
  }

  /** For those who watch its queues. */
  get socket(): Pick<Socket, 'bytesWritten' | 'writableLength' | 'localPort' | 'remotePort' | 'remoteAddress'> {
    return this.#socket;
  }

  /** Throws what ended the connection. */
  write(bytes: Uint8Array): void {
    this.#ended.signal.throwIfAborted();
    this.#options.wire?.sent(bytes);
    this.#socket.write(bytes);
  }

  /** Sends our FIN, goes on reading so that it does not become a reset, and is gone after CLOSE_GRACE_MS at the latest. */
  async close(): Promise<void> {
    const { camera, clock, wire } = this.#options;
    if (this.#state === 'live') {
      this.#state = 'closing';
      wire?.over('us');
      this.#socket.end();
      this.#ended.abort(new TalkError('TALK_ERR_ABORTED', 'The connection was closed', { camera }));
    }
    await withDeadline(clock, this.#socketClosed, CLOSE_GRACE_MS, () => this.#dropped(undefined)).catch(
      () => undefined,
    );
    this.destroy();
    await this.#socketClosed;
  }

  /** Ends now. */
  destroy(): void {
    this.fail(new TalkError('TALK_ERR_ABORTED', 'The connection was ended', { camera: this.#options.camera }));
  }

  /** Ends now, for this reason; the first reason counts. With last words the socket lives on for as long as it takes to send them, CLOSE_GRACE_MS at most. */
  fail(error: TalkError): void {
    if (this.#state === 'closed') return;
    const words = this.#state === 'live' ? this.lastWords : undefined;
    this.#state = 'closed';
    const { camera, wire, onOver } = this.#options;
    if (words === undefined) this.#socket.destroy();
    else this.#say(words);
    wire?.over('us', error.code);
    onOver?.();
    if (this.#ended.signal.aborted) return;
    log('%s over: %s', camera, error.message);
    this.#ended.abort(error);
  }

  /** Runs what reads foreign bytes, while the connection lives: what it throws is garbage, and ends the connection. */
  guarded(read: () => void): void {
    if (this.#state !== 'live') return;
    try {
      read();
    } catch (error) {
      this.fail(this.garbage(error instanceof Error ? error.message : 'unreadable'));
    }
  }

  garbage(what: string): TalkError {
    const { camera } = this.#options;
    return new TalkError('TALK_ERR_PROTOCOL', `The camera at ${camera} answers garbage: ${what}`, { camera });
  }

  #say(words: Uint8Array): void {
    const { clock, wire } = this.#options;
    wire?.sent(words);
    this.#socket.end(words);
    const gone = new AbortController();
    void this.#socketClosed.then(() => gone.abort());
    void clock.wait(CLOSE_GRACE_MS, gone.signal).then(
      () => this.#socket.destroy(),
      () => undefined,
    );
  }

  #receive(chunk: Buffer): void {
    const slice = chunk.subarray(0, READ_SLICE_BYTES);
    this.guarded(() => this.#options.onBytes(slice));
    if (chunk.length > READ_SLICE_BYTES) {
      this.#socket.pause();
      setImmediate(() => this.#receive(chunk.subarray(READ_SLICE_BYTES)));
    } else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #lost(errno: string | undefined): void {
    const { wire, onLost } = this.#options;
    wire?.over('camera', errno);
    this.lastWords = undefined;
    if (onLost !== undefined) this.guarded(onLost);
    this.fail(this.#dropped(errno));
  }

  #dropped(errno: string | undefined): TalkError {
    const { camera } = this.#options;
    const cause = errno === undefined ? {} : { cause: { code: errno } };
    const why = `The camera at ${camera} dropped the connection${errno === undefined ? '' : ` (${errno})`}`;
    return new TalkError('TALK_ERR_CLOSED', why, { camera, ...cause });
  }
}
