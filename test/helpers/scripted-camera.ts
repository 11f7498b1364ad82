// A camera made of a raw TCP server and a script per connection. It shares no code with the client: what it reads and sends are plain bytes.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** One connection as the camera sees it. */
export class Peer {
  readonly socket: Socket;
  /** Every byte received, also of requests already taken. */
  received = Buffer.alloc(0);
  /** Whether the client's FIN came. */
  ended = false;
  closed = false;
  /** errno of the socket error, such as ECONNRESET. */
  errno: string | undefined;
  #taken = 0;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#wake();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (this.errno = error.code ?? error.message));
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** The next request with its body, as text; undefined when the client is gone. */
  async request(): Promise<string | undefined> {
    for (;;) {
      const rest = this.received.toString('latin1', this.#taken);
      const headEnd = rest.indexOf('\r\n\r\n');
      if (headEnd !== -1) {
        const bodyBytes = Number(/^content-length:\s*(\d+)/im.exec(rest.slice(0, headEnd))?.[1] ?? 0);
        const bytes = headEnd + 4 + bodyBytes;
        if (rest.length >= bytes) {
          this.#taken += bytes;
          return rest.slice(0, bytes);
        }
      }
      if (!(await this.#more())) return undefined;
    }
  }

  /** The next interleaved frame without its four bytes of header; undefined when the client is gone. */
  async frame(): Promise<{ channel: number; packet: Buffer } | undefined> {
    for (;;) {
      const rest = this.received.subarray(this.#taken);
      if (rest.length >= 4) {
        if (rest[0] !== 0x24) throw new Error(`Not a frame: ${rest.toString('latin1', 0, 40)}`);
        const end = 4 + rest.readUInt16BE(2);
        if (rest.length >= end) {
          this.#taken += end;
          return { channel: rest[1] ?? -1, packet: rest.subarray(4, end) };
        }
      }
      if (!(await this.#more())) return undefined;
    }
  }

  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Writes the pieces in segments of their own. */
  async writePieces(pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      await new Promise<void>((written) => this.socket.write(piece, () => written()));
      // Lets the other end, in this same process, read before the next piece follows.
      for (let turn = 0; turn < 3; turn++) await setImmediate();
    }
  }

  /** FIN. */
  end(): void {
    this.socket.end();
  }

  /** RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Resolves with the client's FIN, or when the connection is gone. */
  async finished(): Promise<void> {
    while (!this.ended && !this.closed) await this.#more();
  }

  /** Resolves when the connection is gone. */
  async gone(): Promise<void> {
    while (!this.closed) await this.#change();
  }

  async #more(): Promise<boolean> {
    if (this.ended || this.closed) return false;
    await this.#change();
    return true;
  }

  #change(): Promise<void> {
    return new Promise((wake) => this.#waiting.push(wake));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export type Script = (peer: Peer) => Promise<void> | void;

/** Listens on a free port of 127.0.0.1 and runs the script for each connection. The client's FIN does not end our side. */
export class ScriptedCamera {
  readonly port: number;
  readonly peers: Peer[] = [];
  readonly failures: unknown[] = [];
  readonly #server: Server;

  static async listen(script: Script, host = '127.0.0.1'): Promise<ScriptedCamera> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, host);
    await once(server, 'listening');
    return new ScriptedCamera(server, script);
  }

  private constructor(server: Server, script: Script) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      const peer = new Peer(socket);
      this.peers.push(peer);
      Promise.resolve(script(peer)).catch((error: unknown) => this.failures.push(error));
    });
  }

  /** Ends the server and what is left of the connections; fails when a script failed. */
  async close(): Promise<void> {
    for (const { socket } of this.peers) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
    if (this.failures.length > 0) throw this.failures[0];
  }
}

// --- what cameras say, typed by hand (PROTOCOL.md D1, R1 and V15) ------------------------------------------------------

export const NONCE = '96fa3da3bceda6441e098764e178ed07';
export const SESSION_ID = '7116520596809429228';

export function reply(statusLine: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`RTSP/1.0 ${statusLine}`, ...headers, ...length, '', body].join('\r\n');
}

export const REPLY_401 = reply('401 Unauthorized', [
  'CSeq: 0',
  'WWW-Authenticate: Basic realm="TP-LINK IP-Camera"',
  `WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="${NONCE}"`,
]);
/** The second answer of one that refuses the password. */
export const REFUSED_401 = REPLY_401.replace('CSeq: 0', 'CSeq: 1');
export const REPLY_SESSION = reply('200 OK', ['CSeq: 1', `Session: ${SESSION_ID}`]);
export const REPLY_TALK = reply(
  '200 OK',
  ['CSeq: 2', `Session: ${SESSION_ID}`, 'Content-Type: application/json'],
  '{"type":"response", "seq":0, "params":{"error_code":0, "session_id":"2"}}',
);

/** The three answers of a camera that grants talk. */
export async function grantTalk(peer: Peer): Promise<void> {
  for (const answer of [REPLY_401, REPLY_SESSION, REPLY_TALK]) {
    if ((await peer.request()) === undefined) return;
    peer.write(answer);
  }
}
