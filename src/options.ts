// Options that users give, read once: numbers within a range, choices, flags, text. What cannot be is refused with one sentence. No option is named here.
import { TalkError } from './errors.js';
import { oneLine } from './excerpt.js';

/** What a number may be: data, so that forms can be compared with it. */
export interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
}

/** Of a value in an error text; the rest is cut off. */
const MAX_SHOWN_CHARS = 60;

/** Undefined for what counts as not given in a field of a form or a message. */
export function given(value: unknown): unknown {
  return value === undefined || value === null || value === '' ? undefined : value;
}

export function readNumber(name: string, value: unknown, range: Range): number {
  if (typeof value === 'number' && isWithin(value, range)) return value;
  throw invalid(name, rangeText(range), value);
}

/** A number, also when it is written as text. */
export function readNumberOrText(name: string, value: unknown, range: Range): number {
  return readNumber(name, numberOf(value, range) ?? value, range);
}

/** The number within its range, also when it is written as text; undefined for everything else. */
export function numberOf(value: unknown, range: Range): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && isWithin(number, range) ? number : undefined;
}

/** `a whole number from 0 to 100`. */
export function rangeText({ least, most, whole }: Range): string {
  return `a ${whole === true ? 'whole ' : ''}number from ${least} to ${most}`;
}

export function readChoice<T extends string | number>(name: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalid(name, choices.join(', '), value);
  return choice;
}

/** A time of day, `HH:MM`; the hour may have one digit, the colon be that of a Chinese keyboard. */
export function readTimeOfDay(name: string, value: unknown): string {
  const minutes = typeof value === 'string' ? minutesOfDay(value.replace('：', ':')) : undefined;
  if (minutes === undefined) throw invalid(name, 'a time of day such as 22:30', value);
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** `HH:MM` as minutes since midnight; undefined for everything else. */
export function minutesOfDay(time: string): number | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

export function readFlag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(name, 'true or false', value);
  return value;
}

/** A flag, also when it is written as text. */
export function readFlagOrText(name: string, value: unknown): boolean {
  return readFlag(name, value === 'true' ? true : value === 'false' ? false : value);
}

export function readText(name: string, value: unknown, expected = 'text'): string {
  if (typeof value !== 'string') throw invalid(name, expected, value);
  return value;
}

/** The error for a value that cannot be; it shows the value's beginning. */
export function invalid(name: string, expected: string, value: unknown): TalkError {
  return refused(name, `${expected}, not ${shown(value)}`);
}

/** The same for a value that must not be shown: there may be a password in it. */
export function refused(name: string, expected: string): TalkError {
  return new TalkError('TALK_ERR_ARGUMENT', `${name}: expected ${expected}`);
}

/** A value for an error text, short whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(oneLine(value.slice(0, MAX_SHOWN_CHARS)) + (value.length > MAX_SHOWN_CHARS ? '…' : ''));
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null) {
    return String(value);
  }
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

function isWithin(number: number, { least, most, whole }: Range): boolean {
  return number >= least && number <= most && (whole !== true || Number.isInteger(number));
}
