// *Say it now* in the talk dialog, in a real editor with a real browser: said, failed, nothing to try, stopped, closed. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { dialogReady, findChromium, openEditor } from '../helpers/editor.js';
import { withEditor } from '../helpers/editor-suite.js';
import { DEFAULTS } from '../helpers/forms.js';
import { toneWav } from '../helpers/voices.js';

const PASSWORD = 'Only4Tests!';
const CHROMIUM = findChromium();

describe(CHROMIUM === undefined ? 'Say it now (skipped: no Chromium)' : 'Say it now', () => {
  const editor = withEditor();
  let camera: SimulatedCamera;

  beforeEach(async () => {
    camera = new SimulatedCamera({ password: PASSWORD, port: 0 });
    await camera.start();
  });
  afterEach(() => camera.stop());

  it('says what stands in the dialog, and tells what comes of it', async () => {
    await editor.nodeRed.deploy([
      { id: 'tab1', type: 'tab', label: 'cameras' },
      {
        ...{ ...DEFAULTS['tplink-camera'], id: 'front', type: 'tplink-camera', host: '127.0.0.1', port: camera.port },
        ...{ login: 'none', idleMs: 0, credentials: { username: 'admin', password: PASSWORD } },
      },
      {
        ...{ ...DEFAULTS['tplink-talk'], id: 'talk', type: 'tplink-talk', z: 'tab1', x: 200, y: 100 },
        ...{ camera: 'front', wires: [[]] },
      },
    ]);
    const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, 'en-US');
    await openDialog(page);
    assert.ok(await page.isDisabled('#node-tplink-talk-stop'));
    await page.click('#node-tplink-talk-say');
    assert.match(await report(page), /^There is nothing to try here/);

    await type(page, 'audio', 'str', 'sound:ding');
    await page.click('#node-tplink-talk-say');
    assert.match(await report(page), /^Camera Said: 0\.\d s, first sound after \d+ ms$/);
    assert.ok((await camera.waitForTalkEnd()).toJSON().soundSeconds > 0.3);

    await type(page, 'audio', 'str', '/no/such/file.wav');
    await page.click('#node-tplink-talk-say');
    assert.match(await report(page), /^Camera It was not said.*file\.wav/);

    const long = join(editor.nodeRed.userDir, 'long.wav');
    writeFileSync(long, toneWav(60));
    await type(page, 'audio', 'str', long);
    await page.click('#node-tplink-talk-say');
    await page.waitForSelector('#node-tplink-talk-steps > .tplink-running:has-text("Speaking")');
    assert.ok(await page.isDisabled('#node-tplink-talk-say'));
    await page.click('#node-tplink-talk-stop');
    assert.equal(await report(page), 'Stopped.');
    assert.ok((await camera.waitForTalkEnd(2)).toJSON().soundSeconds < 30);

    await page.click('#node-tplink-talk-say');
    await page.waitForSelector('#node-tplink-talk-steps > .tplink-running:has-text("Speaking")');
    await page.click('#node-dialog-cancel');
    await eventually(() => camera.connections === 0, 'the end of the sound');
    assert.deepEqual(
      problems.filter((problem) => !problem.includes('status of 409')),
      [],
    );
    await page.context().close();
  });
});

async function openDialog(page: Page): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node('talk'))`);
  await dialogReady(page, '#node-input-chime + .red-ui-typedInput-container');
}

async function type(page: Page, property: string, kind: string, value: string): Promise<void> {
  const [of, to] = [JSON.stringify(kind), JSON.stringify(value)];
  await page.evaluate(`$('#node-input-${property}').typedInput('type', ${of}).typedInput('value', ${to})`);
}

/** What is shown when nothing runs any more. */
async function report(page: Page): Promise<string> {
  await page.waitForFunction(`document.querySelector('#node-tplink-talk-steps .tplink-running') === null`);
  const lines = page.locator('#node-tplink-talk-steps > li');
  return (await lines.allTextContents()).map((line) => line.trim()).join('\n');
}
