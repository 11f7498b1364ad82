// *Find* of the camera dialog: an admin route that lists the cameras of this network as they answer. It takes no address and no password, only the ports to look at.
import type { NodeAPI } from 'node-red';
import { CAMERA_RANGES, findCameras, isTalkError, numberOf, type Clock } from '../../src/index.js';
import { registerReport } from '../shared/report-route.js';

/** Once for each start of the runtime: routes outlive a redeploy. Each camera is a line, the last line has all of them. */
export function registerCameraFind(RED: NodeAPI, clock?: Clock): void {
  const wanted = (body: unknown) => {
    // Whatever else stands in the fields, an environment variable for instance, means the usual port.
    const port = (field: 'port' | 'httpPort' | 'streamPort'): number | undefined =>
      numberOf(typeof body === 'object' && body !== null ? Reflect.get(body, field) : undefined, CAMERA_RANGES[field]);
    const ports = { rtsp: port('port'), http: port('httpPort'), stream: port('streamPort') };
    return async (onStep: (step: object) => void, signal: AbortSignal): Promise<void> => {
      try {
        onStep({ cameras: await findCameras({ ports, signal, onFound: (camera) => onStep({ camera }) }) });
      } catch (error) {
        if (signal.aborted) return;
        if (!isTalkError(error) || error.code !== 'TALK_ERR_CONNECT') throw error;
        onStep({ cameras: [] });
      }
    };
  };
  registerReport(RED, '/tplink-camera/find', 'tplink-camera.write', wanted, { clock });
}
