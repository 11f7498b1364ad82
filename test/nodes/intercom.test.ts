// The intercom example in a real Node-RED, a real browser with a microphone that beeps, and a simulated camera. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ROOT, startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { findChromium, launchBrowser, PATIENCE_MS } from '../helpers/editor.js';
import { LANGUAGES } from '../helpers/forms.js';
import { tone, TONE_HZ } from '../helpers/listen-side.js';
import { timeless } from '../helpers/violations.js';

const CHROMIUM = findChromium();
/** Not the default: the page must find its WebSocket wherever it lives. */
const NODE_ROOT = '/house';
const PASSWORD = 'Only4Tests!';
/** A name that is not this machine's, for a page that comes over http from somewhere else. */
const ELSEWHERE = 'elsewhere.test';

const TEXTS = {
  'en-US': {
    listen: 'Listen',
    talk: 'Hold to talk',
    why: 'A phone needs https',
    https: 'You can listen, but not talk',
  },
  'zh-CN': { listen: '收听', talk: '按住说话', why: '手机需要 https', https: '只能听，不能说' },
} as const;

/** A piece of sound as the page played it. */
interface Played {
  readonly at: number;
  /** When it was given to be played, on the same clock. */
  readonly now: number;
  readonly duration: number;
  readonly sampleRate: number;
  readonly samples: readonly number[];
}

/** Notes what is played; runs before the page's own scripts. */
const NOTE_PLAYED = `{
  const start = AudioBufferSourceNode.prototype.start;
  window.played = [];
  AudioBufferSourceNode.prototype.start = function (at) {
    const { duration, sampleRate } = this.buffer;
    window.played.push({ at, now: this.context.currentTime, duration, sampleRate, samples: [...this.buffer.getChannelData(0)] });
    return start.call(this, at);
  };
}`;

describe(CHROMIUM === undefined ? 'intercom (skipped: no Chromium)' : 'intercom', () => {
  let camera: SimulatedCamera;
  let nodeRed: RunningNodeRed;
  let browser: Browser;

  before(async function () {
    if (CHROMIUM === undefined) return this.skip();
    // What the camera says comes from its source alone, not from its loudspeaker.
    const microphone = { source: tone(1_000, TONE_HZ), gainDb: Number.NEGATIVE_INFINITY };
    camera = new SimulatedCamera({ password: PASSWORD, microphone });
    await camera.start();
    nodeRed = await startNodeRed({ settings: { httpNodeRoot: NODE_ROOT } });
    browser = await launchBrowser(CHROMIUM, [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`,
    ]);
    await deploy(PASSWORD);
  });

  after(async () => {
    // Undefined when the tests were skipped or never got that far.
    await (browser as Browser | undefined)?.close();
    await (nodeRed as RunningNodeRed | undefined)?.stop();
    await (camera as SimulatedCamera | undefined)?.stop();
  });

  async function deploy(password: string): Promise<void> {
    const nodes: Record<string, unknown>[] = JSON.parse(
      readFileSync(join(ROOT, 'examples', '10 - Intercom.json'), 'utf8'),
    );
    const settings = { host: '127.0.0.1', port: camera.port, credentials: { username: 'admin', password } };
    await nodeRed.deploy(nodes.map((node) => (node['type'] === 'tplink-camera' ? { ...node, ...settings } : node)));
  }

  afterEach(() => assert.deepEqual([timeless(camera.violations), camera.warnings], [[], []]));

  async function openPage(language: string, host = '127.0.0.1'): Promise<{ page: Page; problems: string[] }> {
    const context = await browser.newContext({ locale: language, viewport: { width: 420, height: 760 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('favicon')) problems.push(message.text());
    });
    await page.addInitScript(NOTE_PLAYED);
    await page.goto(`${nodeRed.url.replace('127.0.0.1', host)}${NODE_ROOT}/intercom`);
    await page.waitForFunction('socket.readyState === WebSocket.OPEN');
    return { page, problems };
  }

  const played = (page: Page): Promise<Played[]> => page.evaluate<Played[]>('window.played');
  const open = (): number => camera.streams.filter(({ end }) => end === 'open').length;

  it('leaves the camera alone while nobody listens', async () => {
    await eventually(() => camera.streams.length === 1 && open() === 0, 'the end of the first stream');
    assert.equal(camera.streams[0]?.end, 'teardown');
  });

  for (const language of LANGUAGES) {
    const text = TEXTS[language];

    it(`${language}: the page hears the camera without a break`, async () => {
      const { page, problems } = await openPage(language);
      for (const shown of [text.listen, text.talk]) assert.ok((await page.innerText('body')).includes(shown), shown);
      await page.click('#listen');
      await page.waitForFunction('window.played.length >= 15');
      assert.ok(Number(await page.evaluate('document.getElementById("heard").value')) > 0.5, 'the meter moves');
      await page.click('#listen');
      const pieces = await played(page);
      const rises = pieces
        .flatMap(({ samples }) => samples)
        .filter((sample, index, all) => index > 0 && sample >= 0 && (all[index - 1] ?? 0) < 0).length;
      const seconds = pieces.reduce((sum, { duration }) => sum + duration, 0);
      assert.ok(Math.abs(rises / seconds - TONE_HZ) < 10, `${rises / seconds} Hz`);
      assert.ok(pieces.every(({ sampleRate }) => sampleRate === 8_000));
      // A piece follows the one before to the sample, unless the machine stuttered and that one was over.
      pieces.slice(1).forEach(({ at, now }, index) => {
        const before = pieces[index] ?? assert.fail();
        const over = before.at + before.duration;
        assert.ok(Math.abs(at - over) < 1e-6 || over < now, `from ${over} to ${at}, given at ${now}`);
      });
      await eventually(() => open() === 0, 'the end of the stream');
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it(`${language}: the camera hears the browser's beep while the button is held`, async () => {
      const { page, problems } = await openPage(language);
      const talks = camera.sessions.length;
      const button = await page.locator('#talk').boundingBox();
      assert.ok(button);
      await page.mouse.move(button.x + button.width / 2, button.y + button.height / 2);
      await page.mouse.down();
      // Chromium's microphone beeps twice a second; a busy machine may stutter in between.
      const even = (): number[] =>
        beeps(camera.sessions[talks]?.audio() ?? Buffer.alloc(0))
          .map((at, index, all) => at - (all[index - 1] ?? NaN))
          .filter((pause) => Math.abs(pause - 500) < 40);
      await eventually(() => even().length >= 2, 'two even pauses between beeps');
      assert.equal(await page.getAttribute('#talk', 'aria-pressed'), 'true');
      await page.mouse.up();
      await camera.waitForTalkEnd(talks + 1);
      await page.waitForFunction('document.getElementById("talk").ariaPressed === "false"');
      assert.equal(await page.innerText('#error'), '');
      assert.deepEqual(problems, []);
      await page.context().close();
    });

    it(`${language}: says why a phone needs https, and listens without it`, async () => {
      const { page, problems } = await openPage(language, ELSEWHERE);
      assert.ok((await page.innerText('#https')).includes(text.https));
      assert.ok(await page.isDisabled('#talk'));
      assert.ok(!(await page.isVisible('details p')));
      await page.click('summary');
      assert.ok((await page.innerText('details')).includes(text.why));
      await page.click('#listen');
      await page.waitForFunction('window.played.length >= 3');
      await page.click('#listen');
      assert.deepEqual(problems, []);
      await page.context().close();
    });
  }

  it('two pages hear the same stream; it ends with the second', async () => {
    await eventually(() => open() === 0, 'the end of earlier streams');
    const [one, other] = await Promise.all([openPage('en-US'), openPage('en-US')]);
    await Promise.all([one, other].map(({ page }) => page.click('#listen')));
    await Promise.all([one, other].map(({ page }) => page.waitForFunction('window.played.length >= 3')));
    assert.equal(open(), 1);
    await one.page.click('#listen');
    const heard = (await played(other.page)).length;
    await other.page.waitForFunction(`window.played.length >= ${heard + 3}`);
    assert.equal(open(), 1);
    await other.page.click('#listen');
    await eventually(() => open() === 0, 'the end of the stream');
    await Promise.all([one, other].map(({ page }) => page.context().close()));
  });

  it('who does not know the page’s key hears nothing, says nothing and starts nothing', async () => {
    const { page } = await openPage('en-US');
    const { streams, sessions } = camera;
    const before = [streams.length, sessions.length];
    const told = await page.evaluate<unknown[]>(`new Promise((resolve) => {
      const told = [];
      const stranger = new WebSocket(socket.url);
      stranger.onmessage = ({ data }) => told.push(data);
      stranger.onopen = () => {
        for (const key of [undefined, '', 'guessed']) stranger.send(JSON.stringify({ key, say: 'here' }));
        stranger.send(JSON.stringify({ key: 'guessed', say: 'talk', rate: 16000 }));
        stranger.send('null');
        stranger.send('no JSON');
        stranger.send(new Int16Array(1600));
      };
      setTimeout(() => resolve(told), 1000);
    })`);
    assert.deepEqual([...new Set(told)], ['{"reload":true}']);
    assert.deepEqual([camera.streams.length, camera.sessions.length], before);
    await page.context().close();
  });

  it('tells the page when the camera does not play along', async () => {
    await deploy('wrong-Secret1');
    const { page } = await openPage('en-US');
    await page.click('#listen');
    await page.waitForFunction('document.getElementById("error").textContent !== ""');
    assert.match(await page.innerText('#error'), /refused (the|this) user name or password/);
    await page.context().close();
  });
});

/** When each loud sound in A-law begins, at least 100 ms after the one before, ms from the start. */
function beeps(alaw: Buffer): number[] {
  const begins: number[] = [];
  let loudAt = -Infinity;
  alaw.forEach((code, index) => {
    // Without its toggled bits, A-law's low seven count the level: 0x50 is −18 dB (G.711).
    if (((code ^ 0x55) & 0x7f) <= 0x50) return;
    const at = index / 8;
    if (at - loudAt > 100) begins.push(at);
    loudAt = at;
  });
  return begins;
}
