// Looks for secrets in a file as a curious reader would: as it is, decoded, and in whatever is encoded within it. Pure.
import type { Needles } from './needles.js';
import { asLatin1 } from './written.js';

/** Runs of base64 or hex that may hide text; shorter ones hide nothing that counts. */
const ENCODED = /[A-Za-z0-9+/_-]{8,}={0,2}/g;

export function holdsAny(bytes: Buffer, secrets: Needles): boolean {
  return viewsOf(bytes.toString('latin1')).some((view) => secrets.isIn(view));
}

function viewsOf(text: string): string[] {
  const once = percentDecoded(text);
  const runs = text.match(ENCODED) ?? [];
  const decoded = runs.flatMap((run) => [
    Buffer.from(run, 'base64').toString('latin1'),
    ...(/^(?:[0-9a-f]{2})+$/i.test(run) ? [Buffer.from(run, 'hex').toString('latin1')] : []),
  ]);
  return [text, once, percentDecoded(once), jsonDecoded(text), decoded.join('\n')];
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function jsonDecoded(text: string): string {
  return text.replace(/(?:\\u[0-9a-f]{4})+|\\(["\\/])/gi, (escapes, plain: string | undefined) => {
    const codes = escapes.split(/\\u/i).slice(1);
    return plain ?? asLatin1(codes.map((hex) => String.fromCharCode(Number.parseInt(hex, 16))).join(''));
  });
}
