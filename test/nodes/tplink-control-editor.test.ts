// The control node's dialog in a real Node-RED with a real browser: shown, translated, saved, deployed. Needs `npm run build` before.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { CONTROL_ACTIONS } from '../../src/index.js';
import { dialogReady, findChromium, openEditor } from '../helpers/editor.js';
import { withEditor } from '../helpers/editor-suite.js';
import { catalogue, helpHtml, LANGUAGES, type Language } from '../helpers/forms.js';

/** What `engine.control` may reject with, the end of the flows aside. */
const CODES = [
  ...['TALK_ERR_ARGUMENT', 'TALK_ERR_CONNECT', 'TALK_ERR_TIMEOUT', 'TALK_ERR_LOCKED', 'TALK_ERR_UNSUPPORTED'],
  ...['TALK_ERR_PROTOCOL', 'TALK_ERR_CLOSED', 'TALK_ERR_QUEUE_FULL', 'TALK_ERR_LOGIN', 'TALK_ERR_API'],
];
const CAMERA = { id: 'c1', type: 'tplink-camera', name: 'front', host: '192.168.1.60' };
const CONTROL_READY = '#node-tplink-control-argument:not(:empty)';
const TALK_READY = '#node-input-chime + .red-ui-typedInput-container';
const CHROMIUM = findChromium();

const text = (language: Language, key: string): string => {
  const found = catalogue('tplink-control', language).get(`tplink-control.${key}`);
  assert.ok(found !== undefined, key);
  return found;
};

describe('texts of the control node', () => {
  for (const language of LANGUAGES) {
    it(`${language}: every action has a choice, a word on its argument, a short name and a place in the help`, () => {
      const help = helpHtml('tplink-control', language);
      const terms = [...help.matchAll(/<dt[^>]*>([^<]+)/g)].flatMap(([, term = '']) => term.trim().split(', '));
      for (const action of CONTROL_ACTIONS) {
        for (const kind of ['action', 'argument', 'short']) text(language, `${kind}.${action}`);
        assert.ok(terms.includes(action), action);
      }
      for (const property of ['action', 'payload', 'camera']) assert.ok(terms.includes(property), property);
    });

    it(`${language}: every error has a status of less than 20 characters and a line in the help`, () => {
      for (const code of CODES) {
        assert.ok(text(language, `errorStatus.${code}`).length < 20, code);
        assert.ok(helpHtml('tplink-control', language).includes(`<dt>${code}</dt>`), code);
      }
      for (const state of ['noCamera', 'working', 'done']) assert.ok(text(language, `status.${state}`).length < 20);
    });
  }
});

describe(CHROMIUM === undefined ? 'control dialog (skipped: no Chromium)' : 'control dialog', () => {
  const editor = withEditor();

  for (const language of LANGUAGES) {
    it(`${language}: opens, explains each action, saves and deploys`, async () => {
      await editor.nodeRed.deploy([{ id: 'tab1', type: 'tab', label: 'empty' }, CAMERA]);
      const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, language);
      // The palette breaks lines between words.
      const label = (await page.innerText('[data-palette-type="tplink-control"]')).replace(/\s+/g, ' ');
      assert.ok(label.includes(text(language, 'paletteLabel')), label);

      const id = await page.evaluate<string>(`(() => {
        const { nodes } = RED.nodes.import([{ id: 'new', type: 'tplink-control', x: 200, y: 100, wires: [] }],
          { generateIds: true, addFlow: false });
        RED.view.redraw(true);
        return nodes[0].id;
      })()`);
      await openDialog(page, id, CONTROL_READY);
      assert.equal(await page.inputValue('#node-input-action'), 'info', 'a flow written by hand may leave it out');
      for (const action of CONTROL_ACTIONS) {
        await page.selectOption('#node-input-action', action);
        const shown = await page.innerText('.red-ui-tray');
        for (const kind of ['action', 'argument']) {
          assert.ok(shown.includes(text(language, `${kind}.${action}`)), `${kind} ${action}`);
        }
        assert.doesNotMatch(shown, /tplink-control\.\w|__\w+__/);
      }
      await page.selectOption('#node-input-action', 'privacy');
      await page.selectOption('#node-input-camera', 'c1');
      await page.click('#node-dialog-ok');
      await page.waitForSelector('#node-input-action', { state: 'detached' });
      assert.equal(
        await page.evaluate(`RED.utils.getNodeLabel(RED.nodes.node(${JSON.stringify(id)}))`),
        `front · ${text(language, 'short.privacy')}`,
      );

      await page.click('#red-ui-header-button-deploy');
      await page.waitForFunction('!RED.nodes.dirty()');
      const saved = (await (await fetch(`${editor.nodeRed.url}/flows`)).json()) as Record<string, unknown>[];
      const { name, camera, action } = saved.find((node) => node['id'] === id) ?? {};
      assert.deepEqual({ name, camera, action }, { name: '', camera: 'c1', action: 'privacy' });

      await openDialog(page, id, CONTROL_READY);
      assert.equal(await page.inputValue('#node-input-action'), 'privacy');
      assert.ok((await page.innerText('.red-ui-tray')).includes(text(language, 'argument.privacy')));
      await page.click('#node-dialog-cancel');
      assert.deepEqual(problems, []);
      await page.context().close();
    });
  }

  it('the speaker volume of a talk node stays blank, becomes a number, and is cleared again', async () => {
    const talk = {
      id: 't1',
      type: 'tplink-talk',
      z: 'tab1',
      x: 200,
      y: 100,
      camera: 'c1',
      audio: 'payload',
      wires: [],
    };
    await editor.nodeRed.deploy([{ id: 'tab1', type: 'tab', label: 'empty' }, CAMERA, talk]);
    const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, 'en-US');
    const saved = async (entered: string): Promise<unknown> => {
      await openDialog(page, 't1', TALK_READY);
      await page.fill('#node-input-speakerVolume', entered);
      await page.click('#node-dialog-ok');
      await page.waitForSelector('#node-input-speakerVolume', { state: 'detached' });
      return page.evaluate(`RED.nodes.node('t1').speakerVolume`);
    };
    // Node-RED compares 0 and '' with ==.
    for (const [entered, expected] of [
      ['', ''],
      ['0', 0],
      ['', ''],
      [' 40 ', 40],
      ['', ''],
    ] as const) {
      assert.strictEqual(await saved(entered), expected, JSON.stringify(entered));
    }
    assert.deepEqual(problems, []);
    await page.context().close();
  });
});

/** Waits for what `oneditprepare` makes: fields that are there earlier are filled in under the test's hands. */
async function openDialog(page: Page, id: string, ready: string): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
  await dialogReady(page, ready);
}
