// The simulator's HTTP port: hands camera addresses to the web API, shows the page to humans, keeps strangers out. What is shown is made by page.ts.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { isIP } from 'node:net';
import { monotonicClock, type Clock } from '../../clock.js';
import { TalkError } from '../../errors.js';
import { WEB_MAX_CONNECTIONS, WEB_REQUEST_TIMEOUT_MS } from '../limits.js';
import { createEventStream } from './events.js';
import { byteRange, loadPage, type Page, type PageSource } from './page.js';

export interface WebServerOptions {
  /** Address to listen on; default 127.0.0.1. */
  host?: string;
  /** 0 for any free port. */
  port: number;
  page: PageSource;
  /** The camera's web API, when it is switched on: `createWebApi(…)`. */
  api?: { handle(request: IncomingMessage, response: ServerResponse): boolean };
  clock?: Clock;
}

export interface WebServer {
  readonly port: number;
  /** Closes every connection and the port. Idempotent. */
  stop(): Promise<void>;
}

// Recordings are named like this (see PageSession).
const RECORDING_PATH = /^\/heard\/([A-Za-z0-9_-]{1,64})\.wav$/;

/**
 * Starts the simulator's web server.
 * @throws TalkError TALK_ERR_ARGUMENT when the address or port cannot be had.
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { host = '127.0.0.1', port, page: source, api } = options;
  const page = await loadPage();
  const events = createEventStream(() => JSON.stringify(source.snapshot()), options.clock ?? monotonicClock);

  const server = createServer({ requestTimeout: WEB_REQUEST_TIMEOUT_MS }, (request, response) => {
    response.on('error', () => response.destroy());
    if (!isMeantForUs(request, host)) {
      sendText(response, 403, `Open this page by the address of its host (${host}) or as localhost\n`);
    } else if (api?.handle(request, response) !== true) {
      showPage(request, response);
    }
  });
  server.maxConnections = WEB_MAX_CONNECTIONS;

  const showPage = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const recording = RECORDING_PATH.exec(path)?.[1];
    const wav = recording === undefined ? undefined : source.wav(recording);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    response.setHeader('Cache-Control', 'no-store');
    if (request.method !== 'GET') sendText(response, 404, 'Not found\n');
    else if (path === '/') sendPage(response, page);
    else if (path === '/state') send(response, 200, 'application/json', JSON.stringify(source.snapshot()));
    else if (wav !== undefined) sendRecording(response, wav, request.headers.range);
    else if (path !== '/events') sendText(response, 404, 'Not found\n');
    else if (!events.add(response)) sendText(response, 503, 'Too many open pages\n');
  };

  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const boundPort = await listen(server, host, port);
  const unsubscribe = source.onChange(() => events.changed());

  let stopped: Promise<void> | undefined;
  return {
    port: boundPort,
    stop() {
      stopped ??= new Promise((resolve) => {
        unsubscribe();
        events.stop();
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      return stopped;
    },
  };
}

/** Whether the Host header names this machine. A web page whose host name was changed to our address (DNS rebinding) must not read the simulator. */
function isMeantForUs(request: IncomingMessage, boundHost: string): boolean {
  const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(request.headers.host ?? '');
  const host = (name?.[1] ?? name?.[2] ?? '').toLowerCase();
  if (host === '') return false;
  if (host === 'localhost' || host.endsWith('.localhost') || host === boundHost.toLowerCase()) return true;
  // A literal address cannot be rebound.
  const reached = (request.socket.localAddress ?? '').replace(/^::ffff:/, '');
  return isIP(host) !== 0 && (host === reached || host === '::1' || host.startsWith('127.'));
}

function sendPage(response: ServerResponse, page: Page): void {
  response.setHeader('Content-Security-Policy', page.contentSecurityPolicy);
  response.setHeader('Referrer-Policy', 'no-referrer');
  send(response, 200, 'text/html; charset=utf-8', page.html);
}

function sendRecording(response: ServerResponse, wav: Buffer, rangeHeader: string | undefined): void {
  response.setHeader('Accept-Ranges', 'bytes');
  const range = byteRange(rangeHeader, wav.length);
  if (range === undefined) {
    send(response, 200, 'audio/wav', wav);
    return;
  }
  const shown = range === null ? `bytes */${wav.length}` : `bytes ${range[0]}-${range[1]}/${wav.length}`;
  response.setHeader('Content-Range', shown);
  if (range === null) sendText(response, 416, 'No such part\n');
  else send(response, 206, 'audio/wav', wav.subarray(range[0], range[1] + 1));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else uses it already' : (cause.code ?? cause.message);
      const message = `Cannot open web port ${port} on ${host}: ${why}; choose another one, or 0 for any`;
      reject(new TalkError('TALK_ERR_ARGUMENT', message, { cause }));
    });
    server.listen(port, host, () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
