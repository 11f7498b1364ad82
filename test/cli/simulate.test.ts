// `tplink-talk simulate`: listens, tells, misbehaves as told, records, and ends at a signal.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  audioSources,
  cameraOptions,
  createEngine,
  parseFormat,
  probe,
  type CameraOptions,
  type TalkState,
} from '../../src/index.js';
import { BEHAVIORS, behaviorsOf, WEB_BEHAVIORS } from '../../src/simulator/index.js';
import { decodeMulaw } from '../../src/sound/g711.js';
import { eventually } from '../helpers/collect.js';
import { timeless } from '../helpers/violations.js';
import { RawClient } from '../simulator/raw-client.js';
import { PlainViewer, readFrame } from '../simulator/stream/conversation.js';
import { beep, Command, endCommands, run } from './command.js';

const PASSWORD = 'Only4Tests!';

describe('tplink-talk simulate', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tplink-talk-cli-'));
  });
  afterEach(endCommands);
  after(() => rm(folder, { recursive: true }));

  /** A simulator on free ports, and the camera it says it is. */
  async function simulated(args: readonly string[]): Promise<{ command: Command; camera: CameraOptions }> {
    const command = new Command(['simulate', '--port', '0', '--http-port', '0', '--json', ...args], {
      env: { TPLINK_TALK_PASSWORD: PASSWORD },
    });
    const [line] = await command.printed(/^.*\n/);
    const { port, httpPort, user } = JSON.parse(line).listening;
    const options = { host: '127.0.0.1', port, httpPort, username: user, password: PASSWORD, idleMs: 0, drainMs: 0 };
    return { command, camera: cameraOptions(options) };
  }

  it('hears a talk, and at SIGINT writes what it heard and ends with 0', async () => {
    const record = join(folder, 'heard.wav');
    const { command, camera } = await simulated(['--record', record, '--user', 'viewer']);
    assert.equal(camera.username, 'viewer');
    const engine = createEngine({ thread: false });
    // Told once a second.
    let talking = 0;
    const onState = ({ name }: TalkState): number => (talking += name === 'talking' ? 1 : 0);
    const spoken = engine.speak([camera], audioSources(beep(30), parseFormat('s16le')), { retries: 0, onState });
    await eventually(() => talking > 1, 'a second of talk');
    command.signal('SIGINT');
    const { code, out, err } = await command.ended;
    assert.deepEqual([code, err], [0, '']);
    await spoken;
    await engine.destroy();
    const { heard } = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
    assert.ok(heard.soundSeconds > 0.3 && heard.soundSeconds < 10, String(heard.soundSeconds));
    assert.deepEqual([timeless(heard.violations), heard.warnings], [[], []]);
    const wav = await readFile(record);
    assert.equal(wav.toString('latin1', 0, 4), 'RIFF');
    assert.ok(wav.length > 4_000, String(wav.length));
    assert.ok(!out.includes(PASSWORD));
  });

  it('prints for people where it listens, and which password it made up', async () => {
    const command = new Command(['simulate', '--port', '0', '--http-port', '0']);
    await command.printed(/Ctrl-C/);
    assert.match(command.out, /^A ipc camera listens on rtsp:\/\/127\.0\.0\.1:\d+, user admin, password camera-talk\n/);
    const [, page = ''] = await command.printed(/Its page: (http:\S+)/);
    assert.equal((await fetch(page)).status, 200);
    command.signal('SIGTERM');
    assert.equal((await command.ended).code, 0);
  });

  it('misbehaves on both sides as told', async () => {
    const { camera } = await simulated([
      '--behavior',
      'busy',
      '--behavior',
      'web-type3',
      '--behavior',
      'web-table-info',
    ]);
    const steps = await probe(camera);
    assert.deepEqual(
      steps.slice(-3).map(({ name, outcome, key }) => [name, outcome, key]),
      [
        ['talk', 'failed', 'failed.TALK_ERR_BUSY'],
        ['web', 'ok', 'web.md5'],
        ['device', 'ok', 'device.ok'],
      ],
    );
  });

  it('takes several behaviors of loudspeaker, microphone and room at once', async () => {
    const names = ['stream-no-challenge', 'stream-pcmu', 'speaker-swallows-450', 'speaker-delays-900', 'room-noise-20'];
    const { camera } = await simulated(names.flatMap((name) => ['--behavior', name]));
    const viewer = await RawClient.open(camera.port);
    const asking = new PlainViewer(viewer);
    const transport = 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1';
    const [session = ''] = /Session: \w+/.exec(await asking.ask('SETUP', '/stream1/track2', transport)) ?? [];
    assert.match(await asking.ask('PLAY', '/stream1/', session), /^RTSP\/1\.0 200 /);
    const samples: number[] = [];
    while (samples.length < 4_000) samples.push(...decodeMulaw((await readFrame(viewer)).payload));
    viewer.destroy();
    const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
    assert.ok(Math.abs(20 * Math.log10(rms / 32_768) + 20) < 0.5, String(rms));
  });

  it('--behaviors lists those of both sides with a line each', async () => {
    const { code, out } = await run(['simulate', '--behaviors']);
    assert.equal(code, 0);
    const lines = out.trimEnd().split('\n');
    const names = [...Object.keys(BEHAVIORS), ...Object.keys(WEB_BEHAVIORS)];
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      names,
    );
    assert.equal(new Set(names).size, names.length);
    for (const line of lines) assert.match(line, /^\S+ +\S/);
  });

  it('--family tapo listens on a port of its own, has another account for its streams, and other behaviors', async () => {
    const args = [
      '--family',
      'tapo',
      '--stream-port',
      '0',
      '--port',
      '0',
      '--http-port',
      '0',
      '--listen-user',
      'viewer',
    ];
    const command = new Command(['simulate', ...args, '--behavior', 'http11'], {
      env: { TPLINK_TALK_PASSWORD: PASSWORD, TPLINK_TALK_LISTEN_PASSWORD: 'Another4Tests!' },
    });
    await command.printed(/Ctrl-C/);
    const [, port = ''] =
      /^A tapo camera listens on http:\/\/127\.0\.0\.1:(\d+)\/stream, user admin, /.exec(command.out) ?? [];
    const [, streams = ''] = /\nIts streams: rtsp:\/\/127\.0\.0\.1:(\d+)\/stream1\n/.exec(command.out) ?? [];
    const client = await RawClient.open(Number(port));
    assert.match(
      await client.ask('POST /stream HTTP/1.1\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n'),
      /^HTTP\/1\.1 401 /,
    );
    client.destroy();
    const viewer = await RawClient.open(Number(streams));
    const basic = Buffer.from('viewer:Another4Tests!').toString('base64');
    const describe = 'DESCRIBE rtsp://127.0.0.1/stream1 RTSP/1.0\r\nCSeq: 1\r\n';
    assert.match(await viewer.ask(`${describe}Authorization: Basic ${basic}\r\n\r\n`), /^RTSP\/1\.0 200 /);
    viewer.destroy();
    command.signal('SIGTERM');
    assert.equal((await command.ended).code, 0);
    assert.ok(!command.out.includes(PASSWORD) && !command.out.includes('Another4Tests!'));
    const { out } = await run(['simulate', '--family', 'tapo', '--behaviors']);
    const names = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    assert.deepEqual(names, [...Object.keys(behaviorsOf('tapo')), ...Object.keys(WEB_BEHAVIORS)]);
    assert.equal(new Set(names).size, names.length);
  });

  it('ends with 1 when its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const { port } = taken.address() as AddressInfo;
    const { code, err } = await run(['simulate', '--port', String(port), '--http-port', '0']);
    taken.close();
    assert.equal(code, 1);
    assert.match(err, /^TALK_ERR_CONNECT: /);
  });
});
