// Makes the files of a capture: one for each message, and what tells about them. Nothing secret is in them, or there are none.
import type { CameraOptions } from '../camera-options.js';
import { TalkError } from '../errors.js';
import { Collector, type Conversation } from './collector.js';
import { parseStreamUrl } from '../stream-url.js';
import type { OnWire } from '../wire.js';
import { holdsAny } from './leak.js';
import { MIN_NEEDLE_CHARS } from './needles.js';
import { Redactor, type Own } from './redactor.js';
import { split } from './split.js';
import { Writer } from './writer.js';
import { asLatin1, fromLatin1 } from './written.js';

/** What was asked, and of which camera. */
export interface CaptureOptions {
  /** `probe`, `check`, `say`, `tune`. */
  readonly command: string;
  readonly camera: CameraOptions;
  /** Others that are spoken with or listened to in the same exchange, as by `tune` with another ear. */
  readonly others?: readonly CameraOptions[] | undefined;
  /** Of this package. */
  readonly version?: string | undefined;
}

/** File names and what is in them. */
export type CaptureFiles = ReadonlyMap<string, Buffer>;

/** Files are told apart by it. */
const FORMAT = 1;

/** One exchange with a camera, from its beginning: hand `onWire` to whoever speaks with it, and ask for the files at the end. */
export class Capture {
  readonly #options: CaptureOptions;
  readonly #own: Own;
  readonly #collector = new Collector();
  /** Hears everything, secrets included. */
  readonly onWire: OnWire = this.#collector.onWire;

  /** Throws TALK_ERR_ARGUMENT for a password so short that it would be found in any text. */
  constructor(options: CaptureOptions) {
    this.#own = ownOf([options.camera, ...(options.others ?? [])]);
    if (this.#own.logins.some(({ password }) => password.length < MIN_NEEDLE_CHARS)) {
      const why = 'so short a password cannot be told from other text';
      throw new TalkError('TALK_ERR_ARGUMENT', `There can be no capture: ${why}`);
    }
    this.#options = options;
  }

  /** Whether the sound of the camera's microphone is among it. */
  get heard(): boolean {
    return this.#collector.conversations.some(({ said, protocol }) =>
      said.some((one) => one.by === 'camera' && split(one.pieces, protocol).some(({ kind }) => kind === 'frame')),
    );
  }

  /**
   * The exchange so far, one file for each message, without secrets.
   * Throws TALK_ERR_PROTOCOL when a secret would be in them.
   * @param outcome what came of it: plain data, with texts for people
   */
  files(outcome: object): CaptureFiles {
    const { camera, command, version = '' } = this.#options;
    const conversations = this.#collector.conversations.filter(({ opened, over }) => opened || over !== undefined);
    const redactor = new Redactor(this.#own, conversations.flatMap(texts));
    const writer = new Writer(redactor, Math.min(...conversations.map(({ at }) => at)));
    const connections = conversations.map((conversation) => ({
      protocol: conversation.protocol,
      at: writer.since(conversation.at),
      opened: conversation.opened,
      said: writer.lines(conversation),
    }));
    writer.json('capture.json', {
      format: FORMAT,
      version,
      command,
      settings: settingsOf(camera),
      outcome: JSON.parse(fromLatin1(redactor.text(asLatin1(JSON.stringify(outcome))))) as object,
      cut: this.#collector.cut,
      connections,
    });
    writer.json('camera.json', { ...deviceIn(writer.files), ...sightOf(camera, outcome) });
    throwIfLeaking(writer.files, redactor);
    return writer.files;
  }
}

/** Every account that may go over the connections, where to, and what is asked for at an address of its own. */
function ownOf(cameras: readonly CameraOptions[]): Own {
  const streams = cameras.flatMap(({ streamUrl }) => parseStreamUrl(streamUrl) ?? []);
  const logins = cameras.flatMap(({ username, password, listenUsername, listenPassword }) => [
    { username, password },
    { username: listenUsername || username, password: listenPassword || password },
  ]);
  return {
    hosts: [...cameras, ...streams].map(({ host }) => host),
    logins: logins.filter(({ password }) => password !== ''),
    paths: streams.map(({ path = '' }) => path),
  };
}

/** Everything but where the camera is and who may talk to it. */
function settingsOf(camera: CameraOptions): object {
  const { port, httpPort, streamPort, login, dialect, mode, codec } = camera;
  const { packetBytes, packetMs, encrypt, leadInMs, drainMs } = camera;
  return { port, httpPort, streamPort, login, dialect, mode, codec, packetBytes, packetMs, encrypt, leadInMs, drainMs };
}

/** As far as a program can say it; who it was and how sure they are is for people to fill in. */
function sightOf({ mode, codec, packetBytes }: CameraOptions, outcome: object): object {
  const text = JSON.stringify(outcome);
  const heard =
    text.includes('"verdict":"heard"') || text.includes('"key":"sound.heard"') || text.includes('"latencyMs":');
  const granted = heard || text.includes('"key":"talk.ok"') || text.includes('"outcome":"spoken"');
  const what = heard ? 'heard' : granted ? 'granted' : 'failed';
  return { sure: granted ? 'one' : 'guess', seen: [{ by: '', what: [what], settings: { mode, codec, packetBytes } }] };
}

/** Model and firmware, where the camera told them. */
function deviceIn(files: CaptureFiles): { model: string; firmware: string } {
  const text = [...files]
    .filter(([name]) => name.endsWith('.http'))
    .map(([, bytes]) => bytes.toString('utf8'))
    .join('\n');
  const field = (name: string): string => {
    const [, value = ''] = new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]{1,100})"`).exec(text) ?? [];
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  };
  return { model: field('device_model'), firmware: field('sw_version') };
}

function texts({ said: all, protocol }: Conversation): string[] {
  return all.flatMap((said) => {
    if ('frames' in said) return [];
    const pieces = said.by === 'client' ? [said.piece] : said.pieces;
    return split(pieces, protocol)
      .filter(({ kind }) => kind !== 'frame')
      .map(({ bytes }) => bytes.toString('latin1'));
  });
}

/** Also in what two files make together. */
function throwIfLeaking(files: CaptureFiles, { secrets }: Redactor): void {
  for (const [name, bytes] of files) {
    if (holdsAny(bytes, secrets)) throw unsafe(`a secret is still in its file ${name}`);
  }
  const together = Buffer.concat([...files.values()]).toString('latin1');
  if (secrets.isIn(together)) throw unsafe('a secret is still in two of its files');
}

function unsafe(why: string): TalkError {
  return new TalkError('TALK_ERR_PROTOCOL', `The capture was not written: ${why}`);
}
