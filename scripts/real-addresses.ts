// Whether a capture from somebody else holds addresses or MAC addresses that may be real: what the package makes up can be told from them. Pure.
import { isReal } from '../src/capture/nobodys.js';
import { ADDRESS_PLACES } from '../src/capture/places.js';
import { TalkError } from '../src/errors.js';

/** Sound holds no text. */
const FRAMES = /-frames?\.bin$/;

/** Throws TALK_ERR_ARGUMENT for the first; names where it stands, and not the address. */
export function throwIfReal(files: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of files) {
    if (FRAMES.test(name)) continue;
    const text = bytes.toString('latin1');
    const line =
      lineOfReal(text) ??
      lineOfReal(text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
    if (line === undefined) continue;
    throw new TalkError(
      'TALK_ERR_ARGUMENT',
      `${name}, line ${line}: there is an address that may be somebody's. Save the report anew with this version, or write 192.0.2.1, 2001:db8::1 or 00-00-5E-00-53-01 instead`,
    );
  }
}

/** Counted from 1. */
function lineOfReal(text: string): number | undefined {
  const at = ADDRESS_PLACES.flatMap(({ pattern }) => [...text.matchAll(pattern)])
    .filter(([, , value = '']) => isReal(value))
    .map(({ index }) => index);
  return at.length === 0 ? undefined : text.slice(0, Math.min(...at)).split('\n').length;
}
