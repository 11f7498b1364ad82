// `tplink-talk probe`: prints what a camera answers, step by step.
import { probe, type ProbeStep } from '../index.js';
import { CAMERA_ARGS, UsageError, cameraFromArgs, readArgs, type Terminal } from './terminal.js';

const MARKS: Readonly<Record<ProbeStep['outcome'], string>> = {
  ok: 'ok     ',
  warning: 'warning',
  failed: 'FAILED ',
  skipped: 'skipped',
};

export async function probeCommand(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, CAMERA_ARGS);
  if (positionals.length > 0) throw new UsageError('probe takes no further words');
  const json = values['json'] === true;
  const camera = await cameraFromArgs(values, terminal);
  const steps = await probe(camera, {
    signal: terminal.signal,
    onStep: (step) => {
      if (!json) terminal.out(`${MARKS[step.outcome]}  ${step.name.padEnd(10)}  ${step.text} (${step.ms} ms)\n`);
    },
  });
  const failed = steps.find((step) => step.outcome === 'failed');
  if (json) terminal.out(`${JSON.stringify({ steps })}\n`);
  if (failed === undefined) return 0;
  terminal.err(`${failed.code ?? 'failed'}: ${failed.text}\n`);
  return 1;
}
