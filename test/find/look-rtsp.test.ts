// What the answers to OPTIONS and to MULTITRANS without a password say of a camera.
import assert from 'node:assert/strict';
import { talkSigns } from '../../src/find/look-rtsp.js';
import type { RtspResponse } from '../../src/rtsp/message.js';

const answer = (status: number, ...headers: [string, string][]): RtspResponse => ({
  kind: 'response',
  status,
  reason: '',
  headers,
  body: Buffer.alloc(0),
});
const LISTS = answer(200, ['Public', 'OPTIONS, DESCRIBE, MULTITRANS']);
const PLAIN = answer(200, ['Public', 'OPTIONS, DESCRIBE']);
const digest = (realm: string, more = ''): [string, string] => [
  'WWW-Authenticate',
  `Digest realm="${realm}", nonce="96fa3da3"${more}`,
];
const SHA = ', algorithm="SHA-256", qop="auth"';
const BASIC: [string, string] = ['WWW-Authenticate', 'Basic realm="TP-LINK IP-Camera"'];

describe('the signs of talk', () => {
  for (const [what, listed, asked, expected] of [
    ['its realm', PLAIN, answer(401, BASIC, digest('TP-LINK IP-Camera')), { talk: 'can', dialect: 'ipc' }],
    ['the realm of a MERCURY', PLAIN, answer(401, digest('MERCURY IP-Camera')), { talk: 'can', dialect: 'ipc' }],
    ['the realm of a Tapo', PLAIN, answer(401, digest('TP-Link IP-Camera')), { talk: 'maybe', dialect: 'ipc' }],
    ['the listed method', LISTS, answer(401, digest('x')), { talk: 'can', dialect: 'ipc' }],
    ['SHA-256', LISTS, answer(401, digest('TP-LINK IP-Camera', SHA)), { talk: 'can', dialect: 'vigi' }],
    ['SHA-256 beside MD5', LISTS, answer(401, digest('x'), digest('x', SHA)), { talk: 'can', dialect: 'vigi' }],
    ['a log-in for anything', PLAIN, answer(401, digest('IP Camera(12345)')), { talk: 'maybe', dialect: 'ipc' }],
    ['no log-in at all, with a session', PLAIN, answer(200, ['Session', '7']), { talk: 'can', dialect: 'ipc' }],
    ['yes to anything', PLAIN, answer(200), { talk: 'unknown' }],
    ['Basic alone', PLAIN, answer(401, BASIC), { talk: 'cannot' }],
    ['a digest nobody knows', LISTS, answer(401, digest('x', ', algorithm=MD5-sess')), { talk: 'unknown' }],
    ['an unknown method', PLAIN, answer(405), { talk: 'cannot' }],
    ['not implemented', PLAIN, answer(501), { talk: 'cannot' }],
    ['a busy camera', PLAIN, answer(503), { talk: 'unknown' }],
    ['a redirect', PLAIN, answer(302, ['Location', 'rtsp://10.0.0.1/']), { talk: 'unknown' }],
  ] as const) {
    it(`${what}: ${expected.talk}`, () => assert.deepEqual(talkSigns(listed, asked), expected));
  }
});
