// URIs and bodies of the MULTITRANS requests; whole requests are in dialogue.test.ts.
import assert from 'node:assert/strict';
import { multitransRequest, multitransUri, optionsRequest, talkBody } from '../../src/multitrans/requests.js';
import { serializeRequest } from '../../src/rtsp/serialize.js';

describe('MULTITRANS requests', () => {
  it('have a URI with the port only when it is not 554', () => {
    assert.equal(multitransUri('192.168.1.60', 554), 'rtsp://192.168.1.60/multitrans');
    assert.equal(multitransUri('192.168.1.60', 555), 'rtsp://192.168.1.60:555/multitrans');
    assert.equal(multitransUri('fe80::1%3', 554), 'rtsp://[fe80::1]/multitrans');
    assert.equal(multitransUri('::1', 8554), 'rtsp://[::1]:8554/multitrans');
  });

  it('have bodies of the published lengths, with params always an object', () => {
    for (const [mode, seq, bytes] of [
      ['half_duplex', 0, 82],
      ['full_duplex', 0, 82],
      ['vad', 0, 74],
      ['aec', 0, 74],
      ['half_duplex', '1', 84],
    ] as const) {
      const body = talkBody(mode, seq);
      assert.equal(body.length, bytes);
      // A string in its place crashed a camera (PROTOCOL.md T10).
      assert.deepEqual(JSON.parse(body), { type: 'request', seq, params: { method: 'get', talk: { mode } } });
    }
  });

  it('count the body in bytes and leave out what is not there', () => {
    const bytes = serializeRequest(multitransRequest({ uri: 'rtsp://cam/multitrans', cseq: 7, body: '"é"' }));
    assert.equal(
      bytes.toString('utf8'),
      'MULTITRANS rtsp://cam/multitrans RTSP/1.0\r\nCSeq: 7\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n"é"',
    );
    assert.equal(
      serializeRequest(optionsRequest('rtsp://cam/multitrans', 0)).toString('utf8'),
      'OPTIONS rtsp://cam/multitrans RTSP/1.0\r\nCSeq: 0\r\n\r\n',
    );
  });
});
