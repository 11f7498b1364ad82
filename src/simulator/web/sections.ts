// How a `/ds` request addresses sections: get by name or table, set, do, one section at a time. What the sections hold is not here.
import { isObject, type Json, type JsonObject } from './json.js';

/** What can be read from and done to one section; setters and actions return an error number, 0 for success. */
export interface Section {
  name?: Record<string, () => JsonObject>;
  table?: Record<string, () => Json[]>;
  set?: Record<string, (value: Json) => number>;
  do?: Record<string, (value: Json) => number>;
}

/** Error numbers of the web API (PROTOCOL.md W26). */
export const CODE = {
  ok: 0,
  unknownParameter: -40101,
  unknownOperation: -40104,
  unknownInstruction: -40106,
  busy: -40109,
  invalidArgument: -40209,
  formatError: -40210,
  missingArgument: -40211,
  unauthenticated: -40401,
  audioOperation: -64201,
  audioVolume: -64206,
} as const;

/** The body that answers a `/ds` request. */
export function answerRequest(
  sections: Record<string, Section>,
  { method, ...asked }: JsonObject,
  unknownSectionCode: number,
): JsonObject {
  const [[sectionName, body] = [], ...more] = Object.entries(asked);
  if (typeof method !== 'string' || sectionName === undefined || more.length > 0 || !isObject(body)) {
    return { error_code: CODE.formatError };
  }
  const section = own(sections, sectionName);
  if (section === undefined) return { error_code: unknownSectionCode };
  if (method === 'get') return read(sectionName, section, body);
  if (method === 'set') return { error_code: change(section.set, body) };
  if (method === 'do') return { error_code: change(section.do, body) };
  return { error_code: CODE.unknownOperation };
}

function read(sectionName: string, section: Section, { name, table, ...more }: JsonObject): JsonObject {
  if (Object.keys(more).length > 0 || !isNameList(name) || !isNameList(table)) return { error_code: CODE.formatError };
  const asked = [
    ...(name ?? []).map((key) => [key, own(section.name, key)] as const),
    ...(table ?? []).map((key) => [key, own(section.table, key)] as const),
  ];
  if (asked.length === 0) return { error_code: CODE.missingArgument };
  const parts: JsonObject = {};
  for (const [key, part] of asked) {
    if (part === undefined) return { error_code: CODE.unknownInstruction };
    parts[key] = part();
  }
  return { [sectionName]: parts, error_code: CODE.ok };
}

function change(parts: Section['set'], body: JsonObject): number {
  const changes = Object.entries(body);
  if (changes.length === 0) return CODE.missingArgument;
  for (const [key, value] of changes) {
    const part = own(parts, key);
    const code = part === undefined ? CODE.unknownInstruction : part(value);
    if (code !== CODE.ok) return code;
  }
  return CODE.ok;
}

function isNameList(value: Json | undefined): value is string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every((name) => typeof name === 'string'));
}

function own<T>(record: Record<string, T> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
