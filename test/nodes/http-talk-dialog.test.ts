// Cameras of the HTTP talk in the camera dialog, in a real editor with a real browser: recognised, taken over, tested, found. Needs `npm run build` before.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { dialogReady, findChromium, launchBrowser, openEditor } from '../helpers/editor.js';
import { catalogue, LANGUAGES } from '../helpers/forms.js';

const CHROMIUM = findChromium();
const PASSWORD = 'Only4Tests!';
const FAMILIES = ['tapo', 'vigi-stream'] as const;

describe(
  CHROMIUM === undefined
    ? 'the HTTP talk in the camera dialog (skipped: no Chromium)'
    : 'the HTTP talk in the camera dialog',
  function () {
    let browser: Browser;
    let nodeRed: RunningNodeRed;
    let camera: SimulatedCamera | undefined;

    before(async function () {
      if (CHROMIUM === undefined) return this.skip();
      browser = await launchBrowser(CHROMIUM);
      nodeRed = await startNodeRed({ flows: [{ id: 'tab1', type: 'tab', label: 'empty' }] });
    });
    after(async () => {
      // Undefined when the tests were skipped.
      await (browser as Browser | undefined)?.close();
      await (nodeRed as RunningNodeRed | undefined)?.stop();
    });
    afterEach(async () => {
      await camera?.stop();
      camera = undefined;
    });

    const at = (property: string): string => `#node-config-input-${property}`;
    const button = (name: string): string => `#node-config-tplink-camera-${name}`;

    async function open(language: string): Promise<{ page: Page; problems: readonly string[] }> {
      const { page, problems } = await openEditor(browser, nodeRed.url, language);
      await page.evaluate(`RED.editor.editConfig('', 'tplink-camera', '_ADD_')`);
      await dialogReady(page, at('host'));
      return { page, problems };
    }

    /** Presses *Test connection* and waits for the end of its report. */
    async function test(page: Page): Promise<string[]> {
      await page.click(button('test'));
      await page.waitForSelector(`${button('test')}:not([disabled])`);
      return page.$$eval(`${button('steps')} > li`, (lines) => lines.map((line) => line.textContent.trim()));
    }

    for (const language of LANGUAGES) {
      const texts = catalogue('tplink-camera', language);
      const says = (key: string): string => texts.get(`tplink-camera.${key}`) ?? assert.fail(key);

      for (const family of FAMILIES) {
        it(`${language}: a camera of family ${family} is recognised without a password, taken over and tested`, async () => {
          camera = new SimulatedCamera({ family, password: PASSWORD });
          const { port, streamPort = 0 } = await camera.start();
          const { page, problems } = await open(language);
          await page.fill(at('host'), '127.0.0.1');
          await page.fill(at('port'), String(port));
          // As if the camera had another talk port; the dialect that shows the field is chosen for a moment.
          await page.selectOption(at('dialect'), family);
          await page.fill(at('streamPort'), String(streamPort));
          await page.selectOption(at('dialect'), 'auto');
          await page.fill(at('password'), PASSWORD);
          assert.ok(await page.isDisabled(button('apply')));

          const lines = await test(page);
          assert.ok(
            lines.includes(`${says('test.step.httpTalk')} ${says(`probe.httpTalk.${family}`)}`),
            lines.join('\n'),
          );
          assert.equal(await page.textContent(button('verdict')), says('probe.verdict.dialect'));
          assert.doesNotMatch(JSON.stringify(camera.requests), /authorization/i);

          await page.click(button('apply'));
          assert.equal(await page.inputValue(at('dialect')), family);
          assert.equal(await page.inputValue(at('streamPort')), String(streamPort));
          const steps = (await test(page)).slice(0, 4);
          const accepted = family === 'tapo' ? 'sha256' : 'scrambled';
          assert.equal(steps[2], `${says('test.step.login')} ${says(`probe.login.${accepted}`)}`);
          assert.equal(await page.textContent(button('verdict')), says('probe.verdict.talks'));
          assert.ok(await page.isDisabled(button('apply')), 'there is nothing to take over');
          assert.deepEqual(camera.violations, []);
          assert.deepEqual(problems, []);
          await page.context().close();
        });
      }

      it(`${language}: Find says which password such a camera wants, and the chosen one fills dialect and talk port`, async () => {
        const { page, problems } = await open(language);
        const found = { name: '', model: 'x', talk: 'can' };
        const cameras = [
          { ...found, address: '192.168.1.71', dialect: 'tapo', ports: { rtsp: 554, stream: 8801 } },
          { ...found, address: '192.168.1.72', dialect: 'vigi-stream', ports: { rtsp: 555, http: 80, stream: 8802 } },
          { ...found, address: '192.168.1.73', dialect: 'vigi', ports: { rtsp: 556, http: 80 } },
        ];
        await page.route('**/tplink-camera/find', (route) =>
          route.fulfill({ contentType: 'application/x-ndjson', body: `${JSON.stringify({ cameras })}\n` }),
        );
        await page.click(button('find'));
        await page.waitForSelector(`${button('find')}:not([disabled])`);
        const lines = await page.$$eval(`${button('found')} > li`, (all) => all.map((line) => line.textContent.trim()));
        assert.deepEqual(lines, [
          `192.168.1.71 x ${says('find.tapo')}`,
          `192.168.1.72 x ${says('find.vigi-stream')}`,
          `192.168.1.73 x ${says('find.can')}`,
        ]);
        for (const [address, ...expected] of [
          ['192.168.1.71', 'tapo', '8801'],
          ['192.168.1.72', 'vigi-stream', '8802'],
          ['192.168.1.73', 'auto', '8802'],
        ] as const) {
          await page.click(`${button('found')} button:text-is("${address}")`);
          const values = ['dialect', 'streamPort'].map((property) => page.inputValue(at(property)));
          assert.deepEqual(await Promise.all(values), expected);
        }
        assert.deepEqual(problems, []);
        await page.context().close();
      });
    }
  },
);
