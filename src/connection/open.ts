// Connections to a camera, ready to be spoken on, and watched from their beginning where somebody wants to know what goes over them.
import type { Socket } from 'node:net';
import { cameraKey, type CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { isTalkError } from '../errors.js';
import { Wire, type OnWire, type WireEvent } from '../wire.js';
import { HttpTalkConnection, type HttpTalkConnectionOptions } from './http-talk-connection.js';
import { RtspConnection, type ConnectionOptions } from './rtsp-connection.js';
import { connectTcp, type Connect } from './tcp.js';

type Address = Pick<CameraOptions, 'host' | 'port'>;

export interface OpenSocketOptions {
  readonly clock: Clock;
  readonly connect?: Connect | undefined;
  readonly onWire?: OnWire | undefined;
}

/** RTSP. Throws TALK_ERR_CONNECT with the errno in `cause.code`, or the signal's reason. */
export async function openConnection(
  camera: Address,
  { onFrame, ...options }: OpenSocketOptions & Pick<ConnectionOptions, 'onFrame'>,
  signal?: AbortSignal,
): Promise<RtspConnection> {
  const { socket, watched } = await openSocket(camera, 'rtsp', options, signal);
  return new RtspConnection(socket, { ...watched, onFrame });
}

/** TP-Link's HTTP talk; `port` of the address is that of the talk. Throws as `openConnection`. */
export async function openHttpConnection(
  address: Address,
  { onPart, ...options }: OpenSocketOptions & Pick<HttpTalkConnectionOptions, 'onPart'>,
  signal?: AbortSignal,
): Promise<HttpTalkConnection> {
  const { socket, watched } = await openSocket(address, 'stream', options, signal);
  return new HttpTalkConnection(socket, { ...watched, onPart });
}

interface Opened {
  readonly socket: Socket;
  /** What every kind of connection wants to know. */
  readonly watched: Pick<ConnectionOptions, 'camera' | 'clock' | 'wire'>;
}

async function openSocket(
  address: Address,
  protocol: WireEvent['protocol'],
  { clock, connect = connectTcp, onWire }: OpenSocketOptions,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  const wire = onWire && new Wire(protocol, clock, onWire);
  try {
    const socket = await connect(address, clock, signal);
    return { socket, watched: { camera: cameraKey(address), clock, wire } };
  } catch (error) {
    wire?.over('camera', isTalkError(error) ? error.code : undefined);
    throw error;
  }
}
