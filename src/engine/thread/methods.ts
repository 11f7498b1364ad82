// What can be asked of the thread, by name: the pool's own methods, and some for users outside the thread, who are known by number.
import { onAbort } from '../../abort.js';
import type { PreparedSource } from '../../audio/source.js';
import type { CameraOptions } from '../../camera-options.js';
import { TalkError } from '../../errors.js';
import type { Microphone } from '../../listen/microphone.js';
import type { RecordPlan } from '../../listen/recorder.js';
import type { Pool } from '../pool.js';
import type { SpeakOptions } from '../../talk/options.js';
import type { TalkOutcome } from '../../talk/states.js';
import type { Engine, ListeningOptions } from '../engine.js';
import type { Id } from './messages.js';

/** Methods of the pool that go through as they are. */
const DIRECT = [
  'stop',
  'skip',
  'connect',
  'disconnect',
  'control',
  'probe',
  'chime',
  'soundReport',
  'checkSound',
  'tune',
  'tuneReport',
  'warmUp',
  'close',
] as const satisfies ReadonlyArray<keyof Engine>;

/** Their names. */
export type DirectMethod = (typeof DIRECT)[number];

type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

export function poolMethods(pool: Pool): Methods {
  const leaves = new Map<Id, () => Promise<void>>();
  const microphones = new Map<Id, Microphone>();
  const microphone = (id: Id): Microphone => {
    const known = microphones.get(id);
    if (known === undefined) throw new TalkError('TALK_ERR_ABORTED', 'This microphone is closed');
    return known;
  };
  return {
    ...Object.fromEntries(
      DIRECT.map((name) => [
        name,
        (...args: unknown[]) => Reflect.apply(Reflect.get(pool, name), pool, args) as unknown,
      ]),
    ),
    /** Tells the results at once, but ends only when the loudspeakers have their volume back: a warning may come until then. */
    speak: async (
      cameras: readonly CameraOptions[],
      sources: readonly PreparedSource[],
      options: SpeakOptions,
      tell: (results: PromiseSettledResult<TalkOutcome>[]) => void,
    ) => {
      tell(await pool.speak(cameras, sources, options));
      if (options.speakerVolume !== undefined) await pool.volumesRestored(cameras);
    },
    register: (id: Id, camera: CameraOptions, user: string) => {
      leaves.set(id, pool.register(camera, user));
    },
    leave: async (id: Id) => {
      await leaves.get(id)?.();
      leaves.delete(id);
    },
    /** Ends when the microphone is given back. */
    lendMicrophone: async (id: Id, camera: CameraOptions, options: ListeningOptions, signal: AbortSignal) => {
      const lent = pool.microphone(camera, options);
      microphones.set(id, lent);
      await new Promise<void>((resolve) => onAbort(signal, resolve));
      microphones.delete(id);
      await lent.destroy();
    },
    startMicrophone: (id: Id) => microphone(id).start(),
    tryMicrophone: (id: Id) => microphone(id).tryNow(),
    record: (id: Id, plan: RecordPlan, signal?: AbortSignal) => microphone(id).record(plan, signal),
    stopMicrophone: (id: Id) => microphone(id).stop(),
    end: () => pool.destroy(),
  };
}
