// What every node that uses a camera has: the engine, its own camera, a status, messages in, and an end. What a message means is the node's business.
import { setMaxListeners } from 'node:events';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { CameraOptions, Engine, TalkError, TalkErrorCode } from '../../src/index.js';
import type { CameraNode } from './camera-node.js';
import { sharedEngine } from './engine.js';
import { chosenCameras, isAddressed } from './find-cameras.js';
import type { Message, MessageFields } from './message.js';
import { ownCameras, type NamedCameras } from './own-cameras.js';
import { receiveMessages, type Send } from './receive.js';
import { StatusDisplay } from './status-display.js';
import type { NodeStatus } from './status.js';

export interface CameraUserDef extends NodeDef, NamedCameras {}

/** What differs from node to node. */
export interface CameraUserPlan {
  /** `done` is told when it resolves or rejects. */
  readonly receive: (msg: Message, send: Send) => Promise<void>;
  /** What the node shows while it has no camera. */
  readonly noCamera: NodeStatus;
  /** What it shows of its cameras that have an address when there is nothing else to tell. */
  readonly resting: (cameras: readonly CameraNode[]) => NodeStatus | undefined;
  readonly failed: (code: TalkErrorCode) => NodeStatus;
  /** The error as the user may see it; as it is by default. */
  readonly told?: (failure: TalkError) => TalkError;
  /** Sends the message on with its error and says true; by default `done` gets the error. */
  readonly passOn?: (failure: TalkError, msg: Message, send: Send) => boolean;
  /** Whether a failure is shown only briefly, because something else goes on. */
  readonly goesOn?: () => boolean;
  /** Ends what else the node has; nothing is shown any more. */
  readonly close?: () => Promise<void> | undefined;
}

export interface CameraUser {
  readonly engine: Engine;
  /** Aborted when the node is closed. */
  readonly closing: AbortSignal;
  /** The cameras of its settings that have an address. */
  readonly usableCameras: () => CameraNode[];
  readonly display: StatusDisplay;
  /** The cameras a message is for. Throws TALK_ERR_ARGUMENT when there is none. */
  readonly camerasOf: (msg: MessageFields) => CameraOptions[];
}

/** To be called first of all by the constructor of a node, with what the plan refers to in place. */
export function cameraUser(RED: NodeAPI, node: Node, config: CameraUserDef, plan: CameraUserPlan): CameraUser {
  RED.nodes.createNode(node, config);
  const engine = sharedEngine(RED);
  const closing = new AbortController();
  // One listener for each message under way; Node.js takes more than ten for a leak.
  setMaxListeners(0, closing.signal);
  const usableCameras = (): CameraNode[] => ownCameras(node, config).filter((camera) => camera.usable());
  const display = new StatusDisplay({
    node,
    translate: (key, values) => RED._(key, { ...values }),
    resting: () => {
      const usable = usableCameras();
      return usable.length > 0 ? plan.resting(usable) : plan.noCamera;
    },
  });
  display.rest();

  receiveMessages(node, closing.signal, plan.receive, (error, msg, send) => {
    const failure = plan.told?.(error) ?? error;
    if (usableCameras().length === 0 && !isAddressed(msg)) display.show(plan.noCamera);
    else if (plan.goesOn?.() === true) display.showBriefly(plan.failed(failure.code));
    else display.show(plan.failed(failure.code));
    return plan.passOn?.(failure, msg, send) === true ? undefined : failure;
  });

  node.on('close', (done: () => void) => {
    closing.abort();
    display.end();
    const ended = plan.close?.();
    if (ended === undefined) done();
    else ended.then(done, done);
  });

  return {
    engine,
    closing: closing.signal,
    usableCameras,
    display,
    camerasOf: (msg) => chosenCameras(RED, ownCameras(node, config), msg),
  };
}
