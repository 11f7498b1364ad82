// The talk node: message in -> request -> pool -> message out. Composes only; the rules live in request.ts, status.ts and src.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import { TalkError, toTalkError, type AudioSource, type CameraOptions, type TalkOutcome } from '../src/index.js';
import { findCameras } from './find-cameras.js';
import { LiveFeed } from './live-feed.js';
import {
  cameraNames,
  chimeSources,
  controlAction,
  hasAudio,
  liveChunk,
  messageSources,
  speakSettings,
  type ControlAction,
  type LiveChunk,
  type TalkConfig,
} from './request.js';
import { failureOf, reportsOf } from './results.js';
import { sharedPool } from './shared-pool.js';
import { NO_CAMERA, failedStatus, restingStatus, talkStatus } from './status.js';
import { StatusDisplay } from './status-display.js';
import type { CameraNode } from './tplink-camera.js';

interface TalkDef extends NodeDef, TalkConfig {
  readonly camera?: string;
  readonly audio?: string;
  readonly audioType?: string;
}

type Message = NodeMessageInFlow & Record<string, unknown>;
type Send = (msg: NodeMessageInFlow) => void;

export default function register(RED: NodeAPI): void {
  function TplinkTalk(this: Node, config: TalkDef): void {
    RED.nodes.createNode(this, config);
    const node = this;
    const pool = sharedPool(RED);
    const closing = new AbortController();
    const feeds = new Map<string, LiveFeed>();
    /** Cameras this node is speaking to, one entry per message. */
    const speaking = new Set<readonly CameraOptions[]>();
    const ownCamera = RED.nodes.getNode(config.camera ?? '') as CameraNode | null;
    const display = new StatusDisplay({
      node,
      translate: (key, values) => RED._(key, { ...values }),
      resting: () => (ownCamera?.usable() === true ? restingStatus(ownCamera.session()) : NO_CAMERA),
    });
    const unsubscribe = ownCamera?.onSession(() => display.refresh());
    display.rest();

    node.on('input', (msg, send, done) => {
      receive(msg as Message, send).then(
        () => done(),
        (error: unknown) => {
          if (closing.signal.aborted) {
            done();
            return;
          }
          const failure = toTalkError(error, 'TALK_ERR_ARGUMENT', `The message could not be read: ${String(error)}`);
          if (failure.code === 'TALK_ERR_ABORTED') {
            // The camera node was taken away under the clip: cut, like by `stop`.
            display.show(talkStatus({ name: 'stopped' }));
            done();
            return;
          }
          if (usableCamera(msg)) display.show(failedStatus(failure.code));
          else display.show(NO_CAMERA);
          done(failure);
        },
      );
    });

    node.on('close', (done: () => void) => {
      closing.abort();
      for (const feed of feeds.values()) feed.end();
      unsubscribe?.();
      display.end();
      done();
    });

    async function receive(msg: Message, send: Send): Promise<void> {
      const action = controlAction(msg);
      if (action !== undefined) {
        await control(action, msg);
        send(msg);
        return;
      }
      const cameras = chosenCameras(msg);
      const audio = await audioValue(msg);
      const chunk = liveChunk(msg, audio);
      const feed = chunk === undefined ? undefined : feeds.get(chunk.id);
      if (chunk !== undefined && feed !== undefined) {
        feed.push(chunk, msg);
        if (chunk.last) feeds.delete(chunk.id);
        return;
      }
      // The end of a talkspurt that is over already.
      if (chunk !== undefined && chunk.bytes === undefined && !hasAudio(msg, audio)) return;
      if (chunk?.bytes !== undefined) await speakLive(chunk, msg, cameras, send);
      else await speak(messageSources(msg, config, audio, resolvePath), msg, cameras, send, () => msg);
    }

    async function speakLive(chunk: LiveChunk, msg: Message, cameras: CameraOptions[], send: Send): Promise<void> {
      const feed = new LiveFeed(msg);
      if (!chunk.last) feeds.set(chunk.id, feed);
      feed.push(chunk, msg);
      void feed.finished.then(() => {
        if (feeds.get(chunk.id) === feed) feeds.delete(chunk.id);
      });
      const live: AudioSource = {
        kind: 'live',
        chunks: feed,
        ...(chunk.format === undefined ? {} : { format: chunk.format }),
      };
      try {
        const sources = [...chimeSources(msg, config, resolvePath), live];
        await speak(sources, msg, cameras, send, () => feed.latest as Message);
      } finally {
        feed.discard();
      }
    }

    async function speak(
      sources: AudioSource[],
      msg: Message,
      cameras: CameraOptions[],
      send: Send,
      outgoing: () => Message,
    ): Promise<void> {
      speaking.add(cameras);
      let results: PromiseSettledResult<TalkOutcome>[];
      try {
        results = await pool.speak(cameras, sources, {
          ...speakSettings(msg, config),
          owner: node.id,
          signal: closing.signal,
          onState: (state) => {
            // How it ended is told once, when every camera is done.
            if (state.name !== 'finished' && state.name !== 'stopped' && state.name !== 'failed')
              display.show(talkStatus(state));
          },
        });
      } finally {
        speaking.delete(cameras);
      }
      const passedOn = outgoing();
      const reports = reportsOf(results, cameras);
      const failure = failureOf(results, cameras);
      const several = Array.isArray(msg['camera']);
      if (failure !== undefined) {
        if (several) msg['talk'] = reports;
        throw failure;
      }
      if (reports.length === 0) {
        display.show(talkStatus({ name: 'stopped' }));
        return;
      }
      passedOn['talk'] = several ? reports : reports[0];
      display.showBriefly(talkStatus({ name: 'finished' }));
      send(passedOn);
    }

    async function control(action: ControlAction, msg: Message): Promise<void> {
      const cameras = addressed(action, msg);
      const lines = cameras.map((camera) => ({ camera, line: pool.line(camera) }));
      switch (action) {
        case 'stop':
          for (const { line } of lines) line.stop(node.id);
          return;
        case 'skip':
          for (const { line } of lines) line.skip();
          return;
        case 'connect':
          display.show(talkStatus({ name: 'connecting' }));
          await Promise.all(lines.map(({ camera, line }) => line.connect(camera, closing.signal)));
          display.rest();
          return;
        case 'disconnect':
          await Promise.all(lines.map(({ line }) => line.disconnect()));
          display.rest();
      }
    }

    /** `stop` and `skip` without `msg.camera` mean every camera this node is speaking to. */
    function addressed(action: ControlAction, msg: Message): CameraOptions[] {
      const cuts = action === 'stop' || action === 'skip';
      const active = [...speaking].flat();
      if (!cuts || cameraNames(msg) !== undefined || active.length === 0) return chosenCameras(msg);
      return ownCamera?.usable() === true ? [ownCamera.camera(), ...active] : active;
    }

    function chosenCameras(msg: Message): CameraOptions[] {
      const names = cameraNames(msg);
      if (names !== undefined) return findCameras(RED, names).map((camera) => camera.camera());
      if (ownCamera === null) {
        throw new TalkError('TALK_ERR_ARGUMENT', 'No camera: choose one in the node, or name one in msg.camera');
      }
      return [ownCamera.camera()];
    }

    function usableCamera(msg: Message): boolean {
      return (
        ownCamera?.usable() === true || ![undefined, null, ''].includes(msg['camera'] as string | null | undefined)
      );
    }

    function audioValue(msg: Message): Promise<unknown> {
      return new Promise((done, fail) => {
        RED.util.evaluateNodeProperty(
          config.audio ?? 'payload',
          config.audioType ?? 'msg',
          node,
          msg,
          (error: Error | null | undefined, value: unknown) => {
            // Context stores call back with undefined, everything else with null.
            if (!error) done(value);
            else
              fail(new TalkError('TALK_ERR_ARGUMENT', `The audio property could not be evaluated: ${error.message}`));
          },
        );
      });
    }

    /** Relative paths as the core file nodes read them: against `fileWorkingDirectory`, then the process folder. */
    function resolvePath(path: string): string {
      const folder: unknown = Reflect.get(RED.settings, 'fileWorkingDirectory');
      if (typeof folder !== 'string' || folder === '') return resolve(path);
      const preferred = resolve(folder, path);
      return existsSync(preferred) || !existsSync(resolve(path)) ? preferred : resolve(path);
    }
  }

  RED.nodes.registerType('tplink-talk', TplinkTalk);
}
