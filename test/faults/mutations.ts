// What may happen to a piece of a connection's bytes on its way, drawn from random numbers. Pure: the bytes that go on, and what else is to be done.

export interface Piece {
  /** What is written, each on its own. */
  readonly bytes: readonly Buffer[];
  /** Before that, ms. */
  readonly waitMs?: number;
  /** Waits for what comes next and is written with it. */
  readonly held?: true;
  /** Behind it the connection ends: both ways by FIN, or by RST. */
  readonly ends?: 'fin' | 'rst';
}

type Mutation = (bytes: Buffer, random: () => number, earlier: readonly Buffer[]) => Piece;

/** What readers take for a beginning or an end. */
const WORDS = ['$', '$\0\0\0', '\r\n', '\r\n\r\n', '\0', 'RTSP/1.0 200 OK\r\n\r\n', 'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n\r\n', 'Content-Length: 9\r\n', '{"', '}', '"', ':']; // prettier-ignore
/** More than any time-out of a request, ms. */
const LONGEST_WAIT_MS = 12_000;

const below = (random: () => number, most: number): number => Math.floor(random() * most);

/** A stretch of the bytes; short ones are as frequent as long ones. */
function stretch(bytes: Buffer, random: () => number): readonly [start: number, end: number] {
  const start = below(random, bytes.length);
  return [start, Math.min(bytes.length, start + Math.round((bytes.length - start) ** random()))];
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip: (bytes, random) => {
    const changed = Buffer.from(bytes);
    for (let n = 1 + below(random, 3); n > 0; n--) {
      const at = below(random, changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 << below(random, 8));
    }
    return { bytes: [changed] };
  },
  drop: (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return { bytes: [Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])] };
  },
  duplicate: (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return { bytes: [Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])] };
  },
  insert: (bytes, random) => {
    const at = below(random, bytes.length + 1);
    const noise = Buffer.from(Array.from({ length: 1 + below(random, 40) }, () => below(random, 256)));
    const word = Buffer.from(WORDS[below(random, WORDS.length)] ?? '', 'latin1');
    return { bytes: [Buffer.concat([bytes.subarray(0, at), random() < 0.5 ? noise : word, bytes.subarray(at)])] };
  },
  truncate: (bytes, random) => ({
    bytes: [bytes.subarray(0, below(random, bytes.length + 1))],
    ends: random() < 0.5 ? 'fin' : 'rst',
  }),
  delay: (bytes, random) => ({ bytes: [bytes], waitMs: Math.round(LONGEST_WAIT_MS ** random()) }),
  split: (bytes, random) => {
    const at = below(random, bytes.length + 1);
    return { bytes: [bytes.subarray(0, at), bytes.subarray(at)] };
  },
  glue: (bytes) => ({ bytes: [bytes], held: true }),
  replay: (bytes, random, earlier) => {
    const old = earlier[below(random, earlier.length)] ?? bytes;
    return { bytes: random() < 0.5 ? [old, bytes] : [bytes, old] };
  },
};

const NAMES = Object.keys(MUTATIONS);

/** The piece as it goes on, and by which mutation. */
export function mutate(bytes: Buffer, random: () => number, earlier: readonly Buffer[]): Piece & { name: string } {
  const name = NAMES[below(random, NAMES.length)] ?? 'split';
  const piece = MUTATIONS[name]?.(bytes, random, earlier) ?? { bytes: [bytes] };
  return { ...piece, name };
}
