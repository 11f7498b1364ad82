// What a capture holds, as steps of each connection: made of its files, which may come from strangers. No disk here.
import { TalkError } from '../../errors.js';
import { excerpt } from '../../excerpt.js';
import { MAX_REPLAY_BYTES, MAX_REPLAY_STEPS } from '../limits.js';
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

/** `stream`: the HTTP talk. */
export type Protocol = 'rtsp' | 'http' | 'stream';

export interface RecordedConnection {
  readonly protocol: Protocol;
  readonly at: number;
  readonly steps: readonly Step[];
}

export type Files = ReadonlyMap<string, Buffer>;

const FRAME_HEAD_BYTES = 4;
/** Method, address and version, more than keyOf reads. */
const MAX_LINE_BYTES = 4_200;

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
  let [steps, bytes] = [0, 0];
  return connections.map((connection: unknown) => {
    const { protocol, at, opened, said } = objectOf(connection);
    if (!isProtocol(protocol) || !Array.isArray(said)) throw odd('a connection makes no sense');
    const lines: readonly unknown[] = said;
    const made: Step[] = opened === false ? [refusal(at)] : [];
    for (const line of opened === false ? [] : lines) {
      const come = stepsOf(objectOf(line), files);
      steps += come.length;
      bytes += come.reduce((sum, step) => sum + (step.kind === 'say' ? step.bytes.length : 0), 0);
      if (steps > MAX_REPLAY_STEPS) throw odd(`more than ${MAX_REPLAY_STEPS} things were said`);
      // Its files have no more, unless one is said again and again.
      if (bytes > MAX_REPLAY_BYTES) throw odd(`more than ${MAX_REPLAY_BYTES} bytes were said`);
      made.push(...come);
    }
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
    return [{ kind: 'ask', at, key: keyOf(lineOf(fileOf(files, file))) }];
  }
  const bytes = fileOf(files, file);
  if (frames === undefined) return [{ kind: 'say', at, bytes }];
  return Array.isArray(times) ? framesOf(bytes, times) : [{ kind: 'say', at, bytes }];
}

/** Those that came at the same time in one piece. */
function framesOf(bytes: Buffer, times: readonly unknown[]): Step[] {
  const pieces: { at: number; from: number; to: number }[] = [];
  let from = 0;
  for (const time of times) {
    if (from + FRAME_HEAD_BYTES > bytes.length) break;
    const to = Math.min(bytes.length, from + FRAME_HEAD_BYTES + bytes.readUInt16BE(from + 2));
    const [at, before] = [timeOf(time), pieces.at(-1)];
    if (before?.at === at) before.to = to;
    else pieces.push({ at, from, to });
    from = to;
  }
  return pieces.map(({ at, ...piece }) => ({ kind: 'say', at, bytes: bytes.subarray(piece.from, piece.to) }));
}

/** As much of a request as tells what it asks; one file may be named often. */
function lineOf(request: Buffer): string {
  return request.toString('latin1', 0, MAX_LINE_BYTES);
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
      return kind === 'frame' ? { kind: 'frames', at: 0, count: 1 } : { kind: 'ask', at: 0, key: keyOf(lineOf(bytes)) };
    });
  if (steps.length === 0) throw odd('it holds neither capture.json nor numbered messages');
  return { protocol: 'rtsp', at: 0, steps };
}

function isProtocol(value: unknown): value is Protocol {
  return value === 'rtsp' || value === 'http' || value === 'stream';
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
