// Find the best settings of the camera dialog in a real editor with a real browser: progress, what it found, Apply, Stop. Needs `npm run build` before.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { dialogReady, findChromium, launchBrowser, openEditor } from '../helpers/editor.js';

const PASSWORD = 'Only4Tests!';
const CHROMIUM = findChromium();
const STEPS = '#node-config-tplink-camera-steps';
/** Two minutes on a busy machine: about half a minute of sounds. */
const TUNED_MS = 240_000;

describe(
  CHROMIUM === undefined ? 'tune dialog (skipped: no Chromium in /usr/bin or $CHROMIUM)' : 'tune dialog',
  function () {
    let browser: Browser;
    let nodeRed: RunningNodeRed;
    let camera: SimulatedCamera;

    before(async function () {
      if (CHROMIUM === undefined) return this.skip();
      browser = await launchBrowser(CHROMIUM);
    });
    after(async () => {
      // Undefined when the tests were skipped.
      await (browser as Browser | undefined)?.close();
    });
    afterEach(async () => {
      await nodeRed.stop();
      await camera.stop();
    });

    async function open(behaviors: readonly string[]): Promise<{ page: Page; problems: readonly string[] }> {
      camera = new SimulatedCamera({ password: PASSWORD, behaviors });
      await camera.start();
      nodeRed = await startNodeRed({ flows: [{ id: 'tab1', type: 'tab', label: 'empty' }] });
      const { page, problems } = await openEditor(browser, nodeRed.url, 'en-US');
      await page.evaluate(`RED.editor.editConfig('', 'tplink-camera', '_ADD_')`);
      await dialogReady(page, '#node-config-input-host');
      await page.fill('#node-config-input-host', '127.0.0.1');
      await page.fill('#node-config-input-port', String(camera.port));
      await page.fill('#node-config-input-password', PASSWORD);
      return { page, problems };
    }
    const press = (page: Page, button: string): Promise<void> => page.click(`#node-config-tplink-camera-${button}`);
    const over = `document.querySelector('${STEPS} .tplink-running') === null`;

    it('tells what it found, fills it in with Apply, and saves nothing by itself', async () => {
      const { page, problems } = await open(['speaker-delays-900', 'speaker-swallows-800']);
      assert.ok(await page.isDisabled('#node-config-tplink-camera-apply'));
      await press(page, 'tune');
      await page.waitForFunction(
        `/^Listening to sound 1 of about/.test(document.querySelector('${STEPS} .tplink-running span')?.textContent)`,
      );
      await page.waitForFunction(over, undefined, { timeout: TUNED_MS });
      const lines = await page.$$eval(`${STEPS} > li`, (all) => all.map((line) => line.textContent.trim()));
      assert.ok(
        lines.some((line) => line === 'Talk mode Best: half_duplex'),
        lines.join('\n'),
      );
      for (const line of lines) assert.doesNotMatch(line, /tplink-camera\.(probe|test)\.|__\w+__/);
      const leadIn = lines.map((line) => /^Lead-in Best: (\d+)$/.exec(line)?.[1]).find((value) => value !== undefined);
      await press(page, 'apply');
      // A busy machine may keep it from finding something out; then the field stays.
      assert.equal(await page.inputValue('#node-config-input-leadInMs'), leadIn ?? '300');
      if (leadIn !== undefined) assert.ok(Number(leadIn) >= 800, leadIn);
      assert.equal(await page.evaluate('RED.nodes.dirty()'), false);
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it('stops when it is told to', async () => {
      const { page, problems } = await open([]);
      await press(page, 'tune');
      await eventually(() => camera.sessions.length > 0, 'a talk');
      await press(page, 'stop');
      await page.waitForFunction(over);
      assert.equal(await page.textContent(`${STEPS} > li:last-child`), 'Stopped.');
      assert.ok(await page.isDisabled('#node-config-tplink-camera-apply'));
      await eventually(() => camera.connections === 0, 'the end of the connections');
      assert.deepEqual(problems, []);
      await page.context().close();
    });
  },
);
