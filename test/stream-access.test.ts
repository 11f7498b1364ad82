// Where and as whom a camera is listened to.
import assert from 'node:assert/strict';
import { cameraOptions } from '../src/camera-options.js';
import { streamAccess } from '../src/stream-access.js';

const CAMERA = { host: '192.168.1.60', port: 8554, username: 'root', password: 'Only4Tests!', dialect: 'vigi' };

describe('access to the streams', () => {
  const access = (options: object): object => streamAccess(cameraOptions({ ...CAMERA, ...options }));

  it("is the camera's address and account", () => {
    assert.deepEqual(access({}), CAMERA);
  });

  for (const account of [
    { listenUsername: 'viewer' },
    { listenPassword: 'Also4Tests!' },
    { listenUsername: 'viewer', listenPassword: 'Also4Tests!' },
  ]) {
    it(`takes ${Object.keys(account).join(' and ')} in place of the camera's`, () => {
      const { listenUsername: username = CAMERA.username, listenPassword: password = CAMERA.password } = account;
      assert.deepEqual(access(account), { ...CAMERA, username, password });
    });
  }
});
