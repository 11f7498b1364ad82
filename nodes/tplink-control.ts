// The control node: message in -> request -> the camera's web interface -> result out. Composes only; the rules live in control-*.ts, status.ts and src.
import { setMaxListeners } from 'node:events';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { controlRequest } from './control/request.js';
import { controlFailure, controlResults } from './control/results.js';
import { chosenCameras, isAddressed } from './shared/find-cameras.js';
import type { Message } from './shared/message.js';
import { receiveMessages, type Send } from './shared/receive.js';
import { sharedEngine } from './shared/engine.js';
import { controlStatus, failedControlStatus } from './shared/status.js';
import { StatusDisplay } from './shared/status-display.js';
import type { CameraNode } from './shared/camera-node.js';

interface ControlDef extends NodeDef {
  readonly camera?: string;
  readonly action?: string;
}

export default function register(RED: NodeAPI): void {
  function TplinkControl(this: Node, config: ControlDef): void {
    RED.nodes.createNode(this, config);
    const node = this;
    const engine = sharedEngine(RED);
    const closing = new AbortController();
    // One listener for each message under way; Node.js takes more than ten for a leak.
    setMaxListeners(0, closing.signal);
    const ownCamera = RED.nodes.getNode(config.camera ?? '') as CameraNode | null;
    /** Messages that wait for their cameras. */
    let underWay = 0;
    const display = new StatusDisplay({
      node,
      translate: (key, values) => RED._(key, { ...values }),
      resting: () => (ownCamera?.usable() === true ? undefined : controlStatus('noCamera')),
    });
    display.rest();

    receiveMessages(node, closing.signal, receive, (failure, msg) => {
      display.show(isAddressed(ownCamera, msg) ? failedControlStatus(failure.code) : controlStatus('noCamera'));
      return failure;
    });

    node.on('close', (done: () => void) => {
      closing.abort();
      display.end();
      done();
    });

    async function receive(msg: Message, send: Send): Promise<void> {
      const { action, argument } = controlRequest(msg, config);
      const cameras = chosenCameras(RED, ownCamera, msg);
      display.show(controlStatus('working'));
      underWay += 1;
      const results = await Promise.allSettled(
        cameras.map((camera) => engine.control(camera, action, argument, closing.signal)),
      );
      underWay -= 1;
      const failure = controlFailure(results, cameras);
      const entries = controlResults(results, cameras);
      const several = Array.isArray(msg['camera']);
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
