// The talk node: message in -> request -> engine -> message out. Composes only; the rules live in talk/, shared/ and src.
import { promisify } from 'node:util';
import type { Node, NodeAPI } from 'node-red';
import {
  monotonicClock,
  withDeadline,
  TalkError,
  toTalkError,
  excerpt,
  type AudioSource,
  type CameraOptions,
  type TalkOutcome,
  type TalkState,
} from '../src/index.js';
import { followSession } from './shared/camera-list.js';
import { cameraUser, type CameraUserDef } from './shared/camera-user.js';
import { eachOnce, isAddressed, workingCameras } from './shared/find-cameras.js';
import { pathResolver } from './shared/paths.js';
import { registerSayNow } from './say-now/say-now.js';
import { registerSounds } from './sounds/routes.js';
import { Exits, type Passage } from './talk/exits.js';
import { LiveFeeds, type Begun } from './talk/live-feeds.js';
import {
  chimeSources,
  controlAction,
  discardAudio,
  hasAudio,
  isCounted,
  liveChunk,
  streamId,
  messageSources,
  messageWords,
  speakSettings,
  typedAudio,
  type ControlAction,
  type LiveChunk,
  type SpeakSettings,
  type TalkConfig,
} from './talk/request.js';
import { audioWarning, failureOf, reportsOf, troubleOf } from './talk/results.js';
import type { Message } from './shared/message.js';
import type { Send } from './shared/receive.js';
import { NO_CAMERA, NO_VOICE, failedStatus, restingStatus, talkStatus } from './shared/status.js';
import { chosenVoice } from './shared/voice-node.js';
import { gatherWarnings } from './talk/warnings.js';

interface TalkDef extends CameraUserDef, TalkConfig {
  readonly audio?: string;
  readonly audioType?: string;
  /** The id of a voice node. */
  readonly voice?: unknown;
  readonly outputs?: unknown;
}

/** For evaluating the audio property, ms: a context store that takes longer would hold up every message behind it. */
const EVALUATE_MS = 10_000;

/** A message, and what was read from it. */
interface Speech {
  readonly msg: Message;
  readonly cameras: CameraOptions[];
  readonly settings: SpeakSettings;
  readonly passage: Passage;
}

/** What is different when pieces of live sound are spoken. */
interface Live {
  /** The message that leaves. */
  readonly outgoing: () => Message;
  readonly failed: Begun['failed'];
}

const UNREADABLE = 'The message could not be read';
const ENDS: ReadonlySet<string> = new Set<TalkState['name']>(['finished', 'stopped', 'quiet', 'failed']);

const NOTHING_MORE = { done: Promise.resolve() };

export default function register(RED: NodeAPI): void {
  function TplinkTalk(this: Node, config: TalkDef): void {
    const node = this;
    const evaluate = promisify<string, string, Node, Message, unknown>((value, type, self, msg, callback) => {
      RED.util.evaluateNodeProperty(value, type, self, msg, callback);
    });
    const feeds = new LiveFeeds({
      onLeftOut: (code) => {
        if (speaking.size === 0) display.show(failedStatus(code));
      },
      onLoss: (sentence) => {
        if (!closing.aborted) warn(sentence);
      },
    });
    const exits = new Exits(config);
    const voice = chosenVoice(RED, config.voice);
    const resolvePath = pathResolver(RED);
    let accepting: Promise<unknown> = Promise.resolve();
    /** Cameras this node is speaking to, one entry per message. */
    const speaking = new Set<readonly CameraOptions[]>();
    const { engine, closing, usableCameras, display, camerasOf } = cameraUser(RED, node, config, {
      receive,
      noCamera: NO_CAMERA,
      resting: (cameras) => (voice.gone ? NO_VOICE : restingStatus(cameras.map((camera) => camera.session()))),
      failed: failedStatus,
      passOn,
      close: () => {
        exits.close();
        feeds.end();
        for (const unfollow of following) unfollow();
        return undefined;
      },
    });
    const following = usableCameras().map(({ id }) => followSession(id, () => display.refresh()));

    async function receive(msg: Message, send: Send): Promise<void> {
      const passage = exits.enter(msg, send);
      const accepted = accepting.then(() => accept(msg, passage));
      // Accepted one after the other, so that `stop` reaches the clips that came before it.
      accepting = accepted.catch(() => undefined);
      try {
        await (
          await accepted
        ).done;
      } finally {
        passage.end();
      }
    }

    /** What failed before a camera was asked, too, leaves by the second output. */
    function passOn(failure: TalkError, msg: Message, send: Send): boolean {
      if (!exits.two) return false;
      exits.enter(msg, send).refuse(camerasIfAny(msg), failure);
      return true;
    }

    function camerasIfAny(msg: Message): CameraOptions[] {
      try {
        return camerasOf(msg);
      } catch {
        return [];
      }
    }

    /** Resolves when the clip is in the queue or the action has begun; `done` settles when either is over. */
    async function accept(msg: Message, passage: Passage): Promise<{ done: Promise<void> }> {
      const action = controlAction(msg);
      if (action !== undefined) return { done: control(action, msg).then(() => passage.leave(true)) };
      const audio = await audioValue(msg);
      try {
        return acceptAudio(audio, msg, passage);
      } catch (error) {
        discardAudio(audio);
        const id = streamId(msg);
        if (id === undefined) throw error;
        const told = feeds.refused(id, toTalkError(error, 'TALK_ERR_ARGUMENT', UNREADABLE));
        if (told === undefined) return NOTHING_MORE;
        throw told;
      }
    }

    function acceptAudio(audio: unknown, msg: Message, passage: Passage): { done: Promise<void> } {
      const cameras = camerasOf(msg);
      const settings = speakSettings(msg, config);
      const chunk = liveChunk(msg, audio);
      if (chunk !== undefined && feeds.goesOn(chunk, cameras, msg)) return NOTHING_MORE;
      // It only ends a talkspurt that is over already.
      if (chunk !== undefined && chunk.bytes === undefined && !hasAudio(msg, audio)) return NOTHING_MORE;
      if (chunk?.bytes !== undefined) return { done: speakLive(chunk, { msg, cameras, settings, passage }) };
      const sources = messageSources(msg, config, audio, resolvePath, voice);
      return { done: speak(sources, { msg, cameras, settings, passage }) };
    }

    async function speakLive(chunk: LiveChunk, speech: Speech): Promise<void> {
      const { msg, cameras } = speech;
      const { feed, format, goesOn, failed } = feeds.begin(chunk, cameras, msg);
      const live: AudioSource = {
        kind: 'live',
        chunks: feed,
        bridge: !isCounted(msg),
        ...(format === undefined ? {} : { format }),
      };
      try {
        const sources = [...(goesOn ? [] : chimeSources(msg, config, resolvePath)), live];
        await speak(sources, speech, { outgoing: () => feed.latest as Message, failed });
      } catch (error) {
        const failure = toTalkError(error, 'TALK_ERR_ARGUMENT', UNREADABLE);
        const told = failed(failure);
        if (told !== undefined) throw told;
        display.show(failedStatus(failure.code));
      } finally {
        feed.discard();
      }
    }

    async function speak(sources: AudioSource[], speech: Speech, live?: Live): Promise<void> {
      const { msg, cameras, settings, passage } = speech;
      passage.begins(cameras, live?.outgoing);
      speaking.add(cameras);
      const warnings = gatherWarnings(cameras, warn);
      let results: PromiseSettledResult<TalkOutcome>[];
      try {
        results = await engine.speak(cameras, sources, {
          ...settings,
          owner: node.id,
          signal: closing,
          onWarning: warnings.add,
          onState: passage.follow(showState),
        });
      } catch (error) {
        if (!exits.two) throw error;
        results = cameras.map(() => ({ status: 'rejected', reason: error }));
      } finally {
        speaking.delete(cameras);
        warnings.end();
      }
      const warning = audioWarning(results);
      if (warning !== undefined) warn(warning);
      const all = reportsOf(results, cameras);
      const reports = exits.two ? all : all.filter(({ outcome }) => outcome !== 'cut');
      const heard = reports.some(({ outcome }) => outcome === 'spoken');
      const failure = failureOf(results, cameras);
      if (failure !== undefined) {
        if (!exits.two) {
          if (passage.several) msg['talk'] = reports;
          throw failure;
        }
        display.show(failedStatus(failure.code));
        if (live !== undefined && live.failed(failure) === undefined && !heard) return;
        // The message leaves as one that was heard; nothing else would tell.
        if (heard && !closing.aborted) warn(failure.message);
      } else if (heard) display.showBriefly(talkStatus({ name: 'finished' }));
      else display.show(talkStatus({ name: all.every(({ outcome }) => outcome === 'quiet') ? 'quiet' : 'stopped' }));
      passage.leave(heard, reports, failure);
    }

    // Not inside `speak`: warnings may come late, and a closure there would keep the message and its audio in memory until then.
    function warn(text: string): void {
      node.warn(text);
    }

    /** How it ended is told once, when every camera is done. */
    function showState(state: TalkState): void {
      const trouble = troubleOf(state);
      if (trouble !== undefined) warn(trouble);
      if (!ENDS.has(state.name)) display.show(talkStatus(state));
    }

    async function control(action: ControlAction, msg: Message): Promise<void> {
      const cameras = addressed(action, msg);
      switch (action) {
        case 'stop':
          await Promise.all(cameras.map((camera) => engine.stop(camera, node.id)));
          return;
        case 'skip':
          await Promise.all(cameras.map((camera) => engine.skip(camera)));
          return;
        case 'connect':
          if (speaking.size === 0) display.show(talkStatus({ name: 'connecting' }));
          await Promise.all(cameras.map((camera) => engine.connect(camera, closing)));
          break;
        case 'disconnect':
          await Promise.all(cameras.map((camera) => engine.disconnect(camera)));
      }
      if (speaking.size === 0) display.rest();
    }

    /** `stop` and `skip` without `msg.camera` mean every camera this node is speaking to. */
    function addressed(action: ControlAction, msg: Message): CameraOptions[] {
      const cuts = action === 'stop' || action === 'skip';
      const active = [...speaking].flat();
      if (!cuts || isAddressed(msg) || active.length === 0) return camerasOf(msg);
      return eachOnce([...workingCameras(usableCameras()), ...active]);
    }

    async function audioValue(msg: Message): Promise<unknown> {
      const type = config.audioType ?? 'msg';
      const typed = messageWords(msg) ?? typedAudio(type, config.audio);
      if (typed !== undefined) return typed;
      try {
        const evaluated = evaluate(config.audio ?? 'payload', type, node, msg);
        return await withDeadline(monotonicClock, evaluated, EVALUATE_MS, () => new Error('no answer'), closing);
      } catch (error) {
        // Node-RED throws for `a.b` when `a` is missing; that is a missing property like any other.
        if (type === 'msg') return undefined;
        // JSONata throws plain objects.
        const why = error instanceof Object && 'message' in error ? String(error.message) : String(error);
        throw new TalkError('TALK_ERR_ARGUMENT', `The audio property could not be evaluated: ${excerpt(why)}`);
      }
    }
  }

  registerSounds(RED);
  registerSayNow(RED);
  RED.nodes.registerType('tplink-talk', TplinkTalk);
}
