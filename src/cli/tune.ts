// `tplink-talk tune`: plays sounds, listens, and tells the camera's best settings.
import { cameraOptions, pastedAddress, type CameraOptions, type TuneProgress, type TuneResult } from '../index.js';
import { CAPTURE_ARG, captured, onEngine } from './capture.js';
import { applySettings, mayApply } from './settings.js';
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
  const ear = text(values, 'ear');
  if (ear !== undefined) earOf(ear, cameraOptions({ host: 'camera' }));
  const camera = await cameraFromArgs(values, terminal);
  const hearer = ear === undefined ? undefined : earOf(ear, camera);
  const others = hearer === undefined ? [] : [hearer];
  const result = await captured('tune', camera, { values, terminal, others }, (onWire) =>
    onEngine(onWire, (engine) =>
      engine.tune(camera, {
        signal: terminal.signal,
        ear: hearer,
        earFile: text(values, 'ear-file'),
        onProgress: (progress) => json || terminal.out(progressLine(progress)),
      }),
    ),
  );
  if (apply !== undefined) await applySettings(apply, result.settings);
  terminal.out(json ? `${JSON.stringify(result)}\n` : inLines(result));
  if (Object.keys(result.unknown).length === 0) return 0;
  for (const [name, why] of Object.entries(result.unknown)) terminal.err(`${name} could not be found out: ${why}\n`);
  return 1;
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

function progressLine({ setting, value, done, of, waits }: TuneProgress): string {
  if (waits === true) return 'All has been played: stop the recording and save it at the path of --ear-file\n';
  return `${done + 1} of about ${of}: ${setting} ${value}\n`;
}

function inLines({ settings, measuredIn, latencyMs, latencySpreadMs, speakerVolume, tried }: TuneResult): string {
  const lines = tried.map(({ setting, value, mode, ear, heard }) => {
    const by = ear === 'own' ? '' : `, by another ear`;
    return `${setting} ${value} (${mode}${by}): ${heard}`;
  });
  lines.push('');
  for (const [name, value] of Object.entries(settings)) {
    const mode = measuredIn[name as keyof typeof measuredIn];
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
