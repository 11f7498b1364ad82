// Order, abort and bound of work that waits for its turn.
import assert from 'node:assert/strict';
import { oneAtATime } from '../../src/webapi/one-at-a-time.js';

const gate = (): { opened: Promise<void>; open: () => void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
};

describe('turns', () => {
  it('runs one after the other, in order, also after a failure', async () => {
    const turns = oneAtATime(9);
    const { opened, open } = gate();
    const log: string[] = [];
    const first = turns(async () => {
      log.push('first begins');
      await opened;
      log.push('first ends');
      throw new Error('first failed');
    });
    const second = turns(() => {
      log.push('second');
      return Promise.resolve(2);
    });
    await Promise.resolve();
    open();
    await assert.rejects(first, /first failed/);
    assert.equal(await second, 2);
    assert.deepEqual(log, ['first begins', 'first ends', 'second']);
  });

  it('lets an aborted one go at once and never runs it', async () => {
    const turns = oneAtATime(9);
    const { opened, open } = gate();
    const first = turns(() => opened);
    const abort = new AbortController();
    let ran = false;
    const second = turns(() => Promise.resolve((ran = true)), abort.signal);
    abort.abort();
    await assert.rejects(second, { code: 'TALK_ERR_ABORTED' });
    open();
    await first;
    await turns(() => Promise.resolve());
    assert.equal(ran, false);
  });

  it('does not start with a signal that is aborted already', async () => {
    await assert.rejects(
      oneAtATime(9)(() => Promise.resolve(), AbortSignal.abort(new Error('gone'))),
      /gone/,
    );
  });

  it('bounds how many wait', async () => {
    const turns = oneAtATime(2);
    const { opened, open } = gate();
    const running = turns(() => opened);
    await Promise.resolve();
    const waiting = [turns(() => Promise.resolve()), turns(() => Promise.resolve())];
    await assert.rejects(
      turns(() => Promise.resolve()),
      { code: 'TALK_ERR_QUEUE_FULL' },
    );
    open();
    await Promise.all([running, ...waiting]);
    await turns(() => Promise.resolve());
  });
});
