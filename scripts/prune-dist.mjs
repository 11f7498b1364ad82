// After tsc: takes out of dist what nobody can read: files whose source is gone or moved, maps, and declarations behind the doors that "exports" closes.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** @param root the checkout */
export function pruneDist(root) {
  const dist = join(root, 'dist');
  const declarations = readable(publicTypes(root));
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const wanted = file.endsWith('.d.ts') ? declarations.has(file) : isMade(root, relative(dist, file));
    if (!wanted) rmSync(file);
  }
}

/** Whether a file of dist has a source at the same place. */
function isMade(root, path) {
  if (path.endsWith('.map')) return false;
  const sources = [path, path.replace(/\.js$/, '.ts'), path.replace(/^nodes[/\\]/, '')];
  return sources.some((source) => existsSync(join(root, source)));
}

/** The declarations of the entry points. */
export function publicTypes(root) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : [join(root, types)]));
}

/** The declarations and all that they import. */
function readable(files) {
  const known = new Set(files);
  for (const file of known) {
    // While the compiler watches, it writes only what changed.
    if (!existsSync(file)) continue;
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/["'](\.{1,2}\/[^"'\n]+)\.js["']/g)) {
      known.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  return known;
}
