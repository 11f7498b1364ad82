// How a session of the HTTP talk ends, also before it is open: by stop. And how often the password goes out, in which form.
import assert from 'node:assert/strict';
import type { TalkErrorCode } from '../../src/errors.js';
import type { Session } from '../../src/talk/session.js';
import { noUnhandledRejections, rejection } from '../helpers/collect.js';
import {
  after,
  challenge,
  GRANT,
  HttpTalkBench,
  NONCE,
  passwords,
  QOP,
  REPLY_200,
  REPLY_401,
  says,
  STOP,
  STOPPED,
  text,
} from '../helpers/http-talk-bench.js';
import { atRest } from '../helpers/loopback.js';
import type { Script } from '../helpers/scripted-camera.js';

const HOUR_MS = 3_600_000;

describe('a session of the HTTP talk', () => {
  noUnhandledRejections();

  let bench: HttpTalkBench;
  beforeEach(() => void (bench = new HttpTalkBench()));
  afterEach(() => bench.end());

  // --- who ends it ------------------------------------------------------------------------------------------------

  describe('given up while the talk request is on its way', () => {
    const aborting = async (then: Script): Promise<{ code: TalkErrorCode; said: string }> => {
      const abort = new AbortController();
      await bench.listen(
        after(2, async (peer) => {
          abort.abort();
          await then(peer);
        }),
      );
      const error = await bench.passing(rejection(bench.open({ signal: abort.signal })));
      await bench.finished();
      return { code: error.code, said: text(bench.peers[0]) };
    };

    it('the grant that comes is heard and stopped', async () => {
      const { code, said } = await aborting(async (peer) => {
        await bench.clock.wait(1_000);
        peer.write(GRANT);
        await peer.request();
        peer.write(STOPPED);
      });
      assert.equal(code, 'TALK_ERR_ABORTED');
      assert.ok(said.endsWith(`X-Session-Id: 71\r\nContent-Length: 65\r\n\r\n${STOP}\r\n`), said.slice(-200));
    });

    it('what has not come after two seconds is not waited for', async () => {
      const { code, said } = await aborting(() => undefined);
      assert.equal(code, 'TALK_ERR_ABORTED');
      assert.ok(!said.includes(STOP));
    });
  });

  for (const [how, end] of [
    ['closed', (session: Session) => void session.close()],
    ['destroyed', (session: Session) => session.destroy()],
  ] as const) {
    it(`${how}: says stop, once, also when nobody answers it, and is gone`, async () => {
      await bench.listen(after(2, says(GRANT)));
      const session = await bench.passing(bench.open());
      session.send(Buffer.alloc(320, 0x2a));
      end(session);
      end(session);
      await bench.finished();
      assert.equal(text(bench.peers[0]).split(STOP).length, 2);
      assert.ok(text(bench.peers[0]).endsWith(`${STOP}\r\n`));
      bench.peers[0]?.end();
      await bench.passing(bench.peers[0]?.gone() ?? Promise.resolve());
      assert.equal(bench.clock.pending, 0);
    });
  }

  it('a camera that reads no more is not waited for when its talk is destroyed', async () => {
    await bench.listen(after(2, (peer) => (peer.write(GRANT), void peer.socket.pause())));
    const session = await bench.passing(bench.open());
    assert.throws(() => {
      for (;;) session.send(Buffer.alloc(320, 0x2a));
    }, /took nothing/);
    await bench.clock.advance(10_000);
    assert.equal(bench.clock.pending, 0);
  });

  // --- the password -----------------------------------------------------------------------------------------------

  describe('a password that is refused', () => {
    const refuses: Script = async (peer) => {
      while ((await peer.request()) !== undefined) peer.write(REPLY_401);
    };

    it('goes out in two forms, once, and again after an hour', async () => {
      await bench.listen(refuses);
      assert.equal(await bench.outcome(), 'AUTH');
      assert.equal(new Set(passwords(bench.peers)).size, 2);
      for (let n = 0; n < 3; n++) assert.equal(await bench.outcome(), 'LOCKED');
      assert.equal(passwords(bench.peers).length, 2);
      await bench.clock.advance(HOUR_MS);
      assert.equal(await bench.outcome(), 'AUTH');
      assert.equal(passwords(bench.peers).length, 4);
    });

    it('goes out once when it is a hash', async () => {
      await bench.listen(refuses);
      assert.equal(await bench.outcome({ password: '1A64A010767F0725FB52111B0A9E9F84' }), 'AUTH');
      assert.equal(await bench.outcome({ password: '1A64A010767F0725FB52111B0A9E9F84' }), 'LOCKED');
      assert.equal(passwords(bench.peers).length, 1);
    });

    it('goes out once to a VIGI', async () => {
      await bench.listen(refuses);
      assert.equal(await bench.outcome({ dialect: 'vigi-stream' }), 'AUTH');
      assert.equal(passwords(bench.peers).length, 1);
    });

    it('is held back by the next guard, too', async () => {
      await bench.listen(refuses);
      assert.equal(await bench.outcome(), 'AUTH');
      bench.guard = bench.newGuard();
      assert.equal(await bench.outcome(), 'LOCKED');
    });
  });

  it('never answers Basic', async () => {
    await bench.listen(says('HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="TP-Link IP-Camera"\r\n\r\n'));
    assert.equal(await bench.outcome(), 'UNSUPPORTED');
    assert.ok(!text(bench.peers[0]).includes('Authorization'));
  });

  it('sends nothing to a digest without qop where it was offered before, in another thread, too', async () => {
    await bench.listen(after(2, says(GRANT)), says(challenge('')));
    (await bench.passing(bench.open())).destroy();
    await bench.finished();
    bench.peers[0]?.end();
    await atRest();
    assert.equal(await bench.outcome(), 'UNSUPPORTED');
    bench.guard = bench.newGuard();
    assert.equal(await bench.outcome(), 'UNSUPPORTED');
    assert.equal(passwords(bench.peers).length, 1);
  });

  it('begins with the form that worked, in another thread, too, and with the other when that has changed', async () => {
    const taking =
      (attempts: number): Script =>
      async (peer) => {
        for (let n = 0; n <= attempts; n++) {
          if ((await peer.request()) === undefined) return;
          peer.write(n < attempts ? challenge(QOP, NONCE.replace('96', `${n}a`)) : REPLY_200);
        }
        await peer.request();
        peer.write(GRANT);
      };
    await bench.listen(taking(2), taking(1), taking(2), taking(1));
    const forms: (string | undefined)[] = [];
    for (let n = 0; n < 4; n++) {
      bench.guard = bench.newGuard();
      (await bench.passing(bench.open())).destroy();
      forms.push(bench.newGuard().formOf(bench.target()));
    }
    assert.deepEqual(forms, ['md5', 'md5', 'sha256', 'sha256']);
    assert.deepEqual(
      bench.peers.map((peer) => passwords([peer]).length),
      [2, 1, 2, 1],
    );
  });
});
