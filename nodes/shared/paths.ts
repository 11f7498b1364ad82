// Relative paths of files, as the core file nodes read them.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { NodeAPI } from 'node-red';

/** Against `fileWorkingDirectory`, then the process folder. */
export function pathResolver(RED: NodeAPI): (path: string) => string {
  return (path) => {
    const folder: unknown = Reflect.get(RED.settings, 'fileWorkingDirectory');
    if (typeof folder !== 'string' || folder === '') return resolve(path);
    const preferred = resolve(folder, path);
    return existsSync(preferred) || !existsSync(resolve(path)) ? preferred : resolve(path);
  };
}
