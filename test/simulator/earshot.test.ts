// Two simulated cameras in one room: what one plays the other's stream carries, in each codec, and a phone records it.
import assert from 'node:assert/strict';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { decodeAlaw, decodeMulaw } from '../../src/sound/g711.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { openTalk, packet160 } from './conversation.js';
import { eventually, RawClient } from './raw-client.js';
import { PlainViewer, readFrames, STREAM_OPTIONS } from './stream/conversation.js';

const EAR = { delayMs: 30, gainDb: 0, noiseDb: Number.NEGATIVE_INFINITY } as const;

describe('simulator/earshot', () => {
  const cameras: SimulatedCamera[] = [];
  const clients: RawClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    for (const camera of cameras.splice(0)) await camera.stop();
  });

  async function start(options: SimulatedCameraOptions): Promise<SimulatedCamera> {
    const camera = new SimulatedCamera({ ...STREAM_OPTIONS, ...options });
    cameras.push(camera);
    await camera.start();
    return camera;
  }
  async function dial({ port }: SimulatedCamera): Promise<RawClient> {
    const client = await RawClient.open(port);
    clients.push(client);
    return client;
  }

  for (const [codec, decode] of [
    ['pcma', decodeAlaw],
    ['pcmu', decodeMulaw],
  ] as const) {
    for (const [type, code, loud] of [
      [8, 0x95, 2_112],
      [102, 0xae, 4_348],
    ] as const) {
      it(`an ear that sends ${codec} hears payload type ${type}, and so does a phone, though the talker is muted`, async () => {
        const clock = new FakeClock();
        const camera = await start({
          clock,
          behaviors: ['speaker-swallows-5', 'speaker-delays-50', 'microphone-mutes', 'stream-no-challenge'],
          microphone: EAR,
        });
        const ear = await start({
          clock,
          behaviors: ['stream-no-challenge'],
          microphone: { ...EAR, codec },
          earshotOf: camera,
        });
        const phone = camera.recordRoom({ ...EAR, sampleRate: 8_000 });
        const viewers = [await dial(ear), await dial(camera)];
        for (const viewer of viewers) await new PlainViewer(viewer).play();
        const talker = await dial(camera);
        await openTalk(talker);
        const packet = packet160(1).fill(code, 16);
        packet[5] = 0x80 | type;
        talker.send(packet);
        await eventually(() => camera.sessions[0]?.packetCount === 1, 'the packet');
        const [heard, own] = [
          await readFrames(viewers[0] ?? talker, clock, 200, 10),
          await readFrames(viewers[1] ?? talker, clock, 0, 10),
        ];
        const samples = heard.flatMap(({ payload }) => [...decode(payload)]);
        const isLoud = (sample: number): boolean => Math.abs(sample - loud) < loud / 20;
        // 50 ms of wait, 5 ms swallowed, 30 ms to the ear: from sample 680 on.
        const last = 8 * (50 + 30) + (type === 8 ? 160 : 80) - 1;
        assert.deepEqual([samples.findIndex(isLoud), samples.findLastIndex(isLoud)], [680, last]);
        assert.ok(own.every(({ payload }) => payload.every((byte) => byte === 0xd5)));
        const wav = phone.stop();
        const recorded = [...new Int16Array(new Uint8Array(wav.subarray(44)).buffer)];
        assert.deepEqual([recorded.findIndex(isLoud), recorded.findLastIndex(isLoud)], [680, last]);
      });
    }
  }
});
