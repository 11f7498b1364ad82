// `tplink-talk find`: finds a simulated camera, named and by multicast, as text and as JSON, without a password.
import assert from 'node:assert/strict';
import { SimulatedCamera, simulatorWeb } from '../../src/simulator/index.js';
import { Command, endCommands, run } from './command.js';

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

  it('--json prints an array, with what each camera can do', async () => {
    const { code, out, err } = await run([
      'find',
      '--json',
      '--seconds',
      '0',
      '--host',
      '127.0.0.21',
      '--host',
      '127.0.0.22',
      ...ports,
    ]);
    assert.deepEqual([code, err], [0, '']);
    const [rtsp, http] = [ports[1], ports[3]].map(Number);
    assert.deepEqual(JSON.parse(out), [
      { name: '', model: '', address: '127.0.0.21', talk: 'can', dialect: 'ipc', ports: { rtsp, http } },
      { name: '', model: '', address: '127.0.0.22', talk: 'unknown', dialect: '', ports: {} },
    ]);
    assert.equal(camera?.loginFailures, 0);
  });

  it('prints a line for each', async () => {
    const { code, out } = await run([
      'find',
      '--seconds',
      '0',
      '--host',
      '127.0.0.21',
      '--host',
      '127.0.0.222',
      ...ports,
    ]);
    assert.equal(code, 0);
    assert.deepEqual(out.split('\n'), [
      `can talk     127.0.0.21   (ipc, RTSP ${ports[1]}, web ${ports[3]})`,
      'unknown      127.0.0.222',
      '',
    ]);
  });

  it('says what to do when nobody answers', async () => {
    const { code, out } = await run(['find', '--seconds', '0']);
    assert.equal(code, 0);
    assert.match(out, /^No camera answered\. .*--host ADDRESS\n$/);
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
    ['"nope0"', '--interface', 'nope0'],
  ] as const) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, err } = await run(['find', ...args]);
      assert.equal(code, 2);
      assert.ok(err.includes(what), err);
    });
  }
});
