// Codec, rate, payload type, packet size and channel that belong together.
import assert from 'node:assert/strict';
import { codecProfile, talkProfile } from '../../src/multitrans/profile.js';

describe('talk profile', () => {
  // Codec, packetBytes, dialect -> payload type, rate, channel, bytes, ms (PROTOCOL.md P2 to P6).
  for (const [codec, packetBytes, dialect, payloadType, sampleRate, channel, bytes, frameMs] of [
    ['auto', 0, 'ipc', 8, 8000, 1, 1024, 128],
    ['pcma8k', 0, 'ipc', 8, 8000, 1, 1024, 128],
    ['pcma8k', 0, 'vigi', 8, 8000, 0, 160, 20],
    ['pcmu16k', 0, 'ipc', 102, 16000, 1, 320, 20],
    ['pcmu16k', 0, 'vigi', 102, 16000, 0, 320, 20],
    ['auto', 160, 'ipc', 8, 8000, 1, 160, 20],
    ['auto', 320, 'ipc', 8, 8000, 1, 320, 40],
    ['auto', 512, 'ipc', 8, 8000, 1, 512, 64],
    ['auto', 2048, 'ipc', 8, 8000, 1, 2048, 256],
    ['pcmu16k', 2048, 'ipc', 102, 16000, 1, 2048, 128],
    ['auto', 1024, 'vigi', 8, 8000, 0, 1024, 128],
  ] as const) {
    it(`${codec}, ${packetBytes} bytes, ${dialect}: PT ${payloadType}, ${bytes} bytes every ${frameMs} ms`, () => {
      const alaw = payloadType === 8;
      assert.deepEqual(talkProfile({ codec, packetBytes }, dialect), {
        encoding: alaw ? 'alaw' : 'mulaw',
        sampleRate,
        payloadType,
        silence: alaw ? 0xd5 : 0xff,
        channel,
        packetBytes: bytes,
        frameMs,
      });
    });
  }

  it('knows the codec before the dialect', () => {
    assert.deepEqual(codecProfile({ codec: 'auto' }), {
      encoding: 'alaw',
      sampleRate: 8000,
      payloadType: 8,
      silence: 0xd5,
    });
    assert.equal(codecProfile({ codec: 'pcmu16k' }).sampleRate, 16000);
  });
});
