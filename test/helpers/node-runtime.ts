// A real Node-RED runtime with our nodes from their sources, simulated cameras beside it, and everything a flow around the nodes gets to see.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { events, hooks } from 'node-red';
import type { Node, NodeAPI, NodeContextData } from 'node-red';
import helper from 'node-red-node-test-helper';
import { endEngines } from '../../nodes/shared/engine.js';
import tplinkCamera from '../../nodes/tplink-camera.js';
import tplinkTalk from '../../nodes/tplink-talk.js';
import tplinkVoice from '../../nodes/tplink-voice.js';
import { monotonicClock } from '../../src/clock.js';
import { isTalkError, type TalkError } from '../../src/errors.js';
import { SimulatedCamera, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { eventually } from './collect.js';
import { timeless } from './violations.js';

export type Message = Record<string, unknown>;

/** Properties of a tplink-camera; `at` fills in host and port, and the credentials unless told otherwise. */
export interface CameraConfig {
  readonly id?: string;
  readonly at?: SimulatedCamera;
  readonly username?: string;
  readonly password?: string;
  readonly listenUsername?: string;
  readonly listenPassword?: string;
  readonly [property: string]: unknown;
}

export interface FlowConfig {
  /** One healthy camera with the id `camera` when left out. */
  readonly cameras?: readonly CameraConfig[];
  /** One node with the id `talk` that uses `camera` when left out. */
  readonly talks?: readonly ({ readonly id?: string } & Readonly<Record<string, unknown>>)[];
  /** More nodes, and their credentials by id. */
  readonly nodes?: readonly object[];
  readonly credentials?: Readonly<Record<string, object>>;
  /** Without Catch and Complete nodes, which clone the message. */
  readonly alone?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface ShownStatus {
  readonly node: string;
  readonly fill: string | undefined;
  readonly shape: string | undefined;
  readonly text: string | undefined;
  /** On the monotonic clock, as the stamps of the cameras. */
  readonly at: number;
}

/** How the node was done with a message. */
export interface Done {
  /** The message that was sent into the node. */
  readonly msg: Message;
  readonly error: unknown;
  readonly at: number;
}

/** What came of one message, after every neighbour has got its share. */
export interface Outcome {
  readonly done: Done;
  /** What came out of the output. */
  readonly out: Message | undefined;
  readonly outAt: number | undefined;
  /** What the Catch node got: the message with `error`. */
  readonly caught: Message | undefined;
  readonly completed: boolean;
}

/** Timing that no test here waits for: no drain, no kept session, 20 ms packets. */
export const QUICK = { leadInMs: 20, drainMs: 0, idleMs: 0, packetBytes: 160 };

const TAB = 'tab';
/** Without coordinates Node-RED takes a node for a config node. */
const PLACE = { z: TAB, x: 100, y: 100 };
/** Long enough for every delivery between nodes, which takes one turn of the event loop each. */
const TURNS = 4;

/** Nodes around ours that only listen. */
type Listener = 'out' | 'unheard' | 'caught' | 'completed' | 'noticed';

export class Flow {
  readonly out: { readonly msg: Message; readonly at: number }[] = [];
  /** What left by the second output of a node that has two. */
  readonly unheard: Message[] = [];
  readonly caught: Message[] = [];
  readonly completed: Message[] = [];
  /** What the editor is told, from the first status on. */
  readonly statuses: ShownStatus[] = [];
  /** What a Status node passes on. */
  readonly noticed: Message[] = [];
  readonly dones: Done[] = [];
  readonly sent: Message[] = [];
  readonly #config: FlowConfig;
  #waiting: { readonly msg: Message; readonly resolve: (done: Done) => void }[] = [];

  constructor(config: FlowConfig) {
    this.#config = config;
  }

  /** Our own nodes and those around them, as Node-RED loads them. */
  static nodes(config: FlowConfig): { flow: object[]; credentials: Record<string, object> } {
    const cameras = config.cameras ?? [];
    const talks = config.talks ?? [{}];
    const credentials: Record<string, object> = { ...config.credentials };
    const flow: object[] = [{ id: TAB, type: 'tab', label: 'test' }];
    for (const { id = 'camera', at, username, password, listenUsername, listenPassword, ...properties } of cameras) {
      const address = at === undefined ? {} : { host: '127.0.0.1', port: at.port };
      flow.push({ id, type: 'tplink-camera', name: '', ...QUICK, ...address, ...properties });
      const user = username ?? at?.username;
      const secret = password ?? at?.password;
      if (user !== undefined || secret !== undefined) {
        credentials[id] = {
          ...(user === undefined ? {} : { username: user }),
          password: secret ?? '',
          ...(listenUsername === undefined ? {} : { listenUsername }),
          ...(listenPassword === undefined ? {} : { listenPassword }),
        };
      }
    }
    for (const { id = 'talk', ...properties } of talks) {
      const camera = cameras[0] === undefined ? '' : (cameras[0].id ?? 'camera');
      flow.push({ id, type: 'tplink-talk', ...PLACE, name: '', camera, ...properties, wires: [['out'], ['unheard']] });
    }
    for (const id of ['out', 'unheard']) flow.push({ id, type: 'helper', ...PLACE, wires: [] });
    flow.push({ id: 'any-status', type: 'status', ...PLACE, scope: null, wires: [['noticed']] });
    flow.push({ id: 'noticed', type: 'helper', ...PLACE, wires: [] });
    if (config.alone !== true) {
      const scope = talks.map(({ id = 'talk' }) => id);
      flow.push({ id: 'any-error', type: 'catch', ...PLACE, scope: null, uncaught: false, wires: [['caught']] });
      flow.push({ id: 'caught', type: 'helper', ...PLACE, wires: [] });
      flow.push({ id: 'any-end', type: 'complete', ...PLACE, scope, uncaught: false, wires: [['completed']] });
      flow.push({ id: 'completed', type: 'helper', ...PLACE, wires: [] });
    }
    flow.push(...(config.nodes ?? []));
    return { flow, credentials };
  }

  /** Connects the listening nodes; after every deploy, which makes them anew. */
  listen(): void {
    const hear = (id: Listener, take: (msg: Message) => void): void => {
      helper.getNode(id).on('input', (msg) => take(Object.assign<object, Message>(msg, {})));
    };
    hear('out', (msg) => this.out.push({ msg, at: monotonicClock.now() }));
    hear('unheard', (msg) => this.unheard.push(msg));
    hear('noticed', (msg) => this.noticed.push(msg));
    if (this.#config.alone === true) return;
    hear('caught', (msg) => this.caught.push(msg));
    hear('completed', (msg) => this.completed.push(msg));
  }

  /** A done() of one of our nodes. */
  tell(done: Done): void {
    if (!this.sent.includes(done.msg)) return;
    this.dones.push(done);
    const waiting = this.#waiting.filter(({ msg }) => msg === done.msg);
    this.#waiting = this.#waiting.filter(({ msg }) => msg !== done.msg);
    for (const { resolve } of waiting) resolve(done);
  }

  /** Sends the message into a talk node; resolves when that is done with it and everybody around has heard. */
  async send(msg: Message, talk = 'talk'): Promise<Outcome> {
    this.sent.push(msg);
    const node: Node = helper.getNode(talk);
    const done = await new Promise<Done>((resolve) => {
      this.#waiting.push({ msg, resolve });
      node.receive(msg);
    });
    await settle();
    const same = (other: Message): boolean => other['_msgid'] === msg['_msgid'];
    const out = this.out.find((one) => same(one.msg));
    return {
      done,
      out: out?.msg,
      outAt: out?.at,
      caught: this.caught.find(same),
      completed: this.completed.some(same),
    };
  }

  /** Sends the message, expects it to come out, and gives it back. */
  async say(msg: Message, talk = 'talk'): Promise<Message> {
    const { done, out } = await this.send(msg, talk);
    assert.equal(done.error, undefined, `done(${String(done.error)})`);
    assert.ok(out !== undefined, 'no message came out');
    return out;
  }

  /** Sends the message, expects done(error) with a coded error, and gives that. */
  async fail(msg: Message, talk = 'talk'): Promise<TalkError> {
    const { done, out } = await this.send(msg, talk);
    assert.equal(out, undefined, 'a message came out');
    assert.ok(isTalkError(done.error), `done(${String(done.error)}) instead of done(TalkError)`);
    return done.error;
  }

  /** `yellow ring connecting` for each status of one node since it was loaded; empty for a cleared one. */
  shown(talk = 'talk'): string[] {
    return this.statuses.filter(({ node }) => node === talk).map(statusText);
  }

  /** The latest of `shown`. */
  showing(talk = 'talk'): string {
    return this.shown(talk).at(-1) ?? '';
  }

  async untilShowing(text: string, talk = 'talk'): Promise<void> {
    await eventually(() => this.showing(talk) === text, `the status ${text}, not ${this.showing(talk)}`);
  }

  /** Deploys anew: everything, or the changed nodes only. */
  async deploy(config: FlowConfig, type: 'full' | 'nodes' = 'full'): Promise<void> {
    const { flow, credentials } = Flow.nodes(config);
    const started = once(events, 'flows:started');
    await helper._redNodes.setFlows(flow, credentials, type);
    await started;
    if (type === 'full') this.listen();
  }

  /** The context of the talk node's tab, or the global one. */
  context(scope: 'flow' | 'global', talk = 'talk'): NodeContextData {
    return helper.getNode(talk).context()[scope];
  }

  /** Everything Node-RED logged since the flow was loaded. Levels: 20 error, 30 warning, 40 information (Node-RED's log.js). */
  logged(): readonly { readonly level: number; readonly msg: unknown }[] {
    return helper.log().args.map(([entry]) => entry as { level: number; msg: unknown });
  }
}

export interface Runtime {
  /** Starts a simulated camera; it is stopped after the test, which fails when the camera found fault with what it got. */
  simulate(options?: SimulatedCameraOptions & { readonly tolerant?: boolean }): Promise<SimulatedCamera>;
  /** Deploys a flow; it is unloaded after the test, which fails when a message was not done exactly once or a connection stays. */
  load(config: FlowConfig): Promise<Flow>;
  /** Unloads the flow before the end of the test. */
  unload(): Promise<void>;
}

/** Where the cameras of the suites that are being defined live. */
let threaded = false;

/** The same tests with the cameras in a thread of their own, as users have them, and in this one. */
export function bothWays(title: string, define: () => void): void {
  for (const thread of [true, false]) {
    describe(thread ? `${title}, in a thread` : title, () => {
      threaded = thread;
      define();
      threaded = false;
    });
  }
}

/** `it` of tests that fake the time, of which a thread has its own. */
export function itInThisThread(title: string, test: Mocha.AsyncFunc): void {
  if (!threaded) it(title, test);
}

/** Hooks of a describe block: one runtime for its tests. */
export function nodeRuntime(): Runtime {
  const tplinkTalkThread = threaded;
  const simulators: { readonly camera: SimulatedCamera; readonly tolerant: boolean }[] = [];
  let flow: Flow | undefined;
  // A node that goes away is announced without a status.
  const hearStatus = ({ id, status }: { id: string; status?: Partial<ShownStatus> }): void => {
    if (status === undefined) return;
    flow?.statuses.push({
      node: id,
      fill: status.fill,
      shape: status.shape,
      text: status.text,
      at: monotonicClock.now(),
    });
  };

  before(async () => {
    helper.init(require.resolve('node-red'));
    await helper.startServer();
    hooks.add('onComplete.node-runtime', ({ msg, error }) => {
      flow?.tell({ msg, error: error ?? undefined, at: monotonicClock.now() });
    });
    events.on('node-status', hearStatus);
  });

  after(async () => {
    hooks.remove('*.node-runtime');
    events.off('node-status', hearStatus);
    await helper.stopServer();
  });

  const unload = async (): Promise<void> => {
    if (flow === undefined) return;
    await helper.unload();
    const { sent, dones } = flow;
    await eventually(() => sent.every((msg) => dones.some((done) => done.msg === msg)), 'done() for every message');
    for (const msg of sent) {
      const times = dones.filter((done) => done.msg === msg).length;
      assert.equal(times, 1, `done() was called ${times} times for one message`);
    }
    flow = undefined;
  };

  afterEach(async () => {
    try {
      await unload();
      await endEngines();
      for (const { camera } of simulators) await eventually(() => camera.connections === 0, 'the last connection');
    } finally {
      flow = undefined;
      await Promise.all(simulators.map(({ camera }) => camera.stop()));
    }
    for (const { camera, tolerant } of simulators.splice(0)) {
      if (!tolerant) assert.deepEqual([timeless(camera.violations), camera.warnings], [[], []]);
    }
  });

  return {
    unload,
    simulate: async ({ tolerant = false, ...options } = {}) => {
      const camera = new SimulatedCamera(options);
      simulators.push({ camera, tolerant });
      await camera.start();
      return camera;
    },
    load: async (config) => {
      helper.settings({ tplinkTalkThread, ...config.settings });
      flow = new Flow(config);
      const { flow: nodes, credentials } = Flow.nodes(config);
      await helper.load([tplinkCamera, tplinkVoice, withValues(tplinkTalk)], nodes, credentials);
      flow.listen();
      return flow;
    },
  };
}

/** Waits until messages on their way between nodes have arrived. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate();
}

/** The catalogue of the test: a key with its values behind it, `status.talking 3`. */
function withValues(register: (RED: NodeAPI) => void): (RED: NodeAPI) => void {
  return (RED) => {
    Object.assign(RED, {
      _: (key: string, values: Record<string, unknown> = {}) => [key, ...Object.values(values).map(String)].join(' '),
    });
    register(RED);
  };
}

/** Fill, shape and the last part of the text's key: `blue dot talking 3`. */
function statusText({ fill, shape, text }: ShownStatus): string {
  return [fill, shape, text?.replace(/^tplink-talk\.(status|errorStatus)\./, '')]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}
