// What a user calls a stream, and what a camera calls a track, as URIs.
import assert from 'node:assert/strict';
import { controlUri, streamUri } from '../../src/listen/uri.js';
import { coded, thrown } from '../helpers/collect.js';

describe('streamUri', () => {
  const cases: readonly [host: string, port: number, stream: string, uri: string][] = [
    ['192.168.1.60', 554, 'stream1', 'rtsp://192.168.1.60/stream1'],
    ['192.168.1.60', 554, '/stream2', 'rtsp://192.168.1.60/stream2'],
    ['192.168.1.60', 8554, '/stream1&channel=2', 'rtsp://192.168.1.60:8554/stream1&channel=2'],
    ['Cam.local', 554, ' /11 ', 'rtsp://cam.local/11'],
    ['fe80::1', 554, 'stream1', 'rtsp://[fe80::1]/stream1'],
    ['192.168.1.60', 554, '//a/b?c=d', 'rtsp://192.168.1.60/a/b?c=d'],
  ];
  for (const [host, port, stream, uri] of cases) {
    it(`makes ${uri}`, () => assert.equal(streamUri({ host, port }, stream), uri));
  }

  for (const stream of ['', ' / ', 'stream 1', 'stream1\r\nX: y', 'ström']) {
    it(`refuses ${JSON.stringify(stream)}`, () =>
      assert.throws(() => streamUri({ host: 'cam', port: 554 }, stream), coded('TALK_ERR_ARGUMENT', /stream1/)));
  }

  it('refuses a whole URL without showing the password in it', () => {
    const error = thrown(() => streamUri({ host: 'cam', port: 554 }, 'rtsp://admin:Abc12345@192.168.1.60/stream1'));
    coded('TALK_ERR_ARGUMENT', /whole URL/)(error);
    assert.doesNotMatch(error.message, /Abc12345/);
  });
});

describe('controlUri', () => {
  const cases: readonly [control: string | undefined, base: string, uri: string][] = [
    ['track2', 'rtsp://192.168.1.60:554/stream1/', 'rtsp://192.168.1.60:554/stream1/track2'],
    ['track2', 'rtsp://192.168.1.60/stream1', 'rtsp://192.168.1.60/stream1/track2'],
    ['/track2', 'rtsp://192.168.1.60/stream1', 'rtsp://192.168.1.60/stream1/track2'],
    ['track2', 'rtsp://192.168.1.60/stream1&channel=1', 'rtsp://192.168.1.60/stream1&channel=1/track2'],
    ['*', 'rtsp://192.168.1.60/stream1/', 'rtsp://192.168.1.60/stream1/'],
    [undefined, 'rtsp://192.168.1.60/stream1', 'rtsp://192.168.1.60/stream1'],
    ['rtsp://10.0.0.9:554/s/trackID=2', 'rtsp://192.168.1.60/stream1/', 'rtsp://10.0.0.9:554/s/trackID=2'],
  ];
  for (const [control, base, uri] of cases) {
    it(`${control ?? 'nothing'} on ${base} is ${uri}`, () => assert.equal(controlUri(control, base), uri));
  }
});
