// Recordings of the listen node in a real runtime: so many seconds, until silence, several at once, stopped, of another camera, failed.
import assert from 'node:assert/strict';
import { eventually } from '../helpers/collect.js';
import {
  bufferOf,
  deployListening,
  levelDb,
  listenNode,
  pitchHz,
  quiet,
  sequence,
  shown,
  tone,
  TONE_HZ,
  untilHeard,
  untilShown,
  withListenNodes,
} from '../helpers/listen-side.js';
import { bothWays, nodeRuntime, type Flow, type Message } from '../helpers/node-runtime.js';

/** A second of quiet, somebody speaking for 0.7 s, and quiet again. */
const SENTENCE = sequence(quiet(1_000), tone(700, 300), quiet(60_000));

bothWays('tplink-listen, recordings', () => {
  const runtime = nodeRuntime();
  withListenNodes();
  const deploy = deployListening(runtime);

  const recordingOf = (msg: Message | undefined): Record<string, unknown> => ({ ...Object(msg?.['recording']) });
  const untilRecording = (flow: Flow): Promise<void> => untilShown(flow, 'blue dot recording');

  describe('of so many seconds', () => {
    it('is put into the message that asked for it; the camera is left alone before and after', async () => {
      const { camera, flow } = await deploy({ mode: 'seconds', seconds: 0.3 });
      assert.equal(camera.accepted, 0);
      const msg: Message = { payload: 'doorbell', topic: 'bell', nested: { deep: 1 } };
      const out = await flow.say(msg, 'listen');
      assert.equal(out, msg);
      assert.deepEqual(Object.keys(out).sort(), ['_msgid', 'format', 'nested', 'payload', 'recording', 'startedAt', 'topic']); // prettier-ignore
      assert.deepEqual(out['nested'], { deep: 1 });
      assert.equal(out['topic'], 'front');
      assert.equal(bufferOf(out).length, 2 * 2_400);
      assert.ok(Math.abs(pitchHz(bufferOf(out)) - TONE_HZ) < 20);
      assert.deepEqual(recordingOf(out), { seconds: 0.3, ended: 'full', filledMs: 0 });
      assert.equal(flow.completed.length, 1);
      await eventually(() => camera.connections === 0, 'the end of the connection');
      assert.equal(camera.streams[0]?.end, 'teardown');
      const rings = ['connecting', 'authenticating', 'opening'].map((text) => `yellow ring ${text}`);
      assert.deepEqual(shown(flow), ['', ...rings, 'blue dot recording', 'green dot recorded']);
    });

    it('may be a WAV, as long as the message says', async () => {
      const { flow } = await deploy({ mode: 'seconds', output: 'wav' });
      const out = await flow.say({ seconds: 0.1 }, 'listen');
      assert.equal(bufferOf(out).length, 44 + 1_600);
      assert.equal(bufferOf(out).toString('latin1', 0, 4), 'RIFF');
    });

    it('several at once share the stream', async () => {
      const { camera, flow } = await deploy({ mode: 'seconds' });
      const lengths = [0.4, 0.1, 0.2];
      const outs = await Promise.all(lengths.map((seconds) => flow.say({ seconds }, 'listen')));
      assert.deepEqual(
        outs.map((out) => bufferOf(out).length / 16_000),
        lengths,
      );
      assert.equal(camera.accepted, 1);
    });

    it('leaves continuous sound alone', async () => {
      const { camera, flow } = await deploy({ chunkMs: 20 });
      await untilHeard(flow, 2);
      const { out } = await flow.send({ action: 'record', seconds: 0.2 }, 'listen');
      assert.ok(out !== undefined && !('action' in out), 'the talk node would take it for a command');
      assert.equal(bufferOf(out).length, 3_200);
      assert.equal(out['parts'], undefined);
      assert.equal(camera.accepted, 1);
      const chunks = flow.out.map(({ msg }) => msg).filter((msg) => msg['parts'] !== undefined);
      chunks.forEach((msg, index) => assert.equal(Object(msg['parts']).index, index));
      assert.ok(shown(flow).includes('green dot recorded'));
    });
  });

  describe('until silence', () => {
    it('holds what was said, with its beginning and without the wait before', async () => {
      const { flow } = await deploy({ mode: 'silence' }, { microphone: { source: SENTENCE } });
      const out = await flow.say({ silence: { hangMs: 300 } }, 'listen');
      const { seconds, ...rest } = recordingOf(out);
      assert.deepEqual(rest, { ended: 'silence', speech: true, filledMs: 0 });
      assert.ok(Number(seconds) > 1.3 && Number(seconds) < 1.7, `${String(seconds)} s`);
      const pcm = bufferOf(out);
      assert.ok(levelDb(pcm.subarray(0, 16 * 300)) < -50, 'what comes first is the room');
      assert.ok(levelDb(pcm.subarray(16 * 600, 16 * 1_000)) > -20, 'the speech is loud');
      assert.ok(levelDb(pcm.subarray(-16 * 200)) < -50, 'what comes last is the room');
      assert.equal(shown(flow).at(-1), 'green dot recorded');
    });

    it('tells when nobody spoke', async () => {
      const { flow } = await deploy({ mode: 'silence', output: 'pcm' }, { microphone: { source: quiet(1_000) } });
      const out = await flow.say({ silence: { waitSeconds: 0.3 } }, 'listen');
      assert.equal(bufferOf(out).length, 0);
      assert.deepEqual(recordingOf(out), { seconds: 0, ended: 'silence', speech: false, filledMs: 0 });
      assert.equal(shown(flow).at(-1), 'green dot noSpeech');
    });

    it('ends at its longest', async () => {
      const { flow } = await deploy(
        { mode: 'silence' },
        { microphone: { source: sequence(quiet(200), tone(60_000)) } },
      );
      const out = await flow.say({ silence: { maxSeconds: 0.4 } }, 'listen');
      assert.equal(recordingOf(out)['ended'], 'full');
      assert.ok(bufferOf(out).length >= 0.4 * 16_000);
    });
  });

  describe('stopped', () => {
    it('gives what was heard so far', async () => {
      const { camera, flow } = await deploy({ mode: 'seconds', seconds: 600 });
      const recording = flow.say({}, 'listen');
      await untilRecording(flow);
      await eventually(() => (camera.streams[0]?.packetCount ?? 0) >= 50, 'a second of sound');
      assert.equal((await flow.send({ action: 'stop' }, 'listen')).out, undefined);
      const out = await recording;
      assert.equal(recordingOf(out)['ended'], 'stopped');
      // How much of it has come by then is the machine's business.
      assert.ok(bufferOf(out).length > 0, 'nothing');
      assert.equal(camera.streams[0]?.end, 'teardown');
      assert.equal(shown(flow).at(-1), 'grey dot stopped');
    });

    it('before anything was heard sends nothing and completes', async () => {
      const { flow } = await deploy({ mode: 'silence' }, { microphone: { source: quiet(1_000) } });
      const recording = flow.send({}, 'listen');
      await untilRecording(flow);
      await flow.send({ action: 'stop' }, 'listen');
      const { done, out, completed } = await recording;
      assert.deepEqual([done.error, out, completed], [undefined, undefined, true]);
      assert.equal(shown(flow).at(-1), 'grey dot stopped');
    });

    it('by the end of the flow is done without a message', async () => {
      const { camera, flow } = await deploy({ mode: 'seconds', seconds: 600 });
      const recording = flow.send({}, 'listen');
      await untilRecording(flow);
      await runtime.unload();
      const { done, out } = await recording;
      assert.deepEqual([done.error, out], [undefined, undefined]);
      assert.equal(camera.streams[0]?.end, 'teardown');
    });
  });

  describe('of another camera', () => {
    it('is recorded there, by name', async () => {
      const back = await runtime.simulate({ microphone: { source: tone(1_000, 1_000) } });
      const cameras = [{ id: 'c2', name: 'back', at: back }];
      const { camera, flow } = await deploy({ mode: 'seconds', seconds: 0.2 }, {}, { cameras });
      const out = await flow.say({ camera: 'back' }, 'listen');
      assert.equal(out['topic'], 'back');
      assert.ok(Math.abs(pitchHz(bufferOf(out)) - 1_000) < 30);
      assert.equal(camera.accepted, 0);
      await eventually(() => back.connections === 0, 'the end of the connection');
      assert.equal(back.streams[0]?.end, 'teardown');
    });

    it('needs no camera of its own', async () => {
      const camera = await runtime.simulate();
      const talks = [listenNode({ camera: '', mode: 'seconds', seconds: 0.1 })];
      const flow = await runtime.load({ cameras: [{ name: 'front', at: camera }], talks });
      assert.equal(bufferOf(await flow.say({ camera: ['front'] }, 'listen')).length, 1_600);
    });

    it('is one: several are refused, and so is one that nobody knows', async () => {
      const { flow } = await deploy(
        { mode: 'seconds' },
        {},
        { cameras: [{ id: 'c2', name: 'back', host: '127.0.0.2' }] },
      );
      assert.match((await flow.fail({ camera: ['front', 'back'] }, 'listen')).message, /one camera/);
      assert.match((await flow.fail({ camera: 'attic' }, 'listen')).message, /known are front, back/);
    });
  });

  it('fails once when the camera hangs up, cannot be reached or refuses the password; nothing is tried again', async () => {
    const { camera, flow } = await deploy({ mode: 'seconds' }, { behaviors: ['stream-closes:5'] });
    const { done, out, caught, completed } = await flow.send({ kept: 1 }, 'listen');
    assert.ok(done.error instanceof Error);
    assert.equal(out, undefined);
    assert.equal(completed, false);
    assert.equal(caught?.['kept'], 1);
    assert.equal(Object(caught['error']).code, 'TALK_ERR_CLOSED');
    assert.equal(camera.accepted, 1);
    await untilShown(flow, 'red ring TALK_ERR_CLOSED');
    await camera.stop();
    assert.equal((await flow.fail({}, 'listen')).code, 'TALK_ERR_CONNECT');
    assert.equal(flow.caught.length, 2);
    await runtime.unload();
    const refused = await deploy({ mode: 'seconds' }, {}, { camera: { password: 'wrong-Secret1' } });
    assert.equal((await refused.flow.fail({}, 'listen')).code, 'TALK_ERR_AUTH');
    assert.equal((await refused.flow.fail({}, 'listen')).code, 'TALK_ERR_LOCKED');
    assert.equal(refused.camera.loginFailures, 1);
    assert.equal(shown(refused.flow).at(-1), 'red ring TALK_ERR_LOCKED');
  });

  it('a recording of a camera whose settings change ends with a word on that', async () => {
    const back = await runtime.simulate();
    const cameras = [{ id: 'c2', name: 'back', at: back }];
    const { camera, flow } = await deploy({ mode: 'seconds', seconds: 600 }, {}, { cameras });
    const recording = flow.send({ camera: 'back' }, 'listen');
    await untilRecording(flow);
    await flow.deploy(
      {
        cameras: [
          { name: 'front', at: camera },
          { id: 'c2', name: 'back', at: back, idleMs: 1 },
        ],
        talks: [listenNode({ mode: 'seconds', seconds: 600 })],
      },
      'nodes',
    );
    const { done } = await recording;
    assert.match(String(done.error), /settings of this camera changed|taken out of use or redeployed/);
    assert.equal(back.streams[0]?.end, 'teardown');
    const out = await flow.say({ camera: 'back', seconds: 0.1 }, 'listen');
    assert.equal(bufferOf(out).length, 1_600);
  });
});
