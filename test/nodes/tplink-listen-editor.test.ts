// The listen node's dialog in a real Node-RED with a real browser: shown, translated, checked, saved, deployed. Needs `npm run build` before.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { dialogReady, findChromium, openEditor } from '../helpers/editor.js';
import { withEditor } from '../helpers/editor-suite.js';
import { catalogue, DEFAULTS, LANGUAGES, type Language } from '../helpers/forms.js';

const CAMERA = { id: 'c1', type: 'tplink-camera', name: 'front', host: '192.168.1.60' };
/** Which rows each mode has. */
const MODES = [
  ['continuous', ['chunkMs', 'seconds']],
  ['seconds', ['seconds']],
  ['silence', []],
] as const;
const CHROMIUM = findChromium();

const text = (language: Language, key: string): string => {
  const found = catalogue('tplink-listen', language).get(`tplink-listen.${key}`);
  assert.ok(found !== undefined, key);
  return found;
};

describe(CHROMIUM === undefined ? 'listen dialog (skipped: no Chromium)' : 'listen dialog', () => {
  const editor = withEditor();

  for (const language of LANGUAGES) {
    it(`${language}: opens, explains each mode, checks, saves and deploys`, async () => {
      await editor.nodeRed.deploy([{ id: 'tab1', type: 'tab', label: 'empty' }, CAMERA]);
      const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, language);
      // The palette breaks lines between words.
      const label = (await page.innerText('[data-palette-type="tplink-listen"]')).replace(/\s+/g, ' ');
      assert.ok(label.includes(text(language, 'paletteLabel')), label);

      const id = await page.evaluate<string>(`(() => {
        const { nodes } = RED.nodes.import([{ id: 'new', type: 'tplink-listen', x: 200, y: 100, wires: [] }],
          { generateIds: true, addFlow: false });
        RED.view.redraw(true);
        return nodes[0].id;
      })()`);
      await openDialog(page, id);
      for (const property of ['stream', 'mode', 'output'] as const) {
        const shown = await page.inputValue(`#node-input-${property}`);
        assert.equal(shown, DEFAULTS['tplink-listen'][property], 'a flow written by hand may leave it out');
      }
      for (const [mode, rows] of MODES) {
        await page.selectOption('#node-input-mode', mode);
        const shown = await page.innerText('.red-ui-tray');
        for (const key of [`mode.${mode}`, `explained.${mode}`]) assert.ok(shown.includes(text(language, key)), key);
        assert.doesNotMatch(shown, /tplink-listen\.\w|__\w+__/);
        const visible = [];
        for (const row of ['chunkMs', 'seconds']) if (await page.isVisible(`#node-input-${row}`)) visible.push(row);
        assert.deepEqual(visible, rows, mode);
      }
      await page.selectOption('#node-input-mode', 'seconds');
      await page.fill('#node-input-seconds', '601');
      assert.ok(await isMarked(page, '#node-input-seconds'));
      await page.fill('#node-input-seconds', ' 2.5 ');
      assert.ok(!(await isMarked(page, '#node-input-seconds')));
      await page.fill('#node-input-stream', 'rtsp://192.168.1.60/stream1');
      assert.ok(await isMarked(page, '#node-input-stream'));
      await page.fill('#node-input-stream', '');
      await page.selectOption('#node-input-output', 'wav');
      await page.selectOption('#node-input-camera', 'c1');
      await page.click('#node-dialog-ok');
      await page.waitForSelector('#node-input-mode', { state: 'detached' });
      const nodeLabel = await page.evaluate(`RED.utils.getNodeLabel(RED.nodes.node(${JSON.stringify(id)}))`);
      assert.equal(nodeLabel, `front · ${text(language, 'short.seconds')}`);

      await page.click('#red-ui-header-button-deploy');
      await page.waitForFunction('!RED.nodes.dirty()');
      const saved = (await (await fetch(`${editor.nodeRed.url}/flows`)).json()) as Record<string, unknown>[];
      const node = saved.find((one) => one['id'] === id) ?? {};
      const properties = Object.keys(DEFAULTS['tplink-listen']).map((name) => [name, node[name]]);
      assert.deepEqual(Object.fromEntries(properties), {
        ...{ name: '', camera: 'c1', stream: 'stream1', mode: 'seconds', seconds: 2.5, chunkMs: 100, output: 'wav' },
      });
      assert.deepEqual(problems, []);
      await page.context().close();
    });
  }
});

async function openDialog(page: Page, id: string): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
  await dialogReady(page, '#node-input-mode');
}

async function isMarked(page: Page, field: string): Promise<boolean> {
  await page.dispatchEvent(field, 'change');
  return page.locator(`${field}.input-error`).isVisible();
}
