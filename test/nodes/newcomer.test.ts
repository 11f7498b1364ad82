// From an empty tab to spoken sentences in a real editor, by somebody who has a camera, espeak-ng and nothing else. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import { findProgram } from '../../src/program-path.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { dialogReady, findChromium, openEditor } from '../helpers/editor.js';
import { withEditor } from '../helpers/editor-suite.js';

const PASSWORD = 'Only4Tests!';
const MOST_FIELDS = 5;
/** Of 32 768: the smallest step of A-law is 16. */
const AUDIBLE = 16;
const CHROMIUM = findChromium();

describe(CHROMIUM === undefined ? 'newcomer (skipped: no Chromium in /usr/bin or $CHROMIUM)' : 'newcomer', () => {
  const editor = withEditor();
  let camera: SimulatedCamera;
  beforeEach(async () => {
    camera = new SimulatedCamera({ password: PASSWORD, port: 0 });
    await camera.start();
  });
  afterEach(() => camera.stop());

  it('with espeak-ng hears an English and a Chinese sentence after five fields', async function () {
    if ((await findProgram('espeak-ng')) === undefined) return this.skip();
    const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, 'en-US');
    const [talk, button] = await page.evaluate<string[]>(`RED.nodes.import([
      { id: 't', type: 'tplink-talk', z: RED.workspaces.active(), x: 300, y: 100, wires: [[]] },
      { id: 'i', type: 'inject', z: RED.workspaces.active(), x: 100, y: 100, props: [], repeat: '', wires: [['t']] },
    ], { generateIds: true }).nodes.map((node) => node.id)`);
    let fields = 0;
    const fill = async (field: string, text: string): Promise<void> => {
      await page.fill(field, text);
      fields += 1;
    };

    await openTalk(page, talk);
    await page.click('#node-input-btn-camera-add');
    await dialogReady(page, '#node-config-input-host');
    // No field of a newcomer: every camera has the same port, only a simulated one has another.
    await page.fill('#node-config-input-port', String(camera.port));
    await fill('#node-config-input-host', '127.0.0.1');
    await fill('#node-config-input-password', PASSWORD);
    await page.click('#node-config-dialog-ok');
    await page.waitForSelector('#node-config-input-host', { state: 'detached' });
    await page.click(`${AUDIO} .red-ui-typedInput-type-select`);
    await page.click('.red-ui-typedInput-options a[value="say"]:visible');
    fields += 1;

    for (const [sentence, voice] of [
      ['Dinner is ready', 'en'],
      ['开饭了', 'cmn'],
    ] as const) {
      if (voice === 'cmn') await openTalk(page, talk);
      await fill(`${AUDIO} input`, sentence);
      await page.click('#node-dialog-ok');
      await page.waitForSelector('#node-input-audio', { state: 'detached' });
      await page.click('#red-ui-header-button-deploy');
      await page.waitForFunction('!RED.nodes.dirty()');
      const before = camera.sessions.length;
      await editor.nodeRed.inject(String(button));
      // The camera is closed when its session has been kept for a while.
      await eventually(() => (camera.sessions[before]?.end ?? 'open') !== 'open', sentence);
      const heard = Number(camera.sessions[before]?.toJSON().soundSeconds);
      const made = espeakSeconds(voice, sentence);
      // Said by the voice of another language it takes half as long again.
      assert.ok(Math.abs(heard - made) < 0.2 * made, `${sentence}: ${heard} s instead of ${made} s`);
    }
    assert.ok(fields <= MOST_FIELDS, String(fields));
    assert.deepEqual(problems, []);
    await page.context().close();
  });
});

const AUDIO = '#node-input-audio + .red-ui-typedInput-container';

async function openTalk(page: Page, id: string | undefined): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
  await dialogReady(page, AUDIO);
}

/** How long espeak-ng itself is heard with it: 22 050 samples of 16 bits a second behind a header, silence at both ends left out. */
function espeakSeconds(voice: string, text: string): number {
  const wav = execFileSync('espeak-ng', ['-v', voice, '--stdout', text]);
  const samples = new Int16Array(new Uint8Array(wav).buffer).subarray(22);
  const audible = (sample: number): boolean => Math.abs(sample) > AUDIBLE;
  return (samples.findLastIndex(audible) - samples.findIndex(audible)) / 22_050;
}
