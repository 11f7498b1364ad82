// A camera that was seen to offer a good way to log in and offers a worse one later, itself or by somebody in between: the password stays here. Real sockets, with a thread and without.
import assert from 'node:assert/strict';
import { createServer, request as ask, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { audioSources, cameraOptions, createEngine, type CameraOptions, type Engine } from '../../src/index.js';
import { SimulatedCamera, simulatorWeb, type Behavior } from '../../src/simulator/index.js';
import { coded, eventually, rejection } from '../helpers/collect.js';

const PASSWORD = 'weaker-Secret1';

/** Somebody in between: passes on what the camera says, and can take the key out of its challenges and say that it knows nothing but type 1. */
class Between {
  /** The bodies of log-ins that went through. */
  readonly logins: string[] = [];
  strips = false;
  readonly #server: Server;

  constructor(cameraPort: number) {
    this.#server = createServer((from, to) => {
      void text(from).then((body) => {
        if (body.includes('"username"')) this.logins.push(body);
        const { method, url: path, headers } = from;
        const onward = ask({ port: cameraPort, host: '127.0.0.1', method, path, headers }, (answer) => {
          void text(answer).then((said) => {
            to.statusCode = answer.statusCode ?? 500;
            to.end(
              this.strips ? said.replace(/"encrypt_type":\[[^\]]*\],"key":"[^"]*"/, '"encrypt_type":["1"]') : said,
            );
          });
        });
        onward.end(body);
      });
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function text(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

for (const thread of [true, false]) {
  describe(`a camera that offers less than it did, ${thread ? 'in a thread' : 'in this thread'}`, () => {
    let engine: Engine;
    let simulator: SimulatedCamera;
    let between: Between;
    let camera: CameraOptions;
    /** Whether challenges over RTSP say SHA-256. */
    let sha256: boolean;

    beforeEach(async () => {
      engine = createEngine({ thread, endsUnused: true });
      sha256 = true;
      const behavior: Behavior = {
        name: 'sha-256 for a while',
        transformChallenges: (challenges) =>
          challenges.map((one) =>
            sha256 && one.scheme === 'Digest' ? { ...one, algorithm: 'SHA-256', qop: 'auth' } : one,
          ),
      };
      simulator = new SimulatedCamera({ password: PASSWORD, behaviors: [behavior], httpPort: 0, web: simulatorWeb() });
      const { port, httpPort = 0 } = await simulator.start();
      between = new Between(httpPort);
      const quick = { leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160 };
      camera = cameraOptions({
        host: '127.0.0.1',
        port,
        httpPort: await between.start(),
        password: PASSWORD,
        ...quick,
      });
    });

    afterEach(async () => {
      await engine.destroy();
      await between.stop();
      await eventually(() => simulator.connections === 0, 'the last connection');
      await simulator.stop();
    });

    /** As a redeploy does: everything about the camera ends, and the thread with it. */
    async function redeployed<T>(use: () => Promise<T>): Promise<T> {
      const leave = engine.register(camera, 'node');
      try {
        return await use();
      } finally {
        await leave();
      }
    }

    const info = (options: Partial<CameraOptions> = {}): Promise<unknown> =>
      redeployed(() => engine.control({ ...camera, ...options }, 'info'));

    it('logs in to the web interface with RSA, and not with less after that, until a way is chosen by hand', async () => {
      await info();
      assert.match(between.logins.join(), /"encrypt_type":"2"/);
      between.strips = true;
      for (let times = 0; times < 2; times += 1) {
        coded('TALK_ERR_LOGIN', /as text that can be read again, and offered RSA before/)(await rejection(info()));
      }
      assert.equal(between.logins.length, 1, 'the password was not sent');
      await info({ login: 'plain' });
      assert.match(between.logins[1] ?? '', /"encrypt_type":"1"/);
      between.strips = false;
      await info();
      assert.equal(between.logins.length, 3);
    });

    it('answers no MD5 where the camera wanted SHA-256 before, by talking and by listening', async () => {
      const sent = (): number =>
        simulator.requests.filter(({ headers }) => headers.some(([name]) => name === 'Authorization')).length;
      const talk = (): Promise<void> =>
        redeployed(async () => {
          const [result] = await engine.speak(
            [{ ...camera, dialect: 'ipc' }],
            audioSources(Buffer.alloc(800, 0xa1), {
              encoding: 'alaw',
              sampleRate: 8_000,
              channels: 1,
            }),
          );
          if (result?.status !== 'fulfilled') throw result?.reason;
        });
      const listen = (): Promise<unknown> =>
        redeployed(() =>
          engine.microphone(camera, { stream: 'stream1', chunkMs: 20 }).record({ until: 'full', seconds: 0.05 }),
        );
      for (const use of [talk, listen]) {
        sha256 = true;
        await use();
        sha256 = false;
        const before = sent();
        coded('TALK_ERR_UNSUPPORTED', /as MD5, and offered SHA-256 before.*dialect by hand/)(await rejection(use()));
        assert.equal(sent(), before, 'nothing was computed with the password');
        sha256 = true;
        await use();
      }
    });
  });
}
