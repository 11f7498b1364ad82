// The page in a real browser: a session appears live, can be played, in both languages and without a single page error.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startWebServer } from '../../../src/simulator/web/server.js';
import { launchBrowser, PATIENCE_MS } from '../../helpers/editor.js';
import { fakePage, type FakePage } from './raw-http.js';

const CHROMIUM = '/usr/bin/chromium';

const SESSION = {
  id: 's1',
  startedAt: '2026-03-01T08:30:00.000Z',
  seconds: 0.5,
  packets: 4,
  firstSoundMs: 342.4,
  worstLatenessMs: 3.14,
  leadInMs: 300,
  violations: [],
  mode: 'half_duplex',
  codec: 'PCMA/8000',
};

/** One second of a 440 Hz tone that swells, 16 bit, 8000 Hz, mono. */
function tone(): Buffer {
  const samples = Buffer.alloc(16_000);
  for (let i = 0; i < 8_000; i += 1) {
    samples.writeInt16LE(Math.round(i * 3.5 * Math.sin((2 * Math.PI * 440 * i) / 8_000)), i * 2);
  }
  // RIFF size 16036; fmt: PCM, 1 channel, 8000 Hz, 16000 bytes/s, 2 bytes per sample, 16 bit; data size 16000
  const head = '52494646a43e000057415645666d74201000000001000100401f0000803e000002001000' + '64617461803e0000';
  return Buffer.concat([Buffer.from(head, 'hex'), samples]);
}

describe('simulator/page in Chromium', () => {
  let browser: Browser | undefined;

  before(async function () {
    if (!existsSync(CHROMIUM)) {
      process.stdout.write(`    ${CHROMIUM} is not installed: the page was not looked at\n`);
      this.skip();
    }
    browser = await launchBrowser(CHROMIUM);
  });
  after(() => browser?.close());

  async function look(
    options: BrowserContextOptions,
    test: (tab: Page, source: FakePage, stop: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const source = fakePage();
    const server = await startWebServer({ port: 0, page: source });
    const context = await browser?.newContext({ viewport: { width: 900, height: 900 }, ...options });
    const errors: string[] = [];
    try {
      context?.setDefaultTimeout(PATIENCE_MS);
      const tab = await context?.newPage();
      assert.ok(tab);
      tab.on('pageerror', (error) => errors.push(error.message));
      tab.on('console', (line) => (line.type() === 'error' ? errors.push(line.text()) : undefined));
      tab.on('request', (request) => {
        if (!/^(http:\/\/127\.0\.0\.1:|data:)/.test(request.url())) errors.push(`asked for ${request.url()}`);
      });
      await tab.goto(`http://127.0.0.1:${server.port}/`);
      await test(tab, source, () => server.stop());
      assert.deepEqual(
        errors.filter((error) => !error.includes('ERR_CONNECTION') && !error.includes('ERR_INCOMPLETE')),
        [],
      );
    } finally {
      await context?.close();
      await server.stop();
    }
  }

  const shot = async (tab: Page, name: string): Promise<void> => {
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) await tab.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  };

  it('shows a session live, then plays it', () =>
    look({ locale: 'en-US', colorScheme: 'light' }, async (tab, source) => {
      await tab.getByRole('heading', { name: 'front door' }).waitFor();
      assert.equal(await tab.locator('#address').textContent(), 'rtsp://127.0.0.1:8554/multitrans');
      await tab.getByText('Nothing yet.').waitFor();
      assert.equal(await tab.getByRole('status').innerText(), 'Quiet');
      await shot(tab, 'empty');

      source.wavs.set('s1', tone().subarray(0, 8_044));
      source.state = { ...source.state, talking: true, sessions: [SESSION] };
      source.changed();
      await tab.getByText('Someone is talking').waitFor();
      await tab.getByText('Live', { exact: true }).waitFor();
      assert.equal(await tab.locator('audio').isVisible(), false);
      assert.equal(await tab.getByText('Nothing yet.').isVisible(), false);
      await tab.waitForFunction(hasDrawn);
      await shot(tab, 'live');

      source.wavs.set('s1', tone());
      source.state = { ...source.state, talking: false, sessions: [{ ...SESSION, seconds: 1.024, packets: 8 }] };
      source.changed();
      await tab.getByText('Quiet').waitFor();
      await tab.getByRole('img', { name: /^Waveform of / }).waitFor();
      const numbers = (await tab.locator('dl').innerText()).split(/\s*\n\s*/);
      assert.deepEqual(numbers, [
        ...['Length', '1.02 s', 'Packets', '8', 'First sound', '342 ms', 'Latest packet', '3.1 ms'],
        ...['Lead-in', '300 ms', 'Mode', 'half_duplex', 'Codec', 'PCMA/8000'],
      ]);
      await tab.getByText('No violations').waitFor();
      const player = tab.locator('audio[src*="heard/s1.wav"]');
      await player.waitFor();
      const duration = await player.evaluate(playToTheEnd);
      assert.equal(duration, 1);
      await shot(tab, 'played');
    }));

  it('keeps a player when another session comes, newest first, with its violations', () =>
    look({ locale: 'en-US', colorScheme: 'dark' }, async (tab, source) => {
      source.wavs.set('s1', tone()).set('s2', tone());
      source.state = { ...source.state, sessions: [SESSION] };
      source.changed();
      await tab.locator('audio[src*="heard/s1.wav"]').evaluate((player: any) => (player.dataset.kept = 'yes'));
      const violations = ['sequence number 7 follows 5', '<b>packet</b> 12 is 140 ms late'];
      const second = { ...SESSION, id: 's2', startedAt: '2026-03-01T08:31:00.000Z', firstSoundMs: null, violations };
      source.state = { ...source.state, sessions: [SESSION, second] };
      source.changed();
      await tab.locator('audio[src*="heard/s2.wav"]').waitFor();
      const players = tab.locator('audio');
      assert.match((await players.nth(0).getAttribute('src')) ?? '', /s2/);
      assert.equal(await players.nth(1).getAttribute('data-kept'), 'yes');
      assert.deepEqual(await tab.locator('article').nth(0).locator('li').allInnerTexts(), violations);
      await shot(tab, 'dark');
      source.state = { ...source.state, sessions: [second] };
      source.changed();
      await tab.waitForFunction(() => (globalThis as any).document.querySelectorAll('article').length === 1);
    }));

  it('speaks Chinese, and says when the simulator is gone', () =>
    look(
      { locale: 'zh-CN', colorScheme: 'light', viewport: { width: 420, height: 900 } },
      async (tab, source, stop) => {
        source.wavs.set('s1', tone());
        const session = { ...SESSION, violations: ['sequence number 7 follows 5'] };
        source.state = { ...source.state, name: '前门', sessions: [session] };
        source.changed();
        await tab.getByRole('heading', { name: '前门', exact: true }).waitFor();
        await tab.getByText('违反协议：').waitFor();
        assert.equal(await tab.locator('html').getAttribute('lang'), 'zh-CN');
        assert.equal(await tab.getByRole('status').innerText(), '安静');
        await tab.waitForFunction(hasDrawn);
        await shot(tab, 'zh');
        const words = (await tab.locator('body').innerText()).replace(
          /tplink-\w+|half_duplex|PCMA\/8000|rtsp:\S+/g,
          '',
        );
        assert.deepEqual(words.replace(session.violations[0] ?? '', '').match(/[A-Za-z]{2,}/g), null);
        await stop();
        await tab.getByRole('alert').waitFor();
        assert.equal(await tab.getByRole('alert').innerText(), '模拟器没有响应，正在重试…');
        await shot(tab, 'lost');
      },
    ));

  it('has both languages complete', () =>
    look({ locale: 'fr-FR' }, async (tab) => {
      const [english, chinese] = await tab.evaluate<string[][]>('[Object.keys(ENGLISH), Object.keys(CHINESE)]');
      assert.deepEqual(english, chinese);
      assert.equal(await tab.locator('html').getAttribute('lang'), 'en');
    }));
});

/** Whether a bar of the first canvas is taller than a third of it; silence is a line in the middle. Runs in the browser. */
function hasDrawn(): boolean {
  const canvas = (globalThis as any).document.querySelector('canvas');
  if (canvas.width === 0) return false;
  const { data } = canvas.getContext('2d').getImageData(0, Math.floor(canvas.height / 3), canvas.width, 1);
  return data.some((value: number) => value > 0);
}

/** Plays muted to the end and tells the length in seconds. Runs in the browser. */
async function playToTheEnd(player: any): Promise<number> {
  player.muted = true;
  await player.play();
  await new Promise((resolve) => player.addEventListener('ended', resolve));
  return player.duration;
}
