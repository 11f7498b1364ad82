// *Try it* of the voice dialog in a real editor with a real browser. Needs `npm run build` before.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { dialogReady, findChromium, launchBrowser, openEditor } from '../helpers/editor.js';
import { voicePrograms, voiceServer } from '../helpers/voices.js';

const PASSWORD = 'Only4Tests!';
const TOKEN = 't0p-s3cret-token';
const CHROMIUM = findChromium();

describe(
  CHROMIUM === undefined ? 'voice dialog (skipped: no Chromium in /usr/bin or $CHROMIUM)' : 'voice dialog',
  () => {
    let browser: Browser;
    let nodeRed: RunningNodeRed;
    let camera: SimulatedCamera;

    before(async function () {
      if (CHROMIUM === undefined) return this.skip();
      browser = await launchBrowser(CHROMIUM);
    });
    beforeEach(async () => {
      camera = new SimulatedCamera({ password: PASSWORD, port: 0 });
      await camera.start();
      nodeRed = await startNodeRed({ flows: [{ id: 'tab1', type: 'tab', label: 'empty' }] });
    });
    afterEach(async () => {
      await nodeRed.stop();
      await camera.stop();
    });
    after(async () => {
      await (browser as Browser | undefined)?.close();
    });

    const cameraNode = (): object => ({
      ...{ id: 'front', type: 'tplink-camera', name: 'front door', host: '127.0.0.1', port: camera.port },
      ...{ login: 'none', credentials: { username: 'admin', password: PASSWORD } },
    });

    it('Try it says a sentence by an unsaved voice, with the time of each step, and what fails', async () => {
      const programs = await voicePrograms();
      const server = await voiceServer();
      try {
        await nodeRed.deploy([
          { id: 'tab1', type: 'tab', label: 'empty' },
          cameraNode(),
          { id: 'web', type: 'tplink-voice', engine: 'http', url: `${server.url}/a`, credentials: { token: TOKEN } },
        ]);
        const { page, problems } = await openEditor(browser, nodeRed.url, 'en-US');
        await openVoice(page, '_ADD_');
        assert.ok(await page.isHidden('#node-config-input-command'));
        await page.selectOption('#node-config-input-engine', 'command');
        assert.ok(await page.isHidden('#node-config-input-url'));
        await page.fill('#node-config-input-command', programs.tone);
        await page.fill('#node-config-tplink-voice-sentence', '欢迎光临');
        const said = await press(page);
        assert.match(
          said.join('\n'),
          /^Engine First sound after \d+ ms\nSound All of it after \d+ ms\nCamera Said: 0\.3 s, first sound after \d+/,
        );
        assert.deepEqual(await programs.told(), [['欢迎光临']]);
        assert.ok(Number(camera.sessions.at(-1)?.toJSON().soundSeconds) > 0.25);
        await page.fill(
          '#node-config-input-command',
          await programs.program('bad', `console.error('no voice'); process.exit(1)`),
        );
        assert.match((await press(page)).join('\n'), /^Engine It gave no sound.*ended with code 1: no voice$/);
        await page.click('#node-config-dialog-cancel');
        await page.waitForSelector('#node-config-input-engine', { state: 'detached' });

        await openVoice(page, 'web');
        assert.equal((await press(page)).length, 3);
        assert.equal(server.asked.at(-1)?.headers.authorization, `Bearer ${TOKEN}`);
        const before = server.asked.length;
        await page.fill('#node-config-input-url', `${server.url}/elsewhere`);
        assert.match((await press(page)).join('\n'), /^Enter the password or token again/);
        assert.equal(server.asked.length, before);
        assert.deepEqual(
          problems.filter((problem) => !problem.includes('status of 409')),
          [],
        );
        await page.context().close();
      } finally {
        await server.stop();
        await programs.remove();
      }
    });
  },
);

async function openVoice(page: Page, id: string): Promise<void> {
  await page.evaluate(`RED.editor.editConfig('', 'tplink-voice', ${JSON.stringify(id)})`);
  await dialogReady(page, '#node-config-input-engine');
}

async function press(page: Page): Promise<string[]> {
  await page.click('#node-config-tplink-voice-try');
  await page.waitForFunction(`document.querySelector('#node-config-tplink-voice-steps .tplink-running') === null`);
  return page.$$eval('#node-config-tplink-voice-steps > li', (lines) => lines.map((line) => line.textContent.trim()));
}
