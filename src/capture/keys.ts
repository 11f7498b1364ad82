// What stands behind a key, by the words in it: `wifi_ssid` and `ssidName` hold a name, `sw_version` nothing that must not leave the house. Pure.
import type { SecretKind } from './made-up.js';

type Rule = readonly [kind: SecretKind, words: RegExp];

/** Looked at in this order, in the key's words with `_` between them. */
const RULES: readonly Rule[] = [
  [
    'answer',
    /passw|pass_?(?:phrase|code)|pwd|psk|secret|credential|(?:^|_)pass$|(?:private|wifi|wpa|wep|wlan|net|api)_?key/,
  ],
  ['nonce', /nonce/],
  ['token', /stok|token|cookie|ticket|signature|(?:^|_)auth(?:orization)?$/],
  ['mac', /(?:^|_)mac(?:_|$)|mac_?addr|(?:dev|wlan|wifi|lan|eth\d?)mac$|bssid/],
  ['place', /(?:^|_)(?:lat|lng|lon|long)$|latitude|longitude|altitude|coordinate|(?:^|_)gps(?:_|$)/],
  [
    'id',
    /(?:^|_)(?:ids?|sn|uid|guid|udid|imei|imsi|iccid)$|serial|uuid|(?:dev|device|hw|fw|oem|p2p|cloud|user|account|client)ids?$/,
  ],
  ['user', /(?:^|_)(?:user|usr|account)$|user_?name$|account(?:_?name)?$/],
  [
    'name',
    /(?:^|_)(?:alias|e?ssid|nick|e?mail|phone|mobile|tel|owner|host|server|domain|ddns|address|addr|street|city|location|contact|label|title|remark|note|text)$/,
  ],
  ['name', /(?:ssid|nick|host|dev|device|alias|display|wifi|domain|cam|camera|room|owner|group)name$/],
];
const OF_NAMES = /(?:^|_)names?$/;
/** A name with one of these in it is the same for every camera of a kind. */
const PUBLIC =
  /(?:^|_)(?:manufacturer|model|product|vendor|brand|company|firmware|hardware|software|chip|file|module|type|class|codec)_/;
/** A shorter number or id is one of a few: a channel, a session of the talk dialogue. */
const MIN_ID_CHARS = 5;

/**
 * What a value is by the key before it; undefined for what may be known.
 * @param value with or without quotes
 */
export function kindByKey(key: string, value: string): SecretKind | undefined {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  const kind = RULES.find(([, pattern]) => pattern.test(words))?.[0] ?? nameBy(words);
  const isNumber = /^-?[\d.]+$/.test(value);
  const mayBeShort = kind === 'place' || !(isNumber || kind === 'id');
  return mayBeShort || value.replace(/^\\?"|\\?"$/g, '').length >= MIN_ID_CHARS ? kind : undefined;
}

function nameBy(words: string): SecretKind | undefined {
  return OF_NAMES.test(words) && !PUBLIC.test(words) ? 'name' : undefined;
}
