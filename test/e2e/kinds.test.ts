// Thirty-two kinds of camera on real sockets and the real clock, all at the same time: those that are heard whole, and those that are told by their code.
import assert from 'node:assert/strict';
import { audioSources } from '../../src/audio/source.js';
import { cameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import type { TalkErrorCode } from '../../src/errors.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import type { SpeakOptions } from '../../src/talk/options.js';
import { smallBuffer, type SmallBuffer } from '../helpers/small-buffer.js';

const PASSWORD = 'Only4Tests!';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
/** A-law of digital silence (G.711). */
const SILENCE = new Set([0xd5, 0x55]);

interface Heard {
  readonly behaviors: readonly string[];
  readonly dialect?: 'vigi';
  /** Clips, one second each; 1. */
  readonly clips?: number;
  /** Talk sessions it takes; 1. */
  readonly sessions?: number;
}

const HEARD: Readonly<Record<string, Heard>> = {
  'asks for Basic first': { behaviors: ['challenge-basic-first'] },
  'asks for Digest first': { behaviors: ['challenge-digest-first'] },
  'asks for Digest alone': { behaviors: ['challenge-digest-only'] },
  'asks for nothing': { behaviors: ['no-challenge'] },
  'asks for SHA-256': { behaviors: ['vigi'] },
  'asks for MD5 with qop': { behaviors: ['md5-qop'] },
  'splits its answers': { behaviors: ['split-bytes'] },
  'glues frames to its answer': { behaviors: ['glued-frame'] },
  'talks back': { behaviors: ['downlink-frames', 'downlink-json', 'downlink-garbage'] },
  'is slow': { behaviors: ['slow'] },
  'writes JSON with blanks': { behaviors: ['json-blanks'] },
  'writes error_code at the top': { behaviors: ['error-code-flat'] },
  'writes error_code as text': { behaviors: ['error-code-string'] },
  'writes lower case': { behaviors: ['lower-case-headers'] },
  'names a time-out': { behaviors: ['session-timeout'] },
  'gives no session': { behaviors: ['missing-session'] },
  'is busy once': { behaviors: ['busy-1'] },
  'resets in the middle': { behaviors: ['reset:4@1'], sessions: 2 },
  'hangs up in the middle': { behaviors: ['hang-up:4@1'], sessions: 2 },
  'loops its microphone back': { behaviors: ['downlink-loop'] },
  'takes one connection at a time': { behaviors: ['one-connection'], clips: 2, sessions: 2 },
  'knows half duplex alone': { behaviors: ['refuses-mode:full_duplex', 'refuses-mode:aec'] },
  // Beside the thirty-two: answers that bug reports tell of.
  'tells no length': { behaviors: ['no-content-length'] },
  'is busy once without a length': { behaviors: ['busy-without-length:1'] },
  'writes a zero byte behind its JSON': { behaviors: ['nul-after-json'] },
  'writes a line that is no header': { behaviors: ['bad-header-line'] },
  'has all of these': { behaviors: ['no-content-length', 'bad-header-line', 'nul-after-json', 'split-bytes'] },
};

interface Told {
  readonly behaviors: readonly string[];
  readonly code: TalkErrorCode;
  readonly text: RegExp;
  /** Passwords it gets to see, of two messages; 0. */
  readonly logins?: number;
}

const TOLD: Readonly<Record<string, Told>> = {
  'is busy': { behaviors: ['busy'], code: 'TALK_ERR_BUSY', text: /-52411/, logins: 2 },
  'is locked': { behaviors: ['locked'], code: 'TALK_ERR_AUTH', text: /refused the user name or password/, logins: 1 },
  'answers 405': { behaviors: ['no-multitrans'], code: 'TALK_ERR_UNSUPPORTED', text: /405/ },
  'answers 400': { behaviors: ['bad-request'], code: 'TALK_ERR_UNSUPPORTED', text: /400/ },
  'answers with noise': { behaviors: ['noise'], code: 'TALK_ERR_PROTOCOL', text: /garbage: 10\d\d bytes/ },
  'talks noise': { behaviors: ['noise:talk'], code: 'TALK_ERR_PROTOCOL', text: /garbage: 10\d\d bytes/, logins: 2 },
  'has a huge header': { behaviors: ['huge-header'], code: 'TALK_ERR_PROTOCOL', text: /line of more than 4096/ },
  'has an endless header': { behaviors: ['endless-header'], code: 'TALK_ERR_PROTOCOL', text: /line of more than 4096/ },
  'has endless headers': { behaviors: ['endless-headers'], code: 'TALK_ERR_PROTOCOL', text: /more than 64 headers/ },
  'is silent': { behaviors: ['silent'], code: 'TALK_ERR_TIMEOUT', text: /did not answer the first request/ },
  'closes at once': { behaviors: ['close-after-accept'], code: 'TALK_ERR_CLOSED', text: /dropped the connection/ },
  // Beside the thirty-two.
  'is busy without a length': { behaviors: ['busy-without-length'], code: 'TALK_ERR_BUSY', text: /-52411/, logins: 2 },
  'redirects': { behaviors: ['redirect'], code: 'TALK_ERR_PROTOCOL', text: /302, a redirect to rtsp:\/\/192\.0\.2\.1:554\/elsewhere,/ }, // prettier-ignore
  'asks for MD5-sess': { behaviors: ['md5-sess'], code: 'TALK_ERR_UNSUPPORTED', text: /with MD5-sess/ },
  'asks for auth-int': { behaviors: ['auth-int'], code: 'TALK_ERR_UNSUPPORTED', text: /with .*auth-int/ },
};

/** Stretches of 10 ms, no two neighbours alike, so that what is lost, doubled or swapped shows. */
function clip(ms: number, seed: number): Buffer {
  const bytes = Buffer.alloc(ms * 8);
  for (let at = 0; at < bytes.length; at++) bytes[at] = 0xa0 + ((Math.floor(at / 80) * 7 + seed) % 15);
  return bytes;
}

const soundOf = (audio: Buffer): Buffer => audio.filter((code) => !SILENCE.has(code)) as Buffer;

describe('thirty-two kinds of camera', () => {
  const pool = new Pool();
  const cameras: SimulatedCamera[] = [];
  const relays: SmallBuffer[] = [];
  const outcomes = new Map<string, Promise<unknown>>();

  async function simulate(behaviors: readonly string[]): Promise<SimulatedCamera> {
    // When packets come on the real clock is not this test's business.
    const camera = new SimulatedCamera({ password: PASSWORD, behaviors, maxAheadMs: 60_000, maxGapMs: 60_000 });
    cameras.push(camera);
    await camera.start();
    return camera;
  }

  /** The error of the one camera, if there was one, and the report. */
  async function say(
    port: number,
    sound: Buffer,
    options: SpeakOptions,
  ): Promise<{ error?: unknown; attempts?: number }> {
    const camera = cameraOptions({ host: '127.0.0.1', port, password: PASSWORD, idleMs: 0, drainMs: 0 });
    const [result] = await pool.speak([camera], audioSources(sound, ALAW), options);
    if (result?.status === 'rejected') return { error: result.reason };
    assert.ok(result?.value.outcome === 'spoken');
    return { attempts: result.value.report.attempts };
  }

  async function hear({ behaviors, clips = 1, sessions = 1 }: Heard): Promise<void> {
    const camera = await simulate(behaviors);
    const sounds = Array.from({ length: clips }, (_, n) => clip(1_000, n));
    for (const sound of sounds) {
      assert.equal((await say(camera.port, sound, {})).error, undefined);
      await camera.waitForTalkEnd(camera.sessions.length);
    }
    assert.equal(camera.sessions.length, sessions);
    // A session that broke off held the beginning of the clip that the next one says again.
    const whole = camera.sessions.slice(-clips);
    const heard = Buffer.concat(whole.map((recording) => soundOf(recording.audio())));
    assert.ok(heard.equals(Buffer.concat(sounds)), `${heard.length} bytes of ${8_000 * clips}`);
    assert.deepEqual(camera.violations, []);
    assert.equal(camera.loginFailures, 0);
  }

  async function tell({ behaviors, code, text, logins = 0 }: Told): Promise<void> {
    const camera = await simulate(behaviors);
    const { error } = await say(camera.port, clip(1_000, 0), { retries: 0 });
    assert.equal(Object(error).code, code, String(error));
    assert.match(String(error), text);
    assert.doesNotMatch(String(error), /secret|Only4Tests/);
    // Once more: what is known of a password by now holds.
    await say(camera.port, clip(1_000, 1), { retries: 0 });
    const shown = camera.requests.filter(({ headers }) => headers.some(([name]) => name === 'Authorization'));
    assert.equal(shown.length, logins, 'passwords shown');
    assert.equal(camera.sessions.length, 0);
  }

  /** A camera that reads no more after `packets`, on its first `times` connections. True: with 8 KiB in front of it. */
  async function stall(packets: number, times: number, options: SpeakOptions): Promise<boolean> {
    const camera = await simulate([]);
    // What opens the talk has about 900 bytes, each packet 1024 and 16 of headers.
    const relay = await smallBuffer(camera.port, 900 + packets * 1_040, times);
    if (relay === undefined) return false;
    relays.push(relay);
    const sound = clip(7_000, 3);
    const { error, attempts } = await say(relay.port, sound, options);
    if (options.retries === 0) {
      assert.equal(Object(error).code, 'TALK_ERR_STALLED', String(error));
      return true;
    }
    assert.deepEqual([error, attempts], [undefined, times + 1]);
    assert.ok(soundOf(camera.sessions.at(-1)?.audio() ?? Buffer.alloc(0)).equals(sound));
    return true;
  }

  const STALLS = {
    'with 8 KiB stops reading after 20 packets of 7 s: STALLED': () => stall(20, 9, { retries: 0 }),
    'with 8 KiB stops reading 3 s before the end: STALLED': () => stall(33, 9, { retries: 0 }),
    'with 8 KiB stops reading once: said again, whole': () => stall(20, 1, {}),
  } as const;

  before(() => {
    const begin = (name: string, run: Promise<unknown>): void => {
      run.catch(() => undefined);
      outcomes.set(name, run);
    };
    for (const [name, kind] of Object.entries(HEARD)) begin(name, hear(kind));
    for (const [name, kind] of Object.entries(TOLD)) begin(name, tell(kind));
    if (process.platform === 'linux') for (const [name, run] of Object.entries(STALLS)) begin(name, run());
  });
  after(async () => {
    await pool.destroy();
    await Promise.all([...relays.map((relay) => relay.close()), ...cameras.map((camera) => camera.stop())]);
  });

  describe('heard whole: one that', () => {
    for (const name of Object.keys(HEARD)) it(name, () => outcomes.get(name));
  });

  describe('told by its code: one that', () => {
    for (const [name, { code }] of Object.entries(TOLD)) it(`${name}: ${code}`, () => outcomes.get(name));
  });

  describe('told or said again: one that', () => {
    for (const name of Object.keys(STALLS)) {
      it(name, async function () {
        // Send queues show on Linux only, and only Python sets the size of a receive buffer.
        if ((await outcomes.get(name)) !== true) this.skip();
      });
    }
  });
});
