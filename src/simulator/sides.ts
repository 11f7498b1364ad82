// What a simulated camera has beside its RTSP port: the HTTP talk, HTTP, and answers to those who look for cameras. Started and stopped together.
import { createServer, type Server, type Socket } from 'node:net';
import { startDiscovery, type Discovery } from './discovery.js';
import type { ShownCamera, SimulatedCameraOptions, SimulatorWeb } from './options.js';
import type { SimulatorFamily } from './httptalk/family.js';
import type { Replay } from './replay/replay.js';
import { close, listen } from './server.js';

/** What it needs of its camera. */
interface SidesCamera extends ShownCamera {
  readonly family: SimulatorFamily;
  acceptStream(socket: Socket): void;
}

export class Sides {
  #talk: Server | undefined;
  #streamPort: number | undefined;
  #web: SimulatorWeb | undefined;
  #discovery: Discovery | undefined;

  /** Rejects when one of them cannot listen; none does then. */
  static async start(
    camera: SidesCamera,
    options: SimulatedCameraOptions,
    host: string,
    replay?: Replay,
  ): Promise<Sides> {
    const sides = new Sides();
    try {
      await sides.#listen(camera, options, host, replay);
    } catch (error) {
      await sides.stop();
      throw error;
    }
    return sides;
  }

  async #listen(camera: SidesCamera, options: SimulatedCameraOptions, host: string, replay?: Replay): Promise<void> {
    const { httpPort, streamPort = 0, discovery = false } = options;
    if (replay?.hasStream ?? camera.family !== 'multitrans') {
      this.#talk = createServer((socket) => camera.acceptStream(socket));
      this.#streamPort = await listen(this.#talk, streamPort, host);
    }
    const place = { port: httpPort ?? 0, host };
    this.#web = httpPort === undefined ? undefined : await (replay?.web(place) ?? options.web?.(camera, place));
    if (discovery === false) return;
    const shown = { host, httpPort: this.#web?.port ?? 80 };
    this.#discovery = await startDiscovery(discovery === true ? {} : discovery, shown);
  }

  /** Of the HTTP talk, for the families that have it. */
  get streamPort(): number | undefined {
    return this.#streamPort;
  }

  get httpPort(): number | undefined {
    return this.#web?.port;
  }

  /** Those that are open. */
  get ports(): { readonly httpPort?: number; readonly streamPort?: number } {
    const { httpPort, streamPort } = this;
    return { ...(httpPort === undefined ? {} : { httpPort }), ...(streamPort === undefined ? {} : { streamPort }) };
  }

  async stop(): Promise<void> {
    const talk = this.#talk?.listening === true ? close(this.#talk) : undefined;
    await Promise.all([talk, this.#web?.stop(), this.#discovery?.stop()]);
  }
}
