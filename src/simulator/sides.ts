// What a simulated camera has beside its RTSP port: HTTP, and answers to those who look for cameras. Started and stopped together.
import { startDiscovery, type Discovery } from './discovery.js';
import type { ShownCamera, SimulatedCameraOptions, SimulatorWeb } from './options.js';

export class Sides {
  readonly #web: SimulatorWeb | undefined;
  readonly #discovery: Discovery | undefined;

  /** Rejects when one of them cannot listen; none does then. */
  static async start(camera: ShownCamera, options: SimulatedCameraOptions, host: string): Promise<Sides> {
    const { httpPort, discovery = false } = options;
    const http = httpPort === undefined ? undefined : await options.web?.(camera, { port: httpPort, host });
    if (discovery === false) return new Sides(http, undefined);
    try {
      const place = { host, httpPort: http?.port ?? 80 };
      return new Sides(http, await startDiscovery(discovery === true ? {} : discovery, place));
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
