// One value of a message or a node: whether it was given, and the error for what it cannot be.
import { TalkError } from '../../src/index.js';

/** Undefined for what counts as not given. */
export function given(value: unknown): unknown {
  return value === undefined || value === null || value === '' ? undefined : value;
}

export function invalid(name: string, expected: string, got: unknown): TalkError {
  const shown = typeof got === 'string' || typeof got === 'number' ? JSON.stringify(got) : typeof got;
  return new TalkError('TALK_ERR_ARGUMENT', `${name}: expected ${expected}, not ${shown}`);
}
