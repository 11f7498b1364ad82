// The client under measurement, alone in its process: the library as users get it, without Node-RED. Built code only.
const { once } = require('node:events');
const { readFileSync } = require('node:fs');
const { Worker } = require('node:worker_threads');
const { bareLoop } = require('./bare-loop.cjs');
const { now } = require('./clock.cjs');

const { thread = true } = JSON.parse(process.argv[2] ?? '{}');
// Not loaded for the bare loop, whose process shall be bare.
let loaded;
const library = () => (loaded ??= require('../../dist/src/index.js'));
let made;
const engine = () => (made ??= library().createEngine({ thread }));
const camera = (options) => library().cameraOptions({ host: '127.0.0.1', ...options });
let microphone;
let load;
let chunkArrivals = [];

const commands = {
  async warmUp() {
    await engine().warmUp();
    return {};
  },
  /** Speaks on all cameras and waits for the end. CPU is counted from the call to the end, all threads. `block` keeps the main loop busy. */
  async speak({ cameras: places, password, source, idleMs, packetBytes, packetMs, gain, block, voice }) {
    const cameras = places.map((place) => camera({ ...place, password, idleMs, packetBytes, packetMs }));
    const value = voice === undefined ? source : { say: source };
    const spokenBy = voice === undefined ? undefined : library().voiceOptions(voice);
    const before = process.cpuUsage();
    const calledAt = now();
    const sources = library().audioSources(value, undefined, spokenBy);
    const speaking = engine().speak(cameras, sources, { retries: 0, gain });
    const unblock = block === undefined ? () => undefined : keepBusy(block);
    const results = await speaking.finally(unblock);
    const { user, system } = process.cpuUsage(before);
    return {
      calledAt,
      cpuSeconds: (user + system) / 1e6,
      failures: results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.code),
      reports: results.filter(({ status }) => status === 'fulfilled').map(({ value }) => value.report),
    };
  },
  /** Speaks something heavy on a camera of its own until it ends or `unload` is called; what a flow makes of the file is made before the answer. */
  load({ port, password, path, as, normalize }) {
    const target = camera({ port, password });
    const value = HEAVY_VALUES[as](path);
    const calledAt = now();
    load = { stop: new AbortController(), firstSoundMs: null, outcome: '' };
    const { signal } = load.stop;
    const onState = ({ name }) => {
      if (name === 'talking') load.firstSoundMs ??= now() - calledAt;
    };
    load.done = (async () => {
      const sources = library().audioSources(value);
      const [result] = await engine().speak([target], sources, { retries: 0, normalize, signal, onState });
      if (result.status === 'rejected') throw result.reason;
      return result.value.outcome;
    })().then(
      (outcome) => (load.outcome = outcome),
      (error) => (load.outcome = error.code),
    );
    return {};
  },
  async unload() {
    load?.stop.abort();
    await load?.done;
    return { firstSoundMs: load?.firstSoundMs ?? null, outcome: load?.outcome };
  },
  /** Listens to a camera's microphone from now on; `listened` stops it and tells when chunks came. */
  listen({ port, password, chunkMs }) {
    chunkArrivals = [];
    const calledAt = now();
    const onChunk = () => chunkArrivals.push(now());
    microphone = engine().microphone(camera({ port, password }), { stream: 'stream1', chunkMs, onChunk });
    microphone.start().catch((error) => process.stderr.write(`listening ended: ${error.message}\n`));
    return { calledAt };
  },
  async listened() {
    await microphone.stop();
    return { arrivals: chunkArrivals };
  },
  /** What this machine asks for a bare loop; with `block` in a thread, beside a main loop that is kept busy. */
  async bareLoop({ block, ...loop }) {
    const before = process.cpuUsage();
    if (block === undefined) {
      await bareLoop(loop);
    } else {
      const thread = new Worker(require.resolve('./bare-loop.cjs'), { workerData: loop });
      const done = once(thread, 'message');
      await done.finally(keepBusy(block));
    }
    const { user, system } = process.cpuUsage(before);
    return { cpuSeconds: (user + system) / 1e6 };
  },
  memory() {
    return { peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 };
  },
  async stop() {
    await made?.destroy();
    return {};
  },
};

/** What a flow makes of a file. */
const HEAVY_VALUES = {
  path: (path) => path,
  buffer: (path) => readFileSync(path),
  dataUrl: (path) => `data:audio/wav;base64,${readFileSync(path, 'base64')}`,
  async *stream(path) {
    yield readFileSync(path);
  },
  text: (path) => readFileSync(path, 'base64'),
};

/** Blocks this thread for `busyMs`, first after `afterMs`, then again and again after `freeMs` if that is given. Returns what ends it. */
function keepBusy({ afterMs, busyMs, freeMs }) {
  let timer = setTimeout(block, afterMs);
  function block() {
    const until = now() + busyMs;
    while (now() < until);
    if (freeMs !== undefined) timer = setTimeout(block, freeMs);
  }
  return () => clearTimeout(timer);
}

process.on('message', ({ id, command, ...parameters }) => {
  Promise.resolve()
    .then(() => commands[command](parameters))
    .then(
      (result) => process.send({ id, result }),
      (error) => process.send({ id, error: String(error) }),
    );
});
