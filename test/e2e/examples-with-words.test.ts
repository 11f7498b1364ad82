// The examples that say a text and ask a visitor, in a real Node-RED: each way to a voice works, or says what is missing. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exampleFlow, type FlowNode } from '../../scripts/demo-flows.js';
import { freePort, startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { findProgram } from '../../src/program-path.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { quiet, sequence, tone } from '../helpers/listen-side.js';
import { heardMs } from '../helpers/marked-clips.js';
import { timeless } from '../helpers/violations.js';
import { toneWav, voicePrograms, voiceServer, type VoicePrograms, type VoiceServer } from '../helpers/voices.js';

const PASSWORD = 'Only4Tests!';
const TOKEN = 'token-of-tests';
const [SAY, ASK] = [exampleFlow('13 - Say a text'), exampleFlow('14 - Ask the visitor')];

/** A Wyoming server, from its public protocol: an event is a line of JSON, and samples of its length. */
async function startWyoming(asked: string[]): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      asked.push(chunk.toString());
      const samples = Buffer.from(tone(300).buffer);
      const event = (type: string, bytes = 0): string =>
        `${JSON.stringify({ type, data: { rate: 8_000, width: 2, channels: 1 }, payload_length: bytes })}\n`;
      socket.write(event('audio-start') + event('audio-chunk', samples.length));
      socket.write(samples);
      socket.write(event('audio-stop'));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

interface Setting {
  readonly command: string;
  /** Where the web services are: `http://127.0.0.1:1234`. */
  readonly web: string;
  readonly wyomingPort: number;
}

describe('examples with words', () => {
  let nodeRed: RunningNodeRed;
  let kitchen: SimulatedCamera;
  let entrance: SimulatedCamera;
  let voices: VoicePrograms;
  let server: VoiceServer;
  let wyoming: Server;
  const wyomingAsked: string[] = [];
  let espeak: string | undefined;
  let printed = '';

  before(async () => {
    espeak = await findProgram('espeak-ng');
    voices = await voicePrograms();
    server = await voiceServer();
    wyoming = await startWyoming(wyomingAsked);
    kitchen = new SimulatedCamera({ password: PASSWORD });
    // As many cameras do.
    const microphone = { source: sequence(quiet(500), tone(1_000), quiet(4_000)), muteInHalfDuplex: true };
    entrance = new SimulatedCamera({ password: PASSWORD, microphone });
    for (const camera of [kitchen, entrance]) await camera.start();
    nodeRed = await startNodeRed({
      // No program but those that a test puts there.
      env: { PATH: voices.folder },
      settings: { logging: { console: { level: 'info' } } },
      onOutput: (text) => (printed += text),
    });
  });

  after(async () => {
    // Undefined when a start failed.
    const code = await (nodeRed as RunningNodeRed | undefined)?.stop();
    for (const camera of [kitchen, entrance] as (SimulatedCamera | undefined)[]) await camera?.stop();
    await (server as VoiceServer | undefined)?.stop();
    (wyoming as Server | undefined)?.close();
    await (voices as VoicePrograms | undefined)?.remove();
    assert.equal(code, 0);
  });

  afterEach(() => {
    for (const { violations, warnings } of [kitchen, entrance])
      assert.deepEqual([timeless(violations), warnings], [[], []]);
    assert.ok(!printed.includes(TOKEN));
  });

  /** What the comments say must be set. */
  async function deploy({ command, web, wyomingPort }: Setting): Promise<void> {
    const portOf = (node: FlowNode): number => (ASK.includes(node) ? entrance : kitchen).port;
    const own = (node: FlowNode): object => {
      const address = (url: unknown): string => web + new URL(String(url)).pathname;
      switch (node.type) {
        case 'tplink-camera':
          return { host: '127.0.0.1', port: portOf(node), credentials: { username: 'admin', password: PASSWORD } };
        case 'tplink-talk':
          return { retrySeconds: 0 };
        case 'tplink-voice':
          if (node['engine'] === 'command' || node['name'] === '') return { engine: 'command', command };
          if (node['engine'] === 'http') return { url: address(node['url']), credentials: { token: TOKEN } };
          return node['engine'] === 'wyoming' ? { host: '127.0.0.1', port: wyomingPort } : {};
        case 'http request':
          return { url: address(node['url']) };
        case 'debug':
          return { console: true };
        default:
          return {};
      }
    };
    await nodeRed.deploy([...SAY, ...ASK].map((node) => ({ ...node, ...own(node) })));
  }

  const press = (flow: readonly FlowNode[], name: string): Promise<void> =>
    nodeRed.inject(flow.find((node) => node.type === 'inject' && node['name'] === name)?.id ?? assert.fail(name));
  const soundMs = (): number => Object.values(heardMs(kitchen.sessions)).reduce((sum, ms) => sum + ms, 0);
  const prints = (text: string | RegExp): Promise<void> => {
    const from = printed.length;
    return eventually(() => printed.slice(from).search(text) !== -1, String(text));
  };
  const working = (): Setting => ({
    command: voices.tone,
    web: server.url,
    wyomingPort: (wyoming.address() as AddressInfo).port,
  });

  it('each way says what is missing', async () => {
    const [web, wyomingPort] = [await freePort(), await freePort()];
    await deploy({ command: 'no-such-program', web: `http://127.0.0.1:${web}`, wyomingPort });
    const missing: [button: string, text: string | RegExp][] = [
      ['English', /No voice is on this machine\. Install espeak-ng.*npm install/],
      ['slow and low', 'no-such-program'],
      ['Home Assistant', `127.0.0.1:${web}`],
      ['like OpenAI', `127.0.0.1:${web}`],
      ['Piper', `127.0.0.1:${wyomingPort}`],
    ];
    for (const [button, text] of missing) {
      const told = prints(text);
      await press(SAY, button);
      await told;
    }
    assert.equal(soundMs(), 0);
  });

  it('each way is heard', async function () {
    if (espeak === undefined) this.skip();
    await symlink(espeak, join(voices.folder, 'espeak-ng'));
    await deploy(working());
    server.answer = (response) => {
      const isHomeAssistant = server.asked.at(-1)?.url === '/api/tts_get_url';
      if (isHomeAssistant) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ url: `${server.url}/made.wav`, path: '/made.wav' }));
      } else response.setHeader('content-type', 'audio/wav').end(toneWav());
    };
    for (const button of ['Chinese', 'English', 'slow and low', 'Home Assistant', 'like OpenAI', 'Piper']) {
      const before = soundMs();
      const said = prints(/outcome: 'spoken'/);
      await press(SAY, button);
      await said;
      assert.ok(soundMs() - before > 250, button);
    }
    assert.deepEqual(
      (await voices.told()).map(([text]) => text),
      ['Your parcel is at the door.'],
    );
    const bodies = server.asked.filter(({ body }) => body !== '');
    assert.deepEqual(
      bodies.map(({ url, body, headers }) => [url, JSON.parse(body) as unknown, headers.authorization]),
      [
        ['/api/tts_get_url', { engine_id: 'tts.piper', message: 'The washing machine is done.' }, `Bearer ${TOKEN}`],
        [
          '/v1/audio/speech',
          { model: 'tts-1', voice: 'alloy', input: 'The washing machine is done.', response_format: 'wav' },
          `Bearer ${TOKEN}`,
        ],
      ],
    );
    assert.match(wyomingAsked.join(''), /"synthesize".*Somebody is at the gate/s);
  });

  describe('ask the visitor', () => {
    const QUESTION = 'Hello, who is there?';
    let toldBefore: number;
    const told = async (): Promise<string[]> => (await voices.told()).map(([text = '']) => text).slice(toldBefore);

    before(() => deploy(working()));
    beforeEach(async () => {
      toldBefore = (await voices.told()).length;
      server.asked.splice(0);
    });

    /** Rings, and answers the recognition with these words. */
    async function ring(type: string, answer: string, status = 200): Promise<void> {
      server.answer = (response) => response.writeHead(status, { 'content-type': type }).end(answer);
      await press(ASK, 'somebody rings');
    }

    for (const [heard, answer] of [
      ['I have a parcel for you', 'Please put it beside the door. Thank you!'],
      ['您好，我是隔壁的', '请稍等，我马上来。'],
      ['/etc/passwd', 'One moment please, I am coming.'],
    ] as const) {
      it(`who says "${heard}" is answered`, async () => {
        await ring('application/json', JSON.stringify({ text: heard }));
        await prints(heard);
        assert.equal((await told()).at(-1), answer);
        const [asked] = server.asked;
        assert.equal(server.asked.length, 1);
        assert.match(asked?.headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
        assert.match(asked?.body ?? '', /name="file"; filename="visitor\.wav"\r\nContent-Type: audio\/wav\r\n\r\nRIFF/);
        assert.match(asked?.body ?? '', /name="model"\r\n\r\nwhisper-1\r\n/);
      });
    }

    it('a recognition that fails is told, and nothing is answered', async () => {
      // Another voice: nothing of it was said before, so that it is asked for everything.
      await deploy({ ...working(), command: `${voices.tone} again` });
      await ring('application/json', '{"error":"no model"}', 500);
      await prints('answered 500, without a text');
      await ring('text/html', '<html>');
      await prints('answered 200, without a text');
      assert.deepEqual(await told(), [QUESTION]);
    });
  });
});
