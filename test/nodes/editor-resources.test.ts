// The forms' scripts and styles as a browser gets them: under another root, behind a log-in, in any order. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { hashSync } from 'bcryptjs';
import type { Browser, Page } from 'playwright-core';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { findChromium, launchBrowser, openEditor } from '../helpers/editor.js';
import { CONFIG_TYPES, formResources, NODE_TYPES, RESOURCES_URL } from '../helpers/forms.js';

const PASSWORD = 'Only4Tests!';
const CHROMIUM = findChromium();
/** Between one file's arrival and the next one's, ms. */
const APART_MS = 100;

const node = (type: string, more: object = {}): object => ({ id: type, type, z: 'tab1', x: 200, y: 100, ...more });
const FLOWS = [
  { id: 'tab1', type: 'tab', label: 'forms' },
  { id: 'tplink-camera', type: 'tplink-camera', name: 'front', host: '192.168.1.60' },
  ...NODE_TYPES.filter((type) => !CONFIG_TYPES.includes(type)).map((type) =>
    node(type, { camera: 'tplink-camera', wires: [[]] }),
  ),
];

describe(
  CHROMIUM === undefined ? 'editor resources (skipped: no Chromium in /usr/bin or $CHROMIUM)' : 'editor resources',
  function () {
    // A real browser on a shared machine.
    this.timeout(90_000);

    let browser: Browser | undefined;
    let nodeRed: RunningNodeRed | undefined;
    let url = '';

    before(async function () {
      if (CHROMIUM === undefined) return this.skip();
      const users = [{ username: 'editor', permissions: '*', password: hashSync(PASSWORD, 4) }];
      nodeRed = await startNodeRed({
        flows: FLOWS,
        settings: { httpAdminRoot: '/admin', adminAuth: { type: 'credentials', users } },
      });
      const token = await fetch(`${nodeRed.url}/auth/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '', username: 'editor' },
          password: PASSWORD,
        }),
      });
      const { access_token }: any = await token.json();
      url = `${nodeRed.url}/?access_token=${access_token}`;
      browser = await launchBrowser(CHROMIUM);
    });
    after(async () => {
      await browser?.close();
      await nodeRed?.stop();
    });

    it('every dialog opens with its code and styles, also when the files come in reverse order', async () => {
      assert.ok(browser);
      const files = [...new Set(NODE_TYPES.flatMap(formResources))];
      const arrived = new Set<string>();
      const backwards = async (page: Page): Promise<void> => {
        page.on('response', (response) => {
          const [, name] = response.url().split(`/admin/${RESOURCES_URL}`);
          if (name !== undefined && response.ok()) arrived.add(name);
        });
        await page.route(`**/${RESOURCES_URL}*`, async (route) => {
          const name = route.request().url().split('/').at(-1) ?? '';
          await setTimeout((files.length - files.indexOf(name)) * APART_MS);
          await route.continue();
        });
      };
      const { page, problems } = await openEditor(browser, url, 'en-US', undefined, undefined, backwards);
      assert.deepEqual([...arrived].sort(), [...files].sort());

      for (const type of NODE_TYPES) {
        const config = CONFIG_TYPES.includes(type);
        await page.evaluate(
          config ? `RED.editor.editConfig('', '${type}', '${type}')` : `RED.editor.edit(RED.nodes.node('${type}'))`,
        );
        const name = `#node-${config ? 'config-' : ''}input-name`;
        const row = page.locator('.tplink-form .form-row', { has: page.locator(name) });
        await row.waitFor();
        const width = await row.locator('> label').evaluate((label) => getComputedStyle(label).width);
        assert.equal(width, '120px', type);
        await page.click(config ? '#node-config-dialog-cancel' : '#node-dialog-cancel');
        await page.waitForSelector(name, { state: 'detached' });
      }
      assert.deepEqual(problems, []);
      await page.context().close();
    });
  },
);
