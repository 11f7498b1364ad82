// Twenty messages that wait, with more sound than a small machine has memory: a process of its own, a real server, a real camera.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { behindChunk, marked } from '../helpers/marked-clips.js';

const PASSWORD = 'Waiting4it';
const MANY = 120_000_000;
const PIECE = Buffer.alloc(1_000_000);
/** What all clips that wait may hold, and what the collector has not looked at yet: it lets 32 to 64 MB pile up. */
const GROWTH_MB = 192 + 64;

describe('addresses of 120 MB that wait', () => {
  let server: Server;
  let simulator: SimulatedCamera;
  let base: string;

  beforeEach(async () => {
    server = createServer((request, response) => {
      const [head, tail] = [
        behindChunk(Buffer.alloc(0), 0).subarray(0, 44),
        behindChunk(marked(0xa1, 200), 0).subarray(44),
      ];
      head.writeUInt32LE(MANY, 40);
      const isSized = request.url === '/sized';
      response.writeHead(200, isSized ? { 'content-length': head.length + MANY + tail.length } : {});
      function* body(): Generator<Buffer> {
        yield head;
        for (let left = MANY; left > 0; left -= PIECE.length) {
          yield PIECE;
        }
        yield tail;
      }
      Readable.from(body())
        .on('error', () => undefined)
        .pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    simulator = new SimulatedCamera({ password: PASSWORD });
    await simulator.start();
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await simulator.stop();
  });

  async function wait(waiting: readonly string[], options = {}): Promise<{ grownMb: number; ends: unknown[] }> {
    const plan = {
      port: simulator.port,
      password: PASSWORD,
      first: { kind: 'chime', name: 'dingdong' },
      waiting,
      options,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(__dirname, 'waiting-process.cjs'),
      JSON.stringify(plan),
    ]);
    return JSON.parse(stdout) as { grownMb: number; ends: unknown[] };
  }

  for (const [count, name, path, options] of [
    [20, 'of a length that is told', '/sized', {}],
    [8, 'of a length that nobody tells, brought to one level', '/chunked', { normalize: true }],
  ] as const) {
    it(`${count} ${name}: all are said, and together they hold what one may`, async function () {
      this.timeout(600_000);
      const { grownMb, ends } = await wait(Array<string>(count).fill(base + path), options);
      assert.deepEqual(ends.slice(1), Array(count).fill(0.2), 'not all were said');
      assert.equal(typeof ends[0], 'number', String(ends[0]));
      assert.ok(grownMb < GROWTH_MB, `${grownMb} MB more`);
    });
  }
});
