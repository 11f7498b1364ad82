// Hooks for tests of the editor: one Node-RED with an empty tab and one browser for all tests of a suite.
import type { Browser } from 'playwright-core';
import { startNodeRed, type NodeRedOptions, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { findChromium, launchBrowser } from './editor.js';

/** To be had from the first test on. */
export interface EditorSuite {
  nodeRed: RunningNodeRed;
  browser: Browser;
}

/** Hooks of a describe block; its tests are skipped where there is no browser. */
export function withEditor(options: NodeRedOptions = {}): EditorSuite {
  const executable = findChromium();
  const suite: Partial<EditorSuite> = {};

  before(async function () {
    if (executable === undefined) return this.skip();
    suite.nodeRed = await startNodeRed({ flows: [{ id: 'tab1', type: 'tab', label: 'empty' }], ...options });
    suite.browser = await launchBrowser(executable);
  });

  after(async () => {
    // Undefined when the tests were skipped or never got that far.
    await suite.browser?.close();
    await suite.nodeRed?.stop();
  });

  return suite as EditorSuite;
}
