// Packets by timers and writes alone: what any client on this machine needs at least. Called, or loaded as a thread of its own.
const { once } = require('node:events');
const net = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');

exports.bareLoop = async ({ port, sockets, packets, packetMs, bytes }) => {
  const open = Array.from({ length: sockets }, () => net.connect({ port, host: '127.0.0.1', noDelay: true }));
  await Promise.all(open.map((socket) => once(socket, 'connect')));
  const startedAt = performance.now();
  for (let n = 0; n < packets; n++) {
    const left = startedAt + n * packetMs - performance.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    for (const socket of open) socket.write(Buffer.alloc(bytes));
  }
  for (const socket of open) socket.end();
};

if (workerData !== null) exports.bareLoop(workerData).then(() => parentPort.postMessage('done'));
