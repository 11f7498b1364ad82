// Loaded into a thread before its program: one message makes it count for ever.
const { parentPort } = require('node:worker_threads');

parentPort.on('message', (message) => {
  if (message === 'spin') for (;;);
});
