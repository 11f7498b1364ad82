// ADTS to samples by one long-running ffmpeg, fed as the packets come. Taking packets apart is depayloader.ts.
import { decodeWithFfmpeg } from '../../audio/ffmpeg.js';
import type { Clock } from '../../clock.js';
import { abortedError, TalkError } from '../../errors.js';
import { MAX_DECODER_BACKLOG_BYTES } from '../../limits.js';
import { AAC_FRAME_SAMPLES, adtsFrame, silentUnit, type AacConfig } from './config.js';
import type { DecoderEvents, SoundDecoder } from '../decoder.js';

/**
 * ffmpeg looks at 2048 bytes and at 50 packets before it gives the first sample, which would be seconds of sound.
 * So many silent units of 11 bytes or more satisfy it at once; their samples are dropped.
 */
const PRIMING_UNITS = 200;

export interface AacDecoderOptions {
  readonly config: AacConfig;
  /** Of the samples that come out, Hz. */
  readonly sampleRate: number;
  readonly clock: Clock;
  readonly ffmpegPath?: string | undefined;
}

/** `onError` gets TALK_ERR_FFMPEG or TALK_ERR_AUDIO. */
export function aacDecoder(options: AacDecoderOptions, events: DecoderEvents): SoundDecoder {
  const { config, sampleRate, clock, ffmpegPath } = options;
  const feed = new Feed();
  const closing = new AbortController();
  const priming = adtsFrame(config, silentUnit(config));
  feed.push(Buffer.concat(new Array<Buffer>(PRIMING_UNITS).fill(priming)));
  let unheard = Math.round((PRIMING_UNITS * AAC_FRAME_SAMPLES * sampleRate) / config.sampleRate);

  const run = async (): Promise<void> => {
    const sound = decodeWithFfmpeg({ chunks: feed }, { sampleRate, ffmpegPath, clock, signal: closing.signal });
    for await (const samples of sound) {
      const dropped = Math.min(unheard, samples.length);
      unheard -= dropped;
      if (dropped < samples.length) events.onSamples(samples.subarray(dropped));
    }
    throw new TalkError('TALK_ERR_FFMPEG', 'ffmpeg stopped decoding');
  };
  const done = run().catch((error: unknown) => {
    feed.end();
    if (!closing.signal.aborted) events.onError(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    decode: (bytes) => {
      if (closing.signal.aborted || feed.push(bytes)) return;
      closing.abort(abortedError());
      events.onError(
        new TalkError('TALK_ERR_FFMPEG', `ffmpeg does not keep up: ${MAX_DECODER_BACKLOG_BYTES} bytes wait for it`),
      );
    },
    close: async () => {
      closing.abort(abortedError());
      feed.end();
      await done;
    },
  };
}

/** Bytes pushed from one side, pulled from the other. */
class Feed implements AsyncIterable<Buffer> {
  #waiting: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  /** False when too much waits; the bytes are not taken then. */
  push(bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    if (this.#bytes + bytes.length > MAX_DECODER_BACKLOG_BYTES) return false;
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#wake();
    return true;
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    while (!this.#ended) {
      const bytes = Buffer.concat(this.#waiting);
      this.#waiting = [];
      this.#bytes = 0;
      if (bytes.length > 0) yield bytes;
      else await new Promise<void>((wake) => (this.#wake = wake));
    }
  }
}
