// A room in real time: the simulated camera on real sockets, tuned as a user's is.
import { cameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import type { TuneResult } from '../../src/tune/result.js';
import { mistakes, type TuneRoom } from './rooms.js';

/** The rooms that are tuned in real time; each takes a minute or two. */
export const REAL_SEEDS = [101, 102, 103] as const;

export async function tuneInRealTime(room: TuneRoom): Promise<TuneResult> {
  const simulator = new SimulatedCamera({ behaviors: room.behaviors });
  const { port } = await simulator.start();
  const pool = new Pool();
  try {
    const { username, password } = simulator;
    return await pool.tune(cameraOptions({ host: '127.0.0.1', port, username, password, ...room.fields }));
  } finally {
    await pool.destroy();
    await simulator.stop();
  }
}

/** How long the sound takes depends on what else the machine has to do; the settings don't. */
export function mistakesInRealTime(room: TuneRoom, result: TuneResult): string[] {
  return mistakes(room, result).filter((text) => !text.startsWith('latencyMs'));
}
