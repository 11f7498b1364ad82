// Where a program is on this machine. Nothing is run here.
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/**
 * The file to run: `name` itself where it is a path, else looked up.
 * @param folders as in PATH
 */
export async function findProgram(name: string, folders = process.env['PATH'] ?? ''): Promise<string | undefined> {
  for (const candidate of candidates(name, folders)) if (await isProgram(candidate)) return candidate;
  return undefined;
}

function candidates(name: string, folders: string): string[] {
  if (name === '') return [];
  const names = process.platform === 'win32' && !/\.exe$/i.test(name) ? [name, `${name}.exe`] : [name];
  if (/[/\\]/.test(name)) return names;
  return folders
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((file) => join(folder, file)));
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
