// A listen node wired to a talk node: what one camera hears, another says.
import assert from 'node:assert/strict';
import type { Recording } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { listenNode, tone, withListenNodes } from '../helpers/listen-side.js';
import { bothWays, nodeRuntime } from '../helpers/node-runtime.js';

/** A-law below this size is no tone of this loudness (G.711: the even bits are inverted). */
const LOUD = 0x40;
const isLoud = (code: number): boolean => ((code ^ 0x55) & 0x7f) >= LOUD;

/** Milliseconds of sound that is heard, and of silence within it. */
function loudMs(recording: Recording): { heard: number; gaps: number } {
  const bytes = recording.audio();
  const loud = Array.from({ length: Math.floor(bytes.length / 80) }, (_, n) =>
    bytes.subarray(n * 80, n * 80 + 80).some(isLoud),
  );
  const span = loud.slice(loud.indexOf(true), loud.lastIndexOf(true) + 1);
  return { heard: 10 * span.length, gaps: 10 * span.filter((one) => !one).length };
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
      await eventually(() => {
        const [session] = mouth.sessions;
        return session !== undefined && loudMs(session).heard >= 1_500;
      }, 'a second and a half of the tone');
      assert.equal(flow.caught.length, 0);
      assert.equal(mouth.sessions.length, 1);
      await runtime.unload();
      const [session] = mouth.sessions;
      assert.ok(session !== undefined);
      const { heard, gaps } = loudMs(session);
      assert.ok(gaps <= heard / 5, `${gaps} of ${heard} ms are silent`);
    });
  }
});
