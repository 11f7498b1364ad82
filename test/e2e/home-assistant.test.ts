// The example for Home Assistant with a real broker, a real Node-RED and two simulated cameras. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { exampleFlow, type FlowNode } from '../../scripts/demo-flows.js';
import { freePort, startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera, simulatorWeb } from '../../src/simulator/index.js';
import type { WebApi } from '../../src/simulator/web/api.js';
import { eventually } from '../helpers/collect.js';
import { discoveryProblems } from '../helpers/home-assistant.js';
import { heardMs } from '../helpers/marked-clips.js';
import { timeless } from '../helpers/violations.js';
import { voicePrograms, type VoicePrograms } from '../helpers/voices.js';
import { startBroker, type Broker } from './broker.js';

const PASSWORD = 'Only4Tests!';
/** Of what the voice says. */
const TONE_SECONDS = 0.3;
const SOUNDS = ['ding', 'dingdong', 'gong', 'attention', 'alert', 'alarm', 'success', 'error'];

interface House {
  /** Name of its camera node. */
  readonly name: string;
  /** What stands for it in topics. */
  readonly id: string;
  readonly camera: SimulatedCamera;
  readonly api: WebApi;
}

async function startHouse(name: string, id: string): Promise<House> {
  let api: WebApi | undefined;
  const web = simulatorWeb({ onApi: (made) => (api = made) });
  // Fixed ports: one of them goes away and comes back.
  const ports = { port: await freePort(), httpPort: await freePort() };
  const camera = new SimulatedCamera({ password: PASSWORD, ...ports, web });
  await camera.start();
  assert.ok(api);
  return { name, id, camera, api };
}

interface Setting {
  readonly brokerPort: number;
  readonly porch: House;
  readonly garden: House;
  /** What says the words. */
  readonly command: string;
}

/** What the example's comment says must be set, and a second camera. */
function adapted(flow: readonly FlowNode[], { brokerPort, porch, garden, command }: Setting): object[] {
  const at = ({ name, camera: { port, httpPort } }: House): object => ({
    ...{ name, host: '127.0.0.1', port, httpPort, credentials: { username: 'admin', password: PASSWORD } },
  });
  return flow.flatMap((node): object[] => {
    switch (node.type) {
      case 'tab': {
        const env = node['env'] as { name: string; value: string }[];
        const cameras = JSON.stringify([porch.name, garden.name]);
        return [{ ...node, env: env.map((one) => (one.name === 'CAMERAS' ? { ...one, value: cameras } : one)) }];
      }
      case 'mqtt-broker':
        return [{ ...node, broker: '127.0.0.1', port: brokerPort }];
      case 'tplink-camera':
        return [
          { ...node, ...at(porch) },
          { ...node, id: 'garden', ...at(garden) },
        ];
      case 'tplink-voice':
        return [{ ...node, engine: 'command', command }];
      case 'tplink-talk':
        return [{ ...node, retrySeconds: 0 }];
      case 'debug':
        return [{ ...node, console: true }];
      default:
        return [node];
    }
  });
}

describe('Home Assistant', () => {
  let broker: Broker;
  let nodeRed: RunningNodeRed;
  let voices: VoicePrograms;
  let porch: House;
  let garden: House;
  let printed = '';

  before(async () => {
    voices = await voicePrograms();
    broker = await startBroker();
    porch = await startHouse('porch camera', 'porch_camera');
    // No topic may have such characters.
    garden = await startHouse('花园', Buffer.from('花园').toString('hex'));
    nodeRed = await startNodeRed({
      // Debug nodes write to the console at this level; Node-RED's own default for the other waits 15 s.
      settings: { mqttReconnectTime: 500, logging: { console: { level: 'info' } } },
      onOutput: (text) => (printed += text),
    });
    const setting = { brokerPort: broker.port, porch, garden, command: voices.tone };
    await nodeRed.deploy(adapted(exampleFlow('12 - Home Assistant'), setting));
    await told();
  });

  after(async () => {
    // Undefined when a start failed.
    const code = await (nodeRed as RunningNodeRed | undefined)?.stop();
    for (const house of [porch, garden] as (House | undefined)[]) await house?.camera.stop();
    await (broker as Broker | undefined)?.stop();
    await (voices as VoicePrograms | undefined)?.remove();
    assert.equal(code, 0);
  });

  afterEach(() => {
    for (const { camera } of [porch, garden])
      assert.deepEqual([timeless(camera.violations), camera.warnings], [[], []]);
  });

  const configs = (): [topic: string, payload: string][] =>
    [...broker.kept].filter(([topic]) => topic.startsWith('homeassistant/'));
  const kept = (house: House, what: string): string | undefined => broker.kept.get(`tplink-talk/${house.id}/${what}`);
  const sensor = (house: House): Record<string, unknown> => JSON.parse(kept(house, 'announcement') ?? '{}');
  const shows = (house: House, state: string): Promise<void> =>
    eventually(() => sensor(house)['state'] === state, `the sensor to show ${state}`);
  const ask = (id: string, what: string, payload: string | Buffer, retain = false): Promise<void> =>
    broker.publish({ topic: `tplink-talk/${id}/${what}/set`, payload: Buffer.from(payload), retain });
  /** Devices and states are there. */
  const told = (): Promise<void> =>
    eventually(
      () => [porch, garden].every((house) => ['announcement', 'volume', 'mask'].every((what) => kept(house, what))),
      'the devices',
    );
  const soundMs = ({ camera }: House): number =>
    Object.values(heardMs(camera.sessions)).reduce((sum, ms) => sum + ms, 0);

  it('is told of each camera by the rules of MQTT discovery', () => {
    const entities = configs();
    assert.deepEqual(
      entities.flatMap(([topic, payload]) => discoveryProblems(topic, payload)),
      [],
    );
    const [topic = '', payload = ''] = entities[0] ?? [];
    for (const wrong of [
      { command_topic: undefined },
      { retian: true },
      { device: { name: 'x' } },
      { options: ['a'] },
    ]) {
      const broken = JSON.stringify({ ...(JSON.parse(payload) as object), ...wrong });
      assert.notDeepEqual(discoveryProblems(topic, broken), []);
    }
    const each = ['button', 'notify', 'number', 'sensor', 'siren', 'switch'];
    const fields = entities.map(([, payload]) => JSON.parse(payload) as Record<string, unknown>);
    for (const { id } of [porch, garden]) {
      const own = entities
        .filter(([topic]) => topic.includes(`/tplink_talk_${id}/`))
        .map(([topic]) => topic.split('/')[1]);
      assert.deepEqual([...new Set(own)].sort(), each);
      assert.equal(own.length, each.length + SOUNDS.length);
    }
    assert.equal(entities.length, 2 * (each.length + SOUNDS.length));
    assert.equal(new Set(fields.map((field) => field['unique_id'])).size, entities.length);
    for (const field of fields) {
      assert.equal(broker.kept.get(String(field['availability_topic'])), 'online');
      if ('command_topic' in field) assert.match(String(field['command_topic']), /^tplink-talk\/[\w-]+\/[a-z]+\/set$/);
    }
    const sounds = fields.map((field) => field['payload_press']).filter((sound) => sound !== undefined);
    assert.deepEqual(sounds, [...SOUNDS, ...SOUNDS]);
    assert.deepEqual([sensor(porch), sensor(garden)], [{ state: 'ready' }, { state: 'ready' }]);
    assert.deepEqual([kept(porch, 'volume'), kept(porch, 'mask')], [String(porch.api.state.speaker.volume), 'OFF']);
  });

  it('sends words to one camera and gets to know when they have been said', async () => {
    // What would be a place of a sound is words as well.
    const sentences = ['Dinner is ready', '/etc/passwd', 'sound:gong', '[{"say":"x"},"/etc/passwd"]'];
    for (const sentence of sentences) {
      const before = soundMs(porch);
      await ask(porch.id, 'say', ` ${sentence}\n`);
      await eventually(() => sensor(porch)['text'] === sentence, 'the text');
      assert.equal(sensor(porch)['state'], 'waiting');
      await shows(porch, 'said');
      assert.equal(sensor(porch)['seconds'], TONE_SECONDS);
      assert.ok(soundMs(porch) - before > 250, 'the end is told when all was heard');
    }
    assert.deepEqual(
      await voices.told(),
      sentences.map((sentence) => [sentence]),
    );
    assert.equal(garden.camera.sessions.length, 0);
  });

  it('plays a sound of the list, and stops it', async () => {
    await ask(garden.id, 'sound', 'gong');
    await shows(garden, 'said');
    const gong = soundMs(garden);
    assert.ok(gong > 300);
    await ask(garden.id, 'sound', 'alarm');
    await eventually(() => soundMs(garden) > gong, 'the alarm');
    await ask(garden.id, 'stop', 'PRESS');
    await shows(garden, 'cut');
  });

  it('sets volume, lens mask and siren, and shows what the camera has', async () => {
    await ask(porch.id, 'volume', '35');
    await ask(porch.id, 'mask', 'ON');
    await ask(porch.id, 'siren', 'ON');
    await eventually(() => ['35', 'ON', 'ON'].join() === shown(), 'the new states');
    const { state } = porch.api;
    assert.deepEqual([state.speaker.volume, state.lensMask, state.siren], [35, true, true]);
    await ask(porch.id, 'mask', 'OFF');
    await ask(porch.id, 'siren', 'OFF');
    await eventually(() => ['35', 'OFF', 'OFF'].join() === shown(), 'the old states');
    assert.deepEqual([porch.api.state.lensMask, porch.api.state.siren], [false, false]);

    function shown(): string {
      return ['volume', 'mask', 'siren'].map((what) => kept(porch, what)).join();
    }
  });

  it('strangers cannot name a file, an address or another camera', async () => {
    const heard = soundMs(porch);
    const web = porch.api.log.length;
    const talked = sensor(porch);
    const refused: [id: string, what: string, payload: string | Buffer, retain?: boolean][] = [
      ...[
        '/etc/passwd',
        'sound:gong',
        '../gong',
        'http://127.0.0.1/',
        'file:///etc/passwd',
        '',
        'gong\0',
        '["gong"]',
      ].map((payload): [string, string, string] => [porch.id, 'sound', payload]),
      ...['101', '-1', '1e1', '', '{}', 'NaN'].map((payload): [string, string, string] => [
        porch.id,
        'volume',
        payload,
      ]),
      ...['on', '{"state":"ON"}', ''].map((payload): [string, string, string] => [porch.id, 'mask', payload]),
      [porch.id, 'siren', 'start'],
      [porch.id, 'say', ''],
      [porch.id, 'say', ' \n'],
      [porch.id, 'say', 'x'.repeat(1_001)],
      [porch.id, 'say', Buffer.alloc(2_000_000, 'x')],
      [porch.id, 'reboot', 'PRESS'],
      [porch.id, 'constructor', 'PRESS'],
      ['constructor', 'say', 'hello'],
      ['cellar', 'say', 'hello'],
      ['x'.repeat(5_000), 'say', 'hello'],
    ];
    const before = printed.match(/Not done: /g)?.length ?? 0;
    for (const one of refused) await ask(...one);
    await eventually(() => (printed.match(/Not done: /g)?.length ?? 0) - before === refused.length, 'every refusal');
    assert.deepEqual([soundMs(porch), porch.api.log.length, sensor(porch)], [heard, web, talked]);
  });

  it('a camera that is away is told as a failure', async () => {
    await garden.camera.stop();
    await ask(garden.id, 'sound', 'ding');
    await shows(garden, 'failed');
    const { error, message } = sensor(garden);
    assert.equal(error, 'TALK_ERR_CONNECT');
    assert.ok(String(message).length > 20);
    await garden.camera.start();
    await ask(garden.id, 'sound', 'ding');
    await shows(garden, 'said');
  });

  it('is told everything again when it starts anew', async () => {
    const topic = configs()[0]?.[0] ?? '';
    const times = (): number => broker.published.filter((published) => published === topic).length;
    const before = times();
    const state = sensor(garden);
    await broker.publish({ topic: 'homeassistant/status', payload: Buffer.from('offline') });
    await broker.publish({ topic: 'homeassistant/status', payload: Buffer.from('online') });
    await eventually(() => times() === before + 1, 'the devices again');
    assert.deepEqual(sensor(garden), state);
  });

  it('knows when Node-RED is away, and that what the broker has kept is not done after its return', async () => {
    const status = (): string | undefined => broker.kept.get('tplink-talk/status');
    process.kill(nodeRed.pid, 'SIGKILL');
    await eventually(() => status() === 'offline', 'the last will');
    await ask(porch.id, 'volume', '90', true);
    await nodeRed.restart();
    await eventually(() => printed.includes('Not done: kept by the broker'), 'the refusal');
    await eventually(() => status() === 'online' && sensor(porch)['state'] === 'ready', 'the devices');
    assert.equal(porch.api.state.speaker.volume, 35);
  });
});
