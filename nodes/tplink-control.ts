// The control node: message in -> request -> the camera's web interface -> result out. Composes only; the rules live in control/, shared/ and src.
import type { Node, NodeAPI } from 'node-red';
import { controlRequest } from './control/request.js';
import { controlFailure, controlResults } from './control/results.js';
import { cameraUser, type CameraUserDef } from './shared/camera-user.js';
import { namesSeveral } from './shared/find-cameras.js';
import type { Message } from './shared/message.js';
import type { Send } from './shared/receive.js';
import { controlStatus, failedControlStatus } from './shared/status.js';

interface ControlDef extends CameraUserDef {
  readonly action?: string;
}

export default function register(RED: NodeAPI): void {
  function TplinkControl(this: Node, config: ControlDef): void {
    /** Messages that wait for their cameras. */
    let underWay = 0;
    const { engine, closing, display, camerasOf } = cameraUser(RED, this, config, {
      receive,
      noCamera: controlStatus('noCamera'),
      resting: () => undefined,
      failed: failedControlStatus,
    });

    async function receive(msg: Message, send: Send): Promise<void> {
      const { action, argument } = controlRequest(msg, config);
      const cameras = camerasOf(msg);
      display.show(controlStatus('working'));
      underWay += 1;
      const results = await Promise.allSettled(
        cameras.map((camera) => engine.control(camera, action, argument, closing)),
      );
      underWay -= 1;
      const failure = controlFailure(results, cameras);
      const entries = controlResults(results, cameras);
      const several = namesSeveral(msg);
      if (failure !== undefined) {
        if (several) msg.payload = entries;
        throw failure;
      }
      msg.payload = several ? entries : entries[0];
      if (underWay === 0) display.showBriefly(controlStatus('done'));
      send(msg);
    }
  }

  RED.nodes.registerType('tplink-control', TplinkControl);
}
