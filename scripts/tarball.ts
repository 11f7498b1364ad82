// What may be in the published tarball, and how heavy it may be. Packing is blackbox.ts's.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm pack --json` says of a tarball. */
export interface Tarball {
  readonly filename: string;
  /** Packed, bytes. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: ReadonlyArray<{ readonly path: string; readonly size: number }>;
}

/** Packed, bytes: it goes over slow lines to small machines. A tenth of it is the READMEs in two languages, which npm always packs. */
export const MAX_TARBALL_BYTES = 600_000;

/** Each with the file that must exist for it; `$1` is what the brackets hold. */
const EXPECTED: ReadonlyArray<readonly [path: RegExp, source: string]> = [
  [/^((?:package\.json|LICENSE|CHANGELOG\.md|SECURITY\.md|README(?:\.zh-CN)?\.md))$/, '$1'],
  [/^(examples\/[^/]+\.json)$/, '$1'],
  [/^(resources\/[^/]+\.(?:js|css))$/, '$1'],
  [/^dist\/((?:src|nodes)\/.+)(?:\.d\.ts|\.js)$/, '$1.ts'],
  [/^dist\/(nodes\/[^/]+\.html|nodes\/locales\/.+\.(?:json|html)|src\/simulator\/page\/[^/]+\.(?:html|css|js))$/, '$1'],
  [/^dist\/nodes\/(icons\/[^/]+\.svg)$/, '$1'],
];

/** The files that no user needs, or that no source makes. */
export function strayFiles(root: string, { files }: Pick<Tarball, 'files'>): string[] {
  const isExpected = (path: string): boolean =>
    EXPECTED.some(([pattern, source]) => pattern.test(path) && existsSync(join(root, path.replace(pattern, source))));
  return files.map(({ path }) => path).filter((path) => !isExpected(path));
}

/** The heaviest files, a line each. */
export function heaviest({ files }: Pick<Tarball, 'files'>, count: number): string[] {
  return files
    .toSorted((one, other) => other.size - one.size)
    .slice(0, count)
    .map(({ path, size }) => `${(size / 1_000).toFixed(1)} kB  ${path}`);
}
