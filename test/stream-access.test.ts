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

  it('is at the stream’s own address, with its path, where there is one', () => {
    const { username, password, dialect } = CAMERA;
    const account = { username, password, dialect };
    assert.deepEqual(access({ streamUrl: 'rtsp://nas:8554/front?audio' }), {
      ...{ ...account, host: 'nas', port: 8554, path: 'front?audio' },
    });
    assert.deepEqual(access({ streamUrl: 'rtsp://nas' }), { ...account, host: 'nas', port: 554 });
    const moved = access({ streamUrl: 'rtsp://viewer:Also4Tests!@nas/x' });
    assert.deepEqual(moved, {
      ...{ host: 'nas', port: 554, path: 'x', username: 'viewer', password: 'Also4Tests!', dialect },
    });
  });

  it("is without a password for another user of another address: the camera's is not that user's", () => {
    const { dialect } = CAMERA;
    const nobody = { ...{ host: 'nas', port: 554, path: 'x', username: 'viewer', password: '', dialect } };
    assert.deepEqual(access({ streamUrl: 'rtsp://viewer@nas/x' }), nobody);
    assert.deepEqual(access({ streamUrl: 'rtsp://nas/x', listenUsername: 'viewer' }), nobody);
    const same = access({ streamUrl: 'rtsp://nas/x', listenUsername: CAMERA.username });
    assert.deepEqual(same, { ...nobody, username: CAMERA.username, password: CAMERA.password });
  });

  it('is refused at an address that options cannot hold', () => {
    const camera = { ...cameraOptions(CAMERA), streamUrl: 'http://a:secret@nas' };
    assert.throws(
      () => streamAccess(camera),
      (error: Error) => !error.message.includes('secret'),
    );
  });
});
