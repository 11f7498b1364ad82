// *Find* of the camera dialog in a real editor: lists simulated cameras by multicast, fills the fields with the chosen one, asks who may. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { hashSync } from 'bcryptjs';
import type { Browser, Page } from 'playwright-core';
import { startNodeRed, type NodeRedOptions, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera, simulatorWeb } from '../../src/simulator/index.js';
import { dialogReady, findChromium, launchBrowser, openEditor } from '../helpers/editor.js';
import { catalogue, LANGUAGES } from '../helpers/forms.js';

const PASSWORD = 'Only4Tests!';
const CHROMIUM = findChromium();
const LIST = '#node-config-tplink-camera-found';
const FIND = '#node-config-tplink-camera-find';
/** Searches until one was not too slow on a busy machine. */
const MOST_SEARCHES = 12;

describe(
  CHROMIUM === undefined ? 'find dialog (skipped: no Chromium in /usr/bin or $CHROMIUM)' : 'find dialog',
  function () {
    this.timeout(300_000);
    let browser: Browser;
    let nodeRed: RunningNodeRed | undefined;
    let camera: SimulatedCamera | undefined;

    before(async function () {
      if (CHROMIUM === undefined) return this.skip();
      browser = await launchBrowser(CHROMIUM);
    });
    after(async () => {
      // Undefined when the tests were skipped.
      await (browser as Browser | undefined)?.close();
    });
    afterEach(async () => {
      await nodeRed?.stop();
      await camera?.stop();
      [nodeRed, camera] = [undefined, undefined];
    });

    async function start(options: NodeRedOptions = {}): Promise<RunningNodeRed> {
      nodeRed = await startNodeRed({ flows: [{ id: 'tab1', type: 'tab', label: 'empty' }], ...options });
      return nodeRed;
    }

    for (const language of LANGUAGES) {
      it(`${language}: lists a camera that answers, and the chosen one fills the fields`, async () => {
        const says = (key: string): string =>
          catalogue('tplink-camera', language).get(`tplink-camera.find.${key}`) ?? key;
        // Other cameras of this machine may answer as well.
        const [host, name] = language === 'en-US' ? ['127.0.0.31', 'Front <b>door</b>'] : ['127.0.0.32', '前门 <b>'];
        const discovery = { name, model: 'TL-IPC44AW' };
        camera = new SimulatedCamera({ host, discovery, password: PASSWORD, httpPort: 0, web: simulatorWeb() });
        const { port, httpPort } = await camera.start();
        const { url } = await start();
        const { page, problems } = await openEditor(browser, url, language);
        await openDialog(page);
        assert.equal((await page.innerText(FIND)).trim(), says('button'));
        // Cameras are looked at where the form says.
        await page.fill('#node-config-input-port', String(port));
        await page.click('#node-config-tplink-camera-advanced summary');
        await page.fill('#node-config-input-httpPort', String(httpPort));
        let line: string | undefined;
        for (let searches = 0; searches < MOST_SEARCHES && line?.endsWith(says('can')) !== true; searches++) {
          line = (await find(page)).find((text) => text.startsWith(`${host} `));
        }
        assert.equal(line, `${host} ${name}, TL-IPC44AW ${says('can')}`);
        await page.click(`${LIST} button:text-is("${host}")`);
        const field = (property: string): Promise<string> => page.inputValue(`#node-config-input-${property}`);
        assert.deepEqual(await Promise.all(['host', 'port', 'httpPort', 'name', 'dialect'].map(field)), [
          host,
          String(port),
          String(httpPort),
          name,
          'auto',
        ]);
        // What was typed stays.
        await page.fill('#node-config-input-name', 'mine');
        await page.click(`${LIST} button:text-is("${host}")`);
        assert.equal(await field('name'), 'mine');
        assert.equal(camera.loginFailures, 0);
        assert.deepEqual(problems, []);
        await page.context().close();
      });
    }

    it('stops the search on demand, keeps who has answered, and can search again', async () => {
      const { url } = await start();
      const { page, problems } = await openEditor(browser, url, 'en-US');
      await openDialog(page);
      const says = (key: string): string => catalogue('tplink-camera', 'en-US').get(`tplink-camera.${key}`) ?? key;
      for (let searches = 0; searches < 2; searches++) {
        await page.click(FIND);
        await page.click(`${LIST} > .tplink-note > button:text-is("${says('test.button.stop')}")`);
        await page.waitForSelector(`${FIND}:not([disabled])`);
        assert.equal((await listed(page)).at(-1), says('test.stopped'));
        assert.equal(await page.locator(`${LIST} > .tplink-note`).count(), 1);
      }
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    for (const language of LANGUAGES) {
      it(`${language}: tells whom there was no time to ask from those that did not say`, async () => {
        const says = (key: string): string =>
          catalogue('tplink-camera', language).get(`tplink-camera.find.${key}`) ?? key;
        const { url } = await start();
        const { page } = await openEditor(browser, url, language);
        const found = (address: string, more: object): object => ({
          ...{ name: '', model: 'x', address, talk: 'unknown', dialect: '', ports: {} },
          ...more,
        });
        const cameras = [found('127.0.0.1', {}), found('127.0.0.2', { unasked: 'time' })];
        const answer = { contentType: 'application/x-ndjson', body: `${JSON.stringify({ cameras })}\n` };
        await page.route('**/tplink-camera/find', (route) => route.fulfill(answer));
        await openDialog(page);
        assert.deepEqual(await find(page), [`127.0.0.1 x ${says('unknown')}`, `127.0.0.2 x ${says('noTime')}`]);
        await page.context().close();
      });
    }

    it('ends the search when the dialog closes', async () => {
      const { url } = await start();
      const { page, problems } = await openEditor(browser, url, 'en-US');
      await openDialog(page);
      await page.click(FIND);
      await page.waitForSelector(`${LIST} > .tplink-note`);
      assert.ok(await page.isDisabled(FIND));
      await page.click('#node-config-dialog-cancel');
      await page.waitForSelector(FIND, { state: 'detached' });
      await openDialog(page);
      assert.ok(await page.isEnabled(FIND));
      assert.deepEqual(await listed(page), []);
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it('is for users who may change cameras', async () => {
      const user = { username: 'reader', permissions: 'read', password: hashSync(PASSWORD, 4) };
      const { url } = await start({ settings: { adminAuth: { type: 'credentials', users: [user] } } });
      const login = {
        client_id: 'node-red-editor',
        grant_type: 'password',
        scope: '',
        username: 'reader',
        password: PASSWORD,
      };
      const headers = { 'Content-Type': 'application/json' };
      const token: any = await (
        await fetch(`${url}/auth/token`, { method: 'POST', headers, body: JSON.stringify(login) })
      ).json();
      for (const [authorization, status] of [
        ['', 401],
        [`Bearer ${token.access_token}`, 401],
      ] as const) {
        const sent = { ...headers, ...(authorization && { Authorization: authorization }) };
        const response = await fetch(`${url}/tplink-camera/find`, { method: 'POST', headers: sent, body: '{}' });
        assert.equal(response.status, status);
      }
      const { page } = await openEditor(browser, `${url}/?access_token=${token.access_token}`, 'en-US');
      await openDialog(page);
      assert.deepEqual(await find(page), [catalogue('tplink-camera', 'en-US').get('tplink-camera.test.unauthorized')]);
      await page.context().close();
    });
  },
);

async function openDialog(page: Page): Promise<void> {
  await page.evaluate(`RED.editor.editConfig('', 'tplink-camera', '_ADD_')`);
  await dialogReady(page, '#node-config-input-host');
}

/** Presses *Find* and waits for the end of the search. */
async function find(page: Page): Promise<string[]> {
  await page.click(FIND);
  await page.waitForSelector(`${FIND}:not([disabled])`);
  return listed(page);
}

function listed(page: Page): Promise<string[]> {
  return page.$$eval(`${LIST} > li`, (lines) => lines.map((line) => line.textContent.trim()));
}
