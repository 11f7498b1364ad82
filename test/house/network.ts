// The network of the house: hosts that may be dark, closed, slow or stalled, connections to them, and the client's system.
import type { Dial } from '../../src/connection/tcp.js';
import { procAddress, type ReadSendQueues } from '../../src/talk/stall-watch.js';
import { Connection, type Kernel } from './connection.js';
import { socketError, type MemorySocket } from './memory-socket.js';
import type { Timers } from './timers.js';
import type { Link } from './wire.js';

/** Between a lost SYN and the next one, ms (Linux). */
const SYN_AGAIN_MS: readonly number[] = [1_000, 2_000, 4_000];
/** Of connectTcp: the first probe after 5 s, and ten of Node.js a second apart. */
const PROBES_MS = 15_000;
/** Nobody answers ARP for so long: EHOSTUNREACH (Linux). */
const NO_ROUTE_MS = 3_000;

/** What of a net.Socket the code uses. */
type Socket = ReturnType<Dial>;

export class Host implements Kernel {
  readonly address: string;
  readonly connections = new Set<Connection>();
  latencyMs = 1;
  clearAt = 0;
  dark = false;
  /** Nothing listens: ECONNREFUSED. */
  closed = false;
  /** While dark: whether the client's system knows that nobody is there. */
  noRoute = false;
  stalledWindowBytes: number | undefined;
  readonly #timers: Timers;
  readonly #accept: (socket: Socket, connection: Connection) => void;

  constructor(address: string, timers: Timers, accept: (socket: Socket, connection: Connection) => void) {
    this.address = address;
    this.#timers = timers;
    this.#accept = accept;
  }

  link(): Link {
    return this;
  }

  /** Reads again, or can be reached again. */
  wake(): void {
    for (const connection of this.connections) connection.wake();
  }

  powerOff(noRoute: boolean): void {
    this.dark = true;
    this.noRoute = noRoute;
    const cut = [...this.connections];
    for (const connection of cut) connection.powerOff();
    this.#timers.after(PROBES_MS, () => cut.forEach((connection) => connection.probesFail()));
  }

  /** @param tellInMs when the client's next packet or probe is answered with RST */
  powerOn(tellInMs: number): void {
    this.dark = false;
    for (const connection of this.connections) connection.powerOn(tellInMs);
  }

  connect(connection: Connection, tries = 0): void {
    const { client } = connection;
    const fail = (ms: number, code: string): void =>
      this.#timers.after(ms, () => {
        if (!client.destroyed) client.destroy(socketError(code));
      });
    if (this.dark && this.noRoute) fail(NO_ROUTE_MS, 'EHOSTUNREACH');
    else if (this.dark || this.clearAt > this.#timers.now()) {
      const again = SYN_AGAIN_MS[tries];
      if (again !== undefined) {
        this.#timers.after(again, () => (client.destroyed ? undefined : this.connect(connection, tries + 1)));
      }
    } else if (this.closed) fail(2 * this.latencyMs, 'ECONNREFUSED');
    else this.#timers.after(2 * this.latencyMs, () => this.#connected(connection));
  }

  #connected(connection: Connection): void {
    const { client, camera } = connection;
    if (client.destroyed) return;
    if (this.dark || this.closed) {
      this.connect(connection);
      return;
    }
    this.connections.add(connection);
    client.connecting = false;
    this.#accept(camera as unknown as Socket, connection);
    client.emit('connect');
  }
}

export class Network {
  readonly #timers: Timers;
  readonly #hosts = new Map<string, Host>();
  readonly #onDial: (socket: MemorySocket, host: Host) => void;
  readonly #clients = new Map<MemorySocket, Connection>();
  #ports = 40_000;

  /** @param onDial told of each connection that is begun */
  constructor(timers: Timers, onDial: (socket: MemorySocket, host: Host) => void) {
    this.#timers = timers;
    this.#onDial = onDial;
  }

  add(host: Host): void {
    this.#hosts.set(host.address, host);
  }

  readonly dial: Dial = ({ host: address = '', port }) => {
    const host = this.#hosts.get(address);
    if (host === undefined) throw new Error(`Nobody lives at ${address}`);
    const local = { address: '10.0.0.1', port: (this.#ports = this.#ports >= 60_000 ? 40_000 : this.#ports + 1) };
    const connection = new Connection(host, this.#timers, local, { address, port });
    const { client, camera } = connection;
    this.#clients.set(client, connection);
    const closed = (): void => {
      if (connection.over) host.connections.delete(connection);
    };
    client.once('close', () => {
      this.#clients.delete(client);
      // It was never accepted.
      if (client.connecting) camera.destroy();
      closed();
    });
    camera.once('close', closed);
    this.#onDial(client, host);
    host.connect(connection);
    return client as unknown as Socket;
  };

  /** What the client's system would list in /proc/net/tcp. */
  readonly readSendQueues: ReadSendQueues = () => {
    const queues = new Map<string, number>();
    for (const [{ localPort, remoteAddress, remotePort, destroyed }, { outstanding }] of this.#clients) {
      if (!destroyed) queues.set(`${localPort} ${procAddress(remoteAddress)}:${remotePort}`, outstanding);
    }
    return Promise.resolve(queues);
  };

  /** Sockets of the client that are not closed. */
  get open(): number {
    return this.#clients.size;
  }
}
