// Reads the import lines of src and nodes and fails with the arrow that has no place in the plan; src/README.md says why the rooms are as they are.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '..');
const MAX_LINES = 300;

interface Room {
  /** A folder directly under `src/` or `nodes/`, or files by name. */
  readonly name: string;
  /** What lives there, for the table of src/README.md. */
  readonly holds: string;
  /** Rooms it may import from, beside itself. */
  readonly may: readonly string[];
  /** Packages and Node modules it may import. */
  readonly outside?: readonly string[];
}

/** From the ground up: a room imports only from rooms above it in this list. */
const ROOMS: readonly Room[] = [
  {
    name: 'src/*',
    holds: 'ground: errors, clock, abort signals, limits, logger, readers of options, camera options',
    may: [],
    // What they take of them is looked at below.
    outside: ['debug', 'node:fs/promises', 'node:net', 'node:path', 'node:url', 'node:util'],
  },
  {
    name: 'src/password/',
    holds: 'who may send which password, and when',
    may: ['src/*'],
    outside: ['node:crypto'],
  },
  { name: 'src/rtsp/', holds: 'RTSP: bytes to messages and back, Digest', may: ['src/*'], outside: ['node:crypto'] },
  {
    name: 'src/multipart/',
    holds: 'the HTTP talk’s bytes to values and back: heads and parts',
    may: ['src/*', 'src/rtsp/'],
  },
  {
    name: 'src/mpegts/',
    holds: 'the HTTP talk’s sound as MPEG-TS: written for the camera, read by the simulated one',
    may: ['src/*'],
  },
  { name: 'src/rtp/', holds: 'RTP: bytes to packets and back', may: ['src/*'] },
  { name: 'src/multitrans/', holds: 'the talk dialogue as values', may: ['src/*', 'src/rtsp/'] },
  {
    name: 'src/httptalk/',
    holds: 'the same for TP-Link’s HTTP talk: log-in, talk, sound',
    may: ['src/*', 'src/rtsp/', 'src/multipart/', 'src/mpegts/', 'src/multitrans/'],
    outside: ['node:crypto'],
  },
  { name: 'src/sound/', holds: 'the maths of samples', may: ['src/*'] },
  {
    name: 'src/connection/',
    holds: 'TCP, connections for RTSP and for the HTTP talk, the handshake',
    may: ['src/*', 'src/password/', 'src/rtsp/', 'src/multipart/'],
    outside: ['node:net'],
  },
  {
    name: 'src/voice/',
    holds: 'words to sound: programs, HTTP, Wyoming, a package',
    may: ['src/*', 'src/sound/'],
    outside: [
      'node:child_process',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:https',
      'node:module',
      'node:net',
      'node:os',
      'node:path',
      'node:stream',
      'node:url',
      'node:worker_threads',
    ],
  },
  {
    name: 'src/audio/',
    holds: 'sources (bytes, files, addresses, streams, words) to prepared clips',
    may: ['src/*', 'src/sound/', 'src/voice/'],
    outside: [
      'fluent-ffmpeg',
      'mpg123-decoder',
      'node:child_process',
      'node:crypto',
      'node:dns',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:https',
      'node:net',
      'node:os',
      'node:path',
      'node:stream',
      'node:url',
      'node:util/types',
      'node:zlib',
    ],
  },
  {
    name: 'src/webapi/',
    holds: 'the camera’s web interface',
    may: ['src/*', 'src/password/'],
    outside: ['node:crypto', 'node:http', 'node:timers/promises'],
  },
  {
    name: 'src/talk/',
    holds: 'a clip meets a session: pacer, queue, line, kept session, announcements, volume',
    may: [
      'src/*',
      'src/password/',
      'src/rtsp/',
      'src/multipart/',
      'src/rtp/',
      'src/multitrans/',
      'src/httptalk/',
      'src/sound/',
      'src/connection/',
      'src/audio/',
      'src/webapi/',
    ],
    outside: ['node:crypto', 'node:events', 'node:fs/promises', 'node:net'],
  },
  {
    name: 'src/listen/',
    holds: 'the camera’s microphone',
    may: ['src/*', 'src/password/', 'src/rtsp/', 'src/rtp/', 'src/sound/', 'src/connection/', 'src/audio/'],
    outside: ['node:crypto'],
  },
  {
    name: 'src/check/',
    holds: 'the sound check: plays a chirp, finds it in what the microphone hears',
    may: ['src/*', 'src/sound/', 'src/talk/', 'src/listen/'],
  },
  {
    name: 'src/tune/',
    holds: 'a camera’s best settings: plays a train of glides, finds what is missing of it',
    may: ['src/*', 'src/multitrans/', 'src/sound/', 'src/talk/', 'src/listen/', 'src/check/'],
  },
  {
    name: 'src/probe/',
    holds: 'a camera tried step by step, told in sentences',
    may: [
      'src/*',
      'src/password/',
      'src/rtsp/',
      'src/multitrans/',
      'src/httptalk/',
      'src/connection/',
      'src/audio/',
      'src/webapi/',
      'src/talk/',
      'src/check/',
      'src/tune/',
    ],
    outside: ['node:crypto'],
  },
  {
    name: 'src/find/',
    holds: 'cameras on this network, and whether they can talk, without a password',
    may: ['src/*', 'src/rtsp/', 'src/multitrans/', 'src/httptalk/', 'src/connection/', 'src/webapi/'],
    outside: ['node:crypto', 'node:dgram', 'node:dns/promises', 'node:events', 'node:http', 'node:net', 'node:os'],
  },
  {
    name: 'src/capture/',
    holds: 'what was said to a camera and by it, as files without secrets',
    may: ['src/*', 'src/webapi/'],
    outside: ['node:crypto', 'node:fs/promises', 'node:path'],
  },
  {
    name: 'src/engine/',
    holds:
      'what users ask: the interface, the pool of cameras, one shared camera; in `thread/` the same in a worker thread',
    may: [
      'src/*',
      'src/password/',
      'src/multitrans/',
      'src/audio/',
      'src/webapi/',
      'src/talk/',
      'src/listen/',
      'src/check/',
      'src/tune/',
      'src/probe/',
    ],
    outside: ['node:crypto', 'node:events', 'node:fs', 'node:util/types', 'node:worker_threads'],
  },
  {
    name: 'src/index',
    holds: 'the public face',
    may: [
      'src/*',
      'src/sound/',
      'src/voice/',
      'src/audio/',
      'src/webapi/',
      'src/talk/',
      'src/listen/',
      'src/check/',
      'src/tune/',
      'src/probe/',
      'src/find/',
      'src/capture/',
      'src/engine/',
    ],
  },
  // A shared mistake must not cancel out: nothing that speaks the client's side, not even its digest.
  {
    name: 'src/simulator/',
    holds:
      'a simulated camera, shipped as a product: `talk/`, `httptalk/`, `stream/`, `web/`, `page/`, `replay/` and its faults, `behaviors/`',
    may: ['src/*', 'src/rtsp/', 'src/rtp/', 'src/mpegts/', 'src/sound/'],
    outside: [
      'node:crypto',
      'node:dgram',
      'node:events',
      'node:fs/promises',
      'node:http',
      'node:net',
      'node:os',
      'node:path',
    ],
  },
  {
    name: 'src/cli/',
    holds: 'the command line',
    may: ['src/index'],
    outside: ['node:events', 'node:fs/promises', 'node:util'],
  },
  {
    name: 'nodes/shared/',
    holds: 'what several nodes need: the engine, cameras and voices, messages in, status out',
    may: ['src/index'],
    outside: ['node-red', 'node:events', 'node:fs', 'node:path'],
  },
  {
    name: 'nodes/talk/',
    holds: 'message and settings of `tplink-talk` to a request, results to a message',
    may: ['src/index', 'nodes/shared/'],
    outside: [],
  },
  {
    name: 'nodes/listen/',
    holds: 'the same for `tplink-listen`',
    may: ['src/index', 'nodes/shared/'],
  },
  {
    name: 'nodes/control/',
    holds: 'the same for `tplink-control`',
    may: ['src/index', 'nodes/shared/'],
    outside: ['node:util/types'],
  },
  {
    name: 'nodes/camera/',
    holds: 'the buttons of the camera dialog',
    may: ['src/index', 'nodes/shared/'],
    outside: ['node-red'],
  },
  {
    name: 'nodes/sounds/',
    holds: 'the sounds of the user’s own, as the talk dialog lists and changes them',
    may: ['src/index', 'nodes/shared/'],
    outside: ['node-red', 'node:crypto', 'node:fs/promises', 'node:path'],
  },
  {
    name: 'nodes/voice/',
    holds: '*Try it* of the voice dialog',
    may: ['src/index', 'nodes/shared/', 'nodes/camera/'],
    outside: ['node-red'],
  },
  {
    name: 'nodes/say-now/',
    holds: '*Say it now* of the talk dialog',
    may: ['src/index', 'nodes/shared/', 'nodes/talk/', 'nodes/camera/', 'nodes/voice/'],
    outside: ['node-red'],
  },
  {
    name: 'nodes/*',
    holds: 'what Node-RED loads: one file per node, which only composes',
    may: [
      'src/index',
      'nodes/shared/',
      'nodes/talk/',
      'nodes/listen/',
      'nodes/control/',
      'nodes/camera/',
      'nodes/sounds/',
      'nodes/voice/',
      'nodes/say-now/',
    ],
    outside: ['node-red', 'node:util'],
  },
];

/** Single arrows beyond the rooms. */
const DOORS: readonly (readonly [from: RegExp, to: RegExp])[] = [[/^src\/cli\//, /^src\/simulator\/index$/]];

/** Single arrows that the rooms would allow. */
const WALLS: readonly (readonly [from: RegExp, to: RegExp, why: string])[] = [
  [/^src\/simulator\//, /^src\/rtsp\/digest(-login)?$/, 'the simulator verifies with its own digest'],
  [/^src\/simulator\//, /^src\/limits$/, 'the simulator judges by its own numbers'],
  [/^src\/simulator\//, /^src\/sound\/(?!g711$|wav-write$)/, 'of sound the simulator shares g711 and wav-write alone'],
  [/^src\/simulator\//, /^src\/mpegts\/(?!reader$)/, 'of MPEG-TS the simulator reads what the client writes'],
  [
    /^src\/(?!simulator\/|mpegts\/reader)/,
    /^src\/mpegts\/reader/,
    'what the client writes is read by the simulator alone',
  ],
  [/^src\/mpegts\/reader/, /^src\/(?!mpegts\/reader)/, 'the reader shares no code with the writer'],
  [
    /^(?!src\/(audio\/ffmpeg(-run)?|voice\/program)$)/,
    /^(node:child_process|fluent-ffmpeg)$/,
    'processes are born in audio/ffmpeg and voice/program alone',
  ],
  [/^(?!src\/talk\/stall-watch$)src\/talk\//, /^node:(fs|net)/, 'of talk only the stall watch looks at the system'],
  [
    /^(?!src\/talk\/(announce|open-(rtsp|http-talk))$)src\/talk\//,
    /^node:(crypto|events)/,
    'talk has no chance and no emitters',
  ],
  [
    /^(?!src\/(engine\/thread\/|voice\/espeak-))/,
    /^node:worker_threads$/,
    'threads are the engine’s and the package’s that speaks',
  ],
];

/** Node modules of which a file that owns no socket may take a pure function. */
const PURE_NAMES: readonly (readonly [file: RegExp, module: string, names: readonly string[]])[] = [
  [/^src\/find\//, 'node:net', ['isIP']],
  [/^src\/find\/find$/, 'node:events', ['setMaxListeners']],
  [/^src\/find\/interfaces$/, 'node:os', ['NetworkInterfaceInfo']],
  [/^src\/connection\/(rtsp-connection|http-talk-connection|camera-socket|open)$/, 'node:net', ['Socket']],
  [/^src\/camera-options$/, 'node:net', ['isIP']],
  [/^src\/camera-options$/, 'node:url', ['domainToASCII']],
  [/^src\/logger$/, 'node:util', ['format', 'inspect']],
  [/^src\/talk\//, 'node:events', ['setMaxListeners']],
  [/^src\/talk\/stall-watch$/, 'node:net', ['Socket', 'isIP', 'isIPv4']],
  [/^src\/password\/guard$/, 'node:crypto', ['createHmac', 'randomBytes']],
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

/** `src/index` is a room of its own, the other files directly under `src/` are the ground. */
function roomOf(path: string): Room | undefined {
  const folder = path.replace(
    /^((?:src|nodes)\/)([^/]+\/)?.*$/,
    (_, top: string, room = '*') => `${top}${String(room)}`,
  );
  return ROOMS.find(({ name }) => name === path) ?? ROOMS.find(({ name }) => name === folder);
}

/** What is wrong with one arrow; undefined when it has its place. */
function objection(from: string, { names, target }: Import): string | undefined {
  const wall = WALLS.find(([here, there]) => here.test(from) && there.test(target));
  if (wall !== undefined) return wall[2];
  if (DOORS.some(([here, there]) => here.test(from) && there.test(target))) return undefined;
  const room = roomOf(from);
  if (room === undefined) return 'this file has no room in test/architecture.test.ts';
  if (!/^(src|nodes)\//.test(target)) {
    if (room.outside?.includes(target) !== true) return `${room.name} may not import ${target}`;
    const pure = PURE_NAMES.find(([file, module]) => file.test(from) && module === target);
    const taken = names.match(/[\w$]+/g)?.filter((name) => name !== 'type') ?? [];
    const surplus = pure === undefined ? undefined : taken.find((name) => !pure[2].includes(name));
    return surplus === undefined ? undefined : `of ${target} it may take ${pure?.[2].join(', ') ?? ''} only`;
  }
  const other = roomOf(target);
  if (other === undefined) return `${target} has no room in test/architecture.test.ts`;
  return other === room || room.may.includes(other.name) ? undefined : `${room.name} may not import ${other.name}`;
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
    ROOMS.forEach(({ name, may }, index) => {
      for (const other of may) {
        const below = ROOMS.findIndex((room) => room.name === other);
        assert.ok(below !== -1 && below < index, `${name} may not lean on ${other}: it stands no lower`);
      }
    });
  });

  it('allows nothing that nobody uses', () => {
    const arrows = all.flatMap(({ path, imports }) => imports.map(({ target }) => [path, target] as const));
    const unused: string[] = [];
    const expect = (used: boolean, what: string): void => {
      if (!used) unused.push(what);
    };
    for (const room of ROOMS) {
      const taken = arrows.filter(([from]) => roomOf(from) === room).map(([, to]) => to);
      expect(taken.length > 0, `${room.name} has no files`);
      for (const other of room.may) {
        expect(
          taken.some((to) => roomOf(to)?.name === other),
          `${room.name} -> ${other}`,
        );
      }
      for (const outside of room.outside ?? []) expect(taken.includes(outside), `${room.name} -> ${outside}`);
    }
    for (const [here, there] of DOORS) {
      expect(
        arrows.some(([from, to]) => here.test(from) && there.test(to)),
        `${String(here)} -> ${String(there)}`,
      );
    }
    assert.deepEqual(unused, []);
  });

  it('is the table of src/README.md', () => {
    const cell = (names: readonly string[] = []): string => names.map((name) => `\`${name}\``).join(' ');
    const rows = ROOMS.map(({ name, holds, may, outside }) => {
      const inside = may.map((other) => other.replace('src/*', 'ground').replace('src/', ''));
      return `| \`${name}\` | ${holds} | ${cell(inside)} | ${cell(outside)} |`;
    });
    const map = readFileSync(join(ROOT, 'src', 'README.md'), 'utf8');
    const table = ['| room | what lives there | may import | from outside |', '|---|---|---|---|', ...rows].join('\n');
    assert.ok(map.includes(table), `src/README.md should have this table:\n${table}`);
  });

  it('has no arrow out of place', () => {
    assert.deepEqual(objections(all), []);
  });

  it('would notice one', () => {
    for (const [path, code] of [
      ['src/simulator/digest', `import { authorize } from '../rtsp/digest.js';`],
      ['src/simulator/talk/dialogue', `import type { TalkDialogue } from '../../multitrans/dialogue.js';`],
      ['src/simulator/camera', `import { connectTcp } from '../connection/tcp.js';`],
      ['src/simulator/camera', `import { PasswordGuard } from '../password/guard.js';`],
      ['src/simulator/talk/parts', `import { MultipartParser } from '../../multipart/parser.js';`],
      ['src/simulator/talk/parts', `import { FrameWriter } from '../../mpegts/writer.js';`],
      ['src/talk/session', `import { TransportStreamReader } from '../mpegts/reader.js';`],
      ['src/mpegts/writer', `import { readStreams } from './reader-tables.js';`],
      ['src/mpegts/reader', `import { writePts } from './writer.js';`],
      ['src/simulator/talk/recording', `import { resample } from '../../sound/resample.js';`],
      ['src/simulator/settings', `import { SLIP_BUDGET_MS } from '../limits.js';`],
      ['src/rtsp/parser', `import { readFile } from 'node:fs/promises';`],
      ['src/rtsp/parser', `import { Session } from '../talk/session.js';`],
      ['src/multitrans/dialogue', `import {\n  connect,\n} from 'node:net';`],
      ['src/camera-options', `import { isIP, connect } from 'node:net';`],
      ['src/connection/rtsp-connection', `import { connect } from 'node:net';`],
      ['src/connection/handshake', `import { TalkDialogue } from '../multitrans/dialogue.js';`],
      ['src/talk/line', `import { connect } from 'node:net';`],
      ['src/talk/pacer', `export * from 'node:child_process';`],
      ['src/talk/pacer', `import { randomBytes } from 'node:crypto';`],
      ['src/talk/line', `import { Microphone } from '../listen/microphone.js';`],
      ['src/listen/session', `import { Line } from '../talk/line.js';`],
      ['src/sound/wav', `import { spawn } from 'node:child_process';`],
      ['src/audio/decode', `const { spawn } = require('node:child_process');`],
      ['src/webapi/client', `import { decode } from '../audio/decode.js';`],
      ['src/talk/session', `import { Pool } from '../engine/pool.js';`],
      ['src/engine/pool', `import { Worker } from 'node:worker_threads';`],
      ['src/clock', `import type { NodeAPI } from 'node-red';`],
      ['src/engine/pool', `const RED = await import('node-red');`],
      ['src/cli/say', `import { Pool } from '../engine/pool.js';`],
      ['src/errors', `import { Pool } from './index.js';`],
      ['nodes/tplink-talk', `import { Line } from '../src/talk/line.js';`],
      ['nodes/tplink-talk', `import axios from 'axios';`],
      ['nodes/listen/request', `import { speakSettings } from '../talk/request.js';`],
      ['nodes/shared/engine', `import register from '../tplink-talk.js';`],
      ['src/attic/thing', `import { TalkError } from '../errors.js';`],
    ] as const) {
      const found = objections([{ path, text: code, code, imports: importsOf(path, code) }]);
      assert.equal(found.length, 1, `${path}: ${code}`);
    }
  });

  it('has no file that needs itself', () => {
    // Types count: who needs a type of another file needs that file to be understood.
    const needs = new Map(all.map(({ path, imports }) => [path, imports.map(({ target }) => target)]));
    const circles: string[] = [];
    const done = new Set<string>();
    const walk = (path: string, trail: readonly string[]): void => {
      const start = trail.indexOf(path);
      if (start !== -1) circles.push([...trail.slice(start), path].join(' -> '));
      if (start !== -1 || done.has(path)) return;
      for (const next of needs.get(path) ?? []) walk(next, [...trail, path]);
      done.add(path);
    };
    for (const path of needs.keys()) walk(path, []);
    assert.deepEqual(circles, []);
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
