// One sentence for a whole report.
import assert from 'node:assert/strict';
import { cameraOptions } from '../../src/camera-options.js';
import type { TalkErrorCode } from '../../src/errors.js';
import { probe } from '../../src/probe/probe.js';
import type { ProbeStep } from '../../src/probe/report.js';
import { probeVerdict } from '../../src/probe/verdict.js';
import { SimulatedCamera } from '../../src/simulator/index.js';

const step = (name: ProbeStep['name'], outcome: ProbeStep['outcome'], code?: TalkErrorCode): ProbeStep => ({
  ...{ name, outcome, ms: 1, text: '', key: 'reach.ok', values: {} },
  ...(code === undefined ? {} : { code }),
});

describe('probe verdict', () => {
  const CASES: [string, ProbeStep[]][] = [
    ['talks', [step('methods', 'failed', 'TALK_ERR_PROTOCOL'), step('talk', 'ok'), step('web', 'warning')]],
    ['ourselves', [step('talk', 'skipped')]],
    ['saysBusy', [step('talk', 'warning')]],
    ['unreachable', [step('reach', 'failed', 'TALK_ERR_CONNECT')]],
    ['unreachable', [step('reach', 'failed', 'TALK_ERR_TIMEOUT')]],
    ['silent', [step('methods', 'failed', 'TALK_ERR_PROTOCOL'), step('multitrans', 'failed', 'TALK_ERR_TIMEOUT')]],
    ['password', [step('login', 'failed', 'TALK_ERR_LOCKED')]],
    ['stopped', [step('methods', 'failed', 'TALK_ERR_ABORTED')]],
    ['unknown', [step('login', 'failed', 'TALK_ERR_ARGUMENT')]],
    ['noPassword', [{ ...step('login', 'failed', 'TALK_ERR_ARGUMENT'), key: 'login.none' }]],
    ['unknown', []],
  ];
  for (const [name, steps] of CASES) {
    it(`${steps.map((one) => [one.name, one.outcome, one.code].join(' ')).join(', ') || 'nothing'}: ${name}`, () => {
      assert.equal(probeVerdict(steps).key, `verdict.${name}`);
    });
  }

  it('a camera that says busy and is to be spoken to all the same: saysBusy', async () => {
    const camera = new SimulatedCamera({ behaviors: ['busy-but-plays'] });
    await camera.start();
    const { port, username, password } = camera;
    const steps = await probe(
      cameraOptions({ host: '127.0.0.1', port, username, password, login: 'none', ignoreBusy: true }),
    );
    await camera.stop();
    const talk = steps.find(({ name }) => name === 'talk');
    assert.deepEqual([talk?.key, talk?.values], ['talk.busy', { reason: 'error -52411' }]);
    assert.equal(probeVerdict(steps).key, 'verdict.saysBusy');
  });

  for (const [behavior, password, name] of [
    [undefined, undefined, 'talks'],
    [undefined, 'Wrong4Tests!', 'password'],
    [undefined, '', 'noPassword'],
    ['busy', undefined, 'busy'],
    ['busy-but-plays', undefined, 'busy'],
    ['bad-request', undefined, 'noTalk'],
  ] as const) {
    it(`a camera ${behavior ?? 'as usual'}${password === undefined ? '' : ', with another password'}: ${name}`, async () => {
      const camera = new SimulatedCamera({ behaviors: behavior === undefined ? [] : [behavior] });
      await camera.start();
      const { port, username } = camera;
      const options = { host: '127.0.0.1', port, username, password: password ?? camera.password, login: 'none' };
      const verdict = probeVerdict(await probe(cameraOptions(options)));
      await camera.stop();
      assert.equal(verdict.key, `verdict.${name}`);
    });
  }
});
