// What goes on while a camera misbehaves: eight situations, each played on a stage until all its clips have ended.
import { OWNER, type Family, type Stage } from './stage.js';

/** More than ten packets of 128 ms, after which most faults strike, lead-in included. */
const LONG_MS = 1_500;
const SHORT_MS = 300;
/** Longer than 50 packets of 20 ms, after which most faults of streams strike. */
const RECORDED_SECONDS = 1.5;

export const SITUATIONS = {
  idle: async (stage) => {
    await stage.end(stage.speak(LONG_MS));
  },
  connecting: async (stage) => {
    const connecting = stage.pool.connect(stage.camera).catch(() => undefined);
    const clip = stage.speak(LONG_MS);
    await stage.end(clip);
    await stage.time.until(connecting);
  },
  talking: async (stage) => {
    const first = stage.speak(LONG_MS);
    await stage.reaches(first, 'talking');
    await stage.end(first, stage.speak(SHORT_MS));
  },
  kept: async (stage) => {
    await stage.end(stage.speak(SHORT_MS));
    await stage.pass(1_000);
    await stage.end(stage.speak(LONG_MS));
  },
  'three waiting': async (stage) => {
    await stage.end(...[LONG_MS, SHORT_MS, SHORT_MS, SHORT_MS].map((ms) => stage.speak(ms)));
  },
  stop: async (stage) => {
    const both = [stage.speak(LONG_MS), stage.speak(SHORT_MS)];
    const [first = stage.speak(0)] = both;
    await stage.reaches(first, 'talking', 'retrying');
    await stage.pass(SHORT_MS);
    await stage.pool.stop(stage.camera, OWNER);
    await stage.end(...both);
    await stage.end(stage.speak(SHORT_MS));
  },
  redeploy: async (stage) => {
    const both = [stage.speak(LONG_MS), stage.speak(SHORT_MS)];
    const [first = stage.speak(0)] = both;
    await stage.reaches(first, 'talking', 'retrying');
    await stage.pass(SHORT_MS);
    await stage.leave();
    await stage.end(...both);
    stage.register();
    await stage.end(stage.speak(SHORT_MS));
  },
  listening: async (stage) => {
    await stage.listen(RECORDED_SECONDS);
  },
} as const satisfies Readonly<Record<string, (stage: Stage) => Promise<void>>>;

export type Situation = keyof typeof SITUATIONS;
const ALL = Object.keys(SITUATIONS) as readonly Situation[];
/** Whoever listens to a Tapo is at its RTSP port, whose faults are those of the other family. */
export const SITUATION_NAMES: Readonly<Record<Family, readonly Situation[]>> = {
  multitrans: ALL,
  tapo: ALL.filter((name) => name !== 'listening'),
};
