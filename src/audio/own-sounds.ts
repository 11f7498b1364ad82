// `sound:NAME`: a built-in sound, or a file in the folder of the user's own sounds. What a name may be, and which file it means.
import { readdir, realpath } from 'node:fs/promises';
import { join, parse, sep } from 'node:path';
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { CHIMES, type ChimeName } from '../sound/tone.js';

/** Longest name of a file in bytes, as Linux and Windows have it. */
const MAX_NAME_BYTES = 255;

/** What a text that begins with `sound:` means; undefined for any other text. Throws TALK_ERR_ARGUMENT for what is no name, such as a path. */
export function soundNamed(
  text: string,
):
  { readonly kind: 'chime'; readonly name: ChimeName } | { readonly kind: 'sound'; readonly name: string } | undefined {
  const name = /^sound:([^]*)$/i.exec(text)?.[1]?.trim();
  if (name === undefined) return undefined;
  const chime = CHIMES.find((known) => known === name);
  if (chime !== undefined) return { kind: 'chime', name: chime };
  if (!isSoundName(name)) {
    const expected = `a name behind sound:, such as sound:${CHIMES[0]} or that of a file without its folder`;
    throw new TalkError('TALK_ERR_ARGUMENT', `Audio: expected ${expected}, not ${excerpt(name)}`);
  }
  return { kind: 'sound', name };
}

/** Whether it names a file in the folder itself: no path, no drive or stream of Windows, nothing hidden. */
function isSoundName(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /^[^./\\:\0-\x1f\x7f][^/\\:\0-\x1f\x7f]*$/.test(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES;
}

/** A source that is a file. */
export type FileSource =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'sound'; readonly name: string };

/** Where the file is. Throws TALK_ERR_SOURCE for a sound that is not in the folder of the user's own. */
export async function pathOf(source: FileSource, folder: string | undefined): Promise<string> {
  return source.kind === 'file' ? source.path : ownSound(source.name, folder);
}

/**
 * The path without links of the file that is called so, with its extension or without. Throws TALK_ERR_SOURCE when there is none inside the folder.
 * @param folder of the user's own sounds; undefined when there is none
 */
async function ownSound(name: string, folder: string | undefined): Promise<string> {
  if (!isSoundName(name)) throw missing(name, folder);
  try {
    if (folder === undefined) throw missing(name, folder);
    const real = await realpath(folder);
    const files = (await readdir(real)).sort();
    // macOS writes an accent as a character of its own.
    const same = (file: string): boolean => file.normalize() === name.normalize();
    const file =
      files.find(same) ?? files.find((candidate) => !candidate.startsWith('.') && same(parse(candidate).name));
    const path = file === undefined ? undefined : await realpath(join(real, file));
    if (path !== undefined && path.startsWith(real + sep)) return path;
  } catch {
    // There is no such folder, or a link leads nowhere.
  }
  throw missing(name, folder);
}

function missing(name: string, folder: string | undefined): TalkError {
  const own = folder === undefined ? '' : ', or of a file in the folder of your own sounds';
  return new TalkError(
    'TALK_ERR_SOURCE',
    `There is no sound ${excerpt(name)}: expected the name of a built-in one (${CHIMES.join(', ')})${own}`,
  );
}
