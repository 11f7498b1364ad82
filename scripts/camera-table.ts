// The READMEs' table of cameras out of the camera.json of each folder in test/fixtures/cameras. Pure.
import type { Language } from './chart-tables.js';

/** What somebody saw of a camera; the sentences stand below. */
export type Sight = keyof typeof SIGHTS;
/** How sure it is that the package can talk to it; the words of PROTOCOL.md. */
export type Sure = keyof typeof SURE;

/** One folder's camera.json. */
export interface CameraCard {
  /** Blank when nobody told it: such a camera has no row. */
  readonly model: string;
  /** Blank when nobody told it. */
  readonly firmware: string;
  readonly sure: Sure;
  readonly seen: readonly {
    /** Blank when there is no name to call them by. */
    readonly by: string;
    readonly what: readonly Sight[];
    /** Those it was seen with, by the names of the camera options. */
    readonly settings?: Readonly<Record<string, string | number>>;
  }[];
}

type Words = Readonly<Record<Language, string>>;

const SIGHTS = {
  heard: { en: 'heard with this package', zh: '本软件包播放的声音已被听到' },
  failed: { en: 'this package could not talk on it', zh: '本软件包未能喊话' },
  granted: { en: 'grants talk', zh: '允许喊话' },
  spoken: { en: 'another client has spoken on it', zh: '其他客户端喊话成功' },
  open: { en: 'asks for no password', zh: '不要求密码' },
  methods: { en: 'lists `MULTITRANS`', zh: '列出 `MULTITRANS`' },
  family: {
    en: 'lists `MULTITRANS`, or asks for the password as its kin do',
    zh: '列出 `MULTITRANS`，或以同系列的方式要求密码',
  },
  stream: { en: 'its streams', zh: '它的码流' },
  web: { en: 'its web log-in', zh: '它的网页登录' },
  locks: { en: 'locks an address out after refused log-ins', zh: '登录被拒绝后锁定来源地址' },
  unknown: { en: 'answered 400 to other requests', zh: '对其他请求回答 400' },
} as const satisfies Readonly<Record<string, Words>>;

const SURE = {
  two: { en: 'seen by two', zh: '两方见过' },
  one: { en: 'seen by one', zh: '一方见过' },
  kin: { en: 'seen by one, on a sister line', zh: '一方在姊妹系列上见过' },
  guess: { en: 'concluded', zh: '推断' },
} as const satisfies Readonly<Record<string, Words>>;

/** Those who are called by what they did. */
const PEOPLE: Readonly<Record<string, Words>> = {
  '': { en: 'a user', zh: '一位用户' },
  'quirk list': { en: 'the author of another simulator', zh: '另一个模拟器的作者' },
  'C440 notes': { en: 'notes on a VIGI C440', zh: '关于 VIGI C440 的笔记' },
};

const HEADS: Words = {
  en: '| camera | firmware | who saw what | does it talk? |\n|---|---|---|---|',
  zh: '| 摄像机 | 固件 | 谁见到什么 | 能喊话吗？ |\n|---|---|---|---|',
};
const BEGIN = '<!-- cameras: written by `npm run fixture` from test/fixtures/cameras -->';
const END = '<!-- /cameras -->';
/** Punctuation of lists and of who says what. */
const MARKS = {
  en: { comma: ', ', between: '; ', colon: ': ', bytes: ' bytes' },
  zh: { comma: '、', between: '；', colon: '：', bytes: ' 字节' },
};

/** A README with its table of cameras replaced. Throws when it has none. */
export function withCameras(readme: string, cards: readonly CameraCard[], language: Language): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`The README lacks ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n${cameraTable(cards, language)}\n${END}${after}`;
}

function cameraTable(cards: readonly CameraCard[], language: Language): string {
  const rows = cards
    .filter(({ model }) => model !== '')
    .sort((one, other) => one.model.localeCompare(other.model, 'en'))
    .map(({ model, firmware, seen, sure }) => {
      const who = seen.map((sight) => sightText(sight, language)).join(MARKS[language].between);
      return [model, firmware, who, SURE[sure][language]].map(cell).join(' | ');
    });
  return [HEADS[language], ...rows.map((row) => `| ${row} |`)].join('\n');
}

function sightText({ by, what, settings = {} }: CameraCard['seen'][number], language: Language): string {
  const { comma, colon, bytes } = MARKS[language];
  const values = Object.entries(settings).map(([name, value]) =>
    name === 'packetBytes' ? `${value}${bytes}` : `\`${value}\``,
  );
  const facts = [...what.map((sight) => SIGHTS[sight][language]), ...values];
  return `${PEOPLE[by]?.[language] ?? by}${colon}${facts.join(comma)}`;
}

/** What came from outside must not end its cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
}
