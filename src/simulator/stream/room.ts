// A room: the loudspeakers of the cameras in it, and who wants to hear how much of the past. One camera has it to itself unless another is in earshot.
import type { RecordedPacket } from '../talk/packet-rules.js';
import type { Recording } from '../talk/recording.js';
import type { Loudspeaker } from './loudspeaker.js';

/** One talk as the room hears it. */
export interface AudibleTalk {
  readonly recording: Recording;
  readonly loudspeaker: Loudspeaker;
  endedAt: number;
}

/** How long ago sound can still be asked for, ms, by a stream that is late. */
const KEEP_MS = 2_000;

export class Room {
  #talks: AudibleTalk[] = [];
  #keepMs = KEEP_MS;

  /** The most recent ones, of all its cameras. */
  get talks(): readonly AudibleTalk[] {
    return this.#talks;
  }

  /** Somebody hears everything so much later, ms. */
  keep(ms: number): void {
    this.#keepMs = Math.max(this.#keepMs, ms + KEEP_MS);
  }

  talkOpened(talk: AudibleTalk): void {
    const since = talk.recording.start.openedAt - this.#keepMs;
    this.#talks = this.#talks.filter(({ endedAt }) => endedAt > since);
    this.#talks.push(talk);
  }

  heard(recording: Recording, packet: RecordedPacket): void {
    const loudspeaker = this.#find(recording)?.loudspeaker;
    loudspeaker?.forget(packet.at - this.#keepMs);
    loudspeaker?.play(packet);
  }

  /** The loudspeaker stops with the talk. */
  talkEnded(recording: Recording, at: number): void {
    const talk = this.#find(recording);
    if (talk === undefined) return;
    talk.endedAt = at;
    talk.loudspeaker.stop(at);
  }

  #find(recording: Recording): AudibleTalk | undefined {
    return this.#talks.find((talk) => talk.recording === recording);
  }
}
