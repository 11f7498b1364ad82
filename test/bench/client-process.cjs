// The client under measurement, alone in its process: the library as users get it, without Node-RED. Built code only.
const { Pool, audioSources, cameraOptions } = require('../../dist/src/index.js');
const { once } = require('node:events');
const net = require('node:net');
const { now } = require('./clock.cjs');

const pool = new Pool();

const commands = {
  /** Speaks on all cameras and waits for the end. CPU is counted from the call to the end. */
  async speak({ ports, password, source, idleMs, packetBytes, gain }) {
    const cameras = ports.map((port) => cameraOptions({ host: '127.0.0.1', port, password, idleMs, packetBytes }));
    const calledAt = now();
    const before = process.cpuUsage();
    const results = await pool.speak(cameras, audioSources(source), { retries: 0, gain });
    const { user, system } = process.cpuUsage(before);
    const failures = results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.code);
    const reports = results.filter(({ status }) => status === 'fulfilled').map(({ value }) => value.report);
    return {
      calledAt,
      cpuSeconds: (user + system) / 1e6,
      residentMb: process.memoryUsage.rss() / 1e6,
      failures,
      reports,
    };
  },
  /** What this machine asks for a bare loop: as many packets of the same size, with timers and writes alone. */
  async bareLoop({ port, packets, packetMs, bytes }) {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const before = process.cpuUsage();
    const startedAt = performance.now();
    for (let n = 0; n < packets; n++) {
      const left = startedAt + n * packetMs - performance.now();
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
      socket.write(Buffer.alloc(bytes));
    }
    const { user, system } = process.cpuUsage(before);
    socket.end();
    return { cpuSeconds: (user + system) / 1e6 };
  },
  memory() {
    return { residentMb: process.memoryUsage.rss() / 1e6, peakMb: process.resourceUsage().maxRSS / 1e3 };
  },
  async stop() {
    await pool.destroy();
    return {};
  },
};

process.on('message', ({ id, command, ...parameters }) => {
  Promise.resolve(commands[command](parameters)).then(
    (result) => process.send({ id, result }),
    (error) => process.send({ id, error: String(error) }),
  );
});
