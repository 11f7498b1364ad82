// The benchmark's command line: which groups, which cameras, which form. Pure.
import { parseArgs } from 'node:util';
import { FAMILIES, type FamilyName } from './family.js';

/** In the order in which they run. */
export const GROUPS = [
  'starts',
  'bare',
  'minute',
  'blocked',
  'many',
  'listen',
  'words',
  'heavy',
  'flood',
  'growth',
  'idle',
  'long',
  'compare',
] as const;
export type GroupName = (typeof GROUPS)[number];

/** Those that know other families than multitrans. */
const OF_EVERY_FAMILY: readonly GroupName[] = ['starts', 'minute', 'many', 'growth', 'long'];

/** Too long for every day. */
const BY_NAME_ONLY: readonly GroupName[] = ['heavy', 'flood', 'growth', 'idle', 'long', 'compare'];

export const USAGE = `npm run bench -- [options]: measures this package at the camera's side of the socket, against simulated cameras on loopback

  --only=GROUP[,GROUP]   some groups only; \`all\` means each but compare
    starts    first sound: fresh session and kept session, and whether it sounds right
    bare      what this machine does with timers and writes alone
    minute    one stream of a minute: beat and CPU
    blocked   a main loop that is blocked while a clip is spoken
    many      fifty cameras, one message
    listen    first sound of the microphone; talking and listening at once
    words     words to first sound by a stub and by espeak-ng; a sentence said before
  by name only:
    heavy     one camera speaks while another is sent files of 100 MB and more (5 minutes, 1 GB in the folder for temporary files)
    flood     one camera speaks while another floods (4 minutes, 110 MB in the folder for temporary files)
    growth    1, 10, 50, 100 and 200 streams (2 minutes)
    idle      what the package costs a Node-RED that does nothing (6 minutes)
    long      one stream of ten minutes
    compare   needs --compare, and runs alone with it unless --only says otherwise
  --family=NAME[,NAME]   multitrans (unless told otherwise), tapo, vigi-stream: the cameras' family, one after the other.
                         All but multitrans know ${OF_EVERY_FAMILY.join(', ')} alone; their many has a fleet of both families, too
  --compare 'COMMAND'    a second client on the same work, in turn with ours: started by a shell for each clip, ended when it exits.
                         {host} {port} {user} {file} are filled in; the password is in TPLINK_TALK_PASSWORD
  --seconds=N            length of the clip of compare (5)
  --json                 the same figures, and what charts are drawn from, as JSON
  --help

Without options about ten minutes. BENCH_RUNS (5) is how often short measurements are repeated; close everything else first.
`;

export interface BenchArguments {
  readonly help: boolean;
  readonly json: boolean;
  readonly groups: readonly GroupName[];
  readonly families: readonly FamilyName[];
  /** Shell command of the second client. */
  readonly compare: string | undefined;
  /** Length of its clip. */
  readonly seconds: number;
}

/** Throws an Error that says what is wrong with the words. */
export function benchArguments(words: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...words],
    options: {
      help: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      family: { type: 'string', default: 'multitrans' },
      compare: { type: 'string' },
      seconds: { type: 'string', default: '5' },
    },
  });
  const { help, json, compare } = values;
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 600)) throw new Error('--seconds: a number from 1 to 600');
  const families = chosenFamilies(values.family);
  const groups = chosenGroups(values.only, compare !== undefined);
  if (groups.includes('compare') && compare === undefined) throw new Error("compare needs --compare 'COMMAND'");
  const unmeasured = groups.find((name) => !families.some((family) => knows(name, family)));
  const named = values.only !== undefined || compare !== undefined;
  if (named && unmeasured !== undefined) throw new Error(`--family: ${unmeasured} knows multitrans alone`);
  return { help, json, groups, families, compare, seconds };
}

/** Whether a group knows cameras of that family. */
export function knows(group: GroupName, family: FamilyName): boolean {
  return family === 'multitrans' || OF_EVERY_FAMILY.includes(group);
}

function chosenFamilies(words: string): readonly FamilyName[] {
  const named = words.split(',');
  const unknown = named.find((word) => !FAMILIES.some((name) => name === word));
  if (unknown !== undefined) throw new Error(`--family: ${unknown} is none of ${FAMILIES.join(', ')}`);
  return FAMILIES.filter((name) => named.includes(name));
}

function chosenGroups(only: string | undefined, compares: boolean): readonly GroupName[] {
  if (only === undefined) return compares ? ['compare'] : GROUPS.filter((name) => !BY_NAME_ONLY.includes(name));
  const named = only
    .split(',')
    .flatMap((word) => (word === 'all' ? GROUPS.filter((name) => name !== 'compare') : [word]));
  const unknown = named.find((word) => !GROUPS.some((name) => name === word));
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${GROUPS.join(', ')}, all`);
  return GROUPS.filter((name) => named.includes(name) || (name === 'compare' && compares));
}
