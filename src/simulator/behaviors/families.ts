// Which behaviors the cameras of a family have, and what is said of a name that belongs to another.
import { TalkError } from '../../errors.js';
import { shown } from '../../options.js';
import type { SimulatorFamily } from '../httptalk/family.js';
import type { Behavior } from './behavior.js';
import { HTTP_TALK_BEHAVIORS } from './http-talk-table.js';
import { BEHAVIORS, parseBehavior, readBehavior } from './table.js';
import type { BehaviorEntry } from './entries.js';

/** Of the streams, the room and what stands in it: those any camera may have. */
export function isOfStreams(text: string): boolean {
  return /^(stream|speaker|microphone|room)-/.test(text.trim());
}

/** By name. */
export function behaviorsOf(family: SimulatorFamily): Readonly<Record<string, BehaviorEntry>> {
  if (family === 'multitrans') return BEHAVIORS;
  const ofStreams = Object.entries(BEHAVIORS).filter(([name]) => isOfStreams(name));
  return { ...HTTP_TALK_BEHAVIORS, ...Object.fromEntries(ofStreams) };
}

/** As `parseBehavior`. Throws TALK_ERR_ARGUMENT, also for a name that only another family has, and says whose it is. */
export function parseFamilyBehavior(text: string, family: SimulatorFamily): Behavior {
  const table = behaviorsOf(family);
  const { name } = readBehavior(text);
  const other = family === 'multitrans' ? HTTP_TALK_BEHAVIORS : BEHAVIORS;
  if (!Object.hasOwn(table, name) && Object.hasOwn(other, name)) {
    const whose = family === 'multitrans' ? 'tapo and vigi-stream have' : 'multitrans has';
    throw new TalkError('TALK_ERR_ARGUMENT', `Behavior ${shown(text)}: cameras of family ${family} do not have it, ${whose}`); // prettier-ignore
  }
  return parseBehavior(text, table);
}
