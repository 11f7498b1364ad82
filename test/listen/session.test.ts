// A listening session over real loopback: how it opens, every way it does not, keep-alive, silence, loss, every end. Time is fake, the sockets are not.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { decodeAlaw } from '../../src/sound/g711.js';
import { cameraOptions, type CameraOptions } from '../../src/camera-options.js';
import { TalkError } from '../../src/errors.js';
import { ListenSession, type ListenOptions } from '../../src/listen/session.js';
import { KeepAliveHabit } from '../../src/listen/keep-alive.js';
import type { HeardSound } from '../../src/listen/states.js';
import { PasswordGuard } from '../../src/password/guard.js';
import { coded, eventually, rejection, watch } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { NONCE, ScriptedCamera, SESSION_ID, type Peer } from '../helpers/scripted-camera.js';
import { hbrPayload, toneFrames } from './aac/frames.js';
import { SDP_AAC, SDP_SILENT } from './descriptions.js';
import { frameBytes } from './packets.js';
import { pcma, send, SoundLog, soundScript, usualAnswer, type Answer, type SoundScript } from './sound-camera.js';

const PASSWORD = 'Abc12345';

describe('listen session', () => {
  let clock: FakeClock;
  let guard: PasswordGuard;
  let camera: ScriptedCamera | undefined;
  let log: SoundLog;
  let heard: HeardSound[];
  let stages: string[];
  const sessions: ListenSession[] = [];

  beforeEach(() => {
    clock = new FakeClock();
    guard = new PasswordGuard(clock);
    log = new SoundLog();
    heard = [];
    stages = [];
  });

  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await settle();
    assert.equal(clock.pending, 0, 'something still waits on the clock');
    await camera?.close();
    camera = undefined;
  });

  const options = (input: Readonly<Record<string, unknown>> = {}): CameraOptions =>
    cameraOptions({ host: '127.0.0.1', port: camera?.port, password: PASSWORD, ...input });

  /** Starts a camera of this kind and opens a session to it. */
  async function open(script: SoundScript = {}, listen: Partial<ListenOptions> = {}): Promise<ListenSession> {
    camera ??= await ScriptedCamera.listen(soundScript(script, log));
    const session = await ListenSession.open(
      options(),
      { clock, guard, ffmpegPath },
      { stream: 'stream1', onSound: (sound) => heard.push(sound), onStage: (stage) => stages.push(stage), ...listen },
    );
    sessions.push(session);
    return session;
  }

  const samplesHeard = (): number => heard.reduce((sum, { samples }) => sum + samples.length, 0);
  const endReason = (session: ListenSession): TalkError => session.ended.reason as TalkError;

  describe('opening', () => {
    it('asks for the sound alone, and plays what comes', async () => {
      const session = await open({ onPlay: (peer) => send(peer, pcma(5)) });
      assert.deepEqual(log.methods, ['DESCRIBE', 'DESCRIBE', 'SETUP', 'PLAY']);
      assert.ok(log.requests.every(({ uri }) => !uri.includes('track1')));
      assert.equal(log.requests[2]?.uri, `rtsp://127.0.0.1:${camera?.port ?? 0}/stream1/track2`);
      assert.equal(log.refused, 0);
      assert.deepEqual(stages, ['connecting', 'authenticating', 'opening', 'opening']);
      assert.equal(session.track.codec.name, 'PCMA');
      await eventually(() => samplesHeard() >= 800, 'the sound');
      assert.equal(Math.round((heard[0]?.samples[0] ?? 0) * 32_768), decodeAlaw(Buffer.of(0x80))[0]);
      assert.equal(session.stats.packets, 5);
    });

    it('loses nothing that comes in front of the answer to PLAY, or glued to it', async () => {
      await open({
        answers: {
          PLAY: (request, peer) => {
            peer.write(Buffer.concat([...pcma(2).map((parts) => frameBytes(parts)), Buffer.from(`RTSP/1.0 200 OK\r\nCSeq: ${request.cseq}\r\n\r\n`), ...pcma(1, 2).map((parts) => frameBytes(parts))])); // prettier-ignore
            return undefined;
          },
        },
      });
      await eventually(() => samplesHeard() === 480, 'three packets');
    });

    it('listens on the channels the camera chose', async () => {
      const session = await open({
        answers: {
          SETUP: () => ['200 OK', ['Transport: RTP/AVP/TCP;unicast;interleaved=6-7', `Session: ${SESSION_ID}`]],
        },
        onPlay: (peer) => {
          send(peer, pcma(1), 0);
          send(peer, pcma(2), 6);
        },
      });
      assert.deepEqual(session.grant.channels, { rtp: 6, rtcp: 7 });
      await eventually(() => samplesHeard() === 320, 'two packets');
    });

    it('plays AAC', async function () {
      if (process.platform === 'win32') this.skip();
      const frames = toneFrames(16_000, 1, 2);
      const session = await open({
        sdp: SDP_AAC,
        onPlay: (peer) =>
          send(
            peer,
            frames.flatMap((frame, index) =>
              // Two units are lost.
              index === 10 || index === 11
                ? []
                : [
                    {
                      payloadType: 97,
                      marker: true,
                      sequenceNumber: index,
                      timestamp: index * 1_024,
                      payload: hbrPayload(frame),
                    },
                  ],
            ),
          ),
      });
      await eventually(() => samplesHeard() >= (frames.length - 1) * 1_024, 'the tone');
      assert.ok(heard.every(({ sampleRate }) => sampleRate === 16_000));
      assert.equal(session.stats.lost, 2);
      assert.equal(session.stats.filledMs, 128);
      assert.ok(samplesHeard() <= frames.length * 1_024);
      await session.close();
      await eventually(() => !process.getActiveResourcesInfo().includes('ProcessWrap'), 'the end of ffmpeg');
    });

    it('does not play AAC without ffmpeg', async () => {
      camera = await ScriptedCamera.listen(soundScript({ sdp: SDP_AAC }, log));
      const deps = { clock, guard, ffmpegPath: '/nothing/here' };
      const error = await rejection(
        ListenSession.open(options(), deps, { stream: 'stream1', onSound: () => undefined }),
      );
      assert.equal(error.code, 'TALK_ERR_FFMPEG');
      assert.deepEqual(log.methods, ['DESCRIBE', 'DESCRIBE', 'SETUP']);
    });
  });

  describe('not opening', () => {
    it('tries a wrong password once, and holds it back', async () => {
      camera = await ScriptedCamera.listen(soundScript({}, log));
      const wrong = options({ password: 'wrong' });
      const listen = { stream: 'stream1', onSound: () => undefined };
      const error = await rejection(ListenSession.open(wrong, { clock, guard }, listen));
      assert.equal(error.code, 'TALK_ERR_AUTH');
      assert.equal(log.refused, 1);
      assert.deepEqual(log.methods, ['DESCRIBE', 'DESCRIBE']);
      assert.doesNotMatch(inspect(error), new RegExp(`wrong"|${NONCE}`));
      coded('TALK_ERR_LOCKED')(await rejection(ListenSession.open(wrong, { clock, guard }, listen)));
      assert.equal(camera.peers.length, 1);
    });

    it('tries a wrong password once, however many begin at the same moment', async () => {
      camera = await ScriptedCamera.listen(soundScript({}, log));
      const wrong = options({ password: 'wrong' });
      const listen = { stream: 'stream1', onSound: () => undefined };
      const openings = [1, 2, 3].map(() => rejection(ListenSession.open(wrong, { clock, guard }, listen)));
      const codes = (await Promise.all(openings)).map(({ code }) => code);
      assert.deepEqual(codes.sort(), ['TALK_ERR_AUTH', 'TALK_ERR_LOCKED', 'TALK_ERR_LOCKED']);
      assert.equal(log.refused, 1);
      assert.equal(camera.peers.length, 3, 'they are on their way together');
    });

    it('does not send again what was cut and not answered for 2 s', async () => {
      const stop = new AbortController();
      camera = await ScriptedCamera.listen(
        soundScript(
          {
            answers: {
              DESCRIBE: (request, peer) =>
                peer === camera?.peers[0] && request.text.includes('Authorization')
                  ? undefined
                  : usualAnswer({}, log)(request),
            },
          },
          log,
        ),
      );
      const first = watch(open({}, { signal: stop.signal }));
      await eventually(() => log.requests.length === 2, 'the log-in');
      const second = watch(open());
      await eventually(() => log.requests.length === 3, 'the second one');
      await settle();
      assert.equal(log.requests.length, 3, 'it waits');
      stop.abort(new TalkError('TALK_ERR_ABORTED', 'enough'));
      await settle();
      assert.equal(first.state, 'pending');
      await clock.advance(2_000);
      await eventually(() => second.state === 'rejected', 'the second one');
      coded('TALK_ERR_LOCKED')(second.error);
      assert.equal(first.state, 'rejected');
      assert.equal(log.requests.length, 3);
    });

    it('does not mind what the web interface thinks of a password that RTSP has accepted', async () => {
      await open();
      guard.refused('talk', options(), new TalkError('TALK_ERR_AUTH', 'refused'));
      guard.locked(options(), 1_800);
      await open();
    });

    const cases: readonly [name: string, script: SoundScript, code: Parameters<typeof coded>[0], shown: RegExp][] = [
      ['a path the camera does not have', { answers: { DESCRIBE: () => ['404 Not Found'] } }, 'TALK_ERR_UNSUPPORTED', /stream path/],
      ['a camera without sound', { sdp: SDP_SILENT }, 'TALK_ERR_UNSUPPORTED', /microphone/],
      ['a codec we do not have', { sdp: 'm=audio 0 RTP/AVP 97\r\na=rtpmap:97 OPUS/48000/2\r\n' }, 'TALK_ERR_UNSUPPORTED', /OPUS/],
      ['a camera that sends by UDP only', { answers: { SETUP: () => ['461 Unsupported Transport'] } }, 'TALK_ERR_UNSUPPORTED', /RTSP\/TCP/],
      ['a session forgotten at once', { answers: { PLAY: () => ['454 Session Not Found'] } }, 'TALK_ERR_CLOSED', /session/],
      ['too many viewers', { answers: { SETUP: () => ['453 Not Enough Bandwidth'] } }, 'TALK_ERR_BUSY', /viewer/],
    ]; // prettier-ignore
    for (const [name, script, code, shown] of cases) {
      it(`calls ${name} ${code}`, async () => {
        const error = await rejection(open(script));
        coded(code, shown)(error);
        assert.equal(error.camera, `127.0.0.1:${camera?.port ?? 0}`);
        await eventually(
          () => camera?.peers.every(({ closed, ended }) => closed || ended) === true,
          'the end of the connection',
        );
      });
    }

    for (const [method, step] of [
      ['DESCRIBE', /the request for the stream/],
      ['SETUP', /the request for its sound/],
      ['PLAY', /the request to play/],
    ] as const) {
      it(`waits 8 s for an answer to ${method}`, async () => {
        camera = await ScriptedCamera.listen(soundScript({ answers: { [method]: () => undefined } }, log));
        const opening = watch(open());
        await eventually(() => log.methods.at(-1) === method, method);
        await clock.advance(7_999);
        assert.equal(opening.state, 'pending');
        await clock.advance(1);
        coded('TALK_ERR_TIMEOUT', step)(opening.error);
      });
    }

    it('says that the camera hung up', async () => {
      const error = await rejection(
        open({
          answers: {
            SETUP: (_, peer) => {
              peer.reset();
              return undefined;
            },
          },
        }),
      );
      assert.equal(error.code, 'TALK_ERR_CLOSED');
    });

    it('says that nothing listens', async () => {
      const gone = await ScriptedCamera.listen(() => undefined);
      await gone.close();
      const error = await rejection(
        ListenSession.open(
          options({ port: gone.port }),
          { clock, guard },
          { stream: 'stream1', onSound: () => undefined },
        ),
      );
      assert.equal(error.code, 'TALK_ERR_CONNECT');
    });

    it('does not even connect for a stream that is no path', async () => {
      coded('TALK_ERR_ARGUMENT')(await rejection(open({}, { stream: 'rtsp://cam/stream1' })));
      assert.equal(camera?.peers.length, 0);
    });

    it('stops when the signal says so', async () => {
      const controller = new AbortController();
      camera = await ScriptedCamera.listen(soundScript({ answers: { SETUP: () => undefined } }, log));
      const opening = watch(open({}, { signal: controller.signal }));
      await eventually(() => log.methods.at(-1) === 'SETUP', 'SETUP');
      const reason = new TalkError('TALK_ERR_ABORTED', 'enough');
      controller.abort(reason);
      await eventually(() => opening.state === 'rejected', 'the end');
      assert.equal(opening.error, reason);
      await eventually(
        () => camera?.peers[0]?.ended === true || camera?.peers[0]?.closed === true,
        'the end of the connection',
      );
    });
  });

  describe('listening', () => {
    /** A session to a camera that sends a packet whenever told. */
    async function steady(script: SoundScript = {}): Promise<{ session: ListenSession; sound: () => Promise<void> }> {
      const session = await open(script);
      let sent = 0;
      const sound = async (): Promise<void> => {
        const before = session.stats.packets;
        const peer = camera?.peers[0];
        if (peer === undefined) throw new Error('No connection');
        send(peer, pcma(1, sent++));
        await eventually(() => session.stats.packets > before, 'a packet');
      };
      await sound();
      return { session, sound };
    }

    it('loses no more than the damaged packets to stray bytes between them', async () => {
      const session = await open();
      const peer = camera?.peers[0];
      for (let at = 0; at < 200; at += 10) {
        if (peer !== undefined) send(peer, pcma(10, at));
        peer?.write(Buffer.from(at % 20 === 0 ? '2405ffff' : '2400ffff24', 'hex'));
        // The tail of a packet whose beginning is lost.
        if (at % 50 === 0) peer?.write(frameBytes({ sequenceNumber: 9, payload: Buffer.alloc(160, 0x24) }).subarray(9));
      }
      if (peer !== undefined) send(peer, pcma(1, 200));
      await eventually(() => session.stats.packets === 201, 'the packets');
      assert.equal(session.stats.lost, 0);
    });

    it('keeps the session alive every half of its time, with the right digest', async () => {
      const { session, sound } = await steady();
      for (let seconds = 0; seconds < 120; seconds += 2) {
        await clock.advance(2_000);
        await sound();
      }
      assert.deepEqual(log.methods.slice(4), ['GET_PARAMETER', 'GET_PARAMETER', 'GET_PARAMETER', 'GET_PARAMETER']);
      assert.equal(log.refused, 0);
      assert.equal(session.ended.aborted, false);
    });

    it('keeps it alive by OPTIONS when the camera does not know GET_PARAMETER', async () => {
      const { sound } = await steady({ answers: { GET_PARAMETER: () => ['501 Not Implemented'] } });
      for (let seconds = 0; seconds < 64; seconds += 4) {
        await clock.advance(4_000);
        await sound();
      }
      assert.deepEqual(log.methods.slice(4), ['GET_PARAMETER', 'OPTIONS', 'OPTIONS']);
    });

    it('goes on when keep-alives are not answered but sound comes', async () => {
      const { session, sound } = await steady({ answers: { GET_PARAMETER: () => undefined } });
      for (let seconds = 0; seconds < 100; seconds += 4) {
        await clock.advance(4_000);
        await sound();
      }
      assert.equal(session.ended.aborted, false);
      assert.deepEqual(log.methods.slice(4), ['GET_PARAMETER', 'OPTIONS', 'OPTIONS', 'OPTIONS']);
    });

    for (const [what, answers] of [
      ['GET_PARAMETER', { GET_PARAMETER: (): Answer => ['454 Session Not Found'] }],
      [
        'both',
        { GET_PARAMETER: (): Answer => ['454 Session Not Found'], OPTIONS: (): Answer => ['454 Session Not Found'] },
      ],
    ] as const) {
      it(`goes on when the camera answers 454 to ${what} and plays on`, async () => {
        const { session, sound } = await steady({ answers });
        for (let seconds = 0; seconds < 64; seconds += 4) {
          await clock.advance(4_000);
          await sound();
        }
        assert.equal(session.ended.aborted, false);
        assert.deepEqual(log.methods.slice(4), ['GET_PARAMETER', 'OPTIONS', 'OPTIONS']);
      });
    }

    it('remembers across sessions what a camera hangs up on', async () => {
      const habit = new KeepAliveHabit();
      const hangUp = (_: unknown, peer: Peer): undefined => {
        peer.end();
        return undefined;
      };
      const script: SoundScript = { answers: { GET_PARAMETER: hangUp } };
      const first = await open(script, { habit });
      for (let seconds = 0; seconds < 32 && !first.ended.aborted; seconds += 4) {
        send(
          camera?.peers[0] as Peer,
          pcma(1, seconds).map((parts) => ({ ...parts, sequenceNumber: seconds / 4, timestamp: seconds * 8_000 })),
        );
        await eventually(() => first.stats.packets > seconds / 4, 'a packet');
        await clock.advance(4_000);
      }
      await eventually(() => first.ended.aborted, 'the end');
      await settle();
      assert.equal(habit.method, 'OPTIONS');
      const second = await open(script, { habit });
      for (let seconds = 0; seconds < 32; seconds += 4) {
        send(
          camera?.peers[1] as Peer,
          pcma(1, seconds).map((parts) => ({ ...parts, sequenceNumber: seconds / 4, timestamp: seconds * 8_000 })),
        );
        await eventually(() => second.stats.packets > seconds / 4, 'a packet');
        await clock.advance(4_000);
      }
      await eventually(() => log.methods.at(-1) === 'OPTIONS', 'the keep-alive');
      assert.equal(second.ended.aborted, false);
    });

    it('ends when no sound comes for 5 s', async () => {
      const { session } = await steady();
      await clock.advance(4_999);
      assert.equal(session.ended.aborted, false);
      await clock.advance(1);
      coded('TALK_ERR_STALLED', /stopped sending sound.*5 s/)(endReason(session));
      assert.equal(endReason(session).retryable, true);
    });

    it('ends when no sound comes at all, and says so', async () => {
      const session = await open();
      await clock.advance(5_000);
      coded('TALK_ERR_STALLED', /sends no sound/)(endReason(session));
    });

    it('says that what comes is not what was announced', async () => {
      const session = await open({
        onPlay: (peer) =>
          send(
            peer,
            pcma(3).map((parts) => ({ ...parts, payloadType: 97 })),
          ),
      });
      await eventually(() => session.stats.foreign === 3, 'the packets');
      await clock.advance(5_000);
      coded('TALK_ERR_STALLED', /another kind/)(endReason(session));
      assert.equal(heard.length, 0);
    });

    it('ends when the sound cannot be decoded', async () => {
      // It announces more than it holds.
      const [garbage] = pcma(1).map((parts) => ({
        ...parts,
        payloadType: 97,
        payload: Buffer.from('00100fff', 'hex'),
      }));
      let more: () => void = () => undefined;
      let sequenceNumber = 0;
      const session = await open({
        sdp: SDP_AAC,
        onPlay: (peer) => {
          more = () => {
            send(peer, [{ ...garbage, sequenceNumber: sequenceNumber++ }]);
          };
        },
      });
      for (let seconds = 0; seconds < 12 && !session.ended.aborted; seconds += 3) {
        more();
        await eventually(() => session.stats.packets === sequenceNumber, 'the packet');
        await clock.advance(3_000);
      }
      coded('TALK_ERR_AUDIO', /cannot be decoded/)(endReason(session));
    });

    it('does not end for video, RTCP and damaged packets, but does not count them either', async () => {
      const { session } = await steady();
      const [peer] = camera?.peers ?? [];
      await clock.advance(3_000);
      for (const channel of [1, 2, 3]) send(peer!, pcma(1, 50), channel);
      peer!.write(Buffer.from('2400000880abcdef00000000', 'hex'));
      await eventually(() => session.stats.malformed === 1, 'the damaged packet');
      await clock.advance(2_000);
      assert.equal(endReason(session).code, 'TALK_ERR_STALLED');
    });

    it('reorders, and fills what is lost', async () => {
      const packets = pcma(40);
      const [swapped] = packets.splice(10, 1);
      packets.splice(12, 0, swapped!);
      packets.splice(20, 3);
      const session = await open({ onPlay: (peer) => send(peer, packets) });
      await eventually(() => session.stats.packets === 37, 'the packets');
      assert.equal(samplesHeard(), 40 * 160);
      assert.deepEqual([session.stats.lost, session.stats.filledMs], [3, 60]);
      const firsts = heard.flatMap(({ samples }) => [...samples]).filter((_, index) => index % 160 === 0);
      const codes = Array.from({ length: 40 }, (_, index) => (index >= 20 && index < 23 ? 0xd5 : 0x80 + index));
      assert.deepEqual(
        firsts.map((sample) => Math.round(sample * 32_768)),
        [...decodeAlaw(Buffer.from(codes))],
      );
    });

    for (const [name, end, errno] of [
      ['hangs up', 'end', undefined],
      ['resets', 'reset', 'ECONNRESET'],
    ] as const) {
      it(`ends when the camera ${name}`, async () => {
        const { session } = await steady();
        camera?.peers[0]?.[end]();
        await eventually(() => session.ended.aborted, 'the end');
        coded('TALK_ERR_CLOSED')(endReason(session));
        assert.equal((endReason(session).cause as { code?: string } | undefined)?.code, errno);
        assert.equal(clock.pending, 0);
      });
    }

    it('ends when the camera sends what is no RTSP', async () => {
      const { session } = await steady();
      camera?.peers[0]?.write('RTSP/1.0 nonsense\r\n\r\n');
      await eventually(() => session.ended.aborted, 'the end');
      assert.equal(endReason(session).code, 'TALK_ERR_PROTOCOL');
    });
  });

  describe('closing', () => {
    it('says TEARDOWN, then FIN, and is gone', async () => {
      const session = await open({ onPlay: (peer) => send(peer, pcma(3)) });
      const closing = watch(session.close());
      await eventually(() => closing.state === 'fulfilled', 'the end of closing');
      assert.equal(log.methods.at(-1), 'TEARDOWN');
      assert.match(log.requests.at(-1)?.text ?? '', new RegExp(`\r\nSession: ${SESSION_ID}\r\n`));
      assert.equal(log.refused, 0);
      assert.equal(endReason(session).code, 'TALK_ERR_ABORTED');
      assert.equal(camera?.peers[0]?.errno, undefined);
      await session.close();
    });

    it('does not wait for a camera that does not take its leave', async () => {
      const session = await open({ staysOpen: true });
      const closing = watch(session.close());
      await settle(20);
      assert.equal(closing.state, 'pending');
      await clock.advance(500);
      await eventually(() => closing.state === 'fulfilled', 'the end of closing');
    });

    it('may be closed when it is over', async () => {
      const session = await open();
      session.destroy();
      await session.close();
      await eventually(
        () => camera?.peers[0]?.closed === true || camera?.peers[0]?.ended === true,
        'the end of the connection',
      );
      assert.ok(!log.methods.includes('TEARDOWN'));
    });

    it('hears nothing any more once it is closed', async () => {
      const session = await open({ onPlay: (peer) => send(peer, pcma(1)) });
      await eventually(() => heard.length === 1, 'the first packet');
      const closing = session.close();
      send(camera!.peers[0]!, pcma(5, 1));
      await clock.advance(500);
      await closing;
      assert.equal(heard.length, 1);
    });
  });
});
