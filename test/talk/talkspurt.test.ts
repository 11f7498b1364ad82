// A clip cut into packets: sizes, the exact lead-in, padding, underruns. The expected bytes are put together by hand.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Clip } from '../../src/sound/clip.js';
import { TalkError } from '../../src/errors.js';
import { Talkspurt, type Payload } from '../../src/talk/talkspurt.js';
import { coded, sameBytes } from '../helpers/collect.js';
import { clipOf, SILENCE, soundOf } from '../helpers/fake-session.js';

const silence = (bytes: number): Buffer => Buffer.alloc(bytes, SILENCE);

function clipWith(bytes: Buffer, { live = false, ended = true } = {}): Clip {
  const clip = new Clip({ live });
  clip.append(bytes);
  if (ended) clip.end();
  return clip;
}

/** Every payload until the talkspurt is finished. */
function drain(talkspurt: Talkspurt, most = 1_000): Payload[] {
  const payloads: Payload[] = [];
  do payloads.push(talkspurt.next());
  while (!talkspurt.finished && payloads.length < most);
  return payloads;
}

const joined = (payloads: readonly Payload[]): Buffer => Buffer.concat(payloads.map(({ bytes }) => bytes));

describe('talkspurt', () => {
  it('has packets of one size, the last one padded with silence', () => {
    const payloads = drain(new Talkspurt({ clip: clipWith(soundOf(1000)), leadInBytes: 0 }, silence(160)));
    assert.deepEqual(
      payloads.map(({ bytes }) => bytes.length),
      [160, 160, 160, 160, 160, 160, 160],
    );
    sameBytes(joined(payloads), Buffer.concat([soundOf(1000), silence(120)]));
    assert.deepEqual(
      payloads.map(({ soundStart, soundEnd }) => [soundStart, soundEnd]),
      [...Array<[number, number]>(6).fill([0, 160]), [0, 40]],
    );
  });

  for (const [leadInBytes, packetBytes, sound] of [
    [0, 160, 160],
    [2400, 1024, 5000], // 300 ms: two packets and a part of the third
    [2400, 160, 100], // 300 ms: exactly fifteen packets
    [1, 1024, 1023],
    [1023, 1024, 1],
    [1024, 1024, 1024],
    [1025, 1024, 1],
    [5, 160, 3],
  ] as const) {
    it(`puts exactly ${leadInBytes} bytes of silence in front of ${sound}, packets of ${packetBytes}`, () => {
      const clip = clipWith(soundOf(sound));
      const payloads = drain(new Talkspurt({ clip, leadInBytes }, silence(packetBytes)));
      const packets = Math.ceil((leadInBytes + sound) / packetBytes);
      assert.equal(payloads.length, packets);
      assert.ok(payloads.every(({ bytes }) => bytes.length === packetBytes));
      const padding = packets * packetBytes - leadInBytes - sound;
      sameBytes(joined(payloads), Buffer.concat([silence(leadInBytes), soundOf(sound), silence(padding)]));
      const [first] = payloads.filter(({ soundStart, soundEnd }) => soundEnd > soundStart);
      assert.equal(first?.soundStart, leadInBytes % packetBytes);
    });
  }

  it('begins where it is told', () => {
    const payloads = drain(
      new Talkspurt({ clip: clipWith(soundOf(500)), leadInBytes: 10, fromByte: 200 }, silence(160)),
    );
    sameBytes(joined(payloads).subarray(0, 310), Buffer.concat([silence(10), soundOf(500).subarray(200)]));
  });

  it('counts what it handed out', () => {
    const talkspurt = new Talkspurt({ clip: clipWith(soundOf(200)), leadInBytes: 160 }, silence(160));
    assert.deepEqual([talkspurt.position, talkspurt.finished], [0, false]);
    talkspurt.next();
    assert.deepEqual([talkspurt.position, talkspurt.finished], [0, false]);
    talkspurt.next();
    assert.deepEqual([talkspurt.position, talkspurt.finished], [160, false]);
    talkspurt.next();
    assert.deepEqual([talkspurt.position, talkspurt.finished], [200, true]);
  });

  it('is silent while the clip is not there yet, and loses nothing', () => {
    const clip = clipWith(soundOf(200), { live: true, ended: false });
    const talkspurt = new Talkspurt({ clip, leadInBytes: 0 }, silence(160));
    const payloads = [talkspurt.next(), talkspurt.next(), talkspurt.next()];
    clip.append(soundOf(400).subarray(200));
    payloads.push(talkspurt.next());
    clip.end();
    payloads.push(talkspurt.next());
    assert.equal(talkspurt.finished, true);
    sameBytes(
      joined(payloads),
      Buffer.concat([
        soundOf(160),
        silence(320),
        soundOf(400).subarray(160, 320),
        soundOf(400).subarray(320),
        silence(80),
      ]),
    );
  });

  it('is finished by an end that comes after the last byte', () => {
    const clip = clipWith(soundOf(160), { live: true, ended: false });
    const talkspurt = new Talkspurt({ clip, leadInBytes: 0 }, silence(160));
    talkspurt.next();
    assert.equal(talkspurt.finished, false);
    clip.end();
    assert.equal(talkspurt.finished, true);
    assert.deepEqual(talkspurt.next(), { bytes: silence(160), soundStart: 0, soundEnd: 0 });
  });

  it('takes the silence of an underrun for the rest of the lead-in', () => {
    const clip = new Clip({ live: true });
    // 160 of the 200 bytes go out as a packet; the remaining 40 are more than covered by the packet of silence that follows.
    const talkspurt = new Talkspurt({ clip, leadInBytes: 200 }, silence(160));
    const payloads = [talkspurt.next(), talkspurt.next()];
    clip.append(soundOf(160));
    clip.end();
    payloads.push(talkspurt.next());
    sameBytes(joined(payloads), Buffer.concat([silence(320), soundOf(160)]));
  });

  it('throws the failure of a clip, of a live one only after what came before', () => {
    const failure = new TalkError('TALK_ERR_AUDIO', 'broken');
    const clip = clipWith(soundOf(500), { ended: false });
    const talkspurt = new Talkspurt({ clip, leadInBytes: 0 }, silence(160));
    talkspurt.next();
    clip.fail(failure);
    assert.throws(() => talkspurt.next(), coded('TALK_ERR_AUDIO'));

    const live = clipWith(soundOf(200), { live: true, ended: false });
    const spoken = new Talkspurt({ clip: live, leadInBytes: 0 }, silence(160));
    live.fail(failure);
    const payloads = [spoken.next(), spoken.next()];
    sameBytes(joined(payloads), Buffer.concat([soundOf(200), silence(120)]));
    assert.throws(() => spoken.next(), coded('TALK_ERR_AUDIO'));
  });

  it('never writes into the silence it was given', () => {
    const packet = silence(160);
    drain(new Talkspurt({ clip: clipOf(50), leadInBytes: 30 }, packet));
    sameBytes(packet, silence(160));
  });

  it('gives lead-in, clip and padding in that order, whenever the clip arrives', () => {
    const plan = fc.record({
      packetBytes: fc.constantFrom(160, 320, 512, 1024, 2048),
      leadInBytes: fc.integer({ min: 0, max: 5_000 }),
      // Bytes that arrive before each packet.
      arrivals: fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 30 }),
    });
    fc.assert(
      fc.property(plan, ({ packetBytes, leadInBytes, arrivals }) => {
        const whole = soundOf(arrivals.reduce((sum, bytes) => sum + bytes, 0));
        const clip = new Clip({ live: true });
        const talkspurt = new Talkspurt({ clip, leadInBytes }, silence(packetBytes));
        const payloads: Payload[] = [];
        let arrived = 0;
        for (const bytes of arrivals) {
          clip.append(whole.subarray(arrived, (arrived += bytes)));
          payloads.push(talkspurt.next());
        }
        clip.end();
        payloads.push(...drain(talkspurt));
        assert.ok(payloads.every(({ bytes }) => bytes.length === packetBytes));
        const sound = payloads.map(({ bytes, soundStart, soundEnd }) => bytes.subarray(soundStart, soundEnd));
        sameBytes(Buffer.concat(sound), whole);
        const first = payloads.findIndex(({ soundStart, soundEnd }) => soundEnd > soundStart);
        if (first !== -1) {
          const before = first * packetBytes + (payloads[first]?.soundStart ?? 0);
          assert.ok(before >= leadInBytes, `${before} bytes before the first sound`);
        }
        for (const { bytes, soundStart, soundEnd } of payloads) {
          assert.ok(bytes.subarray(0, soundStart).every((byte) => byte === SILENCE));
          assert.ok(bytes.subarray(soundEnd).every((byte) => byte === SILENCE));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('turns each byte of the clip into its code, and leaves silence and the clip as they are', () => {
    const clip = clipWith(soundOf(400));
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code ^ 1);
    const bytes = joined(drain(new Talkspurt({ clip, leadInBytes: 100, codes }, silence(160))));
    sameBytes(bytes, Buffer.concat([silence(100), soundOf(400).map((code) => code ^ 1), silence(140)]));
    sameBytes(joined(drain(new Talkspurt({ clip, leadInBytes: 0 }, silence(160)))).subarray(0, 400), soundOf(400));
  });
});
