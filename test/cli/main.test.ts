// The command line as a whole: which command, which exit code, what goes where. Each command has tests of its own.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { main } from '../../src/cli/main.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { eventually } from '../helpers/collect.js';
import { endCommands, run } from './command.js';

const PASSWORD = 'Only4Tests!';

interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** In this process, with a terminal at which nobody types; a prompt would show in `err`. */
async function inProcess(args: readonly string[]): Promise<Printed> {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    input: Object.assign(Object.create(process.stdin) as NodeJS.ReadStream, { isTTY: false }),
    env: { TPLINK_TALK_PASSWORD: PASSWORD },
    signal: new AbortController().signal,
  };
  return { code: await main(args, terminal), out, err };
}

describe('tplink-talk', () => {
  afterEach(endCommands);

  it('ends with 0 for help, 1 for a failure, 2 for wrong usage; failures go to stderr', async () => {
    const [help, failure, usage] = await Promise.all([
      run(['--help']),
      run(['probe', '--host', '127.0.0.1', '--port', '1'], { env: { TPLINK_TALK_PASSWORD: PASSWORD } }),
      run(['shout']),
    ]);
    assert.deepEqual([help.code, failure.code, usage.code], [0, 1, 2]);
    for (const word of ['say', 'probe', 'simulate', 'TPLINK_TALK_PASSWORD', 'one grey still'])
      assert.ok(help.out.includes(word), word);
    assert.equal(help.err, '');
    assert.match(failure.err, /^TALK_ERR_CONNECT: /);
    assert.match(usage.err, /unknown command "shout"/);
    assert.equal(usage.out, '');
  });

  it('shows the help of a command without doing anything', async () => {
    for (const command of ['say', 'probe', 'simulate']) {
      const { code, out } = await inProcess([command, '--help']);
      assert.equal(code, 0);
      assert.match(out, /^tplink-talk: /);
    }
  });

  const WRONG: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [[], /say, probe or simulate/],
    [['toString'], /unknown command/],
    [['say'], /say what/],
    [['say', 'ding.mp3'], /--host is missing/],
    [['say', '--host', '127.0.0.1', '--gain', 'loud', 'ding.mp3'], /--gain: a number from -40 to 20/],
    [['say', '--host', '127.0.0.1', '--gain=-41', 'ding.mp3'], /--gain/],
    [['say', '--host', '127.0.0.1', '--retries', '', 'ding.mp3'], /--retries/],
    [['say', '--host', '127.0.0.1', '--retries', '1.5', 'ding.mp3'], /--retries: a whole number from 0 to 100/],
    [['say', '--host', '127.0.0.1', '--format', 'flac', 'ding.mp3'], /format/],
    [['say', '--host', '127.0.0.1', '--frobnicate', 'ding.mp3'], /--frobnicate/],
    [['probe'], /--host is missing/],
    [['probe', '--host', 'ftp://127.0.0.1'], /option host: /],
    [['probe', '--host', `rtsp://admin:${PASSWORD}@127.0.0.1`], /--host: leave the password out/],
    [['probe', '--host', '127.0.0.1', '--port', '65536'], /option port: /],
    [['probe', '--host', '127.0.0.1', '--http-port', 'web'], /option httpPort: /],
    [['probe', '--host', '127.0.0.1', '--login', 'guess'], /option login: expected auto, rsa/],
    [['probe', '--host', '127.0.0.1', '--mode', 'loud'], /option mode: /],
    [['probe', '--host', '127.0.0.1', '--dialect', 'hub'], /option dialect: expected .*tapo, vigi-stream/],
    [['say', '--host', '127.0.0.1', '--stream-port', '0', 'ding.mp3'], /option streamPort: /],
    [['say', '--host', '127.0.0.1', '--packet-ms', '30', 'ding.mp3'], /option packetMs: expected 20, 40, 60, 120/],
    [['say', '--host', '127.0.0.1', '--encrypt=no', 'ding.mp3'], /--encrypt/],
    [['probe', '--host', '127.0.0.1', 'now'], /no further words/],
    [['simulate', '--port', 'rtsp'], /--port: a port number/],
    [['simulate', '--dialect', 'tapo'], /--dialect: ipc or vigi/],
    [['simulate', '--family', 'nest'], /--family: multitrans, tapo, vigi-stream/],
    [['simulate', '--behavior', 'friendly'], /friendly/],
    [['simulate', 'now'], /no further words/],
  ];
  for (const [args, said] of WRONG) {
    it(`wrong usage: ${args.join(' ') || '(nothing)'}`, async () => {
      const { code, out, err } = await inProcess(args);
      assert.equal(code, 2);
      assert.match(err, said);
      assert.equal(out, '');
    });
  }

  it('takes no password on the command line, and does not repeat one that was given there', async () => {
    for (const args of [[`--password=${PASSWORD}`], ['--password', PASSWORD], [`-p${PASSWORD}`]]) {
      const { code, out, err } = await inProcess(['probe', '--host', '127.0.0.1', ...args]);
      assert.equal(code, 2);
      assert.ok(!(out + err).includes(PASSWORD), err);
    }
  });

  it('a signal at the password prompt is wrong usage', async () => {
    const modes: boolean[] = [];
    const abort = new AbortController();
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) });
    let err = '';
    const terminal: Terminal = {
      out: () => assert.fail('nothing to print'),
      err: (text) => (err += text),
      input: input as unknown as NodeJS.ReadStream,
      env: {},
      signal: abort.signal,
    };
    const code = main(['probe', '--host', '127.0.0.1'], terminal);
    await eventually(() => err.includes('Password: '), 'the prompt');
    input.write('Onl');
    abort.abort();
    assert.equal(await code, 2);
    assert.match(err, /no password given/);
    assert.deepEqual(modes, [true, false]);
  });

  it('--json tells a failure on stdout too', async () => {
    const args = ['--host', '127.0.0.1', '--port', '1', '--retries', '0', '--chime', 'ding', 'never-read.mp3'];
    const { code, out, err } = await inProcess(['say', '--json', ...args]);
    assert.equal(code, 1);
    assert.match(err, /^TALK_ERR_CONNECT: /);
    const { error } = JSON.parse(out);
    assert.deepEqual([error.code, error.camera], ['TALK_ERR_CONNECT', '127.0.0.1:1']);
    assert.ok(err.includes(error.message));
  });
});
