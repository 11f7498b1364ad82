// `tplink-talk find`: lists the cameras of this network, and whether they can talk. Asks nobody for a password.
import { CAMERA_RANGES, FIND_SECONDS, findCameras, pastedAddress, type FoundCamera, type FoundTalk } from '../index.js';
import { UsageError, number, readArgs, texts, type Terminal } from './terminal.js';

const TALK: Readonly<Record<FoundTalk, string>> = { can: 'can talk', cannot: 'cannot talk', unknown: 'unknown' };
const UNASKED = { time: 'not asked: there was no time left', name: 'not asked: nobody knows this name' } as const;
/** Whose password the HTTP talk wants. */
const WANTS: Readonly<Partial<Record<FoundCamera['dialect'], string>>> = {
  tapo: 'as admin with the password of the TP-Link account',
  'vigi-stream': 'as admin with the password of the camera',
};
const NONE =
  'No camera answered. Cameras on another subnet do not hear the question, nor does any from a container with a network of its own: ' +
  'name them with --host ADDRESS';

export async function findCommand(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    seconds: { type: 'string' },
    interface: { type: 'string', multiple: true },
    host: { type: 'string', multiple: true },
    port: { type: 'string' },
    'http-port': { type: 'string' },
    'stream-port': { type: 'string' },
    json: { type: 'boolean' },
  });
  if (positionals.length > 0) throw new UsageError('find takes no further words');
  const hosts = texts(values, 'host');
  if (hosts.some((host) => pastedAddress(host)?.password !== undefined)) {
    throw new UsageError('--host: leave the password out; find sends none');
  }
  const seconds = number(values, 'seconds', FIND_SECONDS) ?? FIND_SECONDS.usual;
  const port = (name: string): number | undefined => number(values, name, CAMERA_RANGES.port, 'a port number');
  const cameras = await findCameras({
    seconds,
    interfaces: texts(values, 'interface'),
    hosts,
    ports: { rtsp: port('port'), http: port('http-port'), stream: port('stream-port') },
    signal: terminal.signal,
  });
  if (values['json'] === true) terminal.out(`${JSON.stringify(cameras)}\n`);
  else terminal.out(cameras.length === 0 ? `${NONE}\n` : lines(cameras));
  return 0;
}

/** Columns: talk, address, name, model, and what showed. */
function lines(cameras: readonly FoundCamera[]): string {
  const width = Math.max(...cameras.map(({ address }) => address.length));
  return cameras
    .map(({ talk, address, name, model, dialect, ports, unasked }) => {
      const { rtsp, http, stream } = ports;
      const what = [name, model].filter((part) => part !== '').join(', ');
      const why = unasked === undefined ? '' : UNASKED[unasked];
      const signs = [
        dialect,
        ...shown('RTSP', rtsp),
        ...shown('web', http),
        ...shown('talk', stream),
        WANTS[dialect] ?? '',
        why,
      ];
      const told = signs.filter((sign) => sign !== '').join(', ');
      return `${TALK[talk].padEnd(11)}  ${address.padEnd(width)}  ${[what, told && `(${told})`].filter(Boolean).join('  ')}`;
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function shown(kind: string, port: number | undefined): string[] {
  return port === undefined ? [] : [`${kind} ${port}`];
}
