// One camera speaks in packets of 20 ms while another one is sent something heavy: how late are the packets of the first, beside the same without.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { besides, tellBeside } from '../beside.js';
import type { Bench } from '../group.js';
import { makeHeavyFiles, type HeavyFiles, type HeavyName } from '../heavy-files.js';
import { PASSWORD } from '../processes.js';

interface Load {
  readonly id: string;
  readonly what: string;
  readonly file: HeavyName;
  /** How a flow hands it over. */
  readonly as: 'path' | 'buffer' | 'stream' | 'dataUrl' | 'text' | 'url';
  readonly normalize?: boolean;
}

const LOADS: readonly Load[] = [
  { id: 'zeros', what: 'MP3 behind 110 MB of zeros', file: 'zeros.mp3', as: 'path' },
  { id: 'tag', what: 'MP3 behind an ID3 tag of 110 MB, Buffer', file: 'tag.mp3', as: 'buffer' },
  { id: 'random', what: 'MP3 with 110 MB of noise inside', file: 'random.mp3', as: 'path' },
  { id: 'ones', what: 'MP3 with 110 MB of 0xFF inside', file: 'ones.mp3', as: 'path' },
  { id: 'wav', what: '595 s of WAV to normalise', file: 'long.wav', as: 'path', normalize: true },
  { id: 'buffer', what: 'the same as Buffer', file: 'long.wav', as: 'buffer', normalize: true },
  { id: 'stream', what: 'the same as a stream of one chunk', file: 'long.wav', as: 'stream' },
  { id: 'url', what: 'the same from a URL', file: 'long.wav', as: 'url', normalize: true },
  { id: 'data', what: 'the same as data: URL', file: 'long.wav', as: 'dataUrl', normalize: true },
  { id: 'flac', what: 'the same as FLAC', file: 'long.flac', as: 'path', normalize: true },
  { id: 'promise', what: 'WAV that promises 1 GB and has 114 MB', file: 'promise.wav', as: 'path' },
  { id: 'gigabyte', what: 'WAV of 1 GB', file: 'gigabyte.wav', as: 'path' },
  { id: 'limit', what: 'Buffer of 220 MB', file: 'limit.bin', as: 'buffer' },
  { id: 'unknown', what: 'Buffer of 110 MB of nothing', file: 'unknown.bin', as: 'buffer' },
  { id: 'text', what: 'text of 147 million letters', file: 'unknown.bin', as: 'text' },
];

const SPEECH_SECONDS = 10;

export async function heavy(bench: Bench): Promise<void> {
  const files = makeHeavyFiles(bench.clips.speech(5, 'mp3'));
  const server = createServer((_, response) => void createReadStream(files.file('long.wav')).pipe(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    for (const load of [undefined, ...LOADS]) await measure(bench, files, url, load);
  } finally {
    server.closeAllConnections();
    server.close();
    files.remove();
  }
}

async function measure(bench: Bench, files: HeavyFiles, url: string, load: Load | undefined): Promise<void> {
  const path = load === undefined ? '' : load.as === 'url' ? url : files.file(load.file);
  const runs = await besides(bench, SPEECH_SECONDS, {
    begin: async ({ client, ports: [, port] }) => {
      if (load === undefined) return;
      const as = load.as === 'url' ? 'path' : load.as;
      await client.ask('load', { port, password: PASSWORD, path, as, normalize: load.normalize });
    },
    // NaN when it had none while the other spoke.
    end: async ({ client }) => (await client.ask<{ firstSoundMs: number | null }>('unload')).firstSoundMs ?? Number.NaN,
  });
  const id = `heavy.${load?.id ?? 'nothing'}`;
  const what = load?.what ?? 'nothing heavy';
  tellBeside(bench, id, what, runs, load === undefined);
  if (load === undefined) return;
  const firstSounds = runs.map(({ told }) => told);
  bench.report.add(`${id}.first`, `${what}: its own first sound`, 'ms', firstSounds, '');
}
