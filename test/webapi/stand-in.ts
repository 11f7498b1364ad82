// A small camera web interface for these tests, written from the facts about cameras alone (PROTOCOL.md W1 to W15): real sockets, exact expectations, counted logins.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import type { Clock } from '../../src/clock.js';

export const PASSWORD = 'Abc12345';
/** securityEncode(PASSWORD), vector V11. */
export const ENCODED = '4748og1u9TefbwK';
/** Vector V12. */
export const RSA_N = BigInt(
  '0xe392c174c4d41d1ec8eaa4081bac537679bf30f16b969e05286f40461dccef60d2fc815b894f9269dc87249af24dfb8c70cfd0c9efb6a4f23ad66298a20fa46dff8f91b528b3bde5b4d96556bbe6a5634ce96b32936f22c3846814b586817b0c99ec3ae65e0c0f3013ff942467fd8a8927c2b832c917b7271c8c8294d05a1a89',
);
export const RSA_D = BigInt(
  '0x2dc7d823257586662b0508fa98969233c34a330e5e166eb39aeec67f547f65a894c9373cb2e2cf117ccbb31178ad376d8944453c5a7ce3b1d72449b16ae8baab051359cb86666d83ec12b381f3fe413035e31b9da933e08a13a316791b1b6aec5ba5bc9d580405db33b356a5e00647f5c38bcaa49414c3748585c4a0956f4601',
);
export const SPKI_162 =
  'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDjksF0xNQdHsjqpAgbrFN2eb8w8WuWngUob0BGHczvYNL8gVuJT5Jp3IckmvJN+4xwz9DJ77ak8jrWYpiiD6Rt/4+RtSizveW02WVWu+alY0zpazKTbyLDhGgUtYaBewyZ7DrmXgwPMBP/lCRn/YqJJ8K4MskXtyccjIKU0FoaiQIDAQAB';
export const SPKI_161 =
  'MIGeMA0GCSqGSIb3DQEBAQUAA4GMADCBiAKBgOOSwXTE1B0eyOqkCBusU3Z5vzDxa5aeBShvQEYdzO9g0vyBW4lPkmnchySa8k37jHDP0MnvtqTyOtZimKIPpG3/j5G1KLO95bTZZVa75qVjTOlrMpNvIsOEaBS1hoF7DJnsOuZeDA8wE/+UJGf9ioknwrgyyRe3JxyMgpTQWhqJAgMBAAE=';

/** RSA with the private exponent and no padding removed: the whole encoded message, 128 bytes. */
export function rsaDecrypt(base64: string): Buffer {
  let result = 1n;
  let base = BigInt(`0x${Buffer.from(base64, 'base64').toString('hex')}`) % RSA_N;
  for (let exponent = RSA_D; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % RSA_N;
    base = (base * base) % RSA_N;
  }
  return Buffer.from(result.toString(16).padStart(256, '0'), 'hex');
}

/** What is left after `00 02 <non-zero bytes> 00`; throws when that is not how the message begins. */
export function stripPkcs1(message: Buffer): string {
  const end = message.indexOf(0, 2);
  if (message[0] !== 0 || message[1] !== 2 || end < 10) throw new Error(`not PKCS#1 v1.5: ${message.toString('hex')}`);
  return message.subarray(end + 1).toString();
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly json: any;
  /** Which TCP connection it came on, from 1. */
  readonly connection: number;
}

export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

export interface Behavior {
  /** `data` of the challenge; a fresh nonce is added unless it has one (or undefined) of its own. */
  challenge?: Record<string, unknown>;
  /** Challenge requests this camera knows. */
  knows?: readonly ('content' | 'login' | 'encrypt_info' | 'passport')[];
  /** HTTP status of challenges. */
  challengeStatus?: number;
  stok?: string;
  /** Answers instead of the login check. */
  onLogin?: (login: any, attempt: number) => Answer | undefined;
  /** Answers a request with a good token. */
  onRequest?: (json: any, count: number) => Answer;
  /** Sees every request first. */
  before?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export class StandIn {
  readonly requests: Seen[] = [];
  /** Every login that carried a password. */
  readonly logins: any[] = [];
  readonly behavior: Behavior;
  /** The token that is valid now. */
  stok: string | undefined;
  #server: Server;
  #nonces = 0;
  #nonce: string | undefined;
  #connections = new WeakMap<Socket, number>();
  #connectionCount = 0;
  #requestCount = 0;

  private constructor(behavior: Behavior) {
    this.behavior = behavior;
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
    this.#server.on('connection', (socket) => this.#connections.set(socket, ++this.#connectionCount));
  }

  static async start(behavior: Behavior = {}): Promise<StandIn> {
    const standIn = new StandIn(behavior);
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#connectionCount;
  }

  camera(options: Record<string, unknown> = {}): CameraOptions {
    return cameraOptions({ host: '127.0.0.1', httpPort: this.port, password: PASSWORD, ...options });
  }

  /** Requests to `/stok=…/ds`. */
  get asked(): Seen[] {
    return this.requests.filter(({ path }) => path.endsWith('/ds'));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const text = Buffer.concat(chunks).toString();
    if (
      request.method === 'POST' &&
      Number(request.headers['content-length']) !== chunks.reduce((n, c) => n + c.length, 0)
    ) {
      throw new Error('Content-Length is missing or wrong');
    }
    const json: any = text === '' ? undefined : JSON.parse(text);
    const path = request.url ?? '';
    const connection = this.#connections.get(request.socket) ?? 0;
    this.requests.push({ method: request.method ?? '', path, headers: request.headers, json, connection });
    if (this.behavior.before?.(request, response) === true) return;
    const answer = this.#answer(request.method ?? '', path, json);
    const body = answer.body ?? JSON.stringify(answer.json);
    response.writeHead(answer.status ?? 200, { 'Content-Length': Buffer.byteLength(body), ...answer.headers });
    response.end(body);
  }

  #answer(method: string, path: string, json: any): Answer {
    const knows = this.behavior.knows ?? ['content'];
    if (method === 'GET' && path === '/pc/Content.htm' && knows.includes('content')) return this.#challenge();
    if (method === 'POST' && path === '/passport/auth' && knows.includes('passport')) return this.#challenge();
    if (method === 'POST' && path === '/' && json?.login !== undefined) {
      if (Object.keys(json.login as object).length > 0) return this.#login(json.login);
      return knows.includes('login') ? this.#challenge() : { json: { error_code: -40401 } };
    }
    if (method === 'POST' && path === '/' && json?.user_management?.get_encrypt_info === null) {
      return knows.includes('encrypt_info') ? this.#challenge() : { json: { error_code: -40210 } };
    }
    if (path.startsWith('/stok=')) {
      const stok = decodeURIComponent(path.slice('/stok='.length, -'/ds'.length));
      if (this.stok === undefined || stok !== this.stok || /[!'()*]/.test(path))
        return { json: { error_code: -40401 } };
      return this.behavior.onRequest?.(json, ++this.#requestCount) ?? { json: { error_code: 0 } };
    }
    return { status: 404, body: '<html><body>404 Not Found</body></html>' };
  }

  #challenge(): Answer {
    this.#nonces += 1;
    this.#nonce = `nonce${String(this.#nonces).padStart(3, '0')}`;
    const data = {
      code: -40407,
      nonce: this.#nonce,
      time: 0,
      max_time: 20,
      sec_left: 0,
      ...(this.behavior.challenge ?? MD5),
    };
    return { status: this.behavior.challengeStatus ?? 200, json: { error_code: -40401, data } };
  }

  #login(login: any): Answer {
    this.logins.push(login);
    const scripted = this.behavior.onLogin?.(login, this.logins.length);
    if (scripted !== undefined) return scripted;
    const nonce = this.#nonce ?? '';
    this.#nonce = undefined;
    if (nonce === '' && login.encrypt_type !== undefined)
      return { json: { error_code: -40401, data: { code: -40410 } } };
    const md5 = createHash('md5').update(`${PASSWORD}:${nonce}`).digest('hex');
    const good =
      login.md5_encrypt_type === undefined
        ? login.encrypt_type === '2'
          ? decrypted(String(login.password)) === `${ENCODED}:${nonce}`
          : login.password === ENCODED
        : login.password === md5;
    if (!good || login.username !== 'admin') {
      return {
        json: { error_code: -40401, data: { code: -40407, time: this.logins.length, max_time: 20, sec_left: 0 } },
      };
    }
    this.stok = decodeURIComponent(this.behavior.stok ?? 'ab)!*c');
    return { json: { error_code: 0, stok: this.behavior.stok ?? 'ab)!*c', user_group: 'root' } };
  }
}

const MD5 = { encrypt_type: ['3'] };

function decrypted(base64: string): string {
  try {
    return stripPkcs1(rsaDecrypt(base64));
  } catch {
    return '';
  }
}

/** A peer that does as told with each connection. */
export async function rawServer(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; sockets: Set<Socket>; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: TcpServer = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Time that moves only when told to. */
export class HandClock implements Clock {
  #now = 0;
  #waits = new Set<{ at: number; resolve: () => void }>();

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wait = { at: this.#now + ms, resolve };
      this.#waits.add(wait);
      signal?.addEventListener('abort', () => {
        this.#waits.delete(wait);
        reject(new Error('aborted'));
      });
    });
  }

  /** Deadlines that nobody has met or cancelled. */
  get waiting(): number {
    return this.#waits.size;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const wait of [...this.#waits].filter(({ at }) => at <= this.#now)) {
      this.#waits.delete(wait);
      wait.resolve();
    }
  }
}

/** Resolves when `condition` holds, looking again at every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
