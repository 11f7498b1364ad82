// The loudspeaker's volume during a clip: lent beside the opening, given back afterwards, and never a reason not to speak.
import { isTalkError, TalkError } from '../errors.js';
import { VOLUME_PATIENCE_MS } from '../limits.js';
import { swallowing } from '../logger.js';
import type { Clock } from '../clock.js';
import type { WebRequester } from '../webapi/client.js';
import { temporaryVolume } from '../webapi/temporary-volume.js';

export interface VolumeWish {
  /** 0 to 100; undefined leaves the loudspeaker alone. */
  readonly speakerVolume?: number | undefined;
  /** Hears why the volume was left alone, or could not be given back. */
  readonly onWarning?: ((warning: TalkError) => void) | undefined;
}

interface Loan {
  /** Resolves when the volume is set, or after VOLUME_PATIENCE_MS, or when it failed; never rejects. */
  readonly settled: Promise<void>;
  /** Never rejects. */
  end(): Promise<void>;
}

/** The loudspeaker's volume over the clips of one camera. */
export class VolumeKeeper {
  readonly #clock: Clock;
  readonly #endings = new Set<Promise<void>>();
  #loan: Loan | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Sets the next clip's volume before the last one's ends, so that clips in a row set and restore it only once.
   * Resolves when the first sound may come.
   */
  next(api: WebRequester, { speakerVolume, onWarning = () => undefined }: VolumeWish): Promise<void> | undefined {
    const previous = this.#loan;
    this.#loan = speakerVolume === undefined ? undefined : lend(api, speakerVolume, this.#clock, swallowing(onWarning));
    this.#end(previous);
    return this.#loan?.settled;
  }

  /** Nothing more to say: gives the volume back. */
  restore(): void {
    this.#end(this.#loan);
    this.#loan = undefined;
  }

  /** Resolves when every volume has been given back, or giving it back has failed. */
  async restored(): Promise<void> {
    await Promise.all(this.#endings);
  }

  #end(loan: Loan | undefined): void {
    if (loan === undefined) return;
    const ending = loan.end().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }
}

function lend(api: WebRequester, volume: number, clock: Clock, onWarning: (warning: TalkError) => void): Loan {
  const patience = new AbortController();
  const lent = temporaryVolume(api, volume)
    .catch((error: unknown) => {
      onWarning(warning('The announcement plays, but the loudspeaker’s volume was left alone', error));
      return undefined;
    })
    .finally(() => patience.abort());
  return {
    settled: clock.wait(VOLUME_PATIENCE_MS, patience.signal).catch(() => undefined),
    end: async () => {
      try {
        await (
          await lent
        )?.();
      } catch (error) {
        onWarning(warning('The loudspeaker’s volume could not be set back', error));
      }
    },
  };
}

function warning(what: string, error: unknown): TalkError {
  const why = error instanceof Error ? error.message : String(error);
  const code = isTalkError(error) ? error.code : 'TALK_ERR_API';
  return new TalkError(code, `${what}: ${why}`, { camera: isTalkError(error) ? error.camera : undefined });
}
