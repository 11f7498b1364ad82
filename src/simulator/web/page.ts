// What the simulator shows to humans: the shape of its state, the page as one self-contained text, and parts of a recording by byte range.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One talk session as the page shows it. Times are milliseconds; null when there is none yet. */
export interface PageSession {
  /** Letters, digits, `-` and `_`; part of the recording's address. */
  id: string;
  /** ISO 8601. */
  startedAt: string;
  /** Seconds of sound so far. */
  seconds: number;
  packets: number;
  firstSoundMs: number | null;
  worstLatenessMs: number | null;
  leadInMs: number | null;
  /** What the client did wrong, a sentence each. */
  violations: string[];
  mode: string;
  codec: string;
}

export interface PageState {
  name: string;
  /** The address to talk to, without credentials. */
  rtspUrl: string;
  /** Whether a talk session is open; it is the one that started last. */
  talking: boolean;
  sessions: PageSession[];
}

/** Where the page gets what it shows; the simulated camera is one. */
export interface PageSource {
  snapshot(): PageState;
  /** The recording of a session so far, a WAV file; undefined when there is no such session. */
  wav(sessionId: string): Buffer | undefined;
  /** Calls the listener after each change; returns the function that ends it. */
  onChange(listener: () => void): () => void;
}

export interface Page {
  html: string;
  /** Allows the page's own script and style and nothing else. */
  contentSecurityPolicy: string;
}

/** Reads the page and puts its style and its script into it. */
export async function loadPage(): Promise<Page> {
  const folder = join(__dirname, '..', 'page');
  const frame = await readFile(join(folder, 'index.html'), 'utf8');
  const style = await readFile(join(folder, 'page.css'), 'utf8');
  const script = await readFile(join(folder, 'page.js'), 'utf8');
  return {
    html: frame
      .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
      .replace(/<script src="page.js"><\/script>/, () => `<script>${script}</script>`),
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src '${sourceHash(script)}'`,
      `style-src '${sourceHash(style)}'`,
      "connect-src 'self'",
      "media-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

/** First and last byte that a `Range` header asks for; undefined without one that makes sense, null when it lies outside. */
export function byteRange(header: string | undefined, total: number): [first: number, last: number] | null | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, total - Number(to)) : Number(from);
  const last = from === '' || to === '' ? total - 1 : Math.min(Number(to), total - 1);
  return first > last ? null : [first, last];
}

function sourceHash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
