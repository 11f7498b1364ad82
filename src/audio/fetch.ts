// Fetching a clip from an http(s) URL: bounded in size, time and redirects. What it holds is decided elsewhere.
import type { Readable } from 'node:stream';
import { monotonicClock, type Clock } from '../clock.js';
import { isTalkError, TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { FETCH_IDLE_MS, MAX_REDIRECTS, MAX_SOURCE_BYTES } from '../limits.js';
import { isListed, type Allowed } from './allowed.js';
import { asBuffer } from './bytes.js';
import { httpGet, RefusedAddress, type Answer, type GetOptions } from './http-get.js';
import { isInner } from './inner-address.js';
import { OutOfPatience, Patience } from '../patience.js';

export interface FetchAudioOptions {
  allowed?: Allowed | undefined;
  signal?: AbortSignal | undefined;
  /** Without progress, ms. */
  timeoutMs?: number;
  /** In all, ms. */
  totalMs?: number;
  maxBytes?: number;
  clock?: Clock;
  /** For tests: whether an IP address belongs to this machine or a private network. */
  isInside?: (address: string) => boolean;
}

/** A body on its way. `close` must be called at the end, whatever the end. */
export interface Download {
  /** Bytes, as announced; undefined when the server does not tell. */
  readonly size: number | undefined;
  /** Fails as `fetchAudio` does. */
  readonly chunks: AsyncGenerator<Buffer>;
  /** Ends the connection. */
  readonly close: () => void;
}

/**
 * The body of an http(s) URL. User info in the URL is sent as Basic authorization, to its own origin only.
 * Throws TALK_ERR_SOURCE (not allowed, unreachable, refused, not 2xx, too large, too slow, too many redirects), or the signal's reason.
 * Without a list of what is allowed, no redirect leads from outside into this machine or a private network.
 */
export async function fetchAudio(url: string, options: FetchAudioOptions = {}): Promise<Buffer> {
  const download = await openDownload(url, options);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of download.chunks) chunks.push(chunk);
  } finally {
    download.close();
  }
  return Buffer.concat(chunks);
}

/** The same as it comes: resolves when the server has begun to answer. Throws what `fetchAudio` does. */
export async function openDownload(url: string, options: FetchAudioOptions = {}): Promise<Download> {
  const { signal, timeoutMs: idleMs = FETCH_IDLE_MS, maxBytes = MAX_SOURCE_BYTES, clock = monotonicClock } = options;
  const target = parseUrl(url);
  if (target === undefined)
    throw new TalkError('TALK_ERR_SOURCE', 'Only http:// and https:// addresses can be fetched');
  const patience = new Patience({ clock, idleMs, totalMs: options.totalMs ?? Infinity });
  const stop = new AbortController();
  const close = (): void => stop.abort();
  const patiently = async <T>(promise: Promise<T>, what: (why: string) => string): Promise<T> => {
    try {
      return await patience.wait(promise, signal);
    } catch (error) {
      throw error instanceof OutOfPatience ? failed(target, what(error.message)) : error;
    }
  };
  try {
    const answered = answerOf(target, options, stop.signal);
    const { at, answer } = await patiently(answered, () => `did not deliver the audio within ${idleMs / 1_000} s`);
    const size = announcedBytes(answer);
    if ((size ?? 0) > maxBytes) throw tooLarge(at, maxBytes);
    return { size, chunks: bodyOf(at, answer.body, { maxBytes, patience, patiently }), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The first answer that is no redirect. */
async function answerOf(
  start: URL,
  { allowed = {}, isInside = isInner }: FetchAudioOptions,
  signal: AbortSignal,
): Promise<{ at: URL; answer: Answer }> {
  let target = start;
  let redirectedFrom: { readonly at: URL; readonly address: string } | undefined;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const from = redirectedFrom;
    if (allowed.urls !== undefined && !isListed(target, allowed.urls)) throw notListed(target, from?.at);
    const fromOutside = allowed.urls === undefined && from !== undefined && !isInside(from.address);
    const mayConnect = (address: string): boolean => !fromOutside || !isInside(address);
    const credentials = target.origin === start.origin ? start : target;
    const answer = await request(target, credentials, { signal, mayConnect }).catch((error: unknown) => {
      throw error instanceof RefusedAddress && from !== undefined ? leadsInside(from.at) : error;
    });
    const { status, headers, body } = answer;
    const location = status >= 300 && status < 400 ? headers.location : undefined;
    if (location === undefined) {
      if (status < 200 || status >= 300) throw failed(target, `answered ${status} ${excerpt(answer.reason)}`.trimEnd());
      return { at: target, answer };
    }
    body.destroy();
    const next = parseUrl(location, target);
    if (next === undefined) throw failed(target, 'redirects to an address that is not http:// or https://');
    redirectedFrom = { at: target, address: answer.address };
    target = next;
  }
  throw failed(start, `redirects more than ${MAX_REDIRECTS} times`);
}

async function request(
  target: URL,
  credentials: URL,
  options: Pick<GetOptions, 'signal' | 'mayConnect'>,
): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'audio/*, */*;q=0.5' };
  const bare = new URL(target);
  bare.username = '';
  bare.password = '';
  try {
    if (credentials.username !== '' || credentials.password !== '') {
      const pair = `${decodeURIComponent(credentials.username)}:${decodeURIComponent(credentials.password)}`;
      headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    }
    return await httpGet(bare, { headers, ...options });
  } catch (error) {
    if (error instanceof RefusedAddress) throw error;
    throw broken(target, 'could not be fetched', error);
  }
}

/** Of a packed body the length says nothing about what comes out of it. */
function announcedBytes({ headers }: Answer): number | undefined {
  const length = headers['content-length'];
  return length === undefined || headers['content-encoding'] !== undefined ? undefined : Number(length);
}

interface BodyOptions {
  readonly maxBytes: number;
  readonly patience: Patience;
  readonly patiently: <T>(promise: Promise<T>, what: (why: string) => string) => Promise<T>;
}

async function* bodyOf(
  target: URL,
  body: Readable,
  { maxBytes, patience, patiently }: BodyOptions,
): AsyncGenerator<Buffer> {
  const reader: AsyncIterator<unknown> = body[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (;;) {
      patience.progress();
      const next = await patiently(reader.next(), (why) => `delivered ${why}`);
      if (next.done === true) return;
      const chunk = asBuffer(next.value) ?? Buffer.alloc(0);
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(target, maxBytes);
      if (chunk.length > 0) yield chunk;
    }
  } catch (error) {
    throw isTalkError(error) ? error : broken(target, 'broke off', error);
  }
}

function parseUrl(url: string, base?: URL): URL | undefined {
  if (!URL.canParse(url, base?.href)) return undefined;
  const target = new URL(url, base);
  return target.protocol === 'http:' || target.protocol === 'https:' ? target : undefined;
}

function notListed(target: URL, from: URL | undefined): TalkError {
  const why = 'is none of those that tplinkTalkAllowedUrls in settings.js allows';
  return failed(from ?? target, from === undefined ? why : `redirects to an address that ${why}`);
}

function leadsInside(from: URL): TalkError {
  const way = 'name the target in tplinkTalkAllowedUrls in settings.js if that is meant';
  return failed(from, `redirects from outside into this machine or a private network; ${way}`);
}

function tooLarge(target: URL, maxBytes: number): TalkError {
  return failed(target, `is larger than ${maxBytes} bytes`);
}

/** Query and user info may be secrets: only origin and path are shown. */
function failed(target: URL, what: string, cause?: unknown): TalkError {
  return new TalkError('TALK_ERR_SOURCE', `${excerpt(`${target.origin}${target.pathname}`)} ${what}`, { cause });
}

/** Node.js's own error may hold what the server sent, so only its code is the cause. */
function broken(target: URL, what: string, error: unknown): TalkError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return failed(target, code === undefined ? what : `${what}: ${code}`, code === undefined ? error : { code });
}
