// The list of further cameras in the talk dialog, in a real editor with a real browser: ticked, saved, deployed, undone. Needs `npm run build` before.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { dialogReady, findChromium, openEditor } from '../helpers/editor.js';
import { withEditor } from '../helpers/editor-suite.js';
import { DEFAULTS } from '../helpers/forms.js';

const CHROMIUM = findChromium();
const NAMES = ['front', 'back', 'gate'];
const FLOWS = [
  { id: 'tab1', type: 'tab', label: 'cameras' },
  { id: 'tab2', type: 'tab', label: 'elsewhere' },
  ...NAMES.map((name) => ({ ...DEFAULTS['tplink-camera'], id: name, type: 'tplink-camera', name, host: '10.0.0.1' })),
  { ...DEFAULTS['tplink-camera'], id: 'away', type: 'tplink-camera', name: 'away', host: '10.0.0.2', z: 'tab2' },
  {
    ...DEFAULTS['tplink-talk'],
    id: 'talk',
    type: 'tplink-talk',
    z: 'tab1',
    x: 200,
    y: 100,
    camera: 'front',
    wires: [[]],
  },
];

describe(CHROMIUM === undefined ? 'talk dialog, cameras (skipped: no Chromium)' : 'talk dialog, cameras', () => {
  const editor = withEditor();

  it('ticks further cameras, needs none in the select then, and undoes it', async () => {
    await editor.nodeRed.deploy(FLOWS);
    const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, 'en-US');
    await openDialog(page);
    assert.deepEqual(await listed(page), ['back', 'gate']);
    await page.check('#node-tplink-talk-cameras input[value="gate"]');
    await page.selectOption('#node-input-camera', 'back');
    assert.deepEqual(await listed(page), ['front', 'gate ticked']);
    await page.check('#node-tplink-talk-cameras input[value="front"]');
    await save(page);
    assert.deepEqual(await talk(page), { camera: 'back', cameras: ['gate', 'front'], label: 'back +2', valid: true });
    assert.deepEqual(await users(page), [1, 1, 1]);

    await openDialog(page);
    await page.selectOption('#node-input-camera', '_ADD_');
    assert.deepEqual(await listed(page), ['front ticked', 'back', 'gate ticked']);
    assert.equal(await page.locator('#node-input-camera.input-error').count(), 0);
    for (const camera of ['front', 'gate']) await page.uncheck(`#node-tplink-talk-cameras input[value="${camera}"]`);
    assert.equal(await page.locator('#node-input-camera.input-error').count(), 1);
    await page.check('#node-tplink-talk-cameras input[value="gate"]');
    assert.equal(await page.locator('#node-input-camera.input-error').count(), 0);
    await save(page);
    assert.deepEqual(await talk(page), { camera: '', cameras: ['gate'], label: 'gate', valid: true });

    await page.click('#red-ui-header-button-deploy');
    await page.waitForFunction('!RED.nodes.dirty()');
    const flows: any[] = await (await fetch(`${editor.nodeRed.url}/flows`)).json();
    const { camera, cameras } = flows.find(({ id }) => id === 'talk');
    assert.deepEqual([camera, cameras], ['', ['gate']]);

    await page.evaluate('RED.history.pop()');
    assert.deepEqual(await talk(page), { camera: 'back', cameras: ['gate', 'front'], label: 'back +2', valid: true });
    assert.deepEqual(await users(page), [1, 1, 1]);

    // Cancelled: nothing changes.
    await openDialog(page);
    await page.uncheck('#node-tplink-talk-cameras input[value="gate"]');
    await page.click('#node-dialog-cancel');
    await page.waitForSelector('#node-input-audio', { state: 'detached' });
    assert.deepEqual((await talk(page)).cameras, ['gate', 'front']);

    // An export takes the cameras along.
    const copies = await page.evaluate(`(() => {
      const nodes = RED.nodes.createExportableNodeSet([RED.nodes.node('talk')]);
      return nodes.filter(({ type }) => type === 'tplink-camera').map(({ id }) => id).sort();
    })()`);
    assert.deepEqual(copies, ['back', 'front', 'gate']);
    assert.deepEqual(problems, []);
    await page.context().close();
  });
});

async function openDialog(page: Page): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node('talk'))`);
  await dialogReady(page, '#node-input-chime + .red-ui-typedInput-container');
}

async function save(page: Page): Promise<void> {
  await page.click('#node-dialog-ok');
  await page.waitForSelector('#node-input-audio', { state: 'detached' });
}

async function listed(page: Page): Promise<string[]> {
  return page.$$eval('#node-tplink-talk-cameras label', (labels) =>
    labels.map((label) => {
      const ticked = label.querySelector('input')?.checked === true ? ' ticked' : '';
      return `${label.textContent.trim()}${ticked}`;
    }),
  );
}

async function talk(page: Page): Promise<{ camera: string; cameras: string[]; label: string; valid: boolean }> {
  return page.evaluate(`(() => {
    const { camera, cameras, valid, _def, ...node } = RED.nodes.node('talk');
    return { camera, cameras, label: _def.label.call(RED.nodes.node('talk')), valid };
  })()`);
}

/** How often the cameras list the talk node among their users. */
async function users(page: Page): Promise<number[]> {
  return page.evaluate(
    `${JSON.stringify(NAMES)}.map((id) => RED.nodes.node(id).users.filter(({ id }) => id === 'talk').length)`,
  );
}
