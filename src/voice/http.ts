// A voice behind HTTP: one request with the text in it; the reply is sound, or JSON that holds it or says where it is.
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { MAX_VOICE_JSON_BYTES } from '../limits.js';
import type { VoiceOptions } from './options.js';
import { escapeOf, fill, fillHeaders, placeholdersOf, type Values } from './template.js';
import { patiently, unreachable, voiceError, type SpeakContext, type Utterance } from './utterance.js';

/** Of a reply that is no sound, read to quote it. */
const QUOTED_BYTES = 4_096;

type HttpVoice = Pick<VoiceOptions, 'url' | 'method' | 'body' | 'headers' | 'audioPath' | 'token'>;

/**
 * @throws TALK_ERR_ARGUMENT for headers that are none, TALK_ERR_VOICE for a server that cannot be reached (retryable), answers an error, a web page,
 * nothing, or JSON without sound
 */
export async function speakByHttp(
  voice: HttpVoice,
  texts: { text: string; voice: string; language: string },
  context: SpeakContext,
): Promise<Utterance> {
  const request = requestOf(voice, { ...texts, token: voice.token });
  const name = `The voice at ${excerpt(request.url.host)}`;
  const words = (said: string): string => (voice.token === '' ? said : said.replaceAll(voice.token, '***'));
  const start = async (stop: AbortSignal): Promise<Utterance> => {
    const response = await answerOf(request, name, stop);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400) {
      response.destroy();
      throw voiceError(`${name} redirects (${statusCode}); its final address is wanted here`);
    }
    if (statusCode < 200 || statusCode >= 300) {
      throw voiceError(`${name} answered ${statusCode}`, words(await beginning(response)));
    }
    const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (/[/+]json$/.test(type)) return foundIn(await jsonOf(response, name), { voice, name, at: request.url });
    if (/^text\/|[/+]xml$/.test(type))
      throw voiceError(`${name} answered text instead of sound`, words(await beginning(response)));
    return { kind: 'sound', chunks: bodyOf(response, name) };
  };
  return await patiently(name, start, context);
}

interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
}

function requestOf(voice: HttpVoice, values: Values): HttpRequest {
  const url = fill(voice.url, values, 'url');
  if (!URL.canParse(url)) throw new TalkError('TALK_ERR_ARGUMENT', 'url: expected an http:// or https:// address');
  const headers: Record<string, string> = {
    accept: 'audio/*, application/json;q=0.9',
    ...fillHeaders(voice.headers, values),
  };
  const target = new URL(url);
  if (target.username !== '' || target.password !== '') {
    const pair = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
    headers['authorization'] ??= `Basic ${Buffer.from(pair).toString('base64')}`;
    target.username = target.password = '';
  }
  const isPlaced = [voice.url, voice.body, voice.headers].some((template) =>
    placeholdersOf(template).includes('token'),
  );
  if (voice.token !== '' && !isPlaced) headers['authorization'] = `Bearer ${fill('{token}', values, 'header')}`;
  if (voice.body === '') return { url: target, method: voice.method || 'GET', headers, body: undefined };
  headers['content-type'] ??= 'application/json';
  const body = Buffer.from(fill(voice.body, values, escapeOf(headers['content-type'])));
  headers['content-length'] = String(body.length);
  return { url: target, method: voice.method || 'POST', headers, body };
}

function answerOf(
  { url, method, headers, body }: HttpRequest,
  name: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
    let connected = false;
    // A connection of its own: one that was kept may have died.
    send(url, { method, headers, agent: false, signal }, resolve)
      .on('socket', (socket) => socket.once('connect', () => (connected = true)))
      .on('error', (error) => {
        const code = 'code' in error ? String(error.code) : '';
        if (connected) reject(voiceError(`${name} broke off`, code));
        else reject(unreachable(`${name} cannot be reached (${code})`, { code }));
      })
      .end(body);
  });
}

async function* bodyOf(response: IncomingMessage, name: string): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    throw voiceError(`${name} broke off`, error instanceof Error && 'code' in error ? String(error.code) : '');
  }
}

async function beginning(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length >= QUOTED_BYTES) break;
  }
  // Of a web page its words.
  return text
    .slice(0, QUOTED_BYTES)
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

async function jsonOf(response: IncomingMessage, name: string): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of bodyOf(response, name)) {
    bytes += chunk.length;
    if (bytes > MAX_VOICE_JSON_BYTES)
      throw voiceError(`${name} answered more than ${MAX_VOICE_JSON_BYTES} bytes of JSON`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw voiceError(`${name} answered JSON that is none`);
  }
}

function foundIn(json: unknown, { voice, name, at }: { voice: HttpVoice; name: string; at: URL }): Utterance {
  const { audioPath } = voice;
  const found = audioPath === '' ? undefined : valueAt(json, audioPath);
  if (audioPath !== '' && typeof found !== 'string')
    throw voiceError(`${name} answered JSON without text at ${excerpt(audioPath)}`);
  if (typeof found === 'string' && !/^https?:\/\//i.test(found)) {
    const bytes = base64(found);
    if (bytes.length === 0) throw voiceError(`${name} answered no base64 at ${excerpt(audioPath)}`);
    return { kind: 'sound', chunks: once(bytes) };
  }
  const url = found ?? valueAt(json, 'url');
  if (typeof url !== 'string' || !URL.canParse(url, at.href)) {
    throw voiceError(`${name} answered JSON without a url; audioPath says where base64 sound is`);
  }
  return { kind: 'url', url: new URL(url, at).href };
}

/** `data.0.audio` */
function valueAt(json: unknown, path: string): unknown {
  let value = json;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function base64(text: string): Buffer {
  const [, data = text] = /^data:[^,]*,([^]*)$/.exec(text) ?? [];
  return /^[\w+/=\s-]*$/.test(data) ? Buffer.from(data, 'base64') : Buffer.alloc(0);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield bytes;
}
