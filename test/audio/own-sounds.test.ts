// `sound:NAME`: which file of the folder a name means, that none outside it is read, and that it is spoken and kept like any other.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowedPath } from '../../src/audio/allowed.js';
import { sourcesKey } from '../../src/audio/cache.js';
import { decode } from '../../src/audio/decode.js';
import { pathOf } from '../../src/audio/own-sounds.js';
import { audioSources } from '../../src/audio/source.js';
import { monotonicClock as clock } from '../../src/clock.js';
import { VOICE_DEFAULTS } from '../../src/voice/options.js';
import { coded, rejection } from '../helpers/collect.js';
import { markedWav } from '../helpers/marked-clips.js';

describe('sounds of the user', () => {
  let base: string;
  let folder: string;

  before(() => {
    base = mkdtempSync(join(tmpdir(), 'own-sounds-'));
    folder = join(base, 'link', 'sounds');
    mkdirSync(join(base, 'real', 'sounds', 'deep'), { recursive: true });
    symlinkSync(join(base, 'real'), join(base, 'link'));
    for (const name of ['bell.wav', 'bell.2.wav', 'a.mp3', 'a.wav', 'A.wav', '.hidden.wav', 'deep/b.wav', '门铃.wav'])
      writeFileSync(join(folder, name), markedWav(0x91, 100));
    writeFileSync(join(folder, 'cafe\u0301.wav'), '');
    writeFileSync(join(base, 'secret.wav'), markedWav(0x91, 100));
    symlinkSync(join(base, 'secret.wav'), join(folder, 'leak.wav'));
    symlinkSync(join(folder, 'bell.wav'), join(folder, 'same.wav'));
    symlinkSync(join(base, 'nowhere'), join(folder, 'dangling.wav'));
  });
  after(() => rmSync(base, { recursive: true }));

  const found = async (name: string): Promise<string> => {
    const path = await pathOf({ kind: 'sound', name }, folder);
    return path.slice(path.lastIndexOf('sounds') + 7);
  };

  it('are found with their extension and without, the exact name first', async () => {
    const rows: [name: string, file: string][] = [
      ['bell', 'bell.wav'],
      ['bell.wav', 'bell.wav'],
      ['bell.2', 'bell.2.wav'],
      ['a', 'a.mp3'],
      ['A', 'A.wav'],
      ['门铃', '门铃.wav'],
      ['caf\u00e9', 'cafe\u0301.wav'],
      ['same', 'bell.wav'],
    ];
    for (const [name, file] of rows) assert.equal(await found(name), file, name);
  });

  it('are those of the folder alone, and what is missing is told in one short sentence', async () => {
    const names = ['leak', 'leak.wav', 'dangling', 'deep/b.wav', '../../secret.wav', '.hidden', 'hidden', 'none', ''];
    for (const name of names) {
      const error = await rejection(found(name));
      assert.equal(error.code, 'TALK_ERR_SOURCE', name);
      assert.match(error.message, /^There is no sound .*gong/);
      assert.ok(!error.message.includes(base));
    }
    for (const nowhere of [undefined, join(base, 'nowhere')])
      await assert.rejects(pathOf({ kind: 'sound', name: 'bell' }, nowhere), coded('TALK_ERR_SOURCE'));
    assert.ok((await rejection(found('x'.repeat(255)))).message.length < 400);
  });

  it('are judged before words, in arrays as well', () => {
    const [first, second, third] = audioSources(['sound:gong', 'sound:bell', 'dinner'], undefined, VOICE_DEFAULTS);
    assert.deepEqual(
      [first, second],
      [
        { kind: 'chime', name: 'gong' },
        { kind: 'sound', name: 'bell' },
      ],
    );
    assert.equal(third?.kind, 'say');
  });

  it('are decoded whatever folders are allowed, and so are their paths', async () => {
    const allowed = { folders: [], sounds: folder };
    const [source] = audioSources('sound:bell');
    assert.ok(source);
    let samples = 0;
    for await (const piece of decode(source, { sampleRate: 8000, maxSeconds: 10, clock, allowed }))
      samples += piece.length;
    assert.ok(samples > 0);
    await allowedPath(join(folder, 'bell.wav'), allowed);
    await assert.rejects(allowedPath(join(folder, 'leak.wav'), allowed), coded('TALK_ERR_SOURCE'));
    await assert.rejects(allowedPath(join(base, 'secret.wav'), allowed), coded('TALK_ERR_SOURCE'));
  });

  it('are kept until the file changes', async () => {
    const key = (): Promise<string | undefined> =>
      sourcesKey(audioSources('sound:bell'), { clock, allowed: { sounds: folder } });
    const before = await key();
    assert.ok(before !== undefined);
    assert.equal(await key(), before);
    utimesSync(join(folder, 'bell.wav'), 1, 1);
    assert.notEqual(await key(), before);
    assert.equal(await sourcesKey(audioSources('sound:none'), { clock }), undefined);
  });
});
