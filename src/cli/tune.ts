// `tplink-talk tune`: plays sounds, listens, and tells the camera's best settings.
import {
  EAR_FILE_TIMEOUT_MS,
  TUNED,
  cameraOptions,
  pastedAddress,
  type CameraOptions,
  type OnWire,
  type TuneProgress,
  type TuneResult,
} from '../index.js';
import { CAPTURE_ARG, captured, onEngine } from './capture.js';
import { applySettings, mayApply, type Settings } from './settings.js';
import { CAMERA_ARGS, LISTEN_ARGS, UsageError, cameraFromArgs, readArgs, text, type Terminal } from './terminal.js';

export async function tuneCommand(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    ...CAMERA_ARGS,
    ...LISTEN_ARGS,
    ...CAPTURE_ARG,
    'http-port': { type: 'string' },
    apply: { type: 'string' },
    ear: { type: 'string' },
    'ear-file': { type: 'string' },
  });
  if (positionals.length > 0) throw new UsageError('tune takes no further words');
  const json = values['json'] === true;
  const apply = text(values, 'apply');
  if (apply !== undefined) await mayApply(apply);
  const earFile = text(values, 'ear-file');
  const ear = text(values, 'ear');
  if (ear !== undefined) earOf(ear, cameraOptions({ host: 'camera' }));
  const camera = await cameraFromArgs(values, terminal);
  const hearer = ear === undefined ? undefined : earOf(ear, camera);
  const others = hearer === undefined ? [] : [hearer];
  if (earFile !== undefined)
    terminal.err('Start recording now, near the camera, and go on until you are told to stop.\n');
  let recorded = false;
  const onProgress = (progress: TuneProgress): void => {
    if (progress.waits === true) {
      recorded = true;
      terminal.err(
        `Stop recording now: all has been played. Save it at the path of --ear-file within ${EAR_FILE_TIMEOUT_MS / 60_000} minutes.\n`,
      );
    } else if (!json) terminal.out(progressLine(progress));
  };
  const run = (onWire?: OnWire): Promise<TuneResult> => {
    const options = { signal: terminal.signal, ear: hearer, earFile, onProgress };
    return onEngine(onWire, (engine) => engine.tune(camera, options), terminal.createEngine);
  };
  // Printed before anything is written, which may fail.
  const show = async (result: TuneResult): Promise<number> => {
    const { settings, unknown } = result;
    if (earFile !== undefined && !recorded) terminal.err('Stop recording: it is not needed.\n');
    terminal.out(json ? `${JSON.stringify(result)}\n` : inLines(result));
    for (const [name, why] of Object.entries(unknown)) terminal.err(`${name} could not be found out: ${why}\n`);
    const isApplied = apply === undefined || (await applied(apply, settings, terminal));
    return isApplied && Object.keys(unknown).length === 0 ? 0 : 1;
  };
  return captured('tune', camera, { values, terminal, others, run, show });
}

/** Whether the settings are in the file. The words were right: what is in the way came meanwhile. */
async function applied(file: string, settings: Settings, { err }: Terminal): Promise<boolean> {
  try {
    await applySettings(file, settings);
    return true;
  } catch (error) {
    err(`${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}

/** The other camera: HOST or HOST:PORT, with the same user name and password; an account for listening is another's. */
function earOf(text: string, camera: CameraOptions): CameraOptions {
  if (pastedAddress(text)?.password !== undefined) {
    throw new UsageError('--ear: leave the password out; it is that of the camera');
  }
  const [, host = text, port] = /^(\[.*\]|[^:]*):(\d{1,5})$/.exec(text.trim()) ?? [];
  const own = { streamUrl: '', listenUsername: '', listenPassword: '', listenBasic: false };
  return cameraOptions({ ...camera, ...own, name: '', host, port: port ?? camera.port });
}

function progressLine({ setting, value, done, of }: TuneProgress): string {
  return `${done + 1} of about ${of}: ${setting} ${value}\n`;
}

function inLines({ settings, measuredIn, latencyMs, latencySpreadMs, speakerVolume, tried }: TuneResult): string {
  const lines = tried.map(({ setting, value, mode, ear, heard }) => {
    const by = ear === 'own' ? '' : `, by another ear`;
    return `${setting} ${value} (${mode}${by}): ${heard}`;
  });
  lines.push('');
  for (const name of TUNED) {
    const [value, mode] = [settings[name], measuredIn[name]];
    if (value !== undefined)
      lines.push(`${name.padEnd(12)} ${value}${mode === undefined ? '' : ` (measured in ${mode})`}`);
  }
  if (latencyMs !== undefined) {
    lines.push(`${'latency'.padEnd(12)} ${latencyMs} ms from packet to sound, spread ${latencySpreadMs ?? 0} ms`);
  }
  if (speakerVolume !== undefined) lines.push(`${'volume'.padEnd(12)} ${VOLUME[speakerVolume.advice]}`);
  return `${lines.join('\n')}\n`;
}

const VOLUME = {
  lower: 'the loudspeaker clips: turn it down',
  raise: 'the loudspeaker is hardly louder than the room: turn it up',
  keep: 'good as it is',
} as const;
