// Rows of the tables of behaviors: what a name takes behind its colon.
import { TalkError } from '../../errors.js';
import type { Behavior } from './behavior.js';

/** One row of the table. */
export interface BehaviorEntry {
  /** One line for a list of behaviors. */
  readonly description: string;
  /** What may stand after the colon, when something may. */
  readonly parameter?: string;
  /** A fresh behavior for one camera. Throws TALK_ERR_ARGUMENT when the parameter makes no sense. */
  readonly create: (parameter?: string) => Behavior;
}

/** Takes nothing. */
export const plain = (description: string, create: () => Behavior): BehaviorEntry => ({
  description,
  create: (parameter) => {
    if (parameter !== undefined) throw new TalkError('TALK_ERR_ARGUMENT', 'Behavior takes no parameter');
    return create();
  },
});

/** Takes a number. */
export const counted = (
  description: string,
  parameter: string,
  create: (count?: number) => Behavior,
  pattern = /^\d{1,9}$/,
): BehaviorEntry => ({
  description,
  parameter,
  create: (text) => {
    if (text === undefined) return create();
    if (!pattern.test(text)) throw new TalkError('TALK_ERR_ARGUMENT', `Behavior parameter: expected ${parameter}`);
    return create(Number(text));
  },
});

/** Takes one of some words. */
export const chosen = <T extends string>(
  description: string,
  choices: readonly T[],
  create: (choice?: T) => Behavior,
): BehaviorEntry => ({
  description,
  parameter: choices.join(' | '),
  create: (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined && text !== undefined) {
      throw new TalkError('TALK_ERR_ARGUMENT', `Behavior parameter: expected ${choices.join(', ')}`);
    }
    return create(choice);
  },
});
