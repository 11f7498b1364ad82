// `--capture FOLDER` of probe, check and say: what a user gets to give away.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedCamera, simulatorWeb } from '../../src/simulator/index.js';
import { Command, endCommands, run } from './command.js';

const PASSWORD = 'Only4Tests!';
const AUDIO = join(__dirname, '..', 'fixtures', 'audio');

describe('tplink-talk --capture', () => {
  let camera: SimulatedCamera;
  let folder: string;

  beforeEach(async () => (folder = join(await mkdtemp(join(tmpdir(), 'capture-')), 'of camera')));
  afterEach(async () => {
    await endCommands();
    await camera.stop();
    await rm(join(folder, '..'), { recursive: true });
  });

  const simulate = async (behaviors: readonly string[] = []): Promise<string[]> => {
    camera = new SimulatedCamera({ password: PASSWORD, behaviors, httpPort: 0, web: simulatorWeb() });
    const { port } = await camera.start();
    return ['--host', '127.0.0.1', '--port', String(port), '--capture', folder];
  };
  const withPassword = (password = PASSWORD): { env: Record<string, string> } => ({
    env: { TPLINK_TALK_PASSWORD: password },
  });
  const json = (name: string): any => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const names = (pattern: RegExp): string[] => readdirSync(folder).filter((name) => pattern.test(name));

  it('of probe holds all that was said, the model, and no secret', async () => {
    const args = [...(await simulate()), '--http-port', String(camera.httpPort)];
    const { code, err } = await run(['probe', ...args], withPassword());
    assert.equal(code, 0, err);
    assert.match(err, /^captured: \d+ files in /);
    const { command, outcome, connections } = json('capture.json');
    assert.deepEqual([command, outcome.verdict.key], ['probe', 'verdict.talks']);
    assert.deepEqual(
      connections.map(({ protocol }: { protocol: string }) => protocol),
      ['rtsp', 'rtsp', 'http'],
    );
    assert.match(json('camera.json').model, /^TL-IPC/);
    assert.equal(names(/response-401\.rtsp$/).length, 1);
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'latin1');
      assert.ok(!text.includes(PASSWORD) && !text.includes('127.0.0.1'), name);
      for (const { headers } of camera.requests)
        for (const [, value] of headers) {
          const secret = /response="([^"]*)"/.exec(value)?.[1];
          assert.ok(secret === undefined || !text.includes(secret), name);
        }
    }
  });

  it('of probe can be probed again', async () => {
    const args = [...(await simulate(['busy'])), '--http-port', String(camera.httpPort)];
    const first = await run(['probe', ...args, '--json'], withPassword());
    const replaying = new Command(['simulate', '--replay', folder, '--port', '0', '--http-port', '0', '--json']);
    const [, port = '', httpPort = ''] = await replaying.printed(/"port":(\d+),"httpPort":(\d+)/);
    const probe = ['probe', '--host', '127.0.0.1', '--port', port, '--http-port', httpPort, '--json'];
    const again = await run(probe, withPassword('Other4Tests!'));
    const keys = (out: string): string[] => JSON.parse(out).steps.map(({ key }: { key: string }) => key);
    assert.deepEqual([again.code, keys(again.out)], [first.code, keys(first.out)]);
    assert.equal(replaying.err, '');
    const shown = new Command(['simulate', '--replay', folder, '--port', '0', '--http-port', '0']);
    const [told] = await shown.printed(/^[^]*Ctrl-C/);
    assert.match(told, /The camera of .* listens on rtsp:.*, whatever the password/);
    assert.ok(!told.includes('page'), told);
  });

  it('of say holds the first and the last packets, and what became of it', async () => {
    const args = await simulate();
    const { code, err } = await run(['say', ...args, '--drain-ms', '0', join(AUDIO, 'wav-plain.wav')], withPassword());
    assert.equal(code, 0, err);
    assert.equal(json('capture.json').outcome.outcome, 'spoken');
    assert.equal(names(/frame\.bin$/).length, Math.min(6, camera.sessions[0]?.packetCount ?? 0));
  });

  it('of say holds what went wrong', async () => {
    const args = await simulate(['busy']);
    const { code, err } = await run(
      ['say', ...args, '--retries', '0', '--chime', 'ding', '--say', 'x'],
      withPassword(),
    );
    assert.equal(code, 1);
    assert.match(err, /^captured: .*\nTALK_ERR_/s);
    assert.match(json('capture.json').outcome.error.code, /^TALK_ERR_/);
  });

  it('of say tells of the audio no more than that it failed', async () => {
    const args = await simulate();
    const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}/annas-door.mp3?token=t0ken4tests`;
    try {
      const { err } = await run(['say', ...args, address], withPassword());
      assert.match(err, /annas-door/);
      assert.deepEqual(json('capture.json').outcome, { error: { code: 'TALK_ERR_SOURCE' } });
      for (const name of readdirSync(folder)) {
        const text = readFileSync(join(folder, name), 'latin1');
        assert.doesNotMatch(text, /annas-door|t0ken4tests/, name);
      }
    } finally {
      server.close();
    }
  });

  it('of check holds what the microphone heard, and tells so', async () => {
    const args = await simulate();
    const { code, err } = await run(['check', ...args, '--mode', 'full_duplex'], withPassword());
    assert.equal(code, 0, err);
    assert.match(err, /, the sound of its microphone among them\n$/);
    assert.equal(json('capture.json').outcome.verdict, 'heard');
    assert.deepEqual(json('camera.json').seen[0].what, ['heard']);
    assert.ok(names(/frames\.bin$/).length > 0);
  });

  const commands: readonly [name: string, words: readonly string[], result: string][] = [
    ['probe', [], 'steps'],
    ['check', ['--mode', 'full_duplex'], 'verdict'],
    ['say', ['--drain-ms', '0', join(AUDIO, 'wav-plain.wav')], 'firstSoundMs'],
  ];
  for (const [name, words, result] of commands) {
    it(`of ${name} takes the result with it neither when its folder is gone nor when a secret would be in it`, async () => {
      for (const [password, problem] of [
        [PASSWORD, /^TALK_ERR_ARGUMENT: Cannot write the capture/m],
        // A word of every capture.json.
        ['connections', /^TALK_ERR_PROTOCOL: The capture was not written/m],
      ] as const) {
        camera = new SimulatedCamera({ password });
        const { port } = await camera.start();
        if (password === PASSWORD) camera.once('talk', () => rmSync(folder, { recursive: true }));
        const args = ['--host', '127.0.0.1', '--port', String(port), '--json', '--capture', folder, ...words];
        const { code, out, err } = await run([name, ...args], withPassword(password));
        assert.equal(code, 1);
        assert.match(err, problem);
        assert.equal(out.split('\n').length, 2, out);
        assert.ok(result in JSON.parse(out), out);
        assert.ok(!existsSync(folder) || readdirSync(folder).length === 0);
        await camera.stop();
      }
    });
  }

  it('is refused before anything is said when the folder is not empty', async () => {
    const args = await simulate();
    const taken = join(folder, '..');
    await writeFile(join(taken, 'something'), '');
    const { code, err } = await run(['probe', ...args.slice(0, -1), taken], withPassword());
    assert.equal(code, 2);
    assert.match(err, /TALK_ERR_ARGUMENT: The folder .* is not empty/);
    assert.equal(camera.accepted, 0);
  });

  it('is refused before anything is said with a password that could be any text', async () => {
    const args = await simulate();
    const { code, err } = await run(['probe', ...args], withPassword('abc'));
    assert.equal(code, 2);
    assert.match(err, /^TALK_ERR_ARGUMENT: There can be no capture: so short a password/);
    assert.equal(camera.accepted, 0);
    assert.ok(!existsSync(folder));
  });
});
