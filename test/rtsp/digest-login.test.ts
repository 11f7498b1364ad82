// The log-in of one connection: what each 401 means, and how often a password goes out. The digests themselves are in digest.test.ts.
import assert from 'node:assert/strict';
import { DigestLogin, loginError } from '../../src/rtsp/digest-login.js';
import type { RtspResponse } from '../../src/rtsp/message.js';

const BASIC = 'Basic realm="TP-LINK IP-Camera"';
const digest = (nonce: string, more = ''): string => `Digest realm="TP-LINK IP-Camera", nonce="${nonce}"${more}`;

const unauthorized = (...challenges: string[]): RtspResponse => ({
  kind: 'response',
  status: 401,
  reason: '',
  headers: challenges.map((challenge) => ['WWW-Authenticate', challenge] as const),
  body: Buffer.alloc(0),
});

const BARE = { authorized: false, renewed: false };
const AUTHORIZED = { authorized: true, renewed: false };
const RENEWED = { authorized: true, renewed: true };

describe('digest log-in', () => {
  let login: DigestLogin;

  beforeEach(() => {
    login = new DigestLogin({
      camera: { host: '192.168.1.60', port: 554, username: 'admin', password: 'Abc12345' },
      clientNonce: () => '0a4f113b0a4f113b',
    });
  });

  const authorization = (): string => login.authorization('DESCRIBE', 'rtsp://192.168.1.60/stream1') ?? 'none';

  it('shows no password before it is asked for', () => {
    assert.equal(authorization(), 'none');
    assert.equal(login.hash, 'none');
  });

  it('answers a challenge, and counts how often its nonce is used', () => {
    assert.equal(login.challenged(unauthorized(BASIC, digest('one', ', qop="auth"')), BARE), 'again');
    assert.match(authorization(), /nonce="one".* nc=00000001/);
    assert.match(authorization(), /nonce="one".* nc=00000002/);
    assert.equal(login.hash, 'md5');
    assert.equal(login.challenged(unauthorized(digest('two', ', qop="auth", stale=true')), AUTHORIZED), 'again');
    assert.match(authorization(), /nonce="two".* nc=00000001/);
  });

  it('cannot answer what is no Digest it knows', () => {
    for (const challenges of [[], [BASIC], [digest('one', ', algorithm=SHA-512-256')], ['Digest realm="no nonce"']]) {
      assert.equal(login.challenged(unauthorized(...challenges), BARE), 'unanswerable');
      assert.equal(authorization(), 'none');
    }
  });

  describe('that may answer Basic', () => {
    beforeEach(() => {
      const camera = { host: '192.168.1.60', port: 554, username: 'admin', password: 'Abc: 12345ü' };
      login = new DigestLogin({ camera, clientNonce: () => '0a4f113b0a4f113b', basic: true });
    });

    it('does where nothing else is offered', () => {
      for (const challenges of [[BASIC], [BASIC, BASIC], ['basic realm=""']]) {
        assert.equal(login.challenged(unauthorized(...challenges), BARE), 'again');
        // echo -n 'admin:Abc: 12345ü' | base64
        assert.equal(authorization(), 'Basic YWRtaW46QWJjOiAxMjM0NcO8');
        assert.deepEqual([login.basic, login.hash], [true, 'none']);
      }
    });

    it('does not where anything else is, or was', () => {
      const others = [
        'Digest realm="no nonce"',
        digest('one', ', algorithm=MD5-sess'),
        'Bearer realm="x"',
        'Negotiate',
      ];
      for (const challenges of [[], ...others.flatMap((one) => [[BASIC, one], [one, BASIC], [`${BASIC}, ${one}`]])]) {
        assert.equal(login.challenged(unauthorized(...challenges), BARE), 'unanswerable', challenges.join());
        assert.equal(authorization(), 'none');
      }
      assert.equal(login.challenged(unauthorized(BASIC, digest('one')), BARE), 'again');
      assert.match(authorization(), /^Digest /);
      assert.equal(login.challenged(unauthorized(BASIC), BARE), 'unanswerable');
      assert.match(authorization(), /^Digest /);
    });

    it('tells the best that a 401 offers, also where it is not answered, and whether it is', () => {
      const told: unknown[] = [];
      const camera = { host: '192.168.1.60', port: 554, username: 'admin', password: 'x' };
      const options = { clientNonce: () => '', onForm: (...form: readonly unknown[]) => told.push(form) };
      const of = (more: object, challenges: readonly string[], shown = BARE): void => {
        const login = new DigestLogin({ camera: { ...camera, ...more }, basic: true, ...options });
        if (shown.authorized) login.challenged(unauthorized(BASIC), BARE);
        told.length = 0;
        login.challenged(unauthorized(...challenges), shown);
      };
      of({}, [BASIC]);
      assert.deepEqual(told, [['basic', true]]);
      of({}, [BASIC, digest('one')]);
      assert.deepEqual(told, [['md5', true]]);
      for (const other of [digest('one', ', algorithm=MD5-sess'), 'Digest realm="no nonce"', 'Negotiate']) {
        of({}, [BASIC, other]);
        assert.deepEqual(told, [['other', false]], other);
      }
      of({}, []);
      assert.deepEqual(told, []);
      of({}, [digest('one'), BASIC], AUTHORIZED);
      assert.deepEqual(told, [['md5', false]]);
      assert.throws(() => of({ password: '' }, [digest('one')]), { code: 'TALK_ERR_ARGUMENT' });
      assert.deepEqual(told, [['md5', false]]);
    });

    it('takes every 401 to it for a refusal', () => {
      login.challenged(unauthorized(BASIC), BARE);
      for (const challenges of [[BASIC], [digest('one', ', stale=true')], [BASIC, digest('two')], []]) {
        assert.equal(login.challenged(unauthorized(...challenges), AUTHORIZED), 'refused');
      }
      login.accepted();
      assert.equal(login.challenged(unauthorized(digest('one', ', stale=true')), AUTHORIZED), 'refused');
    });
  });

  describe('takes a 401 to a digest for a refusal', () => {
    // Anything but a refusal would leave the password guard open.
    for (const [name, challenges] of [
      ['with the same challenge', [digest('one')]],
      ['with another nonce, nothing having been accepted', [digest('two')]],
      ['without a challenge', []],
      ['with Basic alone', [BASIC]],
      ['with a hash nobody knows', [digest('one', ', algorithm=SHA-512-256, stale=true')]],
    ] as const) {
      it(name, () => {
        login.challenged(unauthorized(digest('one')), BARE);
        assert.equal(login.challenged(unauthorized(...challenges), AUTHORIZED), 'refused');
      });
    }

    it('also when a digest was accepted before, but for another nonce', () => {
      login.challenged(unauthorized(digest('one')), BARE);
      login.accepted();
      for (const challenges of [[], [BASIC], [digest('one')]])
        assert.equal(login.challenged(unauthorized(...challenges), AUTHORIZED), 'refused');
      assert.equal(login.challenged(unauthorized(digest('two')), AUTHORIZED), 'again');
    });

    it('the second time, whatever it says of its nonce', () => {
      login.challenged(unauthorized(digest('one')), BARE);
      assert.equal(login.challenged(unauthorized(digest('two', ', stale=true')), AUTHORIZED), 'again');
      for (const challenge of [digest('three'), digest('three', ', stale=true')])
        assert.equal(login.challenged(unauthorized(challenge), RENEWED), 'refused');
      login.accepted();
      assert.equal(login.challenged(unauthorized(digest('three')), RENEWED), 'refused');
    });
  });

  it('says what it means, without a secret', () => {
    const texts = (['refused', 'unanswerable'] as const).map((verdict) => {
      const { code, message, camera } = loginError(verdict, 'cam:554', unauthorized(BASIC));
      return [code, message, camera];
    });
    assert.deepEqual(texts, [
      [
        'TALK_ERR_AUTH',
        'The camera at cam:554 refused the user name or password; it wants the password set on the camera itself, not that of the cloud account. If they are right, it may have locked this computer out after several wrong log-ins: wait, or restart the camera',
        'cam:554',
      ],
      [
        'TALK_ERR_UNSUPPORTED',
        'The camera at cam:554 offers no Digest log-in; the password is not sent in any other way',
        'cam:554',
      ],
    ]);
  });

  for (const [more, named] of [
    [', algorithm=MD5-sess', /with MD5-sess, which is not known/],
    [', qop="auth-int"', /with auth-int, which is not known/],
    [`, algorithm=${'x'.repeat(5_000)}`, /with x+…x+, which/],
  ] as const) {
    it(`names what it does not know of a Digest: ${more.slice(0, 30)}`, () => {
      const { code, message } = loginError('unanswerable', 'cam:554', unauthorized(BASIC, digest('one', more)));
      assert.equal(code, 'TALK_ERR_UNSUPPORTED');
      assert.match(message, named);
      assert.ok(message.length < 200);
    });
  }
});
