// Find the best settings of the camera dialog in a real editor with a real browser: progress, what it found and what not, Apply, Stop. Needs `npm run build` before.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import type { TuneReport } from '../../src/probe/tune.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { dialogReady, findChromium, launchBrowser, openEditor } from '../helpers/editor.js';
import { catalogue, LANGUAGES } from '../helpers/forms.js';
import { TuneHouse } from '../tune/house.js';

const PASSWORD = 'Only4Tests!';
const CHROMIUM = findChromium();
const STEPS = '#node-config-tplink-camera-steps';
/** Tuning ends before, by itself or by its own limit. */
const TUNED_MS = 300_000;

/** What the route answers for a camera with these habits, which is tuned on a clock of its own. */
async function reportOf(behaviors: readonly string[]): Promise<string> {
  const house = new TuneHouse();
  const lines: object[] = [];
  const onStep = (line: object): void => void lines.push(line);
  const tuned = await house.passing(house.pool.tuneReport(house.add({ behaviors }).camera, { onStep }));
  await house.end();
  return [...lines, { tuned }].map((line) => `${JSON.stringify(line)}\n`).join('');
}

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

    async function open(
      behaviors: readonly string[],
      language = 'en-US',
    ): Promise<{ page: Page; problems: readonly string[] }> {
      camera = new SimulatedCamera({ password: PASSWORD, behaviors });
      await camera.start();
      nodeRed = await startNodeRed({ flows: [{ id: 'tab1', type: 'tab', label: 'empty' }] });
      const { page, problems } = await openEditor(browser, nodeRed.url, language);
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
        lines.some((line) => line === 'Talk mode Best: half duplex'),
        lines.join('\n'),
      );
      for (const line of lines) assert.doesNotMatch(line, /tplink-camera\.(probe|test)\.|__\w+__/);
      const leadIn = lines
        .map((line) => /^Lead-in Best: (\d+) ms$/.exec(line)?.[1])
        .find((value) => value !== undefined);
      assert.match(
        (await page.textContent('#node-config-tplink-camera-report')) ?? '',
        /^Save report.*microphone heard/,
      );
      await press(page, 'apply');
      // A busy machine may keep it from finding something out; then the field stays.
      assert.equal(await page.inputValue('#node-config-input-leadInMs'), leadIn ?? '');
      if (leadIn !== undefined) assert.ok(Number(leadIn) >= 800, leadIn);
      assert.equal(await page.evaluate('RED.nodes.dirty()'), false);
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    for (const language of LANGUAGES) {
      it(`${language}: shows what was tried, heard and chosen in its own words, and Apply fills in what was found and nothing else`, async () => {
        const texts = catalogue('tplink-camera', language);
        const says = (key: string, values: Record<string, string> = {}): string =>
          (texts.get(`tplink-camera.${key}`) ?? key).replace(/__(\w+?)__/g, (_, name: string) => values[name] ?? name);
        const habits = ['microphone-mutes', 'speaker-swallows-450', 'speaker-double-speed', 'speaker-gaps-below-4096'];
        const body = await reportOf(habits);
        const { page, problems } = await open([], language);
        await page.route('**/tplink-camera/tune', (route) =>
          route.fulfill({ body, contentType: 'application/x-ndjson' }),
        );
        await page.click('#node-config-tplink-camera-advanced summary');
        await page.selectOption('#node-config-input-mode', 'half_duplex');
        await page.fill('#node-config-input-drainMs', '777');
        await page.selectOption('#node-config-input-packetBytes', '512');
        await press(page, 'tune');
        await page.waitForSelector(`${STEPS} > .tplink-tried`);
        await page.waitForFunction(over);

        const { settings, tried }: TuneReport = JSON.parse(body.trim().split('\n').at(-1) ?? '').tuned;
        const ms = `${settings.leadInMs} ${says('unit.ms')}`;
        const [duplex, codec] = [says('test.value.full_duplex'), says('test.value.pcmu16k')];
        const line = (step: string, text: string): string => `${says(`test.step.${step}`)} ${text}`;
        const lines = await page.$$eval(`${STEPS} > li:not(.tplink-tried)`, (all) =>
          all.map((one) =>
            Array.from(one.children)
              .map((child) => child.textContent.trim())
              .filter((text) => text !== ''),
          ),
        );
        const said = lines.map(([step, text, ...why]) => [`${step} ${text}`, ...why]);
        assert.deepEqual(said.slice(0, 2), [
          [line('mode', says('probe.tune.found', { value: says('test.value.half_duplex') }))],
          [line('codec', says('probe.tune.measuredIn', { value: codec, mode: duplex }))],
        ]);
        assert.deepEqual(said[2], [line('leadInMs', says('probe.tune.measuredIn', { value: ms, mode: duplex }))]);
        assert.deepEqual(said[4], [line('packetBytes', says('probe.tune.unknown')), says('probe.unknown.gaps')]);

        await page.click(`${STEPS} summary`);
        const rows = await page.$$eval(`${STEPS} tr`, (all) =>
          all.map((row) => Array.from(row.children).map((cell) => cell.textContent)),
        );
        assert.deepEqual(
          rows[0],
          ['Setting', 'Value', 'Heard', 'Chosen'].map((name) => says(`test.tried${name}`)),
        );
        // One more for the drain, which no sound of its own was played for.
        assert.equal(rows.length, 1 + tried.length + 1);
        const [, first = [], second = []] = rows;
        assert.deepEqual(
          [first[0], first[1], first[3]],
          [says('test.step.mode'), ...Array<string>(2).fill(says('test.value.half_duplex'))],
        );
        assert.equal(second[0], duplex);
        assert.equal(rows.find((row) => row[0] === says('test.step.packetBytes'))?.at(-1), '–');
        assert.equal(rows.find((row) => row[0] === says('test.step.leadInMs'))?.at(-1), ms);
        const shown = JSON.stringify([lines, rows]);
        assert.doesNotMatch(shown, /_|probe\.|test\./);
        if (language === 'zh-CN') assert.doesNotMatch(shown, /[a-z]{4}/i);

        await press(page, 'apply');
        await page.click('#node-config-dialog-ok');
        await page.waitForSelector('#node-config-input-host', { state: 'detached' });
        const saved: unknown = await page.evaluate(`(() => {
          let camera;
          RED.nodes.eachConfig((node) => { if (node.type === 'tplink-camera') camera = node; });
          return Object.fromEntries(['mode', 'codec', 'leadInMs', 'drainMs', 'packetBytes'].map((name) => [name, camera[name]]));
        })()`);
        // What could not be found out stays.
        assert.deepEqual(saved, { packetBytes: 512, ...settings });
        assert.equal(settings.codec, 'pcmu16k');
        assert.ok(Number(settings.leadInMs) >= 450 && settings.drainMs !== 777);
        assert.deepEqual(problems, []);
        await page.context().close();
      });
    }

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
