// `tplink-talk check`: plays a chirp and tells whether the camera's own microphone heard it.
import type { CheckStep, OnWire, SoundVerdict } from '../index.js';
import { CAPTURE_ARG, captured, onEngine } from './capture.js';
import { CAMERA_ARGS, LISTEN_ARGS, UsageError, cameraFromArgs, readArgs, text, type Terminal } from './terminal.js';

const STEPS: Readonly<Record<CheckStep, string>> = {
  opening: 'asking for the microphone',
  listening: 'waiting for its sound',
  playing: 'playing a chirp',
  measuring: 'looking for it',
};

export async function checkCommand(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    ...CAMERA_ARGS,
    ...LISTEN_ARGS,
    ...CAPTURE_ARG,
    stream: { type: 'string' },
  });
  if (positionals.length > 0) throw new UsageError('check takes no further words');
  const json = values['json'] === true;
  const camera = await cameraFromArgs(values, terminal);
  const run = (onWire?: OnWire): Promise<SoundVerdict> =>
    onEngine(onWire, (engine) =>
      engine.checkSound(camera, {
        stream: text(values, 'stream'),
        signal: terminal.signal,
        onStep: (step) => json || terminal.out(`${STEPS[step]}\n`),
      }),
    );
  const show = (verdict: SoundVerdict): number => {
    if (json) terminal.out(`${JSON.stringify(verdict)}\n`);
    else if (verdict.verdict === 'heard') terminal.out(`${verdict.text}\n${figures(verdict)}\n`);
    if (verdict.verdict === 'heard') return 0;
    terminal.err(`${verdict.text}\n`);
    return 1;
  };
  return captured('check', camera, { values, terminal, run, show });
}

function figures({ delayMs, levelDb, snrDb, clipping, speed }: SoundVerdict): string {
  return [
    `delay ${delayMs} ms`,
    `level ${levelDb} dB`,
    `signal to noise ${snrDb} dB`,
    clipping === true ? 'clipping' : 'no clipping',
    `speed ${speed}`,
  ].join(', ');
}
