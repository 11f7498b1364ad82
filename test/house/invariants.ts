// What must hold after each step of an hour: who may sound now, in which order, and that every part ends once, for a reason that is true.
import type { Flows } from './flows.js';
import { isOver, type Part } from './message.js';
import type { Room } from './room.js';
import { heardAsReported } from './heard.js';
import { reasonFor } from './reasons.js';

/** From the beginning of a turn to its first packet with sound, ms: a meeting of cameras (500), the lead-in, a packet. */
const BEGINNING_MS = 1_500;
/** A healthy camera that has something to say says it within this time, ms: what went wrong before is noticed (8 s) and waited for (4 s). */
const SILENT_MS = 30_000;
/** Live sound that failed begins anew within so long of the camera's return, ms: the longest pause (15 s). */
const DEAD_MS = 25_000;
/** Of messages that wait (the promise). */
const MAX_BROUGHT_BYTES = 192 * 1024 * 1024;
/** A password that was accepted before and is refused now is not tried more often, ms. */
const REFUSED_PAUSE_MS = 55_000;
const HOUR_MS = 3_600_000;

export class Invariants {
  readonly broken: string[] = [];
  readonly #rooms: readonly Room[];
  readonly #now: () => number;

  constructor(rooms: readonly Room[], now: () => number) {
    this.#rooms = rooms;
    this.#now = now;
  }

  breaks(text: string): void {
    this.broken.push(text);
  }

  /** A packet with sound of this clip goes out. */
  sounds(room: Room, id: number): void {
    const part = room.parts.find(({ message }) => message.id === id);
    const where = `${room.device.name}, #${id}`;
    if (part === undefined) this.breaks(`${where}: sounds, and was never sent here`);
    else if (isOver(part)) this.breaks(`${where}: sounds, and is over`);
    else if (part.soundAt === undefined) {
      part.soundAt = this.#now();
      this.#checkOrder(part);
    }
    room.aliveAt = this.#now();
  }

  #checkOrder(part: Part): void {
    const { message, room } = part;
    const goesFirst = message.whenBusy === 'interrupt' || message.whenBusy === 'replace';
    const began = part.connectingAt ?? this.#now() - BEGINNING_MS;
    for (const other of room.pending) {
      if (other === part || isOver(other)) continue;
      const { priority } = other.message;
      const where = `${room.device.name}: #${message.id} sounds before #${other.message.id}`;
      const camelater = other.message.id > message.id;
      if (!camelater && !goesFirst && priority >= message.priority) this.breaks(`${where}, which came first`);
      if (priority > message.priority && (!camelater || other.message.sentAt < began)) {
        this.breaks(`${where}, which has a higher priority`);
      }
    }
  }

  /** A part has its result. */
  ended(part: Part): void {
    const { message, room, end, stateEndedAt } = part;
    if (end === undefined) return;
    room.aliveAt = this.#now();
    const where = `${room.device.name}, #${message.id}`;
    const told = stateEndedAt !== undefined;
    if (end.how !== 'failed' && !told) this.breaks(`${where}: ${end.how}, and its state never said so`);
    const reason = reasonFor(part);
    if (reason !== undefined) this.breaks(`${where}: ${reason}`);
  }

  /** After each step. */
  checkFlows({ bridges, heldBytes }: Flows): void {
    if (heldBytes > MAX_BROUGHT_BYTES) this.breaks(`messages that wait hold ${heldBytes} bytes`);
    for (const { id, parts } of bridges.values()) {
      for (const { room, end } of parts) {
        if (end?.how !== 'failed' || !(end.error.retryable || end.error.code === 'TALK_ERR_EXPIRED')) continue;
        const since = Math.max(end.at, ...room.faults.map(({ until }) => until));
        if (this.#now() - since > DEAD_MS)
          this.breaks(`${room.device.name}: live sound of #${id} comes, and is not said any more`);
      }
    }
  }

  /** After each step. */
  check(): void {
    for (const room of this.#rooms) {
      const { device } = room;
      for (const text of device.complaints.splice(0)) this.breaks(text);
      this.#checkPasswords(room);
      this.#checkAlive(room);
    }
  }

  /** When a flow has stopped its clips. */
  checkStopped(room: Room, owner: string): void {
    for (const part of room.pending) {
      if (part.message.owner === owner && !isOver(part)) {
        this.breaks(`${room.device.name}, #${part.message.id}: was stopped, and is not over`);
      }
    }
  }

  /** When everything is over. */
  checkHeard(): void {
    for (const room of this.#rooms) for (const text of heardAsReported(room)) this.breaks(text);
  }

  #checkPasswords(room: Room): void {
    const { attempts, name } = room.device;
    const latest = attempts.at(-1);
    if (latest === undefined || latest.accepted) return;
    const before = attempts.slice(0, -1).filter(({ password }) => password === latest.password);
    const wasAccepted = before.some(({ accepted }) => accepted);
    // Of a lock-out talking and listening have times of their own.
    const isTalk = ({ method }: typeof latest): boolean => method === 'MULTITRANS';
    const counts = before.filter((one) => !wasAccepted || isTalk(one) === isTalk(latest));
    const [previous] = counts.filter(({ accepted }) => !accepted).slice(-1);
    if (previous === undefined) return;
    const sinceMs = latest.at - previous.at;
    if (wasAccepted && !previous.said) return;
    const least = wasAccepted ? REFUSED_PAUSE_MS : HOUR_MS;
    const acceptedSince = before.some(({ accepted, at }) => accepted && at >= previous.at);
    if (sinceMs < least && !acceptedSince) {
      this.breaks(`${name}: the refused password ${latest.password} went out again after ${Math.round(sinceMs)} ms`);
      attempts.length = 0;
    }
  }

  #checkAlive(room: Room): void {
    const now = this.#now();
    const waiting = [...room.pending].filter((part) => !isOver(part) && part.message.kind === 'clip');
    const arrived = Math.min(...waiting.map(({ message }) => message.sentAt));
    const healthySince = Math.max(0, ...room.faults.map(({ until }) => until));
    const since = Math.max(arrived, room.aliveAt, healthySince);
    if (waiting.length > 0 && now - since > SILENT_MS) {
      this.breaks(
        `${room.device.name}: #${waiting[0]?.message.id ?? 0} waits, and nothing is said for ${now - since} ms`,
      );
    }
  }
}
