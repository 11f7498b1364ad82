// A Wyoming server, such as Piper's: text out, PCM back as it is made. The bytes are wyoming-events.ts's.
import { connect, type Socket } from 'node:net';
import { abortReason, onAbort } from '../abort.js';
import { isTalkError } from '../errors.js';
import { MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from '../limits.js';
import type { AudioFormat, Encoding } from '../sound/format.js';
import { patiently, unreachable, voiceError, type SpeakContext, type Utterance } from './utterance.js';
import { serializeEvent, WyomingParser, type WyomingEvent } from './wyoming-events.js';

export interface WyomingServer {
  readonly host: string;
  readonly port: number;
}

/** By bytes of a sample. */
const ENCODINGS: Readonly<Record<number, Encoding>> = { 1: 'u8', 2: 's16le', 3: 's24le', 4: 's32le' };

/**
 * The samples that the server makes of the text. Asks at once, without waiting for the server's description of itself.
 * @throws TALK_ERR_VOICE when it cannot be reached (retryable), refuses, hangs up or speaks something else
 */
export function speakByWyoming(
  { host, port }: WyomingServer,
  { text, voice, language }: { text: string; voice: string; language: string },
  context: SpeakContext,
): Promise<Utterance> {
  const name = `The Wyoming server ${host}:${port}`;
  const wanted = { ...(voice === '' ? {} : { name: voice }), ...(language === '' ? {} : { language }) };
  const request = serializeEvent('synthesize', {
    text,
    ...(Object.keys(wanted).length === 0 ? {} : { voice: wanted }),
  });
  const start = async (stop: AbortSignal): Promise<Utterance> => {
    const events = conversation(name, { host, port }, request, stop);
    const format = await audioStart(name, events);
    return { kind: 'sound', chunks: samples(name, format, events), format };
  };
  return patiently(name, start, context);
}

async function audioStart(name: string, events: AsyncGenerator<WyomingEvent>): Promise<AudioFormat> {
  for (;;) {
    const next = await events.next();
    if (next.done === true) throw voiceError(`${name} hung up without sound`);
    if (next.value.type === 'audio-start') return formatOf(name, next.value.data);
    refuseError(name, next.value);
    if (next.value.type === 'audio-stop') throw voiceError(`${name} gave no sound`);
  }
}

async function* samples(
  name: string,
  { encoding, sampleRate, channels }: AudioFormat,
  events: AsyncGenerator<WyomingEvent>,
): AsyncGenerator<Buffer> {
  for await (const event of events) {
    refuseError(name, event);
    if (event.type === 'audio-stop') return;
    if (event.type !== 'audio-chunk') continue;
    const format = Object.keys(event.data).length === 0 ? undefined : formatOf(name, event.data);
    if (
      format !== undefined &&
      (format.encoding !== encoding || format.sampleRate !== sampleRate || format.channels !== channels)
    ) {
      throw voiceError(`${name} changed the format of its sound half way`);
    }
    if (event.payload.length > 0) yield event.payload;
  }
  throw voiceError(`${name} hung up before the end`);
}

function refuseError(name: string, { type, data }: WyomingEvent): void {
  if (type === 'error') throw voiceError(`${name} refused`, wordsOf(data['text'] ?? data['code']));
}

function formatOf(name: string, { rate, width, channels }: WyomingEvent['data']): AudioFormat {
  const encoding = ENCODINGS[Number(width)];
  const sampleRate = Number(rate);
  const count = Number(channels);
  const known = sampleRate >= MIN_SAMPLE_RATE && sampleRate <= MAX_SAMPLE_RATE && count >= 1 && count <= MAX_CHANNELS;
  if (encoding === undefined || !known || !Number.isInteger(sampleRate * count)) {
    throw voiceError(
      `${name} gave unknown samples`,
      `rate ${String(rate)}, width ${String(width)}, channels ${String(channels)}`,
    );
  }
  return { encoding, sampleRate, channels: count };
}

async function* conversation(
  name: string,
  { host, port }: WyomingServer,
  request: Buffer,
  stop: AbortSignal,
): AsyncGenerator<WyomingEvent> {
  const socket: Socket = connect({ host, port });
  const ignore = onAbort(stop, () => socket.destroy(abortReason(stop)));
  const parser = new WyomingParser();
  const reached: { yet?: true } = {};
  socket.once('connect', () => (reached.yet = true));
  try {
    socket.write(request);
    for await (const chunk of socket as AsyncIterable<Buffer>) yield* parser.push(chunk);
  } catch (error) {
    if (isTalkError(error) || stop.aborted) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (reached.yet === true) throw voiceError(`${name} broke off`, code);
    throw unreachable(`${name} cannot be reached (${code})`, { code });
  } finally {
    ignore();
    socket.destroy();
  }
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
