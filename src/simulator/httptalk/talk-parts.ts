// One connection's parts after its 200: talk request, sound and stop, with complaints and a recording. Writes through its wire; owns the timers of a talk.
import { headerValue } from '../../rtsp/headers.js';
import { firstOf } from '../behaviors/behavior.js';
import type { Behavior, BehaviorConnection, Step } from '../behaviors/behavior.js';
import type { ConnectionCamera } from '../connection-camera.js';
import type { Complaints } from '../talk/packet-rules.js';
import type { Recording, TalkEnd } from '../talk/recording.js';
import { TALK_ERROR, usualTalkReplyText } from '../talk/replies.js';
import { Timeout } from '../timeout.js';
import { readControl } from './control.js';
import type { Control } from './control.js';
import type { OpenedStream } from './dialogue.js';
import type { HttpTalkTraits } from './family.js';
import { PartReader } from './parts.js';
import type { Part } from './parts.js';
import { httpResponse, jsonPart, serializeHttp, stopReplyText } from './replies.js';
import { decrypt } from './secret.js';
import { SoundRules } from './sound-rules.js';

/** What it needs of its connection. */
export interface PartsWire {
  readonly connection: BehaviorConnection;
  readonly acceptedAt: number;
  readonly behaviors: readonly Behavior[];
  readonly traits: HttpTalkTraits;
  readonly isOver: () => boolean;
  readonly write: (bytes: Buffer, step: Step) => void;
  readonly complain: (complaints: Partial<Complaints>) => void;
  /** A talk begins, or the last one is over. */
  readonly talking: (talks: boolean) => void;
}

interface Talk {
  readonly id: string;
  readonly recording: Recording;
  readonly rules: SoundRules;
}

export class TalkParts {
  readonly #camera: ConnectionCamera;
  readonly #wire: PartsWire;
  readonly #keys: OpenedStream['keys'];
  readonly #reader: PartReader;
  readonly #idle: Timeout;
  readonly #asleep: Timeout;
  #talk: Talk | undefined;
  #wasOpen = false;
  #seq: number | undefined;
  readonly #told = new Set<string>();

  constructor(camera: ConnectionCamera, wire: PartsWire, { boundary, keys }: OpenedStream) {
    this.#camera = camera;
    this.#wire = wire;
    this.#keys = keys;
    this.#reader = new PartReader(boundary);
    this.#idle = new Timeout(camera.clock, () => wire.connection.end());
    this.#asleep = new Timeout(camera.clock, () => wire.connection.end());
  }

  /** Of the talk that is open. */
  get recording(): Recording | undefined {
    return this.#talk?.recording;
  }

  receive(chunk: Buffer, at: number): void {
    const { parts, lost } = this.#reader.push(chunk);
    for (const part of parts) {
      if (!this.#wire.isOver()) this.#take(part, at);
    }
    // Whatever was wrong, the camera says nothing and hears nothing any more.
    if (lost !== undefined) this.#wire.complain({ violations: [lost] });
  }

  /** The connection is over. `byClient`: nobody else ended it, so that a talk wants a stop. Safe to repeat. */
  close(end: TalkEnd, byClient: boolean): void {
    if (byClient && this.#reader.isInside) this.#wire.complain({ violations: ['closed inside a part'] });
    const stopped = this.#talk === undefined;
    if (byClient && !stopped) this.#wire.complain({ violations: ['closed without stop'] });
    this.#end(end, stopped ? 0 : this.#wire.traits.heldMs);
  }

  #take(part: Part, at: number): void {
    this.#complainOnce(part);
    const flag = headerValue(part.headers, 'X-If-Encrypt');
    if (flag !== undefined && flag !== '0' && flag !== '1') {
      this.#complainOnce({ violations: ['X-If-Encrypt is neither 0 nor 1'] });
      return;
    }
    const body = flag === '1' ? decrypt(part.body, this.#keys) : part.body;
    if (body === undefined) {
      this.#complainOnce({ violations: ['encrypted part that is not of this key'] });
      return;
    }
    const type = headerValue(part.headers, 'Content-Type') ?? '';
    if (/^application\/json\s*(;|$)/i.test(type)) this.#control(part, body, at);
    else if (/^audio\/mp2t\s*$/i.test(type)) this.#hear(part, body, flag, at);
    else this.#complainOnce({ violations: ['part is neither application/json nor audio/mp2t'] });
  }

  // --- JSON --------------------------------------------------------------------------------------------------------

  #control({ headers }: Part, body: Buffer, at: number): void {
    const { number } = this.#wire.connection;
    this.#camera.requested({ connection: number, at, method: 'PART', uri: '/stream', headers, body: body.toString() });
    const control = readControl(body);
    if (control.violation !== undefined) this.#wire.complain({ violations: [control.violation] });
    if ('seq' in control) this.#checkSeq(control.seq);
    switch (control.does) {
      case 'talk': {
        this.#open(control);
        return;
      }
      case 'stop': {
        this.#stop(control.seq, headerValue(headers, 'X-Session-Id'));
        return;
      }
      case 'refuse': {
        this.#wire.write(jsonPart(stopReplyText(control)), 'talk');
        return;
      }
      case 'badRequest': {
        this.#wire.write(serializeHttp(this.#wire.traits.http, httpResponse(400)), 'other');
        return;
      }
      case 'nothing':
        return undefined;
    }
  }

  #checkSeq(seq: number): void {
    if (this.#seq !== undefined && seq <= this.#seq) this.#complainOnce({ warnings: ['seq does not count up'] });
    this.#seq = seq;
  }

  #open({ seq, mode }: Extract<Control, { does: 'talk' }>): void {
    const { connection, behaviors } = this.#wire;
    const errorCode =
      firstOf(behaviors, (behavior) => behavior.onTalkRequest?.(mode, connection)) ??
      (this.#talk === undefined && this.#camera.slot.take(connection.number) ? 0 : TALK_ERROR.talkIsUsed);
    if (errorCode === 'silent') return;
    const sessionId = this.#camera.httpTalk.sessionId();
    if (errorCode === 0) this.#begin(sessionId, mode);
    const reply = { seq, errorCode, sessionId };
    const text =
      firstOf(behaviors, (behavior) => behavior.talkReplyText?.(reply, connection)) ?? usualTalkReplyText(reply);
    this.#wire.write(jsonPart(text), 'talk');
    if (errorCode === 0) this.#each((behavior) => behavior.onTalkOpen?.(connection));
  }

  #begin(id: string, mode: string): void {
    const { connection, acceptedAt, traits } = this.#wire;
    const { maxAheadMs, maxGapMs } = this.#camera.packetRules;
    const recording = this.#camera.talkOpened(connection.number, mode, acceptedAt);
    this.#talk = { id, recording, rules: new SoundRules({ vendorGroups: traits.vendorGroups, maxAheadMs, maxGapMs }) };
    this.#wasOpen = true;
    this.#idle.start(traits.idleMs);
    this.#asleep.start(traits.awakeMs);
    this.#wire.talking(true);
  }

  /** Whether one without the id of the talk releases anything nobody has checked (PROTOCOL.md H9). */
  #stop(seq: number, id: string | undefined): void {
    const { connection, behaviors } = this.#wire;
    const talk = this.#talk;
    if (talk === undefined) this.#wire.complain({ warnings: ['stop without a talk'] });
    else if (id === undefined) this.#wire.complain({ warnings: ['stop without X-Session-Id'] });
    else if (id !== talk.id) {
      this.#wire.complain({ violations: ['stop of another X-Session-Id'] });
      this.#wire.write(jsonPart(stopReplyText({ seq, errorCode: TALK_ERROR.inner })), 'other');
      return;
    }
    const verdict = firstOf(behaviors, (behavior) => behavior.onTalkStop?.(connection));
    if (this.#wire.isOver()) return;
    this.#end('client closed', 0);
    if (verdict === undefined) this.#wire.write(jsonPart(stopReplyText({ seq, errorCode: 0 })), 'other');
  }

  // --- sound -------------------------------------------------------------------------------------------------------

  #hear({ headers }: Part, body: Buffer, flag: string | undefined, at: number): void {
    const { traits, connection } = this.#wire;
    const talk = this.#talk;
    if (talk === undefined) {
      this.#complainOnce({ violations: [this.#wasOpen ? 'sound after the talk' : 'sound before the talk was opened'] });
      return;
    }
    this.#idle.start(traits.idleMs);
    if (headerValue(headers, 'X-Session-Id') !== talk.id) {
      this.#complainOnce({ violations: ['sound without the X-Session-Id of the talk'] });
      return;
    }
    if (flag === undefined) this.#complainOnce({ warnings: ['sound without X-If-Encrypt'] });
    const isMute = (traits.encryptedOnly && flag !== '1') || (traits.hub && talk.recording.start.number === 1);
    const { packet, ...complaints } = talk.rules.check(body, at);
    this.#wire.complain(complaints);
    if (packet === undefined || isMute || this.#wire.isOver()) return;
    talk.recording.add(packet);
    this.#camera.heard(talk.recording, packet);
    this.#each((behavior) => behavior.onPacket?.(talk.recording.packetCount, connection));
  }

  #end(end: TalkEnd, heldMs: number): void {
    this.#idle.stop();
    this.#asleep.stop();
    this.#camera.slot.release(this.#wire.connection.number, heldMs);
    const talk = this.#talk;
    this.#talk = undefined;
    if (talk === undefined) return;
    talk.recording.close(end);
    this.#camera.talkEnded(talk.recording);
    this.#wire.talking(false);
  }

  #each(call: (behavior: Behavior) => void): void {
    for (const behavior of this.#wire.behaviors) {
      if (!this.#wire.isOver()) call(behavior);
    }
  }

  /** A fault that lasts is reported once. */
  #complainOnce({ violations = [], warnings = [] }: Partial<Complaints>): void {
    const isNew = (text: string): boolean => {
      const known = this.#told.has(text);
      this.#told.add(text);
      return !known;
    };
    this.#wire.complain({ violations: violations.filter(isNew), warnings: warnings.filter(isNew) });
  }
}
