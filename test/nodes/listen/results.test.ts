// What was heard as properties of a message, and what may be told of an error.
import assert from 'node:assert/strict';
import { listenError, recordingReport, soundMessage } from '../../../nodes/listen/results.js';
import { parseFormat } from '../../../src/sound/format.js';
import { TalkError } from '../../../src/errors.js';
import type { Recording } from '../../../src/listen/states.js';

const CHUNK = { pcm: Buffer.from([0x01, 0x00, 0xff, 0x7f]), sampleRate: 16_000, startedAt: 5_000.4 };
const NOW = { clock: 5_100, wall: 1_700_000_000_000 };

describe('sound as a message', () => {
  it('is samples and what they are, from whom and from when', () => {
    const message = soundMessage(CHUNK, 'pcm', { name: 'front', host: '192.168.1.60' }, NOW);
    assert.deepEqual(message, {
      payload: CHUNK.pcm,
      format: { encoding: 's16le', sampleRate: 16_000, channels: 1 },
      topic: 'front',
      startedAt: 1_699_999_999_900,
    });
    assert.deepEqual(parseFormat(message.format), message.format, 'the talk node takes it');
  });

  it('is a whole WAV file on demand', () => {
    const { payload, topic } = soundMessage(CHUNK, 'wav', { name: '', host: '192.168.1.60' }, NOW);
    assert.equal(topic, '192.168.1.60');
    // RIFF, 36 + 4 bytes, WAVE, fmt of 16 bytes: PCM, mono, 16000 Hz, 32000 bytes/s, 2 bytes a frame, 16 bits; data of 4 bytes.
    const header =
      '52494646280000005741564566' + '6d742010000000010001' + '00803e0000007d00000200100064617461' + '04000000';
    assert.equal(payload.toString('hex'), `${header}0100ff7f`);
  });
});

describe('a recording', () => {
  const recording: Recording = { ...CHUNK, seconds: 0.000125, ended: 'silence', speech: true, filledMs: 20 };

  it('reports how long it is and how it ended', () => {
    assert.deepEqual(recordingReport(recording), { seconds: 0.000125, ended: 'silence', speech: true, filledMs: 20 });
  });

  it('says nothing of speech where nobody listened for it', () => {
    const { speech, ...full } = recording;
    assert.ok(speech);
    assert.deepEqual(Object.keys(recordingReport({ ...full, ended: 'full' })), ['seconds', 'ended', 'filledMs']);
  });
});

describe('a failure of listening', () => {
  it('is the coded error itself', () => {
    const error = new TalkError('TALK_ERR_AUTH', 'refused');
    assert.equal(listenError(error), error);
  });

  it('has a code in any case', () => {
    assert.equal(listenError(new Error('odd')).code, 'TALK_ERR_ARGUMENT');
  });

  it('tells of changed settings when the camera was taken away', () => {
    const { code, camera, message } = listenError(new TalkError('TALK_ERR_ABORTED', 'stopped', { camera: 'cam:554' }));
    assert.deepEqual([code, camera], ['TALK_ERR_CLOSED', 'cam:554']);
    assert.match(message, /settings of this camera changed/);
  });
});
