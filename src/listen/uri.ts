// The URIs of a camera's streams: what the user chose as a request URI, and what a session description calls a track.
import { TalkError } from '../errors.js';
import { rtspUri } from '../rtsp/uri.js';
import type { StreamAccess } from '../stream-access.js';

/**
 * The URI of the stream that the access itself names, else of `stream1` (main), `stream2` (sub) or another path such as `/stream1&channel=2`.
 * Throws TALK_ERR_ARGUMENT for a whole URL and for characters that cannot stand in one.
 */
export function streamUri(access: Pick<StreamAccess, 'host' | 'port' | 'path'>, stream: string): string {
  if (access.path !== undefined) return rtspUri(access, access.path);
  const path = stream.trim().replace(/^\/+/, '');
  // A URL may hold a password, so it is not shown.
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) throw invalid('not a whole URL: the camera is chosen elsewhere');
  if (path === '') throw invalid('it is empty');
  if (!/^[\x21-\x7e]+$/.test(path)) throw invalid('without blanks and other than ASCII characters');
  return rtspUri(access, path);
}

/**
 * An `a=control` value as a URI. `*` and a missing one mean the base itself; a relative one is appended to the base, as the field's clients do,
 * even where RFC 3986 would cut the base's last part off.
 */
export function controlUri(control: string | undefined, base: string): string {
  if (control === undefined || control === '*') return base;
  if (/^rtspu?:\/\//i.test(control)) return control;
  return `${base}${base.endsWith('/') ? '' : '/'}${control.replace(/^\/+/, '')}`;
}

function invalid(why: string): TalkError {
  return new TalkError(
    'TALK_ERR_ARGUMENT',
    `stream: expected stream1, stream2 or a path such as /stream1&channel=1, ${why}`,
  );
}
