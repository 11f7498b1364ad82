// Lends the loudspeaker another volume for as long as an announcement needs it, and gives the original back once.
import { TalkError } from '../errors.js';
import { levelState, parseVolume, type LevelState } from './audio-level.js';
import type { RequestOptions, WebRequester } from './client.js';
import { apiErrorCode } from './error-codes.js';
import { readLevel, writeLevel } from './level-request.js';

/**
 * Sets the loudspeaker to `volume` (0 to 100) and resolves to the function that ends the loan. Loans may overlap: the latest one counts,
 * and when the last has ended the camera gets the volume from before the first. Ending twice does no harm; ending again after a failure
 * tries again. Throws TALK_ERR_ARGUMENT, and what the request throws; then there is nothing to end.
 */
export async function temporaryVolume(
  api: WebRequester,
  volume: number,
  options?: RequestOptions,
): Promise<() => Promise<void>> {
  if (parseVolume(volume) === undefined) {
    throw new TalkError('TALK_ERR_ARGUMENT', 'Volume of an announcement: expected a whole number from 0 to 100');
  }
  const state = levelState(api, 'speaker');
  const borrower = { volume };
  await state.turns(async () => {
    const lent = (state.lent ??= await newLoan(api, options));
    lent.borrowers.push(borrower);
    try {
      await settle(api, state, options);
    } catch (error) {
      lent.borrowers.splice(lent.borrowers.indexOf(borrower), 1);
      // A camera that refused has changed nothing. One that did not answer may have, and the next loan will put it right.
      if (apiErrorCode(error) !== undefined && lent.borrowers.length === 0) state.lent = undefined;
      throw error;
    }
  }, options?.signal);
  return () =>
    state.turns(async () => {
      const place = state.lent?.borrowers.indexOf(borrower) ?? -1;
      if (place >= 0) state.lent?.borrowers.splice(place, 1);
      await settle(api, state);
    });
}

async function newLoan(
  api: WebRequester,
  options: RequestOptions | undefined,
): Promise<NonNullable<LevelState['lent']>> {
  const { volume } = await readLevel(api, 'speaker', options);
  return { original: volume, applied: volume, borrowers: [] };
}

/** Brings the camera to the volume that counts now. */
async function settle(api: WebRequester, state: LevelState, options?: RequestOptions): Promise<void> {
  const { lent } = state;
  if (lent === undefined) return;
  const latest = lent.borrowers.at(-1);
  const volume = latest?.volume ?? lent.original;
  if (volume !== lent.applied) {
    lent.applied = undefined;
    await writeLevel(api, 'speaker', { volume }, options);
    lent.applied = volume;
  }
  if (latest === undefined) state.lent = undefined;
}
