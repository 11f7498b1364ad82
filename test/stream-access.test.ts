// Where and as whom a camera is listened to.
import assert from 'node:assert/strict';
import { cameraOptions } from '../src/camera-options.js';
import { streamAccess } from '../src/stream-access.js';
import { thrown } from './helpers/collect.js';

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

  describe('of a Tapo camera', () => {
    const tapo = { dialect: 'tapo', password: 'Cloud4Tests!' };
    const viewer = { listenUsername: 'viewer', listenPassword: 'Also4Tests!' };

    it('is with the camera account alone', () => {
      const { host, port } = CAMERA;
      const account = { username: 'viewer', password: 'Also4Tests!', dialect: 'tapo' };
      assert.deepEqual(access({ ...tapo, ...viewer }), { host, port, ...account });
      const streamUrl = 'rtsp://nas/x';
      assert.deepEqual(access({ ...tapo, ...viewer, streamUrl }), { host: 'nas', port: 554, path: 'x', ...account });
    });

    for (const [missing, account] of [
      ['listenUsername', {}],
      ['listenUsername', { listenPassword: 'Also4Tests!' }],
      ['listenPassword', { listenUsername: 'viewer' }],
    ] as const) {
      it(`is refused with ${Object.keys(account).join('') || 'nothing'}: the camera account is asked for`, () => {
        const error = thrown(() => access({ ...tapo, ...account }));
        assert.equal(error.code, 'TALK_ERR_ARGUMENT');
        assert.equal(error.camera, '192.168.1.60:8554');
        assert.match(error.message, new RegExp(`option ${missing}: .*camera account`));
        assert.doesNotMatch(error.message, /4Tests/);
      });
    }

    it('never has the password of the TP-Link account', () => {
      for (const streamUrl of ['rtsp://nas/x', 'rtsp://admin@nas/x', 'rtsp://viewer@192.168.1.60/stream1']) {
        for (const account of [{}, { listenUsername: 'admin' }, { listenUsername: 'viewer' }]) {
          const { password } = streamAccess(cameraOptions({ ...CAMERA, ...tapo, ...account, streamUrl }));
          assert.equal(password, '', `${streamUrl} ${JSON.stringify(account)}`);
        }
      }
    });
  });

  it('is that of the device over the HTTP talk of a VIGI', () => {
    const vigi = { username: 'admin', dialect: 'vigi-stream' };
    assert.deepEqual(access(vigi), { ...CAMERA, ...vigi });
  });

  it('is refused at an address that options cannot hold', () => {
    const camera = { ...cameraOptions(CAMERA), streamUrl: 'http://a:secret@nas' };
    assert.throws(
      () => streamAccess(camera),
      (error: Error) => !error.message.includes('secret'),
    );
  });
});
