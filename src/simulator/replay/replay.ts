// A camera that repeats a capture, on all of its ports.
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../clock.js';
import type { SimulatorWeb } from '../options.js';
import { close, listen } from '../server.js';
import { ReplayConnection } from './connection.js';
import { readCapture } from './read.js';
import { recordedConnections, type Protocol, type RecordedConnection } from './recorded.js';
import { Seats } from './seats.js';

export class Replay {
  readonly #clock: Clock;
  readonly #strange: (key: string) => void;
  readonly #rtsp: Seats;
  readonly #http: Seats;
  readonly #stream: Seats;
  /** Whether it is one that is talked to by HTTP. */
  readonly hasStream: boolean;

  /**
   * Throws TALK_ERR_ARGUMENT when the capture cannot be read.
   * @param path a folder, or one file that holds it all
   * @param strange is told what was asked that nobody has recorded
   */
  static async of(path: string, clock: Clock, strange: (key: string) => void): Promise<Replay> {
    return new Replay(recordedConnections(await readCapture(path)), clock, strange);
  }

  private constructor(recorded: readonly RecordedConnection[], clock: Clock, strange: (key: string) => void) {
    const seats = (wanted: Protocol): Seats => new Seats(recorded.filter(({ protocol }) => protocol === wanted));
    this.#clock = clock;
    this.#strange = strange;
    this.#rtsp = seats('rtsp');
    this.#http = seats('http');
    this.#stream = seats('stream');
    this.hasStream = recorded.some(({ protocol }) => protocol === 'stream');
  }

  /** Takes over a connection to the RTSP port. */
  accept(socket: Socket): ReplayConnection {
    return this.#connection(socket, this.#rtsp);
  }

  /** The same to the port of the HTTP talk. */
  acceptStream(socket: Socket): ReplayConnection {
    return this.#connection(socket, this.#stream);
  }

  /** The HTTP side, as `web` of a simulated camera. */
  async web({ port, host }: { readonly port: number; readonly host: string }): Promise<SimulatorWeb> {
    const connections = new Set<ReplayConnection>();
    const server: Server = createServer((socket) => {
      const connection = this.#connection(socket, this.#http);
      connections.add(connection);
      void connection.closed.then(() => connections.delete(connection));
    });
    const bound = await listen(server, port, host);
    let stopped: Promise<void> | undefined;
    return {
      port: bound,
      stop: () => {
        for (const connection of connections) connection.destroy();
        return (stopped ??= close(server));
      },
    };
  }

  #connection(socket: Socket, seats: Seats): ReplayConnection {
    return new ReplayConnection(socket, { clock: this.#clock, seats, strange: this.#strange });
  }
}
