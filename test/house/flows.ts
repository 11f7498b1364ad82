// The flows of the house: what a tplink-talk node does with messages, without Node-RED.
import { parseFormat } from '../../src/sound/format.js';
import type { AudioSource } from '../../src/audio/source.js';
import type { Clock } from '../../src/clock.js';
import type { Pool } from '../../src/engine/pool.js';
import { isTalkError } from '../../src/errors.js';
import type { TalkOutcome, TalkState } from '../../src/talk/states.js';
import { LiveFeeds, type Begun } from '../../nodes/talk/live-feeds.js';
import type { LiveChunk } from '../../nodes/talk/request.js';
import { isOver, textOf, type Draft, type End, type Message, type Part } from './message.js';
import type { Room } from './room.js';
import { BLOCK_MS, soundOf } from './sound.js';

const ALAW = parseFormat('alaw');
/** Blocks of a live chunk, about 100 ms. */
const CHUNK_BLOCKS = 133;
const HEAVY = heavyWav(60 * 1024 * 1024);

export interface FlowsDeps {
  readonly clock: Clock;
  readonly trace: (text: string) => void;
  readonly onEnd: (part: Part) => void;
}

export class Flows {
  readonly messages: Message[] = [];
  readonly #deps: FlowsDeps;
  #feeds: LiveFeeds;
  #closing = new AbortController();
  /** The latest message of each source of live sound that still gives something. */
  readonly bridges = new Map<Message, Message>();

  constructor(deps: FlowsDeps) {
    this.#deps = deps;
    this.#feeds = new LiveFeeds({ clock: deps.clock });
  }

  /** Aborts when the flows are deployed again; ours to be looked at for listeners that were left. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Bytes that messages brought and hold. */
  get heldBytes(): number {
    const held = ({ kind, parts }: Message): boolean => kind === 'heavy' && parts.some((part) => !isOver(part));
    return this.messages.filter(held).length * HEAVY.length;
  }

  get unfinished(): Message[] {
    return this.messages.filter(({ parts }) => parts.some(({ end }) => end === undefined));
  }

  deploy(): void {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#feeds.end();
    this.#feeds = new LiveFeeds({ clock: this.#deps.clock });
  }

  send(pool: Pool, draft: Draft): Message {
    const message = this.#message(draft);
    const { kind, id, blocks } = message;
    if (kind === 'clip') {
      message.given = blocks;
      void this.#speak(pool, message, { kind: 'bytes', bytes: soundOf(id, 0, blocks), format: ALAW });
    } else if (kind === 'heavy') {
      void this.#speak(pool, message, { kind: 'bytes', bytes: HEAVY });
    } else if (kind === 'mute') {
      void this.#speak(pool, message, { kind: 'live', chunks: silentStream(), format: ALAW });
    } else void this.#feed(pool, message);
    return message;
  }

  /** Chunks of one id, as a listen node gives them, at their pace. What goes on after a failure is a message of its own. */
  async #feed(pool: Pool, first: Message): Promise<void> {
    const { clock } = this.#deps;
    const cameras = first.rooms.map(({ settings }) => settings);
    const closing = this.closing;
    const feeds = this.#feeds;
    this.bridges.set(first, first);
    const start = clock.now();
    let message = first;
    for (let at = 0; at < first.blocks && !closing.aborted; at += CHUNK_BLOCKS) {
      const blocks = Math.min(CHUNK_BLOCKS, first.blocks - at);
      const last = at + blocks === first.blocks;
      const chunkOf = ({ id, given }: Message): LiveChunk => {
        return { id: String(first.id), bytes: soundOf(id, given, given + blocks), last, format: ALAW };
      };
      const goesOn = feeds.goesOn(chunkOf(message), cameras, undefined);
      if (!goesOn && at > 0)
        this.bridges.set(first, (message = this.#message({ ...first, blocks: first.blocks - at })));
      const chunk = chunkOf(message);
      message.given += blocks;
      message.givenAt.push({ upTo: message.given, at: clock.now() });
      if (!goesOn) this.#live(pool, message, feeds.begin(chunk, cameras, undefined));
      await clock.wait(start + (at + blocks) * BLOCK_MS - clock.now());
    }
    this.bridges.delete(first);
  }

  #live(pool: Pool, message: Message, { feed, failed }: Begun): void {
    void this.#speak(pool, message, { kind: 'live', chunks: feed, bridge: true, format: ALAW }).then(() => {
      for (const { end } of message.parts) if (end?.how === 'failed') failed(end.error);
      feed.discard();
    });
  }

  async #speak(pool: Pool, message: Message, source: AudioSource): Promise<void> {
    const { parts, owner, priority, whenBusy, maxQueue, retries, retrySeconds, maxWaitSeconds } = message;
    let results: PromiseSettledResult<TalkOutcome>[];
    try {
      results = await pool.speak(
        parts.map(({ room }) => room.settings),
        [source],
        {
          owner,
          priority,
          whenBusy,
          maxQueue,
          retries,
          retrySeconds,
          maxWaitSeconds,
          signal: this.closing,
          onState: (state, index) => this.#tell(parts[index] as Part, state),
        },
      );
    } catch (reason) {
      results = parts.map(() => ({ status: 'rejected', reason }));
    }
    parts.forEach((part, index) => this.#end(part, results[index] as PromiseSettledResult<TalkOutcome>));
  }

  #message(draft: Draft): Message {
    const id = this.messages.length;
    const message: Message = { ...draft, id, sentAt: this.#deps.clock.now(), parts: [], givenAt: [], given: 0 };
    for (const room of draft.rooms) {
      const part: Part = {
        message,
        room,
        password: room.settings.password,
        before: [...room.pending].filter((other) => !isOver(other)),
        stateEndedAt: undefined,
        connectingAt: undefined,
        attempts: 0,
        begun: false,
        soundAt: undefined,
        end: undefined,
      };
      message.parts.push(part);
      room.parts.push(part);
      room.pending.add(part);
    }
    this.messages.push(message);
    return message;
  }

  #tell(part: Part, state: TalkState): void {
    const now = this.#deps.clock.now();
    const { id } = part.message;
    this.#deps.trace(`${part.room.device.name}: #${id} ${JSON.stringify(state)}`);
    if (part.stateEndedAt !== undefined) this.#deps.trace(`${part.room.device.name}: #${id} was over already!`);
    part.begun = true;
    if (state.name === 'waiting' || state.name === 'retrying') part.connectingAt = part.soundAt = undefined;
    if (state.name === 'connecting') {
      part.connectingAt = now;
      part.attempts += 1;
    }
    if (state.name === 'finished' || state.name === 'stopped' || state.name === 'failed') {
      part.stateEndedAt = now;
      part.room.aliveAt = now;
    }
  }

  #end(part: Part, result: PromiseSettledResult<TalkOutcome>): void {
    const end = ended(result, part.stateEndedAt ?? (part.begun ? this.#deps.clock.now() : part.message.sentAt));
    part.end = end;
    part.room.pending.delete(part);
    const why =
      end.how === 'spoken' ? `${end.report.attempts} attempts` : end.how === 'cut' ? end.by : textOf(end.error);
    this.#deps.trace(`${part.room.device.name}: #${part.message.id} ${end.how}: ${why}`);
    this.#deps.onEnd(part);
  }
}

function ended(result: PromiseSettledResult<TalkOutcome>, at: number): End {
  if (result.status === 'fulfilled') {
    const outcome = result.value;
    if (outcome.outcome === 'quiet') throw new Error('No camera of this house has quiet hours');
    return outcome.outcome === 'spoken'
      ? { how: 'spoken', at, report: outcome.report }
      : { how: 'cut', at, by: outcome.by };
  }
  const reason: unknown = result.reason;
  if (!isTalkError(reason)) throw reason;
  return { how: 'failed', at, error: reason };
}

/** A stream whose source hangs before it gave anything. */
async function* silentStream(): AsyncGenerator<Uint8Array> {
  await new Promise(() => undefined);
  yield new Uint8Array(0);
}

/** So many milliseconds of sound, in blocks. */
export function blocksOf(ms: number): number {
  return Math.max(1, Math.round(ms / BLOCK_MS));
}

/** The rooms whose settings would be named together. */
export function namesOf(rooms: readonly Room[]): string {
  return rooms.map(({ device }) => device.name).join('+');
}

/** 100 ms of silence behind so many bytes that are no sound. Nobody writes to them, so that they cost address space alone. */
function heavyWav(bytes: number): Buffer {
  const wav = Buffer.alloc(bytes);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(bytes - 8, 4);
  wav.write('WAVEfmt \x10\0\0\0\x06\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0junk', 8, 'latin1');
  wav.writeUInt32LE(bytes - 52 - 800, 40);
  wav.write('data', bytes - 808);
  wav.writeUInt32LE(800, bytes - 804);
  return wav.fill(0xd5, bytes - 800);
}
