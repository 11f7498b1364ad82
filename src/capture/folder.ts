// Puts a capture where its reader finds it: a folder of files, or one text that holds them all.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../errors.js';
import { shown } from '../options.js';
import type { CaptureFiles } from './capture.js';

/** Makes the folder, unless it is there and empty. Throws TALK_ERR_ARGUMENT when it cannot be had, or holds something. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) return;
  } catch (cause) {
    throw new TalkError('TALK_ERR_ARGUMENT', `Cannot make the folder ${shown(folder)} for the capture`, { cause });
  }
  throw new TalkError(
    'TALK_ERR_ARGUMENT',
    `The folder ${shown(folder)} for the capture is not empty; name another one`,
  );
}

/** Throws TALK_ERR_ARGUMENT when a file cannot be written. */
export async function writeCapture(folder: string, files: CaptureFiles): Promise<void> {
  try {
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes, { flag: 'wx' });
  } catch (cause) {
    throw new TalkError('TALK_ERR_ARGUMENT', `Cannot write the capture into ${shown(folder)}`, { cause });
  }
}

/** The same as one JSON text: `{ "tplinkTalkCapture": 1, "files": { name: text, or { "base64": … } } }`. */
export function captureText(files: CaptureFiles): string {
  const entries = [...files].map(([name, bytes]): [string, string | { base64: string }] => {
    const text = bytes.toString('utf8');
    return [name, Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString('base64') }];
  });
  return `${JSON.stringify({ tplinkTalkCapture: 1, files: Object.fromEntries(entries) }, undefined, 1)}\n`;
}
