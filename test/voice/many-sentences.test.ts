// Many different sentences by real programs, some of them cut short or failing, leave nothing: no process, no file, no memory. `SENTENCES=1000` for more.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PreparedCache } from '../../src/audio/cache.js';
import { prepare } from '../../src/audio/prepare.js';
import { audioSources } from '../../src/audio/source.js';
import { monotonicClock } from '../../src/clock.js';
import { isTalkError } from '../../src/errors.js';
import type { Clip } from '../../src/sound/clip.js';
import { voiceOptions } from '../../src/voice/options.js';
import { eventually } from '../helpers/collect.js';
import { toneWav } from '../helpers/voices.js';

const SENTENCES = Number(process.env['SENTENCES'] ?? 60);
/** Until then heaps find their size. */
const WARM_UP = Math.ceil(SENTENCES / 3);
/** Five programs in turn; two of them never end by themselves. */
const ROUND = 5;
const CUT_SHORT = [2, 4];
/** The sound is 0.1 s, so the cache is full after a dozen sentences. */
const CACHE_BYTES = 10_000;
/** Far below what a kept sentence would come to, and above what a heap wavers, bytes. */
const WAVERING = 2e6;

describe(`${SENTENCES} different sentences`, () => {
  let folder: string;
  const ownTemporary = process.env['TMPDIR'];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentences-test-'));
    await mkdir(join(folder, 'tmp'));
    process.env['TMPDIR'] = join(folder, 'tmp');
  });
  after(async () => {
    if (ownTemporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = ownTemporary;
    await rm(folder, { recursive: true, force: true });
  });

  /** A shell script, because it starts soon; it writes down its process first. */
  async function program(name: string, body: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, `#!/bin/sh\necho $$ >> '${join(folder, 'pids')}'\n${body}\n`);
    await chmod(file, 0o755);
    return `"${file}"`;
  }

  it('leave no process, no file and no memory', async function () {
    if (process.platform === 'win32') return this.skip();
    const tone = join(folder, 'tone.wav');
    await writeFile(tone, toneWav(0.1));
    const voices = [
      await program('plain', `cat > /dev/null; cat '${tone}'`),
      `${await program('file', `cat '${tone}' > "$1"`)} {file}`,
      await program('endless', `cat '${tone}'; sleep 1000`),
      await program('failing', 'echo "no such voice" >&2; exit 1'),
      `${await program('pausing', 'sleep 1000')} {file}`,
    ].map((command) => voiceOptions({ engine: 'command', command }));
    const cache = new PreparedCache(CACHE_BYTES);
    const outcomes = new Set<string>();
    const say = async (n: number): Promise<void> => {
      const stop = new AbortController();
      const { clip } = prepare(audioSources(`Parcel number ${n}`, undefined, voices[n % ROUND]), {
        ...{ encoding: 'alaw', sampleRate: 8_000, gainDb: 0, normalize: false, maxSeconds: 60 },
        ...{ clock: monotonicClock, signal: stop.signal, cache },
      });
      if (CUT_SHORT.includes(n % ROUND)) {
        await eventually(() => groups().length > n, 'the program');
        stop.abort();
      }
      outcomes.add(`${n % ROUND} ${await howItEnds(clip)}`);
    };
    const groups = (): number[] => {
      const file = join(folder, 'pids');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
    };

    const handles = handleCount();
    let heldWarm = 0;
    for (let n = 0; n < SENTENCES; n++) {
      if (n === WARM_UP) heldWarm = heldBytes();
      await say(n);
    }
    assert.deepEqual([...outcomes].sort(), [
      ...['0 said', '1 said', '2 TALK_ERR_ABORTED', '3 TALK_ERR_VOICE', '4 TALK_ERR_ABORTED'],
    ]);
    assert.equal(groups().length, SENTENCES);
    // A group is there as long as any process of it.
    await eventually(() => !groups().some(isAlive), 'the end of all processes');
    await eventually(() => readdirSync(join(folder, 'tmp')).length === 0, 'the end of all files');
    await eventually(() => handleCount() <= handles, 'the end of all handles');
    const more = heldBytes() - heldWarm;
    if (process.env['SENTENCES'] !== undefined)
      process.stdout.write(`      ${(more / 1_000).toFixed(0)} kB more after ${SENTENCES - WARM_UP} sentences\n`);
    assert.ok(more < WAVERING, `${more} bytes more`);
  });
});

async function howItEnds(clip: Clip): Promise<string> {
  try {
    await clip.ready(Infinity);
    clip.read(0, 1);
    return clip.available > 0 ? 'said' : 'nothing';
  } catch (error) {
    return isTalkError(error) ? error.code : String(error);
  }
}

function isAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

/** Processes, pipes and open files that Node.js knows of. */
function handleCount(): number {
  const open = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
  return open + process.getActiveResourcesInfo().filter((name) => /^(Process|Pipe)Wrap$/.test(name)).length;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heldBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
