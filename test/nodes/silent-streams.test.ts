// Streams that deliver nothing, or no more, in a real runtime: the message fails or ends, and the camera is free for the next one.
import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import helper from 'node-red-node-test-helper';
import type { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { marked, marksIn } from '../helpers/marked-clips.js';
import { bothWays, nodeRuntime, type Flow } from '../helpers/node-runtime.js';

const [A, B] = [0xa1, 0xa2];

bothWays('a stream that delivers nothing', () => {
  const runtime = nodeRuntime();
  let camera: SimulatedCamera;
  let flow: Flow;

  beforeEach(async () => {
    camera = await runtime.simulate();
    flow = await runtime.load({
      cameras: [{ at: camera, name: 'front' }],
      talks: [{ streamTimeoutSeconds: '0.3' }],
      nodes: [
        { id: 'two', type: 'helper', z: 'tab', x: 1, y: 1, wires: [['first', 'talk']] },
        { id: 'first', type: 'helper', z: 'tab', x: 1, y: 1, wires: [] },
      ],
    });
  });

  const nextIsSaid = async (): Promise<void> => {
    await flow.say({ payload: marked(B, 40), format: 'alaw' });
    assert.equal(camera.sessions.flatMap(marksIn).at(-1)?.[0], B);
  };

  it('at all: TALK_ERR_SOURCE, and the next message is said', async () => {
    const stream = new PassThrough();
    const error = await flow.fail({ payload: stream, format: 'alaw' });
    assert.equal(error.code, 'TALK_ERR_SOURCE');
    assert.match(error.message, /no data for 0\.3 s/);
    await eventually(() => stream.destroyed, 'the end of the stream');
    await nextIsSaid();
  });

  it('after its first sound: the end, with a warning, and the next message is said', async () => {
    const stream = new PassThrough();
    stream.write(marked(A, 200));
    const out = await flow.say({ payload: stream, format: 'alaw' });
    const { seconds, warnings } = Object(out['talk']);
    assert.equal(seconds, 0.2);
    assert.deepEqual(warnings, ['The stream delivered no data for 0.3 s; the clip ended there']);
    await eventually(() => stream.destroyed, 'the end of the stream');
    await nextIsSaid();
  });

  it('because it went to two wires: the text says so', async () => {
    helper.getNode('two').send({ payload: Readable.from([marked(A, 40)]), format: 'alaw' });
    await eventually(() => flow.caught.length === 1, 'the error');
    const { code, message } = Object(flow.caught[0]?.['error']);
    assert.equal(code, 'TALK_ERR_SOURCE');
    assert.match(message, /a stream cannot go to two wires/);
    await nextIsSaid();
  });
});
