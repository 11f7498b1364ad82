// A camera of the house with its settings in Node-RED and the times at which something was wrong.
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import type { Pool } from '../../src/engine/pool.js';
import type { Device } from './device.js';
import type { Part } from './message.js';

export type FaultKind =
  'dark' | 'closed' | 'reset' | 'hiccup' | 'stalled' | 'late' | 'busy' | 'locked' | 'password' | 'deploy' | 'blocked';

export interface Fault {
  readonly kind: FaultKind;
  readonly from: number;
  /** Infinity while it lasts. */
  until: number;
}

export class Room {
  readonly device: Device;
  readonly faults: Fault[] = [];
  /** All that was ever sent here. */
  readonly parts: Part[] = [];
  /** Not over yet. */
  readonly pending = new Set<Part>();
  settings: CameraOptions;
  unregister: (() => Promise<void>) | undefined;
  /** Stops, skips and the like, by instant. */
  readonly cuts: { readonly by: string; readonly owner: string; readonly at: number }[] = [];
  /** When sound or an end was last seen. */
  aliveAt = 0;

  constructor(device: Device, idleMs: number) {
    this.device = device;
    const { address } = device.host;
    this.settings = cameraOptions({ host: address, name: device.name, password: device.password, idleMs });
    // A packet of 20 ms on each VIGI would make an hour of packets.
    if (device.dialect === 'vigi') this.settings = { ...this.settings, packetBytes: 1_024 };
  }

  get deploying(): boolean {
    return this.unregister === undefined;
  }

  /** False, and with the password of before, while live sound that began before uses that one. */
  registerWith(pool: Pool, password: string): boolean {
    const before = this.settings;
    this.settings = { ...before, password };
    try {
      this.register(pool);
      return true;
    } catch {
      this.settings = before;
      this.register(pool);
      return false;
    }
  }

  register(pool: Pool): void {
    this.unregister = pool.register(this.settings, `node ${this.device.name}`);
  }

  begin(kind: FaultKind, at: number, until = Number.POSITIVE_INFINITY): Fault {
    const fault = { kind, from: at, until };
    this.faults.push(fault);
    return fault;
  }

  faultsIn(from: number, until: number): Fault[] {
    return this.faults.filter((fault) => fault.from <= until && fault.until >= from);
  }

  /** How long in this time something was wrong, ms; what is wrong is felt for some time more. */
  wrongMs(from: number, until: number, feltMs: number): number {
    const spans = this.faults
      .map((fault) => [Math.max(from, fault.from), Math.min(until, fault.until + feltMs)] as const)
      .filter(([begin, end]) => end > begin)
      .sort(([one], [other]) => one - other);
    let [sum, reached] = [0, from];
    for (const [begin, end] of spans) {
      sum += Math.max(0, end - Math.max(begin, reached));
      reached = Math.max(reached, end);
    }
    return sum;
  }
}
