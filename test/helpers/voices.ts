// Voices for tests: programs and a server that write down what they are told, and give a tone for it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serializeWav } from '../../src/sound/wav-write.js';

/** A WAV of 440 Hz. */
export function toneWav(seconds = 0.3): Buffer {
  const tone = Int16Array.from(
    { length: seconds * 8_000 },
    (_, at) => 8_000 * Math.sin((at * 440 * 2 * Math.PI) / 8_000),
  );
  return serializeWav({ sampleRate: 8_000, channels: 1 }, tone);
}

export interface VoicePrograms {
  readonly folder: string;
  /** A command that writes down what came on its standard input and in its arguments, and gives a tone. */
  readonly tone: string;
  /** A command with that body, in Node.js. */
  program(name: string, body: string): Promise<string>;
  /** What the tone was asked for: the text, then the arguments. */
  told(): Promise<string[][]>;
  remove(): Promise<void>;
}

export async function voicePrograms(): Promise<VoicePrograms> {
  const folder = await mkdtemp(join(tmpdir(), 'voices-'));
  const log = join(folder, 'told');
  const program = async (name: string, body: string): Promise<string> => {
    const file = join(folder, `${name}.cjs`);
    await writeFile(file, body);
    return `"${process.execPath}" "${file}"`;
  };
  const wav = toneWav().toString('base64');
  const tone = await program(
    'tone',
    `let text = '';
     process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => {
       require('fs').appendFileSync(${JSON.stringify(log)}, JSON.stringify([text, ...process.argv.slice(2)]) + '\\n');
       process.stdout.write(Buffer.from('${wav}', 'base64'));
     });`,
  );
  return {
    folder,
    tone,
    program,
    told: async () => {
      const lines = await readFile(log, 'utf8').catch(() => '');
      return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as string[]]));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface VoiceServer {
  readonly url: string;
  readonly asked: { readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
  /** How it answers; a tone unless told otherwise. */
  answer: (response: ServerResponse) => void;
  stop(): Promise<void>;
}

export async function voiceServer(): Promise<VoiceServer> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      voice.asked.push({ url: request.url ?? '', headers: request.headers, body });
      voice.answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const voice: VoiceServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answer: (response) => response.setHeader('content-type', 'audio/wav').end(toneWav()),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return voice;
}
