// Listening and closing of a TCP server, as promises. Connections are the caller's.
import type { Server } from 'node:net';
import { TalkError } from '../errors.js';

/** The port it listens on. Throws TALK_ERR_CONNECT when the address cannot be had. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new TalkError('TALK_ERR_CONNECT', `The simulated camera cannot listen on ${host} port ${port}`, { cause }),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Resolves when the last connection is gone. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
