// The URI of a request: host, port and path.
import assert from 'node:assert/strict';
import { rtspUri } from '../../src/rtsp/uri.js';

describe('rtspUri', () => {
  const cases: readonly [host: string, port: number, path: string, uri: string][] = [
    ['192.168.1.60', 554, 'stream1', 'rtsp://192.168.1.60/stream1'],
    ['192.168.1.60', 8554, 'a/b?c=d', 'rtsp://192.168.1.60:8554/a/b?c=d'],
    ['fe80::1%3', 554, 'multitrans', 'rtsp://[fe80::1]/multitrans'],
    ['::1', 8554, 'multitrans', 'rtsp://[::1]:8554/multitrans'],
  ];
  for (const [host, port, path, uri] of cases) {
    it(`makes ${uri}`, () => assert.equal(rtspUri({ host, port }, path), uri));
  }
});
