// One round of the fuzz: talk and listen through a proxy that spoils what passes, then once more in peace. Everything drawn is drawn from the seed.
import { audioSources } from '../../src/audio/source.js';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { Pool } from '../../src/engine/pool.js';
import { isTalkError } from '../../src/errors.js';
import { RtspParser } from '../../src/rtsp/parser.js';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { Session } from '../../src/talk/session.js';
import { StallWatch } from '../../src/talk/stall-watch.js';
import { openSockets, unreadBytes } from '../helpers/loopback.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { randomNumbers } from '../helpers/random.js';
import { complaints } from './complaints.js';
import { Proxy } from './proxy.js';
import { fakeTime, type Time } from './time.js';

const PASSWORD = 'fuzz-Secret1';
const ALAW = { encoding: 'alaw', sampleRate: 8_000, channels: 1 } as const;
const RTP_HEADER_BYTES = 12;
/** Cameras with something to spoil. */
const CAMERAS: readonly (readonly string[])[] = [[], [], ['vigi'], ['downlink-frames'], ['downlink-json'], ['md5-qop'], ['stream-rtcp']]; // prettier-ignore
/** Part of the pieces that are changed: some connections come far, some do not. */
const SHARES = [0.02, 0.05, 0.1, 0.3];
/** Clips of one round: A-law code and ms. */
const [FIRST, SECOND, LAST] = [[0xa1, 700], [0xb1, 200], [0xb2, 300]] as const; // prettier-ignore
const RECORDED_SECONDS = 0.5;
const LISTENED_MS = 3_000;
const RETRY_SECONDS = 5;
/** Together longer than a password is held back that was not answered, ms: an hour. */
const PEACE_MS = 100_000;
const PEACES = 37;

export interface Round {
  /** Sentences; none when all is well. */
  readonly wrong: readonly string[];
  /** What was done to the bytes. */
  readonly done: readonly string[];
  /** What the clips, listening and the recording ended with. */
  readonly outcomes: readonly string[];
}

export async function playRound(seed: number): Promise<Round> {
  const random = randomNumbers(seed);
  const pick = <T>(choices: readonly T[]): T | undefined => choices[Math.floor(random() * choices.length)];
  const digits = (): string => String(Math.floor(random() * 1e9)).padStart(9, '0');
  const time = fakeTime();
  const behaviors = pick(CAMERAS) ?? [];
  const simulator = new SimulatedCamera({ clock: time.clock, password: PASSWORD, behaviors, nonce: digits, sessionId: digits, streamSessionId: digits }); // prettier-ignore
  const { port } = await simulator.start();
  const proxy = new Proxy({ clock: time.clock, port, random, share: pick(SHARES) ?? 0 });
  const camera = cameraOptions({
    host: '127.0.0.1',
    port: await proxy.start(),
    password: PASSWORD,
    packetBytes: 320,
    idleMs: 1_000,
  });
  const stallWatch = new StallWatch(time.clock, unreadBytes);
  const pool = new Pool({
    clock: time.clock,
    openSession: (one, deps, how) => Session.open(one, { ...deps, stallWatch }, how),
  });
  const user = new User(pool, camera);
  const wrong: string[] = [];
  const outcomes: string[] = [];
  try {
    outcomes.push(
      ...(await time.until(Promise.all([user.speak(FIRST), user.speak(SECOND), user.listen(time), user.record()]))),
    );
    for (const [index, [code, ms]] of [FIRST, SECOND].entries()) {
      const heard = wholeClips(proxy.sent, code, ms);
      if (outcomes[index] === 'spoken' && heard === 0) wrong.push(`clip ${index + 1} was spoken and never sent whole`);
    }
    const attempts = logIns(proxy.sent);
    // A camera that asks for a log-in and answers it with anything but 401 has taken it, or does not mind it.
    const accepted = /RTSP\/1\.0 (?!401)/.test(Buffer.concat(proxy.received).toString('latin1'));
    // Who stops listening while the answer is on its way does not want to be held back for it.
    if (!accepted && attempts > (user.stoppedLogIn ? 2 : 1))
      wrong.push(`a password that was never accepted went out ${attempts} times`);
    proxy.heal();
    for (let n = 0; n < PEACES; n++) await time.until(time.clock.wait(PEACE_MS));
    const peaceful = await time.until(Promise.all([user.speak(LAST), user.record()]));
    outcomes.push(...peaceful);
    if (peaceful[0] !== 'spoken') wrong.push(`afterwards the clip ended with ${peaceful[0]}`);
    const heard = simulator.sessions.flatMap(marksIn).filter(([code, ms]) => code === LAST[0] && ms === LAST[1]).length;
    if (heard !== 1) wrong.push(`the clip afterwards was heard ${heard} times`);
    if (peaceful[1] !== `${RECORDED_SECONDS} s`) wrong.push(`afterwards the recording ended with ${peaceful[1]}`);
    wrong.push(...outcomes.filter((outcome) => outcome.includes(':')));
    if (user.ends !== user.asked) wrong.push(`${user.asked} were asked for and ${user.ends} ended`);
  } catch (error) {
    wrong.push(String(error));
  }
  await time.until(pool.destroy());
  await time.until(proxy.stop());
  await time.until(simulator.stop());
  wrong.push(...(await time.left()), ...complaints());
  if (openSockets() > 0) wrong.push(`${openSockets()} sockets are left`);
  return { wrong, done: proxy.done, outcomes };
}

/** Somebody who asks a pool for things: each ends with a word. */
class User {
  asked = 0;
  ends = 0;
  /** Whether listening was stopped between a password and the answer to it. */
  stoppedLogIn = false;

  constructor(
    private readonly pool: Pool,
    private readonly camera: CameraOptions,
  ) {}

  speak([code, ms]: readonly [number, number]): Promise<string> {
    const sources = audioSources(marked(code, ms), ALAW);
    const options = { retrySeconds: RETRY_SECONDS };
    return this.#ending(
      this.pool.speak([this.camera], sources, options).then(([result]) => {
        if (result?.status === 'fulfilled') return result.value.outcome;
        throw result?.reason;
      }),
    );
  }

  record(): Promise<string> {
    const microphone = this.pool.microphone(this.camera, { stream: 'stream1', chunkMs: 100 });
    return this.#ending(
      microphone.record({ until: 'full', seconds: RECORDED_SECONDS }).then(({ seconds }) => `${seconds} s`),
    );
  }

  /** Listens for a while. */
  listen({ clock }: Time): Promise<string> {
    let state = '';
    const onState = ({ name }: { name: string }): void => void (state = name);
    const microphone = this.pool.microphone(this.camera, { stream: 'stream1', chunkMs: 100, onState });
    const listening = this.#ending(microphone.start().then(() => 'listened'));
    void clock.wait(LISTENED_MS).then(() => {
      this.stoppedLogIn = state === 'authenticating';
      return microphone.stop();
    });
    return listening;
  }

  async #ending(promise: Promise<string>): Promise<string> {
    this.asked += 1;
    try {
      return await promise;
    } catch (error) {
      return isTalkError(error)
        ? error.code
        : `no error of ours: ${error instanceof Error ? (error.stack ?? '') : String(error)}`;
    } finally {
      this.ends += 1;
    }
  }
}

/** How often the client sent all of a clip on one connection. */
function wholeClips(connections: readonly (readonly Buffer[])[], code: number, ms: number): number {
  let whole = 0;
  for (const sent of connections) {
    const sound = new RtspParser()
      .push(Buffer.concat(sent))
      .flatMap((message) => (message.kind === 'interleaved' ? [message.payload.subarray(RTP_HEADER_BYTES)] : []));
    let bytes = 0;
    for (const byte of [...Buffer.concat(sound), -1]) {
      if (byte === code) bytes += 1;
      else {
        if (bytes === ms * 8) whole += 1;
        bytes = 0;
      }
    }
  }
  return whole;
}

/** How often the client answered a challenge of its own accord. */
function logIns(connections: readonly (readonly Buffer[])[]): number {
  const answered = connections.flatMap((sent, connection) =>
    [
      ...Buffer.concat(sent)
        .toString('latin1')
        .matchAll(/^Authorization:.*nonce="([^"]*)"/gim),
    ].map(([, nonce = '']) => `${connection} ${nonce}`),
  );
  return new Set(answered).size;
}
