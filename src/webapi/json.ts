// JSON values from and for the camera: types, tolerant reading of single fields, a checked copy. No HTTP, no meaning of a field.
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../limits.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

export function isJsonObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of a function node come from another realm: their prototype is an Object.prototype, but not ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The value at a path of keys and list indexes, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let inner = value;
  for (const step of path) {
    if (Array.isArray(inner) && typeof step === 'number') inner = inner[step];
    else if (isJsonObject(inner) && Object.hasOwn(inner, step)) inner = inner[step];
    else return undefined;
  }
  return inner;
}

/** A whole number, also when written as text (cameras do both); undefined for everything else. */
export function integer(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*-?\d{1,15}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** Text, also when it came as a number; undefined for everything else. */
export function text(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined;
}

/**
 * A deep copy with every string passed through `change`; undefined when something in it is not JSON
 * (functions, dates, buffers, NaN), nested deeper than MAX_JSON_DEPTH, as a cycle is, or when it holds more than MAX_JSON_VALUES.
 */
export function copyJson(value: unknown, change: (text: string) => string = (same) => same): JsonValue | undefined {
  return copyInside(value, change, MAX_JSON_DEPTH, { values: MAX_JSON_VALUES });
}

interface Left {
  values: number;
}

function copyInside(
  value: unknown,
  change: (text: string) => string,
  depth: number,
  left: Left,
): JsonValue | undefined {
  left.values -= 1;
  if (left.values < 0) return undefined;
  if (typeof value === 'string') return change(value);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (depth === 0) return undefined;
  if (Array.isArray(value)) {
    const copies: JsonValue[] = [];
    for (const inner of value) {
      const copy = copyInside(inner, change, depth - 1, left);
      // Give up at once: a list that holds itself twice doubles at every level.
      if (copy === undefined) return undefined;
      copies.push(copy);
    }
    return copies;
  }
  if (!isJsonObject(value)) return undefined;
  const entries: [string, JsonValue][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const copy = copyInside(inner, change, depth - 1, left);
    if (copy === undefined) return undefined;
    entries.push([key, copy]);
  }
  return Object.fromEntries(entries);
}
