// What the simulated camera remembers of one stream session: which tracks, how long, how it ended. No sound is kept.

/** How a stream session ended. `open`: it has not. */
export type StreamEnd = 'open' | 'teardown' | 'timed out' | 'connection closed';

export interface StreamStart {
  /** 1 for the first stream session of the camera. */
  readonly number: number;
  /** Number of the TCP connection. */
  readonly connection: number;
  /** `/stream1`, or `/stream1&channel=2`. */
  readonly path: string;
  /** The first SETUP, ms on the camera's clock. */
  readonly openedAt: number;
}

/** One stream session, from its first SETUP to its end. */
export class StreamRecord {
  readonly start: StreamStart;
  #tracks: readonly string[] = [];
  #playedAt: number | undefined;
  #packetCount = 0;
  #keepAlives = 0;
  #end: StreamEnd = 'open';

  constructor(start: StreamStart) {
    this.start = start;
  }

  /** `track2`, in the order in which they were set up. */
  get tracks(): readonly string[] {
    return this.#tracks;
  }

  /** Whether the client set up video, which costs a camera bandwidth. */
  get video(): boolean {
    return this.#tracks.includes('track1');
  }

  /** The first PLAY, ms on the camera's clock. */
  get playedAt(): number | undefined {
    return this.#playedAt;
  }

  /** Microphone packets so far, lost ones included. */
  get packetCount(): number {
    return this.#packetCount;
  }

  /** Requests that kept the session alive: GET_PARAMETER, SET_PARAMETER, OPTIONS with its name. */
  get keepAlives(): number {
    return this.#keepAlives;
  }

  get end(): StreamEnd {
    return this.#end;
  }

  noteTracks(tracks: readonly number[]): void {
    this.#tracks = tracks.map((track) => `track${track}`);
  }

  notePlay(at: number): void {
    this.#playedAt ??= at;
  }

  notePacket(): void {
    this.#packetCount += 1;
  }

  noteKeepAlive(): void {
    this.#keepAlives += 1;
  }

  /** Marks the end; the first call counts. */
  close(end: StreamEnd): void {
    if (this.#end === 'open') this.#end = end;
  }
}
