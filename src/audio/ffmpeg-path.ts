// Where ffmpeg is on this machine, and what to tell the user when it is nowhere. Nothing is run here.
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { findProgram } from '../program-path.js';

const found = new Map<string, string>();

/**
 * The ffmpeg to run: `path` (a file, or a name to look up in PATH) and nothing else when it is given; otherwise the environment variable
 * FFMPEG_PATH, then `ffmpeg` in PATH. Undefined when there is none; only a success is remembered.
 */
export async function findFfmpeg(path?: string): Promise<string | undefined> {
  const { FFMPEG_PATH: fromEnvironment = '', PATH: folders = '' } = process.env;
  const key = JSON.stringify([path, fromEnvironment, folders]);
  const known = found.get(key);
  if (known !== undefined) return known;
  for (const name of path === undefined || path === '' ? [fromEnvironment, 'ffmpeg'] : [path]) {
    const program = await findProgram(name, folders);
    if (program === undefined) continue;
    found.set(key, program);
    return program;
  }
  return undefined;
}

/** After a start that failed: look again next time. */
export function forgetFfmpeg(): void {
  found.clear();
}

/** @param content what needs it, such as `FLAC` */
export function ffmpegMissing(path?: string, content?: string): TalkError {
  const where = path === undefined || path === '' ? 'none was found' : `${excerpt(path)} cannot be run`;
  return new TalkError(
    'TALK_ERR_FFMPEG',
    `${content ?? 'This audio format'} needs ffmpeg, and ${where}. Install it (apt install ffmpeg, apk add ffmpeg, brew install ffmpeg or ` +
      'choco install ffmpeg) so that ffmpeg is in PATH, or put its path into settings.js as tplinkTalkFfmpegPath' +
      (content === undefined ? '' : '. Plain WAV and MP3 need no ffmpeg'),
  );
}
