// The description of a stream, letter by letter, in each of its variants.
import assert from 'node:assert/strict';
import { describeStream } from '../../../src/simulator/stream/sdp.js';
import { USUAL_STREAM, type StreamTraits } from '../../../src/simulator/stream/traits.js';

const USUAL = [
  'v=0',
  'o=- 14665860 31787219 1 IN IP4 192.168.1.60',
  's=Session streamed by "TP-LINK RTSP Server"',
  't=0 0',
  'a=smart_encoder:virtualIFrame=1',
  'm=video 0 RTP/AVP 96',
  'c=IN IP4 0.0.0.0',
  'b=AS:4096',
  'a=range:npt=0-',
  'a=control:track1',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1; profile-level-id=42C01E; sprop-parameter-sets=Z0LAHtwUGfnwEQAAAwABAAADAAIPFi+A,aM4PLIA=',
  'm=audio 0 RTP/AVP 8',
  'a=rtpmap:8 PCMA/8000',
  'a=control:track2',
  'm=application/TP-LINK 0 RTP/AVP smart/1/90000',
  'a=rtpmap:95 TP-LINK/90000',
  'a=control:track3',
];

function lines(traits: Partial<StreamTraits> = {}, options: { vendor?: string; address?: string } = {}): string[] {
  const text = describeStream(
    { ...USUAL_STREAM, ...traits },
    { vendor: 'TP-LINK', address: '192.168.1.60', base: 'rtsp://192.168.1.60:554/stream1', ...options },
  );
  assert.ok(text.endsWith('\r\n'));
  return text.slice(0, -2).split('\r\n');
}

/** What is there instead of which usual lines. */
function difference(found: readonly string[]): { gone: string[]; came: string[] } {
  return {
    gone: USUAL.filter((line) => !found.includes(line)),
    came: found.filter((line) => !USUAL.includes(line)),
  };
}

describe('simulator/stream-sdp', () => {
  it('is that of the hardware', () => assert.deepEqual(lines(), USUAL));

  it('has H265', () => {
    const { gone, came } = difference(lines({ video: 'h265' }));
    assert.equal(gone.length, 2);
    assert.equal(came[0], 'a=rtpmap:96 H265/90000');
    assert.match(came[1] ?? '', /^a=fmtp:96 profile-space=0;profile-id=1;.*sprop-vps=\S+;sprop-sps=\S+;sprop-pps=\S+$/);
  });
  it('has PCMU', () => {
    const sdp = lines({ audio: 'pcmu' });
    assert.deepEqual(sdp.slice(12, 15), ['m=audio 0 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=control:track2']);
  });
  it('has AAC', () => {
    assert.deepEqual(lines({ audio: 'aac' }).slice(12, 16), [
      'm=audio 0 RTP/AVP 97',
      'a=rtpmap:97 mpeg4-generic/16000/1',
      'a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408',
      'a=control:track2',
    ]);
  });
  it('has no audio', () => {
    const { gone, came } = difference(lines({ audio: 'none' }));
    assert.deepEqual(gone, ['m=audio 0 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', 'a=control:track2']);
    assert.deepEqual(came, []);
  });
  it('is that of 2020', () => {
    const { gone, came } = difference(lines({ oldApplicationTrack: true }));
    assert.deepEqual(gone, [USUAL[4], USUAL[15], USUAL[16]]);
    assert.deepEqual(came, ['m=application/tp-link 0 RTP/AVP smart/0/25000', 'a=rtpmap:95 tp-link/25000']);
  });
  it('has relative controls under a control of the whole', () => {
    const { gone, came } = difference(lines({ control: 'relative' }));
    assert.deepEqual([gone, came], [[], ['a=control:*']]);
  });
  it('has absolute controls', () => {
    const { gone, came } = difference(lines({ control: 'absolute' }));
    assert.deepEqual(gone, ['a=control:track1', 'a=control:track2', 'a=control:track3']);
    assert.deepEqual(came, [
      'a=control:rtsp://192.168.1.60:554/stream1/',
      'a=control:rtsp://192.168.1.60:554/stream1/track1',
      'a=control:rtsp://192.168.1.60:554/stream1/track2',
      'a=control:rtsp://192.168.1.60:554/stream1/track3',
    ]);
  });
  it('calls itself after its vendor', () => {
    const { came } = difference(lines({}, { vendor: 'MERCURY' }));
    assert.deepEqual(came, [
      's=Session streamed by "MERCURY RTSP Server"',
      'm=application/MERCURY 0 RTP/AVP smart/1/90000',
      'a=rtpmap:95 MERCURY/90000',
    ]);
  });
  it('names an IPv6 address as one', () => {
    assert.equal(lines({}, { address: '::1' })[1], 'o=- 14665860 31787219 1 IN IP6 ::1');
  });
});
