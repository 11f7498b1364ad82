// The admin routes of the own sounds in a real Node-RED: who may do what, what is refused, and that nothing outside the folder is touched. Needs `npm run build` before.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { startNodeRed, type RunningNodeRed } from '../../scripts/node-red-process.js';
import { CHIMES, MAX_SOUND_BYTES, MAX_SOUNDS } from '../../src/index.js';
import { adminToken } from '../helpers/admin-token.js';
import { catalogue, LANGUAGES } from '../helpers/forms.js';
import { markedWav } from '../helpers/marked-clips.js';

const PASSWORD = 'Only4Tests!';
const WAV = markedWav(0x91, 100);
const MP3 = readFileSync(join(__dirname, '..', 'fixtures', 'audio', 'speech-24k.mp3'));

describe('routes of the own sounds', () => {
  let nodeRed: RunningNodeRed;
  let folder: string;
  let tokens: Record<'reader' | 'writer', string>;

  before(async () => {
    const password = hashSync(PASSWORD, 4);
    const users = [
      { username: 'reader', permissions: 'read', password },
      { username: 'writer', permissions: ['tplink-talk.read', 'tplink-talk.write'], password },
    ];
    nodeRed = await startNodeRed({ settings: { adminAuth: { type: 'credentials', users } } });
    folder = join(nodeRed.userDir, 'tplink-talk-sounds');
    const token = (username: string): Promise<string> => adminToken(nodeRed.url, username, PASSWORD);
    tokens = { reader: await token('reader'), writer: await token('writer') };
  });
  after(async () => {
    await (nodeRed as RunningNodeRed | undefined)?.stop();
  });
  beforeEach(() => rmSync(folder, { recursive: true, force: true }));

  async function ask(
    method: string,
    name: string,
    body?: Buffer | ReadableStream,
    { who = 'writer', type = 'application/octet-stream' }: { who?: 'reader' | 'writer' | ''; type?: string } = {},
  ): Promise<{ status: number; json: any; bytes: Buffer; headers: Headers }> {
    const response = await fetch(`${nodeRed.url}/tplink-talk/sounds${name}`, {
      method,
      headers: { ...(who === '' ? {} : { Authorization: `Bearer ${tokens[who]}` }), 'Content-Type': type },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : body, duplex: 'half' }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      json: isJson ? JSON.parse(bytes.toString()) : {},
      bytes,
      headers: response.headers,
    };
  }
  const put = async (name: string, bytes: Buffer | ReadableStream = WAV): Promise<unknown[]> => {
    const { status, json } = await ask('PUT', `/${encodeURIComponent(name)}`, bytes);
    return [status, json.key ?? json.name];
  };
  const names = async (): Promise<string[]> => (await ask('GET', '')).json.map(({ name }: { name: string }) => name);

  it('store, list, give and delete', async () => {
    assert.deepEqual(await names(), []);
    for (const name of ['bell.wav', '门铃 2.mp3', 'cafe\u0301.wav', 'no_extension-1'])
      assert.deepEqual(await put(name, name.endsWith('mp3') ? MP3 : WAV), [200, name.normalize()]);
    assert.deepEqual(await names(), ['bell.wav', 'caf\u00e9.wav', 'no_extension-1', '门铃 2.mp3']);
    const given = await ask('GET', '/bell.wav', undefined, { who: 'reader' });
    assert.deepEqual([given.status, given.headers.get('Content-Type')], [200, 'audio/wav']);
    assert.ok(given.bytes.equals(WAV));
    assert.equal(given.headers.get('Content-Disposition'), 'attachment');
    assert.deepEqual(await put('bell.wav', MP3), [200, 'bell.wav']);
    assert.ok(readFileSync(join(folder, 'bell.wav')).equals(MP3));
    assert.equal((await ask('DELETE', '/bell.wav')).status, 200);
    assert.equal((await ask('DELETE', '/bell.wav')).status, 404);
    assert.deepEqual(readdirSync(folder).sort(), ['caf\u00e9.wav', 'no_extension-1', '门铃 2.mp3']);
    for (const chime of CHIMES) assert.equal((await ask('GET', `/${chime}`)).headers.get('Content-Type'), 'audio/wav');
  });

  it('ask for permission: reading to list and listen, writing to change', async () => {
    await put('bell.wav');
    for (const [method, name] of [
      ['GET', ''],
      ['GET', '/bell.wav'],
      ['PUT', '/other.wav'],
      ['DELETE', '/bell.wav'],
    ] as const) {
      const body = method === 'PUT' ? WAV : undefined;
      assert.equal((await ask(method, name, body, { who: '' })).status, 401, method + name);
      const { status } = await ask(method, name, body, { who: 'reader' });
      assert.equal(status, method === 'GET' ? 200 : 401, method + name);
    }
    assert.deepEqual(await names(), ['bell.wav']);
  });

  it('take only what a page of others cannot send', async () => {
    for (const type of ['text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded', ''])
      assert.equal((await ask('PUT', '/bell.wav', WAV, { type })).status, 415, type);
    assert.equal((await ask('POST', '/bell.wav', WAV)).status, 404);
  });

  it('refuse names that are none, lead elsewhere, or that Windows keeps', async () => {
    const secret = join(nodeRed.userDir, 'secret.wav');
    writeFileSync(secret, WAV);
    const wrong = [
      ...['../secret.wav', '..', '.', '/etc/passwd', 'a/b.wav', 'a\\b.wav', 'C:a.wav', 'a\0.wav', '.hidden.wav'],
      ...['con', 'CON.wav', 'nul.mp3', 'Com1.wav', 'lpt9', 'a.wav.', 'a.wav ', ' a.wav', 'a*.wav', 'a\n.wav'],
      ...['x'.repeat(201), '门'.repeat(67), '<b>.wav', '$(reboot).wav', '-rf'],
    ];
    for (const name of wrong) {
      const path = `/${encodeURIComponent(name).replaceAll('.', '%2e')}`;
      const { status, json } = await ask('PUT', path, WAV);
      // `.` and `..` are taken for steps by whoever sends the address.
      assert.ok((status === 400 && json.key === 'name') || (/^\.+$/.test(name) && status >= 400), `${name}: ${status}`);
      for (const method of ['GET', 'DELETE'])
        if (!/^\.+$/.test(name)) assert.equal((await ask(method, path)).status, 404, method + name);
    }
    assert.deepEqual(await names(), []);
    assert.ok(readFileSync(secret).equals(WAV));
  });

  it('follow no link out of the folder', async () => {
    const secret = join(nodeRed.userDir, 'secret.wav');
    writeFileSync(secret, WAV);
    mkdirSync(join(folder, 'deep'), { recursive: true });
    symlinkSync(secret, join(folder, 'leak.wav'));
    assert.deepEqual(await names(), []);
    assert.equal((await ask('GET', '/leak.wav')).status, 404);
    assert.equal((await ask('DELETE', '/leak.wav')).status, 404);
    assert.deepEqual(await put('leak.wav', MP3), [200, 'leak.wav']);
    assert.ok(readFileSync(secret).equals(WAV));
    assert.ok(readFileSync(join(folder, 'leak.wav')).equals(MP3));
    assert.deepEqual(await put('deep'), [409, 'name']);
  });

  it('refuse what is no sound, whatever it is called, and keep what was there', async () => {
    await put('bell.wav');
    for (const [bytes, kind] of [
      ['', 'empty'],
      ['<html></html>', 'page'],
      ['Dinner is ready', 'text'],
      ['{"error":"no model"}', 'text'],
      ['#EXTM3U\nhttp://example.org/a.mp3', 'playlist'],
      [`\x89PNG\r\n\x1a\n${'\0'.repeat(100)}`, 'picture'],
      ['%PDF-1.7', 'document'],
      ['PK\x03\x04', 'archive'],
      ['MThd\0\0\0\x06', 'notes'],
      ['\x02#!SILK_V3', 'silk'],
      ['\x7fELF\x02', 'other'],
      ['\0'.repeat(500), 'unknown'],
    ] as const) {
      const { status, json } = await ask('PUT', '/bell.wav', Buffer.from(bytes, 'latin1'));
      assert.deepEqual([status, json], [415, { key: 'format', values: { kind } }]);
      for (const language of LANGUAGES)
        assert.ok(catalogue('tplink-talk', language).has(`tplink-talk.sounds.kind.${kind}`), kind);
    }
    assert.deepEqual(readdirSync(folder), ['bell.wav']);
    assert.ok(readFileSync(join(folder, 'bell.wav')).equals(WAV));
  });

  it('bound the size of one, of all, and their number; nothing half is left', async () => {
    const large = Buffer.concat([WAV, Buffer.alloc(MAX_SOUND_BYTES - WAV.length)]);
    assert.deepEqual(await put('large.wav', large), [200, 'large.wav']);
    assert.deepEqual(await put('larger.wav', Buffer.concat([large, Buffer.alloc(1)])), [413, 'tooLarge']);
    // The answer comes through although the rest is still on its way, whether the length is told or not.
    assert.deepEqual(await put('huge.wav', Buffer.alloc(4 * MAX_SOUND_BYTES)), [413, 'tooLarge']);
    assert.deepEqual(await put('huge.wav', new Blob([Buffer.alloc(4 * MAX_SOUND_BYTES)]).stream()), [413, 'tooLarge']);
    writeFileSync(join(folder, 'by hand.wav'), WAV);
    truncateSync(join(folder, 'by hand.wav'), 9 * MAX_SOUND_BYTES);
    writeFileSync(join(folder, '.upload-left'), WAV);
    assert.deepEqual(await put('bell.wav'), [507, 'full']);
    assert.equal((await ask('GET', '/by%20hand.wav')).status, 413);
    assert.equal((await ask('DELETE', '/by%20hand.wav')).status, 200);
    for (let n = 1; n < MAX_SOUNDS; n++) writeFileSync(join(folder, `${n}.wav`), WAV);
    assert.deepEqual(await put('one more.wav'), [507, 'tooMany']);
    assert.deepEqual(await put('1.wav', MP3), [200, '1.wav']);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
  });
});
