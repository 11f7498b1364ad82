// Draws README-flow.png: the doorbell example's button and talk node in a real editor. Needs `npm run build` and Chromium.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findChromium, launchBrowser, openEditor } from '../test/helpers/editor.js';
import { ROOT, startNodeRed } from './node-red-process.js';

interface FlowNode {
  readonly type: string;
  readonly wires?: readonly (readonly string[])[];
}

const SHOWN = ['tab', 'inject', 'tplink-talk', 'tplink-camera'];
// Canvas around the nodes, CSS pixels.
const MARGIN_PX = 30;
// Sharp on displays with two device pixels for each CSS pixel.
const SCALE = 2;

async function main(): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined) throw new Error('No Chromium found; name one in CHROMIUM');
  const text = await readFile(join(ROOT, 'examples', '02 - Doorbell.json'), 'utf8');
  const flow = (JSON.parse(text) as FlowNode[])
    .filter((node) => SHOWN.includes(node.type))
    .map((node) => (node.type === 'tplink-talk' ? { ...node, wires: [[]] } : node));

  const nodeRed = await startNodeRed({ flows: flow });
  try {
    const browser = await launchBrowser(chromium);
    try {
      const { page } = await openEditor(browser, nodeRed.url, 'en-US', { width: 1200, height: 700 }, SCALE);
      const boxes = await Promise.all(
        (await page.locator('.red-ui-flow-node-group').all()).map((it) => it.boundingBox()),
      );
      const nodes = boxes.filter((box) => box !== null);
      if (nodes.length !== 2) throw new Error(`Expected two nodes on the canvas, found ${nodes.length}`);
      const left = Math.min(...nodes.map((box) => box.x)) - MARGIN_PX;
      const top = Math.min(...nodes.map((box) => box.y)) - MARGIN_PX;
      const width = Math.max(...nodes.map((box) => box.x + box.width)) + MARGIN_PX - left;
      const height = Math.max(...nodes.map((box) => box.y + box.height)) + MARGIN_PX - top;
      const path = join(ROOT, 'README-flow.png');
      const image = await page.screenshot({ path, clip: { x: left, y: top, width, height } });
      console.log(`${path}: ${image.length} bytes`);
    } finally {
      await browser.close();
    }
  } finally {
    await nodeRed.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
