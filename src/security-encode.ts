// TP-Link's reversible scrambling of a password, as its web interfaces and the HTTP talk of VIGI want it.
import { TalkError } from './errors.js';

/** The two constants of the cameras' own login page (PROTOCOL.md W5). */
const SHORT_KEY = 'RDpbLfCPsJZ7fiv';
const TABLE =
  'yLwVl0zKqws7LgKPRQ84Mdt708T1qQ3Ha7xv3H7NyU84p21BriUWBU43odz3iP4rBL3cD02KZciXTysVXiV8ngg6vL48rPJyAUw0HurW20xqxv9aYb4M9wK1Ae0wlro510qXeU07kV57fQMc8L6aLgMLwygtc0F10a0Dg70TOoouyFhdysuRMO51yY5ZlOZZLEal1h0t9YQW0Ko7oBwmCAHoic4HYbUyVeU3sfQ1xtXcPcf1aT303wAQhv66qzW';
/** Stands in for the character past the end of the shorter text. */
const PADDING_CODE = 187;

/** Throws TALK_ERR_ARGUMENT for a password that is not ASCII. */
export function securityEncode(password: string): string {
  // eslint-disable-next-line no-control-regex -- ASCII is meant, control characters included
  if (!/^[\x00-\x7f]*$/.test(password)) {
    throw new TalkError('TALK_ERR_ARGUMENT', 'The web login of this camera takes only passwords of ASCII characters');
  }
  let encoded = '';
  for (let i = 0; i < Math.max(password.length, SHORT_KEY.length); i++) {
    encoded += TABLE.charAt((codeAt(password, i) ^ codeAt(SHORT_KEY, i)) % TABLE.length);
  }
  return encoded;
}

function codeAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : PADDING_CODE;
}
