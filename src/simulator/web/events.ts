// Server-Sent Events of the simulator's page: a bounded set of listeners that get the newest state, at most four times a second.
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../clock.js';
import { EVENT_HEARTBEAT_MS, EVENT_INTERVAL_MS, MAX_EVENT_BACKLOG_BYTES, MAX_EVENT_LISTENERS } from '../limits.js';

export interface EventStream {
  /** Makes the response a listener; false when there are too many. */
  add(response: ServerResponse): boolean;
  /** Sends the listeners the new state soon. */
  changed(): void;
  /** Ends every listener and both timers. Idempotent. */
  stop(): void;
}

/** A stream of what `state` returns, one line of text each. */
export function createEventStream(state: () => string, clock: Clock): EventStream {
  const listeners = new Set<ServerResponse>();
  const end = new AbortController();
  let due = false;
  let beating = false;

  const send = (text: string): void => {
    for (const response of listeners) {
      if (response.writableLength > MAX_EVENT_BACKLOG_BYTES) response.destroy();
      else response.write(text);
    }
  };

  const beat = async (): Promise<void> => {
    while (listeners.size > 0) {
      await clock.wait(EVENT_HEARTBEAT_MS, end.signal);
      send(':\n\n');
    }
  };

  return {
    add(response) {
      if (end.signal.aborted || listeners.size >= MAX_EVENT_LISTENERS) return false;
      listeners.add(response);
      response.once('close', () => listeners.delete(response));
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      // After a restart of the simulator a browser connects again within a second.
      response.write(`retry: 1000\ndata: ${state()}\n\n`);
      if (!beating) {
        beating = true;
        void beat()
          .catch(() => undefined)
          .finally(() => (beating = false));
      }
      return true;
    },
    changed() {
      if (due || listeners.size === 0) return;
      due = true;
      clock
        .wait(EVENT_INTERVAL_MS, end.signal)
        .then(() => {
          due = false;
          send(`data: ${state()}\n\n`);
        })
        .catch(() => undefined);
    },
    stop() {
      end.abort();
      for (const response of listeners) response.destroy();
      listeners.clear();
    },
  };
}
