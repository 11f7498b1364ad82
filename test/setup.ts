// Before all tests: a rejection that nobody handles fails the run, as it would stop all flows of a Node-RED.
process.on('unhandledRejection', (reason) => {
  throw reason;
});
