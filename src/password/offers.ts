// The ways to hide a password that cameras were seen to offer: what goes below them may be somebody in between who wants to read it. Plain data, no I/O.
import { TalkError } from '../errors.js';

/** From the one that gives a listener most to the one that gives him nothing: `basic` and `plain` can be read again, hashes can be guessed at. `other` is never answered. */
const FORMS = ['basic', 'other', 'plain', 'bare', 'md5', 'sha256', 'rsa'] as const;

export type Form = (typeof FORMS)[number];

const NAMES: Readonly<Record<Form, string>> = {
  basic: 'Basic, which can be read',
  other: 'something better',
  plain: 'text that can be read again',
  bare: 'a digest without a number of ours',
  md5: 'MD5',
  sha256: 'SHA-256',
  rsa: 'RSA',
};

/** The best form that was offered under each key. */
export class Offers {
  readonly #best: Map<string, Form>;

  constructor(known: Iterable<readonly [key: string, best: Form]> = []) {
    this.#best = new Map(known);
  }

  get all(): ReadonlyArray<readonly [key: string, best: Form]> {
    return [...this.#best];
  }

  best(key: string): Form | undefined {
    return this.#best.get(key);
  }

  /** Keeps the better one of this and what was offered before; whether that is news. */
  note(key: string, form: Form): boolean {
    const best = this.#best.get(key);
    if (best !== undefined && FORMS.indexOf(best) >= FORMS.indexOf(form)) return false;
    this.#best.set(key, form);
    return true;
  }
}

/** TALK_ERR_LOGIN for the web interface, TALK_ERR_UNSUPPORTED otherwise. */
export function weakerOffer(web: boolean, camera: string, form: Form, before: Form): TalkError {
  const where = web ? ' for its web interface' : '';
  const byHand = `choose the ${web ? 'web login' : 'dialect'} by hand in its settings, or `;
  return new TalkError(
    web ? 'TALK_ERR_LOGIN' : 'TALK_ERR_UNSUPPORTED',
    `The camera at ${camera} wants the password${where} as ${NAMES[form]}, and offered ${NAMES[before]} before: somebody else may be asking, so it was not sent. ` +
      `If the camera's firmware was changed, ${form === 'basic' ? '' : byHand}restart Node-RED`,
    { camera },
  );
}
