// Config node: credentials and options of one camera, validated once; talk nodes ask it for the camera and hear of its session.
import type { NodeAPI, NodeDef } from 'node-red';
import { cameraOptions, toTalkError, type CameraOptions } from '../src/index.js';
import { registerCameraFind } from './camera/camera-find.js';
import { registerCameraTests } from './camera/camera-test.js';
import { registerCameraTune } from './camera/camera-tune.js';
import { enlist, sessionChanged } from './shared/camera-list.js';
import type { CameraCredentials, CameraNode } from './shared/camera-node.js';
import { sharedEngine } from './shared/engine.js';

export default function register(RED: NodeAPI): void {
  function TplinkCamera(this: CameraNode, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    Object.assign(this, textsOf({ name: this.name }));
    const engine = sharedEngine(RED);
    let leave: (() => Promise<void>) | undefined;
    let options: CameraOptions | undefined;

    this.camera = () => {
      const settings = { ...config, ...this.credentials };
      options ??= cameraOptions({ ...settings, ...textsOf(settings) });
      leave ??= engine.register(options, this.id, () => sessionChanged(this.id));
      return options;
    };
    this.usable = () => Boolean(Reflect.get(config, 'host'));
    this.session = () => (options === undefined ? 'closed' : engine.sessionState(options));
    const delist = enlist(this);
    this.on('close', (done: () => void) => {
      delist();
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
    // Nodes that name it in a list are not deployed anew with it.
    sessionChanged(this.id);
  }

  registerCameraTests(RED);
  registerCameraFind(RED);
  registerCameraTune(RED);
  RED.nodes.registerType<CameraNode, NodeDef, object, CameraCredentials>('tplink-camera', TplinkCamera, {
    credentials: {
      username: { type: 'text' },
      password: { type: 'password' },
      listenUsername: { type: 'text' },
      listenPassword: { type: 'password' },
    },
  });
}

/** The same texts where a variable of Node-RED made them numbers: a password of digits, a camera called 7. */
function textsOf(settings: object): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [field, value] of Object.entries(settings) as [string, unknown][]) {
    if (TEXTS.has(field) && typeof value === 'number') texts[field] = String(value);
    if (field === 'name' && typeof value === 'string') texts[field] = value.trim();
  }
  return texts;
}

const TEXTS: ReadonlySet<string> = new Set([
  ...['name', 'username', 'password'],
  ...['listenUsername', 'listenPassword'],
]);
