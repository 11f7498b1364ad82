// What the people and flows of the house do: drawn one after the other.
import type { Random } from './random.js';
import type { Draft } from './message.js';
import type { Room } from './room.js';
import { blocksOf } from './flows.js';

export const OWNERS = ['doorbell', 'alarm', 'intercom'] as const;

/** How often each comes. */
export const EVENTS = {
  say: 44,
  burst: 6,
  live: 4,
  mute: 2,
  heavy: 0.2,
  listen: 3,
  hide: 1,
  stop: 5,
  skip: 4,
  connect: 3,
  disconnect: 2,
  deployCamera: 2,
  deployAll: 1,
  blocked: 3,
  wrong: 24,
} as const;

/** A message of a flow. */
export function draft(random: Random, rooms: readonly Room[], kind: Draft['kind']): Draft {
  const [most, least] = kind === 'live' ? [120_000, 2_000] : [20_000, 100];
  const several = kind === 'clip' && random.chance(0.25);
  return {
    kind,
    rooms: several ? some(random, rooms) : [random.pick(rooms)],
    owner: random.pick(OWNERS),
    blocks: blocksOf(random.scaled(least, most)),
    priority: random.pick([0, 0, 0, 0, 1, 5]),
    whenBusy: random.weighted({ queue: 12, interrupt: 3, replace: 2, drop: 2 }),
    maxQueue: random.chance(0.1) ? random.whole(0, 2) : 20,
    retries: random.chance(0.1) ? random.whole(0, 4) : undefined,
    retrySeconds: random.chance(0.25) ? random.pick([0, 5, 30, 300]) : undefined,
    maxWaitSeconds: random.chance(0.2) ? random.pick([3, 10, 60]) : undefined,
  };
}

function some(random: Random, rooms: readonly Room[]): Room[] {
  const chosen = rooms.filter(() => random.chance(0.6));
  return chosen.length > 0 ? chosen : [...rooms];
}
