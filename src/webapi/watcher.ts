// Tells what goes over the connections of one HTTP agent: requests as they are sent, the bytes of answers as they come.
import type { ClientRequest } from 'node:http';
import type { Clock } from '../clock.js';
import { Wire, type OnWire } from '../wire.js';

type Socket = NonNullable<ClientRequest['socket']>;

/** To be called before the request is ended. */
export type WatchRequest = (request: ClientRequest, body: string | undefined) => void;

export function watcher(clock: Clock, onWire: OnWire): WatchRequest {
  const known = new WeakMap<Socket, Wire>();
  const wireOf = (socket: Socket): Wire => {
    const before = known.get(socket);
    if (before !== undefined) return before;
    const wire = new Wire('http', clock, onWire);
    known.set(socket, wire);
    socket.on('data', (chunk: Buffer) => wire.received(chunk));
    socket.on('end', () => wire.over('camera'));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => wire.over('camera', code));
    socket.on('close', () => wire.over('us'));
    return wire;
  };
  return (request, body) => {
    request.once('socket', (socket) => {
      const wire = wireOf(socket);
      if (!socket.connecting) wire.sent(bytesOf(request, body));
      else
        socket.once('connect', () => {
          wire.open();
          wire.sent(bytesOf(request, body));
        });
    });
  };
}

/** As Node.js writes it, but for headers that it adds by itself. */
function bytesOf(request: ClientRequest, body = ''): Buffer {
  const headers = Object.entries(request.getHeaders()).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  return Buffer.from(`${request.method} ${request.path} HTTP/1.1\r\n${headers.join('')}\r\n${body}`);
}
