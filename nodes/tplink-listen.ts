// The listen node: the camera's microphone as messages, continuously or as recordings. Composes only; the rules live in listen/, shared/ and src.
import type { Node, NodeAPI } from 'node-red';
import {
  TalkError,
  cameraKey,
  monotonicClock,
  wallTime,
  type CameraOptions,
  type ListenState,
  type Listener,
  type RecordPlan,
  type Recording,
  type SoundChunk,
} from '../src/index.js';
import { cameraUser, type CameraUserDef } from './shared/camera-user.js';
import { listenRequest, listenSettings, type ListenConfig, type ListenSettings } from './listen/request.js';
import { listenError, recordingReport, soundMessage, type SoundMessage } from './listen/results.js';
import type { Message } from './shared/message.js';
import type { Send } from './shared/receive.js';
import { failedListenStatus, listenNodeStatus, listenStatus } from './shared/status.js';

type ListenDef = CameraUserDef & ListenConfig;

export default function register(RED: NodeAPI): void {
  function TplinkListen(this: Node, config: ListenDef): void {
    const node = this;
    /** One for continuous listening and one for each recording; the camera's stream is opened once for all of them. */
    const microphones = new Set<Listener>();
    let continuous: Listener | undefined;
    let listening: Promise<void> | undefined;
    /** The message that started continuous listening last. Its errors are reported with it. */
    let cause: Message = { _msgid: RED.util.generateId() };
    /** Of continuous listening. */
    let state: ListenState = { name: 'stopped' };
    let recordings = 0;
    /** Whether a message has stopped listening. */
    let stopped = false;
    /** Chunks without a break share an id. */
    let parts = { id: '', index: 0 };
    const { engine, closing, usableCameras, display, camerasOf } = cameraUser(RED, node, config, {
      receive,
      noCamera: listenNodeStatus('noCamera'),
      resting: () => {
        if (isOn(state)) return listenStatus(state);
        return stopped ? listenNodeStatus('stopped') : undefined;
      },
      failed: failedListenStatus,
      told: listenError,
      goesOn: () => isOn(state),
      close: () => {
        RED.events.off('flows:started', begin);
        return stop();
      },
    });

    // Not before: a Catch node must be there to get a failure.
    RED.events.once('flows:started', begin);

    function begin(): void {
      try {
        if (listenSettings(config).mode === 'continuous' && usableCameras().length > 0) start(cause);
      } catch (error) {
        giveUp(error);
      }
    }

    async function receive(msg: Message, send: Send): Promise<void> {
      const settings = listenSettings(config);
      const request = listenRequest(msg, settings);
      switch (request.action) {
        case 'start':
          start(msg);
          return;
        case 'stop':
          stopped = true;
          await stop();
          display.rest();
          return;
        case 'record':
          await record(msg, request.plan, settings, send);
      }
    }

    /** Listens until stopped, whatever happens to the camera. */
    function start(msg: Message): void {
      continuous ??= continuousMicrophone(listenSettings(config));
      stopped = false;
      cause = msg;
      const promise = continuous.start();
      if (promise === listening) return;
      listening = promise;
      promise.catch(giveUp);
    }

    function giveUp(error: unknown): void {
      if (closing.aborted) return;
      const failure = listenError(error);
      display.show(failedListenStatus(failure.code));
      node.error(failure, cause);
    }

    async function stop(): Promise<void> {
      await Promise.all([...microphones].map((microphone) => microphone.stop()));
    }

    function continuousMicrophone(settings: ListenSettings): Listener {
      const camera = oneCamera({});
      const onChunk = (chunk: SoundChunk): void => {
        node.send({ ...message(chunk, settings, camera), parts: { ...parts } });
        parts.index += 1;
      };
      const onState = (next: ListenState): void => {
        if (next.name === 'listening') parts = { id: RED.util.generateId(), index: 0 };
        state = next;
        if (recordings === 0 && isOn(next)) display.rest();
        if (next.name === 'retrying' && next.problem !== undefined && !closing.aborted) {
          node.error(new TalkError(next.code, next.problem, { camera: cameraKey(camera) }), cause);
        }
      };
      const microphone = engine.microphone(camera, { ...settings, onChunk, onState });
      microphones.add(microphone);
      return microphone;
    }

    async function record(msg: Message, plan: RecordPlan, settings: ListenSettings, send: Send): Promise<void> {
      const camera = oneCamera(msg);
      const onState = (next: ListenState): void => {
        if (next.name === 'listening') display.show(listenNodeStatus('recording'));
        else if (isOn(next)) display.show(listenStatus(next));
      };
      const microphone = engine.microphone(camera, { ...settings, onState });
      microphones.add(microphone);
      recordings += 1;
      stopped = false;
      let recording: Recording;
      try {
        recording = await microphone.record(plan, closing);
      } finally {
        recordings -= 1;
        void microphone.stop().then(() => microphones.delete(microphone));
      }
      if (recording.ended === 'stopped' && recording.pcm.length === 0) return;
      Object.assign(msg, message(recording, settings, camera), { recording: recordingReport(recording) });
      // Done. The next node could take it for a command to itself.
      delete msg['action'];
      if (recordings === 0) {
        display.showBriefly(listenNodeStatus(recording.speech === false ? 'noSpeech' : 'recorded'));
      }
      send(msg);
    }

    function message(sound: SoundChunk, { output }: ListenSettings, camera: CameraOptions): SoundMessage {
      return soundMessage(sound, output, camera, { clock: monotonicClock.now(), wall: wallTime().getTime() });
    }

    function oneCamera(msg: Partial<Message>): CameraOptions {
      const [camera, ...others] = camerasOf(msg);
      if (camera !== undefined && others.length === 0) return camera;
      throw new TalkError('TALK_ERR_ARGUMENT', 'msg.camera: expected one camera; send a message for each');
    }
  }

  RED.nodes.registerType('tplink-listen', TplinkListen);
}

/** Whether there is sound, or soon will be. */
function isOn({ name }: ListenState): boolean {
  return name !== 'stopped' && name !== 'failed';
}
