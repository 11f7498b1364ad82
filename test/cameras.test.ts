// The cards of the cameras in test/fixtures/cameras, and the READMEs' table that is made of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCameras, type CameraCard } from '../scripts/camera-table.js';
import { READMES, cameraCards, folderName, reportFiles } from '../scripts/fixture.js';

const ROOT = join(__dirname, '..');

function readme(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

describe('a report that becomes a fixture', () => {
  const whole = { 'capture.json': '{}', 'camera.json': '{}' };
  const report = (files: object): string => JSON.stringify({ tplinkTalkCapture: 1, files });

  it('gives its files', () => {
    const files = reportFiles(report({ ...whole, '001-frame.bin': { base64: '1Q==' }, '002-response-200.rtsp': 'R' }));
    assert.deepEqual(files.get('001-frame.bin'), Buffer.from([0xd5]));
    assert.deepEqual(files.get('002-response-200.rtsp'), Buffer.from('R'));
  });

  for (const [what, text] of Object.entries({
    'another JSON': '{}',
    'a file elsewhere': report({ ...whole, '../../src/index.ts': '' }),
    'a file of another kind': report({ ...whole, 'x.ts': '' }),
    'a file that is no text': report({ ...whole, '001-frame.bin': 7 }),
    'half a report': report({ 'capture.json': '{}' }),
  })) {
    it(`refuses ${what}`, () => assert.throws(() => reportFiles(text), Error));
  }

  it('is called after its model', () => {
    assert.equal(folderName({ model: 'TL-IPC44AW-COLOR 6.0' }), 'tl-ipc44aw-color-6-0');
    assert.equal(folderName({ model: '../..' }), '');
    assert.equal(folderName({}), '');
    assert.equal(folderName({ model: 7 }), '');
  });
});

describe('the table of cameras', () => {
  const cards = cameraCards();

  for (const [file, language] of READMES) {
    it(`in ${file} is what \`npm run fixture\` writes`, () => {
      assert.equal(withCameras(readme(file), [...cards.values()], language), readme(file));
    });
  }

  it('has a row for each model that was told, in both languages', () => {
    const models = [...cards.values()].map(({ model }) => model).filter((model) => model !== '');
    assert.ok(models.length > 10);
    for (const [file] of READMES) for (const model of models) assert.ok(readme(file).includes(`| ${model} |`), model);
  });

  it('keeps a strange model within its cell', () => {
    const card: CameraCard = { model: 'A | B\nC', firmware: '', sure: 'guess', seen: [{ by: 'x|y', what: ['web'] }] };
    const table = withCameras(readme('README.md'), [card], 'en');
    assert.ok(table.includes('| A \\| B C |  | x\\|y: its web log-in | concluded |'));
  });

  for (const [folder, card] of cards) {
    it(`knows the words of ${folder}/camera.json`, () => {
      assert.deepEqual(Object.keys(card), ['model', 'firmware', 'sure', 'seen']);
      assert.ok(['two', 'one', 'kin', 'guess'].includes(card.sure));
      assert.ok(card.seen.length > 0);
      const [english = '', chinese = ''] = READMES.map(([file, language]) =>
        withCameras(readme(file), [{ ...card, model: 'x' }], language),
      );
      for (const text of [english, chinese]) assert.ok(!text.includes('undefined'), text);
    });
  }
});
