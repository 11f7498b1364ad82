// `tplink-talk say` against the simulator: what is heard, what is printed, how it ends.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { timeless } from '../helpers/violations.js';
import { voicePrograms } from '../helpers/voices.js';
import { beep, Command, endCommands, run, type Ended } from './command.js';

const PASSWORD = 'Only4Tests!';
const RAW = ['--format', 's16le', '--lead-in-ms', '20', '--drain-ms', '20'];

describe('tplink-talk say', () => {
  let camera: SimulatedCamera;

  afterEach(async () => {
    await endCommands();
    await camera.stop();
  });

  const simulate = async (options: SimulatedCameraOptions = {}): Promise<string[]> => {
    camera = new SimulatedCamera({ password: PASSWORD, ...options });
    const { port } = await camera.start();
    return ['say', '--host', '127.0.0.1', '--port', String(port)];
  };
  const withPassword = { env: { TPLINK_TALK_PASSWORD: PASSWORD } };
  const hidesPassword = ({ out, err }: Ended): void => assert.ok(!(out + err).includes(PASSWORD), out + err);

  it('plays a file after a chime and says how it went', async () => {
    const say = await simulate();
    const folder = await mkdtemp(join(tmpdir(), 'tplink-talk-cli-'));
    await writeFile(join(folder, 'beep.raw'), beep(0.5));
    const args = ['--chime', 'ding', '--gain=-6', '--format', 's16le', join(folder, 'beep.raw')];
    const { code, out, err } = await run([...say, ...args], withPassword);
    await rm(folder, { recursive: true });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^said \d+\.\d s, first sound after \d+(\.\d)? ms, latest packet \d+(\.\d)? ms late\n$/);
    await eventually(() => camera.connections === 0, 'the end of the connection');
    const [heard] = camera.sessions;
    assert.ok(Math.abs(Number(/said ([\d.]+)/.exec(out)?.[1]) - Number(heard?.toJSON().soundSeconds)) < 0.5);
    assert.deepEqual([timeless(camera.violations), camera.warnings], [[], []]);
  });

  it('says words among files, in their order, by the voice that was named', async () => {
    const say = await simulate();
    const programs = await voicePrograms();
    try {
      await writeFile(`${programs.folder}/beep.raw`, beep(0.5));
      const words = [
        '--voice',
        `${programs.tone} {text}`,
        '--say',
        'Parcel for',
        `${programs.folder}/beep.raw`,
        '--say=--version',
      ];
      const { code, out, err } = await run([...say, ...RAW, '--json', ...words], withPassword);
      assert.deepEqual([code, err], [0, '']);
      // Two tones of 0.3 s around the beep.
      assert.ok(Math.abs(JSON.parse(out).seconds - 1.1) < 0.1, out);
      assert.deepEqual(await programs.told(), [
        ['', 'Parcel for'],
        ['', ' --version'],
      ]);
      const failing = await programs.program('failing', `console.error('no such voice'); process.exit(3)`);
      const failed = await run([...say, ...RAW, '--voice', failing, '--say', 'x'], withPassword);
      assert.equal(failed.code, 1);
      assert.match(failed.err, /^TALK_ERR_VOICE: .*no such voice/);
      const empty = await run([...say, ...RAW, '--say', ' '], withPassword);
      assert.deepEqual([empty.code, empty.err.split(':', 1)[0]], [2, 'TALK_ERR_ARGUMENT']);
    } finally {
      await programs.remove();
    }
  });

  it('reads standard input, and --json gives the report', async () => {
    const say = await simulate();
    const ended = await run([...say, ...RAW, '--json', '-'], { ...withPassword, input: beep(0.4) });
    assert.equal(ended.code, 0, ended.err);
    const report = JSON.parse(ended.out);
    assert.equal(report.seconds, 0.4);
    assert.deepEqual([report.session, report.host, report.attempts], ['new', '127.0.0.1', 1]);
    hidesPassword(ended);
  });

  it('repeats as often as it is told, with the pause, in one session', async () => {
    const say = await simulate();
    const folder = await mkdtemp(join(tmpdir(), 'tplink-talk-cli-'));
    const file = join(folder, 'beep.raw');
    await writeFile(file, beep(0.4));
    const { code, out, err } = await run([...say, ...RAW, '--repeat', '3', '--repeat-pause', '1', file], withPassword);
    const once = await run([...say, ...RAW, '--json', '--repeat', '2', file], withPassword);
    await rm(folder, { recursive: true });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^said 0\.4 s 3 times, first sound after /);
    assert.equal(JSON.parse(once.out).rounds, 2);
    await eventually(() => camera.connections === 0, 'the end of the connection');
    const [heard, again] = camera.sessions.map((session) => session.toJSON());
    assert.equal(camera.sessions.length, 2);
    // From the first sound to the last, silence between them included.
    assert.ok(Number(heard?.soundSeconds) > 3 && Number(again?.soundSeconds) > 0.7, JSON.stringify([heard, again]));
  });

  it('refuses a number of rounds or a pause that is none, and to repeat what comes as it is read', async () => {
    const say = await simulate();
    for (const wrong of [
      ['--repeat', '0'],
      ['--repeat', 'often'],
      ['--repeat', '1001'],
      ['--repeat-pause=-1'],
      ['--repeat-pause', '3601'],
    ]) {
      const { code, err } = await run([...say, ...RAW, ...wrong, 'a.mp3'], withPassword);
      assert.equal(code, 2, err);
      assert.match(err, /^tplink-talk: --repeat(-pause)?: .*\nTry tplink-talk --help\n$/);
    }
    const live = await run([...say, ...RAW, '--repeat', '2', '-'], { ...withPassword, input: beep(0.1) });
    assert.equal(live.code, 2);
    assert.match(live.err, /^TALK_ERR_ARGUMENT: Live audio cannot be repeated/);
    assert.equal(camera.requests.length, 0);
  });

  it('ends with 1 and the code when the password is wrong, which is tried once', async () => {
    const say = await simulate();
    const wrong = 'Wrong4Tests!';
    const command = new Command([...say, ...RAW, '-'], { env: { TPLINK_TALK_PASSWORD: wrong }, input: beep(0.1) });
    assert.ok(!command.args.join(' ').includes(wrong));
    const { code, out, err } = await command.ended;
    assert.equal(code, 1);
    assert.match(err, /^TALK_ERR_AUTH: /);
    assert.ok(!(out + err).includes(wrong));
    const proofs = camera.requests.filter(({ headers }) => headers.some(([name]) => name === 'Authorization'));
    assert.equal(proofs.length, 1);
  });

  it('says of no password and of a variable that is not set that it is one, and sends nothing', async () => {
    const say = await simulate();
    for (const [password, told] of [
      ['', /^TALK_ERR_ARGUMENT: .*no password is stored/],
      ['${NOT_SET}', /the environment variable NOT_SET is not set/],
    ] as const) {
      const { code, err } = await run([...say, ...RAW, '-'], {
        env: { TPLINK_TALK_PASSWORD: password },
        input: beep(0.1),
      });
      assert.ok(code === 1 || code === 2);
      assert.match(err, told);
    }
    assert.ok(camera.requests.every(({ headers }) => !headers.some(([name]) => name === 'Authorization')));
  });

  it('ends with 1 and the code for a file that is not there', async () => {
    const say = await simulate();
    const { code, err } = await run([...say, '/there/is/no/such/file.mp3'], withPassword);
    assert.equal(code, 1);
    assert.match(err, /^TALK_ERR_SOURCE: /);
  });

  it('tries a busy camera again as often as it is told', async () => {
    const say = await simulate({ behaviors: ['busy'] });
    const { code, err } = await run([...say, ...RAW, '--retries', '0', '-'], { ...withPassword, input: beep(0.1) });
    assert.equal(code, 1);
    assert.match(err, /^TALK_ERR_BUSY: /);
    assert.equal(camera.sessions.length, 0);
  });

  it('stops at once at SIGINT', async () => {
    const say = await simulate();
    const command = new Command([...say, ...RAW, '-'], { ...withPassword, input: beep(20) });
    await eventually(() => (camera.sessions[0]?.packetCount ?? 0) > 2, 'the first packets');
    command.signal('SIGINT');
    const { code, err } = await command.ended;
    assert.equal(code, 1);
    assert.match(err, /^TALK_ERR_ABORTED: /);
    await eventually(() => camera.connections === 0, 'the end of the connection');
    assert.ok(Number(camera.sessions[0]?.seconds) < 10);
  });
});
