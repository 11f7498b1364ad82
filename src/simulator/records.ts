// What a simulated camera remembers: talks, streams, requests and complaints, the last ones of each.
import type { Clock } from '../clock.js';
import type { RequestRecord } from './connection-camera.js';
import { MAX_RECORDINGS, MAX_SIMULATOR_RECORDS, MAX_STREAM_RECORDS } from './limits.js';
import { Remembered } from './remembered.js';
import { StreamRecord } from './stream/record.js';
import { Recording } from './talk/recording.js';

export class Records {
  readonly sessions = new Remembered<Recording>(MAX_RECORDINGS);
  readonly streams = new Remembered<StreamRecord>(MAX_STREAM_RECORDS);
  readonly requests = new Remembered<RequestRecord>(MAX_SIMULATOR_RECORDS);
  readonly violations = new Remembered<string>(MAX_SIMULATOR_RECORDS);
  readonly warnings = new Remembered<string>(MAX_SIMULATOR_RECORDS);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  openTalk(connection: number, mode: string, acceptedAt: number): Recording {
    const number = this.sessions.total + 1;
    return this.sessions.add(new Recording({ number, connection, mode, acceptedAt, openedAt: this.#clock.now() }));
  }

  openStream(connection: number, path: string): StreamRecord {
    const number = this.streams.total + 1;
    return this.streams.add(new StreamRecord({ number, connection, path, openedAt: this.#clock.now() }));
  }
}
