// `npm run fixture`: writes the READMEs' table of cameras anew from the camera.json of each folder in test/fixtures/cameras.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withCameras, type CameraCard } from './camera-table.js';

const ROOT = resolve(__dirname, '..');
const CAMERAS = join(ROOT, 'test', 'fixtures', 'cameras');

/** The README of each language. */
export const READMES = [
  ['README.md', 'en'],
  ['README.zh-CN.md', 'zh'],
] as const;

/** The folders, and their cards. Throws when a folder has none. */
export function cameraCards(): Map<string, CameraCard> {
  const folders = readdirSync(CAMERAS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(
    folders.map(({ name }) => [
      name,
      JSON.parse(readFileSync(join(CAMERAS, name, 'camera.json'), 'utf8')) as CameraCard,
    ]),
  );
}

function main(): void {
  const cards = [...cameraCards().values()];
  for (const [file, language] of READMES) {
    const path = join(ROOT, file);
    if (existsSync(path)) writeFileSync(path, withCameras(readFileSync(path, 'utf8'), cards, language));
    process.stdout.write(`${path}\n`);
  }
}

if (require.main === module) main();
