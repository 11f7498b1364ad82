// The cameras of the benchmark, in a process of their own so that their cost is not the client's. Built code only.
const { clock, stampArrivals } = require('./stamped-arrivals.cjs');
const { SimulatedCamera } = require('../../dist/src/simulator/index.js');
const { once } = require('node:events');
const net = require('node:net');
const { monitorEventLoopDelay } = require('node:perf_hooks');

/** Payload types cameras play: samples per second, and +0 and −0. */
const CODECS = { 8: { rate: 8_000, silence: [0xd5, 0x55] }, 102: { rate: 16_000, silence: [0xff, 0x7f] } };
/** How often the event loop is looked at, ms. */
const LOOK_MS = 5;
const delay = monitorEventLoopDelay({ resolution: LOOK_MS });
let cameras = [];
let sink;
let sinkArrivals = [];

const commands = {
  async start({ count, families, password }) {
    stampArrivals();
    const familyOf = (n) => families[n % families.length];
    cameras = Array.from({ length: count }, (_, n) => new SimulatedCamera({ family: familyOf(n), password, clock }));
    const started = await Promise.all(cameras.map((camera) => camera.start()));
    delay.enable();
    const dialectOf = (n) => (familyOf(n) === 'multitrans' ? 'auto' : familyOf(n));
    return { cameras: started.map(({ port, streamPort }, n) => ({ dialect: dialectOf(n), port, streamPort })) };
  },
  /** What each camera heard in its latest talk session; `ended` waits for its end, `withAudio` adds the payloads of the first camera, base64. */
  async heard({ ended, withAudio }) {
    const latest = cameras.flatMap((camera) => camera.sessions.slice(-1).map(({ start }) => ({ camera, start })));
    if (ended) await Promise.all(latest.map(({ camera, start }) => camera.waitForTalkEnd(start.number)));
    return { cameras: cameras.map((camera, index) => heardBy(camera, withAudio && index === 0)) };
  },
  /** How late this process itself comes to things, since the last time it was asked. */
  loopDelay() {
    const delays = { p99Ms: delay.percentile(99) / 1e6 - LOOK_MS, maxMs: delay.max / 1e6 - LOOK_MS };
    delay.reset();
    return delays;
  },
  /** A port that only notes when bytes come, connection by connection. */
  async sink() {
    sinkArrivals = [];
    sink = net.createServer((socket) => {
      const arrivals = [];
      sinkArrivals.push(arrivals);
      socket.on('data', () => arrivals.push(clock.now()));
    });
    sink.listen(0, '127.0.0.1');
    await once(sink, 'listening');
    return { port: sink.address().port };
  },
  sunk() {
    return { arrivals: sinkArrivals };
  },
  async stop() {
    delay.disable();
    sink?.close();
    await Promise.all(cameras.map((camera) => camera.stop()));
    return {};
  },
};

function heardBy(camera, withAudio) {
  const recording = camera.sessions.at(-1);
  if (recording === undefined) return null;
  const { packets } = recording;
  const { rate, silence } = CODECS[packets[0]?.payloadType] ?? { rate: Number.NaN, silence: [] };
  let dueMs = 0;
  return {
    number: recording.start.number,
    acceptedAt: recording.start.acceptedAt,
    leadInMs: recording.leadInMs,
    arrivals: packets.map(({ at }) => at),
    due: packets.map(({ payload }) => {
      const due = dueMs;
      dueMs += (payload.length * 1_000) / rate;
      return due;
    }),
    durationMs: dueMs,
    audible: packets.map(({ payload }) => payload.some((byte) => !silence.includes(byte))),
    violations: recording.violations,
    warnings: recording.warnings,
    audio: withAudio ? recording.audio().toString('base64') : undefined,
  };
}

process.on('message', ({ id, command, ...parameters }) => {
  Promise.resolve()
    .then(() => commands[command](parameters))
    .then(
      (result) => process.send({ id, result }),
      (error) => process.send({ id, error: String(error) }),
    );
});
