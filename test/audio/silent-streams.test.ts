// Live sources that fall silent: before their first sound and after it, whatever they hold.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { decode } from '../../src/audio/decode.js';
import type { AudioFormat } from '../../src/sound/format.js';
import { coded, collect, eventually, watch } from '../helpers/collect.js';
import { FakeClock } from '../helpers/fake-clock.js';

const ALAW: AudioFormat = { encoding: 'alaw', sampleRate: 8000, channels: 1 };
const bytesOf = (name: string): Buffer => readFileSync(join(__dirname, '../fixtures/audio', name));

describe('a live source that falls silent', () => {
  const wav = bytesOf('speech-16k.wav');
  /** `least` samples that are heard of it; undefined: it fails. */
  const rows: [name: string, head: Buffer, format: AudioFormat | undefined, least: number | undefined][] = [
    ['in raw sound', bytesOf('speech-8k.alaw').subarray(0, 800), ALAW, 800],
    ['in the sound of a WAV', wav.subarray(0, 44 + 3_200), undefined, 800],
    ['in an MP3', bytesOf('speech-24k.mp3').subarray(0, 9_000), undefined, 5_000],
    ['in an Ogg, which ffmpeg reads', bytesOf('speech.ogg').subarray(0, 9_000), undefined, 5_000],
    ['behind the header of a WAV', wav.subarray(0, 44), undefined, undefined],
    ['before it tells what it is', Buffer.from('abc'), undefined, undefined],
    ['before its first byte', Buffer.alloc(0), ALAW, undefined],
  ];
  for (const [index, [name, head, format, least]] of rows.entries()) {
    // Every other row as a bridge, which a silence ends as well.
    const bridge = index % 2 === 0;
    it(`${name}${bridge ? ', a bridge' : ''}: ${least === undefined ? 'an error' : 'the end, with a warning'}`, async () => {
      const clock = new FakeClock();
      const warnings: string[] = [];
      const stream = new PassThrough();
      stream.write(head);
      const live = { kind: 'live', chunks: stream, bridge, ...(format === undefined ? {} : { format }) } as const;
      const run = watch(
        collect(
          decode(live, {
            ...{ clock, ffmpegPath, sampleRate: 8_000, maxSeconds: 600, streamTimeoutMs: 7_000 },
            warn: (warning) => warnings.push(warning),
          }),
        ),
      );
      await eventually(() => stream.readableLength === 0 && clock.nextIn === 7_000, 'the reading of what is there');
      await clock.advance(6_999);
      assert.equal(run.state, 'pending');
      // A decoder takes real time from what is there to the next pull, and from the end of its input to its own.
      const isOver = (): boolean => run.state !== 'pending';
      // Then its own patience must not run ahead of a slow machine.
      for (let tries = 0; !isOver() && tries < 3_000; tries++) {
        if (!stream.destroyed && (clock.nextIn ?? Infinity) <= 7_000) await clock.advance(7_000);
        await setTimeout(20);
      }
      if (least === undefined) {
        coded('TALK_ERR_SOURCE', /no data for 7 s/)(run.error);
        assert.deepEqual(warnings, []);
      } else {
        const samples = (run.value ?? []).reduce((sum, piece) => sum + piece.length, 0);
        assert.ok(samples >= least, `${samples} samples`);
        // A header that promises more may have its own.
        assert.equal(warnings.at(-1), 'The stream delivered no data for 7 s; the clip ended there');
      }
      assert.equal(stream.destroyed, true);
      assert.equal(clock.pending, 0);
    });
  }
});
