// Fetching a clip from an http(s) URL: bounded in size, time and redirects. What it holds is decided elsewhere.
import { monotonicClock, withDeadline, type Clock } from '../clock.js';
import { isTalkError, TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { FETCH_TIMEOUT_MS, MAX_REDIRECTS, MAX_SOURCE_BYTES } from '../limits.js';
import { asBuffer } from './bytes.js';

export interface FetchAudioOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  maxBytes?: number;
  clock?: Clock;
}

/**
 * The body of an http(s) URL. User info in the URL is sent as Basic authorization, to its own origin only.
 * Throws TALK_ERR_SOURCE (unreachable, refused, not 2xx, too large, too slow, too many redirects), or the signal's reason.
 */
export async function fetchAudio(url: string, options: FetchAudioOptions = {}): Promise<Buffer> {
  const { signal, timeoutMs = FETCH_TIMEOUT_MS, maxBytes = MAX_SOURCE_BYTES, clock = monotonicClock } = options;
  const target = parseUrl(url);
  if (target === undefined)
    throw new TalkError('TALK_ERR_SOURCE', 'Only http:// and https:// addresses can be fetched');
  const stop = new AbortController();
  const tooSlow = (): Error => failed(target, `did not deliver the audio within ${timeoutMs / 1000} s`);
  try {
    return await withDeadline(clock, download(target, maxBytes, stop.signal), timeoutMs, tooSlow, signal);
  } finally {
    stop.abort();
  }
}

async function download(start: URL, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  let target = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await request(target, target.origin === start.origin ? start : target, signal);
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) return await readBody(target, response, maxBytes);
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

/** The caller's signal ends a body that is not read to its end. */
async function readBody(target: URL, response: Response, maxBytes: number): Promise<Buffer> {
  if (!response.ok) throw failed(target, `answered ${response.status} ${response.statusText}`.trimEnd());
  const tooLarge = failed(target, `is larger than ${maxBytes} bytes`);
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge;
  const reader = response.body?.getReader();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const next: { done: boolean; value?: unknown } = (await reader?.read()) ?? { done: true };
      if (next.done) return Buffer.concat(chunks, bytes);
      const chunk = asBuffer(next.value) ?? Buffer.alloc(0);
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge;
      chunks.push(chunk);
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
