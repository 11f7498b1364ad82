// The other side of espeak-package.ts: the package in a thread of its own, because it speaks in one go and would hold up every camera's packets.
import { parentPort, workerData } from 'node:worker_threads';

/** What is used of `@echogarden/espeak-ng-emscripten`, which has no types. */
interface EspeakModule {
  readonly eSpeakNGWorker: new () => {
    readonly samplerate: number;
    /** 0 for a voice that there is. */
    set_voice(name: string): number;
    synthesize(text: string, onSound: (samples: Int16Array | null) => number): void;
  };
}

export interface EspeakRequest {
  readonly id: number;
  readonly text: string;
  readonly voice: string;
}

export type EspeakReply = { readonly id: number } & (
  { readonly samples: Uint8Array; readonly sampleRate: number } | { readonly over: true } | { readonly failed: string }
);

const { file } = workerData as { readonly file: string };
const loaded = (import(file) as Promise<{ default: () => Promise<EspeakModule> }>)
  .then(({ default: load }) => load())
  .then((module) => new module.eSpeakNGWorker());

parentPort?.on('message', ({ id, text, voice }: EspeakRequest) => {
  const reply = (message: EspeakReply, transfer: ArrayBuffer[] = []): void =>
    parentPort?.postMessage(message, transfer);
  loaded.then(
    (speaker) => {
      if (speaker.set_voice(voice) !== 0) {
        reply({ id, failed: `there is no voice ${voice}` });
        return;
      }
      speaker.synthesize(text, (samples) => {
        if (samples !== null && samples.length > 0) {
          // Its own memory is written again.
          const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength).slice();
          reply({ id, samples: bytes, sampleRate: speaker.samplerate }, [bytes.buffer]);
        }
        return 0;
      });
      reply({ id, over: true });
    },
    (error: unknown) => reply({ id, failed: String(error) }),
  );
});
