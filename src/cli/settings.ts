// The settings file that `tune --apply` writes and `--settings` of every command reads: a JSON object with settings of the camera.
import { readFile, writeFile } from 'node:fs/promises';
import { TUNED, cameraOptions, shown, type TuneResult } from '../index.js';
import { UsageError } from './usage.js';

export type Settings = TuneResult['settings'];

/** Throws UsageError for a file that cannot be read or holds something else. */
export async function readSettings(path: string): Promise<Settings> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--settings: the file cannot be read (${codeOf(error)})`);
  }
  return parsed('--settings', content);
}

/** Writes what was found; what the file had of other settings stays. Throws as `readSettings`, and before anything is tuned by `mayApply`. */
export async function applySettings(path: string, found: Settings): Promise<void> {
  const before = await mayApply(path);
  await writeFile(path, `${JSON.stringify({ ...before, ...found }, undefined, 2)}\n`);
}

/** What the file holds, nothing when there is none. Throws UsageError for a file that is something else: it is not written over. */
export async function mayApply(path: string): Promise<Settings> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw new UsageError(`--apply: the file cannot be read (${codeOf(error)})`);
  }
  return parsed('--apply', content);
}

function parsed(option: string, content: string): Settings {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new UsageError(`${option}: the file is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${option}: the file must hold one JSON object, as tune --apply writes it`);
  }
  const names: readonly string[] = TUNED;
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`${option}: ${shown(unknown)} is no setting; expected ${TUNED.join(', ')}`);
  }
  // Checked before anything else happens; the host is only there because no camera is without one.
  const read = cameraOptions({ host: 'camera', ...value });
  return Object.fromEntries(Object.keys(value).map((name) => [name, read[name as (typeof TUNED)[number]]]));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
