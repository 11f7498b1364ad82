// Raw HTTP typed by hand over a real socket, and a clock that only moves when told, for the tests of the simulator's web side.
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../../src/clock.js';
import { createWebApi, type WebApi, type WebApiOptions } from '../../../src/simulator/web/api.js';
import type { PageSource, PageState } from '../../../src/simulator/web/page.js';
import { startWebServer } from '../../../src/simulator/web/server.js';

export interface RawResponse {
  status: number;
  headers: string;
  text: string;
  json: any;
  /** The connection ended, or was ended by us after the time was up. */
  ended: boolean;
}

/** Sends the text as it is and collects what comes back until the connection ends, or `untilBytes` have come. */
export function exchange(
  port: number,
  request: string,
  { untilBytes = Infinity, host = '127.0.0.1' } = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket: Socket = connect(port, host, () => socket.write(request));
    const finish = (ended: boolean): void => {
      socket.destroy();
      const [head = '', ...body] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n');
      const text = Buffer.from(body.join('\r\n\r\n'), 'latin1').toString('utf8');
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
      resolve({ status, headers: head, text, json: tryJson(text), ended });
    };
    socket.setTimeout(5_000, () => reject(new Error('no end of the answer within 5 s')));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= untilBytes) finish(false);
    });
    socket.on('error', reject);
    socket.on('close', () => finish(true));
  });
}

export function get(port: number, path: string, headers = ''): Promise<RawResponse> {
  return exchange(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n${headers}\r\n`);
}

export function post(port: number, path: string, body: string, headers = ''): Promise<RawResponse> {
  const length = Buffer.byteLength(body);
  return exchange(
    port,
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\n${headers}Content-Length: ${length}\r\n\r\n${body}`,
  );
}

/** A clock that stands still until `advance`. */
export function handClock(): Clock & { advance(ms: number): void } {
  let now = 1_000;
  const waiting: { at: number; resolve: () => void }[] = [];
  return {
    now: () => now,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        waiting.push({ at: now + ms, resolve });
        signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      }),
    advance(ms) {
      now += ms;
      for (const each of waiting.filter(({ at }) => at <= now)) {
        waiting.splice(waiting.indexOf(each), 1);
        each.resolve();
      }
    },
  };
}

export interface FakePage extends PageSource {
  state: PageState;
  wavs: Map<string, Buffer>;
  changed(): void;
  readonly listeners: number;
}

/** A page source whose state the test writes. */
export function fakePage(): FakePage {
  const listeners = new Set<() => void>();
  const page: FakePage = {
    state: { name: 'front door', rtspUrl: 'rtsp://127.0.0.1:8554/multitrans', talking: false, sessions: [] },
    wavs: new Map(),
    get listeners() {
      return listeners.size;
    },
    changed: () => listeners.forEach((listener) => listener()),
    snapshot: () => page.state,
    wav: (id) => page.wavs.get(id),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return page;
}

/** Runs `test` against a started camera API and stops it afterwards. */
export async function withApi(
  options: Partial<WebApiOptions>,
  test: (port: number, api: WebApi) => Promise<void>,
): Promise<void> {
  const api = createWebApi({ password: 'Abc12345', ...options });
  const server = await startWebServer({ port: 0, page: fakePage(), api });
  try {
    await test(server.port, api);
  } finally {
    await server.stop();
  }
}

function tryJson(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
