// The cameras of the soak in a process of their own: one fault at a time when told, and how often each clip was heard whole. Built code only.
const { setTimeout: wait } = require('node:timers/promises');
const { SimulatedCamera } = require('../../dist/src/simulator/index.js');

/** A-law of digital silence, +0 and -0 (G.711). */
const SILENCE = new Set([0xd5, 0x55]);
/** The talk channel is in use. */
const BUSY = -52411;
/** In which packet after it was armed a fault strikes. */
const STRIKES_IN = 2;
/** How long a camera is gone that restarts, ms. */
const GONE_MS = 1_500;
/** How long a clip that is said to be spoken may be on its way to this process, ms. */
const PATIENCE_MS = 5_000;

/** What may go wrong in the next clip. `opening`: only when a session is opened, so the open ones are dropped first. */
const FAULTS = {
  'hang-up': { onPacket: (connection) => connection.end() },
  reset: { onPacket: (connection) => connection.reset() },
  garbage: { onPacket: (connection) => connection.write(Buffer.alloc(1_024, 'x')) },
  'closes at once': { opening: true, onConnect: (connection) => connection.end() },
  'resets at once': { opening: true, onConnect: (connection) => connection.reset() },
  busy: { opening: true, onTalkRequest: () => BUSY },
  stale: {
    opening: true,
    onRequest: ({ headers }) => (headers.some(([name]) => name === 'Authorization') ? 'stale' : undefined),
  },
  restarts: { restarts: true },
};

const cameras = [];

class Soaked {
  constructor(password) {
    this.connections = new Set();
    this.fault = undefined;
    this.packets = 0;
    /** By code: the stretches heard of it. */
    this.heard = new Map();
    this.simulator = new SimulatedCamera({ password, behaviors: [this.behavior()] });
    this.simulator.on('packet', (recording) => this.hear(recording));
  }

  behavior() {
    const strike = (hook, ...args) => {
      const answer = this.fault?.[hook]?.(...args);
      if (answer !== undefined || hook === 'onConnect' || hook === 'onPacket') this.fault = undefined;
      return answer;
    };
    return {
      name: 'soak',
      onConnect: (connection) => {
        this.connections.add(connection);
        if (this.fault?.onConnect !== undefined) strike('onConnect', connection);
      },
      onClose: (connection) => void this.connections.delete(connection),
      onRequest: (request) => (this.fault?.onRequest === undefined ? undefined : strike('onRequest', request)),
      onTalkRequest: () => (this.fault?.onTalkRequest === undefined ? undefined : strike('onTalkRequest')),
      onPacket: (_count, connection) => {
        if (this.fault?.onPacket !== undefined && ++this.packets >= STRIKES_IN) strike('onPacket', connection);
      },
    };
  }

  async arm(name) {
    this.packets = 0;
    const fault = FAULTS[name];
    if (fault.restarts) {
      const { port } = this.simulator;
      await this.simulator.stop();
      wait(GONE_MS).then(() => this.restart(port));
      return;
    }
    if (fault.opening) for (const connection of this.connections) connection.destroy();
    this.fault = fault;
  }

  /** The port is the same, so the camera is made once more: its options cannot change. */
  async restart(port) {
    const { password } = this.simulator;
    this.simulator = new SimulatedCamera({ password, port, behaviors: [this.behavior()] });
    this.simulator.on('packet', (recording) => this.hear(recording));
    await this.simulator.start();
  }

  hear(recording) {
    const { payload } = recording.packets.at(-1);
    for (const code of payload) {
      if (SILENCE.has(code)) this.last = undefined;
      else if (this.last?.code === code && this.last.recording === recording) this.last.bytes += 1;
      else {
        this.last = { code, recording, bytes: 1 };
        this.heard.set(code, [...(this.heard.get(code) ?? []), this.last]);
      }
    }
  }

  whole(code, bytes) {
    return (this.heard.get(code) ?? []).filter((stretch) => stretch.bytes === bytes).length;
  }
}

const commands = {
  async start({ count, password }) {
    const started = [];
    for (let n = 0; n < count; n++) {
      cameras.push(new Soaked(password));
      started.push(await cameras[n].simulator.start());
    }
    return { ports: started.map(({ port }) => port), faults: Object.keys(FAULTS) };
  },
  async arm({ camera, fault }) {
    await cameras[camera].arm(fault);
    return {};
  },
  /** How often the clip was heard whole. Its code may be used again afterwards. */
  async heard({ camera, code, bytes, expected }) {
    const deadline = Date.now() + PATIENCE_MS;
    while (cameras[camera].whole(code, bytes) < expected && Date.now() < deadline) await wait(20);
    const whole = cameras[camera].whole(code, bytes);
    cameras[camera].heard.delete(code);
    return { whole };
  },
  async stop() {
    await Promise.all(cameras.map(({ simulator }) => simulator.stop()));
    return {};
  },
};

process.on('message', ({ id, command, ...parameters }) => {
  Promise.resolve()
    .then(() => commands[command](parameters))
    .then(
      (result) => process.send({ id, result }),
      (error) => process.send({ id, error: String(error) }),
    );
});
