// Addresses of streams as people paste them: what is kept, what is taken out, what is refused.
import assert from 'node:assert/strict';
import { parseStreamUrl, type StreamUrl } from '../src/stream-url.js';

describe('a stream’s address', () => {
  const CASES: readonly (readonly [text: string, becomes: StreamUrl])[] = [
    ['rtsp://nas', { url: 'rtsp://nas', host: 'nas', port: 554 }],
    ['rtsp://nas:8554/', { url: 'rtsp://nas:8554/', host: 'nas', port: 8554 }],
    ['RTSP://10.0.0.5/front', { url: 'rtsp://10.0.0.5/front', host: '10.0.0.5', port: 554, path: 'front' }],
    [
      'rtsp://nas:8554//a/../b%41?video=copy&audio=pcma/8000',
      {
        url: 'rtsp://nas:8554//a/../b%41?video=copy&audio=pcma/8000',
        host: 'nas',
        port: 8554,
        path: '/a/../b%41?video=copy&audio=pcma/8000',
      },
    ],
    ['rtsp://[fe80::1]:1/x', { url: 'rtsp://[fe80::1]:1/x', host: 'fe80::1', port: 1, path: 'x' }],
    ['rtsp://nas/门口 1', { url: 'rtsp://nas/门口 1', host: 'nas', port: 554, path: '%E9%97%A8%E5%8F%A3%201' }],
    [
      'rtsp://viewer:Only4Tests!@nas:8554/front',
      {
        url: 'rtsp://nas:8554/front',
        host: 'nas',
        port: 8554,
        path: 'front',
        username: 'viewer',
        password: 'Only4Tests!',
      },
    ],
    [
      'rtsp://a%3Ab:p%40ss%2F%3F100%25@nas/x',
      { url: 'rtsp://nas/x', host: 'nas', port: 554, path: 'x', username: 'a:b', password: 'p@ss/?100%' },
    ],
    // As they are typed: nobody encodes his password.
    [
      'rtsp://admin:a/b?c#d@e:100%@nas/x',
      { url: 'rtsp://nas/x', host: 'nas', port: 554, path: 'x', username: 'admin', password: 'a/b?c#d@e:100%' },
    ],
    ['rtsp://viewer@nas', { url: 'rtsp://nas', host: 'nas', port: 554, username: 'viewer' }],
    ['rtsp://:pass@nas', { url: 'rtsp://nas', host: 'nas', port: 554, password: 'pass' }],
    ['rtsp://:@nas', { url: 'rtsp://nas', host: 'nas', port: 554 }],
  ];
  for (const [text, becomes] of CASES) {
    it(`is taken: ${text}`, () => assert.deepEqual(parseStreamUrl(text), becomes));
  }

  for (const text of [
    ...['', 'nas', 'nas:8554/front', 'http://nas/front', 'rtsps://nas/front', 'rtsp:nas', 'rtsp://', 'rtsp:///front'],
    ...['rtsp://nas:0/x', 'rtsp://nas:65536/x', 'rtsp://nas:/x', 'rtsp://nas:port/x', 'rtsp://na s/x', 'rtsp://[::1/x'],
    ...[
      'rtsp://nas/cam@home',
      'rtsp://nas/x#y',
      'rtsp://nas?x=1',
      'rtsp://nas/x\r\ny',
      'rtsp://nas/x\u0000',
      'rtsp://nas/\ud800',
    ],
    ...['rtsp://a%0d%0ab:c@nas/x', 'rtsp://a:c%00@nas/x', `rtsp://nas/${'x'.repeat(2_000)}`],
  ]) {
    it(`is refused: ${JSON.stringify(text.slice(0, 60))}`, () => assert.equal(parseStreamUrl(text), undefined));
  }
});
