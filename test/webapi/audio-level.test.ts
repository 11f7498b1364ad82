// Volume and mute as asked of a camera in memory, also where it cannot mute.
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { TalkError } from '../../src/errors.js';
import { audioLevel } from '../../src/webapi/audio-level.js';
import { temporaryVolume } from '../../src/webapi/temporary-volume.js';
import { memoryCamera } from './memory-camera.js';

describe('audio level', () => {
  for (const nothing of [undefined, null, '', {}]) {
    it(`reads for ${JSON.stringify(nothing)}`, async () => {
      const camera = memoryCamera({ volume: '40', mute: 'on', '.name': 'speaker' });
      assert.deepEqual(await audioLevel(camera, 'speaker', nothing), { volume: 40, mute: true });
      assert.deepEqual(camera.requests, [{ method: 'get', audio_config: { name: ['speaker'] } }]);
    });
  }

  it('reads a camera that has no mute key', async () => {
    assert.deepEqual(await audioLevel(memoryCamera({ volume: '40' }), 'speaker'), { volume: 40, mute: false });
    assert.deepEqual(await audioLevel(memoryCamera({ volume: '0' }), 'speaker'), { volume: 0, mute: true });
  });

  it('reads the microphone', async () => {
    assert.deepEqual(await audioLevel(memoryCamera(), 'microphone'), { volume: 70, mute: false });
  });

  for (const section of [{}, { volume: 'loud' }] as Record<string, string>[]) {
    it(`makes nothing of ${JSON.stringify(section)}`, async () => {
      await assert.rejects(audioLevel(memoryCamera(section), 'speaker'), {
        code: 'TALK_ERR_PROTOCOL',
        message: /no volume of its speaker/,
      });
    });
  }

  for (const argument of [
    80,
    '80',
    { volume: 80 },
    { volume: '80', mute: undefined },
    runInNewContext('({ volume: 80 })'),
  ]) {
    it(`sets ${JSON.stringify(argument)} as text, in one section`, async () => {
      const camera = memoryCamera();
      assert.deepEqual(await audioLevel(camera, 'speaker', argument), { volume: 80, mute: false });
      assert.deepEqual(camera.requests.at(-1), { method: 'set', audio_config: { speaker: { volume: '80' } } });
      assert.equal(camera.speaker['volume'], '80');
    });
  }

  it('sets 0 and 100, the ends of the scale', async () => {
    assert.deepEqual(await audioLevel(memoryCamera({ volume: '9', mute: 'off' }), 'speaker', 0), {
      volume: 0,
      mute: false,
    });
    assert.deepEqual(await audioLevel(memoryCamera(), 'speaker', 100), { volume: 100, mute: false });
  });

  for (const argument of [
    -1,
    101,
    50.5,
    NaN,
    1_700_000_000_000,
    'loud',
    true,
    [50],
    { volume: 101 },
    { volume: null },
    { mute: 'yes' },
    { loud: 1 },
    { volume: 5, gain: 1 },
  ]) {
    it(`refuses ${JSON.stringify(argument)} without asking the camera`, async () => {
      const camera = memoryCamera();
      await assert.rejects(audioLevel(camera, 'speaker', argument), {
        code: 'TALK_ERR_ARGUMENT',
        message: /Action speaker: expected .*0 to 100/,
      });
      assert.equal(camera.requests.length, 0);
    });
  }

  for (const code of [-40209, -40210, -64206]) {
    it(`sends a volume once more as a number after ${code}, and at once from then on`, async () => {
      const camera = memoryCamera();
      camera.wantsNumbers = code;
      assert.deepEqual(await audioLevel(camera, 'speaker', 80), { volume: 80, mute: false });
      assert.deepEqual(
        camera.requests.slice(1).map((json) => json.audio_config.speaker.volume),
        ['80', 80],
      );
      await audioLevel(camera, 'speaker', 81);
      assert.equal(camera.requests.length, 5);
      assert.equal(camera.requests[4].audio_config.speaker.volume, 81);
    });
  }

  it('sends a volume no second time after another error', async () => {
    const camera = memoryCamera();
    camera.wantsNumbers = -40101;
    await assert.rejects(audioLevel(camera, 'speaker', 80), { code: 'TALK_ERR_API' });
    assert.equal(camera.requests.length, 2);
  });

  describe('mutes', () => {
    it('by the key when the camera has it and says that it works', async () => {
      const camera = memoryCamera({ volume: '40', mute: 'off' });
      assert.deepEqual(await audioLevel(camera, 'speaker', { mute: true }), { volume: 40, mute: true });
      assert.deepEqual(camera.requests.slice(1), [
        { method: 'get', audio_capability: { name: ['device_speaker'] } },
        { method: 'set', audio_config: { speaker: { mute: 'on' } } },
      ]);
      assert.deepEqual(await audioLevel(camera, 'speaker', { mute: false, volume: 55 }), { volume: 55, mute: false });
      assert.deepEqual(camera.requests.at(-1), {
        method: 'set',
        audio_config: { speaker: { volume: '55', mute: 'off' } },
      });
      assert.equal(camera.requests.filter((json) => json.audio_capability !== undefined).length, 1);
    });

    it('by the key when the camera does not know the question', async () => {
      const camera = memoryCamera({ volume: '40', mute: 'off' });
      camera.capability = undefined;
      await audioLevel(camera, 'speaker', { mute: 'on' });
      assert.deepEqual(camera.speaker, { volume: '40', mute: 'on' });
    });

    for (const [name, speaker, capability] of [
      ['the key is missing', { volume: '40' }, '1'],
      ['the camera says the key does nothing', { volume: '40', mute: 'off' }, '0'],
    ] as const) {
      it(`by volume 0 when ${name}, and gives the volume back`, async () => {
        const camera = memoryCamera({ ...speaker });
        camera.capability = { device_speaker: { mute: capability } };
        assert.deepEqual(await audioLevel(camera, 'speaker', { mute: true }), { volume: 40, mute: true });
        assert.equal(camera.speaker['volume'], '0');
        assert.notEqual(camera.speaker['mute'], 'on');
        assert.deepEqual(await audioLevel(camera, 'speaker'), { volume: 40, mute: true });
        assert.deepEqual(await audioLevel(camera, 'speaker', { mute: true }), { volume: 40, mute: true });
        assert.deepEqual(await audioLevel(camera, 'speaker', { mute: false }), { volume: 40, mute: false });
        assert.equal(camera.speaker['volume'], '40');
      });
    }

    it('the microphone by its own key', async () => {
      const camera = memoryCamera();
      assert.deepEqual(await audioLevel(camera, 'microphone', { mute: true }), { volume: 70, mute: true });
      assert.deepEqual(camera.requests.slice(1), [
        { method: 'get', audio_capability: { name: ['device_microphone'] } },
        { method: 'set', audio_config: { microphone: { mute: 'on' } } },
      ]);
    });

    it('and comes back with another volume when told one', async () => {
      const camera = memoryCamera();
      await audioLevel(camera, 'speaker', { mute: true, volume: 30 });
      assert.equal(camera.speaker['volume'], '0');
      assert.deepEqual(await audioLevel(camera, 'speaker', { mute: false }), { volume: 30, mute: false });
      await audioLevel(camera, 'speaker', { mute: true });
      assert.deepEqual(await audioLevel(camera, 'speaker', 20), { volume: 20, mute: false });
      assert.deepEqual(await audioLevel(camera, 'speaker', { mute: false }), { volume: 20, mute: false });
    });

    it('and believes somebody who turned the volume up meanwhile', async () => {
      const camera = memoryCamera();
      await audioLevel(camera, 'speaker', { mute: true });
      camera.speaker['volume'] = '90';
      assert.deepEqual(await audioLevel(camera, 'speaker'), { volume: 90, mute: false });
    });

    it('and asks for a volume when it does not know the one from before', async () => {
      const camera = memoryCamera({ volume: '0' });
      await assert.rejects(audioLevel(camera, 'speaker', { mute: false }), {
        code: 'TALK_ERR_ARGUMENT',
        message: /volume from before is not known/,
      });
      assert.deepEqual(await audioLevel(camera, 'speaker', { mute: false, volume: 10 }), { volume: 10, mute: false });
    });

    it('and remembers nothing that the camera did not take', async () => {
      const camera = memoryCamera();
      camera.failNext = { error: new TalkError('TALK_ERR_API', 'no'), applied: false };
      await assert.rejects(audioLevel(camera, 'speaker', { mute: true }), { code: 'TALK_ERR_API' });
      assert.deepEqual(await audioLevel(camera, 'speaker'), { volume: 40, mute: false });
    });
  });

  describe('with a volume lent to an announcement', () => {
    it('shows the volume without it', async () => {
      const camera = memoryCamera();
      const restore = await temporaryVolume(camera, 90);
      assert.deepEqual(await audioLevel(camera, 'speaker'), { volume: 40, mute: false });
      await restore();
    });

    it('changes what comes back', async () => {
      const camera = memoryCamera();
      const restore = await temporaryVolume(camera, 90);
      await audioLevel(camera, 'speaker', 25);
      assert.equal(camera.speaker['volume'], '25');
      await restore();
      assert.equal(camera.speaker['volume'], '25');
    });

    it('stays muted through volume 0 before, during and after', async () => {
      const camera = memoryCamera();
      await audioLevel(camera, 'speaker', { mute: true });
      const restore = await temporaryVolume(camera, 90);
      assert.deepEqual(await audioLevel(camera, 'speaker'), { volume: 40, mute: true });
      await restore();
      assert.equal(camera.speaker['volume'], '0');
      assert.deepEqual(await audioLevel(camera, 'speaker', { mute: false }), { volume: 40, mute: false });
    });

    it('mutes during it and unmutes after it', async () => {
      const camera = memoryCamera();
      const restore = await temporaryVolume(camera, 90);
      assert.deepEqual(await audioLevel(camera, 'speaker', { mute: true }), { volume: 40, mute: true });
      await restore();
      assert.equal(camera.speaker['volume'], '0');
      assert.deepEqual(await audioLevel(camera, 'speaker', { mute: false }), { volume: 40, mute: false });
    });
  });
});
