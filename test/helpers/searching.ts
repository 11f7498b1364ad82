// Searching for cameras in tests: on a UDP port of the test's own, so that tests beside each other don't find each other's cameras, and without a time that a busy machine could miss.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { monotonicClock, type Clock } from '../../src/clock.js';
import { findCameras, type FindOptions } from '../../src/find/find.js';
import type { FoundCamera } from '../../src/find/found.js';
import { isTalkError } from '../../src/errors.js';
import { LOOK_TIMEOUT_MS } from '../../src/limits.js';
import { eventually } from './collect.js';
import { FakeClock } from './fake-clock.js';

/** Looks take as long as they like; the pauses between probes are as they are. */
const patient: Clock = {
  now: () => monotonicClock.now(),
  wait: (ms, signal) => monotonicClock.wait(ms >= LOOK_TIMEOUT_MS ? 600_000 : ms, signal),
};

const STEP_MS = 100;

/** A UDP port that nobody has. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Searches until `done` is content with what was found so far. */
export async function searchUntil(
  options: FindOptions,
  done: (found: readonly FoundCamera[]) => boolean,
): Promise<FoundCamera[]> {
  const found: FoundCamera[] = [];
  const enough = new AbortController();
  const search = findCameras({
    seconds: 60,
    clock: patient,
    ...options,
    signal: enough.signal,
    onFound: (camera) => void found.push(camera),
  });
  const ended = search.then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    await eventually(() => done(found), 'the cameras to be found');
  } finally {
    enough.abort();
  }
  const error = await ended;
  if (!isTalkError(error) || error.code !== 'TALK_ERR_ABORTED') throw error;
  return found;
}

/**
 * Searches on a clock of its own that goes on while nobody answers and stands still before `ms`: what comes of the questions sent until then,
 * however long a busy machine takes for the answers.
 */
export async function searchWithin(
  ms: number,
  options: FindOptions,
  done: (found: readonly FoundCamera[]) => boolean,
): Promise<FoundCamera[]> {
  const clock = new FakeClock();
  const last = clock.now() + ms;
  const found: FoundCamera[] = [];
  const enough = new AbortController();
  const { signal } = enough;
  const search = findCameras({ seconds: 60, ...options, clock, signal, onFound: (camera) => void found.push(camera) });
  const ended = search.catch(() => undefined);
  while (!done(found) && clock.now() + STEP_MS < last) {
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    await clock.advance(STEP_MS);
  }
  try {
    await eventually(() => done(found), 'the cameras to be found');
  } finally {
    enough.abort();
    await ended;
  }
  return found;
}

/** Looks at these addresses alone. */
export function lookAt(hosts: readonly string[], ports: FindOptions['ports']): Promise<FoundCamera[]> {
  return findCameras({ seconds: 0, hosts, ports, clock: patient });
}
