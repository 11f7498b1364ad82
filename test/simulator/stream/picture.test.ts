// The still picture: its bytes unit by unit, and an independent player that sees it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { SimulatedCamera } from '../../../src/simulator/index.js';
import { PICTURE_FORMAT, STILL_PICTURE } from '../../../src/simulator/stream/picture.js';

/** The units of a STAP-A: size in two bytes, then as many bytes. */
function unitsOf(payload: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 1; at < payload.length; at += 2 + payload.readUInt16BE(at)) {
    units.push(payload.subarray(at + 2, at + 2 + payload.readUInt16BE(at)));
  }
  return units;
}

describe('simulator/stream-picture', () => {
  it('is one packet of SPS, PPS and IDR, those of the description', () => {
    for (const index of [0, 1, 2]) {
      const payload = STILL_PICTURE.encode(index, index * 1_000);
      assert.equal(payload[0], 0x78);
      assert.ok(payload.length < 1_400, `${payload.length} bytes`);
      const units = unitsOf(payload);
      assert.deepEqual(
        units.map((unit) => unit.readUInt8(0) & 0x1f),
        [7, 8, 5],
      );
      const [sps, pps] = units.map((unit) => unit.toString('base64'));
      assert.ok(PICTURE_FORMAT.fmtp.endsWith(`sprop-parameter-sets=${sps},${pps}`));
    }
  });

  it('is another IDR each time, as two in a row must be', () => {
    const [first, second, third] = [0, 1, 2].map((index) => STILL_PICTURE.encode(index, 0).toString('base64'));
    assert.notEqual(first, second);
    assert.equal(first, third);
  });

  it('is seen by ffmpeg, with its size, beside the sound', async () => {
    const camera = new SimulatedCamera({ password: 'Abc12345' });
    const { port } = await camera.start();
    const url = `rtsp://admin:Abc12345@127.0.0.1:${port}/stream1`;
    const read = ['-rtsp_transport', 'tcp', '-i', url, '-map', '0:v', '-frames:v', '2', '-pix_fmt', 'gray'];
    const player = spawn(ffmpegPath, ['-hide_banner', ...read, '-f', 'rawvideo', '-'], { timeout: 15_000 });
    const seen: Buffer[] = [];
    let told = '';
    player.stdout.on('data', (chunk: Buffer) => seen.push(chunk));
    player.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    try {
      await new Promise((resolve) => player.on('close', resolve));
      assert.match(told, /Video: h264 \([^)]*Baseline\), yuv420p.*, 320x180 /);
      assert.match(told, /Audio: pcm_alaw, 8000 Hz/);
      assert.doesNotMatch(told, /error|corrupt|conceal/i);
      const pixels = Buffer.concat(seen);
      assert.equal(pixels.length, 2 * 320 * 180);
      assert.deepEqual([Math.min(...pixels), Math.max(...pixels)], [128, 128]);
      assert.deepEqual(camera.violations, []);
    } finally {
      player.kill();
      await camera.stop();
    }
  });
});
