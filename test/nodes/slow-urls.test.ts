// A server that speaks while it thinks, in a real runtime: heard from the first second on, a pause where it pauses, asked once whatever happens.
import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../helpers/collect.js';
import { heardMs, marked } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, settle } from '../helpers/node-runtime.js';

const [A, B] = [0xa1, 0xa2];

bothWays('a slow address', () => {
  const runtime = nodeRuntime();
  let server: Server;
  let url: string;
  const asked: ServerResponse[] = [];

  beforeEach(async () => {
    asked.splice(0);
    server = createServer((_, response) => {
      asked.push(response);
      response.write(marked(A, 1_200));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is heard before all has come, with silence where it pauses, in one session', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const spoken = flow.send({ payload: url, format: 'alaw' });
    await eventually(() => (heardMs(camera.sessions)[A] ?? 0) >= 1_200, 'what has come');
    asked[0]?.end(marked(B, 400));
    const { done, out } = await spoken;
    assert.equal(done.error, undefined);
    assert.equal(Reflect.get(Object(out?.['talk']), 'seconds'), 1.6);
    assert.deepEqual(heardMs(camera.sessions), { [A]: 1_200, [B]: 400 });
    assert.deepEqual([camera.sessions.length, asked.length], [1, 1]);
  });

  it('is asked once, though the camera hangs up and the clip is said again', async () => {
    const camera = await runtime.simulate({ behaviors: ['hang-up:4@1'] });
    const flow = await runtime.load({ cameras: [{ at: camera }], talks: [{ retries: 1 }] });
    const spoken = flow.send({ payload: url, format: 'alaw' });
    await eventually(() => camera.sessions[0]?.end === 'camera closed', 'the end of the first attempt');
    asked[0]?.end(marked(B, 400));
    const { done, out } = await spoken;
    assert.equal(done.error, undefined);
    assert.equal(Reflect.get(Object(out?.['talk']), 'attempts'), 2);
    assert.deepEqual(heardMs(camera.sessions.slice(1)), { [A]: 1_200, [B]: 400 });
    assert.equal(asked.length, 1);
    await settle();
  });

  it('that breaks off in the middle ends the clip there, with a warning', async () => {
    const camera = await runtime.simulate();
    const flow = await runtime.load({ cameras: [{ at: camera }] });
    const spoken = flow.send({ payload: url, format: 'alaw' });
    await eventually(() => (heardMs(camera.sessions)[A] ?? 0) >= 400, 'the beginning');
    asked[0]?.destroy();
    const { done, out } = await spoken;
    assert.equal(done.error, undefined);
    const { seconds, warnings } = Object(out?.['talk']);
    assert.equal(seconds, 1.2);
    assert.match(String(warnings), /broke off.*; the clip ended there$/);
  });
});
