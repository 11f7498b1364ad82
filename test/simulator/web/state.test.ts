// The sections behind `/ds` as values: what hardware answers, stringly typed, and what it refuses.
import assert from 'node:assert/strict';
import { createDevice, type WebStateOptions } from '../../../src/simulator/web/state.js';
import { handClock } from './raw-http.js';

function camera(options: WebStateOptions = {}) {
  const clock = handClock();
  const device = createDevice(options, clock);
  return { clock, device, ask: (text: string): any => device.answer(JSON.parse(text)) };
}

describe('simulator/web-state', () => {
  it('reads device_info by name and as a table', () => {
    const { ask } = camera({ name: 'front door' });
    const named = ask('{"method":"get","device_info":{"name":["basic_info","info"]}}');
    assert.equal(named.error_code, 0);
    assert.equal(named.device_info.basic_info.device_name, 'front door');
    assert.equal(named.device_info.basic_info.mac, '00-00-5E-00-53-01');
    const table = ask('{"method":"get","device_info":{"table":["info"]}}');
    assert.deepEqual(table.device_info.info, [{ info: named.device_info.info }]);
  });

  it('knows device_info in one form only when told so', () => {
    const asTable = '{"method":"get","device_info":{"table":["info"]}}';
    const asName = '{"method":"get","device_info":{"name":["basic_info"]}}';
    assert.equal(camera({ deviceInfoBy: 'table' }).ask(asName).error_code, -40106);
    assert.equal(camera({ deviceInfoBy: 'table' }).ask(asTable).error_code, 0);
    assert.equal(camera({ deviceInfoBy: 'name' }).ask(asTable).error_code, -40106);
  });

  it('reads audio_config in strings', () => {
    assert.deepEqual(camera().ask('{"method":"get","audio_config":{"name":["speaker","microphone"]}}'), {
      audio_config: {
        speaker: { mute: 'off', output_device_type: 'SpeakerOut', volume: '80' },
        microphone: {
          bitrate: '64',
          channels: '1',
          echo_cancelling: 'off',
          encode_type: 'G711alaw',
          input_device_type: 'MicIn',
          mute: 'off',
          noise_cancelling: 'on',
          sampling_rate: '8',
          volume: '70',
        },
      },
      error_code: 0,
    });
  });

  it('sets volumes given as string or number, reads strings, and logs the loudspeaker', () => {
    const { ask, clock, device } = camera();
    assert.deepEqual(ask('{"method":"set","audio_config":{"speaker":{"volume":35}}}'), { error_code: 0 });
    clock.advance(250);
    assert.equal(ask('{"method":"set","audio_config":{"speaker":{"volume":"90","mute":"on"}}}').error_code, 0);
    assert.equal(ask('{"method":"set","audio_config":{"microphone":{"volume":"5"}}}').error_code, 0);
    assert.equal(ask('{"method":"get","audio_config":{"name":["speaker"]}}').audio_config.speaker.volume, '90');
    assert.deepEqual(device.volumeLog, [
      { at: 1_000, volume: 35, muted: false },
      { at: 1_250, volume: 90, muted: true },
    ]);
    assert.deepEqual(device.state.microphone, { volume: 5, muted: false });
  });

  const volumes = [
    ['"101"', -64206],
    ['-1', -64206],
    ['"1e1"', -64206],
    ['5.5', -64206],
    ['""', -64206],
    ['true', -40209],
    ['null', -40209],
    ['["80"]', -40209],
  ] as const;
  for (const [volume, code] of volumes) {
    it(`refuses volume ${volume}`, () => {
      const { ask, device } = camera();
      assert.equal(ask(`{"method":"set","audio_config":{"speaker":{"volume":${volume}}}}`).error_code, code);
      assert.equal(device.state.speaker.volume, 80);
      assert.equal(device.volumeLog.length, 0);
    });
  }

  it('takes volumes in one JSON type only when told so', () => {
    const set = (volume: string) => `{"method":"set","audio_config":{"speaker":{"volume":${volume}}}}`;
    assert.equal(camera({ acceptVolumeAs: 'string' }).ask(set('80')).error_code, -40209);
    assert.equal(camera({ acceptVolumeAs: 'string' }).ask(set('"80"')).error_code, 0);
    assert.equal(camera({ acceptVolumeAs: 'number' }).ask(set('"80"')).error_code, -40209);
    assert.equal(camera({ acceptVolumeAs: 'number' }).ask(set('80')).error_code, 0);
  });

  it('sets all of a change or nothing of it', () => {
    const { ask, device } = camera();
    assert.equal(ask('{"method":"set","audio_config":{"speaker":{"volume":"1","loud":"on"}}}').error_code, -40101);
    assert.equal(device.state.speaker.volume, 80);
  });

  const mute = '{"method":"set","audio_config":{"speaker":{"mute":"on"}}}';
  const readSpeaker = '{"method":"get","audio_config":{"name":["speaker"]}}';
  const readCapability = '{"method":"get","audio_capability":{"name":["device_speaker","device_microphone"]}}';

  it('mutes where mute works', () => {
    const { ask, device } = camera();
    assert.equal(ask(readCapability).audio_capability.device_speaker.mute, '1');
    assert.equal(ask(readCapability).audio_capability.device_microphone.half_duplex, '1');
    assert.equal(ask(mute).error_code, 0);
    assert.equal(device.state.speaker.muted, true);
    assert.equal(ask(mute.replace('"on"', 'true')).error_code, -40209);
  });

  it('has no mute where there is none', () => {
    const { ask } = camera({ speakerMute: 'absent' });
    assert.ok(!('mute' in ask(readSpeaker).audio_config.speaker));
    assert.equal(ask(readCapability).audio_capability.device_speaker.mute, '0');
    assert.equal(ask(mute).error_code, -40101);
  });

  it('shows a mute that cannot be set', () => {
    const { ask } = camera({ speakerMute: 'capability-0' });
    assert.equal(ask(readSpeaker).audio_config.speaker.mute, 'off');
    assert.equal(ask(readCapability).audio_capability.device_speaker.mute, '0');
    assert.equal(ask(mute).error_code, -64201);
  });

  it('adds .name and .type as older firmware does', () => {
    const { ask } = camera({ dotKeys: true, speakerMute: 'absent' });
    assert.deepEqual(ask(readSpeaker).audio_config.speaker, {
      '.name': 'speaker',
      '.type': 'audio_config',
      output_device_type: 'SpeakerOut',
      volume: '80',
    });
  });

  it('closes and opens the lens mask', () => {
    const { ask, device } = camera();
    const read = '{"method":"get","lens_mask":{"name":["lens_mask_info"]}}';
    assert.deepEqual(ask(read).lens_mask, { lens_mask_info: { enabled: 'off' } });
    assert.equal(ask('{"method":"set","lens_mask":{"lens_mask_info":{"enabled":"on"}}}').error_code, 0);
    assert.equal(ask(read).lens_mask.lens_mask_info.enabled, 'on');
    assert.equal(device.state.lensMask, true);
    assert.equal(ask('{"method":"set","lens_mask":{"lens_mask_info":{"enabled":true}}}').error_code, -40209);
    assert.equal(ask('{"method":"set","lens_mask":{"lens_mask_info":{"enabled":"off","x":"1"}}}').error_code, -40101);
    assert.equal(ask('{"method":"set","lens_mask":{"lens_mask_info":{}}}').error_code, -40211);
    assert.equal(device.state.lensMask, true);
  });

  it('has a clock that runs, in strings, and can be set', () => {
    const { ask, clock } = camera();
    const read = '{"method":"get","system":{"name":["clock_status"]}}';
    assert.deepEqual(ask(read).system.clock_status, {
      seconds_from_1970: '1577836800',
      local_time: '2020-01-01 08:00:00',
    });
    assert.equal(ask('{"method":"do","system":{"boot_set_date":{"seconds_from_1970":1700000000}}}').error_code, 0);
    clock.advance(2_000);
    assert.deepEqual(ask(read).system.clock_status, {
      seconds_from_1970: '1700000002',
      local_time: '2023-11-15 06:13:22',
    });
    const wrong = '{"method":"do","system":{"boot_set_date":{"seconds_from_1970":"today"}}}';
    assert.equal(ask(wrong).error_code, -40209);
  });

  it('reboots when told "null"', () => {
    const { ask, device } = camera();
    assert.equal(ask('{"method":"do","system":{"reboot":null}}').error_code, -40209);
    assert.equal(ask('{"method":"do","system":{"reboot":"null"}}').error_code, 0);
    assert.equal(device.state.reboots, 1);
  });

  it('sounds the siren for ten seconds or until told to stop', () => {
    const { ask, clock, device } = camera();
    const siren = (action: string) =>
      ask(`{"method":"do","msg_alarm":{"manual_msg_alarm":{"action":${action}}}}`).error_code;
    assert.equal(siren('"start"'), 0);
    clock.advance(9_999);
    assert.equal(device.state.siren, true);
    clock.advance(1);
    assert.equal(device.state.siren, false);
    siren('"start"');
    assert.equal(siren('"stop"'), 0);
    assert.equal(device.state.siren, false);
    assert.equal(siren('"toggle"'), -40209);
  });

  const malformed = [
    ['{"audio_config":{"name":["speaker"]}}', -40210],
    ['{"method":"get"}', -40210],
    ['{"method":"get","audio_config":{"name":"speaker"}}', -40210],
    ['{"method":"get","audio_config":{"name":[1]}}', -40210],
    ['{"method":"get","audio_config":null}', -40210],
    ['{"method":"get","audio_config":{"name":["speaker"]},"system":{"name":["clock_status"]}}', -40210],
    ['{"method":"get","audio_config":{}}', -40211],
    ['{"method":"get","audio_config":{"name":["loudspeaker"]}}', -40106],
    ['{"method":"get","audio_config":{"name":["constructor"]}}', -40106],
    ['{"method":"get","toString":{"name":["x"]}}', -40106],
    ['{"method":"get","motor":{"name":["x"]}}', -40106],
    ['{"method":"erase","audio_config":{"name":["speaker"]}}', -40104],
    ['{"method":"do","audio_config":{"speaker":{"volume":"1"}}}', -40106],
    ['{"method":"set","audio_config":{"speaker":"loud"}}', -40210],
    ['{"method":"set","audio_config":{"speaker":{}}}', -40211],
    ['{"method":"set","audio_config":{}}', -40211],
  ] as const;
  for (const [text, code] of malformed) {
    it(`answers ${code} to ${text}`, () => assert.deepEqual(camera().ask(text), { error_code: code }));
  }

  it('answers -40210 to unknown sections when told so', () => {
    const { ask } = camera({ unknownSectionCode: -40210 });
    assert.equal(ask('{"method":"get","motor":{"name":["x"]}}').error_code, -40210);
  });
});
