// WAV files written, against bytes typed by hand.
import assert from 'node:assert/strict';
import { serializeWav, wavHeader } from '../../src/sound/wav-write.js';

describe('sound/wav-write', () => {
  it('a 16-bit file', () => {
    const expected =
      '524946462a00000057415645' +
      '666d74201000000001000100401f0000803e000002001000' +
      '6461746106000000' +
      '0000ff7f0080';
    assert.equal(
      serializeWav({ sampleRate: 8000, channels: 1 }, Int16Array.of(0, 32767, -32768)).toString('hex'),
      expected,
    );
  });

  it('headers of G.711, with the number of samples', () => {
    const head = (tag: string): string =>
      `52494646360000005741564566 6d742012000000${tag}00 0100401f0000401f0000010008000000666163740400000003000000 6461746103000000`;
    const header = (encoding: 'alaw' | 'mulaw'): string =>
      wavHeader({ sampleRate: 8000, channels: 1, bytes: 3, encoding }).toString('hex');
    assert.equal(header('alaw'), head('06').replaceAll(' ', ''));
    assert.equal(header('mulaw'), head('07').replaceAll(' ', ''));
  });

  it('a header for a length not known yet', () => {
    const header = wavHeader({ sampleRate: 16000, channels: 2, bytes: 0xffffffff, encoding: 's16le' });
    assert.equal(header.toString('hex', 0, 8), '52494646ffffffff');
    assert.equal(header.toString('hex', 22), '0200803e000000fa00000400100064617461ffffffff');
  });
});
