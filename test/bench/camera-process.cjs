// The cameras of the benchmark, in a process of their own so that their cost is not the client's. Built code only.
const { SimulatedCamera } = require('../../dist/src/simulator/index.js');
const { monotonicClock } = require('../../dist/src/clock.js');
const { once } = require('node:events');
const net = require('node:net');
const { now } = require('./clock.cjs');

const clock = { now, wait: monotonicClock.wait };
const SILENCE = { 8: [0xd5, 0x55], 102: [0xff, 0x7f] };
let cameras = [];
let sink;
let sinkArrivals = [];

const commands = {
  async start({ count, password }) {
    cameras = Array.from({ length: count }, () => new SimulatedCamera({ password, clock }));
    const started = await Promise.all(cameras.map((camera) => camera.start()));
    return { ports: started.map(({ port }) => port) };
  },
  /** What each camera heard in its latest talk session; `ended` waits for its end, `withAudio` adds the payloads of the first camera, base64. */
  async heard({ ended, withAudio }) {
    if (ended) await Promise.all(cameras.map((camera) => camera.waitForTalkEnd(Math.max(1, camera.sessions.length))));
    return {
      cameras: cameras.map((camera, index) => {
        const recording = camera.sessions.at(-1);
        if (recording === undefined) return null;
        const { packets } = recording;
        const silence = SILENCE[packets[0]?.payloadType] ?? [];
        return {
          arrivals: packets.map(({ at }) => at),
          payloadBytes: packets[0]?.payload.length ?? 0,
          audible: packets.map(({ payload }) => payload.some((byte) => !silence.includes(byte))),
          violations: camera.violations,
          audio: withAudio && index === 0 ? recording.audio().toString('base64') : undefined,
        };
      }),
    };
  },
  /** A port that only notes when bytes come. */
  async sink() {
    sinkArrivals = [];
    sink = net.createServer((socket) => socket.on('data', () => sinkArrivals.push(now())));
    sink.listen(0, '127.0.0.1');
    await once(sink, 'listening');
    return { port: sink.address().port };
  },
  sunk() {
    return { arrivals: sinkArrivals };
  },
  async stop() {
    sink?.close();
    await Promise.all(cameras.map((camera) => camera.stop()));
    return {};
  },
};

process.on('message', ({ id, command, ...parameters }) => {
  Promise.resolve(commands[command](parameters)).then(
    (result) => process.send({ id, result }),
    (error) => process.send({ id, error: String(error) }),
  );
});
