// The test buttons of the camera dialog in a real editor with a real browser: pressed, read, translated. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hashSync } from 'bcryptjs';
import type { Browser, Page } from 'playwright-core';
import { startNodeRed, type NodeRedOptions, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera, simulatorWeb } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { dialogReady, findChromium, launchBrowser, openEditor } from '../helpers/editor.js';
import { catalogue, LANGUAGES, type Language } from '../helpers/forms.js';

const PASSWORD = 'Only4Tests!';
const CHROMIUM = findChromium();
const STEPS = ['reach', 'methods', 'multitrans', 'login', 'talk', 'web', 'device'];

/** One line of the report as it is seen. */
interface Line {
  readonly outcome: string;
  readonly text: string;
  readonly detail: string;
}

describe(
  CHROMIUM === undefined ? 'camera dialog (skipped: no Chromium in /usr/bin or $CHROMIUM)' : 'camera dialog',
  function () {
    let browser: Browser;
    let nodeRed: RunningNodeRed | undefined;
    const simulators: SimulatedCamera[] = [];

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
      nodeRed = undefined;
      for (const camera of simulators.splice(0)) await camera.stop();
    });

    async function start(options: NodeRedOptions = {}): Promise<RunningNodeRed> {
      nodeRed = await startNodeRed({ flows: [{ id: 'tab1', type: 'tab', label: 'empty' }], ...options });
      return nodeRed;
    }

    async function simulate(behaviors: readonly string[] = []): Promise<SimulatedCamera> {
      const camera = new SimulatedCamera({ password: PASSWORD, behaviors, httpPort: 0, web: simulatorWeb() });
      simulators.push(camera);
      await camera.start();
      return camera;
    }

    for (const language of LANGUAGES) {
      it(`${language}: buttons try what was never saved, and save nothing`, async () => {
        const says = speaker(language);
        const camera = await simulate();
        const { url } = await start();
        const before = await (await fetch(`${url}/flows`)).text();
        const { page, problems } = await openEditor(browser, url, language);
        await openDialog(page, '_ADD_');
        assert.deepEqual(await reportOf(page), []);

        // What the form marks is told without asking.
        await page.fill('#node-config-input-host', 'ftp://127.0.0.1');
        assert.deepEqual(await press(page, 'test'), [failed(says('error.host'))]);

        await page.fill('#node-config-input-host', '127.0.0.1');
        await page.fill('#node-config-input-port', String(camera.port));
        await page.click('#node-config-tplink-camera-advanced summary');
        await page.fill('#node-config-input-httpPort', String(camera.httpPort));
        await page.fill('#node-config-input-password', PASSWORD);
        const good = await press(page, 'test');
        assert.deepEqual(
          good.map(({ outcome, detail }) => [outcome, detail]),
          STEPS.map(() => ['ok', '']),
        );
        assert.equal(await verdictOf(page), says('probe.verdict.talks'));
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.click('#node-config-tplink-camera-report a'),
        ]);
        assert.equal(download.suggestedFilename(), 'camera-report.json');
        assert.equal(JSON.parse(readFileSync(await download.path(), 'utf8')).tplinkTalkCapture, 1);
        const offered = (await page.textContent('#node-config-tplink-camera-report')) ?? '';
        assert.equal(offered, `${says('test.report')}${says('test.reportHint')}`);
        STEPS.forEach((step, index) => assert.ok(good[index]?.text.startsWith(`${says(`test.step.${step}`)} `), step));
        const address = `127.0.0.1:${camera.port}`;
        assert.equal(good[0]?.text, `${says('test.step.reach')} ${says('probe.reach.ok', { address })}`);
        assert.equal(good[5]?.text, `${says('test.step.web')} ${says('probe.web.rsa', { type: '2' })}`);
        assert.match(good[6]?.text ?? '', /TL-IPC44AW-COLOR/);

        const [chime, ...more] = await press(page, 'chime');
        assert.deepEqual([chime?.outcome, more], ['ok', []]);
        assert.equal(await verdictOf(page), '');
        assert.equal(await page.textContent('#node-config-tplink-camera-report'), '');
        assert.ok(chime?.text.startsWith(says('test.step.chime')));
        assert.ok(Number(camera.sessions.at(-1)?.toJSON().soundSeconds) > 0.5);

        await page.fill('#node-config-input-password', `${PASSWORD}?`);
        const refused = (await press(page, 'test')).slice(3);
        assert.deepEqual(refused, [
          failed(`${says('test.step.login')} ${says('probe.failed.TALK_ERR_AUTH')}`),
          { outcome: 'skipped', text: `${says('test.step.web')} ${says('probe.web.refused')}`, detail: '' },
        ]);
        assert.equal(await verdictOf(page), says('probe.verdict.password'));
        const requests = camera.requests.length;
        const [held] = await press(page, 'chime');
        assert.match(
          held?.text ?? '',
          new RegExp(`${says('probe.failed.TALK_ERR_LOCKED').split('__seconds__')[0]}\\d{4} `),
        );
        assert.equal(camera.requests.length, requests);

        await page.fill('#node-config-input-password', PASSWORD);
        await page.fill('#node-config-input-httpPort', '1');
        const webOff = (await press(page, 'test')).at(-1);
        const reason = 'ECONNREFUSED';
        const unasked = says('probe.webFailed.TALK_ERR_CONNECT', { httpPort: '1', reason });
        assert.deepEqual([webOff?.outcome, webOff?.text], ['warning', `${says('test.step.web')} ${unasked}`]);
        assert.match(webOff?.detail ?? '', /^Web interface at 127\.0\.0\.1:1: /);

        await camera.stop();
        for (const [button, step] of [
          ['test', 'reach'],
          ['chime', 'chime'],
        ] as const) {
          const [off] = await press(page, button);
          const nothing = says('probe.failed.TALK_ERR_CONNECT', { reason });
          assert.deepEqual([off?.outcome, off?.text], ['failed', `${says(`test.step.${step}`)} ${nothing}`]);
        }

        assert.equal(await page.evaluate('RED.nodes.dirty()'), false);
        await page.click('#node-config-dialog-cancel');
        assert.equal(await (await fetch(`${url}/flows`)).text(), before);
        assert.deepEqual(problems, []);
        await page.context().close();
      });
    }

    it('a pasted address falls into its fields, before a test and before it is saved', async () => {
      const camera = await simulate();
      const { url } = await start();
      const { page, problems } = await openEditor(browser, url, 'en-US');
      await openDialog(page, '_ADD_');
      const value = (property: string): Promise<string> => page.inputValue(`#node-config-input-${property}`);
      await page.evaluate(`document.querySelector('#node-config-input-host').focus()`);
      await page.fill('#node-config-input-host', ` rtsp：//ad%20min:x@127.0.0.1：${camera.port}/stream1 `);
      await page.press('#node-config-input-host', 'Tab');
      const fields = ['host', 'port', 'username', 'password'];
      assert.deepEqual(await Promise.all(fields.map(value)), ['127.0.0.1', String(camera.port), 'ad min', 'x']);

      const { port, httpPort, username } = camera;
      await page.fill('#node-config-input-host', `http://${username}:${PASSWORD}@localhost:${httpPort}/`);
      assert.equal((await press(page, 'test')).filter(({ outcome }) => outcome === 'ok').length, STEPS.length);
      assert.deepEqual(await Promise.all(['host', 'port', 'httpPort', 'username', 'password'].map(value)), [
        ...['localhost', String(port), String(httpPort), username, PASSWORD],
      ]);
      assert.ok(await page.isVisible('#node-config-input-httpPort'));

      await page.fill('#node-config-input-host', `[::1]:8554/`);
      await page.click('#node-config-dialog-ok');
      await page.waitForSelector('#node-config-input-host', { state: 'detached' });
      const saved: any = await page.evaluate(
        `RED.nodes.createCompleteNodeSet().find(({ type }) => type === 'tplink-camera')`,
      );
      assert.deepEqual([saved.host, saved.port, saved.httpPort], ['::1', 8554, httpPort]);
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it('an untouched password means the stored one, under a custom root too; another address wants it again', async () => {
      const says = speaker('en-US');
      const camera = await simulate();
      const running = await start({ settings: { httpAdminRoot: '/admin' } });
      const { port, httpPort, username, password } = camera;
      const properties = { id: 'front', type: 'tplink-camera', name: 'front door', host: '127.0.0.1', port, httpPort };
      await running.deploy([
        { id: 'tab1', type: 'tab', label: 'empty' },
        { ...properties, credentials: { username, password } },
      ]);
      const { page } = await openEditor(browser, `${running.url}/`, 'en-US');
      await openDialog(page, 'front');
      assert.equal(await page.inputValue('#node-config-input-password'), '__PWRD__');
      assert.equal((await press(page, 'test')).filter(({ outcome }) => outcome === 'ok').length, STEPS.length);
      assert.equal((await press(page, 'chime'))[0]?.outcome, 'ok');
      const requests = camera.requests.length;
      await page.fill('#node-config-input-host', 'localhost');
      assert.deepEqual(await press(page, 'test'), [failed(says('test.retype'))]);
      assert.equal(camera.requests.length, requests);
      await page.context().close();
    });

    it('zh-CN: checks the sound and tells what was heard', async () => {
      const says = speaker('zh-CN');
      const camera = await simulate();
      const { url } = await start();
      const { page, problems } = await openEditor(browser, url, 'zh-CN');
      await openDialog(page, '_ADD_');
      assert.equal((await page.innerText('#node-config-tplink-camera-check')).trim(), says('test.button.sound'));
      await page.fill('#node-config-input-host', '127.0.0.1');
      await page.fill('#node-config-input-port', String(camera.port));
      await page.fill('#node-config-input-password', PASSWORD);
      await page.click('#node-config-tplink-camera-advanced summary');
      await page.selectOption('#node-config-input-mode', 'full_duplex');
      const report = await press(page, 'check');
      const steps = ['stream', 'microphone', 'chirp', 'sound', 'level', 'speed'];
      assert.deepEqual(
        report.map(({ outcome }) => outcome),
        steps.map(() => 'ok'),
      );
      steps.forEach((step, index) => assert.ok(report[index]?.text.startsWith(`${says(`test.step.${step}`)} `), step));
      const [before = '', after = ''] = says('probe.sound.heard').split('__delayMs__');
      assert.match(report[3]?.text ?? '', new RegExp(`${before}\\d+${after}$`));
      assert.match(report[4]?.text ?? '', /-\d+(\.\d)? dB/);
      const offered = await page.textContent('#node-config-tplink-camera-report');
      assert.equal(offered, ['report', 'reportHint', 'reportHeard'].map((key) => says(`test.${key}`)).join(''));
      await page.fill('#node-config-input-password', 'abc');
      await press(page, 'check');
      const none = await page.textContent('#node-config-tplink-camera-report');
      assert.equal(none, says('test.noReport.shortPassword'));
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it('asks as the user who is logged in', async () => {
      const says = speaker('en-US');
      const camera = await simulate();
      const user = (username: string, permissions: string): object => ({
        ...{ username, permissions, password: hashSync(PASSWORD, 4) },
      });
      const users = [user('reader', 'read'), user('writer', '*')];
      const { url } = await start({ settings: { adminAuth: { type: 'credentials', users } } });
      for (const username of ['reader', 'writer']) {
        const response = await fetch(`${url}/auth/token`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({
            ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password: PASSWORD },
          }),
        });
        const token: any = await response.json();
        const { page } = await openEditor(browser, `${url}/?access_token=${token.access_token}`, 'en-US');
        await openDialog(page, '_ADD_');
        await page.fill('#node-config-input-host', '127.0.0.1');
        await page.fill('#node-config-input-port', String(camera.port));
        await page.fill('#node-config-input-password', PASSWORD);
        await page.click('#node-config-tplink-camera-advanced summary');
        await page.selectOption('#node-config-input-login', 'none');
        const report = await press(page, 'test');
        if (username === 'reader') assert.deepEqual(report, [failed(says('test.unauthorized'))]);
        else assert.equal(report.length, STEPS.length - 1);
        await page.context().close();
      }
    });

    it('Stop ends a test and its connection, says so, and the next one may begin', async () => {
      const says = speaker('zh-CN');
      const camera = await simulate(['silent']);
      const { url } = await start();
      const { page, problems } = await openEditor(browser, url, 'zh-CN');
      await openDialog(page, '_ADD_');
      const stop = '#node-config-tplink-camera-stop';
      assert.ok(await page.isDisabled(stop));
      assert.equal((await page.innerText(stop)).trim(), says('test.button.stop'));
      await page.fill('#node-config-input-host', '127.0.0.1');
      await page.fill('#node-config-input-port', String(camera.port));
      for (const button of ['test', 'chime', 'check']) {
        await page.click(`#node-config-tplink-camera-${button}`);
        await eventually(() => camera.connections === 1, 'a connection');
        await page.click(stop);
        await eventually(() => camera.connections === 0, 'the end of the connection');
        await page.waitForFunction(
          `document.querySelector('#node-config-tplink-camera-steps .tplink-running') === null`,
        );
        assert.deepEqual((await reportOf(page)).at(-1), { outcome: 'skipped', text: says('test.stopped'), detail: '' });
        assert.ok(await page.isDisabled(stop));
        // The runtime hears of it a moment later than the browser says so.
        for (let status = 429; status === 429;) {
          const response = await fetch(`${url}/tplink-camera/test`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ host: '127.0.0.1', port: '1' }),
          });
          await response.text();
          ({ status } = response);
        }
      }
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it('shows steps as they come, one test at a time, and lets the camera go when the dialog closes', async () => {
      const says = speaker('en-US');
      const camera = await simulate(['silent']);
      const { url } = await start();
      const { page, problems } = await openEditor(browser, url, 'en-US');
      await openDialog(page, '_ADD_');
      await page.fill('#node-config-input-host', '127.0.0.1');
      await page.fill('#node-config-input-port', String(camera.port));
      await page.click('#node-config-tplink-camera-test');
      await page.waitForSelector('#node-config-tplink-camera-steps .tplink-ok');
      const [reached, running] = await reportOf(page);
      assert.equal(reached?.outcome, 'ok');
      assert.deepEqual(running, { outcome: 'running', text: says('test.running'), detail: '' });
      for (const button of ['test', 'chime', 'check']) {
        assert.ok(await page.isDisabled(`#node-config-tplink-camera-${button}`));
      }
      assert.equal(camera.connections, 1);
      await page.click('#node-config-dialog-cancel');
      await eventually(() => camera.connections === 0, 'the camera to be let go');
      await page.waitForSelector('#node-config-input-host', { state: 'detached' });

      await openDialog(page, '_ADD_');
      assert.deepEqual(await reportOf(page), []);
      assert.ok(await page.isEnabled('#node-config-tplink-camera-test'));
      assert.deepEqual(problems, []);
      await page.context().close();
    });
  },
);

/** Looks up what the catalogue says, with values for its placeholders. */
function speaker(language: Language): (key: string, values?: Readonly<Record<string, string>>) => string {
  const texts = catalogue('tplink-camera', language);
  return (key, values = {}) => {
    const text = texts.get(`tplink-camera.${key}`);
    assert.ok(text !== undefined, key);
    return Object.entries(values).reduce((said, [name, value]) => said.replaceAll(`__${name}__`, value), text);
  };
}

function failed(text: string): Line {
  return { outcome: 'failed', text, detail: '' };
}

async function openDialog(page: Page, id: string): Promise<void> {
  await page.evaluate(`RED.editor.editConfig('', 'tplink-camera', ${JSON.stringify(id)})`);
  await dialogReady(page, '#node-config-input-host');
}

/** Presses a button and waits for the end of its report. */
async function press(page: Page, button: 'test' | 'chime' | 'check'): Promise<Line[]> {
  await page.click(`#node-config-tplink-camera-${button}`);
  await page.waitForFunction(`document.querySelector('#node-config-tplink-camera-steps .tplink-running') === null`);
  assert.ok(await page.isEnabled(`#node-config-tplink-camera-${button}`));
  const lines = await reportOf(page);
  for (const { text } of lines) assert.doesNotMatch(text, /tplink-camera\.(probe|test)\.|__\w+__/);
  return lines;
}

async function verdictOf(page: Page): Promise<string> {
  return (await page.textContent('#node-config-tplink-camera-verdict')) ?? '';
}

async function reportOf(page: Page): Promise<Line[]> {
  return page.$$eval('#node-config-tplink-camera-steps > li', (lines) =>
    lines.map((line) => {
      const detail = line.querySelector('.tplink-detail')?.textContent ?? '';
      const text = line.textContent.trim();
      const outcome = line.classList.item(0)?.replace('tplink-', '') ?? '';
      return { outcome, text: text.slice(0, text.length - detail.length), detail };
    }),
  );
}
