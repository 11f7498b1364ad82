// What RTCP says about who sends is not in a capture; all else of a frame is.
import assert from 'node:assert/strict';
import { namelessFrame } from '../../src/capture/frames.js';

function frame(channel: number, ...packets: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(packets);
  return Buffer.concat([Buffer.from([0x24, channel, payload.length >> 8, payload.length & 255]), payload]);
}

function rtcp(count: number, type: number, content: Buffer): Buffer {
  const padded = Buffer.concat([content, Buffer.alloc(-content.length & 3)]);
  const words = padded.length / 4;
  return Buffer.concat([Buffer.from([0x80 | count, type, words >> 8, words & 255]), padded]);
}

function chunk(ssrc: string, ...items: ReadonlyArray<readonly [type: number, text: string]>): Buffer {
  const said = items.map(([type, text]) => Buffer.concat([Buffer.from([type, text.length]), Buffer.from(text)]));
  const bytes = Buffer.concat([Buffer.from(ssrc), ...said, Buffer.from([0])]);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

const REPORT = rtcp(0, 200, Buffer.alloc(24, 7));
const NAMES = ['anna@192.168.1.60', 'Anna', 'a@b.example', '0123', 'kitchen'];

function described(names: readonly string[]): Buffer {
  const [cname = '', name = '', email = '', phone = '', place = ''] = names;
  return rtcp(2, 202, Buffer.concat([chunk('abcd', [1, cname], [2, name]), chunk('efgh', [3, email], [4, phone], [5, place])])); // prettier-ignore
}

const hidden = (text: string): string => 'x'.repeat(text.length);

describe('namelessFrame', () => {
  it('hides each name of a description, and nothing else', () => {
    const before = frame(1, REPORT, described(NAMES), REPORT);
    assert.deepEqual(namelessFrame(before), frame(1, REPORT, described(NAMES.map(hidden)), REPORT));
    assert.ok(before.includes('anna'), 'what came is not changed');
  });

  it('hides why one left, and what only an application knows', () => {
    const leaving = (why: string): Buffer => rtcp(1, 203, Buffer.from(`abcd\x04${why}`));
    const known = (what: string): Buffer => rtcp(0, 204, Buffer.from(`abcdNAME${what}`));
    const [left = Buffer.alloc(0), app = Buffer.alloc(0)] = [leaving('Anna'), known('Anna1234')].map((packet) =>
      namelessFrame(frame(3, packet)),
    );
    assert.ok(!left.includes('Anna') && left.includes('abcd\x04xxxx'));
    assert.deepEqual(app, frame(3, known('xxxxxxxx')));
  });

  it('lets sound be sound', () => {
    const sound = frame(0, Buffer.from([0x80, 0x88, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]), Buffer.alloc(160, 0xd5));
    assert.equal(namelessFrame(sound), sound);
  });

  it('hides what came of a name, wherever it was cut, and stands whatever it is given', () => {
    const whole = frame(1, REPORT, described(NAMES));
    for (let at = 0; at < whole.length; at++) {
      const cut = namelessFrame(whole.subarray(0, at));
      assert.equal(cut.length, at);
      for (const bit of ['ann', 'Ann', 'b.e', '012', 'kit']) assert.ok(!cut.includes(bit), `${bit}, cut at ${at}`);
      for (const byte of [0, 1, 0x1f, 0xff]) {
        const spoilt = Buffer.from(whole);
        spoilt[at] = byte;
        assert.equal(namelessFrame(spoilt).length, whole.length);
      }
    }
  });
});
