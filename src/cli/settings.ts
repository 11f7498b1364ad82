// The settings file that `tune --apply` writes and `--settings` of every command reads: a JSON object with settings of the camera.
import { open, readFile, rm, writeFile } from 'node:fs/promises';
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

/** Writes what was found; what the file had of other settings stays. Throws as `mayApply`. */
export async function applySettings(path: string, found: Settings): Promise<void> {
  const before = await heldBy(path);
  const content = `${JSON.stringify({ ...before, ...found }, undefined, 2)}\n`;
  await unlessUnwritable(() => writeFile(path, content));
}

/** Looks whether the file can be written, and changes nothing. Throws UsageError when it cannot, and for a file that is something else: it is not written over. */
export async function mayApply(path: string): Promise<void> {
  const isNew = (await heldBy(path)) === undefined;
  await unlessUnwritable(async () => {
    await (await open(path, isNew ? 'wx' : 'r+')).close();
    if (isNew) await rm(path);
  });
}

/** Undefined when there is no such file. */
async function heldBy(path: string): Promise<Settings | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UsageError(`--apply: the file cannot be read (${codeOf(error)})`);
  }
  return parsed('--apply', content);
}

async function unlessUnwritable(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new UsageError(`--apply: the file cannot be written (${codeOf(error)})`);
  }
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
