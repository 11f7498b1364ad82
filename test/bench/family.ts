// The families of simulated cameras that are measured, and what is asked of each. No decisions.
import { dialectDefaults } from '../../src/dialects.js';

export const FAMILIES = ['multitrans', 'tapo', 'vigi-stream'] as const;
export type FamilyName = (typeof FAMILIES)[number];

/** Options of a camera that say how long its packets are. */
export interface PacketSize {
  readonly packetBytes?: number;
  readonly packetMs?: number;
}

export interface Family {
  readonly name: FamilyName;
  /** Silence before the first sound of a fresh session, ms; the default of its cameras. */
  readonly leadInMs: number;
  /** Of a packet, unless told otherwise. */
  readonly packetMs: number;
  /** Packets whose cost is measured. */
  readonly sizes: readonly {
    readonly id: string;
    readonly name: string;
    readonly size: PacketSize;
    readonly goal: string;
  }[];
  /** Packet lateness p99 of one stream and of fifty. */
  readonly goals: { readonly one: string; readonly fifty: string };
}

const OVER_HTTP: Omit<Family, 'name' | 'leadInMs'> = {
  packetMs: 40,
  sizes: [
    { id: '40ms', name: 'packets of 40 ms', size: { packetMs: 40 }, goal: '' },
    { id: '20ms', name: 'packets of 20 ms', size: { packetMs: 20 }, goal: '' },
  ],
  goals: { one: '<= 3', fifty: '<= 6' },
};

const BY_NAME: Readonly<Record<FamilyName, Omit<Family, 'name'>>> = {
  multitrans: {
    leadInMs: dialectDefaults('auto').leadInMs,
    packetMs: 128,
    sizes: [
      { id: '1024', name: 'packets of 1024 bytes', size: { packetBytes: 1_024 }, goal: '<= 0.03' },
      { id: '160', name: 'packets of 160 bytes', size: { packetBytes: 160 }, goal: '<= 0.1' },
    ],
    goals: { one: '<= 2', fifty: '<= 5' },
  },
  tapo: { leadInMs: dialectDefaults('tapo').leadInMs, ...OVER_HTTP },
  'vigi-stream': { leadInMs: dialectDefaults('vigi-stream').leadInMs, ...OVER_HTTP },
};

export function familyOf(name: FamilyName): Family {
  return { name, ...BY_NAME[name] };
}
