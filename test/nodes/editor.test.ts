// Both dialogs in a real Node-RED with a real browser: shown, translated, checked, saved, deployed. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../../scripts/node-red-process.js';
import { chooseType, dialogReady, findChromium, openEditor } from '../helpers/editor.js';
import { withEditor } from '../helpers/editor-suite.js';
import { catalogue, DEFAULTS, LANGUAGES, NODE_TYPES, type NodeType } from '../helpers/forms.js';

const PACKAGE = '@camera-talk/node-red-tplink-talk';
const PASSWORD = 'Only4Tests!';
const LISTEN_PASSWORD = 'Also4Tests!';

const CHROMIUM = findChromium();

describe(CHROMIUM === undefined ? 'editor (skipped: no Chromium in /usr/bin or $CHROMIUM)' : 'editor', () => {
  const editor = withEditor();

  const get = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
    const response = await fetch(editor.nodeRed.url + path, { headers });
    assert.equal(response.status, 200, path);
    return response.text();
  };

  it('lists our icons, catalogues, help and examples', async () => {
    assert.deepEqual(JSON.parse(await get('/icons'))[PACKAGE], [
      ...['tplink-camera.svg', 'tplink-control.svg', 'tplink-listen.svg', 'tplink-talk.svg', 'tplink-voice.svg'],
    ]);
    for (const language of LANGUAGES) {
      for (const type of NODE_TYPES) {
        const served = JSON.parse(await get(`/nodes/${PACKAGE}/${type}/messages?lng=${language}`));
        const paletteLabel = catalogue(type, language).get(`${type}.paletteLabel`);
        assert.equal(served[type].paletteLabel, paletteLabel);
      }
      const html = await get('/nodes', { accept: 'text/html', 'accept-language': language });
      for (const type of NODE_TYPES) assert.ok(html.includes(`data-help-name="${type}"`));
      assert.ok(html.includes(language === 'zh-CN' ? '<h3>输入</h3>' : '<h3>Inputs</h3>'));
    }
    const listed = await get(`/library/examples/flows/${PACKAGE}/`);
    for (const file of readdirSync(join(ROOT, 'examples'))) assert.ok(listed.includes(file.replace('.json', '')), file);
  });

  for (const language of LANGUAGES) {
    it(`${language}: both dialogs open, check, save and deploy`, async () => {
      const text = (type: NodeType, key: string): string => catalogue(type, language).get(`${type}.${key}`) ?? key;
      const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, language);

      assert.equal(
        (await page.textContent('#red-ui-palette-header-tplink'))?.trim(),
        catalogue('tplink-talk', language).get('palette.label.tplink'),
      );
      const id = await dropFromPalette(page);
      const menusBefore = await page.locator('.red-ui-typedInput-options').count();
      await openDialog(page, id);
      assert.deepEqual(await fieldsOf(page, 'node-input', 'tplink-talk'), {
        ...DEFAULTS['tplink-talk'],
        ...{ camera: '_ADD_', voice: '_ADD_' },
        ...{ gain: '0', maxQueue: '20', maxSeconds: '600', streamTimeoutSeconds: '10' },
        ...{ retrySeconds: '120', maxWaitSeconds: '180', repeat: '1', repeatPause: '0', outputs: '1' },
      });
      await assertTranslated(page, text('tplink-talk', 'label.whenBusy'));

      await choose(page, '#node-input-audio', 'env', undefined);
      await page.fill('#node-input-audio + .red-ui-typedInput-container input', 'ANNOUNCEMENT');
      await choose(page, '#node-input-chime', 'builtin', 'dingdong');
      await page.fill('#node-input-gain', '99');
      assert.ok(await isMarked(page, '#node-input-gain'));
      await page.fill('#node-input-gain', '-6.5');
      assert.ok(!(await isMarked(page, '#node-input-gain')));
      await page.fill('#node-input-maxQueue', '');

      await page.click('#node-input-btn-camera-add');
      await dialogReady(page, '#node-config-input-host');
      assert.deepEqual(await fieldsOf(page, 'node-config-input', 'tplink-camera'), {
        ...DEFAULTS['tplink-camera'],
        ...{ port: '554', httpPort: '80', streamPort: '8800', packetBytes: '0', packetMs: '40', idleMs: '5000' },
        ...{ quietGain: '-12', quietPriority: '10' },
      });
      assert.equal(await page.inputValue('#node-config-input-username'), 'admin');
      assert.ok(await isMarked(page, '#node-config-input-host'));
      await page.fill('#node-config-input-host', 'two words');
      assert.ok(await isMarked(page, '#node-config-input-host'));
      await page.fill('#node-config-input-host', ' 192.168.1.60 ');
      assert.ok(!(await isMarked(page, '#node-config-input-host')));
      await page.fill('#node-config-input-port', '8554');
      await page.fill('#node-config-input-password', PASSWORD);
      for (const name of ['quietFrom', 'quietGain']) assert.ok(!(await page.isVisible(`#node-config-input-${name}`)));
      await page.selectOption('#node-config-input-quietMode', 'softer');
      assert.ok(await page.isVisible('#node-config-input-quietGain'));
      assert.equal(await page.inputValue('#node-config-input-quietFrom'), '22:00');
      await page.fill('#node-config-input-quietTo', '25:00');
      assert.ok(await isMarked(page, '#node-config-input-quietTo'));
      await page.fill('#node-config-input-quietTo', '06:30');
      await page.fill('#node-config-input-quietFrom', '');
      assert.ok(await isMarked(page, '#node-config-input-quietFrom'));
      await page.fill('#node-config-input-quietFrom', ' 23:00 ');
      for (const name of ['quietFrom', 'quietTo']) assert.ok(!(await isMarked(page, `#node-config-input-${name}`)));
      assert.ok(!(await page.isVisible('#node-config-input-leadInMs')));
      await page.click('#node-config-tplink-camera-advanced summary');
      await page.fill('#node-config-input-leadInMs', '500');
      await page.selectOption('#node-config-input-packetBytes', '2048');
      await page.check('#node-config-input-warmUp');
      await assertTranslated(page, text('tplink-camera', 'label.leadInMs'));
      await page.click('#node-config-tplink-camera-listening summary');
      await page.fill('#node-config-input-streamUrl', 'http://nas/front');
      assert.ok(await isMarked(page, '#node-config-input-streamUrl'));
      assert.ok(!(await page.isVisible('#node-config-tplink-camera-basic')));
      await page.check('#node-config-input-listenBasic');
      assert.ok(
        (await page.innerText('#node-config-tplink-camera-basic')).includes(text('tplink-camera', 'hint.listenBasic')),
      );
      // Typed and saved at once: user name and password move all the same.
      await page.fill('#node-config-input-streamUrl', ` rtsp://viewer:${LISTEN_PASSWORD}@nas:8554/front?audio `);
      await page.click('#node-config-dialog-ok');
      await page.waitForSelector('#node-config-input-host', { state: 'detached' });
      await page.click('#node-dialog-ok');
      await page.waitForSelector('#node-input-audio', { state: 'detached' });
      assert.equal(await page.locator('.red-ui-typedInput-options').count(), menusBefore);

      await deploy(page);
      const flows = await get('/flows');
      for (const secret of [PASSWORD, LISTEN_PASSWORD]) assert.ok(!flows.includes(secret));
      const saved: { id: string; type: string }[] = JSON.parse(flows);
      const talk = saved.find((node) => node.id === id) as unknown as Record<string, unknown>;
      const camera = saved.find((node) => node.id === talk['camera']) as unknown as Record<string, unknown>;
      assert.deepEqual(pick(talk, 'tplink-talk'), {
        ...DEFAULTS['tplink-talk'],
        ...{ camera: camera['id'], audio: 'ANNOUNCEMENT', audioType: 'env' },
        ...{ chime: 'dingdong', chimeType: 'builtin', gain: -6.5 },
      });
      assert.deepEqual(pick(camera, 'tplink-camera'), {
        ...DEFAULTS['tplink-camera'],
        ...{ host: '192.168.1.60', port: 8554, leadInMs: 500, packetBytes: 2048, warmUp: true },
        ...{ quietMode: 'softer', quietFrom: '23:00', quietTo: '06:30', listenBasic: true },
        streamUrl: 'rtsp://nas:8554/front?audio',
      });
      const credentials = JSON.parse(await get(`/credentials/tplink-camera/${String(camera['id'])}`));
      assert.deepEqual(credentials, {
        ...{ username: 'admin', has_password: true, listenUsername: 'viewer', has_listenPassword: true },
      });

      await openDialog(page, id);
      assert.equal(await page.inputValue('#node-input-chime'), 'dingdong');
      assert.ok((await page.innerText('.red-ui-tray')).includes(text('tplink-talk', 'chime.dingdong')));
      await page.click('#node-input-btn-camera-edit');
      await dialogReady(page, '#node-config-input-host');
      assert.ok(await page.isVisible('#node-config-input-leadInMs'), 'changed advanced settings are in sight');
      assert.equal(await page.inputValue('#node-config-input-listenPassword'), '__PWRD__');
      assert.ok(await page.isVisible('#node-config-input-listenUsername'), 'an account for listening is in sight');
      await page.click('#node-config-dialog-cancel');
      await page.click('#node-dialog-cancel');

      assert.deepEqual(problems, []);
      await page.context().close();
    });
  }

  it('the wires follow the number of outputs, each of which has its label', async () => {
    const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, 'en-US');
    const id = await dropFromPalette(page);
    const wires = `RED.nodes.getNodeLinks(${JSON.stringify(id)}).length`;
    const chooseOutputs = async (outputs: string): Promise<void> => {
      await openDialog(page, id);
      await page.selectOption('#node-input-outputs', outputs);
      await page.click('#node-dialog-ok');
      await page.waitForSelector('#node-input-outputs', { state: 'detached' });
      assert.equal(await page.evaluate(`RED.nodes.node(${JSON.stringify(id)}).outputs`), Number(outputs));
    };
    await chooseOutputs('2');
    const labels = await page.evaluate<string[]>(`(() => {
      const source = RED.nodes.node(${JSON.stringify(id)});
      const { nodes: [target] } = RED.nodes.import({ type: 'debug', z: source.z, x: 700, y: 300, wires: [] }, { generateIds: true });
      for (const sourcePort of [0, 1]) RED.nodes.addLink({ source, sourcePort, target });
      return [0, 1].map((port) => source._def.outputLabels.call(source, port));
    })()`);
    const [first, second] = ['outputLabel', 'otherOutputLabel'];
    const texts = catalogue('tplink-talk', 'en-US');
    assert.deepEqual(
      labels,
      [first, second].map((key) => texts.get(`tplink-talk.${key}`)),
    );
    assert.equal(await page.evaluate(wires), 2);
    await chooseOutputs('1');
    assert.equal(await page.evaluate(wires), 1);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it('imports every example without an unknown or invalid node', async () => {
    const { page, problems } = await openEditor(editor.browser, editor.nodeRed.url, 'en-US');
    for (const file of readdirSync(join(ROOT, 'examples'))) {
      const flow = readFileSync(join(ROOT, 'examples', file), 'utf8');
      const bad = await page.evaluate(`(() => {
        RED.nodes.import(${flow}, { generateIds: true, addFlow: false });
        const nodes = RED.nodes.filterNodes({});
        RED.nodes.eachConfig((node) => { nodes.push(node); });
        return nodes.filter((node) => node.type === 'unknown' || node.valid === false)
          .map((node) => node.type + ' ' + node.name + ' ' + (node.validationErrors || []).join());
      })()`);
      assert.deepEqual(bad, [], file);
    }
    assert.deepEqual(problems, []);
    await page.context().close();
  });
});

/** Drags the talk node onto the canvas and tells its id. */
async function dropFromPalette(page: Page): Promise<string> {
  const talkIds = 'RED.nodes.filterNodes({ type: "tplink-talk" }).map((node) => node.id)';
  const before = await page.evaluate<string[]>(talkIds);
  const palette = page.locator('[data-palette-type="tplink-talk"]');
  await palette.scrollIntoViewIfNeeded();
  const box = await palette.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(500, 300, { steps: 8 });
  await page.mouse.up();
  const added = (await page.evaluate<string[]>(talkIds)).filter((id) => !before.includes(id));
  assert.equal(added.length, 1);
  return String(added[0]);
}

async function openDialog(page: Page, id: string): Promise<void> {
  await page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
  await dialogReady(page, '#node-input-chime + .red-ui-typedInput-container');
}

/** What the fields of a dialog hold, by property. */
async function fieldsOf(page: Page, prefix: string, type: NodeType): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(DEFAULTS[type])) {
    const field = page.locator(`#${prefix}-${name}`);
    // Which properties have no field, forms.test.ts says.
    if ((await field.count()) === 0) fields[name] = value;
    else fields[name] = typeof value === 'boolean' ? await field.isChecked() : await field.inputValue();
  }
  return fields;
}

/** Picks a type of a typed input by mouse, and one of the type's options. */
async function choose(page: Page, field: string, type: string, option: string | undefined): Promise<void> {
  await chooseType(page, field, type);
  if (option === undefined) return;
  await page.click(`${field} + .red-ui-typedInput-container .red-ui-typedInput-option-trigger`);
  await page.click(`.red-ui-typedInput-options a[value="${option}"]:visible`);
}

async function isMarked(page: Page, field: string): Promise<boolean> {
  await page.dispatchEvent(field, 'change');
  return page.locator(`${field}.input-error`).isVisible();
}

async function assertTranslated(page: Page, expected: string): Promise<void> {
  const shown = await page.locator('.red-ui-tray').last().innerText();
  assert.ok(shown.includes(expected), expected);
  assert.doesNotMatch(shown, /tplink-(camera|talk)\.\w|__\w+__/);
}

async function deploy(page: Page): Promise<void> {
  await page.click('#red-ui-header-button-deploy');
  await page.waitForFunction('!RED.nodes.dirty()');
}

function pick(node: Record<string, unknown>, type: NodeType): Record<string, unknown> {
  return Object.fromEntries(Object.keys(DEFAULTS[type]).map((name) => [name, node[name]]));
}
