// A client alone in its process: one clip is said, others wait, and how much memory the process takes meanwhile is told. Built code only.
const { setInterval, clearInterval } = require('node:timers');
const { audioSources, cameraOptions, createEngine } = require('../../dist/src/index.js');

const { port, password, first, waiting, options = {} } = JSON.parse(process.argv[2]);

/** Megabytes: all that is resident, and what both threads hold outside their heaps. */
const look = () =>
  Object.fromEntries(Object.entries(process.memoryUsage()).map(([name, bytes]) => [name, bytes / 2 ** 20]));

async function main() {
  const engine = createEngine();
  await engine.warmUp();
  const camera = cameraOptions({ host: '127.0.0.1', port, password, leadInMs: 20, drainMs: 0, idleMs: 2000 });
  const before = look();
  let peak = before;
  const timer = setInterval(() => {
    const now = look();
    peak = now.rss > peak.rss ? now : peak;
  }, 20);
  const say = async (value) => {
    const [result] = await engine.speak([camera], typeof value === 'string' ? audioSources(value) : [value], {
      ...options,
      maxQueue: 100,
    });
    return result.status === 'fulfilled' ? result.value.report.seconds : Promise.reject(result.reason);
  };
  const all = [first, ...waiting].map((value) => say(value).catch((error) => error.code ?? String(error)));
  const ends = await Promise.all(all);
  clearInterval(timer);
  process.stdout.write(JSON.stringify({ before, peak, grownMb: peak.rss - before.rss, ends }));
  await engine.destroy();
}

void main();
