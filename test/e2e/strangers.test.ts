// The example that anybody on the network can reach, in a real Node-RED: what strangers send is heard as sound or not at all. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exampleFlow, withCameras } from '../../scripts/demo-flows.js';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { heardMs, markedWav } from '../helpers/marked-clips.js';

const [SECRET, SOUND] = [0x91, 0x92];
const CLIP_MS = 200;

describe('announcements over HTTP', () => {
  let folder: string;
  let inner: Server;
  let calls = 0;
  let camera: SimulatedCamera;
  let nodeRed: RunningNodeRed;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tplink-talk-strangers-'));
    await writeFile(join(folder, 'private.wav'), markedWav(SECRET, CLIP_MS));
    inner = createServer((_request, response) => {
      calls += 1;
      response.end(markedWav(SECRET, CLIP_MS));
    }).listen(0, '127.0.0.1');
    await once(inner, 'listening');
    camera = new SimulatedCamera();
    await camera.start();
    nodeRed = await startNodeRed();
    await nodeRed.deploy(withCameras(exampleFlow('03 - Announce over HTTP'), () => camera));
    for (let status = 404; status === 404;) [status] = await post('', 'text/plain', '/announce');
  });

  after(async () => {
    // Undefined when a start failed.
    await (nodeRed as RunningNodeRed | undefined)?.stop();
    await (camera as SimulatedCamera | undefined)?.stop();
    (inner as Server | undefined)?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function post(body: string | Uint8Array, type: string, path: string): Promise<[status: number, text: string]> {
    const init = { method: 'POST', headers: { 'content-type': type }, body: body as BodyInit };
    const response = await fetch(nodeRed.url + path, init);
    return [response.status, await response.text()];
  }

  for (const type of ['audio/wav', 'application/octet-stream', 'text/plain', 'application/x-www-form-urlencoded']) {
    it(`says a sound that comes as ${type}`, async () => {
      const before = heardMs(camera.sessions)[SOUND] ?? 0;
      const [status, text] = await post(markedWav(SOUND, CLIP_MS), type, '/announce');
      assert.deepEqual([status, (JSON.parse(text) as { seconds: number }).seconds], [200, CLIP_MS / 1_000]);
      assert.equal((heardMs(camera.sessions)[SOUND] ?? 0) - before, CLIP_MS);
    });
  }

  // Node-RED looks at the body in spite of the node's setting where the path is written in another way.
  for (const path of ['/announce', '/Announce', '/announce/', '/announce?a=b']) {
    it(`takes no path, no address and no list of them at ${path}`, async () => {
      const { port } = inner.address() as AddressInfo;
      const named = [join(folder, 'private.wav'), pathToFileURL(join(folder, 'private.wav')).href, '~/private.wav'];
      const wanted = [...named, '/etc/passwd', `http://127.0.0.1:${port}/admin`];
      const bodies = [
        ...wanted.map((body) => [body, 'text/plain']),
        [JSON.stringify(wanted), 'application/json'],
        [JSON.stringify({ filename: named[0], chime: named[0] }), 'application/json'],
        [`filename=${encodeURIComponent(String(named[0]))}`, 'application/x-www-form-urlencoded'],
        ['['.repeat(5_000) + ']'.repeat(5_000), 'application/json'],
        ['', 'text/plain'],
      ];
      for (const [body = '', type = ''] of bodies) {
        const [status, text] = await post(body, type, path);
        assert.ok([413, 415, 422].includes(status), `${status} ${text}`);
        // No oracle: what there is on this machine makes no difference.
        assert.doesNotMatch(text, /exist|folder|403|private|passwd|127\.0\.0\.1/);
      }
      assert.equal(calls, 0);
      assert.equal(heardMs(camera.sessions)[SECRET], undefined);
    });
  }
});
