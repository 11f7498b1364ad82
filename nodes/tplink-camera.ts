// Config node: credentials and options of one camera, validated once; talk nodes ask it for the camera and hear of its session.
import type { NodeAPI, NodeDef } from 'node-red';
import { cameraOptions, toTalkError, type CameraOptions } from '../src/index.js';
import { registerCameraTests } from './camera/camera-test.js';
import type { CameraCredentials, CameraNode } from './shared/camera-node.js';
import { sharedEngine } from './shared/engine.js';

export default function register(RED: NodeAPI): void {
  function TplinkCamera(this: CameraNode, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    const engine = sharedEngine(RED);
    const listeners = new Set<() => void>();
    let leave: (() => Promise<void>) | undefined;
    let options: CameraOptions | undefined;

    this.camera = () => {
      options ??= cameraOptions({ ...config, ...this.credentials });
      leave ??= engine.register(options, this.id, () => {
        for (const listener of listeners) listener();
      });
      return options;
    };
    this.usable = () => Boolean(Reflect.get(config, 'host'));
    this.session = () => (options === undefined ? 'closed' : engine.sessionState(options));
    this.onSession = (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
    this.on('close', (done: () => void) => {
      if (leave === undefined) done();
      else leave().then(done, done);
    });

    try {
      this.camera();
      if (Reflect.get(config, 'warmUp') === true) void engine.warmUp();
    } catch (error) {
      // A node without an address is unfinished, not wrong: the nodes that use it report it when a message comes.
      if (this.usable()) this.error(toTalkError(error, 'TALK_ERR_ARGUMENT', String(error)).message);
    }
  }

  registerCameraTests(RED);
  RED.nodes.registerType<CameraNode, NodeDef, object, CameraCredentials>('tplink-camera', TplinkCamera, {
    credentials: { username: { type: 'text' }, password: { type: 'password' } },
  });
}
