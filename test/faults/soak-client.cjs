// The client of the soak, alone in its process, so that its memory is nobody else's. Built code only.
const v8 = require('node:v8');
const { createEngine, cameraOptions, audioSources } = require('../../dist/src/index.js');

const { thread = true } = JSON.parse(process.argv[2] ?? '{}');
const engine = createEngine({ thread });
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 };

v8.setFlagsFromString('--expose-gc');
const collect = require('node:vm').runInNewContext('gc');

const commands = {
  async speak({ port, password, code, bytes, camera }) {
    const target = cameraOptions({ host: '127.0.0.1', port, password, ...camera });
    const [result] = await engine.speak([target], audioSources(Buffer.alloc(bytes, code), ALAW));
    if (result.status === 'rejected') return { outcome: result.reason.code ?? String(result.reason) };
    const { outcome, report } = result.value;
    return { outcome, attempts: report?.attempts, session: report?.session };
  },
  /** MB: of the process, and of its main thread's heap after a collection. */
  memory() {
    const { rss } = process.memoryUsage();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    const young = v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    return { rss: rss / 1e6, heapUsed: heapUsed / 1e6, external: external / 1e6, young: young.space_size / 1e6 };
  },
  snapshot({ path }) {
    return { path: v8.writeHeapSnapshot(path) };
  },
  async stop() {
    await engine.destroy();
    return {};
  },
};

process.on('warning', (warning) => process.stderr.write(`${warning.stack}\n`));
process.on('message', ({ id, command, ...parameters }) => {
  Promise.resolve()
    .then(() => commands[command](parameters))
    .then(
      (result) => process.send({ id, result }),
      (error) => process.send({ id, error: String(error) }),
    );
});
