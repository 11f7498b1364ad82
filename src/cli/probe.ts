// `tplink-talk probe`: prints what a camera answers: in one sentence, then step by step.
import { probe, probeVerdict, type OnWire, type ProbeStep, type ProbeVerdict } from '../index.js';
import { CAPTURE_ARG, captured } from './capture.js';
import { CAMERA_ARGS, UsageError, cameraFromArgs, readArgs, type Terminal } from './terminal.js';

const MARKS: Readonly<Record<ProbeStep['outcome'], string>> = {
  ok: 'ok     ',
  warning: 'warning',
  failed: 'FAILED ',
  skipped: 'skipped',
};

// Below the sentence: mark and name with their gaps.
const DETAIL_INDENT = 21;

interface Told {
  readonly verdict: ProbeVerdict;
  readonly steps: readonly ProbeStep[];
}

export async function probeCommand(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    ...CAMERA_ARGS,
    ...CAPTURE_ARG,
    'http-port': { type: 'string' },
    login: { type: 'string' },
  });
  if (positionals.length > 0) throw new UsageError('probe takes no further words');
  const json = values['json'] === true;
  const camera = await cameraFromArgs(values, terminal);
  const run = async (onWire?: OnWire): Promise<Told> => {
    const steps = await probe(camera, { signal: terminal.signal, onWire });
    return { verdict: probeVerdict(steps), steps };
  };
  const show = ({ verdict, steps }: Told): number => {
    if (json) terminal.out(`${JSON.stringify({ verdict, steps })}\n`);
    else {
      terminal.out(`${verdict.text}\n\n`);
      for (const step of steps) {
        terminal.out(`${MARKS[step.outcome]}  ${step.name.padEnd(10)}  ${step.text} (${step.ms} ms)\n`);
        if (step.detail !== undefined) terminal.out(`${' '.repeat(DETAIL_INDENT)}${step.detail}\n`);
        if (step.settings !== undefined) terminal.out(`${' '.repeat(DETAIL_INDENT)}${flags(step.settings)}\n`);
      }
    }
    const failed = steps.find((step) => step.outcome === 'failed');
    if (failed === undefined) return 0;
    terminal.err(`${failed.code ?? 'failed'}: ${failed.detail ?? failed.text}\n`);
    return 1;
  };
  return captured('probe', camera, { values, terminal, run, show });
}

/** Settings as arguments. */
function flags(settings: NonNullable<ProbeStep['settings']>): string {
  const named = ([name, value]: [string, string | number]): string =>
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${value}`;
  return Object.entries(settings).map(named).join(' ');
}
