// Which files and addresses may be read, as settings.js says it. Nothing is opened or fetched here.
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';

/** Undefined is any, an empty array none. Built-in sounds, the user's own and bytes are always allowed. */
export interface Allowed {
  /** With all that is below them; `~/` is the home folder. */
  readonly folders?: readonly string[] | undefined;
  /** Beginnings of http(s) addresses: scheme, host and port are compared as a whole, the path part by part. */
  readonly urls?: readonly string[] | undefined;
  /** The folder of the user's own sounds, `sound:NAME`: allowed whatever `folders` says. */
  readonly sounds?: string | undefined;
}

/** The path to open, without links. Throws TALK_ERR_SOURCE, in the same words whether there is such a file or not. */
export async function allowedPath(path: string, { folders, sounds }: Allowed): Promise<string> {
  if (folders === undefined) return path;
  const real = await withoutLinks(resolve(path));
  for (const folder of sounds === undefined ? folders : [...folders, sounds]) {
    const inside = relative(await withoutLinks(resolve(folder.replace(/^~(?=$|[/\\])/, homedir()))), real);
    if (inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return real;
  }
  const why = 'is in none of the folders that tplinkTalkAllowedFolders in settings.js allows';
  throw new TalkError('TALK_ERR_SOURCE', `The sound file ${excerpt(path)} ${why}`);
}

/** Links are followed as far as there is something. */
async function withoutLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(await withoutLinks(folder), basename(path));
  }
}

/** Whether the address begins with one of the list. */
export function isListed(target: URL, urls: readonly string[]): boolean {
  return urls.some((prefix) => URL.canParse(prefix) && isBelow(target, new URL(prefix)));
}

function isBelow(target: URL, prefix: URL): boolean {
  if (target.protocol !== prefix.protocol || target.host !== prefix.host) return false;
  const path = partsOf(target);
  const wanted = partsOf(prefix);
  // What a server may take for a step up, such as `..%2f`.
  if (path === undefined || wanted === undefined || path.includes('..')) return false;
  if (prefix.search !== '' && (path.length !== wanted.length || !isSameQuery(target, prefix))) return false;
  return wanted.every((part, index) => part === path[index]);
}

function partsOf({ pathname }: URL): string[] | undefined {
  try {
    return decodeURIComponent(pathname.replace(/\/$/, '')).split(/[/\\]/);
  } catch {
    return undefined;
  }
}

function isSameQuery(target: URL, prefix: URL): boolean {
  return target.search === prefix.search || target.search.startsWith(`${prefix.search}&`);
}
