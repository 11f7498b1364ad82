// Volumes lent to announcements: given back once, also after failures.
import assert from 'node:assert/strict';
import { TalkError } from '../../src/errors.js';
import { audioLevel } from '../../src/webapi/audio-level.js';
import { apiError } from '../../src/webapi/error-codes.js';
import { temporaryVolume } from '../../src/webapi/temporary-volume.js';
import { memoryCamera } from './memory-camera.js';

describe('temporary volume', () => {
  it('sets, and gives the original back once', async () => {
    const camera = memoryCamera();
    const restore = await temporaryVolume(camera, 90);
    assert.equal(camera.speaker['volume'], '90');
    await restore();
    await restore();
    assert.deepEqual(camera.volumes, ['90', '40']);
  });

  it('restores once for overlapping announcements, when the last has ended', async () => {
    const camera = memoryCamera();
    const [first, second] = await Promise.all([temporaryVolume(camera, 90), temporaryVolume(camera, 90)]);
    await first();
    assert.equal(camera.speaker['volume'], '90');
    await second();
    assert.deepEqual(camera.volumes, ['90', '40']);
  });

  it('lets the latest of several volumes count', async () => {
    const camera = memoryCamera();
    const loud = await temporaryVolume(camera, 90);
    const soft = await temporaryVolume(camera, 60);
    await soft();
    assert.equal(camera.speaker['volume'], '90');
    const softer = await temporaryVolume(camera, 50);
    await loud();
    assert.equal(camera.speaker['volume'], '50');
    await softer();
    assert.deepEqual(camera.volumes, ['90', '60', '90', '50', '40']);
  });

  it('restores once when everybody ends at the same time', async () => {
    const camera = memoryCamera();
    const loans = await Promise.all([90, 60, 70].map((volume) => temporaryVolume(camera, volume)));
    await Promise.all(loans.flatMap((restore) => [restore(), restore()]));
    assert.equal(camera.speaker['volume'], '40');
    assert.equal(camera.volumes.filter((volume) => volume === '40').length, 1);
  });

  it('reads the original anew for the next announcement', async () => {
    const camera = memoryCamera();
    await (
      await temporaryVolume(camera, 90)
    )();
    camera.speaker['volume'] = '55';
    await (
      await temporaryVolume(camera, 90)
    )();
    assert.equal(camera.speaker['volume'], '55');
  });

  it('writes nothing when the volume is right already', async () => {
    const camera = memoryCamera({ volume: '90' });
    await (
      await temporaryVolume(camera, 90)
    )();
    assert.deepEqual(camera.volumes, []);
  });

  it('can be asked again to restore when the camera did not answer', async () => {
    const camera = memoryCamera();
    const restore = await temporaryVolume(camera, 90);
    camera.failNext = { error: new TalkError('TALK_ERR_TIMEOUT', 'late'), applied: false };
    await assert.rejects(restore(), { code: 'TALK_ERR_TIMEOUT' });
    await restore();
    assert.equal(camera.speaker['volume'], '40');
  });

  it('does not take a volume that was never given back for the original', async () => {
    const camera = memoryCamera();
    const lost = await temporaryVolume(camera, 90);
    camera.failNext = { error: new TalkError('TALK_ERR_CONNECT', 'gone'), applied: false };
    await assert.rejects(lost());
    await (
      await temporaryVolume(camera, 80)
    )();
    assert.equal(camera.speaker['volume'], '40');
  });

  it('restores after a change that went unanswered but took effect', async () => {
    const camera = memoryCamera();
    camera.failNext = { error: new TalkError('TALK_ERR_TIMEOUT', 'late'), applied: true };
    await assert.rejects(temporaryVolume(camera, 90), { code: 'TALK_ERR_TIMEOUT' });
    await (
      await temporaryVolume(camera, 90)
    )();
    assert.equal(camera.speaker['volume'], '40');
  });

  it('does not take an unanswered change for one that did not happen', async () => {
    const camera = memoryCamera();
    camera.failNext = { error: new TalkError('TALK_ERR_TIMEOUT', 'late'), applied: true };
    await assert.rejects(temporaryVolume(camera, 90), { code: 'TALK_ERR_TIMEOUT' });
    const restore = await temporaryVolume(camera, 40);
    assert.equal(camera.speaker['volume'], '40');
    await restore();
  });

  it('owes nothing any more when the user has set a volume after a failed restore', async () => {
    const camera = memoryCamera();
    const lost = await temporaryVolume(camera, 90);
    camera.failNext = { error: new TalkError('TALK_ERR_CONNECT', 'gone'), applied: false };
    await assert.rejects(lost());
    await audioLevel(camera, 'speaker', 55);
    camera.speaker['volume'] = '70';
    await (
      await temporaryVolume(camera, 90)
    )();
    assert.equal(camera.speaker['volume'], '70');
  });

  it('owes nothing after a camera that said no', async () => {
    const camera = memoryCamera();
    camera.failNext = { error: apiError(-40106, 'set audio_config'), applied: false };
    await assert.rejects(temporaryVolume(camera, 90), { code: 'TALK_ERR_API' });
    camera.speaker['volume'] = '55';
    assert.deepEqual(await audioLevel(camera, 'speaker'), { volume: 55, mute: false });
    await (
      await temporaryVolume(camera, 90)
    )();
    assert.equal(camera.speaker['volume'], '55');
  });

  it('leaves another announcement its volume when the second one fails', async () => {
    const camera = memoryCamera();
    const first = await temporaryVolume(camera, 90);
    camera.failNext = { error: apiError(-40101, 'set audio_config'), applied: false };
    await assert.rejects(temporaryVolume(camera, 60), { code: 'TALK_ERR_API' });
    await first();
    assert.equal(camera.speaker['volume'], '40');
  });

  for (const volume of [-1, 101, 1.5, NaN]) {
    it(`refuses ${volume}`, async () => {
      const camera = memoryCamera();
      await assert.rejects(temporaryVolume(camera, volume), { code: 'TALK_ERR_ARGUMENT' });
      assert.equal(camera.requests.length, 0);
    });
  }
});
