// Reads a capture: a folder of files, or one file that holds them all.
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../../errors.js';
import { shown } from '../../options.js';
import { MAX_REPLAY_BYTES, MAX_REPLAY_STEPS } from '../limits.js';
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
  if (entries.length > MAX_REPLAY_STEPS) throw new Error('It holds too many files');
  const files = new Map<string, Buffer>();
  let room = MAX_REPLAY_BYTES;
  for (const { name } of entries) {
    const bytes = await bounded(join(path, name), room);
    room -= bytes.length;
    files.set(name, bytes);
  }
  return files;
}

/** What is no file may never end, and a file may grow while it is read. */
async function bounded(path: string, most: number): Promise<Buffer> {
  if (!(await stat(path)).isFile()) throw new Error('It is no file');
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > most) throw new Error('It is too large');
    const bytes = Buffer.alloc(size);
    let filled = 0;
    for (let read = 1; read > 0; filled += read) {
      read = (await file.read(bytes, filled, size - filled)).bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
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
