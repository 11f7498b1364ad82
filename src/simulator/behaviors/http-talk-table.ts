// The table of behaviors of cameras that talk over HTTP, by name. What they do is in http-talk, and in login, reply and talk, which MULTITRANS shares.
import type { BehaviorEntry } from './entries.js';
import { chosen, counted, plain } from './entries.js';
import * as http from './http-talk.js';
import * as login from './login.js';
import * as reply from './reply.js';
import * as talk from './talk.js';
import type { HttpTalkTraits } from '../httptalk/family.js';

const trait = (name: string, description: string, traits: Partial<HttpTalkTraits>): Record<string, BehaviorEntry> => ({
  [name]: plain(description, () => http.withTalk(name, traits)),
});

const LOGIN: Readonly<Record<string, BehaviorEntry>> = {
  ...trait('password-md5', 'wants the MD5 hash, and announces it', { form: 'md5', encryptType: '1' }),
  ...trait('password-sha256', 'wants the SHA-256 hash, and announces it (tapo’s default)', {
    form: 'sha256',
    encryptType: '3',
  }),
  ...trait('password-encode', 'wants the scrambled password (vigi-stream’s default)', {
    form: 'encode',
    encryptType: undefined,
  }),
  ...trait('no-encrypt-type', 'wants the MD5 hash, and announces nothing', { form: 'md5', encryptType: undefined }),
  ...trait('md5-announced-as-3', 'announces SHA-256, and takes the MD5 hash alone', { form: 'md5', encryptType: '3' }),
  ...trait('sha256-unannounced', 'announces nothing, and takes the SHA-256 hash alone', {
    form: 'sha256',
    encryptType: undefined,
  }),
  ...trait('sha256-digest', 'asks for Digest SHA-256, as a hub does', {
    algorithm: 'SHA-256',
    spacedChallenge: true,
    refusalBody: true,
    http: '1.1',
  }),
  ...trait('no-algorithm', 'names no algorithm in its challenge', { algorithm: undefined }),
  ...trait('no-opaque', 'gives no opaque', { opaque: false }),
  ...trait('no-qop', 'asks for Digest without qop', { qop: false }),
  ...trait('challenge-basic-first', 'asks for Basic, then Digest; Basic must not be answered', { basic: 'first' }),
  ...trait('challenge-basic-only', 'asks for Basic alone, which must not be answered', { basic: 'only' }),
  ...trait('no-challenge', 'answers 200 at once and wants no password', { withoutLogin: true }),
  ...trait('nonce-per-connection', 'takes a nonce on the connection it was given on alone', { nonces: 'connection' }),
  ...trait('nonce-once', 'takes each nonce once', { nonces: 'once' }),
  'stale-nonce-once': plain('calls the first credentials stale and gives a new nonce', login.staleNonceOnce),
  ...trait('body-with-401', 'has a body in its 401', { refusalBody: true }),
  ...trait('connection-close', 'writes Connection: close, and goes on', { closes: 'says' }),
  ...trait('close-after-challenge', 'closes the connection (FIN) after its challenge', { closes: 'does' }),
  ...trait('http11', 'writes HTTP/1.1', { http: '1.1' }),
  ...trait('stray-bytes', 'writes 16 bytes between its 200 and the first part', { strayBytes: true }),
  'wrong-password-always': plain('refuses every password', login.wrongPasswordAlways),
  locked: counted('refuses every password after n wrong ones', 'wrong passwords before it locks (0)', login.locked),
  overloaded: counted('refuses the right password n times', 'times (1)', http.overloaded),
  'other-server': counted(
    'is an HTTP server of another kind',
    '400 to 503 (404)',
    http.otherServer,
    /^(4\d\d|50[0-3])$/,
  ),
  silent: plain('answers nothing and stays connected', login.silent),
  'close-after-20s': counted('answers nothing and closes after 20 s', 'seconds (20)', login.closeAfter20s),
  'silent-login': plain('does not answer the credentials', login.silentLogin),
  'silent-after-auth': plain('takes the password, does not answer the talk request', login.silentAfterAuth),
  'close-after-accept': plain('closes each connection at once', login.closeAfterAccept),
  'reset-after-accept': plain('resets each connection at once', login.resetAfterAccept),
  'one-connection': plain('closes each connection but one', login.oneConnection),
  'hang-up-at-login': plain('closes the connection (FIN) instead of answering credentials', () =>
    http.breaksAtLogin('hang-up-at-login', 'hangs-up'),
  ),
  'reset-at-login': plain('resets the connection (RST) instead of answering credentials', () =>
    http.breaksAtLogin('reset-at-login', 'resets'),
  ),
};

const TALK: Readonly<Record<string, BehaviorEntry>> = {
  'bad-request': chosen('answers the talk request, or the credentials, by HTTP 400', ['talk', 'login'], (at) =>
    http.answersHttp('bad-request', 400, undefined, at),
  ),
  unavailable: chosen(
    'answers the talk request, or the credentials, by HTTP 503 with JSON in it (-52405)',
    ['talk', 'login'],
    (at) => http.answersHttp('unavailable', 503, -52405, at),
  ),
  busy: plain('the talk channel is in use (-52411)', talk.busy),
  'busy-times': counted(
    'the talk channel is in use for the first n attempts; also busy-n',
    'attempts (2)',
    talk.busyTimes,
  ),
  'busy-until-closed': plain('the talk channel is in use until refused connections are closed', talk.busyUntilClosed),
  'too-many': plain('too many requests (-52405)', talk.tooMany),
  'too-many-clients': plain('too many clients (-52407)', talk.tooManyClients),
  'video-call': plain('busy with a video call (-52499)', http.videoCall),
  'audio-invalid': plain('calls the audio invalid (-52423)', talk.audioInvalid),
  'talk-error': counted('refuses the talk with this number', 'error number (-52410)', talk.talkError, /^-?\d{1,9}$/),
  'refuses-mode': chosen('refuses one mode (-502)', ['half_duplex', 'vad', 'aec'], talk.refusesMode),
  'slot-held': counted('keeps the talk channel taken after a talk without a stop', 'seconds (1200)', http.slotHeld),
  'idle-timeout': counted('closes (FIN) a talk without sound', 'seconds (30)', http.idleTimeout, /^[1-9]\d{0,4}$/),
  sleeps: counted(
    'closes (FIN) a talk after so long, as a battery camera does',
    'seconds (30)',
    http.sleeps,
    /^[1-9]\d{0,4}$/,
  ),
  ...trait('encrypted', 'throws away sound that is not encrypted, without a word', { encryptedOnly: true }),
  ...trait('vendor-groups', 'takes the groups of the maker’s app, 120 ms in 1504 bytes, and nothing else', {
    vendorGroups: true,
  }),
  ...trait('hub', 'is a child behind a hub: query, encrypted groups, and the first talk only wakes it', {
    hub: true,
    encryptedOnly: true,
    vendorGroups: true,
  }),
  'hang-up-at-talk': plain('closes the connection (FIN) instead of answering the talk request', () =>
    http.breaksAtTalk('hang-up-at-talk', 'hangs-up'),
  ),
  'reset-at-talk': plain('resets the connection (RST) instead of answering the talk request', () =>
    http.breaksAtTalk('reset-at-talk', 'resets'),
  ),
  'silent-stop': plain('does not answer the stop', http.silentStop),
  'hang-up-at-stop': plain('closes the connection (FIN) instead of answering the stop', () =>
    http.breaksAtStop('hang-up-at-stop', 'hangs-up'),
  ),
  'reset-at-stop': plain('resets the connection (RST) instead of answering the stop', () =>
    http.breaksAtStop('reset-at-stop', 'resets'),
  ),
  'stop-reading': counted('reads no more after n packets', 'packets (10)', talk.stopReading),
  'hang-up': counted('closes the connection (FIN) after n packets, and goes on reading', 'packets (10)', talk.hangUp),
  'hang-up-reset': counted(
    'closes the connection (FIN) after n packets, and answers the next one with RST',
    'packets (10)',
    talk.hangUpReset,
  ),
  reset: counted('resets the connection (RST) after n packets', 'packets (10)', talk.reset),
};

const PARTS: Readonly<Record<string, BehaviorEntry>> = {
  'lower-case-headers': plain('writes header names in lower case', http.lowerCaseHeaders),
  'split-bytes': plain('writes each answer byte by byte', reply.splitBytes),
  slow: counted('answers late', 'ms (1500)', reply.slow),
  drips: counted('writes each answer a byte at a time, so far apart', 'ms (1000)', http.drips),
  'split-header-body': plain('writes head and body of an answer apart', reply.splitHeaderBody),
  'glued-parts': plain(
    'writes the talk reply between two notifications, and one behind its 200, in one piece',
    http.gluedParts,
  ),
  'line-ends': counted('writes no line end behind its parts, or n', 'line ends (0)', http.lineEnds, /^[0-9]$/),
  'json-blanks': plain('writes the talk reply with blanks and line ends', reply.jsonBlanks),
  'json-compact': plain('writes the talk reply without any blank', http.jsonCompact),
  'json-wrong': chosen(
    'writes a talk reply that is no JSON object',
    ['array', 'text', 'null', 'broken'],
    http.jsonWrong,
  ),
  'no-seq': plain('writes no seq into the talk reply', http.noSeq),
  'nul-after-json': plain('writes a zero byte behind the talk reply', reply.nulAfterJson),
  'error-code-flat': plain('writes error_code at the top of the talk reply', reply.errorCodeFlat),
  'error-code-string': plain('writes error_code as a string', reply.errorCodeString),
  'error-code-missing': plain('writes no error_code', reply.errorCodeMissing),
  'session-id-number': plain('writes session_id as a number', reply.sessionIdNumber),
  'session-id-crlf': plain('writes a session_id with a line end in it', http.sessionIdCrlf),
  'notification-first': plain('sends a notification before the talk reply', http.notificationFirst),
  'other-answer-first': plain('sends the answer to another seq before the talk reply', http.otherAnswerFirst),
  'delimiter-inside': plain('sends video that holds the delimiter before the talk reply', http.delimiterInside),
  'broken-head': plain('sends a part that breaks off in its head before the talk reply', http.brokenHead),
  'part-length': chosen(
    'sends a part whose length is none before the talk reply',
    ['missing', 'negative', 'text'],
    http.partLength,
  ),
  'huge-part': counted('answers the talk request with a huge part', 'bytes (67108864)', http.hugePart, /^\d{1,15}$/),
  'endless-part-head': plain('answers the talk request with a part whose head has no end', http.endlessPartHead),
  'endless-head': plain('answers the credentials with a head without end', http.endlessHead),
  'huge-header': counted('answers with a huge header line', 'bytes (65536)', reply.hugeHeader),
  'downlink-video': plain('sends video while the client talks', http.downlinkVideo),
  'downlink-encrypted': plain('sends encrypted parts while the client talks', http.downlinkEncrypted),
  'downlink-json': plain('sends a notification while the client talks', http.downlinkJson),
  'downlink-garbage': plain('sends garbage and broken heads while the client talks', http.downlinkGarbage),
  heartbeat: plain('sends heartbeats while the client talks', http.heartbeat),
  'tells-finish': chosen(
    'says after 10 packets that the stream is over',
    ['internal_error', 'interrupt', 'finish'],
    http.tellsFinish,
  ),
  'tells-closed': plain('says after 10 packets that the connection is closed', http.tellsClosed),
};

/** Every behavior of this kind by the name the command line and `behaviors: ['busy']` use. */
export const HTTP_TALK_BEHAVIORS: Readonly<Record<string, BehaviorEntry>> = { ...LOGIN, ...TALK, ...PARTS };
