// `tplink-talk find`: finds a simulated camera, named and by multicast, as text and as JSON, without a password.
import assert from 'node:assert/strict';
import { SimulatedCamera, simulatorWeb } from '../../src/simulator/index.js';
import { Command, endCommands, run, type Ended } from './command.js';

interface Listed {
  readonly name: string;
  readonly address: string;
  readonly talk: string;
}

describe('tplink-talk find', function () {
  this.timeout(180_000);
  let camera: SimulatedCamera | undefined;
  let ports: string[];

  beforeEach(async () => {
    camera = new SimulatedCamera({ host: '127.0.0.21', httpPort: 0, web: simulatorWeb() });
    const { port, httpPort } = await camera.start();
    ports = ['--port', String(port), '--http-port', String(httpPort), '--stream-port', '1'];
  });
  afterEach(async () => {
    await endCommands();
    await camera?.stop();
  });

  /** A machine that is busy enough leaves no time for a look: then once more. */
  async function runUntil(args: readonly string[], expected: string): Promise<Ended> {
    let ended = await run(args);
    for (let tries = 0; tries < 10 && ended.out !== expected; tries++) ended = await run(args);
    return ended;
  }

  it('--json prints an array, with what each camera can do', async () => {
    const hosts = ['--host', '127.0.0.21', '--host', '127.0.0.22'];
    const [rtsp, http] = [ports[1], ports[3]].map(Number);
    const expected = [
      { name: '', model: '', address: '127.0.0.21', talk: 'can', dialect: 'ipc', ports: { rtsp, http } },
      { name: '', model: '', address: '127.0.0.22', talk: 'unknown', dialect: '', ports: {} },
    ];
    const text = `${JSON.stringify(expected)}\n`;
    const ended = await runUntil(['find', '--json', '--seconds', '0', ...hosts, ...ports], text);
    assert.deepEqual(ended, { code: 0, out: text, err: '' });
    assert.equal(camera?.loginFailures, 0);
  });

  it('prints a line for each', async () => {
    const hosts = ['--host', `rtsp://admin@127.0.0.21:${ports[1]}/stream1`, '--host', '127.0.0.222'];
    // Too long for a label of DNS, so that nobody is asked for it.
    const name = 'x'.repeat(64);
    const unknown = ['--host', name, '--port', '1', ...ports.slice(2)];
    const text = [
      `can talk     ${'127.0.0.21'.padEnd(64)}  (ipc, RTSP ${ports[1]}, web ${ports[3]})\n`,
      'unknown      127.0.0.222\n',
      `unknown      ${name}  (not asked: nobody knows this name)\n`,
    ].join('');
    assert.deepEqual(await runUntil(['find', '--seconds', '0', ...hosts, ...unknown], text), {
      code: 0,
      out: text,
      err: '',
    });
  });

  for (const [family, whose] of [
    ['tapo', 'the TP-Link account'],
    ['vigi-stream', 'the camera'],
  ] as const) {
    it(`says which password a camera of family ${family} wants`, async () => {
      const other = new SimulatedCamera({ host: '127.0.0.24', family });
      const { port, streamPort = 0 } = await other.start();
      const args = [
        '--host',
        '127.0.0.24',
        '--port',
        String(port),
        '--http-port',
        '1',
        '--stream-port',
        `${streamPort}`,
      ];
      const signs = `${family}, RTSP ${port}, talk ${streamPort}, as admin with the password of ${whose}`;
      const text = `can talk     127.0.0.24  (${signs})\n`;
      const ended = await runUntil(['find', '--seconds', '0', ...args], text);
      await other.stop();
      assert.deepEqual(ended, { code: 0, out: text, err: '' });
      assert.equal(other.loginFailures, 0);
    });
  }

  it('says what to do when nobody answers', async () => {
    const { code, out } = await run(['find', '--seconds', '0']);
    assert.equal(code, 0);
    assert.match(out, /^No camera answered\. .*a container with a network of its own: .*--host ADDRESS\n$/);
  });

  it('finds what `tplink-talk simulate` shows, by multicast on loopback', async () => {
    const simulate = new Command(['simulate', '--host', '127.0.0.23', '--port', '0', '--http-port', '0', '--json']);
    const [line] = await simulate.printed(/^.*\n/);
    const { port, httpPort } = JSON.parse(line).listening;
    const args = [
      'find',
      '--json',
      '--seconds',
      '2',
      '--interface',
      '127.0.0.1',
      '--port',
      port,
      '--http-port',
      httpPort,
    ];
    let found: Listed | undefined;
    // UDP may be lost on a busy machine.
    for (let tries = 0; tries < 10 && found?.talk !== 'can'; tries++) {
      const { out } = await run(args.map(String));
      found = (JSON.parse(out) as Listed[]).find(({ address }) => address === '127.0.0.23');
    }
    assert.deepEqual([found?.name, found?.talk], ['Simulated camera', 'can']);
  });

  it('ends at a signal', async () => {
    const command = new Command(['find', '--seconds', '60', '--port', '1', '--http-port', '1']);
    setTimeout(() => command.signal('SIGINT'), 3_000).unref();
    const { code, err } = await command.ended;
    assert.ok(code === 1 ? err.startsWith('TALK_ERR_ABORTED') : code === null, `${code} ${err}`);
  });

  for (const [what, ...args] of [
    ['--seconds', '--seconds', '61'],
    ['--port', '--port', 'x'],
    ['further words', '192.168.1.60'],
    ['--host: leave the password out; find sends none', '--host', 'rtsp://admin:S3cret@192.168.1.60'],
    ['"nope0"', '--interface', 'nope0'],
  ] as const) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, err } = await run(['find', ...args]);
      assert.equal(code, 2);
      assert.ok(err.includes(what) && !err.includes('S3cret'), err);
    });
  }
});
