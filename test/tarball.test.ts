// What may be published: the list that the gate holds the packed files against. Packing itself is scripts/blackbox.ts's.
import assert from 'node:assert/strict';
import { ROOT } from '../scripts/node-red-process.js';
import { heaviest, strayFiles } from '../scripts/tarball.js';

const listing = (...paths: string[]): { files: { path: string; size: number }[] } => ({
  files: paths.map((path, index) => ({ path, size: 1_000 * (index + 1) })),
});

describe('the tarball', () => {
  it('may hold what users read or run', () => {
    const wanted = listing(
      'package.json',
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'CHANGELOG.md',
      'SECURITY.md',
      'examples/02 - Doorbell.json',
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'dist/src/simulator/page/index.html',
      'dist/nodes/tplink-talk.js',
      'dist/nodes/tplink-talk.html',
      'dist/nodes/icons/tplink-talk.svg',
      'dist/nodes/locales/zh-CN/tplink-talk.json',
    );
    assert.deepEqual(strayFiles(ROOT, wanted), []);
  });

  for (const path of [
    'dist/src/index.js.map',
    'dist/src/gone.js',
    'dist/nodes/gone.d.ts',
    'dist/nodes/locales/zh-CN/gone.json',
    'dist/test/tarball.test.js',
    'src/index.ts',
    'nodes/tplink-talk.html',
    'test/tarball.test.ts',
    'scripts/tarball.ts',
    'README-flow.png',
    'src/README.md',
    'tsconfig.json',
  ]) {
    it(`may not hold ${path}`, () => assert.deepEqual(strayFiles(ROOT, listing('LICENSE', path)), [path]));
  }

  it('says what weighs', () => {
    assert.deepEqual(heaviest(listing('a', 'b', 'c'), 2), ['3.0 kB  c', '2.0 kB  b']);
  });
});
