// A capture from beginning to end: what is kept, what is told, and that it is not made when a secret would be in it.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cameraOptions } from '../../src/camera-options.js';
import { Capture } from '../../src/capture/capture.js';
import { captureText, prepareFolder, writeCapture } from '../../src/capture/folder.js';
import { streamUri } from '../../src/listen/uri.js';
import { streamAccess } from '../../src/stream-access.js';
import { Wire } from '../../src/wire.js';
import { FakeClock } from '../helpers/fake-clock.js';

const PASSWORD = 'Only4Tests!';
const REPLY = 'RTSP/1.0 200 OK\r\nCSeq: 0\r\n\r\n';
const ASKED = 'OPTIONS rtsp://cam/multitrans RTSP/1.0\r\nCSeq: 0\r\n\r\n';

function set(password = PASSWORD): { capture: Capture; clock: FakeClock; wire: Wire } {
  const camera = cameraOptions({ host: 'cam', password });
  const capture = new Capture({ command: 'say', camera });
  const clock = new FakeClock();
  return { capture, clock, wire: new Wire('rtsp', clock, capture.onWire) };
}

function frame(number: number): Buffer {
  return Buffer.from([0x24, 1, 0, 2, number >> 8, number & 255]);
}

describe('Capture', () => {
  it('is one file for each message, and lines that tell when', async () => {
    const { capture, clock, wire } = set();
    wire.open();
    wire.sent(Buffer.from(ASKED));
    await clock.advance(25);
    wire.received(Buffer.from(REPLY));
    wire.over('us');
    wire.received(Buffer.from('after its end'));
    const files = capture.files({ outcome: 'spoken' });
    assert.deepEqual(
      [...files.keys()],
      ['001-request-options.rtsp', '002-response-200.rtsp', 'capture.json', 'camera.json'],
    );
    assert.equal(files.get('002-response-200.rtsp')?.toString(), REPLY);
    const { connections, command, cut } = JSON.parse(String(files.get('capture.json')));
    assert.deepEqual([command, cut], ['say', false]);
    assert.deepEqual(connections, [
      {
        protocol: 'rtsp',
        at: 0,
        opened: true,
        said: [
          { by: 'client', at: 0, file: '001-request-options.rtsp' },
          { by: 'camera', at: 25, file: '002-response-200.rtsp' },
          { by: 'us', at: 25, end: '' },
        ],
      },
    ]);
    const { sure, seen } = JSON.parse(String(files.get('camera.json')));
    assert.deepEqual([sure, seen[0].what], ['one', ['granted']]);
  });

  it('keeps the first and the last of what we say, and all that is heard', async () => {
    const { capture, clock, wire } = set();
    for (let number = 0; number < 20; number++) {
      wire.sent(frame(number));
      await clock.advance(100);
    }
    wire.received(Buffer.concat([frame(1), frame(2)]));
    wire.over('us', 'TALK_ERR_STALLED');
    const files = capture.files({});
    const { connections } = JSON.parse(String(files.get('capture.json')));
    const [sent, heard, over] = connections[0].said;
    assert.deepEqual([sent.frames, sent.at, sent.until, sent.files.length], [20, 0, 1_900, 6]);
    assert.deepEqual(files.get(sent.files[3]), frame(17));
    assert.deepEqual([heard.frames, heard.times], [2, [2_000, 2_000]]);
    assert.equal(over.taken, 0);
    assert.equal(capture.heard, true);
  });

  it('holds no name from the frames, nor from one that was cut off', () => {
    const { capture, wire } = set();
    // A description of one source (RFC 3550 section 6.5): its CNAME.
    const described = Buffer.from('$\x01\0\x14\x81\xca\0\x04abcd\x01\x08anna@cam\0\0', 'latin1');
    wire.received(described);
    wire.sent(Buffer.from(ASKED));
    wire.received(Buffer.concat([described, described.subarray(0, -3)]));
    wire.sent(described);
    const text = [...capture.files({}).values()].map(String).join();
    assert.ok(!text.includes('ann'), text);
    assert.ok(text.includes('abcd'), text);
  });

  it('is bounded, and says so', () => {
    const { capture, wire } = set();
    for (let megabyte = 0; megabyte < 3; megabyte++) wire.received(Buffer.alloc(1024 * 1024, 0x61));
    const files = capture.files({});
    assert.ok([...files.values()].reduce((sum, { length }) => sum + length, 0) < 1_100_000);
    assert.equal(JSON.parse(String(files.get('capture.json'))).cut, true);
  });

  it('hides the camera in what came of it', () => {
    const { capture, wire } = set();
    wire.received(Buffer.from('RTSP/1.0 200 OK\r\nSession: 7116520596809429228\r\n\r\n'));
    const text = String(capture.files({ text: `cam:554 said 7116520596809429228 to ${PASSWORD}` }).get('capture.json'));
    for (const secret of ['cam:554', '7116520596809429228', PASSWORD]) assert.ok(!text.includes(secret), secret);
  });

  it('hides the account for listening, too', () => {
    const capture = new Capture({
      command: 'check',
      camera: cameraOptions({
        host: 'cam',
        password: PASSWORD,
        listenUsername: 'viewer',
        listenPassword: 'Ears4Tests!',
        streamUrl: 'rtsp://frigate-box:8554/front',
      }),
    });
    const wire = new Wire('rtsp', new FakeClock(), capture.onWire);
    const basic = Buffer.from('viewer:Ears4Tests!').toString('base64');
    wire.sent(
      Buffer.from(
        `DESCRIBE rtsp://cam/stream1 RTSP/1.0\r\nAuthorization: Basic ${basic}\r\nX-Odd: Ears4Tests! of rtsp://frigate-box:8554/front\r\n\r\n`,
      ),
    );
    const text = [...capture.files({}).values()].map(String).join();
    for (const secret of ['Ears4Tests', 'frigate-box', basic, '//cam/']) assert.ok(!text.includes(secret), secret);
  });

  for (const [streamUrl, ...secrets] of [
    ['rtsp://nas/live?token=abc', 'token=abc'],
    ['rtsp://nas/live?tok3n-9', 'tok3n-9'],
    [
      'rtsp://nas:8554/user=anna_password=xyz_channel=1_stream=0.sdp?real_stream',
      'user=anna',
      'password=xyz',
      'real_stream',
    ],
    ['rtsp://nas/a%26b%2F1c/h264?auth=YW5uYTp4eXo=&camera=%E5%89%8D%E9%97%A8', 'a%26b', 'YW5u', '%E5%89', '前门'],
    ['rtsp://nas/前门?key=a b', '%E5%89', '前门', 'key=a%20b', 'key=a b'],
    ['rtsp://[fd00::1234]:8554/Front-Door', 'fd00::', 'Front-Door'],
    ['rtsp://nás.example/stream2', 'nás', 'xn--ns-jia', 'n%C3%A1s'],
  ] as const) {
    it(`hides what is private in ${streamUrl}`, () => {
      const camera = cameraOptions({ host: 'cam', password: PASSWORD, streamUrl });
      const capture = new Capture({ command: 'check', camera });
      const wire = new Wire('rtsp', new FakeClock(), capture.onWire);
      const access = streamAccess(camera);
      const uri = streamUri(access, 'stream1');
      const digest = `Digest username="admin", realm="r", nonce="n", uri="${uri}", response="00"`;
      wire.sent(Buffer.from(`DESCRIBE ${uri} RTSP/1.0\r\nAuthorization: ${digest}\r\n\r\n`));
      const sdp = `v=0\r\na=control:${uri}/trackID=0\r\n`;
      wire.received(
        Buffer.from(`RTSP/1.0 200 OK\r\nContent-Base: ${uri}/\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`),
      );
      const told = { text: `Not found: ${streamUrl} (${access.host}, ${uri})` };
      const text = [...capture.files(told).values()].map(String).join('\n');
      for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${text}`);
      assert.match(text, /a=control:rtsp:\/\/[^\s]+\/trackID=0\r\n/);
      if (streamUrl.endsWith('/stream2')) assert.match(text, /\/stream2 RTSP/);
    });
  }

  it('hides another ear, and its account', () => {
    const camera = cameraOptions({ host: 'cam', password: PASSWORD });
    const ear = cameraOptions({ host: 'bedroom', username: 'hearer', password: 'Ears4Tests!' });
    const capture = new Capture({ command: 'tune', camera, others: [ear] });
    const wire = new Wire('rtsp', new FakeClock(), capture.onWire);
    wire.sent(Buffer.from('DESCRIBE rtsp://bedroom/stream1 RTSP/1.0\r\nX-Odd: hearer Ears4Tests!\r\n\r\n'));
    const text = [...capture.files({ ear: 'bedroom:554 does not answer' }).values()].map(String).join();
    for (const secret of ['bedroom', 'hearer', 'Ears4Tests']) assert.ok(!text.includes(secret), secret);
  });

  it('is not made when two of its files together hold a secret', () => {
    const { capture, wire } = set();
    wire.received(Buffer.from(`RTSP/1.0 200 OK\r\nX: ${PASSWORD.slice(0, 5)}`));
    wire.sent(Buffer.from(PASSWORD.slice(5)));
    assert.throws(() => capture.files({}), { code: 'TALK_ERR_PROTOCOL', message: /a secret is still in two/ });
  });

  it('is not made when a secret would be in it', () => {
    // The word stands in each capture.
    const { capture, wire } = set('outcome');
    wire.received(Buffer.from(REPLY));
    assert.throws(() => capture.files({}), {
      code: 'TALK_ERR_PROTOCOL',
      message: /a secret is still in its file capture.json/,
    });
  });

  it('is not begun with a password that could be any text', () => {
    assert.throws(() => set('200'), { code: 'TALK_ERR_ARGUMENT', message: /so short a password/ });
  });
});

describe('the folder of a capture', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'capture-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('is made, and must be empty', async () => {
    const inner = join(folder, 'a', 'b');
    await prepareFolder(inner);
    await writeCapture(inner, new Map([['x.rtsp', Buffer.from('x')]]));
    assert.deepEqual(await readdir(inner), ['x.rtsp']);
    await assert.rejects(prepareFolder(inner), { code: 'TALK_ERR_ARGUMENT', message: /is not empty/ });
    assert.equal(await readFile(join(inner, 'x.rtsp'), 'utf8'), 'x');
  });

  it('can be one text', () => {
    const text = captureText(new Map([['a.rtsp', Buffer.from('ä')], ['b.bin', Buffer.from([0xd5])]])); // prettier-ignore
    assert.deepEqual(JSON.parse(text), { tplinkTalkCapture: 1, files: { 'a.rtsp': 'ä', 'b.bin': { base64: '1Q==' } } });
  });
});
