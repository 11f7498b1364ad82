// What a capture holds, as steps of each connection: made of its files, which may come from strangers. No disk here.
import { TalkError } from '../../errors.js';
import { excerpt } from '../../excerpt.js';
import { MAX_REPLAY_STEPS } from '../limits.js';
import { keyOf } from './asked.js';

/** What happens next on a connection. `at` is in ms since the capture began. */
export type Step = { readonly at: number } & (
  | { readonly kind: 'ask'; readonly key: string }
  /** So many interleaved frames of the client. */
  | { readonly kind: 'frames'; readonly count: number }
  | { readonly kind: 'say'; readonly bytes: Buffer }
  /** The camera's end: FIN, or RST. */
  | { readonly kind: 'end'; readonly reset: boolean }
  /** The camera reads no more after so many frames of the client. */
  | { readonly kind: 'stall'; readonly frames: number }
);

export interface RecordedConnection {
  readonly protocol: 'rtsp' | 'http';
  readonly at: number;
  readonly steps: readonly Step[];
}

export type Files = ReadonlyMap<string, Buffer>;

type Json = Readonly<Record<string, unknown>>;

/** Of a folder whose messages are only numbered, `1-request.rtsp`, `2-response-401.rtsp`, `7-frame.bin`, one connection. Throws TALK_ERR_ARGUMENT. */
export function recordedConnections(files: Files): RecordedConnection[] {
  const told = files.get('capture.json');
  if (told === undefined) return [numbered(files)];
  let connections: unknown;
  try {
    ({ connections } = JSON.parse(told.toString('utf8')) as { connections: unknown });
  } catch {
    throw odd('its capture.json is no JSON');
  }
  if (!Array.isArray(connections)) throw odd('its capture.json names no connections');
  let steps = 0;
  return connections.map((connection: unknown) => {
    const { protocol, at, opened, said } = objectOf(connection);
    if ((protocol !== 'rtsp' && protocol !== 'http') || !Array.isArray(said)) throw odd('a connection makes no sense');
    const made = opened === false ? [refusal(at)] : said.flatMap((line: unknown) => stepsOf(objectOf(line), files));
    steps += made.length;
    if (steps > MAX_REPLAY_STEPS) throw odd(`more than ${MAX_REPLAY_STEPS} things were said`);
    return { protocol, at: timeOf(at), steps: made };
  });
}

/** Where nothing could be reached, it was as if it hung up. */
function refusal(at: unknown): Step {
  return { kind: 'end', at: timeOf(at), reset: true };
}

function stepsOf(line: Json, files: Files): Step[] {
  const { by, at: told, file, frames, end, taken, times } = line;
  const at = timeOf(told);
  if (end !== undefined) {
    if (typeof taken === 'number') return [{ kind: 'stall', at, frames: taken }];
    return by === 'camera' ? [{ kind: 'end', at, reset: end !== '' }] : [];
  }
  if (by === 'client') {
    if (typeof frames === 'number') return [{ kind: 'frames', at: timeOf(line['until']), count: frames }];
    return [{ kind: 'ask', at, key: keyOf(fileOf(files, file).toString('latin1')) }];
  }
  const bytes = fileOf(files, file);
  if (frames === undefined) return [{ kind: 'say', at, bytes }];
  return Array.isArray(times) ? framesOf(bytes, times) : [{ kind: 'say', at, bytes }];
}

/** Those that came at the same time in one piece. */
function framesOf(bytes: Buffer, times: readonly unknown[]): Step[] {
  const steps: { kind: 'say'; at: number; bytes: Buffer }[] = [];
  let from = 0;
  for (const time of times) {
    if (from + 4 > bytes.length) break;
    const to = Math.min(bytes.length, from + 4 + bytes.readUInt16BE(from + 2));
    const [at, frame] = [timeOf(time), bytes.subarray(from, to)];
    const before = steps.at(-1);
    if (before?.at === at) before.bytes = Buffer.concat([before.bytes, frame]);
    else steps.push({ kind: 'say', at, bytes: frame });
    from = to;
  }
  return steps;
}

function numbered(files: Files): RecordedConnection {
  const steps = [...files]
    .flatMap(([name, bytes]) => {
      const [, number, kind] = /^(\d{1,6})-(request|response|frame)\b.*\.(?:rtsp|bin)$/.exec(name) ?? [];
      return number === undefined ? [] : [{ number: Number(number), kind, bytes }];
    })
    .sort((one, other) => one.number - other.number)
    .map(({ kind, bytes }): Step => {
      if (kind === 'response') return { kind: 'say', at: 0, bytes };
      return kind === 'frame'
        ? { kind: 'frames', at: 0, count: 1 }
        : { kind: 'ask', at: 0, key: keyOf(bytes.toString('latin1')) };
    });
  if (steps.length === 0) throw odd('it holds neither capture.json nor numbered messages');
  return { protocol: 'rtsp', at: 0, steps };
}

function objectOf(value: unknown): Json {
  if (typeof value === 'object' && value !== null) return value as Json;
  throw odd('a line of its capture.json makes no sense');
}

function timeOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function fileOf(files: Files, name: unknown): Buffer {
  const file = typeof name === 'string' ? files.get(name) : undefined;
  if (file !== undefined) return file;
  throw odd(`its file ${excerpt(String(name))} is missing`);
}

function odd(what: string): TalkError {
  return new TalkError('TALK_ERR_ARGUMENT', `The capture cannot be replayed: ${what}`);
}
