// AAC out of RTP: configs and headers typed by hand from ISO 14496-3, packets from RFC 3640; units put together across packets.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { adtsFrame, parseAacConfig, plainAacConfig, silentUnit } from '../../../src/listen/aac/config.js';
import { AacDepayloader } from '../../../src/listen/aac/depayloader.js';
import { coded } from '../../helpers/collect.js';
import { ordered } from '../packets.js';

const CONFIG = { objectType: 2, rateIndex: 8, sampleRate: 16_000, channels: 1 };
const HBR = { sizeLength: 13, indexLength: 3, indexDeltaLength: 3 };
/** ADTS of 16 kHz mono AAC-LC: syncword fff1, then 01 1000 0 001 0 0 0 0 = 6040, length, fullness 7ff, one unit. */
const adts = (unit: string): string => {
  const length = 7 + unit.length / 2;
  return `fff16040${(((length << 5) | 0x1f) & 0xffff).toString(16).padStart(4, '0')}fc${unit}`;
};

describe('parseAacConfig', () => {
  const configs: readonly [hex: string, config: typeof CONFIG][] = [
    // 00010 1000 0001 0 00
    ['1408', CONFIG],
    // 00010 0100 0010 0 00
    ['1210', { objectType: 2, rateIndex: 4, sampleRate: 44_100, channels: 2 }],
    // 00010 1011 0001 0 00
    ['1588', { objectType: 2, rateIndex: 11, sampleRate: 8_000, channels: 1 }],
    // 00101 1000 0001 0101 00010 000: band replication to 32 kHz over AAC-LC
    ['2c0a88', { objectType: 2, rateIndex: 8, sampleRate: 16_000, channels: 1 }],
    // 00010 1111 000000000011111010000000 0001 000: 16000 Hz in full
    ['1780 1f40 08'.replaceAll(' ', ''), CONFIG],
  ];
  for (const [hex, config] of configs) {
    it(`reads ${hex}`, () => assert.deepEqual(parseAacConfig(hex), config));
  }

  const refused: readonly [hex: string, shown: RegExp][] = [
    ['', /config/],
    ['14', /config/],
    ['140', /config/],
    ['zz08', /config/],
    ['1400', /mono nor stereo/],
    ['140c', /960/],
    // 11111 000000 …: an escaped object type
    ['f81408', /object type 32/],
    // 00010 1101: no rate has that index
    ['1688', /0 Hz/],
  ];
  for (const [hex, shown] of refused) {
    it(`refuses ${JSON.stringify(hex)}`, () =>
      assert.throws(() => parseAacConfig(hex), coded('TALK_ERR_UNSUPPORTED', shown)));
  }

  it('never throws anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        try {
          parseAacConfig(Buffer.from(bytes).toString('hex'));
        } catch (error) {
          coded('TALK_ERR_UNSUPPORTED')(error);
        }
      }),
    );
  });
});

describe('adtsFrame', () => {
  it('writes the header of ISO 14496-3', () => {
    assert.equal(adtsFrame(CONFIG, Buffer.from('aabb', 'hex')).toString('hex'), 'fff1604001' + '3ffcaabb');
    assert.equal(adtsFrame(plainAacConfig(44_100, 2), Buffer.alloc(200)).toString('hex', 0, 7), 'fff1508019fffc');
  });
});

describe('AacDepayloader', () => {
  let depayloader: AacDepayloader;
  const read = (hex: string, lostBefore = 0): string =>
    depayloader
      .read(ordered({ sequenceNumber: 0, payload: Buffer.from(hex, 'hex') }, lostBefore))
      .bytes.toString('hex');
  beforeEach(() => (depayloader = new AacDepayloader(CONFIG, HBR, 16_000)));

  it('takes one unit', () => {
    // 16 bits of headers: 3 bytes, index 0.
    const sound = depayloader.read(ordered({ sequenceNumber: 0, payload: Buffer.from('00100018aabbcc', 'hex') }));
    assert.equal(sound.bytes.toString('hex'), adts('aabbcc'));
    assert.equal(sound.samples, 1_024);
  });

  it('takes several', () => {
    const sound = depayloader.read(
      ordered({ sequenceNumber: 0, payload: Buffer.from('003000100008' + '0018' + 'aabb01ccddee', 'hex') }),
    );
    assert.equal(sound.bytes.toString('hex'), adts('aabb') + adts('01') + adts('ccddee'));
    assert.equal(sound.samples, 3_072);
  });

  it('puts a unit together from its pieces', () => {
    assert.equal(read('00100028aabb'), '');
    assert.equal(read('00100028cc'), '');
    assert.equal(read('00100028ddee'), adts('aabbccddee'));
    assert.equal(read('0010000801'), adts('01'));
  });

  it('drops a unit of which a piece is lost', () => {
    assert.equal(read('00100028aabb'), '');
    assert.equal(read('00100028ccddee', 1), '');
    assert.equal(read('0010000801'), adts('01'));
  });

  it('counts time at the clock rate when the decoder doubles the rate', () =>
    assert.equal(new AacDepayloader(CONFIG, HBR, 32_000).silence(4_096).samples, 4_096));

  it('makes silence of whole units', () => {
    const { bytes, samples } = depayloader.silence(2_500);
    assert.equal(bytes.toString('hex'), adts('00000007').repeat(2));
    assert.equal(samples, 2_048);
    assert.equal(silentUnit({ ...CONFIG, channels: 2 }).toString('hex'), '21000000001c');
  });

  it('drops a unit of which the pieces are too long together', () => {
    assert.equal(read('00100028aabb'), '');
    assert.throws(() => read('00100028ccddeeff'), coded('TALK_ERR_PROTOCOL', /more than its headers/));
    assert.equal(read('0010000801'), adts('01'));
  });

  const refused: readonly [name: string, hex: string][] = [
    ['nothing', ''],
    ['half a length', '00'],
    ['no headers', '0010'],
    ['half a header', '001000'],
    ['headers of no length', '0000aabb'],
    ['headers of 12 bits', '000caabbcc'],
    ['two units of which one is missing', '002000180018aabbcc'],
    ['a unit longer than ADTS can say', '0010fff8aabb'],
  ];
  for (const [name, hex] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => read(hex), coded('TALK_ERR_PROTOCOL', /AAC/)));
  }

  it('never throws anything else, nor makes more of a packet than is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (payloads) => {
        for (const payload of payloads) {
          try {
            const { bytes, samples } = depayloader.read(ordered({ sequenceNumber: 0, payload: Buffer.from(payload) }));
            assert.ok(bytes.length - 7 * (samples / 1_024) <= 64 * payloads.length);
          } catch (error) {
            coded('TALK_ERR_PROTOCOL')(error);
          }
        }
      }),
    );
  });
});
