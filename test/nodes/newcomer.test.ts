// From an empty tab to spoken sentences in a real editor, by somebody who has a camera, espeak-ng as a program or as an npm package, and nothing else. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { monotonicClock as clock } from '../../src/clock.js';
import { findProgram } from '../../src/program-path.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { ESPEAK_PACKAGE } from '../../src/voice/espeak-package.js';
import { VOICE_DEFAULTS } from '../../src/voice/options.js';
import { speakWords } from '../../src/voice/voice.js';
import { eventually } from '../helpers/collect.js';
import { chooseType, dialogReady, findChromium, openEditor } from '../helpers/editor.js';
import { withEditor, type EditorSuite } from '../helpers/editor-suite.js';
import { soundOf } from '../voice/sound-of.js';

const PASSWORD = 'Only4Tests!';
const MOST_FIELDS = 5;
/** Of 32 768: the smallest step of A-law is 16. */
const AUDIBLE = 16;
const CHROMIUM = findChromium();

const run = promisify(execFile);

describe(CHROMIUM === undefined ? 'newcomer (skipped: no Chromium in /usr/bin or $CHROMIUM)' : 'newcomer', () => {
  describe('with the program espeak-ng', () => {
    const editor = withEditor();
    before(async function () {
      if ((await findProgram('espeak-ng')) === undefined) this.skip();
    });

    // 22 050 samples of 16 bits a second behind a header.
    hearsTwoSentences(editor, async (voice, text) => {
      const { stdout } = await run('espeak-ng', ['-v', voice, '--stdout', text], { encoding: 'buffer' });
      return stdout.subarray(44);
    });
  });

  describe('with the npm package and no program', () => {
    const editor = withEditor({ env: { PATH: '' } });
    let folder = '';
    before(async function () {
      this.timeout(300_000);
      folder = await mkdtemp(join(tmpdir(), 'newcomer-test-'));
      await writeFile(join(folder, 'package.json'), '{}');
      await run('npm', ['install', '--no-audit', '--no-fund', ESPEAK_PACKAGE], { cwd: folder });
      const place = join(editor.nodeRed.userDir, 'node_modules', ESPEAK_PACKAGE);
      await mkdir(join(place, '..'), { recursive: true });
      await symlink(join(folder, 'node_modules', ESPEAK_PACKAGE), place);
    });
    after(async () => {
      if (folder !== '') await rm(folder, { recursive: true, force: true });
    });

    hearsTwoSentences(editor, (voice, text) =>
      soundOf(speakWords(text, { ...VOICE_DEFAULTS, voice, packageFolder: folder }, { clock })),
    );
  });
});

/** @param made what the engine itself makes of it: samples of 16 bits, 22 050 a second */
function hearsTwoSentences(editor: EditorSuite, made: (voice: string, text: string) => Promise<Buffer>): void {
  let camera: SimulatedCamera;
  beforeEach(async () => {
    camera = new SimulatedCamera({ password: PASSWORD, port: 0 });
    await camera.start();
  });
  afterEach(() => camera.stop());

  it('hears an English and a Chinese sentence after five fields', async () => {
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
    await chooseType(page, '#node-input-audio', 'say');
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
      const expected = secondsOf(await made(voice, sentence));
      // Said by the voice of another language it takes half as long again.
      assert.ok(Math.abs(heard - expected) < 0.2 * expected, `${sentence}: ${heard} s instead of ${expected} s`);
    }
    assert.ok(fields <= MOST_FIELDS, String(fields));
    assert.deepEqual(problems, []);
    await page.context().close();
  });
}

const AUDIO = '#node-input-audio + .red-ui-typedInput-container';

async function openTalk(page: Page, id: string | undefined): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
  await dialogReady(page, AUDIO);
}

/** How long it is heard: without the silence at both ends. */
function secondsOf(sound: Buffer): number {
  const samples = new Int16Array(new Uint8Array(sound).buffer);
  const audible = (sample: number): boolean => Math.abs(sample) > AUDIBLE;
  return (samples.findLastIndex(audible) - samples.findIndex(audible)) / 22_050;
}
