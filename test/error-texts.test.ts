// No error repeats what it was sent: whatever the length of a payload, path, address, name or option, its text is short, and so are its cause and stack.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import type { NodeAPI } from 'node-red';
import fc from 'fast-check';
import { controlRequest } from '../nodes/control/request.js';
import { listenRequest, listenSettings } from '../nodes/listen/request.js';
import { joinedFailure } from '../nodes/shared/failures.js';
import { chosenCameras } from '../nodes/shared/find-cameras.js';
import { chimeSources, controlAction, liveChunk, messageSources, speakSettings } from '../nodes/talk/request.js';
import { decode } from '../src/audio/decode.js';
import { fetchAudio } from '../src/audio/fetch.js';
import { audioSources, discardSources, type AudioSource } from '../src/audio/source.js';
import { cameraOptions } from '../src/camera-options.js';
import { main } from '../src/cli/main.js';
import { monotonicClock } from '../src/clock.js';
import { isTalkError, TalkError, toTalkError } from '../src/errors.js';
import { createEngine } from '../src/index.js';
import { streamUri } from '../src/listen/uri.js';
import { recordPlan } from '../src/listen/recorder.js';
import { headerlessFormat } from '../src/sound/format.js';
import { speakOptions } from '../src/talk/options.js';
import { control } from '../src/webapi/actions.js';
import { collect } from './helpers/collect.js';

const MOST_CHARS = 400;
/** So much of what was sent in one piece is too much. */
const REPEATED_CHARS = 115;

/** What people send where something short is expected. */
const long = fc
  .tuple(
    fc.constantFrom('x', 'Hello there. ', '有人在门口', '😀', '"\\', '\0', '\r\n', 'a/', '%41', '{"a":', '../', 'é'),
    fc.integer({ min: 300, max: 30_000 }),
    fc.constantFrom(
      '',
      '/',
      'http://',
      'http://127.0.0.1:1/',
      'file:///',
      'file://h/',
      'data:',
      'ftp://',
      '~/',
      '"',
      'stream1/',
    ),
    fc.constantFrom('', '.mp3', '\n', '"', '?a=b', '=='),
  )
  .map(
    ([part, length, before, behind]) => before + part.repeat(Math.ceil(length / part.length)).slice(0, length) + behind,
  );
const base64 = fc
  .uint8Array({ minLength: 300, maxLength: 6_000 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));
const texts = fc.oneof(
  { weight: 3, arbitrary: long },
  base64,
  fc.string({ unit: 'binary', minLength: 300, maxLength: 2_000 }),
);
/** The same in everything that may be around it. */
const values = (text: string): unknown[] => [
  text,
  [text],
  [[text], 7],
  Object.fromEntries([[text, text]]),
  { encoding: text },
  { encoding: 'alaw', sampleRate: text },
  { encoding: 'alaw', [text]: 1 },
  { volume: text },
  { method: text, [text]: text },
  { until: text },
  new Map([[text, text]]),
  Buffer.from(text),
  Symbol(text),
];

function assertBrief(error: unknown, sent: string): void {
  assert.ok(isTalkError(error), String(error));
  assert.ok(error.message.length <= MOST_CHARS, `${error.message.length} characters: ${error.message}`);
  const all = inspect(error, { maxStringLength: null, depth: null, showHidden: false });
  const shown = [error.message, all, error.stack ?? '', inspect(error.cause, { maxStringLength: null })];
  for (const text of shown) {
    for (let at = 0; at + REPEATED_CHARS <= text.length; at++) {
      const piece = text.slice(at, at + REPEATED_CHARS);
      assert.ok(!sent.includes(piece), `repeats ${piece}`);
    }
  }
}

async function drain(source: AudioSource): Promise<void> {
  const options = { sampleRate: 8_000, maxSeconds: 600, clock: monotonicClock, ffmpegPath: '/nowhere/ffmpeg' };
  await collect(decode(source, options));
}

/** Without halves of characters, which no URL can hold. */
function whole(text: string): string {
  return text.replace(/\p{Cs}/gu, '?');
}

/** What Node-RED knows: cameras by this name, which cannot be used. */
function runtimeWith(name: string): NodeAPI {
  const camera = (): never => {
    throw new TalkError('TALK_ERR_ARGUMENT', 'Camera option host: expected an address');
  };
  const node = { id: 'a', type: 'tplink-camera', name, camera };
  const nodes = {
    eachNode: (each: (node: object) => void) => [1, 2, 3].forEach(() => each(node)),
    getNode: () => node,
  };
  return { nodes } as unknown as NodeAPI;
}

const CAMERA_FIELDS = [
  ...'name host port httpPort streamPort username password login dialect mode codec'.split(' '),
  ...'packetBytes packetMs encrypt leadInMs listenUsername streamUrl'.split(' '),
];
const SPEAK_FIELDS = 'priority whenBusy maxQueue maxSeconds retries gain normalize speakerVolume owner'.split(' ');
const same = (path: string): string => path;

/** Every reader of what a user may send. */
const READERS: Readonly<Record<string, (value: unknown, text: string) => unknown>> = {
  audioSources: (value) => audioSources(value),
  'audioSources with a format': (value) => audioSources(value, { encoding: 'alaw', sampleRate: 8000, channels: 1 }),
  'msg.format': (value) => headerlessFormat(value),
  'talk: payload': (value) => messageSources({}, {}, value, same),
  'talk: filename': (value) => messageSources({ filename: value }, {}, '', same),
  'talk: format': (value) => messageSources({ format: value }, {}, Buffer.from('x'), same),
  'talk: chime': (value) => chimeSources({ chime: value }, {}, same),
  'talk: the chime of the node': (value) => chimeSources({}, { chime: value, chimeType: 'builtin' }, same),
  'talk: action': (value) => controlAction({ action: value }),
  'talk: parts': (value) => liveChunk({ parts: { id: 'a' }, format: value }, Buffer.from('x')),
  'talk: settings': (value) => {
    for (const name of SPEAK_FIELDS) attempt(() => speakSettings({ [name]: value }, {}));
    for (const name of SPEAK_FIELDS) attempt(() => speakSettings({}, { [name]: value }));
  },
  'speak options': (value) => {
    for (const name of [...SPEAK_FIELDS, 'signal', 'onState']) attempt(() => speakOptions({ [name]: value }));
  },
  'camera options': (value) => {
    for (const field of CAMERA_FIELDS) attempt(() => cameraOptions({ host: 'h', [field]: value }));
  },
  'camera: name': (value, text) => chosenCameras(runtimeWith(text), [], { camera: value }),
  'camera: a known name': (value, text) => chosenCameras(runtimeWith(text), [], { camera: ['a', value] }),
  'camera: another name': (_, text) => chosenCameras(runtimeWith(text), [], { camera: 'b' }),
  'control: action': (value) => controlRequest({ action: value }, {}),
  'listen: action': (value) => listenRequest({ action: value }, listenSettings({})),
  'listen: silence': (value) => listenRequest({ action: 'record', silence: value }, listenSettings({})),
  'listen: seconds': (value) => listenRequest({ action: 'record', seconds: value }, listenSettings({})),
  'listen: settings': (value) => {
    for (const name of ['stream', 'mode', 'seconds', 'chunkMs', 'output'])
      attempt(() => listenSettings({ [name]: value }));
  },
  'listen: stream': (_, text) => streamUri({ host: 'h', port: 554 }, text),
  'listen: plan': (value) => recordPlan(value as Parameters<typeof recordPlan>[0]),
  'several cameras that failed': (_, text) => {
    const cameras = ['a', 'b', 'c'].map((name) =>
      cameraOptions({ host: 'h', name: name + text.replaceAll(/[\r\n\0]/g, '') }),
    );
    const results = cameras.map(() => ({ status: 'rejected', reason: new Error(text) }) as const);
    const coded = (error: unknown): TalkError => toTalkError(error, 'TALK_ERR_CLOSED', 'Gone');
    throw joinedFailure(results, cameras, coded, 'did not speak') ?? new Error('none');
  },
};

let check: (error: unknown) => void = () => undefined;
/** One of several readings, each of which may fail. */
function attempt(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    check(error);
  }
}

describe('error texts', () => {
  for (const [name, read] of Object.entries(READERS)) {
    it(`${name}: at most ${MOST_CHARS} characters, and no more than about 100 of what was sent`, () => {
      fc.assert(
        fc.property(texts, (text) => {
          check = (error) => assertBrief(error, text);
          for (const value of values(text)) attempt(() => read(value, text));
        }),
        { numRuns: 15 },
      );
    });
  }

  it('sounds that cannot be had', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const sources: AudioSource[] = [
          { kind: 'file', path: `/nowhere/${text}`.replaceAll('\0', '') },
          { kind: 'bytes', bytes: Buffer.from(text) },
          { kind: 'url', url: `http://127.0.0.1:1/${encodeURIComponent(whole(text))}` },
          { kind: 'live', chunks: Readable.from([text]) },
          { kind: 'live', chunks: Readable.from([Buffer.from(text)]) },
        ];
        try {
          sources.push(...audioSources(text));
        } catch (error) {
          assertBrief(error, text);
        }
        for (const source of sources) {
          await drain(source).catch((error: unknown) =>
            assertBrief(error, `${text}\n${encodeURIComponent(whole(text))}`),
          );
        }
        await fetchAudio(text).catch((error: unknown) => assertBrief(error, text));
        discardSources(sources);
      }),
      { numRuns: 15 },
    );
  });

  it('what the web interface is asked for', async () => {
    const requester = { request: () => Promise.reject(new TalkError('TALK_ERR_API', 'No')) };
    const api = requester as unknown as Parameters<typeof control>[0];
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        for (const action of ['speaker', 'microphone', 'privacy', 'clock', 'siren', 'reboot', 'request', text]) {
          for (const value of values(text)) {
            await control(api, action, value, { now: () => 0 }).catch((error: unknown) => assertBrief(error, text));
          }
        }
      }),
      { numRuns: 5 },
    );
  });

  it('the engine, with a thread and without', async () => {
    const text = 'x'.repeat(50_000);
    for (const thread of [true, false]) {
      const engine = createEngine({ thread });
      const camera = cameraOptions({ host: '127.0.0.1', port: 1 });
      try {
        for (const payload of [
          `/nowhere/${text}.mp3`.slice(0, 3_000),
          `http://127.0.0.1:1/${text}`,
          Buffer.from(text),
        ]) {
          const [result] = await engine.speak([camera], audioSources(payload), { retries: 0 });
          assert.ok(result?.status === 'rejected');
          assertBrief(result.reason, text);
        }
      } finally {
        await engine.destroy();
      }
    }
  });

  it('the command line', async () => {
    const text = 'x'.repeat(50_000);
    const lines = [
      [text],
      ['say', `--${text}`],
      ['say', '--host', text, 'a.mp3'],
      ['say', '--host', 'h', '--gain', text, 'a.mp3'],
      ['say', '--host', 'h', '--format', text, 'a.mp3'],
      ['say', '--host', 'h', `/${text}`],
      ['say', '--host', '127.0.0.1', '--port', '1', '--retries', '0', `/${text.slice(0, 3_000)}`],
      ['simulate', '--behavior', text],
    ];
    for (const args of lines) {
      let said = '';
      const err = (words: string): void => void (said += words);
      const terminal = {
        out: err,
        err,
        input: process.stdin,
        env: { TPLINK_TALK_PASSWORD: 'p' },
        signal: AbortSignal.timeout(60_000),
      };
      assert.notEqual(await main(args, terminal), 0);
      assert.ok(
        said.length < 500 && !said.includes('x'.repeat(REPEATED_CHARS)),
        `${args[0]?.slice(0, 9)}: ${said.slice(0, 700)}`,
      );
    }
  });
});
