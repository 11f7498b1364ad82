// Message and node configuration -> what is to be done. Pure; throws TALK_ERR_ARGUMENT. Evaluating typed inputs and finding cameras is the node's.
import {
  CHIMES,
  SPEAK_DEFAULTS,
  SPEAK_RANGES,
  TalkError,
  VOICE_DEFAULTS,
  WHEN_BUSY,
  asBuffer,
  audioSources,
  discardSources,
  given,
  headerlessFormat,
  invalid,
  readChoice,
  readFlagOrText,
  readNumberOrText,
  readRepeat,
  readText,
  wholeWav,
  type AudioFormat,
  type AudioSource,
  type Repeat,
  type VoiceOptions,
  type WhenBusy,
} from '../../src/index.js';
import type { MessageFields } from '../shared/message.js';

/** The properties of a tplink-talk node, as the editor stores them. */
export interface TalkConfig {
  readonly audioType?: unknown;
  readonly chime?: unknown;
  readonly chimeType?: unknown;
  readonly gain?: unknown;
  readonly normalize?: unknown;
  readonly speakerVolume?: unknown;
  readonly whenBusy?: unknown;
  readonly maxQueue?: unknown;
  readonly maxSeconds?: unknown;
  readonly streamTimeoutSeconds?: unknown;
  readonly retries?: unknown;
  readonly retrySeconds?: unknown;
  readonly maxWaitSeconds?: unknown;
  readonly repeat?: unknown;
  readonly repeatPause?: unknown;
}

export type ControlAction = 'stop' | 'skip' | 'connect' | 'disconnect';
const ACTIONS: readonly ControlAction[] = ['stop', 'skip', 'connect', 'disconnect'];

export interface SpeakSettings {
  readonly priority: number;
  readonly whenBusy: WhenBusy;
  readonly maxQueue: number;
  readonly maxSeconds: number;
  readonly streamTimeoutSeconds: number;
  /** Undefined counts only the time. */
  readonly retries: number | undefined;
  readonly retrySeconds: number;
  readonly maxWaitSeconds: number;
  readonly repeat: Repeat;
  readonly gain: number;
  readonly normalize: boolean;
  /** Undefined leaves the loudspeaker's volume alone. */
  readonly speakerVolume: number | undefined;
}

/** A piece of live audio that several messages make up. */
export interface LiveChunk {
  readonly id: string;
  /** Missing on a message that only ends the talkspurt. */
  readonly bytes: Uint8Array | undefined;
  readonly last: boolean;
  readonly format: AudioFormat | undefined;
}

/** `msg.action`, or undefined when the message is to be spoken. */
export function controlAction(msg: MessageFields): ControlAction | undefined {
  const action = given(msg['action']);
  return action === undefined ? undefined : readChoice('msg.action', action, ACTIONS);
}

/** `msg.say`, which is always words and takes the place of the audio property; undefined without it. */
export function messageWords(msg: MessageFields): { say: string } | undefined {
  const say = given(msg['say']);
  return say === undefined ? undefined : { say: readText('msg.say', say, 'words') };
}

/** The words typed in the node, or the sound chosen there; undefined when its audio is to be looked up. */
export function typedAudio(type: string, text: unknown): { say: string } | string | undefined {
  if (type === 'sound') return `sound:${readText('audio', text, 'the name of a sound')}`;
  if (type !== 'say') return undefined;
  // A variable of Node-RED may have made them a number.
  return { say: typeof text === 'number' ? String(text) : readText('audio', text, 'words') };
}

/** Node properties with the message's overrides. */
export function speakSettings(msg: MessageFields, config: TalkConfig): SpeakSettings {
  const wanted = (name: keyof TalkConfig): unknown => given(msg[name]) ?? given(config[name]);
  const number = (name: keyof typeof SPEAK_RANGES, value: unknown): number =>
    readNumberOrText(name, value, SPEAK_RANGES[name]);
  const volume = wanted('speakerVolume');
  const retries = given(msg['retries']) ?? nodeRetries(config);
  return {
    priority: readNumberOrText(
      'msg.priority',
      given(msg['priority']) ?? SPEAK_DEFAULTS.priority,
      SPEAK_RANGES.priority,
    ),
    whenBusy: readChoice('whenBusy', wanted('whenBusy') ?? SPEAK_DEFAULTS.whenBusy, WHEN_BUSY),
    maxQueue: number('maxQueue', given(config.maxQueue) ?? SPEAK_DEFAULTS.maxQueue),
    maxSeconds: number('maxSeconds', given(config.maxSeconds) ?? SPEAK_DEFAULTS.maxSeconds),
    streamTimeoutSeconds: number(
      'streamTimeoutSeconds',
      given(config.streamTimeoutSeconds) ?? SPEAK_DEFAULTS.streamTimeoutSeconds,
    ),
    retries: retries === undefined ? undefined : number('retries', retries),
    retrySeconds: number('retrySeconds', wanted('retrySeconds') ?? SPEAK_DEFAULTS.retrySeconds),
    maxWaitSeconds: number('maxWaitSeconds', wanted('maxWaitSeconds') ?? SPEAK_DEFAULTS.maxWaitSeconds),
    repeat: wantedRepeat(msg, config),
    gain: number('gain', wanted('gain') ?? SPEAK_DEFAULTS.gain),
    normalize: readFlagOrText('normalize', wanted('normalize') ?? SPEAK_DEFAULTS.normalize),
    speakerVolume: volume === undefined ? undefined : number('speakerVolume', volume),
  };
}

/** `msg.repeat` may leave open how often and how far apart: then the node says it. */
function wantedRepeat(msg: MessageFields, { repeat, repeatPause }: TalkConfig): Repeat {
  const number = (name: 'repeat' | 'repeatPause', value: unknown): number =>
    readNumberOrText(name, given(value) ?? SPEAK_DEFAULTS[name], SPEAK_RANGES[name]);
  const wanted = given(msg['repeat']) ?? {};
  const missing = { times: number('repeat', repeat), pauseSeconds: number('repeatPause', repeatPause) };
  return readRepeat(typeof wanted === 'string' ? number('repeat', wanted) : wanted, missing);
}

/** A saved 2 was the default before retries were counted in seconds; nobody has chosen it. */
function nodeRetries({ retries }: TalkConfig): unknown {
  return retries === 2 || retries === '2' ? undefined : given(retries);
}

/** `msg.format`, if any; undefined as well for the name of a container. */
export function messageFormat(msg: MessageFields): AudioFormat | undefined {
  const format = given(msg['format']);
  return format === undefined ? undefined : headerlessFormat(format);
}

/** Says the words of a node. */
export interface Voice {
  /** Whether the node has one of its own: then a text that is no sound's place is words. */
  readonly chosen: boolean;
  /** Asked only when there are words. */
  readonly options: () => VoiceOptions;
}

/**
 * The chime and the audio as one announcement.
 * @param audio the evaluated audio property; `msg.filename` stands in when it is empty
 * @param resolvePath makes relative paths absolute
 */
export function messageSources(
  msg: MessageFields,
  config: TalkConfig,
  audio: unknown,
  resolvePath: (path: string) => string,
  voice: Voice = NO_VOICE,
): AudioSource[] {
  const format = messageFormat(msg);
  const wanted = wantedAudio(msg, audio);
  if (wanted === undefined) {
    throw new TalkError(
      'TALK_ERR_ARGUMENT',
      'Nothing to say: the message has no audio where the node looks for it (expected a Buffer, a path, a URL, a stream or an array of these)',
    );
  }
  const mayBeWords = voice.chosen && config.audioType !== 'str' && given(audio) !== undefined;
  const sources = audioSources(wanted, format, mayBeWords ? VOICE_DEFAULTS : undefined);
  return [...chimeSources(msg, config, resolvePath), ...resolved(sources.map(spoken(voice)), resolvePath)];
}

const NO_VOICE: Voice = { chosen: false, options: () => VOICE_DEFAULTS };

function spoken(voice: Voice): (source: AudioSource) => AudioSource {
  return (source) => (source.kind === 'say' ? { ...source, voice: voice.options() } : source);
}

/** Whether there is anything to say, apart from live chunks. */
export function hasAudio(msg: MessageFields, audio: unknown): boolean {
  const wanted = wantedAudio(msg, audio);
  return wanted !== undefined && asBuffer(wanted)?.length !== 0;
}

function wantedAudio(msg: MessageFields, audio: unknown): unknown {
  return given(audio) ?? given(msg['filename']);
}

/** Ends the streams of a message that will not be spoken. */
export function discardAudio(audio: unknown): void {
  try {
    discardSources(audioSources(audio));
  } catch {
    // What is no audio holds nothing to end.
  }
}

/** What is played first: the node's chime, or `msg.chime` (a built-in name, a path, a Buffer or `none`). */
export function chimeSources(
  msg: MessageFields,
  config: TalkConfig,
  resolvePath: (path: string) => string,
): AudioSource[] {
  const override = msg['chime'] ?? undefined;
  const type = override === undefined ? config.chimeType : undefined;
  const chime = override === undefined ? config.chime : override;
  if (
    type === 'none' ||
    (override === undefined && !given(type)) ||
    chime === '' ||
    chime === false ||
    chime === 'none'
  )
    return [];
  const name = CHIMES.find((candidate) => candidate === chime);
  if (name !== undefined && type !== 'str') return [{ kind: 'chime', name }];
  if (type === 'builtin' && !/^sound:./i.test(String(chime))) {
    throw invalid('chime', `${CHIMES.join(', ')} or sound:NAME`, chime);
  }
  if (typeof chime === 'string' || asBuffer(chime) !== undefined) return resolved(audioSources(chime), resolvePath);
  throw invalid('chime', `none, ${CHIMES.join(', ')}, a path or a Buffer`, chime);
}

/**
 * The chunk when the message is a piece of one stream: it has a `msg.parts.id` and carries bytes or the end. Undefined otherwise, also for
 * what a Split node made of something else than a Buffer, and for a whole WAV, unless `msg.format` says that it is one stretch of such sound.
 */
export function liveChunk(msg: MessageFields, audio: unknown): LiveChunk | undefined {
  const parts = msg['parts'];
  if (typeof parts !== 'object' || parts === null || !('id' in parts)) return undefined;
  const { id, type, count, index } = parts as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  const piece = asBuffer(audio);
  const bytes = piece === undefined || piece.length === 0 ? undefined : piece;
  const ends = 'complete' in msg && msg['complete'] !== undefined && msg['complete'] !== false;
  if (bytes === undefined && !ends) return undefined;
  if (given(type) !== undefined && type !== 'buffer' && hasAudio(msg, audio)) return undefined;
  const format = messageFormat(msg);
  const wav = bytes === undefined ? undefined : wholeWav(bytes);
  const isStretch = wav !== undefined && count === undefined && isSameFormat(wav.format, format);
  if (wav !== undefined && !isStretch) return undefined;
  const counted = typeof count === 'number' && typeof index === 'number' && index >= count - 1;
  return { id: String(id), bytes: wav?.sound ?? bytes, last: ends || counted, format };
}

/** The id of the stream that a message is a piece of, whatever else is wrong with it; undefined for a clip of its own. */
export function streamId(msg: MessageFields): string | undefined {
  const { parts } = msg;
  if (typeof parts !== 'object' || parts === null || !('id' in parts) || isCounted(msg)) return undefined;
  return typeof parts.id === 'string' || typeof parts.id === 'number' ? String(parts.id) : undefined;
}

/** Whether somebody knows how many pieces there are, as of a Buffer that a Split node cut: then they are a clip, not a bridge. */
export function isCounted({ parts }: MessageFields): boolean {
  return typeof parts === 'object' && parts !== null && 'count' in parts && typeof parts.count === 'number';
}

export function isSameFormat(one: AudioFormat | undefined, other: AudioFormat | undefined): boolean {
  return (
    one?.encoding === other?.encoding && one?.sampleRate === other?.sampleRate && one?.channels === other?.channels
  );
}

function resolved(sources: AudioSource[], resolvePath: (path: string) => string): AudioSource[] {
  return sources.map((source) => (source.kind === 'file' ? { ...source, path: resolvePath(source.path) } : source));
}
