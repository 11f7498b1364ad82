// A real browser on the editor of a real Node-RED (scripts/node-red-process.ts starts that one). For editor tests and screenshots.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

export interface OpenEditor {
  readonly page: Page;
  /** Uncaught exceptions, console errors, scripts that did not come and failed validators so far. */
  readonly problems: string[];
}

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Only what never comes meets it, on the busiest machine, ms. */
export const PATIENCE_MS = 120_000;

/** The browser of this machine, or nothing. `CHROMIUM` names another one. */
export function findChromium(): string | undefined {
  return [process.env['CHROMIUM'] ?? '', ...BROWSERS].find((path) => path !== '' && existsSync(path));
}

export async function launchBrowser(executablePath: string, more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath,
    timeout: PATIENCE_MS,
    args: ['--no-sandbox', '--disable-background-networking', ...more],
  });
}

/** Opens the editor in a language such as `zh-CN` and waits until our nodes are in the palette. */
export async function openEditor(
  browser: Browser,
  url: string,
  language: string,
  viewport = { width: 1400, height: 1000 },
  deviceScaleFactor = 1,
  prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
): Promise<OpenEditor> {
  const context = await browser.newContext({ locale: language, viewport, deviceScaleFactor });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || /^(Validation|Definition) error/.test(message.text())) {
      problems.push(message.text());
    }
  });
  page.on('requestfailed', (request) => {
    if (['script', 'stylesheet'].includes(request.resourceType())) problems.push(`${request.url()} did not come`);
  });
  await prepare(page);
  await page.goto(url);
  await page.waitForSelector('[data-palette-type="tplink-talk"]', { state: 'attached' });
  await page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' });
  return { page, problems };
}

/**
 * Waits for the dialog that was opened last: for `ready`, which shows that its fields are filled in, and for the focus that Node-RED gives its first
 * field a fifth of a second later. A test that types before loses its keys to that field.
 */
export async function dialogReady(page: Page, ready: string): Promise<void> {
  await page.waitForSelector(ready);
  await page.waitForFunction(`[...document.querySelectorAll('.red-ui-tray')].at(-1)?.contains(document.activeElement)`);
}

/** Chooses a type such as `env` for a typed input such as `#node-input-audio`. A menu closes when another field gets the focus meanwhile. */
export async function chooseType(page: Page, field: string, type: string): Promise<void> {
  const chosen = (): Promise<unknown> => page.evaluate(`$('${field}').typedInput('type')`);
  for (let tries = 0; (await chosen()) !== type && tries < 10; tries++) {
    await page.click(`${field} + .red-ui-typedInput-container .red-ui-typedInput-type-select`);
    await page.click(`.red-ui-typedInput-options a[value="${type}"]:visible`);
  }
}
