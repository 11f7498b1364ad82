// A listen node wired to a talk node: what one camera hears, another says.
import assert from 'node:assert/strict';
import type { Recording } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { listenNode, tone, withListenNodes } from '../helpers/listen-side.js';
import { bothWays, nodeRuntime } from '../helpers/node-runtime.js';

/** A-law below this size is no tone of this loudness (G.711: the even bits are inverted). */
const LOUD = 0x40;
const isLoud = (code: number): boolean => ((code ^ 0x55) & 0x7f) >= LOUD;

/** The longest sound without a gap, ms: a busy machine makes gaps of its own, but not all the time. */
function unbrokenMs(recording: Recording): number {
  const bytes = recording.audio();
  let longest = 0;
  let now = 0;
  for (let at = 0; at + 80 <= bytes.length; at += 80) {
    now = bytes.subarray(at, at + 80).some(isLoud) ? now + 10 : 0;
    longest = Math.max(longest, now);
  }
  return longest;
}

bothWays('a listen node wired to a talk node', () => {
  const runtime = nodeRuntime();
  withListenNodes();

  for (const output of ['pcm', 'wav']) {
    it(`${output} is said as one talkspurt`, async () => {
      const ear = await runtime.simulate({ password: 'Only4Tests!', microphone: { source: tone(1_000) } });
      const mouth = await runtime.simulate({ password: 'Only4Tests!' });
      const flow = await runtime.load({
        cameras: [
          { id: 'c0', name: 'ear', at: ear },
          { id: 'c1', name: 'mouth', at: mouth },
        ],
        talks: [{ camera: 'c1', maxSeconds: 60 }],
        nodes: [listenNode({ z: 'tab', x: 100, y: 100, camera: 'c0', output, mode: 'continuous', wires: [['talk']] })],
      });
      // Far more than one packet or one piece of what the node hears: joints are no gaps.
      await eventually(() => mouth.sessions.some((session) => unbrokenMs(session) >= 600), '600 ms without a gap');
      assert.equal(flow.caught.length, 0);
      assert.equal(mouth.sessions.length, 1);
      await runtime.unload();
    });
  }
});
