// What is ready after a warm-up.
import assert from 'node:assert/strict';
import { warmUpAudio } from '../../src/audio/warm-up.js';
import { monotonicClock } from '../../src/clock.js';

describe('warmUpAudio', () => {
  it('makes the decoders ready: a silent MP3 went through them', async () => {
    const complaints: string[] = [];
    const { error } = globalThis.console;
    Reflect.set(globalThis.console, 'error', (...words: unknown[]) => complaints.push(words.join(' ')));
    try {
      await warmUpAudio({ clock: monotonicClock });
    } finally {
      Reflect.set(globalThis.console, 'error', error);
    }
    // mpg123 complains there about frames that it cannot decode.
    assert.deepEqual(complaints, []);
    assert.ok(Object.keys(require.cache).some((file) => /fluent-ffmpeg/.test(file)));
  });

  it('does not fail without ffmpeg', async () => {
    await warmUpAudio({ clock: monotonicClock, ffmpegPath: '/not/there' });
  });
});
