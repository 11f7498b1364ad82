// One camera speaks while another one floods, or what it says is hard to read: how late are the packets of the first, beside the same without.
import { besides, tellBeside, type Disturbance } from '../beside.js';
import type { Bench } from '../group.js';
import { makeHeavyFiles } from '../heavy-files.js';
import { PASSWORD, Worker, type Processes } from '../processes.js';

const SPEECH_SECONDS = 6;

/** What the other camera does, as `flood-camera.cjs` knows it. */
const FLOODS = [
  { kind: 'empty', what: 'empty frames at line rate', listen: false },
  { kind: 'responses', what: 'responses at line rate', listen: false },
  { kind: 'lookalikes', what: 'text that looks like answers, at line rate', listen: false },
  { kind: 'future', what: 'RTP from the future while it is listened to', listen: true },
  { kind: 'sound', what: 'RTP at line rate while it is listened to', listen: true },
  { kind: 'sdp', what: 'a stream description of 8 000 blanks', listen: true },
] as const;

export async function flood(bench: Bench): Promise<void> {
  const nothing: Disturbance<void> = { begin: () => Promise.resolve(), end: () => Promise.resolve() };
  const tell = async (kind: string, what: string, disturbance: Disturbance<unknown>): Promise<void> =>
    tellBeside(bench, `flood.${kind}`, what, await besides(bench, SPEECH_SECONDS, disturbance), kind === 'nothing');
  await tell('nothing', 'nothing beside', nothing);
  const camera = new Worker('flood-camera.cjs');
  try {
    for (const { kind, what, listen } of FLOODS) {
      const { port } = await camera.ask<{ port: number }>('start', { kind });
      const target = { port, password: PASSWORD };
      const clip = bench.clips.speech(SPEECH_SECONDS, 'mp3');
      const { begin, end } = listen ? listening(target) : load({ ...target, path: clip });
      let bytes = 0;
      await tell(kind, what, {
        begin,
        end: async (processes) => {
          await end(processes);
          ({ bytes } = await camera.ask<{ bytes: number }>('sent'));
        },
      });
      bench.report.add(`flood.${kind}.bytes`, `${what}: sent in the last run`, 'MB', [bytes / 1e6], '');
    }
  } finally {
    await camera.end().catch(() => undefined);
  }
  const files = makeHeavyFiles(bench.clips.speech(5, 'mp3'));
  try {
    const path = files.file('ones.mp3');
    await tell('filler', 'MP3 with 110 MB of filler', {
      begin: (processes) => load({ path, port: processes.ports[1] ?? 0, password: PASSWORD }).begin(processes),
      end: ({ client }) => client.ask('unload'),
    });
  } finally {
    files.remove();
  }
}

function listening(target: object): Disturbance<unknown> {
  return {
    begin: ({ client }: Processes) => client.ask('listen', { ...target, chunkMs: 200 }),
    end: ({ client }) => client.ask('listened'),
  };
}

function load(target: object): Disturbance<unknown> {
  return {
    begin: ({ client }: Processes) => client.ask('load', { ...target, as: 'path' }),
    end: ({ client }) => client.ask('unload'),
  };
}
