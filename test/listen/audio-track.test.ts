// Which track is listened to, by what cameras offer; and what is said when there is none.
import assert from 'node:assert/strict';
import { pickAudioTrack, type AudioTrack } from '../../src/listen/audio-track.js';
import { parseSdp } from '../../src/listen/sdp.js';
import { coded, thrown } from '../helpers/collect.js';
import { SDP_2020, SDP_AAC, SDP_PCMA, SDP_SILENT } from './descriptions.js';

const BASE = 'rtsp://192.168.1.60:554/stream1/';
const pick = (sdp: string): AudioTrack => pickAudioTrack(parseSdp(sdp), BASE, '192.168.1.60:554');
const audio = (...lines: string[]): string => ['m=audio 0 RTP/AVP 97', 'a=control:track2', ...lines].join('\n');

const PCMA: AudioTrack = {
  uri: 'rtsp://192.168.1.60:554/stream1/track2',
  payloadType: 8,
  clockRate: 8_000,
  channels: 1,
  codec: { name: 'PCMA' },
};

describe('pickAudioTrack', () => {
  it('finds PCMA beside video and the TP-LINK track', () => assert.deepEqual(pick(SDP_PCMA), PCMA));
  it('knows payload type 8 without an rtpmap', () => assert.deepEqual(pick(SDP_2020), PCMA));

  it('finds AAC with its config', () => {
    assert.deepEqual(pick(SDP_AAC), {
      ...PCMA,
      payloadType: 97,
      clockRate: 16_000,
      codec: {
        name: 'AAC',
        config: { objectType: 2, rateIndex: 8, sampleRate: 16_000, channels: 1 },
        framing: { sizeLength: 13, indexLength: 3, indexDeltaLength: 3 },
      },
    });
  });

  it('takes AAC without fmtp for AAC-LC of the rate it names', () => {
    const { codec, channels } = pick(audio('a=rtpmap:97 mpeg4-generic/44100/2'));
    assert.deepEqual(codec, {
      name: 'AAC',
      config: { objectType: 2, rateIndex: 4, sampleRate: 44_100, channels: 2 },
      framing: { sizeLength: 13, indexLength: 3, indexDeltaLength: 3 },
    });
    assert.equal(channels, 2);
  });

  it('finds PCMU at 16 kHz under a dynamic type', () => {
    assert.deepEqual(pick(audio('a=rtpmap:97 pcmu/16000')), {
      ...PCMA,
      payloadType: 97,
      clockRate: 16_000,
      codec: { name: 'PCMU' },
    });
  });

  it('passes over formats and tracks it cannot play, and over one for sound to the camera', () => {
    const sdp = [
      'm=audio 0 RTP/AVP 8',
      'a=sendonly',
      'a=control:back',
      'm=audio 0 RTP/AVP 98 0',
      'a=rtpmap:98 OPUS/48000/2',
      'a=control:track2',
    ].join('\n');
    assert.deepEqual(pick(sdp), { ...PCMA, payloadType: 0, codec: { name: 'PCMU' } });
  });

  it('says how to get sound when there is none', () => {
    const error = thrown(() => pick(SDP_SILENT));
    coded('TALK_ERR_UNSUPPORTED', /no sound.*microphone/)(error);
    assert.equal(error.camera, '192.168.1.60:554');
  });

  const refused: readonly [name: string, sdp: string, shown: RegExp][] = [
    ['another codec', audio('a=rtpmap:97 OPUS/48000/2'), /OPUS\/48000/],
    ['a static type it cannot play', 'm=audio 0 RTP/AVP 9', /G722\/8000/],
    ['a type nobody explains', 'm=audio 0 RTP/AVP 101', /payload type 101/],
    ['no type at all', 'm=audio 0 RTP/AVP smart/1', /no codec named/],
    ['encryption', 'm=audio 0 RTP/SAVP 8', /encrypted/],
    ['another AAC packing', audio('a=rtpmap:97 MPEG4-GENERIC/16000', 'a=fmtp:97 mode=CELP-vbr'), /mode CELP-vbr/],
    ['AAC of five channels', audio('a=rtpmap:97 MPEG4-GENERIC/16000', 'a=fmtp:97 config=1428'), /mono nor stereo/],
    ['an AAC config that is none', audio('a=rtpmap:97 MPEG4-GENERIC/16000', 'a=fmtp:97 config=hello'), /config/],
    ['a rate beyond sense', audio('a=rtpmap:97 PCMA/999999999'), /PCMA\/999999999/],
    ['a rate AAC does not have', audio('a=rtpmap:97 MPEG4-GENERIC/1234'), /1234 Hz/],
  ];
  for (const [name, sdp, shown] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => pick(sdp), coded('TALK_ERR_UNSUPPORTED', shown)));
  }

  it('shows nothing of a codec name that could pass for something else', () => {
    const { message } = thrown(() => pick(audio('a=rtpmap:97 <b>"x"\u001b[2J/8000')));
    assert.match(message, /\?b\?\?x\?/);
    assert.ok(!/[<>]/.test(message) && !message.includes('\u001b'));
  });
});
