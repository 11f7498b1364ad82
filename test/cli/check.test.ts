// `tplink-talk check` against the simulator: what is printed, as text and as JSON, and the exit codes.
import assert from 'node:assert/strict';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { timeless } from '../helpers/violations.js';
import { endCommands, run } from './command.js';

const PASSWORD = 'Only4Tests!';

describe('tplink-talk check', () => {
  let camera: SimulatedCamera;

  afterEach(async () => {
    await endCommands();
    await camera.stop();
  });

  const simulate = async (options: SimulatedCameraOptions = {}): Promise<string[]> => {
    camera = new SimulatedCamera({ password: PASSWORD, ...options });
    const { port } = await camera.start();
    return ['check', '--host', '127.0.0.1', '--port', String(port), '--drain-ms', '20'];
  };
  const withPassword = { env: { TPLINK_TALK_PASSWORD: PASSWORD } };

  it('tells that the chirp was heard, with its figures, and ends with 0', async () => {
    // What a busy machine holds up is still played in time.
    const { code, out, err } = await run(await simulate({ loudspeaker: { bufferMs: 1_000 } }), withPassword);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /\nplaying a chirp\n/);
    assert.match(out, /\nHeard: the chirp came back after \d+ ms/);
    assert.match(
      out,
      /\ndelay \d+(\.\d)? ms, level -\d+(\.\d)? dB, signal to noise \d+(\.\d)? dB, no clipping, speed 1\n$/,
    );
    assert.deepEqual([timeless(camera.violations), camera.warnings], [[], []]);
  });

  it('ends with 1 and the verdict on stderr when it cannot tell; --json gives the verdict, --mode and --stream are used', async () => {
    const check = await simulate({ microphone: { cancelInAec: true, noiseDb: -40 } });
    const args = [...check, '--json', '--mode', 'aec', '--stream', 'stream2'];
    const { code, out, err } = await run(args, withPassword);
    const { verdict, reason, suggestMode } = JSON.parse(out);
    assert.deepEqual(
      [code, verdict, reason, suggestMode],
      [1, 'cannot tell', 'loudspeaker cancelled by aec', 'full_duplex'],
    );
    assert.match(err, /^Cannot tell: /);
    assert.equal(camera.sessions[0]?.start.mode, 'aec');
    assert.ok(camera.requests.some(({ method, uri }) => method === 'DESCRIBE' && uri.endsWith('/stream2')));
  });

  it('ends with 1 when the microphone is muted, and names the mode to check with', async () => {
    const { code, out, err } = await run(await simulate({ behaviors: ['microphone-mutes'] }), withPassword);
    assert.equal(code, 1);
    assert.match(err, /^Cannot tell: .* Set it to full duplex and check again\n$/);
    assert.doesNotMatch(out, /delay/);
  });

  it('ends with 1 and the code for a stream without sound and for a wrong password, which it does not show', async () => {
    const check = await simulate({ behaviors: ['stream-no-audio'] });
    const silent = await run(check, withPassword);
    assert.equal(silent.code, 1);
    assert.match(silent.err, /^TALK_ERR_UNSUPPORTED: /);
    const refused = await run(check, { env: { TPLINK_TALK_PASSWORD: 'Wrong4Tests!' } });
    assert.equal(refused.code, 1);
    assert.match(refused.err, /^TALK_ERR_AUTH: /);
    assert.ok(!(refused.out + refused.err).includes('Wrong4Tests!'));
  });

  it('listens with an account of its own, whose password comes from the environment', async () => {
    const account = { listenUsername: 'viewer', listenPassword: 'Also4Tests!' };
    const check = await simulate({ ...account, loudspeaker: { bufferMs: 1_000 } });
    const env = { ...withPassword.env, TPLINK_TALK_LISTEN_PASSWORD: account.listenPassword };
    const { code, out, err } = await run([...check, '--listen-user', account.listenUsername], { env });
    assert.deepEqual([code, err], [0, ''], out);
    assert.deepEqual([camera.loginFailures, timeless(camera.violations)], [0, []]);
    const url = `rtsp://127.0.0.1:${camera.port}/stream2`;
    const refused = await run([...check, '--stream-url', url], withPassword);
    assert.match(refused.err, /^TALK_ERR_AUTH: /);
    assert.ok(camera.requests.some(({ uri }) => uri === url));
    const argv = await run([...check, '--stream-url', url.replace('//', '//viewer:Secret4Tests!@')], withPassword);
    assert.deepEqual([argv.code, argv.out], [2, '']);
    assert.match(argv.err, /--stream-url: user name and password go into /);
    assert.ok(!argv.err.includes('Secret4Tests!'));
  });

  it('listens at a restream that knows only Basic when that is allowed', async () => {
    const check = await simulate();
    const restream = new SimulatedCamera({ password: 'Also4Tests!', behaviors: ['restream'] });
    const { port } = await restream.start();
    try {
      const args = [...check, '--mode', 'full_duplex', '--stream-url', `rtsp://127.0.0.1:${port}/front`];
      const env = { ...withPassword.env, TPLINK_TALK_LISTEN_PASSWORD: 'Also4Tests!' };
      const refused = await run(args, { env });
      assert.match(refused.err, /^TALK_ERR_UNSUPPORTED: .*listenBasic/);
      // What the restream hears is not this camera.
      const { code, err } = await run([...args, '--listen-basic'], { env });
      assert.deepEqual([code, restream.loginFailures, camera.streams.length], [1, 0, 0]);
      assert.match(err, /^Not heard/);
    } finally {
      await restream.stop();
    }
  });

  it('is wrong usage with further words', async () => {
    const { code, err } = await run([...(await simulate()), 'loudly']);
    assert.equal(code, 2);
    assert.match(err, /check takes no further words/);
  });
});
