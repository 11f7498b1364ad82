// parseSdp: what cameras write, line ends, what is missing, and nonsense.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseSdp } from '../../src/listen/sdp.js';
import { SDP_2020, SDP_AAC, SDP_PCMA } from './descriptions.js';

describe('parseSdp', () => {
  it('reads a TP-Link description, its own application line included', () => {
    const { control, media } = parseSdp(SDP_PCMA);
    assert.equal(control, undefined);
    assert.deepEqual(
      media.map(({ kind, protocol, formats, control }) => [kind, protocol, formats, control]),
      [
        ['video', 'RTP/AVP', ['96'], 'track1'],
        ['audio', 'RTP/AVP', ['8'], 'track2'],
        ['application/tp-link', 'RTP/AVP', ['smart/1/90000'], 'track3'],
      ],
    );
    assert.deepEqual(media[1]?.rtpMaps, new Map([[8, { encoding: 'PCMA', clockRate: 8_000, channels: 1 }]]));
    assert.equal(media[0]?.parameters.get(96)?.get('sprop-parameter-sets'), 'Z2QAM6wVFKCgL5A=,aO48sA==');
  });

  it('reads the 2020 firmware, whose application track comes first', () => {
    const { control, media } = parseSdp(SDP_2020);
    assert.equal(control, '*');
    assert.deepEqual(
      media.map(({ kind, control }) => [kind, control]),
      [
        ['application/tp-link', 'track3'],
        ['video', 'track1'],
        ['audio', 'track2'],
      ],
    );
    assert.deepEqual(media[0]?.formats, ['smart/0/25000']);
    assert.equal(media[2]?.rtpMaps.size, 0);
  });

  it('reads the parameters of AAC', () => {
    const audio = parseSdp(SDP_AAC).media[1];
    assert.deepEqual(audio?.rtpMaps.get(97), { encoding: 'MPEG4-GENERIC', clockRate: 16_000, channels: 1 });
    assert.deepEqual(
      audio.parameters.get(97),
      new Map([
        ['streamtype', '5'],
        ['profile-level-id', '1'],
        ['mode', 'AAC-hbr'],
        ['sizelength', '13'],
        ['indexlength', '3'],
        ['indexdeltalength', '3'],
        ['config', '1408'],
      ]),
    );
  });

  for (const [name, end] of [
    ['LF', '\n'],
    ['CR', '\r'],
  ] as const) {
    it(`takes lines that end in ${name}`, () =>
      assert.deepEqual(parseSdp(SDP_PCMA.replaceAll('\r\n', end)), parseSdp(SDP_PCMA)));
  }

  it('does not mind what is missing or misspelt', () => {
    const { media } = parseSdp(
      'm=\nm=audio\na=rtpmap:8\na=rtpmap:x PCMA/8000\na=fmtp:8\na=control:\na=\na\n=\nA=SENDONLY\na=fmtp:0 ;;a; b = c =d',
    );
    assert.equal(media.length, 2);
    assert.deepEqual(media[0], { kind: '', protocol: '', formats: [], rtpMaps: new Map(), parameters: new Map() });
    assert.equal(media[1]?.direction, 'sendonly');
    assert.equal(media[1].rtpMaps.size, 0);
    assert.deepEqual(
      media[1].parameters.get(0),
      new Map([
        ['a', ''],
        ['b', 'c =d'],
      ]),
    );
  });

  it('keeps a control value with colons, blanks around it gone', () => {
    assert.equal(
      parseSdp('m=audio 0 RTP/AVP 0\na=control: rtsp://192.168.1.60:554/a/track2 ').media[0]?.control,
      'rtsp://192.168.1.60:554/a/track2',
    );
  });

  it('never throws', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...SDP_AAC.split('\r\n')),
      fc.string().map((text) => `a=${text}`),
      fc.string().map((text) => `m=${text}`),
    );
    fc.assert(fc.property(fc.array(line), fc.constantFrom('\r\n', '\n'), (text, end) => void parseSdp(text.join(end))));
  });
});
