// A sound of the user's own in a real browser: uploaded, chosen, heard in the browser, deployed, said, deleted. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { CHIMES } from '../../src/index.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { chooseType, dialogReady, findChromium, openEditor } from '../helpers/editor.js';
import { withEditor } from '../helpers/editor-suite.js';
import { catalogue, LANGUAGES } from '../helpers/forms.js';
import { heardMs, markedWav } from '../helpers/marked-clips.js';

const CHROMIUM = findChromium();
const WAV_MS = 300;
const WAV = markedWav(0x91, WAV_MS);
const CHIME = '#node-input-chime + .red-ui-typedInput-container';

describe(
  CHROMIUM === undefined ? 'own sounds in the dialog (skipped: no Chromium)' : 'own sounds in the dialog',
  () => {
    const editor = withEditor();

    for (const language of LANGUAGES) {
      it(`${language}: uploaded, chosen, heard, deployed, said and deleted`, async () => {
        const text = (key: string): string => catalogue('tplink-talk', language).get(`tplink-talk.${key}`) ?? key;
        const camera = new SimulatedCamera();
        await camera.start();
        const { username, password } = camera;
        await editor.nodeRed.deploy([
          { id: 'tab1', type: 'tab', label: 'sounds' },
          {
            ...{ id: 'camera1', type: 'tplink-camera', name: 'front', host: '127.0.0.1', port: camera.port, idleMs: 0 },
            credentials: { username, password },
          },
          {
            ...{ id: 'button1', type: 'inject', z: 'tab1', x: 100, y: 100, props: [], wires: [['talk1']] },
            // Without them the editor takes the button for misconfigured and asks before it deploys.
            ...{ repeat: '', crontab: '', once: false, onceDelay: 0.1 },
          },
          {
            ...{ id: 'talk1', type: 'tplink-talk', z: 'tab1', x: 300, y: 100, camera: 'camera1', wires: [[]] },
            ...{ audio: 'payload', audioType: 'msg' },
          },
        ]);
        const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, language);
        page.on('dialog', (dialog) => void dialog.accept());
        const folder = join(editor.nodeRed.userDir, 'tplink-talk-sounds');

        await open(page);
        assert.ok(!(await page.isVisible('#node-input-tplink-talk-upload')));
        await chooseType(page, '#node-input-audio', 'sound');
        assert.ok(await page.isVisible('#node-input-tplink-talk-upload'));
        assert.ok((await page.locator('.red-ui-tray').last().innerText()).includes(text('sounds.upload')));

        await page.setInputFiles('#node-input-tplink-talk-file', {
          name: 'no.wav',
          mimeType: 'audio/wav',
          buffer: Buffer.from('words'),
        });
        const refused = text('sounds.format').replace('__reason__', text('sounds.kind.text'));
        await said(page, new RegExp(`^${refused}$`));
        await page.setInputFiles('#node-input-tplink-talk-file', {
          name: '门铃 (1).wav',
          mimeType: 'audio/wav',
          buffer: WAV,
        });
        await chosen(page, '门铃 _1_.wav');
        assert.ok(existsSync(join(folder, '门铃 _1_.wav')));

        await page.evaluate(
          `window.heard = []; Audio.prototype.play = function () { heard.push(this.src); return Promise.resolve(); }`,
        );
        await page.click('#node-input-tplink-talk-listen');
        await page.waitForFunction('heard.length === 1');
        const played = await page.evaluate<number>(
          'fetch(heard[0]).then((r) => r.arrayBuffer()).then((b) => b.byteLength)',
        );
        assert.equal(played, WAV.length);

        await chooseType(page, '#node-input-chime', 'builtin');
        await page.click(`${CHIME} .red-ui-typedInput-option-trigger`);
        for (const chime of CHIMES)
          assert.ok(await page.isVisible(`.red-ui-typedInput-options a[value="${chime}"]:visible`), chime);
        await page.click('.red-ui-typedInput-options a[value="sound:门铃 _1_.wav"]:visible');
        assert.equal((await page.innerText(`${CHIME} .red-ui-typedInput-option-label`)).trim(), '门铃 _1_.wav');

        await page.click('#node-dialog-ok');
        await page.waitForSelector('#node-input-audio', { state: 'detached' });
        await page.click('#red-ui-header-button-deploy');
        await page.waitForFunction('!RED.nodes.dirty()');
        const saved = (await (await fetch(`${editor.nodeRed.url}/flows`)).json()) as {
          id: string;
          [key: string]: unknown;
        }[];
        const talk = saved.find(({ id }) => id === 'talk1');
        assert.deepEqual([talk?.['audio'], talk?.['audioType']], ['门铃 _1_.wav', 'sound']);
        assert.deepEqual([talk?.['chime'], talk?.['chimeType']], ['sound:门铃 _1_.wav', 'builtin']);
        const end = once(camera, 'end');
        await editor.nodeRed.inject('button1');
        await end;
        // Once as the chime, once as the audio.
        assert.equal(heardMs(camera.sessions)[0x91], 2 * WAV_MS);

        await open(page);
        await chosen(page, '门铃 _1_.wav');
        await page.click('#node-input-tplink-talk-delete');
        await chosen(page, 'ding');
        assert.ok(!existsSync(join(folder, '门铃 _1_.wav')));
        assert.equal(await page.inputValue('#node-input-chime'), 'sound:门铃 _1_.wav');
        await page.click('#node-input-tplink-talk-delete');
        await said(page, new RegExp(text('sounds.builtin')));
        await page.click('#node-dialog-cancel');
        await page.waitForSelector('#node-input-audio', { state: 'detached' });

        // A sound that is gone stays chosen in the flow.
        await open(page);
        await page.waitForFunction(`!document.querySelector('#node-input-tplink-talk-listen').disabled`);
        assert.equal(await page.inputValue('#node-input-audio'), '门铃 _1_.wav');
        await page.click('#node-input-tplink-talk-listen');
        await said(page, new RegExp(text('sounds.missing')));
        await page.click('#node-dialog-cancel');
        assert.deepEqual(
          problems.filter((problem) => !/status of (404|415)/.test(problem)),
          [],
        );
        await page.context().close();
        await camera.stop();
      });
    }
  },
);

async function open(page: Page): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node('talk1'))`);
  await dialogReady(page, CHIME);
}

async function chosen(page: Page, name: string): Promise<void> {
  await page.waitForFunction(`document.querySelector('#node-input-audio').value === ${JSON.stringify(name)}`);
}

async function said(page: Page, text: RegExp): Promise<void> {
  await page.waitForFunction(
    `${String(text)}.test(document.querySelector('#node-input-tplink-talk-sounds-said').innerText)`,
  );
}
