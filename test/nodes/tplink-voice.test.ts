// Words in a real Node-RED: the voice node and what a talk node says with it. Real programs and servers.
import assert from 'node:assert/strict';
import { bothWays, nodeRuntime, type FlowConfig } from '../helpers/node-runtime.js';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { findProgram } from '../../src/program-path.js';
import { voicePrograms, voiceServer, type VoicePrograms, type VoiceServer } from '../helpers/voices.js';

const TOKEN = 't0p-s3cret-token';
const PASSWORD = 'Only4Tests!';

bothWays('tplink-voice', () => {
  const runtime = nodeRuntime();
  let programs: VoicePrograms;
  let server: VoiceServer;
  let camera: SimulatedCamera;

  before(async () => {
    programs = await voicePrograms();
    server = await voiceServer();
  });
  after(async () => {
    await server.stop();
    await programs.remove();
  });
  beforeEach(async () => {
    camera = await runtime.simulate({ password: PASSWORD });
  });

  const flow = (voice: object | undefined, talk: object = {}, more: FlowConfig = {}): FlowConfig => ({
    cameras: [{ at: camera }],
    talks: [{ voice: 'voice', ...talk }],
    nodes: voice === undefined ? [] : [{ id: 'voice', type: 'tplink-voice', name: '', ...voice }],
    ...more,
  });
  const heardSeconds = (): number => camera.sessions.at(-1)?.toJSON().soundSeconds ?? 0;
  const texts = async (): Promise<string[]> => (await programs.told()).map(([text = '']) => text);

  it('a payload that is no place of a sound is said, a path is one', async () => {
    const { say, fail } = bound(await runtime.load(flow({ engine: 'command', command: programs.tone })));
    const out = await say({ payload: '  Dinner one is ready ' });
    assert.equal((await texts()).at(-1), 'Dinner one is ready');
    assert.ok(heardSeconds() > 0.25);
    assert.equal((out['talk'] as { outcome: string }).outcome, 'spoken');
    const missing = await fail({ payload: '/data/no such file.mp3' });
    assert.equal(missing.code, 'TALK_ERR_SOURCE');
    const named = await fail({ payload: '', filename: 'Dinner is ready' });
    assert.equal(named.code, 'TALK_ERR_SOURCE');
  });

  it('msg.say, { say } and sentences typed in the node use the same voice', async () => {
    const voice = {
      engine: 'command',
      command: `${programs.tone} -v {voice} -l {language}`,
      voice: 'anna',
      language: 'de',
    };
    const { say } = bound(await runtime.load(flow(voice, { audio: 'Typed two', audioType: 'say' })));
    await say({ payload: 'not this' });
    await say({ say: 'Said three', payload: Buffer.alloc(0) });
    await say({ say: '/data/four.mp3' });
    const told = (await programs.told()).slice(-3);
    assert.deepEqual(
      told,
      ['Typed two', 'Said three', '/data/four.mp3'].map((text) => [text, '-v', 'anna', '-l', 'de']),
    );
    await runtime.unload();
    const mixed = bound(await runtime.load(flow(voice)));
    await mixed.say({ payload: [{ say: 'Parcel five for' }, 'name six'] });
    assert.deepEqual((await texts()).slice(-2), ['Parcel five for', 'name six']);
  });

  it('the audio type file or address is always that, and without a voice a sentence is told what to do', async () => {
    const voice = { engine: 'command', command: programs.tone };
    const typed = bound(await runtime.load(flow(voice, { audio: 'Dinner is ready', audioType: 'str' })));
    assert.equal((await typed.fail({})).code, 'TALK_ERR_SOURCE');
    await runtime.unload();
    const without = bound(await runtime.load(flow(voice, { voice: '' })));
    const error = await without.fail({ payload: 'Dinner is ready' });
    assert.equal(error.code, 'TALK_ERR_SOURCE');
    assert.match(error.message, /msg\.say/);
  });

  it('a voice that is gone is told, and only for words', async () => {
    const loaded = await runtime.load(flow(undefined));
    assert.equal(loaded.showing(), 'grey ring noVoice');
    const { say, fail } = bound(loaded);
    for (const msg of [{ payload: 'Dinner is ready' }, { say: 'Dinner' }, { payload: [{ say: 'Dinner' }] }]) {
      const error = await fail(msg);
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /voice of this node is gone/);
    }
    await say({ payload: Buffer.alloc(1_600, 0x55), format: 'alaw' });
  });

  it('a voice with wrong settings is told when it is deployed, and for words', async () => {
    const loaded = await runtime.load(flow({ engine: 'http', url: '' }));
    assert.ok(loaded.logged().some(({ level, msg }) => level === 20 && /url: expected/.test(String(msg))));
    const { say, fail } = bound(loaded);
    assert.match((await fail({ say: 'Dinner' })).message, /^url: expected/);
    await say({ payload: Buffer.alloc(1_600, 0x55), format: 'alaw' });
  });

  it('the token goes to the service and nowhere else', async () => {
    const voice = { engine: 'http', url: `${server.url}/{voice}`, voice: 'amy', body: '{"input": "{text}"}' };
    const loaded = await runtime.load(flow(voice, {}, { credentials: { voice: { token: TOKEN } } }));
    const { say, fail } = bound(loaded);
    await say({ payload: '说 "seven"' });
    const { url, headers, body } = server.asked.at(-1)!;
    assert.deepEqual(
      [url, headers.authorization, JSON.parse(body)],
      ['/amy', `Bearer ${TOKEN}`, { input: '说 "seven"' }],
    );
    const errors: string[] = [];
    const { answer } = server;
    for (const status of [401, 500]) {
      server.answer = (response) =>
        response.writeHead(status, { 'content-type': 'text/plain' }).end(`no ${TOKEN} here`);
      const error = await fail({ payload: `eight ${status}` });
      assert.equal(error.code, 'TALK_ERR_VOICE');
      assert.ok(error.message.includes(String(status)), error.message);
      errors.push(error.message, String(error.stack), JSON.stringify(error.cause ?? ''));
    }
    server.answer = answer;
    await say({ payload: 'nine' });
    const seen = JSON.stringify([errors, loaded.logged(), loaded.statuses, loaded.out, loaded.caught]);
    assert.ok(!seen.includes(TOKEN), seen.slice(0, 1_000));
  });

  it('what fails is one coded error each, nothing is left, and the next message is said', async () => {
    const { fail, say } = bound(await runtime.load(flow({ engine: 'command', command: `${programs.tone} {text}` })));
    for (const bad of [' ', ' \u0007\u0000 ', '...', 5, { text: 'x' }]) {
      assert.equal((await fail({ say: bad })).code, 'TALK_ERR_ARGUMENT', JSON.stringify(bad));
    }
    assert.equal((await fail({ say: 'a '.repeat(50_000) })).code, 'TALK_ERR_VOICE');
    for (const text of ['--version', '$(reboot)', '<speak>ten</speak>', '{text}', 'a\u0007b\u001b[31m']) {
      await say({ say: text });
    }
    assert.deepEqual(
      (await programs.told()).slice(-5).map(([, text = '']) => text.trim()),
      [...['--version', '$(reboot)', '<speak>ten</speak>', '{text}', 'a b [31m']],
    );
  });

  const PROGRAMS: readonly [what: string, body: string, message: RegExp][] = [
    ['exits with an error', `console.error('no such voice'); process.exit(3)`, /code 3: no such voice/],
    ['prints text', `process.stdout.write('usage: speak [options] words and more words')`, /cannot be played/],
    ['gives nothing', `process.exit(0)`, /gave no sound/],
  ];
  for (const [what, body, message] of PROGRAMS) {
    it(`a program that ${what}: TALK_ERR_VOICE, and the next message is said`, async () => {
      const voices = [
        { id: 'voice', type: 'tplink-voice', engine: 'command', command: await programs.program('bad', body) },
        { id: 'good', type: 'tplink-voice', engine: 'command', command: programs.tone },
      ];
      const talks = [{ voice: 'voice' }, { id: 'other', voice: 'good' }];
      const { fail, say, loaded } = bound(await runtime.load({ cameras: [{ at: camera }], talks, nodes: voices }));
      const error = await fail({ payload: 'Dinner is ready' });
      assert.equal(error.code, 'TALK_ERR_VOICE');
      assert.match(error.message, message);
      assert.equal(loaded.showing(), 'red ring TALK_ERR_VOICE');
      await say({ payload: `said after a program that ${what}` }, 'other');
    });
  }

  it('a service that answers a page, nothing or not at all: TALK_ERR_VOICE, and the next message is said', async () => {
    const { fail, say } = bound(await runtime.load(flow({ engine: 'http', url: `${server.url}/?t={text}` })));
    const { answer } = server;
    const answers: [answer: VoiceServer['answer'], message: RegExp][] = [
      [(response) => response.setHeader('content-type', 'text/html').end('<h1>Sign in</h1>'), /Sign in/],
      [(response) => response.setHeader('content-type', 'audio/wav').end(), /no sound/],
      [(response) => response.destroy(), /broke off/],
    ];
    for (const [index, [bad, message]] of answers.entries()) {
      server.answer = bad;
      const error = await fail({ payload: `bad ${index}`, retries: 0 });
      assert.equal(error.code, 'TALK_ERR_VOICE');
      assert.match(error.message, message);
      server.answer = answer;
      await say({ payload: `good ${index}` });
    }
  });

  it('without a voice msg.say is said by espeak-ng, in Chinese and in English', async function () {
    if ((await findProgram('espeak-ng')) === undefined) this.skip();
    const { say } = bound(await runtime.load(flow(undefined, { voice: '' })));
    for (const text of ['Dinner is ready', '欢迎光临']) {
      await say({ say: text });
      assert.ok(heardSeconds() > 0.5, text);
    }
  });
});

/** The methods of a flow, to be taken apart. */
function bound(loaded: Awaited<ReturnType<ReturnType<typeof nodeRuntime>['load']>>): {
  loaded: typeof loaded;
  say: (typeof loaded)['say'];
  fail: (typeof loaded)['fail'];
} {
  return { loaded, say: loaded.say.bind(loaded), fail: loaded.fail.bind(loaded) };
}
