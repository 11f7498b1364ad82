// MP3s damaged at random are spoken where ffmpeg speaks them. A few of each kind; scripts/damaged-mp3.ts tries as many as one likes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isTalkError } from '../../src/errors.js';
import { damaged, DAMAGES, heardByFfmpeg, spoken } from '../helpers/damage.js';

const WAV = join(__dirname, '../fixtures/audio/speech-16k.wav');
const EACH = 12;

describe('damaged MP3s', () => {
  for (const damage of DAMAGES) {
    it(`are spoken where ffmpeg speaks them: ${damage}`, async () => {
      for (const { name, mayBeRefused, bytes } of damaged(WAV, damage, EACH, 7)) {
        const wanted = heardByFfmpeg(bytes);
        const heard = await spoken(bytes);
        if (mayBeRefused && isTalkError(heard)) {
          assert.match(heard.message, /^The MP3 is cut off after /, name);
          continue;
        }
        // Behind damage ffmpeg may leave out a frame more or less.
        assert.ok(typeof heard === 'number' && heard >= wanted - 0.2, `${name}: ${heard} instead of ${wanted} s`);
      }
    });
  }
});
