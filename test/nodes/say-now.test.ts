// *Say it now* of the talk dialog, its admin route in a real Node-RED: who may, what is heard, what is told meanwhile, how it ends. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hashSync } from 'bcryptjs';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { adminToken } from '../helpers/admin-token.js';
import { toneWav, voicePrograms, type VoicePrograms } from '../helpers/voices.js';

const PASSWORD = 'Only4Tests!';
const NOW = 'sound:ding';

interface Answer {
  readonly status: number;
  /** `name outcome key` of each line. */
  readonly told: string[];
  readonly steps: any[];
  readonly refusal: any;
}

describe('Say it now, the route', () => {
  let nodeRed: RunningNodeRed;
  let camera: SimulatedCamera;
  let programs: VoicePrograms;
  let tokens: Record<'reader' | 'writer' | 'owner', string>;

  before(async () => {
    camera = new SimulatedCamera({ password: PASSWORD, port: 0 });
    await camera.start();
    programs = await voicePrograms();
    const password = hashSync(PASSWORD, 4);
    const users = [
      { username: 'reader', permissions: 'read', password },
      { username: 'writer', permissions: ['read', 'tplink-talk.write'], password },
      { username: 'owner', permissions: '*', password },
    ];
    nodeRed = await startNodeRed({
      env: { GREETING: 'sound:dingdong', SECRET: 'sound:gong' },
      settings: { adminAuth: { type: 'credentials', users } },
    });
    const token = (username: string): Promise<string> => adminToken(nodeRed.url, username, PASSWORD);
    tokens = { reader: await token('reader'), writer: await token('writer'), owner: await token('owner') };
    const at = { type: 'tplink-camera', host: '127.0.0.1', port: camera.port, login: 'none', idleMs: 0 };
    const credentials = { username: 'admin', password: PASSWORD };
    const flows = [
      { id: 'tab1', type: 'tab', label: 'cameras' },
      { ...at, id: 'front', credentials },
      { ...at, id: 'asleep', quietFrom: '00:00', quietTo: '00:00', quietMode: 'silent', credentials },
      { id: 'tones', type: 'tplink-voice', engine: 'command', command: programs.tone },
      {
        ...{ id: 'talk', type: 'tplink-talk', z: 'tab1', camera: 'front', wires: [[]] },
        audio: 'GREETING',
        audioType: 'env',
      },
    ];
    const deployed = await fetch(`${nodeRed.url}/flows`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await token('owner')}` },
      body: JSON.stringify(flows),
    });
    assert.equal(deployed.status, 204);
    // Flows go on starting after that.
    const started = async (): Promise<boolean> => (await say({ gain: '99' })).refusal.key === 'invalid';
    while (!(await started())) await setTimeout(50);
  });
  after(async () => {
    await (nodeRed as RunningNodeRed | undefined)?.stop();
    await (camera as SimulatedCamera | undefined)?.stop();
    await (programs as VoicePrograms | undefined)?.remove();
  });

  function press(fields: object, { who = 'writer', signal }: { who?: 'reader' | 'writer'; signal?: AbortSignal } = {}) {
    return fetch(`${nodeRed.url}/tplink-talk/say-now`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${tokens[who]}` },
      body: JSON.stringify({ id: 'new', camera: 'front', voice: '', audio: NOW, audioType: 'str', ...fields }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async function say(fields: object, who: 'reader' | 'writer' = 'writer'): Promise<Answer> {
    const response = await press(fields, { who });
    const text = await response.text();
    assert.ok(!text.includes(PASSWORD), text);
    if (response.status !== 200) {
      return { status: response.status, told: [], steps: [], refusal: response.status === 401 ? {} : JSON.parse(text) };
    }
    const steps = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    return {
      status: 200,
      told: steps.map(({ name, outcome, key }) => `${name} ${outcome} ${key}`),
      steps,
      refusal: {},
    };
  }

  const heard = async (): Promise<number> =>
    (await camera.waitForTalkEnd(camera.sessions.length)).toJSON().soundSeconds;

  it('takes the permission to write', async () => {
    assert.equal((await say({}, 'reader')).status, 401);
  });

  it('says what stands in the form, and tells how it goes', async () => {
    const { steps, told } = await say({ gain: '-6', normalize: 'true', chime: 'ding', chimeType: 'builtin' });
    for (const line of ['said running connecting', 'said running speaking'])
      assert.ok(told.includes(line), told.join());
    assert.equal(told.at(-1), 'said ok said');
    // The chime, then the same sound again.
    assert.ok(Number(steps.at(-1).values.seconds) > 1);
    assert.ok((await heard()) > 1);
  });

  it('says a sentence by the voice of the form, deployed or not', async () => {
    const unsaved = { id: 'other', engine: 'command', command: `${programs.tone} unsaved` };
    for (const voice of ['tones', unsaved])
      assert.equal((await say({ audio: 'Dinner is ready', audioType: 'say', voice })).told.at(-1), 'said ok said');
    assert.deepEqual(await programs.told(), [['Dinner is ready'], ['Dinner is ready', 'unsaved']]);
    const { status, refusal } = await say({ audio: 'Hello', audioType: 'say', voice: 'gone' });
    assert.deepEqual([status, refusal.key], [409, 'voiceNotDeployed']);
  });

  it('says that it is quiet hours, and says the sound', async () => {
    const { told } = await say({ camera: 'asleep' });
    assert.deepEqual([told[0], told.at(-1)], ['quiet warning quiet', 'said ok said']);
    assert.ok((await heard()) > 0.3);
  });

  it('so does Try it of a voice: a person waits', async () => {
    const response = await fetch(`${nodeRed.url}/tplink-voice/try`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${tokens.owner}` },
      body: JSON.stringify({ sentence: 'Good night', engine: 'command', command: programs.tone, camera: 'asleep' }),
    });
    const last = (await response.text()).trim().split('\n').at(-1) ?? '';
    assert.match(last, /"name":"said","outcome":"ok"/);
    assert.ok((await heard()) > 0.1);
  });

  it('says a variable as it is deployed, and no other', async () => {
    const env = { id: 'talk', audioType: 'env' };
    assert.equal((await say({ ...env, audio: 'GREETING' })).told.at(-1), 'said ok said');
    for (const other of [
      { audio: 'SECRET' },
      { audio: '${SECRET}', audioType: 'str' },
      { id: 'new', audio: 'GREETING' },
    ])
      assert.equal((await say({ ...env, ...other })).refusal.key, 'environment');
  });

  it('has nothing to try where the audio comes with the message', async () => {
    for (const audioType of ['msg', 'flow', 'global', 'jsonata'])
      assert.equal((await say({ audio: 'payload', audioType })).refusal.key, 'nothingToTry');
  });

  it("tells what failed in the error's words", async () => {
    const { told, steps } = await say({ audio: '/no/such/file.wav' });
    assert.deepEqual([told.at(-1), steps.at(-1).code], ['said failed failed', 'TALK_ERR_SOURCE']);
    assert.match(steps.at(-1).detail, /file\.wav/);
    assert.deepEqual((await say({ gain: '99' })).refusal.key, 'invalid');
    assert.equal((await say({ camera: 'nowhere' })).refusal.key, 'notDeployed');
    assert.equal((await say({ audio: '' })).status, 400);
  });

  it('stops when the browser goes, and lets only one speak at a time', async () => {
    const long = join(programs.folder, 'long.wav');
    writeFileSync(long, toneWav(60));
    const stop = new AbortController();
    const response = await press({ audio: long }, { signal: stop.signal });
    assert.equal(response.status, 200);
    let told = '';
    const reader = response.body?.getReader();
    while (!told.includes('speaking')) told += Buffer.from((await reader?.read())?.value ?? []).toString();
    assert.deepEqual((await say({})).refusal.key, 'busy');
    stop.abort();
    assert.ok((await heard()) < 30);
    assert.deepEqual((await say({ audio: 'gong', audioType: 'sound' })).told.at(-1), 'said ok said');
  });
});
