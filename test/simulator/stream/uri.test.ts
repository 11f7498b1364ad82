// Stream URIs and Transport values taken apart.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseTransport, parseStreamUri } from '../../../src/simulator/stream/uri.js';

describe('simulator/stream-uri', () => {
  const uris: [uri: string, parsed: ReturnType<typeof parseStreamUri>][] = [
    ['rtsp://cam/stream1', { path: '/stream1' }],
    ['rtsp://cam:8554/stream2/', { path: '/stream2' }],
    ['rtsp://[fe80::1]:554/stream1/track2', { path: '/stream1', track: 2 }],
    ['RTSP://cam/stream1&channel=2/track3', { path: '/stream1&channel=2', channel: 2, track: 3 }],
    ['rtsp://cam/stream1&channel=0', { path: '/stream1&channel=0', channel: 0 }],
    ['rtsp://cam/stream1&channel=12', undefined],
    ['rtsp://cam/stream1/track', undefined],
    ['rtsp://cam/stream1/track22', undefined],
    ['rtsp://cam/stream1/track2/', undefined],
    ['rtsp://cam/Stream1', undefined],
    ['rtsp://user:word@cam/stream1', undefined],
    ['rtsp://fe80::1/stream1', undefined],
    ['http://cam/stream1', undefined],
    ['/stream1', undefined],
    ['', undefined],
  ];
  for (const [uri, parsed] of uris) {
    it(`${JSON.stringify(uri)} is ${parsed === undefined ? 'none' : parsed.path}`, () => {
      assert.deepEqual(parseStreamUri(uri), parsed);
    });
  }

  const transports: [value: string, choice: ReturnType<typeof chooseTransport>][] = [
    ['RTP/AVP/TCP;unicast;interleaved=0-1', { kind: 'tcp', channels: [0, 1] }],
    ['rtp/avp/tcp; unicast; Interleaved = 4-5 ; mode="PLAY"', { kind: 'tcp', channels: [4, 5] }],
    ['RTP/AVP/TCP;interleaved=6', { kind: 'tcp', channels: [6, 7] }],
    ['RTP/AVP/TCP;unicast', { kind: 'tcp' }],
    ['RTP/AVP;multicast,RTP/AVP/TCP;interleaved=254-255', { kind: 'tcp', channels: [254, 255] }],
    ['RTP/AVP;unicast;client_port=1-2', { kind: 'unsupported' }],
    ['RTP/AVP/UDP;unicast;client_port=1-2', { kind: 'unsupported' }],
    ['RTP/AVP/TCP;multicast;interleaved=0-1', { kind: 'unsupported' }],
    ['RTP/AVP/TCP;interleaved=255', { kind: 'unreadable' }],
    ['RTP/AVP/TCP;interleaved=3-3', { kind: 'unreadable' }],
    ['RTP/AVP/TCP;interleaved=', { kind: 'unreadable' }],
    ['RTP/AVP/TCP;interleaved=0-1-2', { kind: 'unreadable' }],
    ['RTP/SAVP/TCP;interleaved=0-1', { kind: 'unreadable' }],
    ['TCP', { kind: 'unreadable' }],
    ['', { kind: 'unreadable' }],
  ];
  for (const [value, choice] of transports) {
    it(`${JSON.stringify(value)} is ${choice.kind}`, () => assert.deepEqual(chooseTransport(value), choice));
  }

  it('reads whatever comes', () => {
    const scraps = fc.constantFrom(
      ...uris.map(([uri]) => uri),
      ...transports.map(([value]) => value),
      '&',
      ';',
      ',',
      '/',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(scraps, fc.string()), { maxLength: 4 }), (parts) => {
        const text = parts.join('');
        const uri = parseStreamUri(text);
        assert.ok(uri === undefined || text.includes(uri.path));
        const choice = chooseTransport(text);
        if (choice.kind !== 'tcp' || choice.channels === undefined) return;
        for (const channel of choice.channels) assert.ok(channel >= 0 && channel <= 255);
      }),
    );
  });
});
