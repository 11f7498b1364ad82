// What the dialect changes in the camera dialog, in a real editor with a real browser: fields, hints, blanks, pasted addresses, stored passwords. Needs `npm run build` before.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { DIALECTS, dialectDefaults, isHttpTalk } from '../../src/dialects.js';
import { dialogReady, findChromium, launchBrowser, openEditor } from '../helpers/editor.js';
import { catalogue, LANGUAGES } from '../helpers/forms.js';

const CHROMIUM = findChromium();
const PASSWORD = 'Only4Tests!';
const STORED = '__PWRD__';
const TAB = { id: 'tab1', type: 'tab', label: 'empty' };
/** As forms saved it that knew no HTTP talk. */
const SAVED = {
  ...{ id: 'old', type: 'tplink-camera', name: 'old', host: '192.168.1.60', port: 554, httpPort: 80, login: 'auto' },
  ...{ dialect: 'auto', mode: 'half_duplex', codec: 'auto', packetBytes: 0, leadInMs: 300, drainMs: 600, idleMs: 5000 },
};

describe(
  CHROMIUM === undefined ? 'dialects in the camera dialog (skipped: no Chromium)' : 'dialects in the camera dialog',
  function () {
    let browser: Browser;
    let nodeRed: RunningNodeRed;

    before(async function () {
      if (CHROMIUM === undefined) return this.skip();
      browser = await launchBrowser(CHROMIUM);
      nodeRed = await startNodeRed({ flows: [TAB] });
      await nodeRed.deploy([TAB, { ...SAVED, credentials: { username: 'admin', password: PASSWORD } }]);
    });
    after(async () => {
      // Undefined when the tests were skipped.
      await (browser as Browser | undefined)?.close();
      await (nodeRed as RunningNodeRed | undefined)?.stop();
    });

    const at = (property: string): string => `#node-config-input-${property}`;

    async function open(id: string, language = 'en-US'): Promise<{ page: Page; problems: readonly string[] }> {
      const { page, problems } = await openEditor(browser, nodeRed.url, language);
      await openDialog(page, id);
      return { page, problems };
    }

    for (const language of LANGUAGES) {
      it(`${language}: shows what each dialect has, the password it wants and what blank is`, async () => {
        const texts = catalogue('tplink-camera', language);
        const says = (key: string): string => texts.get(`tplink-camera.${key}`) ?? assert.fail(key);
        const { page, problems } = await open('_ADD_', language);
        await page.click('#node-config-tplink-camera-advanced summary');
        for (const dialect of [...DIALECTS, 'auto'] as const) {
          await page.selectOption(at('dialect'), dialect);
          const http = isHttpTalk(dialect);
          const isTapo = dialect === 'tapo';
          for (const [property, shown] of [
            ['streamPort', http],
            ['packetMs', http],
            ['encrypt', http],
            ['username', !http],
            ['codec', !http],
            ['packetBytes', !http],
            ['httpPort', !isTapo],
            ['login', !isTapo],
            ['port', true],
            ['password', true],
          ] as const) {
            assert.equal(await page.isVisible(at(property)), shown, `${dialect} ${property}`);
          }
          const hint = isTapo ? 'passwordTapo' : http ? 'passwordVigi' : 'password';
          assert.deepEqual(await hintsOf(page, 'password'), [says(`hint.${hint}`)], dialect);
          const { mode, leadInMs, drainMs } = dialectDefaults(dialect);
          for (const [property, ms] of Object.entries({ leadInMs, drainMs })) {
            assert.equal(await page.inputValue(at(property)), '', property);
            assert.equal(await page.getAttribute(at(property), 'placeholder'), String(ms), `${dialect} ${property}`);
          }
          assert.equal(await page.inputValue(at('mode')), '');
          const automatic = says('mode.auto').replace('__mode__', says(`mode.${mode}`));
          assert.equal(await page.textContent(`${at('mode')} > option:checked`), automatic, dialect);
        }
        await page.selectOption(at('dialect'), 'tapo');
        assert.ok(await page.isVisible(at('listenUsername')), 'the account that it wants for listening is in sight');
        assert.deepEqual(await hintsOf(page, 'listenPassword'), [says('hint.listenTapo')]);
        for (const property of ['streamPort', 'packetMs', 'encrypt']) {
          const row = await page.innerText(`.form-row:has(> ${at(property)})`);
          assert.ok(row.includes(says(`label.${property}`)), row);
        }
        assert.deepEqual(problems, []);
        await page.context().close();
      });
    }

    it('saves blanks, and the account of a pasted address for listening', async () => {
      const { page, problems } = await open('_ADD_');
      await page.selectOption(at('dialect'), 'tapo');
      await page.fill(at('password'), PASSWORD);
      await page.fill(at('host'), 'rtsp://viewer:Also4Tests!@192.168.1.70:8554/stream1');
      await page.press(at('host'), 'Tab');
      const values = ['host', 'port', 'password', 'listenUsername', 'listenPassword'].map((name) =>
        page.inputValue(at(name)),
      );
      assert.deepEqual(await Promise.all(values), ['192.168.1.70', '8554', PASSWORD, 'viewer', 'Also4Tests!']);
      await page.fill(at('host'), 'http://192.168.1.70:8801/stream');
      await page.press(at('host'), 'Tab');
      assert.equal(await page.inputValue(at('streamPort')), '8801');
      assert.equal(await page.inputValue(at('httpPort')), '80');
      await page.fill(at('streamPort'), '0');
      await page.dispatchEvent(at('streamPort'), 'change');
      assert.ok(await page.locator(`${at('streamPort')}.input-error`).isVisible());
      await page.fill(at('streamPort'), '8802');
      await page.click('#node-config-dialog-ok');
      await page.waitForSelector(at('host'), { state: 'detached' });
      const saved: any = await page.evaluate(
        `RED.nodes.createCompleteNodeSet().find(({ host }) => host === '192.168.1.70')`,
      );
      const { dialect, streamPort, packetMs, encrypt, mode, leadInMs, drainMs } = saved;
      assert.deepEqual([dialect, streamPort, packetMs, encrypt], ['tapo', 8802, 40, false]);
      assert.deepEqual([mode, leadInMs, drainMs], ['', '', '']);
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it('takes the usual values of an old node for blanks in Tapo, and asks for its other password', async () => {
      const { page, problems } = await open('old');
      const values = (): Promise<string[]> =>
        Promise.all(['mode', 'leadInMs', 'drainMs', 'password'].map((name) => page.inputValue(at(name))));
      assert.deepEqual(await values(), ['half_duplex', '300', '600', STORED]);
      assert.ok(!(await page.isVisible(at('leadInMs'))), 'usual values are no changed settings');
      await page.selectOption(at('dialect'), 'vigi-stream');
      assert.deepEqual(await values(), ['half_duplex', '300', '600', STORED]);
      await page.selectOption(at('dialect'), 'tapo');
      assert.deepEqual(await values(), ['', '', '600', '']);
      assert.ok(await page.locator(`${at('mode')} > option[value="half_duplex"]`).isDisabled());
      await page.selectOption(at('dialect'), 'ipc');
      assert.equal((await values())[3], STORED, 'it is as it was');
      await page.fill(at('password'), '');
      await page.selectOption(at('dialect'), 'auto');
      assert.equal((await values())[3], '', 'what was deleted is gone');
      await page.selectOption(at('dialect'), 'tapo');
      await page.fill(at('password'), 'Cloud4Tests!');
      await page.selectOption(at('dialect'), 'auto');
      assert.equal((await values())[3], 'Cloud4Tests!', 'what was typed stays');
      await page.click('#node-config-dialog-cancel');
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it('is chosen with a camera that was found, and left with another one', async () => {
      const { page, problems } = await open('_ADD_');
      const found = { name: '', model: 'C200', talk: 'can' };
      const cameras = [
        { ...found, address: '192.168.1.71', dialect: 'tapo', ports: { rtsp: 554, stream: 8801 } },
        { ...found, address: '192.168.1.72', dialect: 'ipc', ports: { rtsp: 555, http: 80 } },
      ];
      await page.route('**/tplink-camera/find', (route) => {
        assert.equal(JSON.parse(route.request().postData() ?? '').streamPort, '8800');
        return route.fulfill({ contentType: 'application/x-ndjson', body: `${JSON.stringify({ cameras })}\n` });
      });
      await page.click('#node-config-tplink-camera-find');
      const choose = async (address: string): Promise<string[]> => {
        await page.click(`#node-config-tplink-camera-found button:text-is("${address}")`);
        return Promise.all(['host', 'dialect', 'streamPort'].map((name) => page.inputValue(at(name))));
      };
      assert.deepEqual(await choose('192.168.1.71'), ['192.168.1.71', 'tapo', '8801']);
      assert.ok(await page.isVisible(at('streamPort')));
      assert.deepEqual(await choose('192.168.1.72'), ['192.168.1.72', 'auto', '8801']);
      assert.ok(!(await page.isVisible(at('streamPort'))));
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    async function openDialog(page: Page, id: string): Promise<void> {
      await page.evaluate(`RED.editor.editConfig('', 'tplink-camera', ${JSON.stringify(id)})`);
      await dialogReady(page, at('host'));
    }

    /** The hints in sight below a field. */
    async function hintsOf(page: Page, property: string): Promise<string[]> {
      const hints = await page.locator(`.form-row:has(> ${at(property)}) > .tplink-hint`).all();
      const texts = await Promise.all(
        hints.map(async (hint) => ((await hint.isVisible()) ? [await hint.innerText()] : [])),
      );
      return texts.flat();
    }
  },
);
