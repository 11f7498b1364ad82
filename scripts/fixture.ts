// `npm run fixture [-- REPORT [FOLDER]]`: makes a report a folder of test/fixtures/cameras, and writes the READMEs' table of cameras anew from those folders.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withCameras, type CameraCard } from './camera-table.js';
import { throwIfReal } from './real-addresses.js';

const ROOT = resolve(__dirname, '..');
const CAMERAS = join(ROOT, 'test', 'fixtures', 'cameras');
/** What a capture names its files; anything else stays out of the tree. */
const FILE_NAME = /^(?:\d{3,6}-[a-z0-9_-]{1,60}\.(?:rtsp|http|bin)|capture\.json|camera\.json)$/;
/** Whoever sends more sends something else, bytes. */
const MAX_REPORT_BYTES = 8 * 1024 * 1024;

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

/** The files of a report: one JSON text as *Save report* makes it. Throws for anything else, and TALK_ERR_ARGUMENT when an address in it may be real. */
export function reportFiles(report: string): Map<string, Buffer> {
  const { tplinkTalkCapture, files } = JSON.parse(report) as { tplinkTalkCapture?: number; files?: unknown };
  if (tplinkTalkCapture !== 1 || typeof files !== 'object' || files === null) throw new Error('This is no report');
  const found = new Map<string, Buffer>();
  for (const [name, value] of Object.entries(files as Record<string, unknown>)) {
    if (!FILE_NAME.test(name)) throw new Error(`A report has no file ${name.slice(0, 100)}`);
    const { base64 } = typeof value === 'object' && value !== null ? (value as { base64?: unknown }) : {};
    if (typeof value === 'string') found.set(name, Buffer.from(value));
    else if (typeof base64 === 'string') found.set(name, Buffer.from(base64, 'base64'));
    else throw new Error(`Its file ${name} makes no sense`);
  }
  if (!found.has('capture.json') || !found.has('camera.json')) throw new Error('The report is not whole');
  throwIfReal(found);
  return found;
}

/** Of the model, as the folders are called: `tl-ipc44aw-color`. */
export function folderName({ model }: { readonly model?: unknown }): string {
  // A card comes from a stranger.
  return (typeof model === 'string' ? model : '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
}

function addReport(path: string, name?: string): void {
  if (statSync(path).size > MAX_REPORT_BYTES) throw new Error(`${path} is too large for a report`);
  const files = reportFiles(readFileSync(path, 'utf8'));
  const card = JSON.parse(String(files.get('camera.json'))) as CameraCard;
  const folder = join(CAMERAS, folderName({ model: name ?? card.model }) || 'unknown');
  if (existsSync(folder)) throw new Error(`${folder} is there already; name another one`);
  mkdirSync(folder);
  for (const [file, bytes] of files) writeFileSync(join(folder, file), bytes);
  process.stdout.write(`${folder}: say in its camera.json who saw it, and in the README beside it what it holds\n`);
}

function main([report, name]: readonly string[]): void {
  if (report !== undefined) addReport(report, name);
  const cards = [...cameraCards().values()];
  for (const [file, language] of READMES) {
    const path = join(ROOT, file);
    writeFileSync(path, withCameras(readFileSync(path, 'utf8'), cards, language));
    process.stdout.write(`${path}\n`);
  }
}

if (require.main === module) main(process.argv.slice(2));
