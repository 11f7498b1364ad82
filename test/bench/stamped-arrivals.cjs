// Stamps what arrives at a socket before anything else is done with it: with two hundred cameras in one process, looking at one packet would make the next one late.
const net = require('node:net');
const { monotonicClock } = require('../../dist/src/clock.js');
const { now } = require('./clock.cjs');

/** What waits to be looked at: each event of a socket with its time. */
const waiting = [];
/** Looked at between two polls of the event loop; simulated cameras take about 30 µs for a packet. */
const AT_A_TIME = 8;
const DEFERRED = new Set(['data', 'end', 'close', 'error']);
let delivering = false;
let stamp;

/** For simulated cameras: while they look at something, it is the time at which that arrived. */
exports.clock = { now: () => stamp ?? now(), wait: monotonicClock.wait };

/** From now on every server of this process gets its events late, but truly stamped. */
exports.stampArrivals = () => {
  const { createServer } = net;
  net.createServer = (onConnection) =>
    createServer((socket) => {
      const emit = socket.emit;
      socket.emit = (name, ...values) => {
        if (!DEFERRED.has(name)) return emit.call(socket, name, ...values);
        waiting.push({ at: now(), deliver: () => emit.call(socket, name, ...values) });
        if (!delivering) setImmediate(deliver);
        delivering = true;
        return true;
      };
      onConnection(socket);
    });
};

function deliver() {
  for (const { at, deliver: one } of waiting.splice(0, AT_A_TIME)) {
    stamp = at;
    one();
    stamp = undefined;
  }
  delivering = waiting.length > 0;
  if (delivering) setImmediate(deliver);
}
