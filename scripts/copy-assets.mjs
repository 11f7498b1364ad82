// After tsc: puts what is not TypeScript beside the compiled files, where Node-RED and the command line look for it, and leaves nothing else there.
import { chmodSync, cpSync, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pruneDist, publicTypes } from './prune-dist.mjs';
import { stripComments, stripInternalTypes } from './strip-comments.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...path) => join(root, ...path);

for (const file of readdirSync(at('nodes')).filter((name) => name.endsWith('.html'))) {
  cpSync(at('nodes', file), at('dist', 'nodes', file));
}

// Before the assets: the page's own code is not compiled and stays as it was written.
stripComments(at('dist'), publicTypes(root));

const FOLDERS = [
  ['nodes/locales', 'dist/nodes/locales'],
  // Node-RED looks for icons only beside the compiled node files.
  ['icons', 'dist/nodes/icons'],
  ['src/simulator/page', 'dist/src/simulator/page'],
];
for (const [from, to] of FOLDERS) {
  if (!existsSync(at(from))) continue;
  cpSync(at(from), at(to), {
    recursive: true,
    filter: (source) => statSync(source).isDirectory() || !/\.ts$|tsconfig\.json$/.test(source),
  });
}

const command = at('dist', 'src', 'cli', 'main.js');
// rwxr-xr-x, as npm sets it on a package's commands.
if (existsSync(command)) chmodSync(command, 0o755);

pruneDist(root);
stripInternalTypes(at('dist'), publicTypes(root));
