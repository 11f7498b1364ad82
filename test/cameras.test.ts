// The cards of the cameras in test/fixtures/cameras, and the READMEs' table that is made of them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCameras, type CameraCard } from '../scripts/camera-table.js';
import { READMES, cameraCards, folderName, reportFiles } from '../scripts/fixture.js';
import { throwIfReal } from '../scripts/real-addresses.js';
import { Redactor } from '../src/capture/redactor.js';

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

  const REAL = [
    ['an IPv4 address', '10.0.0.7'],
    ['an IPv6 address', 'fd00::1234'],
    ['a MAC address', 'A4-2B-B0-00-11-22'],
    ['one with colons', 'a4:2b:b0:00:11:22'],
    ['one with dots', 'a42b.b000.1122'],
    ['one in a name', 'TL-IPC_A42BB0001122'],
    ['one in a UUID', '96fa3da3-1d1d-11b2-8000-a42bb0001122'],
    ['one for an address', 'A4%3A2B%3AB0%3A00%3A11%3A22'],
  ] as const;
  const answer = (real: string): string =>
    `RTSP/1.0 200 OK\r\nX-Odd: 192.0.2.1\r\nX-At: ${real}\r\n\r\n{"alias":"by ${real}"}`;

  for (const [what, real] of REAL) {
    it(`refuses ${what} that may be real, and takes what the package makes of it`, () => {
      const files = (text: string): object => ({ ...whole, '001-response-200.rtsp': text });
      assert.throws(() => reportFiles(report(files(answer(real)))), {
        code: 'TALK_ERR_ARGUMENT',
        message: /^001-response-200\.rtsp, line 3: there is an address that may be somebody's\. .{20,150}$/,
      });
      const redactor = new Redactor({ hosts: ['cam'], logins: [] }, [answer(real)]);
      assert.ok(reportFiles(report(files(redactor.message(answer(real))))).has('001-response-200.rtsp'));
    });
  }

  it('may hold versions, numbers and sound that look alike', () => {
    const numbers = 'RTSP/1.0 200 OK\r\nSession: 123456789012\r\nServer: gSOAP/1.0.15.2\r\nc=IN IP4 0.0.0.0\r\n\r\n';
    const files = { ...whole, '001-response-200.rtsp': numbers, '002-frames.bin': '10.0.0.7' };
    assert.equal(reportFiles(report(files)).size, 4);
  });

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

  for (const folder of cards.keys()) {
    const path = join(ROOT, 'test', 'fixtures', 'cameras', folder);
    if (!existsSync(join(path, 'capture.json'))) continue;
    it(`holds nobody's address in ${folder}`, () => {
      throwIfReal(new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name))])));
    });
  }

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
