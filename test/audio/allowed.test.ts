// What settings.js allows to be read: folders with real links, addresses with real redirects, and which addresses are inner ones.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { allowedPath, isListed } from '../../src/audio/allowed.js';
import { fetchAudio } from '../../src/audio/fetch.js';
import { isInner } from '../../src/audio/inner-address.js';
import { rejection } from '../helpers/collect.js';

describe('allowed folders', () => {
  let base: string;
  let sounds: string;

  before(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'allowed-')));
    sounds = join(base, 'sounds');
    for (const folder of ['sounds/deep', 'sounds-of-others', 'private'])
      mkdirSync(join(base, folder), { recursive: true });
    for (const file of ['sounds/ding.wav', 'sounds/..ding.wav', 'sounds/deep/dong.wav', 'private/key'])
      writeFileSync(join(base, file), '');
    writeFileSync(join(base, 'sounds-of-others', 'a.wav'), '');
    symlinkSync(join(base, 'private'), join(sounds, 'way-out'));
    symlinkSync(join(base, 'private', 'key'), join(sounds, 'linked.wav'));
    symlinkSync(sounds, join(base, 'way-in'));
  });
  after(() => rmSync(base, { recursive: true }));

  for (const path of [
    'sounds/ding.wav',
    'sounds/..ding.wav',
    'sounds/deep/dong.wav',
    'sounds/deep/../ding.wav',
    'private/../sounds/ding.wav',
    'way-in/ding.wav',
    'sounds/missing.wav',
    'sounds',
  ]) {
    it(`hold ${path}`, async () => {
      for (const folder of [sounds, `${sounds}/`, join(base, 'way-in'), relative(process.cwd(), sounds)]) {
        const real = await allowedPath(join(base, path), { folders: ['/nowhere', folder] });
        assert.ok(real.startsWith(sounds), real);
      }
    });
  }

  for (const path of [
    'private/key',
    'private/missing',
    'sounds/../private/key',
    'sounds/way-out/key',
    'sounds/way-out/missing',
    'sounds/linked.wav',
    'sounds-of-others/a.wav',
    'sounds-of-others/missing.wav',
    '',
  ]) {
    it(`do not hold ${path === '' ? 'their parent' : path}, in the same words whether it is there`, async () => {
      const wanted = `${base}/${path}`;
      const error = await rejection(allowedPath(wanted, { folders: [sounds] }));
      assert.equal(error.code, 'TALK_ERR_SOURCE');
      assert.ok(
        error.message.endsWith('is in none of the folders that tplinkTalkAllowedFolders in settings.js allows'),
      );
    });
  }

  it('are any when undefined, none when empty, and may be the whole disk or the home folder', async () => {
    const key = join(base, 'private', 'key');
    assert.equal(await allowedPath('any/thing', {}), 'any/thing');
    assert.equal((await rejection(allowedPath(key, { folders: [] }))).code, 'TALK_ERR_SOURCE');
    assert.equal(await allowedPath(key, { folders: ['/'] }), key);
    const atHome = join(realpathSync(homedir()), 'no such sound.wav');
    for (const folder of ['~', '~/']) assert.equal(await allowedPath(atHome, { folders: [folder] }), atHome);
  });
});

describe('allowed addresses', () => {
  const cases: [prefix: string, allowed: string[], refused: string[]][] = [
    [
      'http://good.example',
      ['http://good.example', 'HTTP://Good.Example:80/a?b#c', 'http://me:secret@good.example/a'],
      [
        'https://good.example/',
        'http://good.example.evil/',
        'http://good.example@evil.example/',
        'http://good.example:8080/',
        'http://evil.example/http://good.example',
        'http://evil.example#good.example',
        'http://evil.example\\@good.example/',
        'http://sub.good.example/',
      ],
    ],
    [
      'http://good.example:8080/sounds/',
      ['http://good.example:8080/sounds/a.mp3', 'http://good.example:8080/x/../sounds/a%20b'],
      [
        'http://good.example:8080/',
        'http://good.example:8080/soundsystem',
        'http://good.example:8080/sounds/../admin',
        'http://good.example:8080/sounds/%2e%2e/admin',
        'http://good.example:8080/sounds/..%2fadmin',
        'http://good.example:8080/sounds/..%5cadmin',
        'http://good.example:8080/sounds/%zz',
        'http://good.example/sounds/a.mp3',
      ],
    ],
    [
      'https://tts.example/say?voice=anna',
      ['https://tts.example/say?voice=anna', 'https://tts.example/say?voice=anna&text=hi'],
      ['https://tts.example/say?voice=annabel', 'https://tts.example/say', 'https://tts.example/say/x?voice=anna'],
    ],
    ['http://[::1]:1880/a', ['http://[0:0::1]:1880/a/b'], ['http://[::2]:1880/a']],
    ['http://127.0.0.1', ['http://127.1/', 'http://2130706433/'], ['http://localhost/']],
    ['good.example', [], ['http://good.example/']],
  ];
  for (const [prefix, allowed, refused] of cases) {
    it(`begin with ${prefix}`, () => {
      for (const url of allowed) assert.equal(isListed(new URL(url), ['nonsense', prefix]), true, url);
      for (const url of refused) assert.equal(isListed(new URL(url), ['nonsense', prefix]), false, url);
      for (const url of allowed) assert.equal(isListed(new URL(url), []), false, url);
    });
  }
});

describe('isInner', () => {
  const IPV4 = ['127.0.0.1', '127.255.0.1', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.60'];
  const PROVIDERS = ['169.254.169.254', '100.64.0.1', '100.127.255.255'];
  const OUTSIDE = [
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '11.0.0.1',
  ];

  it('is this machine, links and private networks, also written as IPv6', () => {
    for (const address of [...IPV4, ...PROVIDERS]) {
      assert.equal(isInner(address), true, address);
      assert.equal(isInner(`::ffff:${address}`), true, address);
    }
    for (const address of ['::', '::1', 'fc00::1', 'fdff::1', 'fe80::1', 'fe80::1%eth0', 'febf::1', '::ffff:7f00:1'])
      assert.equal(isInner(address), true, address);
  });

  it('is nothing else', () => {
    for (const address of OUTSIDE) {
      assert.equal(isInner(address), false, address);
      assert.equal(isInner(`::ffff:${address}`), false, address);
    }
    for (const address of ['2001:4860:4860::8888', 'fec0::1', '::2', 'fbff::1']) {
      assert.equal(isInner(address), false, address);
    }
  });
});

// A second address of loopback, which stands for the internet; macOS has only one.
const OUTSIDE = '127.0.0.2';

describe('redirects', function () {
  if (process.platform === 'darwin') return;
  const SOUND = Buffer.from('a sound');
  const isInside = (address: string): boolean => address !== OUTSIDE && isInner(address);
  let outside: Server;
  let inside: Server;
  let calls: string[] = [];
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const at = (host: string, server: Server, path: string): string => `http://${host}:${portOf(server)}${path}`;

  before(async () => {
    const serve = (host: string): Server =>
      createServer((request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? '', 'http://h');
        calls.push(pathname);
        const to = searchParams.get('to');
        if (to === null) response.end(SOUND);
        else response.writeHead(302, { location: to }).end();
      }).listen(0, host);
    [outside, inside] = [serve(OUTSIDE), serve('127.0.0.1')];
    await Promise.all([once(outside, 'listening'), once(inside, 'listening')]);
  });
  beforeEach(() => (calls = []));
  after(() => {
    outside.close();
    inside.close();
  });

  const via = (...urls: string[]): string => urls.reduceRight((to, from) => `${from}?to=${encodeURIComponent(to)}`);

  it('from outside lead to the outside, from inside anywhere, and inner addresses may be asked', async () => {
    const [out, inn] = [at(OUTSIDE, outside, '/out'), at('127.0.0.1', inside, '/in')];
    for (const url of [inn, via(out, out), via(inn, inn), via(inn, out)]) {
      assert.deepEqual(await fetchAudio(url, { isInside }), SOUND);
    }
  });

  // Names and other ways to write an address are judged by what would be connected.
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '127.1', '0.0.0.0', '[::ffff:127.0.0.1]']) {
    it(`from outside do not lead to ${host}, where nothing is asked`, async () => {
      const [out, inn] = [at(OUTSIDE, outside, '/out'), at(host, inside, '/in')];
      for (const url of [via(out, inn), via(out, out, inn), via(at('127.0.0.1', inside, '/first'), out, inn)]) {
        const error = await rejection(fetchAudio(url, { isInside }));
        assert.equal(error.code, 'TALK_ERR_SOURCE');
        assert.match(error.message, /127\.0\.0\.2:\d+\/out redirects from outside into .*tplinkTalkAllowedUrls/);
      }
      assert.ok(!calls.includes('/in'));
    });
  }

  it('lead where the list allows, step by step', async () => {
    const [out, inn] = [at(OUTSIDE, outside, '/out'), at('127.0.0.1', inside, '/in')];
    const listed = { isInside, allowed: { urls: [out, inn] } };
    assert.deepEqual(await fetchAudio(via(out, inn), listed), SOUND);
    for (const url of [via(out, at('127.0.0.1', inside, '/other')), via(inn, out, at('localhost', inside, '/in'))]) {
      const error = await rejection(fetchAudio(url, listed));
      assert.equal(error.code, 'TALK_ERR_SOURCE');
      assert.match(error.message, /\/out redirects to an address that is none of those that tplinkTalkAllowedUrls/);
    }
    assert.match((await rejection(fetchAudio(out, { allowed: { urls: [] } }))).message, /\/out is none of those/);
    assert.equal(calls.filter((path) => path === '/other').length, 0);
  });
});
