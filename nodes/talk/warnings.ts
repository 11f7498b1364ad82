// What went wrong beside the speaking, on all cameras of one message -> one warning in the debug sidebar.
import { cameraKey, type CameraOptions, type TalkError } from '../../src/index.js';

export interface Warnings {
  readonly add: (warning: TalkError) => void;
  /** No camera is speaking any more: tells what was gathered; what comes later is told at once. */
  end(): void;
}

/** Tells `warn` once, when every camera has given a warning or at the end. */
export function gatherWarnings(cameras: readonly CameraOptions[], warn: (text: string) => void): Warnings {
  const gathered: TalkError[] = [];
  let ended = false;
  const tell = (): void => {
    if (gathered.length > 0) warn(gathered.splice(0).map(text).join('; '));
  };
  const text = ({ camera: key, message }: TalkError): string => {
    const camera = cameras.length === 1 ? undefined : cameras.find((known) => cameraKey(known) === key);
    return camera === undefined ? message : `${camera.name || cameraKey(camera)}: ${message}`;
  };
  return {
    add: (warning) => {
      gathered.push(warning);
      if (ended || gathered.length === cameras.length) tell();
    },
    end: () => {
      ended = true;
      tell();
    },
  };
}
