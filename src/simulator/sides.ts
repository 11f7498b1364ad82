// What a simulated camera has beside its RTSP port: HTTP, and answers to those who look for cameras. Started and stopped together.
import { startDiscovery, type Discovery } from './discovery.js';
import type { ShownCamera, SimulatedCameraOptions, SimulatorWeb } from './options.js';
import type { Replay } from './replay/replay.js';

export class Sides {
  readonly #web: SimulatorWeb | undefined;
  readonly #discovery: Discovery | undefined;

  /** Rejects when one of them cannot listen; none does then. */
  static async start(
    camera: ShownCamera,
    options: SimulatedCameraOptions,
    host: string,
    replay?: Replay,
  ): Promise<Sides> {
    const { httpPort, discovery = false } = options;
    const place = { port: httpPort ?? 0, host };
    const http = httpPort === undefined ? undefined : await (replay?.web(place) ?? options.web?.(camera, place));
    if (discovery === false) return new Sides(http, undefined);
    try {
      const shown = { host, httpPort: http?.port ?? 80 };
      return new Sides(http, await startDiscovery(discovery === true ? {} : discovery, shown));
    } catch (error) {
      await http?.stop();
      throw error;
    }
  }

  private constructor(web: SimulatorWeb | undefined, discovery: Discovery | undefined) {
    this.#web = web;
    this.#discovery = discovery;
  }

  get httpPort(): number | undefined {
    return this.#web?.port;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#web?.stop(), this.#discovery?.stop()]);
  }
}
