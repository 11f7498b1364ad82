// Addresses of machines: what looks like one, and those that are nobody's, by which a reader tells what was made up from what is real. Pure.

/** What an address looks like, and what must not stand before or behind it. */
interface Form {
  readonly before: string;
  readonly is: string;
  readonly after: string;
}

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const GROUP = '[0-9a-f]{1,4}';
const NO_LETTER = '(?<![0-9a-z])';
const NO_MORE = '(?![0-9a-z])';

export const IPV4: Form = {
  before: String.raw`(?<![\d.])`,
  is: String.raw`${OCTET}(?:\.${OCTET}){3}`,
  after: String.raw`(?![\d.]\d|\d)`,
};
export const IPV6: Form = {
  before: '(?<![0-9a-z:])',
  is: `(?:(?:${GROUP}:){7}${GROUP}|${GROUP}(?::${GROUP}){0,6}::(?:${GROUP}(?::${GROUP}){0,6})?|::(?:${GROUP}:){1,6}${GROUP})`,
  after: '',
};
export const MAC_IN_PAIRS: Form = {
  before: String.raw`${NO_LETTER}(?<![0-9a-f]\.)`,
  is: '(?:[0-9a-f]{2}(?:[:.-]|%3a)){5}[0-9a-f]{2}',
  after: String.raw`${NO_MORE}(?!\.[0-9a-f])`,
};
/** A version may look like it. */
export const MAC_WITH_DOTS: Form = {
  before: String.raw`${NO_LETTER}(?<![0-9a-f]\.)`,
  is: String.raw`(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}`,
  after: String.raw`${NO_MORE}(?!\.[0-9a-f])`,
};
/** Without anything between its bytes, as it stands in names of cameras and networks. */
export const MAC_ALONE: Form = { before: String.raw`${NO_LETTER}(?<!\d\.)`, is: '[0-9a-f]{12}', after: NO_MORE };

const FORMS = [IPV4, MAC_IN_PAIRS, MAC_WITH_DOTS, MAC_ALONE, IPV6];
/** With one group: what `split` gives has the addresses at the odd places. */
export const ANY_ADDRESS = new RegExp(`(${FORMS.map(({ before, is, after }) => before + is + after).join('|')})`, 'gi');

const IPV6_ALONE = /^(?=.*:.*:)[0-9a-f:]+(?:%.*)?$/i;
const IPV4_ALONE = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** RFC 5737 and RFC 3849, and addresses that are no machine's; RFC 7042 section 2.1.2, and locally administered ones of the same maker. */
const NOBODYS =
  /^(?:0\.0\.0\.0|255\.255\.255\.255|(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+|2001:db8::.*|00005e0053[0-9a-f]{2}|02005e[0-9a-f]{6})$/i;
const NETS = ['192.0.2', '198.51.100', '203.0.113'];
/** Those of documentation are so many. */
const DOCUMENTED_MACS = 256;

const MAC = new RegExp(`^(?:${[MAC_IN_PAIRS, MAC_WITH_DOTS, MAC_ALONE].map(({ is }) => is).join('|')})$`, 'i');

/** The twelve digits of a MAC address; undefined for what is none. Twelve decimal digits alone are a number. */
export function macDigits(value: string): string | undefined {
  return MAC.test(value) && !/^\d+$/.test(value) ? value.replace(/%3a|[:.-]/gi, '').toLowerCase() : undefined;
}

export function isIp(value: string): boolean {
  return IPV4_ALONE.test(value) || (IPV6_ALONE.test(value) && macDigits(value) === undefined);
}

/** Whether it is one that no machine has. */
export function isNobodys(value: string): boolean {
  return NOBODYS.test(macDigits(value) ?? value);
}

/** Whether a machine may have it. */
export function isReal(value: string): boolean {
  return !isNobodys(value) && (isIp(value) || macDigits(value) !== undefined);
}

/** The number-th address that is nobody's, written like the one it stands for. */
export function nobodysIp(like: string, number: number): string {
  return like.includes(':') ? `2001:db8::${number.toString(16)}` : `${NETS[number >> 8] ?? NETS[0]}.${number & 255}`;
}

/** The same of MAC addresses. */
export function nobodysMac(like: string, number: number): string {
  const hex = number.toString(16);
  const digits = number < DOCUMENTED_MACS ? `00005e0053${hex.padStart(2, '0')}` : `02005e${hex.padStart(6, '0')}`;
  let at = 0;
  const made = like.replace(/%3a|[0-9a-f]/gi, (one) => (one.length > 1 ? one : (digits[at++] ?? '0')));
  return /[A-F]/.test(like) ? made.replace(/[a-f]/g, (letter) => letter.toUpperCase()) : made;
}
