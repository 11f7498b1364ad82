// What Linux tells about processes: CPU, memory, children. Everything is NaN or empty for a process that is gone.
import { readdirSync, readFileSync } from 'node:fs';

/** CPU of all living threads, s; to the nanosecond, where /proc/…/stat counts in hundredths. */
export function cpuSeconds(pid: number): number {
  const threads = listed(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) => Number(text(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]));
  return threads.length === 0 ? Number.NaN : nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** Resident memory now, MB. */
export function residentMb(pid: number): number {
  return statusMb(pid, 'VmRSS');
}

/** Resident memory that no other process shares, MB. */
export function privateMb(pid: number): number {
  const rollup = text(`/proc/${pid}/smaps_rollup`);
  return ['Private_Clean', 'Private_Dirty'].reduce((sum, name) => sum + megabytes(rollup, name), 0);
}

/** The most that each process below `pid` has had resident so far, added up, MB. */
export function peakBelowMb(pid: number): number {
  return descendants(pid).reduce((sum, one) => sum + (statusMb(one, 'VmHWM') || 0), 0);
}

function descendants(pid: number): number[] {
  const children = text(`/proc/${pid}/task/${pid}/children`).trim();
  if (children === '') return [];
  return children
    .split(' ')
    .map(Number)
    .flatMap((child) => [child, ...descendants(child)]);
}

function statusMb(pid: number, name: string): number {
  return megabytes(text(`/proc/${pid}/status`), name);
}

function megabytes(lines: string, name: string): number {
  return (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(lines)?.[1] ?? Number.NaN) * 1024) / 1e6;
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function listed(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
