// `tplink-talk say`: plays one announcement and tells how it went.
import {
  CHIMES,
  SPEAK_RANGES,
  audioSources,
  parseFormat,
  voiceOptions,
  type AudioSource,
  type Engine,
  type OnWire,
  type TalkOutcome,
  type TalkReport,
  type VoiceOptions,
} from '../index.js';
import { CAPTURE_ARG, captured, onEngine } from './capture.js';
import { CAMERA_ARGS, UsageError, cameraFromArgs, number, readArgs, text, type Terminal } from './terminal.js';

/** Without --retries and --retry-seconds: a person waits for the prompt. */
const RETRIES = 2;

export async function sayCommand(args: string[], terminal: Terminal): Promise<number> {
  const { values, inOrder } = readArgs(args, {
    ...CAMERA_ARGS,
    ...CAPTURE_ARG,
    say: { type: 'string', multiple: true },
    voice: { type: 'string' },
    chime: { type: 'string' },
    gain: { type: 'string' },
    normalize: { type: 'boolean' },
    format: { type: 'string' },
    repeat: { type: 'string' },
    'repeat-pause': { type: 'string' },
    retries: { type: 'string' },
    'retry-seconds': { type: 'string' },
  });
  const audio = inOrder.filter(({ name }) => name === undefined || name === 'say');
  if (audio.length === 0)
    throw new UsageError('say what? Name a file, a URL, - for standard input, or words with --say');
  const chime = text(values, 'chime');
  const format = text(values, 'format');
  const sources = [
    ...(chime === undefined || chime === 'none' ? [] : chimeSource(chime)),
    ...audio.flatMap(({ name, value }) =>
      name === 'say'
        ? audioSources({ say: value }, undefined, voiceOf(text(values, 'voice')))
        : audioSources(value === '-' ? terminal.input : value, format === undefined ? undefined : parseFormat(format)),
    ),
  ];
  const gain = number(values, 'gain', SPEAK_RANGES.gain);
  const repeat = number(values, 'repeat', SPEAK_RANGES.repeat);
  const repeatPause = number(values, 'repeat-pause', SPEAK_RANGES.repeatPause);
  const retrySeconds = number(values, 'retry-seconds', SPEAK_RANGES.retrySeconds);
  const retries = number(values, 'retries', SPEAK_RANGES.retries) ?? (retrySeconds === undefined ? RETRIES : undefined);
  const camera = await cameraFromArgs(values, terminal);
  const say = async (engine: Engine): Promise<TalkOutcome> => {
    const [result] = await engine.speak([camera], sources, {
      signal: terminal.signal,
      gain,
      repeat,
      repeatPause,
      retries,
      retrySeconds,
      normalize: values['normalize'] === true,
    });
    if (result?.status !== 'fulfilled') throw result?.reason ?? new UsageError('no camera');
    return result.value;
  };
  const run = (onWire?: OnWire): Promise<TalkOutcome> => onEngine(onWire, say);
  const show = (said: TalkOutcome): number => {
    if (said.outcome === 'spoken') terminal.out(told(said.report, values['json'] === true));
    return 0;
  };
  return captured('say', camera, { values, terminal, run, show });
}

function told(report: TalkReport, json: boolean): string {
  const rounds = report.rounds === undefined ? '' : ` ${report.rounds} times`;
  return json
    ? `${JSON.stringify(report)}\n`
    : `said ${report.seconds.toFixed(1)} s${rounds}, first sound after ${report.firstSoundMs} ms, latest packet ${report.worstLatenessMs} ms late\n`;
}

function voiceOf(voice = 'auto'): VoiceOptions {
  return voiceOptions(voice === 'auto' ? {} : { engine: 'command', command: voice });
}

function chimeSource(chime: string): AudioSource[] {
  const name = CHIMES.find((candidate) => candidate === chime);
  return name === undefined ? audioSources(chime) : [{ kind: 'chime', name }];
}
