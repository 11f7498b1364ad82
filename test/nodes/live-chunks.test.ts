// Live audio by message: chunks that share msg.parts.id are one talkspurt, which ends with msg.complete or after a second without a chunk.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { monotonicClock } from '../../src/clock.js';
import { LIVE_GAP_MS } from '../../src/limits.js';
import type { Recording, SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { marked, markedWav, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, settle, type Flow, type Message, type Outcome } from '../helpers/node-runtime.js';

const [A, B, C, D] = [0xa1, 0xa2, 0xa3, 0xa4];
const chunk = (id: string | number, code: number, more: Message = {}): Message => ({
  payload: marked(code, 40),
  format: 'alaw',
  parts: { id },
  ...more,
});

bothWays('live chunks', () => {
  const runtime = nodeRuntime();
  let camera: SimulatedCamera;
  let flow: Flow;

  async function deploy(behaviors: readonly string[] = [], talk: Message = {}): Promise<void> {
    camera = await runtime.simulate({ behaviors });
    flow = await runtime.load({ cameras: [{ at: camera, name: 'front' }], talks: [{ retries: 0, ...talk }] });
  }

  /** Sends messages as wires do: one per turn of the event loop. */
  async function feed(...messages: readonly Message[]): Promise<Promise<Outcome>[]> {
    const outcomes: Promise<Outcome>[] = [];
    for (const msg of messages) {
      outcomes.push(flow.send(msg));
      await settle();
    }
    return outcomes;
  }
  /** Who was heard, in order. A starved machine breaks a live piece with silence. */
  const codesIn = (recordings: readonly Recording[]): number[] =>
    recordings
      .flatMap(marksIn)
      .map(([code]) => code)
      .filter((code, index, codes) => code !== codes[index - 1]);
  const heard = (): number[] => codesIn(camera.sessions);

  /** `it` of tests in which no talkspurt ends by itself, however long a busy machine takes from one chunk to the next. */
  function itWithoutGaps(title: string, test: () => Promise<void>): void {
    it(title, async () => {
      const original = { ...monotonicClock };
      monotonicClock.wait = (ms, signal) => original.wait(ms === LIVE_GAP_MS ? 600_000 : ms, signal);
      try {
        await test();
      } finally {
        Object.assign(monotonicClock, original);
      }
    });
  }

  itWithoutGaps('are one talkspurt that msg.complete ends; one message comes out, with the latest chunk', async () => {
    await deploy();
    const last = chunk('x', C, { complete: true, topic: 'last' });
    const outcomes = await Promise.all(await feed(chunk('x', A), chunk('x', B), last));
    for (const { done } of outcomes) assert.equal(done.error, undefined);
    assert.deepEqual(
      flow.out.map(({ msg }) => msg),
      [last],
    );
    assert.equal(flow.completed.length, 3);
    const report: Record<string, unknown> = Object(last['talk']);
    assert.equal(report['seconds'], 0.12);
    assert.deepEqual(marksIn(await camera.waitForTalkEnd()), [
      [A, 40],
      [B, 40],
      [C, 40],
    ]);
  });

  itWithoutGaps('the status shows a blue dot without seconds while the end is unknown', async () => {
    await deploy();
    const outcomes = await feed(chunk('x', A));
    await flow.untilShowing('blue dot live');
    outcomes.push(...(await feed(chunk('x', B, { complete: true }))));
    await Promise.all(outcomes);
    assert.equal(flow.showing(), 'green dot finished');
  });

  itWithoutGaps('msg.complete may come without audio', async () => {
    await deploy();
    const end = { parts: { id: 'x' }, complete: true };
    const [first] = await Promise.all(await feed(chunk('x', A), chunk('x', B), end));
    assert.equal(first?.done.error, undefined);
    assert.deepEqual(
      flow.out.map(({ msg }) => msg),
      [end],
    );
    assert.deepEqual(heard(), [A, B]);
  });

  itWithoutGaps('a single chunk may be complete by itself', async () => {
    await deploy();
    await flow.say(chunk('x', A, { complete: true }));
    assert.deepEqual(heard(), [A]);
  });

  itWithoutGaps('the last of a known count ends it', async () => {
    await deploy();
    const parts = (index: number): Message => ({ parts: { id: 'x', index, count: 2 } });
    await Promise.all(await feed(chunk('x', A, parts(0)), chunk('x', B, parts(1))));
    assert.deepEqual(heard(), [A, B]);
    assert.equal(flow.out.length, 1);
  });

  it('a second without a chunk ends it; a late end is nothing to complain about', async () => {
    await deploy();
    const first = await feed(chunk('x', A));
    const sentAt = performance.now();
    const second = await feed(chunk('x', B));
    await Promise.all([...first, ...second]);
    assert.ok(performance.now() - sentAt >= 990);
    assert.equal(flow.out.length, 1);
    assert.deepEqual(heard(), [A, B]);

    const late = await flow.send({ parts: { id: 'x' }, complete: true });
    assert.equal(late.done.error, undefined);
    assert.equal(late.out, undefined);
    await flow.say(chunk('x', C, { complete: true }));
    assert.deepEqual(heard(), [A, B, C]);
  });

  itWithoutGaps('two ids at once are two talkspurts, one after the other', async () => {
    await deploy();
    const outcomes = await feed(
      chunk(1, A),
      chunk(2, C),
      chunk(1, B),
      chunk(2, D),
      chunk(1, B, { complete: true }),
      chunk(2, D, { complete: true }),
    );
    await Promise.all(outcomes);
    assert.deepEqual(heard(), [A, B, C, D]);
    assert.equal(flow.out.length, 2);
  });

  itWithoutGaps('the chime comes first, once', async () => {
    await deploy([], { chime: 'ding', chimeType: 'builtin' });
    await Promise.all(await feed(chunk('x', A), chunk('x', B, { complete: true })));
    const bytes = (await camera.waitForTalkEnd()).audio();
    // 20 ms of lead-in and 0.7 s of chime (tone.ts).
    assert.ok(bytes.indexOf(marked(A, 40)) >= 720 * 8);
    assert.deepEqual(heard().slice(-2), [A, B]);
  });

  /** `it` of tests in which time is moved on by `pass`. */
  function itPassing(title: string, test: (pass: (ms: number) => void) => Promise<void>): void {
    itWithoutGaps(title, async () => {
      const now = monotonicClock.now.bind(monotonicClock);
      let passed = 0;
      monotonicClock.now = () => now() + passed;
      try {
        await test((ms) => (passed += ms));
      } finally {
        monotonicClock.now = now;
      }
    });
  }
  const codeOf = ({ done }: Outcome): unknown => Reflect.get(Object(done.error), 'code');

  itPassing(
    'a final failure is told once; a second later the same speech goes on with the next chunk',
    async (pass) => {
      await deploy(['hang-up:4@1'], { chime: 'ding', chimeType: 'builtin' });
      const first = flow.send(chunk('x', A));
      const others: Promise<Outcome>[] = [];
      // Keeps talking until the camera has hung up, and a little longer.
      while (camera.sessions[0]?.end !== 'camera closed') others.push(...(await feed(chunk('x', B))));
      assert.equal(codeOf(await first), 'TALK_ERR_CLOSED');
      pass(1_000);
      const heardBefore = heard().length;
      others.push(...(await feed(chunk('x', C), chunk('x', D, { complete: true }))));
      for (const other of await Promise.all(others)) assert.equal(other.done.error, undefined);
      assert.equal(flow.caught.length, 1);
      assert.equal(flow.out.length, 1);
      assert.deepEqual(heard().slice(heardBefore), [C, D], 'no chime in the middle');
    },
  );

  for (const outputs of [1, 2]) {
    itPassing(`a refused password: told once, then after a minute, with ${outputs} outputs`, async (pass) => {
      camera = await runtime.simulate({ password: 'another-Secret1' });
      flow = await runtime.load({
        cameras: [{ at: camera, name: 'front', password: 'wrong-Secret1' }],
        talks: [{ outputs }],
      });
      const told = (): number => (outputs === 1 ? flow.caught : flow.unheard).length;
      const outcomes = await feed(chunk('x', A));
      await eventually(() => told() === 1, 'the first word');
      for (let minute = 1; minute <= 2; minute++) {
        for (let second = 0; second < 50; second++) {
          outcomes.push(...(await feed(chunk('x', B))));
          assert.match(flow.showing(), /^red ring/);
          pass(1_000);
        }
        pass(12_000);
        outcomes.push(...(await feed(chunk('x', C))));
        await eventually(() => told() === minute + 1, `the word after ${minute} min`);
      }
      outcomes.push(...(await feed(chunk('x', D, { complete: true }))));
      const errors = (await Promise.all(outcomes)).map(codeOf).filter((code) => code !== undefined);
      assert.deepEqual([told(), errors.length], [3, outputs === 1 ? 3 : 0]);
      const warned = flow.logged().flatMap(({ msg }) => (/not said/.test(String(msg)) ? [String(msg)] : []));
      assert.match(warned.at(-1) ?? '', /^1 piece of live sound not said after TALK_ERR_/);
    });
  }

  it('an option that makes no sense is told once for all chunks', async () => {
    await deploy();
    const outcomes = await Promise.all(
      await feed(...[A, B, C].map((code) => chunk('x', code, { gain: 'loud' })), chunk('x', D, { camera: 'nobody' })),
    );
    assert.deepEqual(outcomes.map(codeOf), ['TALK_ERR_ARGUMENT', undefined, undefined, undefined]);
    assert.match(flow.showing(), /^red ring/);
  });

  it('after a break the retry goes on where it was', async () => {
    await deploy(['hang-up:4@1'], { retries: 1 });
    const outcomes = await feed(chunk('x', A));
    while (camera.sessions[0]?.end !== 'camera closed') {
      outcomes.push(...(await feed(chunk('x', B))));
      await setTimeout(40);
    }
    outcomes.push(...(await feed(chunk('x', C, { complete: true }))));
    const [first] = await Promise.all(outcomes);
    assert.equal(first?.done.error, undefined);
    assert.equal(heard().at(-1), C);
    assert.equal(heard().filter((code) => code === A).length, 1);
  });

  it('may go on for longer than the longest clip, unless their number is known', async () => {
    await deploy([], { maxSeconds: 0.5 });
    const codes = Array.from({ length: 40 }, (_, index) => 0x10 + index);
    const outcomes: Promise<Outcome>[] = [];
    for (const code of codes) {
      outcomes.push(...(await feed(chunk('x', code, { complete: code === codes.at(-1) }))));
      await setTimeout(40);
    }
    for (const { done } of await Promise.all(outcomes)) assert.equal(done.error, undefined);
    assert.deepEqual(heard(), codes);

    const counted = codes.map((code, index) => chunk('y', code, { parts: { id: 'y', index, count: codes.length } }));
    const [first] = await Promise.all(await feed(...counted));
    assert.equal(Reflect.get(Object(first?.done.error), 'code'), 'TALK_ERR_SOURCE');
  });

  it('a chunk without msg.format: one error for the talkspurt', async () => {
    await deploy();
    const raw = (more: Message = {}): Message => ({ ...chunk('x', A, more), format: undefined });
    const outcomes = await Promise.all(await feed(raw(), raw(), raw({ complete: true })));
    assert.deepEqual(
      outcomes.map(({ done }) => Reflect.get(Object(done.error), 'code')),
      ['TALK_ERR_ARGUMENT', undefined, undefined],
    );
    assert.equal(flow.caught.length, 1);
  });

  itWithoutGaps('stop ends the talkspurt; its later chunks are swallowed until it is complete', async () => {
    await deploy();
    const outcomes = await feed(chunk('x', A), chunk('x', A), chunk('x', A), chunk('x', A));
    await eventually(() => heard().includes(A), 'the first chunk');
    await flow.say({ action: 'stop' });
    outcomes.push(...(await feed(chunk('x', B), chunk('x', B, { complete: true }))));
    for (const { done, out } of await Promise.all(outcomes))
      assert.deepEqual([done.error, out], [undefined, undefined]);
    assert.deepEqual(flow.caught, []);
    await flow.say(chunk('x', C, { complete: true }));
    assert.deepEqual(
      heard().filter((code, index, all) => code !== all[index - 1]),
      [A, C],
    );
  });

  itWithoutGaps('feeds several cameras at once', async () => {
    const [front, back] = [await runtime.simulate(), await runtime.simulate()];
    flow = await runtime.load({
      cameras: [
        { id: 'c0', name: 'front', at: front },
        { id: 'c1', name: 'back', at: back },
      ],
    });
    const both = { camera: ['front', 'back'] };
    const end = chunk('x', B, { ...both, complete: true });
    await Promise.all(await feed(chunk('x', A, both), end));
    assert.equal(Array.isArray(end['talk']) ? end['talk'].length : 0, 2);
    for (const one of [front, back]) {
      assert.deepEqual(
        marksIn(await one.waitForTalkEnd()).map(([code]) => code),
        [A, B],
      );
    }
  });

  itWithoutGaps('unloading in the middle of a talkspurt leaves no timer and no connection behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    camera = await runtime.simulate();
    const before = timers();
    flow = await runtime.load({ cameras: [{ at: camera }] });
    // One that is heard, one that waits.
    const outcomes = await feed(chunk('x', A), chunk('y', B));
    await eventually(() => heard().includes(A), 'the first chunk');
    await runtime.unload();
    for (const { done } of await Promise.all(outcomes)) assert.equal(done.error, undefined);
    await eventually(() => camera.connections === 0, 'the end of the connection');
    await settle();
    assert.ok(timers() <= before, 'a timer is left');
  });

  describe('msg.parts is no promise', () => {
    const split = (index: number, count = 2): Message => ({ parts: { id: 'x', type: 'array', index, count } });

    it('whole files of a Split node within a second are clips of their own, and so are those without a type', async () => {
      await deploy();
      const untyped = (index: number): Message => ({ parts: { id: 'y', index, count: 2 } });
      const messages: Message[] = [
        { payload: markedWav(A, 40), ...split(0) },
        { payload: markedWav(B, 40), ...split(1) },
        { payload: markedWav(C, 40), ...untyped(0) },
        { payload: markedWav(D, 40), ...untyped(1) },
      ];
      for (const { done, out } of await Promise.all(await feed(...messages))) {
        assert.equal(done.error, undefined);
        assert.equal(Reflect.get(Object(out?.['talk']), 'seconds'), 0.04);
      }
      assert.deepEqual(heard(), [A, B, C, D]);
    });

    it('raw pieces of a Split node that had an array are clips, those of one that had a Buffer are one talkspurt', async () => {
      await deploy();
      const pieces = (type: string): Message[] =>
        [A, B].map((code, index) => chunk('x', code, { parts: { id: type, type, index, count: 2 } }));
      await Promise.all(await feed(...pieces('array')));
      assert.equal(flow.out.length, 2);
      await Promise.all(await feed(...pieces('buffer')));
      assert.equal(flow.out.length, 3);
      assert.deepEqual(heard(), [A, B, A, B]);
    });

    itWithoutGaps('the beginning of a file ends the one before; what follows it belongs to it', async () => {
      await deploy();
      const endless = (code: number): Buffer => {
        const bytes = markedWav(code, 40);
        bytes.writeUInt32LE(0xffffffff, 40);
        return bytes;
      };
      const piece = (payload: Buffer): Message => ({ payload, parts: { id: 'x' } });
      const last: Message = { ...piece(marked(D, 40)), complete: true };
      await Promise.all(await feed(piece(endless(A)), piece(marked(B, 40)), piece(endless(C)), last));
      assert.deepEqual(
        flow.out.map(({ msg }) => Reflect.get(Object(msg['talk']), 'seconds')),
        [0.08, 0.08],
      );
      assert.deepEqual(heard(), [A, B, C, D]);
    });

    itWithoutGaps('another format begins a talkspurt', async () => {
      await deploy();
      const other = { payload: Buffer.alloc(640), format: 's16le', parts: { id: 'x' }, complete: true };
      await Promise.all(await feed(chunk('x', A), other));
      assert.deepEqual(
        flow.out.map(({ msg }) => Reflect.get(Object(msg['talk']), 'seconds')),
        [0.04, 0.04],
      );
    });

    itWithoutGaps('each camera has its own talkspurt', async () => {
      const [front, back] = [await runtime.simulate(), await runtime.simulate()];
      flow = await runtime.load({
        cameras: [
          { id: 'c0', name: 'front', at: front },
          { id: 'c1', name: 'back', at: back },
        ],
      });
      const there = { camera: 'back' };
      await Promise.all(
        await feed(
          chunk('x', A),
          chunk('x', B, there),
          chunk('x', A, { complete: true }),
          chunk('x', C, { ...there, complete: true }),
        ),
      );
      const codesAt = async (camera: SimulatedCamera): Promise<number[]> => codesIn([await camera.waitForTalkEnd()]);
      assert.deepEqual([await codesAt(front), await codesAt(back)], [[A], [B, C]]);
    });

    it('paths are spoken one by one', async () => {
      await deploy();
      const paths = ['/no/1.wav', '/no/2.wav'].map((payload, index) => ({ payload, ...split(index), complete: true }));
      for (const outcome of await Promise.all(await feed(...paths, { ...paths[0], parts: { id: 'x' } }))) {
        assert.equal(Reflect.get(Object(outcome.done.error), 'code'), 'TALK_ERR_SOURCE');
      }
    });
  });
});
