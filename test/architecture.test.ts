// Reads the import lines of src and nodes and fails with the arrow that has no place in the plan; src/README.md says why the rooms are as they are.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '..');
const MAX_LINES = 300;

interface Room {
  readonly name: string;
  /** Paths without extension; the first room that fits counts. */
  readonly files: RegExp;
  /** Rooms it may import from, itself included only if named. */
  readonly may: readonly string[];
  /** Packages and Node modules it may import. */
  readonly outside?: RegExp;
}

const ROOMS: readonly Room[] = [
  {
    name: 'ground',
    files: /^src\/(errors|limits|clock|logger|camera|password-guard|login-turns)$/,
    may: ['ground'],
    // What they take of them is looked at below.
    outside: /^(debug|node:(crypto|net|url|util))$/,
  },
  { name: 'wire', files: /^src\/(rtsp|rtp)\//, may: ['ground', 'wire'], outside: /^node:crypto$/ },
  {
    name: 'sound',
    files:
      /^src\/(check\/.+|audio\/(clip|dot-products|format|g711|gain|mp3-frames|resample|sniff|tone|wav|wav-format))$/,
    may: ['ground', 'sound'],
  },
  {
    name: 'audio',
    files: /^src\/audio\//,
    may: ['ground', 'sound', 'audio'],
    outside:
      /^(node:(child_process|crypto|fs|fs\/promises|os|path|stream|url|util\/types)|fluent-ffmpeg|mpg123-decoder)$/,
  },
  { name: 'dialogue', files: /^src\/multitrans\//, may: ['ground', 'wire', 'dialogue'] },
  {
    name: 'webapi',
    files: /^src\/webapi\//,
    may: ['ground', 'webapi'],
    outside: /^node:(http|crypto|timers\/promises)$/,
  },
  {
    name: 'connection',
    files: /^src\/talk\/(connect|rtsp-connection|session|stall-watch)$/,
    may: ['ground', 'wire', 'dialogue', 'connection'],
    outside: /^node:(net|crypto|fs\/promises)$/,
  },
  { name: 'states', files: /^src\/talk\/states$/, may: ['ground'] },
  {
    name: 'listen',
    files: /^src\/listen\//,
    may: ['ground', 'wire', 'sound', 'audio', 'connection', 'listen'],
    outside: /^node:crypto$/,
  },
  {
    name: 'probe',
    files: /^src\/probe\//,
    may: ['ground', 'wire', 'audio', 'dialogue', 'webapi', 'connection', 'states', 'probe'],
    outside: /^node:crypto$/,
  },
  {
    name: 'conduct',
    files: /^src\/talk\//,
    may: [
      'ground',
      'wire',
      'sound',
      'audio',
      'dialogue',
      'webapi',
      'connection',
      'states',
      'listen',
      'probe',
      'conduct',
    ],
    outside: /^node:(crypto|events)$/,
  },
  {
    name: 'engine',
    files: /^src\/engine\//,
    may: ['ground', 'audio', 'states', 'listen', 'conduct', 'engine'],
    outside: /^node:(events|worker_threads|util\/types)$/,
  },
  {
    name: 'face',
    files: /^src\/index$/,
    may: ['ground', 'sound', 'audio', 'webapi', 'states', 'listen', 'probe', 'conduct', 'engine'],
  },
  // A shared mistake must not cancel out: nothing that speaks the client's side, not even its digest.
  {
    name: 'simulator',
    files: /^src\/simulator\//,
    may: ['ground', 'wire', 'sound', 'simulator'],
    outside: /^node:(crypto|events|fs\/promises|http|net|path)$/,
  },
  { name: 'cli', files: /^src\/cli\//, may: ['face', 'cli'], outside: /^node:/ },
  {
    name: 'nodes',
    files: /^nodes\//,
    may: ['face', 'nodes'],
    outside: /^(node-red|node:(events|fs|path|util|util\/types))$/,
  },
];

/** Single arrows beyond the rooms. */
const DOORS: readonly (readonly [from: RegExp, to: RegExp])[] = [
  [/^src\/cli\//, /^src\/simulator\/index$/],
  [/^src\/check\//, /^src\/audio\/tone$/],
];

/** Single arrows that the rooms would allow. */
const WALLS: readonly (readonly [from: RegExp, to: RegExp, why: string])[] = [
  [/^src\/simulator\//, /^src\/rtsp\/digest$/, 'the simulator verifies with its own digest'],
  [/^src\/simulator\//, /^src\/password-guard$/, 'the guard is the client’s'],
  [/^src\/simulator\//, /^src\/audio\/(?!g711$|wav$)/, 'of audio the simulator shares g711 and wav alone'],
  [/^src\/simulator\//, /^src\/check\//, 'the simulator records, it does not judge'],
  [
    /^(?!src\/audio\/ffmpeg(-run)?$)/,
    /^(node:child_process|fluent-ffmpeg)$/,
    'processes are born in audio/ffmpeg alone',
  ],
  [/^(?!src\/talk\/stall-watch$)src\/talk\//, /^node:fs/, 'talk reads no files but the kernel’s table'],
  [/^(?!src\/engine\/)/, /^node:worker_threads$/, 'threads are the engine’s'],
  [/^src\/(?!webapi\/|simulator\/)/, /^node:http/, 'only webapi and the simulator speak HTTP themselves'],
];

/** Node modules of which a file that owns no socket may take a pure function. */
const PURE_NAMES: readonly (readonly [file: RegExp, module: string, names: readonly string[]])[] = [
  [/^src\/camera$/, 'node:net', ['isIP']],
  [/^src\/camera$/, 'node:url', ['domainToASCII']],
  [/^src\/logger$/, 'node:util', ['format', 'inspect']],
  [/^src\/talk\//, 'node:events', ['setMaxListeners']],
  [/^src\/talk\/stall-watch$/, 'node:net', ['isIP', 'isIPv4']],
  [/^src\/password-guard$/, 'node:crypto', ['createHmac', 'randomBytes']],
  [/^src\/(rtsp|rtp)\//, 'node:crypto', ['createHash']],
];

const AMBIENT_TIME =
  /\b(Date\.now|performance\.now|setTimeout|setInterval|AbortSignal\.timeout|process\.(hrtime|uptime))\b|\bnew Date\(\s*\)|(?<!new )\bDate\(\)/;
/** Where the time of day or a timer may be read; everything else takes a Clock. */
const KEEPERS_OF_TIME = /^src\/clock$/;

interface Import {
  readonly names: string;
  /** A path without extension, or the name of a package or Node module. */
  readonly target: string;
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly imports: readonly Import[];
}

function sources(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => {
      const text = readFileSync(file, 'utf8');
      const code = withoutComments(text);
      const path = relative(ROOT, file).replaceAll('\\', '/').replace(/\.ts$/, '');
      return { path, text, code, imports: importsOf(path, code) };
    })
    .sort((one, other) => one.path.localeCompare(other.path));
}

function importsOf(path: string, code: string): Import[] {
  const statements = [
    ...code.matchAll(/\b(?:import|export)\b([^;'"]*?)\bfrom\s*['"]([^'"\s]+)['"]/g),
    ...code.matchAll(/(?<!['"])\b(?:import|require)\b(\s*\(?\s*)['"]([^'"\s]+)['"]/g),
  ];
  return statements.map(([, names = '', target = '']) => ({
    names,
    target: target.startsWith('.') ? join(path, '..', target).replaceAll('\\', '/').replace(/\.js$/, '') : target,
  }));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

const roomOf = (path: string): Room | undefined => ROOMS.find(({ files }) => files.test(path));

/** What is wrong with one arrow; undefined when it has its place. */
function objection(from: string, { names, target }: Import): string | undefined {
  const wall = WALLS.find(([here, there]) => here.test(from) && there.test(target));
  if (wall !== undefined) return wall[2];
  if (DOORS.some(([here, there]) => here.test(from) && there.test(target))) return undefined;
  const room = roomOf(from);
  if (room === undefined) return 'this file has no room in test/architecture.test.ts';
  if (!/^(src|nodes)\//.test(target)) {
    if (room.outside?.test(target) !== true) return `${room.name} may not import ${target}`;
    const pure = PURE_NAMES.find(([file, module]) => file.test(from) && module === target);
    const taken = names.match(/[\w$]+/g)?.filter((name) => name !== 'type') ?? [];
    const surplus = pure === undefined ? undefined : taken.find((name) => !pure[2].includes(name));
    return surplus === undefined ? undefined : `of ${target} it may take ${pure?.[2].join(', ') ?? ''} only`;
  }
  const other = roomOf(target);
  if (other === undefined) return `${target} has no room in test/architecture.test.ts`;
  return room.may.includes(other.name) ? undefined : `${room.name} may not import ${other.name}`;
}

function objections(all: readonly Source[]): string[] {
  return all.flatMap(({ path, imports }) =>
    imports.flatMap((arrow) => {
      const why = objection(path, arrow);
      return why === undefined ? [] : [`${path} -> ${arrow.target}: ${why}`];
    }),
  );
}

describe('architecture', () => {
  const all = [...sources('src'), ...sources('nodes')];

  it('has a plan that this test can read', () => {
    assert.ok(all.length > 60);
    assert.ok(all.flatMap(({ imports }) => imports).length > 300);
    const names = ROOMS.map(({ name }) => name);
    for (const { name, may } of ROOMS)
      for (const other of may) assert.ok(names.includes(other), `${name} names the unknown room ${other}`);
  });

  it('has no arrow out of place', () => {
    assert.deepEqual(objections(all), []);
  });

  it('would notice one', () => {
    for (const [path, code] of [
      ['src/simulator/digest', `import { authorize } from '../rtsp/digest.js';`],
      ['src/simulator/dialogue', `import type { TalkDialogue } from '../multitrans/dialogue.js';`],
      ['src/simulator/camera', `import { connectTcp } from '../talk/connect.js';`],
      ['src/rtsp/parser', `import { readFile } from 'node:fs/promises';`],
      ['src/rtsp/parser', `import { Session } from '../talk/session.js';`],
      ['src/multitrans/dialogue', `import {\n  connect,\n} from 'node:net';`],
      ['src/camera', `import { isIP, connect } from 'node:net';`],
      ['src/talk/line', `import { connect } from 'node:net';`],
      ['src/talk/pacer', `export * from 'node:child_process';`],
      ['src/audio/wav', `import { spawn } from 'node:child_process';`],
      ['src/audio/decode', `const { spawn } = require('node:child_process');`],
      ['src/webapi/client', `import { decode } from '../audio/decode.js';`],
      ['src/talk/session', `import { Pool } from './pool.js';`],
      ['src/clock', `import type { NodeAPI } from 'node-red';`],
      ['src/talk/pool', `const RED = await import('node-red');`],
      ['src/cli/say', `import { Pool } from '../talk/pool.js';`],
      ['src/errors', `import { Pool } from './index.js';`],
      ['nodes/tplink-talk', `import { Line } from '../src/talk/line.js';`],
      ['nodes/tplink-talk', `import axios from 'axios';`],
      ['src/attic/thing', `import { TalkError } from '../errors.js';`],
    ] as const) {
      const found = objections([{ path, text: code, code, imports: importsOf(path, code) }]);
      assert.equal(found.length, 1, `${path}: ${code}`);
    }
  });

  it('has no file that needs itself', () => {
    const needs = new Map(
      all.map(({ path, imports }) => [
        path,
        imports.filter(({ names }) => !/^\s*type\b/.test(names) && !onlyTypes(names)).map(({ target }) => target),
      ]),
    );
    const circles: string[] = [];
    const walk = (path: string, trail: readonly string[]): void => {
      const start = trail.indexOf(path);
      if (start !== -1) {
        // Each circle once: told from its first file in the alphabet.
        const circle = trail.slice(start);
        if (circle.every((other) => path <= other)) circles.push([...circle, path].join(' -> '));
        return;
      }
      for (const next of needs.get(path) ?? []) walk(next, [...trail, path]);
    };
    for (const path of needs.keys()) walk(path, []);
    assert.deepEqual([...new Set(circles)], []);
  });

  it('never knows Node-RED inside src, not even as a type', () => {
    const knowing = all.filter(({ path, code }) => path.startsWith('src/') && /['"]node-red['"/]/.test(code));
    assert.deepEqual(
      knowing.map(({ path }) => path),
      [],
    );
  });

  it('reads ambient time in clock.ts alone', () => {
    const reading = all
      .filter(({ path }) => !KEEPERS_OF_TIME.test(path))
      .flatMap(({ path, code }) => {
        const found = AMBIENT_TIME.exec(code);
        return found === null ? [] : [`${path}: ${found[0]}`];
      });
    assert.deepEqual(reading, []);
    for (const line of [
      'const now = Date.now();',
      'performance.now()',
      'setTimeout(() => undefined, 5)',
      'new Date()',
      'AbortSignal.timeout(5)',
      'return Date();',
    ])
      assert.match(line, AMBIENT_TIME);
    for (const line of ['new Date(seconds * 1_000)', 'clock.now()', 'await clock.wait(5)', 'setImmediate(next)'])
      assert.doesNotMatch(line, AMBIENT_TIME);
  });

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    const long = all
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > MAX_LINES);
    assert.deepEqual(long, []);
  });

  it('says in the first line of each file what lives there', () => {
    // A program starts with the line that names its interpreter.
    const silent = all.filter(({ text }) => !/^(#!.*\n)?\/\/ \S.{20,}/.test(text));
    assert.deepEqual(
      silent.map(({ path, text }) => `${path}: ${text.split('\n')[0] ?? ''}`),
      [],
    );
  });
});

/** True for `{ type A, type B }`. */
function onlyTypes(names: string): boolean {
  const inside = /^\s*\{([\s\S]*)\}\s*$/.exec(names)?.[1];
  if (inside === undefined) return false;
  const entries = inside.split(',').filter((entry) => entry.trim() !== '');
  return entries.length > 0 && entries.every((entry) => /^\s*type\s/.test(entry));
}
