// Every kind of sound file from the file system to the loudspeaker, with the settings a user starts with, all cameras at the same time.
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { bothWays, nodeRuntime } from '../helpers/node-runtime.js';

const FIXTURES = resolve(__dirname, '..', 'fixtures', 'audio');
/** Seconds by ffprobe of the originals; a decoder may keep or drop the padding of lossy formats. */
const FILES: [name: string, seconds: number][] = [
  ['speech-16k.wav', 3],
  ['speech-44k-stereo.mp3', 2],
  ['speech.flac', 3.31],
  ['speech.m4a', 3.31],
  ['speech.ogg', 3.31],
];
/** One MPEG 1 or 2 frame, and what encoders put in front, s. */
const PADDING = 0.12;
/** 1024 bytes, s. */
const PACKET = 0.128;
/** Zero in A-law, as the client sends it. */
const SILENCE = 0xd5;

bothWays('speaking over loopback', () => {
  const runtime = nodeRuntime();
  const environment = process.env['FFMPEG_PATH'];

  before(() => {
    process.env['FFMPEG_PATH'] = ffmpeg.path;
  });

  after(() => {
    if (environment === undefined) delete process.env['FFMPEG_PATH'];
    else process.env['FFMPEG_PATH'] = environment;
  });

  it('every file is heard whole, with 300 ms of silence before and a drain behind', async () => {
    const cameras = await Promise.all(FILES.map(() => runtime.simulate()));
    const defaults = { leadInMs: 300, drainMs: 600, idleMs: 0, packetBytes: 0 };
    const flow = await runtime.load({
      cameras: cameras.map((at, index) => ({ id: `camera${index}`, name: FILES[index]?.[0], at, ...defaults })),
      talks: cameras.map((_, index) => ({ id: `talk${index}`, camera: `camera${index}` })),
    });
    await Promise.all(
      FILES.map(async ([name, seconds], index) => {
        const out = await flow.say({ payload: join(FIXTURES, name), topic: name }, `talk${index}`);
        const report: Record<string, unknown> = Object(out['talk']);
        assert.equal(report['camera'], name);
        const said = Number(report['seconds']);
        assert.ok(Math.abs(said - seconds) <= PADDING, `${name}: ${said}`);
        const recording = await (cameras[index] ?? assert.fail()).waitForTalkEnd();
        assert.ok(recording.seconds >= said + 0.3, `${name}: ${recording.seconds}`);
        assert.ok(recording.leadInMs >= 300, `${name}: ${recording.leadInMs}`);
        // How long the drain lasts is shown on a fake clock, in test/engine/beat.test.ts; a busy machine has no time for all its packets.
        assert.ok(recording.tailSilenceMs > 0, `${name}: ${recording.tailSilenceMs}`);
        // A busy machine adds packets of silence, never of sound; the first and the last are filled up with silence.
        const sounding = recording.packets.filter(({ payload }) => payload.some((code) => code !== SILENCE));
        assert.ok(sounding.length * PACKET <= said + 2 * PACKET, `${name}: ${sounding.length} packets of sound`);
        const loud = recording.samples().filter((sample) => Math.abs(sample) > 500);
        assert.ok(loud.length > 0.2 * seconds * 8_000, `${name}: only ${loud.length} loud samples`);
      }),
    );
    assert.equal(flow.completed.length, FILES.length);
  });
});
