// An environment variable that is not set, as Node-RED leaves it standing in a setting. Pure.
import { excerpt } from './excerpt.js';

const UNSET = /^\$(?:\{(\S+)\}|\((\S+)\))$/;

/** What is to be said of a value that names such a variable; undefined for everything else. In a secret only a name that can be nothing else is repeated: somebody's password may look like one. */
export function unsetVariable(value: unknown, isSecret: boolean): string | undefined {
  const [, braces, brackets] = UNSET.exec(typeof value === 'string' ? value.trim() : '') ?? [];
  const name = braces ?? brackets;
  if (name === undefined) return undefined;
  const isShown = !isSecret || /^[A-Z\d_]+$/.test(name);
  return `the environment variable ${isShown ? excerpt(name) : 'there'} is not set`;
}
