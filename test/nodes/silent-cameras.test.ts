// Cameras whose microphone is announced and then not heard: continuous listening tells a Catch node once, a recording ends with its error.
import assert from 'node:assert/strict';
import type { Behavior } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { listenNode, shown, withListenNodes } from '../helpers/listen-side.js';
import { nodeRuntime, type CameraConfig } from '../helpers/node-runtime.js';

/** Payload type of comfort noise (RFC 3551, 6). */
const COMFORT_NOISE = 13;

/** Every packet of the microphone as another payload type. */
const otherKind: Behavior = {
  name: 'other-kind',
  transformStreamPacket: (frame) => {
    const other = Buffer.from(frame);
    // `$`, channel and length come first (RFC 7826, 14), then the RTP header with the type in its second byte.
    other[5] = COMFORT_NOISE;
    return [other];
  },
};

/** Packets of the right kind with nothing in them. */
const empty: Behavior = {
  name: 'empty',
  transformStreamPacket: (frame) => {
    const header = Buffer.from(frame.subarray(0, 4 + 12));
    header.writeUInt16BE(12, 2);
    return [header];
  },
};

const CAMERAS = [
  { name: 'nothing', behaviors: ['stream-stops:0'], code: 'TALK_ERR_STALLED', told: /sends no sound: none for 5 s/ },
  { name: 'rtcp', behaviors: ['stream-stops:0', 'stream-rtcp'], code: 'TALK_ERR_STALLED', told: /sends no sound/ },
  { name: 'other-kind', behaviors: [otherKind], code: 'TALK_ERR_STALLED', told: /of another kind than announced/ },
  { name: 'empty', behaviors: [empty], code: 'TALK_ERR_AUDIO', told: /cannot be decoded: none for 10 s/ },
] as const;

describe('tplink-listen and a microphone that gives no sound', () => {
  const runtime = nodeRuntime();
  withListenNodes();

  // All at once: each takes its time.
  it('recordings end with their error, listening tells a Catch node once', async () => {
    const nodes = { listen: { chunkMs: 20 }, clip: { mode: 'seconds', output: 'wav' } };
    const cameras: CameraConfig[] = [];
    const talks = CAMERAS.flatMap(({ name }) =>
      Object.entries(nodes).map(([id, properties]) =>
        listenNode({ ...properties, id: `${id}-${name}`, camera: `camera-${name}` }),
      ),
    );
    for (const { name, behaviors } of CAMERAS) {
      const at = await runtime.simulate({ password: 'Only4Tests!', behaviors: [...behaviors] });
      cameras.push({ id: `camera-${name}`, name, at });
    }
    const flow = await runtime.load({ cameras, talks });
    await Promise.all(
      CAMERAS.map(async ({ name, code, told }) => {
        const ends = await Promise.all([
          flow.fail({ seconds: 1 }, `clip-${name}`),
          flow.fail({ seconds: 600 }, `clip-${name}`),
          flow.fail({ action: 'record', seconds: 1 }, `listen-${name}`),
        ]);
        for (const error of ends) {
          assert.equal(error.code, code);
          assert.match(error.message, told);
        }
        const ofListening = (): unknown[] =>
          flow.caught.map((msg) => Object(msg['error'])).filter(({ source }) => source.id === `listen-${name}`);
        // One of them is the recording's.
        await eventually(() => ofListening().length === 2, 'the error of listening');
        await eventually(() => shown(flow, `listen-${name}`).includes(`yellow ring ${code}`), 'the status');
      }),
    );
    assert.deepEqual(flow.out, []);
  });
});
