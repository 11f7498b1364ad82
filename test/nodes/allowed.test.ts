// tplinkTalkAllowedFolders and tplinkTalkAllowedUrls in a real Node-RED: every way in which a message names a file or an address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { markedWav } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type Message } from '../helpers/node-runtime.js';

const WAV = markedWav(0x91, 100);

bothWays('what may be read', () => {
  const runtime = nodeRuntime();
  let base: string;
  let server: Server;
  let url: string;
  let good: string;
  let secret: string;

  before(async () => {
    base = mkdtempSync(join(tmpdir(), 'allowed-nodes-'));
    mkdirSync(join(base, 'sounds'));
    [good, secret] = [join(base, 'sounds', 'good.wav'), join(base, 'secret.wav')];
    for (const file of [good, secret]) writeFileSync(file, WAV);
    symlinkSync(secret, join(base, 'sounds', 'link.wav'));
    server = createServer((request, response) => {
      if (request.url === '/sounds/away') response.writeHead(302, { location: '/secret' }).end();
      else response.end(WAV);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(base, { recursive: true });
  });

  const load = async (settings: Record<string, unknown>): ReturnType<typeof runtime.load> =>
    runtime.load({ cameras: [{ at: await runtime.simulate() }], settings });

  it('is what the lists name, whichever way it is written', async () => {
    const flow = await load({
      tplinkTalkAllowedFolders: [join(base, 'sounds')],
      tplinkTalkAllowedUrls: [`${url}/sounds`],
    });
    const spoken: Message[] = [
      { payload: good },
      { filename: good },
      { payload: WAV, chime: good },
      { payload: [`${url}/sounds/a.wav`, good, pathToFileURL(good).href], chime: 'ding' },
    ];
    for (const msg of spoken) await flow.say(msg);
    const files: Message[] = [
      { payload: secret },
      { filename: secret },
      { payload: WAV, chime: secret },
      { payload: [WAV, good, secret] },
      { payload: pathToFileURL(secret).href },
      { payload: `~/${relative(homedir(), secret)}` },
      { payload: join(base, 'sounds', 'link.wav') },
      { payload: join(base, 'missing.wav') },
    ];
    for (const msg of files) {
      const { code, message } = await flow.fail(msg);
      assert.deepEqual([code, /tplinkTalkAllowedFolders/.test(message)], ['TALK_ERR_SOURCE', true], message);
    }
    for (const payload of [`${url}/secret`, `${url}/sounds/away`, [WAV, `${url}/soundsystem`]]) {
      const { code, message } = await flow.fail({ payload });
      assert.deepEqual([code, /tplinkTalkAllowedUrls/.test(message)], ['TALK_ERR_SOURCE', true], message);
    }
  });

  it('is always what lies in the folder of the own sounds, and nothing outside', async () => {
    const folder = join(base, 'user', 'tplink-talk-sounds');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'bell.wav'), WAV);
    symlinkSync(secret, join(folder, 'leak.wav'));
    const flow = await load({ userDir: join(base, 'user'), tplinkTalkAllowedFolders: [] });
    for (const msg of [
      { payload: 'sound:bell' },
      { payload: ['sound:gong', 'sound:bell.wav'], chime: 'sound:bell' },
      { payload: join(folder, 'bell.wav') },
    ])
      assert.equal((await flow.say(msg))['talk'] !== undefined, true);
    for (const [payload, code] of [
      ['sound:leak', 'TALK_ERR_SOURCE'],
      ['sound:../../secret.wav', 'TALK_ERR_ARGUMENT'],
      ['sound:a\0', 'TALK_ERR_ARGUMENT'],
      [`sound:${secret}`, 'TALK_ERR_ARGUMENT'],
      [`${folder}/../../secret.wav`, 'TALK_ERR_SOURCE'],
    ])
      assert.equal((await flow.fail({ payload })).code, code, payload);
    await flow.say({ payload: 'sound:bell' });
  });

  for (const setting of [[], 'wrong', null, [7]]) {
    it(`is nothing but built-in sounds and bytes with ${JSON.stringify(setting)}`, async () => {
      const flow = await load({ tplinkTalkAllowedFolders: setting, tplinkTalkAllowedUrls: setting });
      await flow.say({ payload: WAV, chime: 'dingdong' });
      await flow.say({ payload: 'sound:success', chime: 'sound:error' });
      assert.match((await flow.fail({ payload: good })).message, /tplinkTalkAllowedFolders/);
      assert.match((await flow.fail({ payload: `${url}/sounds/a.wav` })).message, /tplinkTalkAllowedUrls/);
    });
  }
});
