// What a client sends with some of its bytes spoilt: the simulated camera takes it, complains, and hears the next one.
import assert from 'node:assert/strict';
import { SimulatedCamera } from '../../../src/simulator/index.js';
import { randomNumbers } from '../../helpers/random.js';
import { eventually, RawClient } from '../raw-client.js';
import { ASK, audio, group, part, sound20, sound40, STOP, TABLES, TALK, TAPO_OPTIONS } from './conversation.js';

const WHOLE = Buffer.concat([
  Buffer.from(ASK + TALK),
  audio(TABLES),
  audio(sound20(0)),
  audio(sound40(1)),
  audio(group(0)),
  audio(sound20(2), { encrypt: '1' }),
  Buffer.from(STOP),
]);

function spoilt(seed: number): Buffer {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  let bytes = Buffer.from(WHOLE);
  for (let n = 1 + below(8); n > 0; n -= 1) {
    const at = below(bytes.length);
    const kind = below(4);
    if (kind === 0) bytes.writeUInt8(below(256), at);
    if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(20))]);
    if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(below(at + 1), at), bytes.subarray(at)]);
    if (kind === 3) bytes.subarray(at, at + below(30)).fill(0xff);
    if (bytes.length === 0) bytes = Buffer.from(WHOLE);
  }
  return bytes;
}

describe('simulator/httptalk: spoilt bytes', () => {
  it('cost a complaint at most', async () => {
    const camera = new SimulatedCamera({ ...TAPO_OPTIONS, behaviors: ['no-challenge'] });
    const { streamPort = 0 } = await camera.start();
    try {
      for (let seed = 1; seed <= 300; seed += 1) {
        const client = await RawClient.open(streamPort);
        client.send(spoilt(seed));
        client.end();
        await eventually(() => camera.accepted === seed && camera.connections === 0, `the end of seed ${seed}`);
        client.destroy();
      }
      assert.ok(camera.violations.length > 300);
      const client = await RawClient.open(streamPort);
      await client.ask(ASK);
      client.send(TALK);
      await part(client);
      client.send(Buffer.concat([audio(TABLES), audio(sound20(0))]));
      client.send(STOP);
      await part(client);
      client.destroy();
      const heard = camera.sessions.at(-1);
      assert.deepEqual([heard?.packetCount, heard?.violations], [1, []]);
    } finally {
      await camera.stop();
    }
  });
});
