// Each action of the control node: what goes out, what comes back, what it refuses.
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { monotonicClock } from '../../src/clock.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { control, CONTROL_ACTIONS, type ControlResult } from '../../src/webapi/actions.js';
import { WebApi } from '../../src/webapi/client.js';
import { StandIn, type Answer } from './stand-in.js';

/** 2023-11-14T22:13:20.400Z. */
const NOW = 1_700_000_000_400;

describe('control actions', () => {
  let camera: StandIn;
  let api: WebApi;
  let answers: Answer[];

  beforeEach(async () => {
    answers = [];
    camera = await StandIn.start({ onRequest: () => answers.shift() ?? { json: { error_code: 0 } } });
    api = new WebApi(camera.camera(), { clock: monotonicClock, guard: new PasswordGuard(monotonicClock) });
  });

  afterEach(async () => {
    await api.close();
    await camera.stop();
  });

  const run = (action: string, argument?: unknown): Promise<ControlResult> =>
    control(api, action, argument, { now: () => NOW });
  const sent = (): unknown[] => camera.asked.map(({ json }) => json);
  const reply = (json: object): void => void answers.push({ json: { error_code: 0, ...json } });

  it('info', async () => {
    reply({
      device_info: {
        basic_info: {
          device_model: 'TL-IPC44AW-COLOR',
          device_name: '%E5%A4%A7%E9%97%A8',
          sw_version: '1.0.3%20Build%20230601',
          hw_version: '6.0',
          mac: '00-11-22-33-44-55',
        },
      },
    });
    assert.deepEqual(await run('info'), {
      model: 'TL-IPC44AW-COLOR',
      name: '大门',
      firmware: '1.0.3 Build 230601',
      hardware: '6.0',
      mac: '00-11-22-33-44-55',
    });
    assert.deepEqual(sent(), [{ method: 'get', device_info: { name: ['basic_info'] } }]);
  });

  it('info of a model that has it as a table', async () => {
    answers.push({ json: { error_code: -40106 } });
    reply({ device_info: { info: [{ info: { device_model: 'TL-IPC6109-A4' } }] } });
    assert.deepEqual(await run('info'), { model: 'TL-IPC6109-A4', name: '', firmware: '', hardware: '', mac: '' });
    assert.deepEqual(sent().at(-1), { method: 'get', device_info: { table: ['info'] } });
  });

  it('info of a camera that tells none', async () => {
    await assert.rejects(run('info'), { code: 'TALK_ERR_PROTOCOL' });
  });

  it('speaker and microphone', async () => {
    reply({ audio_config: { speaker: { volume: '40' } } });
    assert.deepEqual(await run('speaker', 80), { volume: 80, mute: false });
    reply({ audio_config: { microphone: { volume: '70', mute: 'on' } } });
    assert.deepEqual(await run('microphone'), { volume: 70, mute: true });
    assert.deepEqual(sent(), [
      { method: 'get', audio_config: { name: ['speaker'] } },
      { method: 'set', audio_config: { speaker: { volume: '80' } } },
      { method: 'get', audio_config: { name: ['microphone'] } },
    ]);
  });

  for (const [enabled, value] of [
    ['on', true],
    ['off', false],
  ] as const) {
    it(`privacy reads ${enabled}`, async () => {
      reply({ lens_mask: { lens_mask_info: { enabled, '.name': 'lens_mask_info' } } });
      assert.deepEqual(await run('privacy'), { enabled: value });
      assert.deepEqual(sent(), [{ method: 'get', lens_mask: { name: ['lens_mask_info'] } }]);
    });

    for (const argument of [enabled, value]) {
      it(`privacy sets ${JSON.stringify(argument)}`, async () => {
        assert.deepEqual(await run('privacy', argument), { enabled: value });
        assert.deepEqual(sent(), [{ method: 'set', lens_mask: { lens_mask_info: { enabled } } }]);
      });
    }
  }

  it('clock reads, with the difference to ours', async () => {
    reply({ system: { clock_status: { seconds_from_1970: 1_700_000_002, local_time: '2023-11-15 06:13:22' } } });
    assert.deepEqual(await run('clock'), { time: '2023-11-14T22:13:22.000Z', offsetMs: 1_600 });
    assert.deepEqual(sent(), [{ method: 'get', system: { name: ['clock_status'] } }]);
  });

  it('clock compares with the middle of the round trip', async () => {
    reply({ system: { clock_status: { seconds_from_1970: '1700000000' } } });
    const times = [1_699_999_999_000, 1_699_999_999_500];
    const result = await control(api, 'clock', null, { now: () => times.shift() ?? 0 });
    assert.deepEqual(result, { time: '2023-11-14T22:13:20.000Z', offsetMs: 750 });
  });

  it('clock sets and reads back', async () => {
    reply({});
    reply({ system: { clock_status: { seconds_from_1970: 1_700_000_000 } } });
    assert.deepEqual(await run('clock', 'now'), { time: '2023-11-14T22:13:20.000Z', offsetMs: -400 });
    assert.deepEqual(sent(), [
      { method: 'do', system: { boot_set_date: { seconds_from_1970: 1_700_000_000 } } },
      { method: 'get', system: { name: ['clock_status'] } },
    ]);
  });

  for (const time of [undefined, 'noon', -1, 1e14]) {
    it(`clock makes nothing of ${JSON.stringify(time)}`, async () => {
      reply({ system: { clock_status: { seconds_from_1970: time } } });
      await assert.rejects(run('clock'), { code: 'TALK_ERR_PROTOCOL', message: /no usable time/ });
    });
  }

  for (const [action, active] of [
    ['start', true],
    ['stop', false],
  ] as const) {
    it(`siren ${action}`, async () => {
      assert.deepEqual(await run('siren', action), { active });
      assert.deepEqual(sent(), [{ method: 'do', msg_alarm: { manual_msg_alarm: { action } } }]);
    });
  }

  it('reboot, with the text "null"', async () => {
    assert.deepEqual(await run('reboot'), {});
    assert.deepEqual(sent(), [{ method: 'do', system: { reboot: 'null' } }]);
  });

  it('request sends an object as it is and returns the reply', async () => {
    const object = {
      method: 'set',
      led: { config: { enabled: 'off', list: [1, null, true], plan: '0000-0000%2c127' } },
    };
    reply({ led: { ok: 'yes%2c' } });
    assert.deepEqual(await run('request', object), { error_code: 0, led: { ok: 'yes,' } });
    assert.deepEqual(sent(), [object]);
  });

  it('request takes an object of a function node', async () => {
    await run('request', runInNewContext('({ method: "get", led: { name: ["config"] } })'));
    assert.deepEqual(sent(), [{ method: 'get', led: { name: ['config'] } }]);
  });

  const cycle: Record<string, unknown> = { method: 'get' };
  cycle['params'] = cycle;
  for (const [name, argument] of [
    ['nothing', undefined],
    ['text', '{"method":"get"}'],
    ['a list', [{ method: 'get' }]],
    ['a Buffer', Buffer.from('{}')],
    ['a date inside', { method: 'get', params: { at: new Date(0) } }],
    ['a function inside', { method: 'get', params: { toJSON: () => 1 } }],
    ['NaN inside', { method: 'get', params: [NaN] }],
    ['a cycle', cycle],
    ['more than 65536 bytes', { method: 'get', text: 'x'.repeat(65_536) }],
  ] as const) {
    it(`request refuses ${name}`, async () => {
      await assert.rejects(run('request', argument), {
        code: 'TALK_ERR_ARGUMENT',
        message: /Action request: expected/,
      });
      assert.equal(camera.requests.length, 0);
    });
  }

  for (const [action, argument] of [
    ['privacy', 'maybe'],
    ['privacy', 1],
    ['clock', 'later'],
    ['clock', 1_700_000_000_000],
    ['siren', undefined],
    ['siren', true],
    ['speaker', 101],
    ['microphone', -1],
  ] as const) {
    it(`${action} refuses ${JSON.stringify(argument)}`, async () => {
      await assert.rejects(run(action, argument), {
        code: 'TALK_ERR_ARGUMENT',
        message: new RegExp(`Action ${action}: expected`),
      });
      assert.equal(camera.requests.length, 0);
    });
  }

  it('names the actions it knows when asked for another', async () => {
    await assert.rejects(run('dance'), {
      code: 'TALK_ERR_ARGUMENT',
      message: `msg.action: expected ${CONTROL_ACTIONS.join(', ')}`,
    });
  });

  it('passes the signal on', async () => {
    const options = { now: () => NOW, signal: AbortSignal.abort() };
    for (const action of ['info', 'speaker', 'privacy', 'clock', 'reboot']) {
      await assert.rejects(control(api, action, undefined, options), { code: 'TALK_ERR_ABORTED' });
    }
    assert.equal(camera.requests.length, 0);
  });
});
