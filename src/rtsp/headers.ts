// The meaning of single RTSP header values: look-up without case, Location, Session, Public, Content-Length. No bytes, no challenges (digest.ts).
import { TalkError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import type { HeaderList, RtspResponse } from './message.js';

/** The first value of the header, whatever the case of its name. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1];
}

/** Every value of the header in the order of the wire. */
export function headerValues(headers: HeaderList, name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([candidate]) => candidate.toLowerCase() === wanted).map(([, value]) => value);
}

/** Where a redirect leads, for error texts: without user, password and query, cut short; undefined for any other status. */
export function redirectTarget(response: Pick<RtspResponse, 'status' | 'headers'>): string | undefined {
  const location = headerValue(response.headers, 'Location');
  if (response.status < 300 || response.status >= 400 || location === undefined) return undefined;
  return excerpt(location.replace(/\?.*/s, '').replace(/^([a-z]+:\/\/)?[^/]*@/i, '$1'));
}

/** A `Session` value: the opaque id to echo, and the seconds of `;timeout=` if the peer names them. */
export function parseSession(value: string): { id: string; timeoutSeconds?: number } {
  const [id = '', ...parameters] = value.split(';').map((part) => part.trim());
  const timeout = parameters.map((parameter) => /^timeout\s*=\s*"?(\d{1,9})"?$/i.exec(parameter)?.[1]).find(Boolean);
  return timeout === undefined ? { id } : { id, timeoutSeconds: Number(timeout) };
}

/** The methods of a `Public` value, as they are written there. */
export function parsePublic(value: string): string[] {
  return value
    .split(',')
    .map((method) => method.trim())
    .filter((method) => method !== '');
}

/**
 * The length of the body, bytes; 0 without the header.
 * Throws TALK_ERR_PROTOCOL when a value is no number, two values differ, or the length is above `maxBytes`.
 */
export function parseContentLength(headers: HeaderList, maxBytes: number): number {
  const [first = '0', ...others] = headerValues(headers, 'Content-Length');
  if (!/^\d{1,15}$/.test(first))
    throw new TalkError('TALK_ERR_PROTOCOL', 'The peer sent a Content-Length that is no length');
  const length = Number(first);
  if (others.some((other) => !/^\d{1,15}$/.test(other) || Number(other) !== length)) {
    throw new TalkError('TALK_ERR_PROTOCOL', 'The peer sent several Content-Length headers that contradict each other');
  }
  if (length > maxBytes) {
    throw new TalkError(
      'TALK_ERR_PROTOCOL',
      `The peer announced a body of ${length} bytes; at most ${maxBytes} are read`,
    );
  }
  return length;
}
