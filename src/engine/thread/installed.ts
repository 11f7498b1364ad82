// Whether the files of this package are still those that were loaded: an update replaces them under a process that runs, and a thread started then would speak another version.
import { readFileSync } from 'node:fs';

/** Of the package on disk; undefined when it is gone, or bundled with something else. */
export function installedVersion(): string | undefined {
  try {
    const path = require.resolve('@camera-talk/node-red-tplink-talk/package.json');
    return String((JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown }).version);
  } catch {
    return undefined;
  }
}

const LOADED = installedVersion();

/** Of the code that runs here. */
export function loadedVersion(): string | undefined {
  return LOADED;
}

/** What to do when the files are others than those that were loaded; undefined when they are the same. */
export function wordToRestart(): string | undefined {
  const now = installedVersion();
  if (now === LOADED) return undefined;
  const [was, is] = [LOADED, now].map((version) => version?.slice(0, 20) ?? 'none');
  return `This package was updated or removed while it runs (loaded: ${was}, installed: ${is}): restart Node-RED`;
}
