// A capture of cameras that talk over HTTP, with each of their behaviors: it holds no secret, and a camera that repeats it comes to the same.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cameraOptions } from '../../src/camera-options.js';
import { Capture, type CaptureFiles } from '../../src/capture/capture.js';
import { prepareFolder, writeCapture } from '../../src/capture/folder.js';
import { split } from '../../src/capture/split.js';
import { securityEncode } from '../../src/security-encode.js';
import { behaviorsOf, SimulatedCamera, simulatorWeb, type SimulatorFamily } from '../../src/simulator/index.js';
import { AskedReader } from '../../src/simulator/replay/asked.js';
import { Wire } from '../../src/wire.js';
import { fakeTime } from '../faults/time.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { play, playedWith, type Command, type Played } from './played.js';

const PASSWORD = 'capture-Secret+1';
const LISTENS = { listenUsername: 'living-room', listenPassword: 'Ears4Tests!' };
/** Those of the streams and the room are the same for every camera. */
const HEARING = /^(stream|speaker|microphone|room)-/;
/** Whether the first request comes first differs from one time to the next; the last one sends more than a capture keeps. */
const NOT_REPEATED: ReadonlySet<string> = new Set(['close-after-accept', 'reset-after-accept', 'endless-part-head']);

const hash = (name: string, text: string): string => createHash(name).update(text).digest('hex');
const SECRETS = [PASSWORD, LISTENS.listenPassword].flatMap((password) => {
  const forms = [hash('md5', password), hash('sha256', password)].map((form) => form.toUpperCase());
  const secrets = [...forms, securityEncode(password)];
  const inDigest = [password, ...secrets].map((secret) => hash('md5', `admin:TP-Link IP-Camera:${secret}`));
  return [password, encodeURIComponent(password), ...secrets, ...inDigest];
});

/** Nonces, answers and ids of the sessions. */
function said({ requests }: SimulatedCamera): string[] {
  return requests.flatMap(({ headers }) =>
    headers.flatMap(([name, value]) => {
      if (/^(x-session-id|session)$/i.test(name)) return value.length < 5 ? [] : [value];
      return [...value.matchAll(/\b(?:c?nonce|response)="([^"]{6,})"/g)].map(([, secret = '']) => secret);
    }),
  );
}

type Captured = Played & { readonly settings: object };

async function captured(family: SimulatorFamily, name: string, command: Command, fields: object): Promise<Captured> {
  const time = fakeTime();
  const { clock } = time;
  const camera = new SimulatedCamera({
    clock,
    family,
    password: PASSWORD,
    ...LISTENS,
    behaviors: name === '' ? [] : [name],
    sessionId: () => '7116520596',
    httpPort: 0,
    web: simulatorWeb({ clock }),
  });
  const { port, httpPort = 0, streamPort } = await camera.start();
  try {
    const settings = { dialect: family, ...fields };
    const played = await play(
      command,
      playedWith({ ...settings, ...LISTENS, streamPort }, port, httpPort, PASSWORD),
      time,
    );
    const secrets = [...SECRETS, ...said(camera), '7116520596', '127.0.0.1', LISTENS.listenUsername];
    for (const [file, bytes] of played.files) {
      const text = bytes.toString('latin1').toLowerCase();
      const found = secrets.filter((secret) => text.includes(secret.toLowerCase()));
      assert.deepEqual(found, [], file);
    }
    return { ...played, settings };
  } finally {
    await time.until(camera.stop());
  }
}

async function replayed(command: Command, files: CaptureFiles, settings: object): Promise<string> {
  const time = fakeTime();
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  await prepareFolder(folder);
  await writeCapture(folder, files);
  const camera = new SimulatedCamera({ clock: time.clock, replay: folder, httpPort: 0 });
  try {
    const { port, httpPort = 0, streamPort } = await camera.start();
    const fields = { ...settings, listenUsername: 'any', listenPassword: 'other', streamPort };
    const { outcome } = await play(command, playedWith(fields, port, httpPort, 'any other one'), time);
    assert.deepEqual(camera.violations, []);
    return outcome;
  } finally {
    await time.until(camera.stop());
    await rm(folder, { recursive: true });
  }
}

describe('a capture of a camera of the HTTP talk', () => {
  for (const name of ['', ...Object.keys(behaviorsOf('tapo')).filter((one) => !HEARING.test(one))]) {
    it(`${name || 'no fault'}: nothing secret of say is in it, and it comes to the same when it is repeated`, async () => {
      const { outcome, files, settings } = await captured('tapo', name, 'say', {});
      if (!NOT_REPEATED.has(name)) assert.equal(await replayed('say', files, settings), outcome);
    });
  }

  for (const [family, command, fields] of [
    ['tapo', 'check', {}],
    ['tapo', 'probe', {}],
    ['tapo', 'say', { encrypt: true }],
    ['vigi-stream', 'say', {}],
    ['vigi-stream', 'probe', {}],
  ] as const) {
    it(`${family}, ${command} ${JSON.stringify(fields)}: comes to the same when it is repeated`, async () => {
      const { outcome, files, settings } = await captured(family, '', command, fields);
      assert.doesNotMatch(outcome, /TALK_ERR_(?!UNSUPPORTED)/);
      assert.equal(await replayed(command, files, settings), outcome);
    });
  }

  it('is a file for each head and each part, and of the sound the first and the last parts', async () => {
    const { files } = await captured('tapo', '', 'say', {});
    const { connections } = JSON.parse(String(files.get('capture.json')));
    const talk = connections.find(({ protocol }: { protocol: string }) => protocol === 'stream');
    const lines: string[] = talk.said.map(({ file = '', frames, end }: Record<string, string>) =>
      frames === undefined ? (end === undefined ? file.slice(4) : 'end') : `sound`,
    );
    assert.deepEqual(lines, [
      'request-post.stream',
      'response-401.stream',
      'request-post.stream',
      'response-200.stream',
      'part-json.stream',
      'part-json.stream',
      'sound',
      'part-json.stream',
      'end',
    ]);
    const sound = talk.said.find(({ frames }: { frames?: number }) => frames !== undefined);
    assert.ok(sound.frames > 30 && sound.files.length === 6);
    for (const file of sound.files)
      assert.match(String(files.get(file)), /^----client-stream-boundary--\r\nContent-Type: audio/);
  });

  it('holds no picture that came on the talk connection', () => {
    const capture = new Capture({ command: 'say', camera: cameraOptions({ host: 'cam', password: PASSWORD }) });
    const wire = new Wire('stream', new FakeClock(), capture.onWire);
    const part = (type: string, body: string): string =>
      `----device-stream-boundary--\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}\r\n`;
    wire.received(
      Buffer.from(`HTTP/1.0 200 OK\r\n\r\n${part('video/mp2t', 'A PICTURE')}${part('image/jpeg', 'ANOTHER')}`),
    );
    const all = [...capture.files({}).values()].map(String).join('\n');
    assert.doesNotMatch(all, /PICTURE|ANOTHER/);
    assert.match(all, /Content-Length: 9\r\n\r\nxxxxxxxxx/);
  });

  it('is cut into heads, parts and noise, and every byte stays', () => {
    const part = '----device-stream-boundary--\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}\r\n';
    const text = `HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n????${part}junk, ${part}----device-stream-boundary--\r\nCont`;
    const parts = split([{ at: 0, bytes: Buffer.from(text) }], 'stream');
    assert.deepEqual(
      parts.map(({ kind, name }) => `${kind} ${name}`),
      ['response 200', 'part json', 'noise ', 'part json', 'noise '],
    );
    assert.equal(Buffer.concat(parts.map(({ bytes }) => bytes)).toString(), text);
  });

  it('is read by the repeating camera at every cut', () => {
    const part = (type: string, body: string): string =>
      `----client-stream-boundary--\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}\r\n`;
    const bytes = Buffer.from(
      [
        'POST /stream HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
        part('application/json', '{"params":{"talk":{}}}'),
        part('audio/mp2t', 'G@\0tables'),
        part('audio/mp2t', 'GA\0sound'),
        part('application/json', '{"params":{"stop":"null"}}'),
      ].join(''),
    );
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new AskedReader();
      const asked = [...(reader.push(bytes.subarray(0, cut)) ?? []), ...(reader.push(bytes.subarray(cut)) ?? [])];
      assert.deepEqual(
        asked.map((one) => (one.kind === 'ask' ? one.key : one.kind)),
        ['POST /stream', 'PART talk', 'frame', 'PART stop'],
      );
    }
  });
});
