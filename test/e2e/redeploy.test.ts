// Deploys and shutdowns at every bad moment: everything ends soon, every message is done with, nothing stays behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, settle, type Outcome } from '../helpers/node-runtime.js';

const CODE = 0xa7;
const clip = (ms = 3_000): { payload: Buffer; format: string } => ({ payload: marked(CODE, ms), format: 'alaw' });

/** Sockets, timers, processes and files this process has open, by kind. */
function open(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  // Immediates of the runtime's message delivery come and go.
  delete counts['Immediate'];
  return counts;
}

/** Of all threads of this process; those of a thread are nowhere else to be seen. */
function childProcesses(): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'latin1');
      } catch {
        return '';
      }
    });
  // The name, in brackets, may hold anything; state and parent follow.
  return stats.filter((stat) => stat.slice(stat.lastIndexOf(')')).split(' ')[2] === String(process.pid)).length;
}

bothWays('a redeploy', () => {
  const runtime = nodeRuntime();

  const isDoneQuietly = ({ done, out }: Outcome): void => {
    assert.equal(done.error, undefined);
    assert.equal(out, undefined);
  };

  /** Unloads; fails when it takes more than a moment, or when something is left. */
  async function unloadCleanly(before: Record<string, number>, outcomes: readonly Promise<Outcome>[]): Promise<void> {
    await runtime.unload();
    for (const outcome of await Promise.all(outcomes)) isDoneQuietly(outcome);
    let left = open();
    const more = (): string[] => Object.keys(left).filter((kind) => (left[kind] ?? 0) > (before[kind] ?? 0));
    await eventually(
      () => {
        left = open();
        return more().length === 0;
      },
      `the end of what is left: ${JSON.stringify(left)} instead of ${JSON.stringify(before)}`,
    );
  }

  it('while talking, with others waiting', async () => {
    const camera = await runtime.simulate();
    const before = open();
    const flow = await runtime.load({
      cameras: [{ at: camera, idleMs: 60_000, drainMs: 5_000 }],
      talks: [{}, { id: 'other' }],
    });
    const outcomes = [flow.send(clip())];
    await eventually(() => camera.sessions.flatMap(marksIn).length > 0, 'the clip');
    outcomes.push(flow.send(clip()), flow.send(clip(), 'other'), flow.send(clip()));
    await settle();
    await unloadCleanly(before, outcomes);
    await eventually(() => camera.connections === 0, 'the end of the connection');
    assert.equal(flow.out.length, 0);
    assert.deepEqual(flow.caught, []);
  });

  it('while a finished session is kept', async () => {
    const camera = await runtime.simulate();
    const before = open();
    const flow = await runtime.load({ cameras: [{ at: camera, idleMs: 60_000 }] });
    await flow.say(clip(20));
    assert.equal(camera.connections, 1);
    await unloadCleanly(before, []);
    await eventually(() => camera.connections === 0, 'the end of the connection');
  });

  for (const behavior of ['silent', 'silent-login', 'silent-after-auth']) {
    it(`while the camera is ${behavior}`, async () => {
      const camera = await runtime.simulate({ behaviors: [behavior] });
      const before = open();
      const flow = await runtime.load({ cameras: [{ at: camera }] });
      const outcomes = [flow.send(clip()), flow.send(clip())];
      await eventually(() => camera.accepted > 0, 'the connection');
      await unloadCleanly(before, outcomes);
      await eventually(() => camera.connections === 0, 'the end of the connection');
    });
  }

  it('while connecting ahead of time', async () => {
    const camera = await runtime.simulate({ behaviors: ['silent'] });
    const before = open();
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const connecting = flow.send({ action: 'connect' });
    await eventually(() => camera.connections === 1, 'the connection');
    await unloadCleanly(before, [connecting]);
  });

  it('while waiting for another try', async () => {
    const camera = await runtime.simulate({ behaviors: ['busy'] });
    const before = open();
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const outcome = flow.send(clip());
    await flow.untilShowing('yellow dot busy');
    await unloadCleanly(before, [outcome]);
  });

  it('while a clip is fetched', async () => {
    const camera = await runtime.simulate();
    const server = createServer(() => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const before = open();
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const flow = await runtime.load({ cameras: [{ at: camera }] });
      const asked = once(server, 'request');
      const outcome = flow.send({ payload: `http://127.0.0.1:${address.port}/never.wav` });
      await asked;
      await runtime.unload();
      isDoneQuietly(await outcome);
      // The test's own ends; Node's fetch keeps an idle connection for a few seconds.
      server.closeAllConnections();
      await unloadCleanly(before, []);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('while ffmpeg runs', async () => {
    const camera = await runtime.simulate();
    const environment = process.env['FFMPEG_PATH'];
    process.env['FFMPEG_PATH'] = ffmpeg.path;
    try {
      const before = open();
      const flow = await runtime.load({ cameras: [{ at: camera }] });
      const ogg = readFileSync(join(resolve(__dirname, '..', 'fixtures', 'audio'), 'speech.ogg'));
      // Never ends, so that ffmpeg never does.
      const endless = new Readable({ read: () => undefined });
      endless.push(ogg);
      const others = childProcesses();
      const outcome = flow.send({ payload: endless });
      await eventually(() => childProcesses() > others, 'ffmpeg');
      await unloadCleanly(before, [outcome]);
      assert.equal(childProcesses(), others);
      assert.ok(endless.destroyed);
    } finally {
      if (environment === undefined) delete process.env['FFMPEG_PATH'];
      else process.env['FFMPEG_PATH'] = environment;
    }
  });

  it('while a stream has nothing to say yet', async () => {
    const camera = await runtime.simulate();
    const before = open();
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const stream = new Readable({ read: () => undefined });
    const outcome = flow.send({ payload: stream, format: 'alaw' });
    await eventually(() => camera.sessions.length > 0, 'the session');
    await unloadCleanly(before, [outcome]);
    assert.ok(stream.destroyed);
  });

  it('a refused message ends the stream it brought', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({ cameras: [{ at: camera }], talks: [{ maxQueue: 0 }], alone: true });
    const current = flow.send(clip(200));
    await settle();
    const refusals = [
      {},
      { gain: 'loud' },
      { whenBusy: 'drop' },
      { camera: 'nobody' },
      { chime: 7 },
      { format: 'opera' },
    ];
    for (const more of refusals) {
      const payload = new Readable({ read: () => undefined });
      await flow.fail({ payload, format: 'alaw', ...more });
      await eventually(() => payload.destroyed, `the end of the stream of ${JSON.stringify(more)}`);
    }
    await current;
  });

  it('of the talk node alone cuts its clips; those of other nodes go on', async () => {
    const camera = await runtime.simulate();
    const cameras = [{ at: camera }];
    const flow = await runtime.load({ cameras, talks: [{}, { id: 'other' }] });
    const mine = flow.send(clip());
    await eventually(() => camera.sessions.flatMap(marksIn).length > 0, 'the clip');
    const others = flow.send({ ...clip(), payload: marked(0xa8, 40) }, 'other');
    await settle();
    await flow.deploy({ cameras, talks: [{ name: 'renamed' }, { id: 'other' }] }, 'nodes');
    isDoneQuietly(await mine);
    assert.ok((await others).out !== undefined);
    await flow.say(clip(20));
  });

  it('ten times in a row while talking', async () => {
    const camera = await runtime.simulate();
    const config = { cameras: [{ at: camera }] };
    const before = open();
    const flow = await runtime.load(config);
    const outcomes: Promise<Outcome>[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const { length } = camera.sessions;
      outcomes.push(flow.send(clip()));
      await eventually(() => camera.sessions.length > length, 'the clip');
      await flow.deploy(config);
    }
    const out = await flow.say(clip(20));
    assert.equal(Reflect.get(Object(out['talk']), 'attempts'), 1);
    for (const outcome of await Promise.all(outcomes)) isDoneQuietly(outcome);
    await unloadCleanly(before, []);
  });
});
