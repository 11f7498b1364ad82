// The HTTP headers of web API requests: plain ones, and those of a browser for cameras that insist. Content-Length is set in http.ts.
import { urlHost, type CameraOptions } from '../camera-options.js';

/** Seen accepted on hardware (PROTOCOL.md W13). */
const USER_AGENT = 'TP-LINK_APP';
/** A browser of the kind that cameras with -40210 let through (PROTOCOL.md W13). */
const BROWSER_USER_AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36';

export function plainHeaders(): Record<string, string> {
  return {
    'User-Agent': USER_AGENT,
    Accept: 'application/json',
    'X-Requested-With': 'XMLHttpRequest',
    'Content-Type': 'application/json; charset=utf-8',
  };
}

export function browserHeaders(camera: Pick<CameraOptions, 'host' | 'httpPort'>): Record<string, string> {
  const origin = `http://${webAuthority(camera)}`;
  return {
    'User-Agent': BROWSER_USER_AGENT,
    Accept: 'application/json, text/javascript, */*; q=0.01',
    'X-Requested-With': 'XMLHttpRequest',
    'Content-Type': 'application/json; charset=UTF-8',
    Origin: origin,
    Referer: `${origin}/`,
  };
}

/** Host and port as they stand in a Host header and an origin. */
export function webAuthority({ host, httpPort }: Pick<CameraOptions, 'host' | 'httpPort'>): string {
  return httpPort === 80 ? urlHost(host) : `${urlHost(host)}:${httpPort}`;
}
