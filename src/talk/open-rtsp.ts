// Opens talk by MULTITRANS: an RTSP connection, the dialogue on it, RTP in interleaved frames.
import { randomBytes } from 'node:crypto';
import type { CameraOptions } from '../camera-options.js';
import { openDialogue, type OpeningStage } from '../connection/handshake.js';
import { openConnection } from '../connection/open.js';
import type { RtspConnection } from '../connection/rtsp-connection.js';
import { TalkDialogue, type OpenStep, type RtpGranted } from '../multitrans/dialogue.js';
import { Packetizer } from '../rtp/packetizer.js';
import type { OpenOptions, OpenTalk, SessionDeps } from './open-talk.js';

const STEPS: Readonly<Record<OpeningStage, string>> = {
  connecting: 'the first request',
  authenticating: 'the log-in',
  opening: 'the talk request',
};

/** Rejects as `Session.open`; the socket is closed then. */
export async function openRtsp(camera: CameraOptions, deps: SessionDeps, options: OpenOptions): Promise<OpenTalk> {
  const connection = await openConnection(camera, deps, options.signal);
  try {
    const granted = await talkOn(connection, camera, deps, options);
    const { channel, payloadType } = granted.profile;
    const packetizer = new Packetizer({
      channel,
      payloadType,
      ssrc: randomBytes(4).readUInt32BE(),
      sequenceNumber: randomBytes(2).readUInt16BE(),
      timestamp: randomBytes(4).readUInt32BE(),
    });
    return { connection, granted, pack: (payload) => packetizer.packetize(payload) };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function talkOn(
  connection: RtspConnection,
  camera: CameraOptions,
  deps: SessionDeps,
  options: OpenOptions,
): Promise<RtpGranted> {
  const dialogue = new TalkDialogue({
    camera,
    clientId: deps.clientId,
    clientNonce: () => randomBytes(8).toString('hex'),
    onForm: (form, isAnswered) => deps.guard.offered('talk', camera, form, isAnswered),
  });
  const { granted } = await openDialogue<OpenStep>(connection, dialogue, {
    camera,
    clock: deps.clock,
    way: 'talk',
    guard: deps.guard,
    nameOf: (_, stage) => STEPS[stage],
    onStage: options.onStage,
    signal: options.signal,
  });
  return granted;
}
