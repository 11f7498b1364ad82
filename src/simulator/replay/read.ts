// Reads a capture: a folder of files, or one file that holds them all.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../../errors.js';
import { shown } from '../../options.js';
import { MAX_REPLAY_BYTES } from '../limits.js';
import type { Files } from './recorded.js';

/** Throws TALK_ERR_ARGUMENT when there is none, or more than MAX_REPLAY_BYTES. */
export async function readCapture(path: string): Promise<Files> {
  try {
    return (await stat(path)).isDirectory() ? await folder(path) : bundle(await bounded(path, MAX_REPLAY_BYTES));
  } catch (cause) {
    throw new TalkError('TALK_ERR_ARGUMENT', `Cannot read the capture ${shown(path)}`, { cause });
  }
}

async function folder(path: string): Promise<Files> {
  const entries = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile());
  const files = new Map<string, Buffer>();
  let room = MAX_REPLAY_BYTES;
  for (const { name } of entries) {
    const bytes = await bounded(join(path, name), room);
    room -= bytes.length;
    files.set(name, bytes);
  }
  return files;
}

async function bounded(path: string, most: number): Promise<Buffer> {
  if ((await stat(path)).size > most) throw new Error('It is too large');
  return readFile(path);
}

/** `{ "tplinkTalkCapture": 1, "files": { name: text, or { "base64": … } } }`. */
function bundle(bytes: Buffer): Files {
  const { files } = JSON.parse(bytes.toString('utf8')) as { files: Record<string, string | { base64: string }> };
  return new Map(
    Object.entries(files).map(([name, value]) => [
      name,
      typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.base64, 'base64'),
    ]),
  );
}
