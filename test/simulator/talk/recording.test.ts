// What a recording says of packets whose arrivals and bytes are typed here; every expected number is worked out by hand.
import assert from 'node:assert/strict';
import type { RecordedPacket } from '../../../src/simulator/talk/packet-rules.js';
import { Recording } from '../../../src/simulator/talk/recording.js';

const START = { number: 1, connection: 3, mode: 'half_duplex', acceptedAt: 1_000, openedAt: 1_010 };

function packet(at: number, payload: Buffer, change: Partial<RecordedPacket> = {}): RecordedPacket {
  const header = { channel: 1, payloadType: 8, marker: false, sequenceNumber: 0, timestamp: 0, ssrc: 1 };
  return { at, ...header, ...change, payload };
}

const silence = (samples: number): Buffer => Buffer.alloc(samples, 0xd5);
const sound = (samples: number): Buffer => Buffer.alloc(samples, 0x80);

/** Two packets of silence, sound from the middle of the third to a quarter of the sixth. */
function sixPackets(): Recording {
  const recording = new Recording(START);
  recording.add(packet(1_020, silence(160)));
  recording.add(packet(1_040, Buffer.alloc(160, 0x55)));
  recording.add(packet(1_065, Buffer.concat([silence(80), sound(80)])));
  recording.add(packet(1_080, sound(160)));
  recording.add(packet(1_180, sound(160)));
  recording.add(packet(1_180, Buffer.concat([sound(40), silence(120)])));
  return recording;
}

describe('simulator/recording', () => {
  it('knows lead-in, first sound, tail and length to the sample', () => {
    const recording = sixPackets();
    assert.equal(recording.leadInMs, 50);
    assert.equal(recording.firstSoundMs, 65);
    assert.equal(recording.firstSoundAfterOpenMs, 55);
    assert.equal(recording.tailSilenceMs, 15);
    assert.equal(recording.seconds, 0.12);
    assert.equal(recording.byteCount, 960);
    assert.equal(recording.packetCount, 6);
  });

  it('measures each packet against the first arrival and the audio before it', () => {
    const recording = sixPackets();
    assert.deepEqual(recording.lateness(), [0, 0, 5, 0, 80, 60]);
    assert.equal(recording.driftMs, 60);
  });

  it('shows early packets as negative lateness and as audio that waits', () => {
    const recording = new Recording(START);
    for (const at of [0, 10, 20, 30]) recording.add(packet(at, sound(160)));
    assert.deepEqual(recording.lateness(), [0, -10, -20, -30]);
    assert.equal(recording.aheadMs, 30);
    assert.equal(recording.driftMs, -30);
  });

  it('finds where the loudspeaker ran empty', () => {
    const recording = sixPackets();
    assert.deepEqual(recording.gaps(), [{ packet: 5, ms: 75 }]);
    assert.deepEqual(recording.gaps(0), [
      { packet: 3, ms: 5 },
      { packet: 5, ms: 75 },
    ]);
    assert.equal(recording.aheadMs, 20);
  });

  it('sums everything up as plain data', () => {
    const recording = sixPackets();
    recording.note({
      violations: ['packet 5: gap of 75 ms'],
      warnings: ['packet 1: marker not set on the first packet'],
    });
    recording.close('client closed');
    recording.close('client reset');
    assert.deepEqual(JSON.parse(JSON.stringify(recording)), {
      number: 1,
      connection: 3,
      mode: 'half_duplex',
      acceptedAt: 1_000,
      openedAt: 1_010,
      end: 'client closed',
      codec: 'pcma8k',
      packets: 6,
      bytes: 960,
      seconds: 0.12,
      soundSeconds: 0.06,
      firstSoundMs: 65,
      firstSoundAfterOpenMs: 55,
      leadInMs: 50,
      tailSilenceMs: 15,
      latenessMs: { min: 0, p50: 0, p99: 80, max: 80 },
      aheadMs: 20,
      driftMs: 60,
      gaps: [{ packet: 5, ms: 75 }],
      violations: ['packet 5: gap of 75 ms'],
      warnings: ['packet 1: marker not set on the first packet'],
    });
    assert.deepEqual(recording.warnings, ['packet 1: marker not set on the first packet']);
  });

  it('takes nearest ranks: of 200 packets the 100th and the 198th', () => {
    const recording = new Recording(START);
    for (let n = 0; n < 200; n++) recording.add(packet(n * 20 + n / 10, sound(160)));
    const { p50, p99, max } = recording.toJSON().latenessMs;
    assert.deepEqual([p50, p99, max], [9.9, 19.7, 19.9]);
  });

  it('summarizes anew while the talk is open', () => {
    const recording = sixPackets();
    assert.equal(recording.toJSON().packets, 6);
    recording.add(packet(1_220, sound(160)));
    assert.equal(recording.toJSON().packets, 7);
  });

  it('decodes A-law at 8 kHz when asked', () => {
    const recording = new Recording(START);
    recording.add(packet(0, Buffer.from([0xd5, 0x55, 0x80, 0x00])));
    assert.equal(recording.sampleRate, 8_000);
    assert.deepEqual([...recording.samples()], [8, -8, 5504, -5504]);
    assert.deepEqual(recording.audio(), Buffer.from([0xd5, 0x55, 0x80, 0x00]));
  });

  it('decodes payload type 102 as µ-law at 16 kHz, whose silence is FF and 7F', () => {
    const recording = new Recording(START);
    recording.add(packet(0, Buffer.alloc(320, 0xff), { payloadType: 102 }));
    recording.add(packet(20, Buffer.from([0x7f, 0x00]), { payloadType: 102 }));
    assert.equal(recording.codec?.name, 'pcmu16k');
    assert.equal(recording.samples().length, 322);
    assert.equal(recording.samples()[321], -32124);
    assert.equal(recording.leadInMs, 321 / 16);
    assert.equal(recording.firstSoundMs, -980);
    assert.deepEqual(recording.lateness(), [0, 0]);
  });

  it('writes what it heard as a WAV file', () => {
    const recording = new Recording(START);
    recording.add(packet(0, Buffer.from([0x80, 0x00])));
    const expected = Buffer.concat([
      Buffer.from('RIFF\x28\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00', 'latin1'),
      Buffer.from('401f0000803e000002001000', 'hex'),
      Buffer.from('data\x04\x00\x00\x00', 'latin1'),
      Buffer.from('801580ea', 'hex'),
    ]);
    assert.equal(recording.toWav().toString('hex'), expected.toString('hex'));
  });

  it('says so when there was only silence, or nothing', () => {
    const silent = new Recording(START);
    silent.add(packet(1_020, silence(160)));
    assert.equal(silent.firstSoundMs, undefined);
    assert.equal(silent.leadInMs, 20);
    assert.equal(silent.tailSilenceMs, 20);
    assert.equal(silent.toJSON().soundSeconds, 0);
    assert.equal(silent.toJSON().firstSoundMs, null);

    const empty = new Recording(START).toJSON();
    assert.deepEqual([empty.packets, empty.seconds, empty.leadInMs, empty.driftMs, empty.end], [0, 0, 0, 0, 'open']);
    assert.equal(empty.codec, 'none');
  });

  it('has no codec and no samples for a payload type that no camera plays', () => {
    const recording = new Recording(START);
    recording.add(packet(0, sound(160), { payloadType: 96 }));
    assert.equal(recording.codec, undefined);
    assert.equal(recording.samples().length, 0);
    assert.equal(recording.byteCount, 160);
  });

  it('keeps at most 16 MiB of audio and goes on counting', () => {
    const recording = new Recording(START);
    const megabyte = sound(1024 * 1024);
    for (let n = 0; n < 17; n++) recording.add(packet(n, megabyte));
    assert.equal(recording.packets.length, 16);
    assert.equal(recording.packetCount, 17);
    assert.equal(recording.byteCount, 17 * 1024 * 1024);
  });

  it('keeps at most 1000 complaints', () => {
    const recording = new Recording(START);
    for (let n = 0; n < 600; n++) recording.note({ violations: ['a', 'b'], warnings: ['c', 'd'] });
    assert.equal(recording.violations.length, 1_000);
    assert.equal(recording.warnings.length, 1_000);
  });
});
