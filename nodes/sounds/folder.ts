// The folder of the user's own sounds: what lies in it, and what may be put into it or taken out. Nothing outside it is read or written.
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import {
  MAX_SOUND_BYTES,
  MAX_SOUND_FOLDER_BYTES,
  MAX_SOUND_NAME_BYTES,
  MAX_SOUNDS,
  unlikeSound,
} from '../../src/index.js';

export interface SoundFile {
  readonly name: string;
  readonly bytes: number;
}

/** Why not: an HTTP status and a key of the catalogue, `tplink-talk.sounds.<key>`. */
export class Refusal extends Error {
  readonly status: number;
  readonly key: string;
  readonly values: Readonly<Record<string, string | number>>;

  constructor(status: number, key: string, values: Readonly<Record<string, string | number>> = {}) {
    super(key);
    this.status = status;
    this.key = key;
    this.values = values;
  }
}

/** What a file that is not whole yet is called; such names are neither listed nor said. */
const UNFINISHED = '.upload-';
/** Names that Windows keeps for devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?:\.|$)/i;
/** Letters and digits of any script, and between them blanks, dots, dashes and underscores. */
const SAFE = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N} ._-]*$/u;

/** Changes wait for each other, so that the limits hold. */
let changing: Promise<unknown> = Promise.resolve();

/** Files of the folder itself, by name; also those that were put there by hand. None when there is no folder. */
export async function listSounds(folder: string): Promise<SoundFile[]> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) return [];
  const names = (await readdir(real)).filter((name) => !name.startsWith('.')).sort();
  const files: SoundFile[] = [];
  for (const name of names) {
    try {
      const path = await realpath(join(real, name));
      const stats = await stat(path);
      if (stats.isFile() && path.startsWith(real + sep)) files.push({ name, bytes: stats.size });
    } catch {
      // It has just gone, or is a link to nowhere.
    }
  }
  return files;
}

/** Throws Refusal. */
export async function readSound(folder: string, name: string): Promise<Buffer> {
  const file = await listed(folder, name);
  if (file.bytes > MAX_SOUND_BYTES) throw tooLarge();
  return readFile(join(folder, file.name));
}

/** Puts a whole file in its place at once, also instead of one of the same name. Throws Refusal. */
export async function putSound(folder: string, wanted: string, bytes: Buffer): Promise<SoundFile> {
  const name = safeName(wanted);
  if (bytes.length > MAX_SOUND_BYTES) throw tooLarge();
  const kind = unlikeSound(bytes);
  if (kind !== undefined) throw new Refusal(415, 'format', { kind });
  return inTurn(async () => {
    await mkdir(folder, { recursive: true });
    const others = (await listSounds(folder)).filter((file) => file.name !== name);
    if (others.length >= MAX_SOUNDS) throw new Refusal(507, 'tooMany', { most: MAX_SOUNDS });
    const all = others.reduce((sum, file) => sum + file.bytes, bytes.length);
    if (all > MAX_SOUND_FOLDER_BYTES) throw new Refusal(507, 'full', { most: MAX_SOUND_FOLDER_BYTES / 1024 ** 2 });
    // What a process left behind that ended in between.
    for (const left of await readdir(folder)) if (left.startsWith(UNFINISHED)) await rm(join(folder, left));
    const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`);
    try {
      await writeFile(unfinished, bytes, { flag: 'wx' });
      const there = await lstat(join(folder, name)).catch(() => undefined);
      if (there !== undefined && !there.isFile() && !there.isSymbolicLink()) throw new Refusal(409, 'name');
      await rename(unfinished, join(folder, name));
    } finally {
      await rm(unfinished, { force: true });
    }
    return { name, bytes: bytes.length };
  });
}

/** Throws Refusal. */
export async function removeSound(folder: string, name: string): Promise<void> {
  return inTurn(async () => rm(join(folder, (await listed(folder, name)).name)));
}

/** The name as it is stored, accents composed. Throws Refusal for what not every system can store, or what leads elsewhere. */
function safeName(wanted: string): string {
  const name = wanted.normalize();
  const isSafe = SAFE.test(name) && !/[. ]$/.test(name) && !DEVICE.test(name);
  if (!isSafe || Buffer.byteLength(name) > MAX_SOUND_NAME_BYTES) throw new Refusal(400, 'name');
  return name;
}

async function listed(folder: string, name: string): Promise<SoundFile> {
  const file = (await listSounds(folder)).find((one) => one.name === name);
  if (file === undefined) throw new Refusal(404, 'missing');
  return file;
}

export function tooLarge(): Refusal {
  return new Refusal(413, 'tooLarge', { most: MAX_SOUND_BYTES / 1024 ** 2 });
}

function inTurn<T>(change: () => Promise<T>): Promise<T> {
  const changed = changing.then(change);
  changing = changed.catch(() => undefined);
  return changed;
}
