// A camera that repeats a capture: whose it is to play, what it does with what nobody recorded, and captures that make no sense.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { AskedReader, keyOf } from '../../src/simulator/replay/asked.js';
import { Seats } from '../../src/simulator/replay/seats.js';
import type { RecordedConnection } from '../../src/simulator/replay/recorded.js';
import { eventually } from '../helpers/collect.js';

const ASKED = 'OPTIONS rtsp://cam/multitrans RTSP/1.0\r\nCSeq: 0\r\n\r\n';
const REPLY = 'RTSP/1.0 200 OK\r\nCSeq: 0\r\n\r\n';

describe('keyOf', () => {
  it('is method and path, without host, port and token', () => {
    assert.equal(keyOf(ASKED), 'OPTIONS /multitrans');
    assert.equal(keyOf('POST /stok=abc/ds HTTP/1.1\r\n\r\n'), 'POST /stok/ds');
    assert.equal(keyOf('garbage'), '');
  });
});

describe('AskedReader', () => {
  it('finds requests and frames at every cut', () => {
    const bytes = Buffer.concat([
      Buffer.from(ASKED),
      Buffer.from([0x24, 1, 0, 1, 9]),
      Buffer.from('A / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}'),
    ]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new AskedReader();
      const asked = [...(reader.push(bytes.subarray(0, cut)) ?? []), ...(reader.push(bytes.subarray(cut)) ?? [])];
      assert.deepEqual(asked, [
        { kind: 'ask', key: 'OPTIONS /multitrans' },
        { kind: 'frame' },
        { kind: 'ask', key: 'A /' },
      ]);
    }
  });

  it('gives up on what never ends', () => {
    assert.equal(new AskedReader().push(Buffer.alloc(300_000, 0x61)), undefined);
  });
});

describe('Seats', () => {
  const one = (key: string): RecordedConnection => ({ protocol: 'rtsp', at: 0, steps: [{ kind: 'ask', at: 0, key }] });
  const [first, second, third] = [one('a'), one('b'), one('a')] as const;

  it('are taken in order, but by the first request', () => {
    const seats = new Seats([first, second, third]);
    const seat = seats.take();
    assert.equal(seats.exchange(seat, 'b'), second);
    assert.equal(seats.take(), first);
    assert.equal(seats.take(), third);
    assert.equal(seats.take(), undefined);
    assert.equal(seats.exchange(undefined, 'a'), third);
    assert.equal(seats.exchange(undefined, 'c'), undefined);
  });
});

describe('a camera that repeats a capture', () => {
  let folder: string;
  let camera: SimulatedCamera | undefined;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'replay-'))));
  afterEach(async () => {
    await camera?.stop();
    camera = undefined;
    await rm(folder, { recursive: true });
  });

  const holding = async (files: Readonly<Record<string, string>>): Promise<SimulatedCamera> => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return (camera = new SimulatedCamera({ replay: folder }));
  };
  const answers = async (port: number, asked: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    let over = false;
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => (over = true));
    socket.write(asked);
    await eventually(() => answer !== '' || over);
    socket.destroy();
    return answer;
  };

  it('answers again and again, and hangs up on what was not recorded', async () => {
    const { port } = await (await holding({ '1-request.rtsp': ASKED, '2-response.rtsp': REPLY })).start();
    for (let time = 0; time < 3; time++) assert.equal(await answers(port, ASKED), REPLY);
    assert.equal(await answers(port, ASKED.replace('OPTIONS', 'DESCRIBE')), '');
    assert.deepEqual(camera?.violations, ['DESCRIBE /multitrans was not recorded']);
    await eventually(() => camera?.connections === 0);
  });

  it('reads one file that holds it all', async () => {
    const files = { '1-request.rtsp': ASKED, '2-response.rtsp': { base64: Buffer.from(REPLY).toString('base64') } };
    const file = join(folder, 'report.json');
    await writeFile(file, JSON.stringify({ tplinkTalkCapture: 1, files }));
    camera = new SimulatedCamera({ replay: file });
    const { port } = await camera.start();
    assert.equal(await answers(port, ASKED), REPLY);
  });

  const said = (line: object): string => JSON.stringify({ connections: [{ protocol: 'rtsp', at: 0, said: [line] }] });
  const odd: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'an empty folder': {},
    'no JSON': { 'capture.json': '{' },
    'no connections': { 'capture.json': '{}' },
    null: { 'capture.json': '{"connections":[null]}' },
    'a file that is missing': { 'capture.json': said({ by: 'camera', at: 0, file: 'x.rtsp' }) },
    'a file that is said again and again': {
      'capture.json': JSON.stringify({
        connections: [{ protocol: 'rtsp', at: 0, said: Array(9).fill({ by: 'camera', at: 0, file: '1.bin' }) }],
      }),
      '1.bin': 'x'.repeat(1024 * 1024),
    },
    'a file elsewhere': { 'capture.json': said({ by: 'camera', at: 0, file: '../../../etc/passwd' }) },
  };
  for (const [what, files] of Object.entries(odd)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects((await holding(files)).start(), { code: 'TALK_ERR_ARGUMENT' });
    });
  }

  it('refuses what is no file and may never end', async () => {
    camera = new SimulatedCamera({ replay: '/dev/zero' });
    await assert.rejects(camera.start(), { code: 'TALK_ERR_ARGUMENT', message: /Cannot read the capture/ });
  });

  it('refuses a folder that is not there', async () => {
    camera = new SimulatedCamera({ replay: join(folder, 'nowhere') });
    await assert.rejects(camera.start(), { code: 'TALK_ERR_ARGUMENT', message: /Cannot read the capture/ });
  });
});
