// The pages for people who work here name files that exist. Whether what they say of them is true is for readers.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const ROOT = join(__dirname, '..');
const FILES = ['src', 'nodes', 'resources', 'test', 'scripts', 'examples'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
    (name) => `/${folder}/${name.replaceAll(sep, '/')}`,
  ),
);

/** Files and folders in code spans: `talk/pacer.ts`, `test/fixtures/cameras/README.md`, `simulator/behaviors/`. `src/a/b.ts` stands for any file. */
function namedFiles(page: string): string[] {
  const spans = [...page.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return spans.filter((span) => /^(?:[\w.-]+\/)*[\w.-]+(?:\.(?:ts|md)|\/)$/.test(span) && !/\/a\/b\./.test(span));
}

function isThere(name: string): boolean {
  const wanted = `/${name.replace(/\/$/, '')}`;
  return FILES.some((file) => file.endsWith(wanted));
}

for (const page of ['src/README.md', 'CONTRIBUTING.md']) {
  describe(page, () => {
    it('names files and folders that exist', () => {
      const named = namedFiles(readFileSync(join(ROOT, page), 'utf8')).filter((name) => !isRoom(name));
      assert.ok(named.length > 10);
      assert.deepEqual(
        named.filter((name) => !isThere(name)),
        [],
      );
    });
  });
}

/** The top folders themselves, which have no place inside the list. */
function isRoom(name: string): boolean {
  return ['src/', 'nodes/', 'resources/', 'test/', 'scripts/'].includes(name);
}
