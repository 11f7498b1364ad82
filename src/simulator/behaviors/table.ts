// The table of behaviors by name, and how a command line names them. What they do is in login, reply, talk and stream beside it.
import { TalkError } from '../../errors.js';
import { shown } from '../../options.js';
import { onFirstConnections } from './behavior.js';
import type { Behavior } from './behavior.js';
import { chosen, counted, plain } from './entries.js';
import type { BehaviorEntry } from './entries.js';
import * as login from './login.js';
import * as reply from './reply.js';
import * as stream from './stream.js';
import * as talk from './talk.js';

/** Every behavior by the name the command line and `behaviors: ['busy']` use. */
export const BEHAVIORS: Readonly<Record<string, BehaviorEntry>> = {
  'challenge-basic-first': plain('asks for Basic, then Digest, on two lines (the default)', login.challengeBasicFirst),
  'challenge-digest-first': plain('asks for Digest, then Basic', login.challengeDigestFirst),
  'challenge-digest-only': plain('asks for Digest alone', login.challengeDigestOnly),
  'challenge-basic-only': plain('asks for Basic alone, which must not be answered', login.challengeBasicOnly),
  'no-challenge': plain('answers the first request 200 with a Session, wants no password', login.noChallenge),
  'no-challenge-no-session': plain('wants no password and gives no Session', login.noChallengeNoSession),
  'missing-session': plain('gives no Session', login.missingSession),
  'session-timeout': counted('gives a Session with ;timeout=', 'seconds (60)', login.sessionTimeout),
  vigi: plain('speaks the VIGI dialect: SHA-256 with qop, two messages, channel 0', login.vigi),
  'md5-qop': plain('asks for Digest MD5 with qop', login.md5Qop),
  'sha256-on-ipc': plain('asks for Digest SHA-256 with qop, three messages, channel 1', login.sha256OnIpc),
  'md5-sess': plain('asks for Digest MD5-sess, which nobody answers', login.md5Sess),
  'auth-int': plain('asks for Digest with qop auth-int, which nobody answers', login.authInt),
  'stale-nonce-once': plain('calls the first credentials stale and gives a new nonce', login.staleNonceOnce),
  'nonce-with-200': plain('has 200, 400 and 401 in its nonces', login.nonceWith200),
  'bad-request': plain('answers MULTITRANS 400', login.badRequest),
  'not-found': plain('answers MULTITRANS 404', login.notFound),
  redirect: counted('sends clients elsewhere', '301 to 308 (302)', login.redirect, /^30[1-8]$/),
  unavailable: plain('answers MULTITRANS 503', login.unavailable),
  'no-multitrans': counted('does not know MULTITRANS', '405, 501 or 551', login.noMultitrans, /^(405|501|551)$/),
  'wrong-password-always': plain('refuses every password', login.wrongPasswordAlways),
  locked: counted('refuses every password after n wrong ones', 'wrong passwords before it locks (0)', login.locked),
  silent: plain('answers nothing and stays connected', login.silent),
  'close-after-20s': counted('answers nothing and closes after 20 s', 'seconds (20)', login.closeAfter20s),
  'silent-login': plain('does not answer the credentials', login.silentLogin),
  'silent-after-auth': plain('takes the password, does not answer the talk request', login.silentAfterAuth),
  'close-after-accept': plain('closes each connection at once', login.closeAfterAccept),
  'reset-after-accept': plain('resets each connection at once', login.resetAfterAccept),
  'one-connection': plain('closes each connection but one', login.oneConnection),

  'lower-case-headers': plain('writes header names in lower case', reply.lowerCaseHeaders),
  'split-bytes': plain('writes each answer byte by byte', reply.splitBytes),
  slow: counted('answers late', 'ms (1500)', reply.slow),
  'split-header-body': plain('writes head and body of an answer apart', reply.splitHeaderBody),
  'glued-frame': plain('writes the talk reply between two frames of its own, in one piece', reply.gluedFrame),
  'no-content-length': plain('tells no length of its answers', reply.noContentLength),
  'busy-without-length': counted(
    'the talk channel is in use, said without a length',
    'attempts (all)',
    reply.busyWithoutLength,
  ),
  'bad-header-line': plain('writes a line that is no header into each answer', reply.badHeaderLine),
  'nul-after-json': plain('writes a zero byte behind the talk reply', reply.nulAfterJson),
  'json-blanks': plain('writes the talk reply with blanks and line ends', reply.jsonBlanks),
  'error-code-flat': plain('writes error_code at the top of the talk reply', reply.errorCodeFlat),
  'error-code-string': plain('writes error_code as a string', reply.errorCodeString),
  'error-code-missing': plain('writes no error_code', reply.errorCodeMissing),
  'session-id-number': plain('writes session_id as a number', reply.sessionIdNumber),
  'huge-header': counted('answers with a huge header line', 'bytes (65536)', reply.hugeHeader),
  'endless-header': plain('answers with a header line without end', reply.endlessHeader),
  'endless-headers': plain('answers with headers without end', reply.endlessHeaders),
  'huge-body': plain('answers with a body of 4 GiB', reply.hugeBody),
  garbage: counted('sends garbage in front of each answer', 'bytes (131072)', reply.garbage),
  noise: chosen('answers the first request, or the talk request, with noise', ['first', 'talk'], reply.noise),
  'speaks-http': plain('answers as an HTTP server', reply.speaksHttp),

  busy: plain('the talk channel is in use (-52411)', talk.busy),
  'busy-times': counted(
    'the talk channel is in use for the first n attempts; also busy-n',
    'attempts (2)',
    talk.busyTimes,
  ),
  'busy-until-closed': plain('the talk channel is in use until refused connections are closed', talk.busyUntilClosed),
  'busy-but-plays': plain('says that the talk channel is in use (-52411), and plays all the same', talk.busyButPlays),
  'too-many': plain('too many requests (-52405)', talk.tooMany),
  'too-many-clients': plain('too many clients (-52407)', talk.tooManyClients),
  'json-error': plain('calls the JSON wrong (-501)', talk.jsonError),
  'bad-inner': plain('calls the params wrong (-502)', talk.badInner),
  'audio-invalid': plain('calls the audio invalid (-52423)', talk.audioInvalid),
  'talk-error': counted('refuses the talk with this number', 'error number (-52410)', talk.talkError, /^-?\d{1,9}$/),
  'refuses-mode': chosen('refuses one mode (-502)', ['half_duplex', 'full_duplex', 'vad', 'aec'], talk.refusesMode),
  'downlink-frames': plain('sends microphone frames while the client talks', talk.downlinkFrames),
  'downlink-loop': plain('sends frames on the client’s channel while it talks', talk.downlinkLoop),
  'downlink-json': chosen('sends a notification while the client talks', ['request', 'json'], talk.downlinkJson),
  'downlink-garbage': plain('sends garbage between frames while the client talks', talk.downlinkGarbage),
  'stop-reading': counted('reads no more after n packets', 'packets (10)', talk.stopReading),
  'hang-up': counted('closes the connection (FIN) after n packets, and goes on reading', 'packets (10)', talk.hangUp),
  'hang-up-reset': counted(
    'closes the connection (FIN) after n packets, and answers the next one with RST',
    'packets (10)',
    talk.hangUpReset,
  ),
  reset: counted('resets the connection (RST) after n packets', 'packets (10)', talk.reset),

  'stream-no-audio': plain('describes streams without a microphone', stream.noAudio),
  'stream-h265': plain('describes H265 video, and sends none of it', stream.h265),
  'stream-aac': plain('sends AAC 16 kHz: a beep each second, not what there is to hear', stream.aac),
  'stream-pcmu': plain('sends PCMU instead of PCMA', stream.pcmu),
  'stream-dual-lens': plain('has /stream1&channel=1 and 2', stream.dualLens),
  'stream-404': plain('knows no stream', stream.noStream),
  'stream-no-challenge': plain('wants no password for its streams', stream.noChallenge),
  'stream-stops': counted('sends no more than n packets, stays connected', 'packets (50)', stream.stops),
  'stream-closes': counted('closes a stream (FIN) after n packets', 'packets (50)', stream.closes),
  'stream-resets': counted('resets a stream (RST) after n packets', 'packets (50)', stream.resets),
  'stream-loss': counted('leaves out part of the packets', 'percent (5)', stream.loss, /^(100|\d{1,2})$/),
  'stream-reorder': plain('swaps every tenth packet with the next one', stream.reorder),
  'stream-odd-channels': plain('answers other interleaved channels than asked for', stream.oddChannels),
  'stream-short-timeout': counted('ends a stream session sooner', 'seconds (4)', stream.shortTimeout, /^[1-9]\d{0,4}$/),
  'stream-session-at-play': plain('gives a stream’s Session in the answer to PLAY', stream.sessionAtPlay),
  'stream-keep-alive': chosen(
    'answers GET_PARAMETER 454, not at all, or hangs up on it',
    ['454', 'silence', 'hang-up'],
    stream.keepAlive,
  ),
  restream: chosen('is no camera but a restream: any path, no talk', ['basic', 'digest', 'open'], stream.restream),
  'stream-stray-bytes': plain('sends stray bytes between the packets', stream.strayBytes),
  'stream-old-sdp': plain('describes streams as in 2020: smart/0/25000', stream.oldSdp),
  'stream-relative-control': plain('describes tracks without Content-Base', stream.relativeControl),
  'stream-absolute-control': plain('describes tracks by whole URIs', stream.absoluteControl),
  'stream-rtcp': plain('sends sender reports on the RTCP channel', stream.senderReports),
  'stream-wraps': plain('begins just before sequence number and timestamp wrap', stream.wraps),
  'speaker-double-speed': plain('plays 8 kHz sound at 16 kHz', stream.doubleSpeed),
  'speaker-half-speed': plain('plays at half the speed', stream.halfSpeed),
  'speaker-clips': counted('overdrives the loudspeaker', 'dB (20)', stream.clips),
  'speaker-swallows': counted('loses the beginning of each talk; also speaker-swallows-n', 'ms (450)', stream.swallows),
  'speaker-sleeps': counted(
    'loses the beginning of a talk after 8 s without one; also speaker-sleeps-n',
    'ms (900)',
    stream.sleeps,
  ),
  'speaker-cuts-tail': counted('loses the end of each talk; also speaker-cuts-tail-n', 'ms (300)', stream.cutsTail),
  'speaker-gaps-below': counted(
    'stutters with packets below n bytes; also speaker-gaps-below-n',
    'bytes (1024)',
    stream.gapsBelow,
  ),
  'speaker-gaps-above': counted(
    'stutters with packets above n bytes; also speaker-gaps-above-n',
    'bytes (1024)',
    stream.gapsAbove,
  ),
  'speaker-delays': counted('plays late; also speaker-delays-n', 'ms (400)', stream.delays),
  'microphone-mutes': plain('mutes the microphone during a talk in half_duplex', stream.mutes),
  'microphone-cancels': plain('cancels the loudspeaker from the microphone in aec', stream.cancels),
  'microphone-deaf': plain('does not hear the loudspeaker at all', stream.deaf),
  'microphone-goes-deaf': counted(
    'hears only the beginning of each talk; also microphone-goes-deaf-n',
    'ms (3500)',
    stream.goesDeaf,
  ),
  'room-noise': counted('noise around the camera; also room-noise-n', 'dB below full scale (30)', stream.roomNoise),
  'room-echo': plain('a late reflection and a tail after every sound', stream.roomEcho),
};

/** What a text says; `name` is that of its row. */
interface ReadBehavior {
  readonly name: string;
  readonly parameter: string | undefined;
  readonly connections: string | undefined;
}

/** @internal The text taken apart, whether there is such a behavior or not. */
export function readBehavior(text: string): ReadBehavior {
  const [, word = '', given, connections] = /^([^:@]*)(?::([^@]*))?(?:@(\d{1,9}))?$/.exec(text.trim()) ?? [];
  const [, stem = word, measure] = /^(busy|(?:speaker|microphone|room)-[a-z-]+)-(\d{1,9})$/.exec(word) ?? [];
  const name = stem === 'busy' && measure !== undefined ? 'busy-times' : stem;
  // A number on both sides is none.
  const parameter = measure === undefined || given === undefined ? (measure ?? given) : `${measure}:${given}`;
  return { name, parameter, connections };
}

/**
 * `name`, `name:parameter`, each with `@n` behind it for "on the first n connections only": `busy`, `hang-up:25`, `reset:5@1`.
 * `busy-3` is `busy-times:3`, and what is measured is told the same way: `speaker-swallows-450`, `room-noise-30`. Throws TALK_ERR_ARGUMENT.
 */
export function parseBehavior(text: string, table: Readonly<Record<string, BehaviorEntry>> = BEHAVIORS): Behavior {
  const { name, parameter, connections } = readBehavior(text);
  const entry = Object.hasOwn(table, name) ? table[name] : undefined;
  if (entry === undefined) {
    // Some ninety names are too many for one sentence.
    const expected = 'expected one of those that tplink-talk simulate --behaviors lists, such as busy or hang-up:25';
    throw new TalkError('TALK_ERR_ARGUMENT', `Behavior ${shown(text)}: ${expected}`);
  }
  const behavior = entry.create(parameter);
  if (connections === undefined) return behavior;
  const { dialect, withoutLogin, microphone, loudspeaker, room } = behavior;
  if ([dialect, withoutLogin, microphone, loudspeaker, room].some((trait) => trait !== undefined)) {
    throw new TalkError('TALK_ERR_ARGUMENT', `Behavior ${name} holds for the whole camera: leave out @${connections}`);
  }
  return onFirstConnections(Number(connections), behavior);
}
