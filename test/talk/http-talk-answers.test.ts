// What a camera of the HTTP talk may answer at each step, good and bad: a code, or an open talk; nothing is kept of what is endless, and nothing left.
import assert from 'node:assert/strict';
import { noUnhandledRejections } from '../helpers/collect.js';
import {
  after,
  ANSWERS,
  DELIMITER,
  GRANT,
  HttpTalkBench,
  part,
  passwords,
  says,
  text,
} from '../helpers/http-talk-bench.js';
import type { Script } from '../helpers/scripted-camera.js';

const MB = 1_048_576;
const STEPS = ['the first request', 'the log-in', 'the talk request'] as const;

/** As much as is read, up to 64 MiB. */
const pours =
  (start: string, more: string): Script =>
  async (peer) => {
    peer.write(start);
    const bytes = Buffer.alloc(65_536, more);
    for (let n = 0; n < 1_024 && !peer.socket.destroyed; n++) {
      if (!peer.socket.write(bytes))
        await new Promise((go) => {
          peer.socket.once('drain', go);
          peer.socket.once('close', go);
        });
    }
  };

const halfOf =
  (answer: string, end: Script): Script =>
  (peer) => {
    peer.write(answer.slice(0, 40));
    return end(peer);
  };

describe('what a camera of the HTTP talk answers', () => {
  noUnhandledRejections();

  let bench: HttpTalkBench;
  beforeEach(() => void (bench = new HttpTalkBench()));
  afterEach(() => bench.end());

  describe('ends with a code, and leaves nothing, when the answer is', () => {
    const slowly =
      (answer: string): Script =>
      (peer) => {
        void (async () => {
          for (const byte of answer) {
            await bench.clock.wait(1_000);
            if (peer.ended || peer.closed) return;
            peer.write(byte);
          }
        })();
      };
    const ANY_STEP: readonly (readonly [string, (answer: string) => Script, readonly string[]])[] = [
      ['silence', () => () => undefined, ['TIMEOUT', 'TIMEOUT', 'TIMEOUT']],
      ['FIN', () => (peer) => peer.end(), ['CLOSED', 'CLOSED', 'CLOSED']],
      ['RST', () => (peer) => peer.reset(), ['CLOSED', 'CLOSED', 'CLOSED']],
      ['a byte each second', slowly, ['TIMEOUT', 'TIMEOUT', 'TIMEOUT']],
      ['a head without end', () => pours(`HTTP/1.0 200 OK\r\n`, 'X: a\r\n'), ['PROTOCOL', 'PROTOCOL', 'PROTOCOL']],
      ['a line without end', () => pours('HTTP/1.0 200 ', 'a'), ['PROTOCOL', 'PROTOCOL', 'PROTOCOL']],
      ['zero bytes', () => pours('', '\0'), ['PROTOCOL', 'PROTOCOL', 'PROTOCOL']],
      ['line ends', () => pours('', '\n'), ['PROTOCOL', 'PROTOCOL', 'PROTOCOL']],
      ['half of it, then FIN', (answer) => halfOf(answer, (peer) => peer.end()), ['CLOSED', 'CLOSED', 'CLOSED']], // prettier-ignore
      ['half of it, then RST', (answer) => halfOf(answer, (peer) => peer.reset()), ['CLOSED', 'CLOSED', 'CLOSED']], // prettier-ignore
    ];
    for (const [name, answer, codes] of ANY_STEP) {
      for (const [step, code] of codes.entries()) {
        it(`${name}, to ${STEPS[step]}: ${code}`, async () => {
          const before = process.memoryUsage().arrayBuffers;
          const bad = answer(ANSWERS[step] ?? '');
          // Credentials that are hung up on are shown once more, on a connection of their own.
          await bench.listen(after(step, bad), after(step === 1 ? 0 : step, bad));
          assert.equal(await bench.outcome(), code);
          // The whole of 64 MiB would be there if it were kept.
          assert.ok(process.memoryUsage().arrayBuffers - before < 32 * MB);
          assert.ok(new Set(passwords(bench.peers)).size <= 1, 'the password went out again');
        });
      }
    }

    const TALK: Readonly<Record<string, readonly [answer: Script, code: string]>> = {
      'a part without end': [pours(`${DELIMITER}Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n{`, 'a'), 'PROTOCOL'], // prettier-ignore
      'a part that breaks off': [says(GRANT.slice(0, -20)), 'TIMEOUT'],
      'a part of 64 MiB': [pours(`${DELIMITER}Content-Type: video/mp2t\r\nContent-Length: 67108864\r\n\r\n`, 'a'), 'PROTOCOL'], // prettier-ignore
      'a part of 2 MiB, and then the answer': [(peer) => peer.write(part('a'.repeat(2 * MB), 2 * MB, 'video/mp2t') + GRANT), 'open'], // prettier-ignore
      'a length beyond all numbers': [says(part('{}', '9'.repeat(40)) + GRANT), 'PROTOCOL'],
      'a negative length, and then the answer': [says(part('{}', -1) + GRANT), 'open'],
      'a length that is text, and then the answer': [says(part('{}', 'two') + GRANT), 'open'],
      'no length, and then the answer': [says(GRANT.replace(/Content-Length: \d+\r\n/, '') + GRANT), 'open'],
      'no length': [says(GRANT.replace(/Content-Length: \d+\r\n/, '')), 'TIMEOUT'],
      'the delimiter in a body, and then the answer': [says(part(`\r\n${part('{"error_code":1}')}`, undefined, 'video/mp2t') + GRANT), 'open'], // prettier-ignore
      'a broken head, and then the answer': [says(`${DELIMITER}Cont${GRANT}`), 'open'],
      'an array': [says(part('[]')), 'PROTOCOL'],
      'a text': [says(part('"error_code"')), 'PROTOCOL'],
      'a number': [says(part('7')), 'PROTOCOL'],
      null: [says(part('null')), 'PROTOCOL'],
      'JSON that breaks off': [says(part('{"type":"response", "seq":3')), 'PROTOCOL'],
      'JSON within JSON': [says(part('['.repeat(100_000))), 'PROTOCOL'],
      'params that are a list': [says(part('{"type":"response","seq":3,"params":[]}')), 'PROTOCOL'],
      'an error that is an object': [says(part('{"type":"response","seq":3,"params":{"error_code":{},"session_id":"71"}}')), 'PROTOCOL'], // prettier-ignore
      'a session id with a line end': [says(GRANT.replace('"71"', String.raw`"71\r\nX-Evil: 1"`).replace('74', '88')), 'PROTOCOL'], // prettier-ignore
      'a session id that is an object': [says(part('{"type":"response","seq":3,"params":{"error_code":0,"session_id":{}}}')), 'PROTOCOL'], // prettier-ignore
      'no session id': [says(part('{"type":"response","seq":3,"params":{"error_code":0}}')), 'PROTOCOL'],
    };
    for (const [name, [answer, code]] of Object.entries(TALK)) {
      it(`${name}: ${code}`, async () => {
        await bench.listen(after(2, answer));
        assert.equal(await bench.outcome(), code);
        assert.ok(!text(bench.peers[0]).includes('X-Evil'));
        assert.equal(passwords(bench.peers).length, 1);
      });
    }
  });
});
