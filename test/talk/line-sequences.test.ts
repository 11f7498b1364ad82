// The line under any sequence of operations: what holds always. The wire is read back; every clip has a letter of its own.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { Clip } from '../../src/sound/clip.js';
import { isTalkError, TalkError, type TalkErrorCode } from '../../src/errors.js';
import { Line } from '../../src/talk/line.js';
import type { TalkOutcome, TalkState } from '../../src/talk/states.js';
import { noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { FakeSessions, SILENCE, testCamera } from '../helpers/fake-session.js';

const PACKET_MS = 128;

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('speak' as const),
      ms: fc.integer({ min: 1, max: 1_500 }),
      priority: fc.integer({ min: 0, max: 2 }),
      whenBusy: fc.constantFrom('queue', 'queue', 'interrupt', 'replace', 'drop'),
      maxQueue: fc.integer({ min: 0, max: 4 }),
      retries: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
      owner: fc.constantFrom('x', 'y'),
      mode: fc.constantFrom('half_duplex', 'half_duplex', 'half_duplex', 'aec'),
      kind: fc.constantFrom('ready', 'ready', 'live', 'late', 'broken'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 3_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), owner: fc.constantFrom('x', 'y') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('skip' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('connect' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disconnect' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('die' as const),
      code: fc.constantFrom<TalkErrorCode>('TALK_ERR_CLOSED', 'TALK_ERR_STALLED', 'TALK_ERR_PROTOCOL'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('opening' as const),
      afterMs: fc.constantFrom(0, 50, 700),
      error: fc.constantFrom<TalkErrorCode | undefined>(
        undefined,
        'TALK_ERR_BUSY',
        'TALK_ERR_CONNECT',
        'TALK_ERR_AUTH',
      ),
    }),
  },
);

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

interface Spoken {
  readonly byte: number;
  readonly ms: number;
  readonly clip: Clip;
  readonly signal: AbortController;
  readonly states: TalkState['name'][];
  readonly result: Watched<TalkOutcome>;
}

class Run {
  readonly clock = new FakeClock();
  readonly sessions = new FakeSessions(this.clock);
  readonly spoken: Spoken[] = [];
  readonly controls: Watched<void>[] = [];
  /** Whether the line has been closed or destroyed. */
  ended = false;
  readonly line = new Line('cam:554', {
    clock: this.clock,
    openSession: this.sessions.open,
    answers: this.sessions.answers,
    webApi: () => ({ request: () => Promise.reject(new TalkError('TALK_ERR_CONNECT', 'No web interface')) }),
  });

  async apply(step: Operation): Promise<void> {
    switch (step.do) {
      case 'speak':
        this.#speak(step);
        return;
      case 'advance':
        return this.clock.advance(step.ms);
      case 'stop':
        this.line.stop(step.owner);
        return;
      case 'skip':
        this.line.skip();
        return;
      case 'abort':
        return this.spoken[step.which % Math.max(1, this.spoken.length)]?.signal.abort();
      case 'connect':
        return void this.controls.push(watch(this.line.connect(testCamera({ packetBytes: 1024, idleMs: 1_000 }))));
      case 'disconnect':
        return void this.controls.push(watch(this.line.disconnect()));
      case 'die':
        // A socket's end is told by the event loop, never between an answer and those who wait for it.
        await settle();
        return this.sessions.alive[0]?.die(step.code);
      case 'opening':
        return void this.sessions.openings.push({
          afterMs: step.afterMs,
          ...(step.error === undefined ? {} : { error: step.error }),
        });
    }
  }

  #speak(step: Extract<Operation, { do: 'speak' }>): void {
    // 200 letters, none of them silence.
    const byte = 1 + (this.spoken.length % 200);
    const clip = new Clip({ live: step.kind === 'live' });
    const fill = (): void => {
      clip.append(Buffer.alloc(step.ms * 8, byte));
      clip.end();
    };
    if (step.kind === 'ready') fill();
    else if (step.kind === 'broken')
      void this.clock.wait(200).then(() => clip.fail(new TalkError('TALK_ERR_AUDIO', 'x')));
    else void this.clock.wait(300).then(fill);
    const states: TalkState['name'][] = [];
    const signal = new AbortController();
    const { ms, priority, whenBusy, maxQueue, retries, owner, mode } = step;
    const result = watch(
      this.line.speak({
        camera: testCamera({ mode, packetBytes: 1024, leadInMs: 300, drainMs: 100, idleMs: 1_000 }),
        clip,
        priority,
        whenBusy: whenBusy,
        maxQueue,
        retries,
        retrySeconds: 120,
        maxWaitSeconds: 180,
        owner,
        signal: signal.signal,
        preparation: { cached: false, warnings: [] },
        onState: ({ name }) => states.push(name),
      }),
    );
    this.spoken.push({ byte, ms, clip, signal, states, result });
  }

  check(): void {
    assert.ok(this.sessions.mostAlive <= 1, 'two sessions at the same time');
    for (const { states, result, signal, byte } of this.spoken) {
      const ends = states.filter((name) => name === 'finished' || name === 'stopped' || name === 'failed');
      assert.ok(ends.length <= 1, `clip ${byte} ended twice: ${states.join()}`);
      if (ends.length === 1)
        assert.equal(states.at(-1), ends[0], `clip ${byte} had a life after its end: ${states.join()}`);
      if (result.state === 'pending') continue;
      assert.equal(getEventListeners(signal.signal, 'abort').length, 0, 'a listener was left on the caller’s signal');
      if (result.state === 'rejected') {
        assert.ok(isTalkError(result.error), String(result.error));
        // Nobody is ended but by his own signal or with the line.
        const expected = signal.signal.aborted || this.ended;
        assert.ok(expected || result.error.code !== 'TALK_ERR_ABORTED', `clip ${byte}: ${result.error.message}`);
      }
      // Refused at the door: then nothing was ever said about it.
      const refused = states.length === 0 && result.state === 'rejected';
      const expected = { fulfilled: result.value?.outcome === 'spoken' ? 'finished' : 'stopped', rejected: undefined };
      if (result.state === 'fulfilled') assert.equal(states.at(-1), expected.fulfilled, states.join());
      else if (!refused) assert.ok(['failed', 'stopped'].includes(states.at(-1) ?? ''), states.join());
    }
  }

  /** What the cameras heard, sessions after each other. */
  checkWire(): void {
    for (const { bytes } of this.sessions.opened) {
      // Two clips never mix: nobody else is heard between the first and the last byte of one. After a failure one of higher priority may.
      const order: number[] = [];
      for (const byte of bytes) if (byte !== SILENCE && byte !== order.at(-1)) order.push(byte);
      assert.equal(new Set(order).size, order.length, `a clip was broken: ${order.join()}`);
    }
    const wire = Buffer.concat(this.sessions.opened.map(({ bytes }) => bytes));
    for (const { byte, ms, clip, result } of this.spoken) {
      if (result.value?.outcome !== 'spoken') continue;
      const heard = wire.filter((other) => other === byte).length;
      assert.ok(heard >= ms * 8, `of clip ${byte} only ${heard} of ${ms * 8} bytes were heard`);
      assert.equal(clip.ended, true);
    }
    for (const { sent } of this.sessions.opened) {
      for (const [index, { at }] of sent.entries()) {
        const before = sent[index - 1];
        if (before !== undefined) assert.equal(at - before.at, PACKET_MS, 'the beat was lost');
      }
    }
  }
}

async function run(
  steps: readonly Operation[],
  end: 'wait' | 'close' | 'destroy' | 'close and destroy',
): Promise<void> {
  const all = new Run();
  for (const step of steps) {
    await all.apply(step);
    all.check();
  }
  const endings: Watched<void>[] = [];
  all.ended = end.endsWith('destroy');
  if (end.startsWith('close')) endings.push(watch(all.line.close()));
  if (end.endsWith('destroy')) {
    endings.push(watch(all.line.destroy()));
    await settle(8);
    // What somebody else still had to do: clips that arrive, fail or open late.
    for (const { result, byte } of all.spoken)
      assert.notEqual(result.state, 'pending', `clip ${byte} hangs after destroy`);
  }
  // Enough for every clip, every pause between tries, and every idle time.
  await all.clock.advance(40 * 12_000);
  for (const { result, byte, states } of all.spoken)
    assert.notEqual(result.state, 'pending', `clip ${byte} never ends: ${states.join()}`);
  for (const { state } of [...endings, ...all.controls]) assert.notEqual(state, 'pending', 'an operation never ends');
  assert.ok(endings.every(({ state }) => state === 'fulfilled'));
  all.check();
  all.checkWire();
  assert.equal(all.sessions.alive.length, 0, 'a session was left open');
  assert.equal(all.line.busy, false);
  assert.equal(all.clock.pending, 0, 'something still waits on the clock');
  await all.line.destroy();
}

const SPEAK: Operation = {
  do: 'speak',
  ms: 1,
  priority: 0,
  whenBusy: 'queue',
  maxQueue: 0,
  retries: 0,
  owner: 'x',
  mode: 'aec',
  kind: 'ready',
};
/** Found by chance once, and tried first ever since. */
const EXAMPLES: [Operation[]][] = [
  [[{ do: 'opening', afterMs: 700, error: undefined }, { do: 'connect' }, SPEAK]],
  [[SPEAK, { do: 'connect' }]],
  [[SPEAK, { do: 'connect' }, { do: 'advance', ms: 100 }]],
];

describe('line, any sequence of operations', () => {
  noUnhandledRejections();

  for (const end of ['wait', 'close', 'destroy', 'close and destroy'] as const) {
    it(`ends every clip exactly once and leaves nothing behind: ${end}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 25 }), (steps) => run(steps, end)),
        { numRuns: 300, interruptAfterTimeLimit: 30_000, examples: EXAMPLES },
      );
    });
  }
});

describe('line, the order against a model', () => {
  it('is that of a list sorted by priority and then by arrival', async () => {
    // Quarters keep arrivals off the beat.
    const arrival = fc.record({ priority: fc.integer({ min: -1, max: 2 }), afterMs: fc.constantFrom(0, 30.25, 90.25) });
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 12 }), async (plan) => {
        const all = new Run();
        const camera = testCamera();
        await all.line.connect(camera);
        for (const [index, { priority, afterMs }] of plan.entries()) {
          await all.clock.advance(afterMs);
          const clip = new Clip({ live: false });
          clip.append(Buffer.alloc(800, index + 1));
          clip.end();
          void all.line.speak({
            camera,
            clip,
            priority,
            whenBusy: 'queue',
            maxQueue: 100,
            retries: 0,
            retrySeconds: 120,
            maxWaitSeconds: 180,
            owner: '',
            preparation: { cached: false, warnings: [] },
            onState: () => undefined,
          });
        }
        await all.clock.advance(20_000);
        const heard: number[] = [];
        for (const byte of all.sessions.last.bytes) if (byte !== SILENCE && heard.at(-1) !== byte) heard.push(byte);
        assert.deepEqual(heard, model(plan));
        await all.line.destroy();
      }),
      { numRuns: 100 },
    );
  });
});

/** Who is heard, counted from 1: 100 ms each from the next beat on; whoever finds the line free goes at once, else the best of those waiting. */
function model(plan: readonly { priority: number; afterMs: number }[]): number[] {
  let now = 0;
  const waiting = plan.map(({ priority, afterMs }, index) => ({ name: index + 1, priority, at: (now += afterMs) }));
  const order: number[] = [];
  let free = 0;
  while (waiting.length > 0) {
    const here = waiting.filter(({ at }) => at < free);
    const best = Math.max(...here.map(({ priority }) => priority));
    const next = here.find(({ priority }) => priority === best) ?? waiting[0];
    if (next === undefined) break;
    waiting.splice(waiting.indexOf(next), 1);
    order.push(next.name);
    const beat = (Math.floor(Math.max(free, next.at) / 20) + 1) * 20;
    free = beat + 100;
  }
  return order;
}
