// One talk node and one healthy camera: what comes out and when, what the status says, what a message may override.
import assert from 'node:assert/strict';
import { eventually } from '../helpers/collect.js';
import { timeless } from '../helpers/violations.js';
import { heardMs, marked, marksIn, wav } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type Message } from '../helpers/node-runtime.js';
import type { Recording } from '../../src/simulator/index.js';

const CODE = 0xa3;
const clip = (ms: number, code = CODE): { payload: Buffer; format: string } => ({
  payload: marked(code, ms),
  format: 'alaw',
});
const reportOf = (msg: Message): Record<string, unknown> => ({ ...Object(msg['talk']) });

/** When the loudspeaker has played the last byte of the clip at the earliest, on the clock of this process: no packet comes before its time. */
function playedAt(recording: Recording): number {
  const bytes = recording.audio();
  let before = 0;
  let start = Infinity;
  for (const { at, payload } of recording.packets) {
    start = Math.min(start, at - before / 8);
    before += payload.length;
  }
  return start + (bytes.lastIndexOf(CODE) + 1) / 8;
}

bothWays('tplink-talk', () => {
  const runtime = nodeRuntime();

  describe('the message', () => {
    it('comes out as the same object with msg.talk, everything else untouched', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, name: 'front door' }] });
      const nested = { deep: [1, 2, { three: 3 }] };
      const msg: Message = {
        ...clip(100),
        topic: 'bell',
        nested,
        priority: 2,
        gain: 0,
        parts: { index: 0 },
        _msgid: 'abc',
      };
      const before = { ...msg };
      const out = await flow.say(msg);
      assert.equal(out, msg);
      const { talk, ...rest } = out;
      assert.ok(talk !== undefined);
      assert.deepEqual(rest, before);
      assert.equal(rest['nested'], nested);
      assert.equal(rest['payload'], before['payload']);
      assert.equal(flow.out.length, 1);
      assert.equal(flow.completed.length, 1);
      assert.deepEqual(flow.caught, []);
    });

    it('carries the figures of the contract in msg.talk', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, name: 'front door', idleMs: 5_000 }] });
      const first = reportOf(await flow.say(clip(100, 0xb1)));
      assert.deepEqual(Object.keys(first), [
        'camera',
        'host',
        'session',
        'seconds',
        'firstSoundMs',
        'queuedMs',
        'packets',
        'bytes',
        'worstLatenessMs',
        'slips',
        'attempts',
        'cached',
        'confirmed',
        'outcome',
      ]);
      const { firstSoundMs, queuedMs, packets, bytes, worstLatenessMs, slips, ...exact } = first;
      assert.deepEqual(exact, {
        camera: 'front door',
        host: '127.0.0.1',
        session: 'new',
        seconds: 0.1,
        attempts: 1,
        cached: false,
        confirmed: process.platform === 'linux',
        outcome: 'spoken',
      });
      // At least the lead-in of 20 ms comes first; packets of 20 ms and 160 bytes.
      assert.ok(Number(firstSoundMs) >= 15, String(firstSoundMs));
      assert.ok(Number(queuedMs) >= 0);
      assert.ok(Number(packets) >= 5, String(packets));
      assert.equal(bytes, Number(packets) * 160);
      assert.ok(Number(worstLatenessMs) >= 0 && Number(slips) >= 0);

      const second = reportOf(await flow.say(clip(100, 0xb1)));
      assert.deepEqual([second['session'], second['cached'], second['attempts']], ['reused', true, 1]);
      assert.equal(camera.sessions.length, 1);
    });

    it('names the host when the camera has no name', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera }] });
      assert.equal(reportOf(await flow.say(clip(20)))['camera'], '127.0.0.1');
    });

    it('comes out after the last sample and before the drain', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, drainMs: 10_000 }] });
      const { outAt } = await flow.send(clip(105));
      const recording = camera.sessions[0] ?? assert.fail();
      assert.equal(recording.end, 'open', 'the message came out only after the session was closed');
      // Timers fire up to half a millisecond early (pacer.ts).
      assert.ok(outAt !== undefined && outAt >= playedAt(recording) - 1, `${outAt} ${playedAt(recording)}`);
      assert.deepEqual(marksIn(recording), [[CODE, 105]]);
      await eventually(() => recording.tailSilenceMs >= 200, 'the drain');
    });

    it('lead-in and drain are silence of the set lengths', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, leadInMs: 90, drainMs: 10_000 }] });
      await flow.say(clip(60));
      const recording = camera.sessions[0] ?? assert.fail();
      assert.ok(recording.leadInMs >= 90, String(recording.leadInMs));
      // Longer than the 600 ms of a node that is not told; to the packet it is shown on a fake clock, in test/engine/beat.test.ts.
      await eventually(() => recording.tailSilenceMs > 700, 'the drain');
    });
  });

  describe('the status', () => {
    it('fresh session: yellow rings, blue dot with seconds, green dot, green ring while kept, cleared', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, idleMs: 3_300 }] });
      assert.deepEqual(flow.shown(), ['']);
      await flow.say(clip(1_100));
      assert.deepEqual(flow.shown(), [
        '',
        'yellow ring decoding',
        'yellow ring connecting',
        'yellow ring authenticating',
        'yellow ring opening',
        'blue dot talking 2',
        'blue dot talking 1',
        'green dot finished',
      ]);
      await flow.untilShowing('green ring ready');
      const [finished, ready] = flow.statuses.slice(-2);
      assert.ok(ready !== undefined && finished !== undefined && ready.at - finished.at >= 2_990);
      await flow.untilShowing('');
      assert.equal((await camera.waitForTalkEnd()).end, 'client closed');
      assert.equal(flow.shown().length, 10);
      // A Status node hears the same.
      assert.deepEqual(
        flow.noticed.map(({ status }) => Reflect.get(Object(status), 'fill')),
        ['yellow', 'yellow', 'yellow', 'yellow', 'blue', 'blue', 'green', 'green', undefined],
      );
    });

    it('kept session, known clip: talking at once', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera, idleMs: 5_000 }] });
      await flow.say(clip(60));
      const shown = flow.shown().length;
      await flow.say(clip(60));
      assert.deepEqual(
        flow
          .shown()
          .slice(shown)
          .filter((text) => text !== 'yellow ring decoding'),
        ['blue dot talking 1', 'green dot finished'],
      );
    });

    it('other nodes of the camera show the kept session, and nothing while somebody else talks', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({
        cameras: [{ at: camera, idleMs: 300 }],
        talks: [{}, { id: 'other' }],
      });
      // Looked at all that was shown: on a starved machine the session is over before the next look.
      const shows = (count: number): Promise<void> => eventually(() => flow.shown('other').length >= count);
      await flow.say(clip(60));
      await shows(2);
      await flow.say(clip(60));
      await shows(5);
      assert.deepEqual(flow.shown('other'), ['', 'green ring ready', '', 'green ring ready', '']);
    });

    it('waiting n: a blue ring', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({
        cameras: [{ at: camera }],
        talks: [{}, { id: 'second' }, { id: 'third' }],
      });
      await Promise.all([flow.say(clip(60)), flow.say(clip(60), 'second'), flow.say(clip(60), 'third')]);
      assert.equal(flow.shown('second')[1], 'blue ring waiting 1');
      assert.deepEqual(flow.shown('third').slice(1, 3), ['blue ring waiting 2', 'blue ring waiting 1']);
    });

    it('texts are keys of the catalogue, numbers go in as values', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({ cameras: [{ at: camera }] });
      await Promise.all([flow.say(clip(20)), flow.say(clip(20))]);
      for (const { text } of flow.statuses) assert.match(text ?? '', /^(tplink-talk\.status\.[a-zA-Z]+( \d+)?)?$/);
      assert.ok(flow.statuses.some(({ text }) => text === 'tplink-talk.status.waiting 1'));
    });
  });

  describe('overrides by message', () => {
    it('msg.camera by name and by id, of a camera the node does not use', async () => {
      const [front, back] = [await runtime.simulate(), await runtime.simulate()];
      const flow = await runtime.load({
        cameras: [
          { id: 'c-front', name: 'front', at: front },
          { id: 'c-back', name: 'back yard', at: back },
        ],
      });
      assert.equal(reportOf(await flow.say({ ...clip(20), camera: 'back yard' }))['camera'], 'back yard');
      assert.equal(reportOf(await flow.say({ ...clip(20), camera: 'c-back' }))['camera'], 'back yard');
      assert.equal(reportOf(await flow.say({ ...clip(20), camera: '' }))['camera'], 'front');
      assert.deepEqual(marksIn(await front.waitForTalkEnd()), [[CODE, 20]]);
      assert.deepEqual(heardMs(back.sessions), { [CODE]: 40 });
    });

    it('a name that two cameras share is refused, their ids are not', async () => {
      const [one, two] = [await runtime.simulate(), await runtime.simulate()];
      const flow = await runtime.load({
        cameras: [
          { id: 'c-1', name: 'gate', at: one },
          { id: 'c-2', name: 'gate', at: two },
        ],
      });
      const error = await flow.fail({ ...clip(20), camera: 'gate' });
      assert.equal(error.code, 'TALK_ERR_ARGUMENT');
      assert.match(error.message, /2 cameras are called "gate".*id/);
      await flow.say({ ...clip(20), camera: 'c-2' });
      assert.equal(two.sessions.length, 1);
    });

    // A square wave of amplitude 8000; factors by 10^(dB/20).
    const levels: [name: string, node: Message, msg: Message, amplitude: number][] = [
      ['node gain -6.02', { gain: -6.02 }, {}, 4_000],
      ['node gain as text', { gain: '-6.02' }, {}, 4_000],
      ['msg.gain -12.04', { gain: 6 }, { gain: -12.04 }, 2_000],
      ['msg.gain 0', { gain: 6 }, { gain: 0 }, 8_000],
      ['msg.gain as text', {}, { gain: '-6.02' }, 4_000],
      ['msg.normalize', {}, { normalize: true }, 29_491],
      ['msg.normalize false', { normalize: true }, { normalize: false }, 8_000],
    ];
    for (const [name, node, msg, amplitude] of levels) {
      it(name, async () => {
        const camera = await runtime.simulate();
        const flow = await runtime.load({ cameras: [{ at: camera }], talks: [node] });
        await flow.say({ payload: wav(60), ...msg });
        const samples = (await camera.waitForTalkEnd()).samples();
        const middle = samples.filter((sample) => sample > 500).sort((a, b) => a - b);
        const median = middle[Math.floor(middle.length / 2)] ?? 0;
        // A-law keeps four bits behind the leading one; normalizing aims at 0.9 of full scale.
        assert.ok(Math.abs(median / amplitude - 1) < 0.08, String(median));
      });
    }

    it('msg.retries', async () => {
      const camera = await runtime.simulate({ behaviors: ['busy-1'] });
      const flow = await runtime.load({ cameras: [{ at: camera }], talks: [{ retries: 5 }] });
      assert.equal((await flow.fail({ ...clip(20), retries: 0 })).code, 'TALK_ERR_BUSY');
      assert.equal(flow.showing(), 'yellow dot busy');
    });

    it('numbers may be text', async () => {
      const camera = await runtime.simulate();
      const flow = await runtime.load({
        cameras: [{ at: camera, leadInMs: '40', drainMs: '0', idleMs: '0', packetBytes: '160' }],
        talks: [{ gain: '0', normalize: 'false', maxQueue: '20', maxSeconds: '600', retries: '2', whenBusy: '' }],
      });
      await flow.say({ ...clip(20), priority: '3', retries: '1' });
      assert.ok((await camera.waitForTalkEnd()).leadInMs >= 40);
    });
  });

  describe('the camera', () => {
    const options: [name: string, config: Message, behaviors: string[], check: (heard: Recording) => void][] = [
      ['mode', { mode: 'full_duplex' }, [], (heard) => assert.equal(heard.start.mode, 'full_duplex')],
      ['aec', { mode: 'aec' }, [], (heard) => assert.equal(heard.start.mode, 'aec')],
      ['packetBytes', { packetBytes: 512 }, [], (heard) => assert.equal(heard.packets[0]?.payload.length, 512)],
      ['default packets', { packetBytes: 0 }, [], (heard) => assert.equal(heard.packets[0]?.payload.length, 1_024)],
      [
        'VIGI found by its challenge',
        { packetBytes: 0 },
        ['vigi'],
        (heard) => {
          assert.equal(heard.packets[0]?.payload.length, 160);
          assert.equal(heard.packets[0].channel, 0);
        },
      ],
      [
        'µ-law at 16 kHz',
        { codec: 'pcmu16k', packetBytes: 0 },
        [],
        (heard) => {
          assert.equal(heard.packets[0]?.payloadType, 102);
          assert.equal(heard.packets[0].payload.length, 320);
        },
      ],
    ];
    for (const [name, config, behaviors, check] of options) {
      it(`takes ${name}`, async () => {
        // 512 bytes, asked for here, are a size of which the camera warns.
        const camera = await runtime.simulate({ behaviors, tolerant: config['packetBytes'] === 512 });
        const flow = await runtime.load({ cameras: [{ at: camera, ...config }] });
        assert.equal(reportOf(await flow.say({ payload: wav(60) }))['seconds'], 0.06);
        check(await camera.waitForTalkEnd());
        assert.deepEqual(timeless(camera.violations), []);
      });
    }
  });
});
