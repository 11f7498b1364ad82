// Milliseconds on the system's monotonic clock: the same in every process of this machine, so that a camera's stamps and a client's compare.
exports.now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
