// Simulated cameras on a network and a clock in memory, and a pool that tunes them: a minute of room passes in some tenths of a second.
import { CAMERA_DEFAULTS, cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { connectBy } from '../../src/connection/tcp.js';
import { Pool, type PoolOptions } from '../../src/engine/pool.js';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { watch } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { Host, Network } from '../house/network.js';
import { Timers } from '../house/timers.js';

/** So far time moves before it is looked whether all is over, ms. */
const STEP_MS = 100;

export class TuneHouse {
  readonly clock = new FakeClock();
  readonly pool: Pool;
  readonly #timers = new Timers(this.clock);
  readonly #network = new Network(this.#timers, () => undefined);
  readonly #cameras: SimulatedCamera[] = [];

  constructor(options: Pick<PoolOptions, 'allowed'> = {}) {
    const { dial, readSendQueues } = this.#network;
    this.pool = new Pool({ ...options, clock: this.clock, network: { connect: connectBy(dial), readSendQueues } });
  }

  /** A camera with these habits, and the options with which it is reached. */
  add(options: SimulatedCameraOptions, fields: object = {}): { simulator: SimulatedCamera; camera: CameraOptions } {
    const address = `10.0.0.${this.#cameras.length + 11}`;
    const simulator = new SimulatedCamera({ clock: this.clock, ...options });
    this.#cameras.push(simulator);
    this.#network.add(
      new Host(address, this.#timers, (socket, { camera: { localPort } }) => {
        if (localPort === CAMERA_DEFAULTS.streamPort) simulator.acceptStream(socket);
        else simulator.accept(socket);
      }),
    );
    const { username, password, family } = simulator;
    const { listenUsername, listenPassword } = options;
    const account = { username, password, listenUsername, listenPassword };
    const dialect = family === 'multitrans' ? {} : { dialect: family };
    return { simulator, camera: cameraOptions({ host: address, ...account, ...dialect, ...fields }) };
  }

  /** Time passes until the promise is settled. */
  async passing<T>(promise: Promise<T>): Promise<T> {
    for (const watched = watch(promise); watched.state === 'pending';) await this.clock.advance(STEP_MS);
    return promise;
  }

  async end(): Promise<void> {
    await this.passing(this.pool.destroy());
    for (const simulator of this.#cameras) await this.passing(simulator.stop());
  }
}
