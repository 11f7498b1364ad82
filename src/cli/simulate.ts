// `tplink-talk simulate`: a camera on this machine that hears, records and misbehaves as told.
import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import {
  behaviorsOf,
  FAMILIES,
  SimulatedCamera,
  WEB_BEHAVIORS,
  simulatorWeb,
  type WebBehavior,
} from '../simulator/index.js';
import { UsageError, number, readArgs, text, texts, type Terminal } from './terminal.js';

/** 0: any free one. */
const PORTS = { least: 0, most: 65_535, whole: true } as const;

export async function simulateCommand(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, {
    port: { type: 'string', default: '8554' },
    family: { type: 'string', default: 'multitrans' },
    'stream-port': { type: 'string', default: '8800' },
    'http-port': { type: 'string', default: '8080' },
    host: { type: 'string' },
    user: { type: 'string' },
    'listen-user': { type: 'string' },
    dialect: { type: 'string' },
    record: { type: 'string' },
    replay: { type: 'string' },
    behavior: { type: 'string', multiple: true },
    behaviors: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  if (positionals.length > 0) throw new UsageError('simulate takes no further words');
  const family = FAMILIES.find((known) => known === values['family']);
  if (family === undefined) throw new UsageError(`--family: ${FAMILIES.join(', ')}`);
  if (values['behaviors'] === true) {
    for (const [name, { description }] of Object.entries({ ...behaviorsOf(family), ...WEB_BEHAVIORS })) {
      terminal.out(`${name.padEnd(26)} ${description}\n`);
    }
    return 0;
  }
  const json = values['json'] === true;
  const dialect = text(values, 'dialect');
  if (dialect !== undefined && dialect !== 'ipc' && dialect !== 'vigi') throw new UsageError('--dialect: ipc or vigi');
  const host = text(values, 'host');
  const username = text(values, 'user');
  const password = terminal.env['TPLINK_TALK_PASSWORD'];
  const listenUsername = text(values, 'listen-user');
  const listenPassword = terminal.env['TPLINK_TALK_LISTEN_PASSWORD'];
  const record = text(values, 'record');
  const replay = text(values, 'replay');
  const behaviors = texts(values, 'behavior');
  const webBehaviors = behaviors.filter((name) => Object.hasOwn(WEB_BEHAVIORS, name));
  const camera = new SimulatedCamera({
    family,
    port: number(values, 'port', PORTS, 'a port number') ?? 0,
    streamPort: number(values, 'stream-port', PORTS, 'a port number') ?? 0,
    httpPort: number(values, 'http-port', PORTS, 'a port number') ?? 0,
    discovery: { name: 'Simulated camera' },
    web: simulatorWeb({ api: webOptions(webBehaviors) }),
    behaviors: behaviors.filter((name) => !webBehaviors.includes(name)),
    ...(host === undefined ? {} : { host }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(listenUsername === undefined ? {} : { listenUsername }),
    ...(listenPassword === undefined ? {} : { listenPassword }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(replay === undefined ? {} : { replay }),
  });
  if (replay !== undefined) camera.on('violation', (what) => terminal.err(`${what}\n`));
  camera.on('talk', () => json || terminal.out('somebody talks\n'));
  let writing = Promise.resolve();
  camera.on('end', (recording) => {
    const { packets, soundSeconds, firstSoundMs, leadInMs, latenessMs, violations, warnings } = recording.toJSON();
    const worstLatenessMs = latenessMs.max;
    const heard = { packets, soundSeconds, firstSoundMs, leadInMs, worstLatenessMs, violations, warnings };
    terminal.out(
      json
        ? `${JSON.stringify({ heard })}\n`
        : `heard ${soundSeconds.toFixed(1)} s of sound in ${packets} packets, worst ${latenessMs.max.toFixed(1)} ms late\n`,
    );
    if (!json) for (const violation of violations) terminal.out(`  a strict camera would complain: ${violation}\n`);
    if (record !== undefined) writing = writing.then(() => writeFile(record, recording.toWav()));
  });
  const { port, httpPort, streamPort } = await camera.start();
  const account = `user ${camera.username}, ${password === undefined ? `password ${camera.password}` : 'password from TPLINK_TALK_PASSWORD'}`;
  const listens =
    replay === undefined
      ? `A ${family === 'multitrans' ? camera.dialect : family} camera listens on ${camera.talkUrl}, ${account}\n${family === 'multitrans' ? '' : `Its streams: ${camera.url}/stream1\n`}Its page: http://${host ?? '127.0.0.1'}:${httpPort ?? 0}/`
      : `The camera of ${replay} listens on ${camera.url}, whatever the password`;
  terminal.out(
    json
      ? `${JSON.stringify({ listening: { port, httpPort, streamPort, user: camera.username } })}\n`
      : `${listens}\nCtrl-C ends it.\n`,
  );
  if (!terminal.signal.aborted) await once(terminal.signal, 'abort');
  await camera.stop();
  await writing;
  return 0;
}

/** The later ones over the earlier ones. */
function webOptions(names: readonly string[]): WebBehavior['options'] {
  return names.reduce<WebBehavior['options']>((all, name) => ({ ...all, ...WEB_BEHAVIORS[name]?.options }), {});
}
