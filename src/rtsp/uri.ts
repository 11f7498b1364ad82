// The URI of a request. Which path it asks for is the dialogues' business.
import { urlHost, type CameraOptions } from '../camera-options.js';

const RTSP_PORT = 554;

/** `rtsp://host[:port]/path`, without the port when it is the standard one: the form with the widest evidence (PROTOCOL.md T3). */
export function rtspUri({ host, port }: Pick<CameraOptions, 'host' | 'port'>, path: string): string {
  return `rtsp://${urlHost(host)}${port === RTSP_PORT ? '' : `:${port}`}/${path}`;
}
