// A connection to a camera's RTSP port, ready to be spoken on, and watched from its beginning where somebody wants to know what goes over it.
import { cameraKey, type CameraOptions } from '../camera-options.js';
import { isTalkError } from '../errors.js';
import { Wire, type OnWire } from '../wire.js';
import { RtspConnection, type ConnectionOptions } from './rtsp-connection.js';
import { connectTcp, type Connect } from './tcp.js';

export interface OpenConnectionOptions extends Pick<ConnectionOptions, 'clock' | 'onFrame'> {
  readonly connect?: Connect | undefined;
  readonly onWire?: OnWire | undefined;
}

/** Throws TALK_ERR_CONNECT with the errno in `cause.code`, or the signal's reason. */
export async function openConnection(
  camera: Pick<CameraOptions, 'host' | 'port'>,
  { connect = connectTcp, onWire, ...options }: OpenConnectionOptions,
  signal?: AbortSignal,
): Promise<RtspConnection> {
  const wire = onWire && new Wire('rtsp', options.clock, onWire);
  try {
    const socket = await connect(camera, options.clock, signal);
    return new RtspConnection(socket, { camera: cameraKey(camera), wire, ...options });
  } catch (error) {
    wire?.over('camera', isTalkError(error) ? error.code : undefined);
    throw error;
  }
}
