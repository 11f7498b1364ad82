// `tplink-talk probe` against the simulator: the same report as the editor's, as text and as JSON, and the password prompt.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { SimulatedCamera, simulatorWeb, type SimulatorWebOptions } from '../../src/simulator/index.js';
import { Command, endCommands, run } from './command.js';

const PASSWORD = 'Only4Tests!';
/** script(1) of util-linux, which gives a command a terminal of its own. */
const HAS_TERMINAL = spawnSync('script', ['-qefc', 'true', '/dev/null']).status === 0;

describe('tplink-talk probe', () => {
  let camera: SimulatedCamera;

  afterEach(async () => {
    await endCommands();
    await camera.stop();
  });

  const simulate = async (api: SimulatorWebOptions['api'] = {}): Promise<string[]> => {
    camera = new SimulatedCamera({ password: PASSWORD, httpPort: 0, web: simulatorWeb({ api }) });
    const { port, httpPort } = await camera.start();
    return ['probe', '--host', '127.0.0.1', '--port', String(port), '--http-port', String(httpPort)];
  };
  const withPassword = (password: string): { env: Record<string, string> } => ({
    env: { TPLINK_TALK_PASSWORD: password },
  });

  it('says step by step what the camera answers', async () => {
    const probe = await simulate();
    const { code, out, err } = await run(probe, withPassword(PASSWORD));
    assert.deepEqual([code, err], [0, '']);
    const [verdict, blank, ...lines] = out.trimEnd().split('\n');
    assert.deepEqual([verdict, blank], ['This camera can talk.', '']);
    const steps = ['reach', 'methods', 'multitrans', 'login', 'talk', 'web', 'device'];
    assert.equal(lines.length, steps.length);
    steps.forEach((step, index) => assert.match(lines[index] ?? '', new RegExp(`^ok +${step} .* \\(\\d+ ms\\)$`)));
    assert.match(lines[4] ?? '', /dialect ipc, mode half_duplex, log-in Digest MD5, A-law 8 kHz, 1024 bytes a packet/);
    assert.match(lines[5] ?? '', /RSA \(type 2\)/);
    assert.match(lines[6] ?? '', /TL-IPC44AW-COLOR, firmware 1\.0\.3/);
    assert.equal(camera.sessions[0]?.packetCount, 0);
  });

  it('says with which arguments a camera of the HTTP talk can talk', async () => {
    camera = new SimulatedCamera({ family: 'tapo', password: PASSWORD });
    const { port, streamPort } = await camera.start();
    const args = [
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--stream-port',
      String(streamPort),
      '--login',
      'none',
    ];
    const { code, out } = await run(['probe', ...args], withPassword(PASSWORD));
    assert.equal(code, 1);
    assert.match(out, new RegExp(`choose the dialect Tapo.*\\n +--dialect tapo --stream-port ${streamPort}\\n`));
    assert.equal(camera.loginFailures, 0);
    const talks = await run(['probe', ...args, '--dialect', 'tapo'], withPassword(PASSWORD));
    assert.deepEqual([talks.code, talks.out.split('\n')[0]], [0, 'This camera can talk.']);
  });

  it('--json gives the steps, --login and --mode are used', async () => {
    const probe = await simulate();
    const args = [...probe, '--json', '--login', 'none', '--mode', 'aec'];
    const { code, out } = await run(args, withPassword(PASSWORD));
    assert.equal(code, 0);
    const { verdict, steps } = JSON.parse(out);
    assert.equal(verdict.key, 'verdict.talks');
    assert.deepEqual(steps.map(({ name, outcome, key }: Record<string, string>) => [name, outcome, key]).slice(-2), [
      ['talk', 'ok', 'talk.ok'],
      ['web', 'skipped', 'web.none'],
    ]);
    assert.equal(steps[4].values.mode, 'aec');
  });

  it('a wrong password is 1 and its code on stderr; the web interface is spared', async () => {
    const probe = await simulate();
    const { code, out, err } = await run(probe, withPassword('Wrong4Tests!'));
    assert.equal(code, 1);
    assert.match(err, /^TALK_ERR_AUTH: /);
    assert.match(out, /^This camera refuses the password\.\n\n/);
    assert.match(out, /\nFAILED +login .*\nskipped +web /);
    assert.ok(!(out + err).includes('Wrong4Tests!'));
  });

  for (const [name, password, told] of [
    ['none', '', /none is stored|no password is stored/],
    ['a variable that is not set', '${NOT_SET}', /the environment variable NOT_SET is not set/],
  ] as const) {
    it(`${name} for a password is as that, and not sent`, async () => {
      const probe = await simulate();
      const { code, out, err } = await run(probe, withPassword(password));
      // What was entered wrongly is a usage error.
      assert.deepEqual([code, camera.loginFailures], [password === '' ? 1 : 2, 0]);
      assert.match(err, /^TALK_ERR_ARGUMENT: /);
      assert.match(err, told);
      if (password === '')
        assert.match(
          out,
          /\nFAILED +login +It asks for a password, and none is stored.*\n(.*\n)?skipped +web +Not tried: no password/,
        );
      const sent = camera.requests.filter(({ headers }) => headers.some(([header]) => header === 'Authorization'));
      assert.equal(sent.length, 0);
    });
  }

  it('a web interface that is off is a warning with its particulars, and 0', async () => {
    const probe = await simulate();
    const { code, out, err } = await run([...probe, '--http-port', '1'], withPassword(PASSWORD));
    assert.deepEqual([code, err], [0, '']);
    assert.match(
      out,
      /\nwarning +web +Nothing answers at the web port 1 .*\n {21}Web interface at 127\.0\.0\.1:1: .*\n$/,
    );
  });

  describe(HAS_TERMINAL ? 'at a terminal' : 'at a terminal (skipped: no script(1) on this machine)', () => {
    before(function () {
      if (!HAS_TERMINAL) this.skip();
    });

    it('asks for the password without showing it, and takes corrections', async () => {
      const command = new Command(await simulate(), { terminal: true });
      await command.printed(/Password: /);
      command.type(`${PASSWORD}x\u007f\r`);
      const { code, out } = await command.ended;
      assert.equal(code, 0, out);
      assert.match(out, /ok +login/);
      assert.ok(!out.includes(PASSWORD), out);
      assert.ok(!out.includes('Only'), out);
    });

    it('Ctrl-C at the prompt is wrong usage; nothing is sent', async () => {
      const command = new Command(await simulate(), { terminal: true });
      await command.printed(/Password: /);
      command.type('Onl\u0003');
      const { code, out } = await command.ended;
      assert.equal(code, 2);
      assert.match(out, /no password given/);
      assert.equal(camera.requests.length, 0);
    });
  });

  it('asks for nothing where nobody can answer', async () => {
    const { code, err } = await run(await simulate());
    assert.equal(code, 1);
    assert.doesNotMatch(err, /Password:/);
  });
});
