// Fetching a clip from an http(s) URL: bounded in size, time and redirects. What it holds is decided elsewhere.
import { monotonicClock, type Clock } from '../clock.js';
import { isTalkError, TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { FETCH_IDLE_MS, MAX_REDIRECTS, MAX_SOURCE_BYTES } from '../limits.js';
import { asBuffer } from './bytes.js';
import { OutOfPatience, Patience } from './patience.js';

export interface FetchAudioOptions {
  signal?: AbortSignal | undefined;
  /** Without progress, ms. */
  timeoutMs?: number;
  /** In all, ms. */
  totalMs?: number;
  maxBytes?: number;
  clock?: Clock;
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
 * Throws TALK_ERR_SOURCE (unreachable, refused, not 2xx, too large, too slow, too many redirects), or the signal's reason.
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
    const answer = answerOf(target, stop.signal);
    const { at, response } = await patiently(answer, () => `did not deliver the audio within ${idleMs / 1_000} s`);
    const size = announcedBytes(response);
    if ((size ?? 0) > maxBytes) throw tooLarge(at, maxBytes);
    return { size, chunks: bodyOf(at, response, { maxBytes, patience, patiently }), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The first answer that is no redirect. */
async function answerOf(start: URL, signal: AbortSignal): Promise<{ at: URL; response: Response }> {
  let target = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await request(target, target.origin === start.origin ? start : target, signal);
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) {
      if (!response.ok) throw failed(target, `answered ${response.status} ${excerpt(response.statusText)}`.trimEnd());
      return { at: target, response };
    }
    await response.body?.cancel();
    const next = parseUrl(location, target);
    if (next === undefined) throw failed(target, 'redirects to an address that is not http:// or https://');
    target = next;
  }
  throw failed(start, `redirects more than ${MAX_REDIRECTS} times`);
}

async function request(target: URL, credentials: URL, signal: AbortSignal): Promise<Response> {
  const headers = new Headers({ accept: 'audio/*, */*;q=0.5' });
  const bare = new URL(target);
  bare.username = '';
  bare.password = '';
  try {
    if (credentials.username !== '' || credentials.password !== '') {
      const pair = `${decodeURIComponent(credentials.username)}:${decodeURIComponent(credentials.password)}`;
      headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
    }
    return await fetch(bare, { headers, redirect: 'manual', signal });
  } catch (error) {
    throw broken(target, 'could not be fetched', error);
  }
}

/** Of a packed body the length says nothing about what comes out of it. */
function announcedBytes({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}

interface BodyOptions {
  readonly maxBytes: number;
  readonly patience: Patience;
  readonly patiently: <T>(promise: Promise<T>, what: (why: string) => string) => Promise<T>;
}

async function* bodyOf(
  target: URL,
  response: Response,
  { maxBytes, patience, patiently }: BodyOptions,
): AsyncGenerator<Buffer> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  let bytes = 0;
  try {
    for (;;) {
      patience.progress();
      const next: { done: boolean; value?: unknown } = await patiently(reader.read(), (why) => `delivered ${why}`);
      if (next.done) return;
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

function tooLarge(target: URL, maxBytes: number): TalkError {
  return failed(target, `is larger than ${maxBytes} bytes`);
}

/** Query and user info may be secrets: only origin and path are shown. */
function failed(target: URL, what: string, cause?: unknown): TalkError {
  return new TalkError('TALK_ERR_SOURCE', `${excerpt(`${target.origin}${target.pathname}`)} ${what}`, { cause });
}

/** `fetch` hides the reason in the cause of its TypeError. */
function broken(target: URL, what: string, error: unknown): TalkError {
  const reason: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? `: ${reason.code}` : '';
  return failed(target, `${what}${code}`, reason);
}
