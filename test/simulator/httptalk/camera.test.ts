// A simulated camera of a family that talks over HTTP, beside its talk: streams, ports, page, and how those who look for cameras see it.
import assert from 'node:assert/strict';
import { findCameras, type FoundCamera } from '../../../src/index.js';
import { SimulatedCamera, simulatorWeb, type SimulatedCameraOptions } from '../../../src/simulator/index.js';
import { RawClient } from '../raw-client.js';
import { ASK, audio, openTalk, part, sound20, STOP, TABLES, TAPO_OPTIONS } from './conversation.js';

describe('simulator/httptalk: camera', () => {
  const cameras: SimulatedCamera[] = [];
  const clients: RawClient[] = [];

  async function run(options: SimulatedCameraOptions = {}): Promise<SimulatedCamera> {
    const camera = new SimulatedCamera({ ...TAPO_OPTIONS, ...options });
    cameras.push(camera);
    await camera.start();
    return camera;
  }
  async function dial(port: number | undefined): Promise<RawClient> {
    const client = await RawClient.open(port ?? 0);
    clients.push(client);
    return client;
  }
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    for (const camera of cameras.splice(0)) await camera.stop();
  });

  it('tells its ports, also while it starts anew', async () => {
    const camera = new SimulatedCamera(TAPO_OPTIONS);
    cameras.push(camera);
    assert.equal(camera.streamPort, undefined);
    const { port, streamPort, httpPort } = await camera.start();
    assert.deepEqual([port, streamPort, httpPort], [camera.port, camera.streamPort, undefined]);
    assert.notEqual(port, streamPort);
    assert.equal(camera.talkUrl, `http://127.0.0.1:${streamPort ?? 0}/stream`);
    await camera.stop();
    assert.equal(camera.streamPort, undefined);
    const again = await camera.start();
    assert.match(await (await dial(again.streamPort)).ask(ASK), /^HTTP\/1\.0 401 /);
    const other = new SimulatedCamera();
    cameras.push(other);
    assert.deepEqual(Object.keys(await other.start()), ['port']);
  });

  it('takes connections that were accepted elsewhere, and closes both kinds', async () => {
    const camera = await run();
    await (await dial(camera.streamPort)).ask(ASK);
    await (await dial(camera.port)).ask('OPTIONS rtsp://127.0.0.1/ RTSP/1.0\r\nCSeq: 0\r\n\r\n');
    assert.deepEqual([camera.connections, camera.accepted], [2, 2]);
    await camera.stop();
    assert.equal(camera.connections, 0);
  });

  for (const family of ['tapo', 'vigi-stream'] as const) {
    it(`${family} does not know MULTITRANS`, async () => {
      const client = await dial((await run({ family })).port);
      const options = await client.ask('OPTIONS rtsp://127.0.0.1/ RTSP/1.0\r\nCSeq: 0\r\n\r\n');
      assert.match(options, /^RTSP\/1\.0 200 OK\r\nCSeq: 0\r\nPublic: OPTIONS, .*SET_PARAMETER\r\n\r\n$/);
      const answer = await client.ask('MULTITRANS rtsp://127.0.0.1/multitrans RTSP/1.0\r\nCSeq: 1\r\n\r\n');
      assert.equal(answer, 'RTSP/1.0 405 Method Not Allowed\r\nCSeq: 1\r\n\r\n');
    });
  }

  it('shows its streams to their own account, as behaviors of streams say', async () => {
    const camera = await run({
      listenUsername: 'viewer',
      listenPassword: 'Other123',
      behaviors: ['stream-pcmu', 'busy'],
    });
    const client = await dial(camera.port);
    const describe = (account: string): string =>
      'DESCRIBE rtsp://127.0.0.1/stream1 RTSP/1.0\r\nCSeq: 1\r\n' +
      `Authorization: Basic ${Buffer.from(account).toString('base64')}\r\n\r\n`;
    assert.match(await client.ask(describe('admin:Abc12345')), /^RTSP\/1\.0 401 [\s\S]*realm="TP-Link IP-Camera"/);
    assert.match(await client.ask(describe('viewer:Other123')), /^RTSP\/1\.0 200 [\s\S]*PCMU\/8000/);
  });

  it('of family vigi-stream asks for Digest SHA-256 at its streams', async () => {
    const client = await dial((await run({ family: 'vigi-stream' })).port);
    const answer = await client.ask('DESCRIBE rtsp://127.0.0.1/stream1 RTSP/1.0\r\nCSeq: 1\r\n\r\n');
    assert.match(answer, /Digest realm="TP-LINK IP-Camera", nonce="\w+", algorithm="SHA-256", qop="auth"\r\n/);
  });

  it('has a page that shows where it is talked to, and what was heard', async () => {
    const camera = await run({ httpPort: 0, web: simulatorWeb({ name: 'yard' }) });
    const client = await dial(camera.streamPort);
    await openTalk(client);
    client.send(Buffer.concat([audio(TABLES), audio(sound20(0))]));
    client.send(STOP);
    await part(client);
    const wav = Buffer.from(await (await fetch(`http://127.0.0.1:${camera.httpPort ?? 0}/heard/1.wav`)).arrayBuffer());
    assert.deepEqual([wav.toString('latin1', 0, 4), wav.length], ['RIFF', 44 + 320]);
  });

  it('is found, and not asked for more than that', async () => {
    const camera = await run();
    const ports = { rtsp: camera.port, http: 1, stream: camera.streamPort ?? 0 };
    const found: readonly FoundCamera[] = await findCameras({ hosts: ['127.0.0.1'], seconds: 0, ports });
    assert.deepEqual(
      found.map(({ address, dialect }) => [address, dialect]),
      [['127.0.0.1', 'tapo']],
    );
    assert.deepEqual([camera.loginFailures, camera.violations], [0, []]);
  });
});
