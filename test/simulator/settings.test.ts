// Options with their defaults, and who is right when behaviors and options differ.
import assert from 'node:assert/strict';
import { Recording } from '../../src/simulator/talk/recording.js';
import { cameraSettings } from '../../src/simulator/settings.js';

describe('simulator/settings', () => {
  it('has the values of a usual camera', () => {
    const { username, password, realm, dialect, packetRules, refuses, streamTraits } = cameraSettings({});
    assert.deepEqual(
      [username, password, realm, dialect, refuses],
      ['admin', 'camera-talk', 'TP-LINK IP-Camera', 'ipc', false],
    );
    // By hand: whatever a client allows itself, the camera takes a quarter of a second.
    assert.deepEqual(packetRules, { channel: 1, payloadTypes: [8, 102], maxAheadMs: 250, maxGapMs: 250 });
    assert.deepEqual([streamTraits.audio, streamTraits.timeoutSeconds], ['pcma', 60]);
  });

  it('lets behaviors overrule options, and later ones earlier ones', () => {
    const { microphone } = cameraSettings({
      behaviors: ['speaker-half-speed', 'speaker-double-speed', 'microphone-mutes'],
      microphone: { delayMs: 0, gainDb: 0, noiseDb: Number.NEGATIVE_INFINITY, muteInHalfDuplex: false, codec: 'pcmu' },
      loudspeaker: { bufferMs: 10, speed: 1 },
    });
    assert.equal(microphone.codec, 'pcmu');
    const recording = new Recording({ number: 1, connection: 1, mode: 'aec', acceptedAt: 0, openedAt: 0 });
    microphone.talkOpened(recording);
    const packet = { at: 0, channel: 1, payloadType: 8, marker: true, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
    microphone.heard(recording, { ...packet, payload: Buffer.alloc(160, 0x95) });
    const heard = microphone.capture(0, 0, 320);
    assert.deepEqual([heard.indexOf(2_112 / 32_768), heard.lastIndexOf(2_112 / 32_768)], [80, 159]);
    microphone.talkOpened(new Recording({ ...recording.start, mode: 'half_duplex' }));
    assert.equal(microphone.isMuted(0, 1), true);
  });
});
