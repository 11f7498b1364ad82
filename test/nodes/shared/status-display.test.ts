// What a node shows over time, on a clock of the test's own.
import assert from 'node:assert/strict';
import { StatusDisplay } from '../../../nodes/shared/status-display.js';
import type { NodeStatus } from '../../../nodes/shared/status.js';
import { FakeClock } from '../../helpers/fake-clock.js';

const TALKING: NodeStatus = { fill: 'blue', shape: 'dot', text: 'talking' };
const FINISHED: NodeStatus = { fill: 'green', shape: 'dot', text: 'finished' };
const READY: NodeStatus = { fill: 'green', shape: 'ring', text: 'ready' };
const FAILED: NodeStatus = { fill: 'red', shape: 'ring', text: 'failed' };

describe('StatusDisplay', () => {
  let clock: FakeClock;
  let resting: NodeStatus | undefined;
  let sent: string[];
  let display: StatusDisplay;

  beforeEach(() => {
    clock = new FakeClock();
    resting = undefined;
    sent = [];
    display = new StatusDisplay({
      node: {
        status: (status) => {
          const { text = '' } = typeof status === 'string' ? { text: status } : status;
          sent.push(text);
        },
      },
      translate: (key, values) => `${key} ${Object.entries(values).join()}`,
      resting: () => resting,
      clock,
    });
  });

  afterEach(() => assert.equal(clock.pending, 0));

  it('shows "finished" for 3 s and rests then', async () => {
    display.showBriefly(FINISHED);
    await clock.advance(2_999);
    assert.deepEqual(sent, ['finished']);
    resting = READY;
    await clock.advance(1);
    assert.deepEqual(sent, ['finished', 'ready']);
    resting = undefined;
    display.refresh();
    assert.deepEqual(sent, ['finished', 'ready', '']);
  });

  it('whatever comes within the 3 s is not cleared by them', async () => {
    display.showBriefly(FINISHED);
    await clock.advance(1_000);
    display.show(TALKING);
    await clock.advance(10_000);
    assert.deepEqual(sent, ['finished', 'talking']);
  });

  it('"finished" again starts its 3 s again', async () => {
    display.showBriefly(FINISHED);
    await clock.advance(2_000);
    display.showBriefly(FINISHED);
    await clock.advance(2_000);
    assert.deepEqual(sent, ['finished']);
    await clock.advance(1_000);
    assert.deepEqual(sent, ['finished', '']);
  });

  it('changes of the session do not hide what there is to tell', () => {
    for (const status of [TALKING, FAILED]) {
      display.show(status);
      resting = READY;
      display.refresh();
    }
    assert.deepEqual(sent, ['talking', 'failed']);
    display.rest();
    assert.deepEqual(sent, ['talking', 'failed', 'ready']);
  });

  it('sends the same status once', () => {
    display.show(TALKING);
    display.show(TALKING);
    display.rest();
    display.rest();
    assert.deepEqual(sent, ['talking', '']);
  });

  it('fills in numbers, leaves other texts to the editor', () => {
    display.show({ ...TALKING, values: { seconds: 2 } });
    display.show({ ...TALKING, values: { seconds: 1 } });
    display.show(TALKING);
    assert.deepEqual(sent, ['talking seconds,2', 'talking seconds,1', 'talking']);
  });

  it('after the end nothing is shown and nothing waits', async () => {
    display.showBriefly(FINISHED);
    display.end();
    display.showBriefly(TALKING);
    display.refresh();
    assert.equal(clock.pending, 0);
    await clock.advance(10_000);
    assert.deepEqual(sent, ['finished']);
  });
});
