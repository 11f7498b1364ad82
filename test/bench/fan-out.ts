// One message to many cameras: what `many` and `growth` have in common.
import { cpus } from 'node:os';
import { familyOf, type FamilyName, type PacketSize } from './family.js';
import { percentile } from './figures.js';
import { firstAudible, isWhole, latenessOfAll, spread } from './heard.js';
import { withProcesses } from './processes.js';

export interface FanOut {
  /** Cameras that heard all of it, packets without fault. */
  readonly whole: number;
  /** From the call to the first packet with sound on the last camera, without the longest lead-in, ms. */
  readonly lastFirstMs: number;
  readonly latenessP99Ms: number;
  /** Between the cameras, packet by packet, ms. */
  readonly spreadP99Ms: number;
  /** Seconds. */
  readonly cpuPerStreamMinute: number;
  /** Of all cores, 0 to 1. */
  readonly machineShare: number;
  /** Of the client's process. */
  readonly peakMb: number;
  /** How late the process of the cameras itself was, p99. */
  readonly cameraDelayMs: number;
}

/** @param families of the cameras, in turn */
export async function fanOut(
  cameras: number,
  families: readonly FamilyName[],
  source: string,
  size: PacketSize = {},
): Promise<FanOut> {
  const leadInMs = Math.max(...families.map((name) => familyOf(name).leadInMs));
  return withProcesses({ cameras, families }, async ({ client, speak, hear, cameraDelay }) => {
    await cameraDelay();
    const spoken = await speak({ source, ...size });
    const { p99Ms } = await cameraDelay();
    const { peakMb } = await client.ask<{ peakMb: number }>('memory');
    const heard = await hear();
    // Why not all is whole is nothing for a table.
    if (spoken.failures.length > 0) process.stderr.write(`${spoken.failures.join(' ')}\n`);
    const seconds = spoken.reports[0]?.seconds ?? Number.NaN;
    return {
      whole: heard.filter((one) => isWhole(one, seconds) && one?.violations.length === 0 && one.warnings.length === 0)
        .length,
      lastFirstMs: Math.max(...heard.map((one) => firstAudible(one) - spoken.calledAt)) - leadInMs,
      latenessP99Ms: latenessOfAll(heard, 0.99),
      spreadP99Ms: percentile(spread(heard), 0.99),
      cpuPerStreamMinute: (spoken.cpuSeconds * 60) / (seconds * cameras),
      machineShare: spoken.cpuSeconds / (seconds * cpus().length),
      peakMb,
      cameraDelayMs: p99Ms,
    };
  });
}
