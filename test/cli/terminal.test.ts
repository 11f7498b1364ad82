// The camera that the arguments of a command name.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CAMERA_ARGS, cameraFromArgs, readArgs } from '../../src/cli/terminal.js';
import type { CameraOptions } from '../../src/index.js';

describe('the camera of a command line', () => {
  const named = (...args: string[]): Promise<CameraOptions> =>
    cameraFromArgs(readArgs(['--host', '192.168.1.60', ...args], CAMERA_ARGS).values, {
      ...{ out: () => undefined, err: () => undefined, input: process.stdin, signal: new AbortController().signal },
      env: { TPLINK_TALK_PASSWORD: 'Only4Tests!' },
    });

  it('has what the HTTP talk needs', async () => {
    const talk = ['--stream-port', '8801', '--packet-ms', '120', '--encrypt', '--user', 'somebody'];
    const { dialect, streamPort, packetMs, encrypt, username, mode, leadInMs } = await named(
      '--dialect',
      'tapo',
      ...talk,
    );
    assert.deepEqual([dialect, streamPort, packetMs, encrypt, username], ['tapo', 8801, 120, true, 'admin']);
    assert.deepEqual([mode, leadInMs], ['aec', 500]);
    const usual = await named('--dialect', 'vigi-stream');
    assert.deepEqual([usual.streamPort, usual.packetMs, usual.encrypt], [8800, 40, false]);
  });

  it('takes what tune wrote in every dialect, the arguments first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tplink-talk-'));
    const file = join(folder, 'settings.json');
    await writeFile(file, JSON.stringify({ mode: 'vad', codec: 'pcmu16k', leadInMs: 700, drainMs: 50 }));
    try {
      const { mode, codec, leadInMs, drainMs } = await named(
        '--dialect',
        'tapo',
        '--settings',
        file,
        '--drain-ms',
        '80',
      );
      assert.deepEqual([mode, codec, leadInMs, drainMs], ['vad', 'auto', 700, 80]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
