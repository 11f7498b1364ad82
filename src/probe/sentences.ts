// Every sentence a report can say, in English, with `__name__` where a value goes. The editor has the same ones in its catalogues.
import { CHECK_SENTENCES, filled, type Values } from '../check/sentences.js';
import { TUNE_SENTENCES } from '../tune/sentences.js';

/** What the editor's catalogues call `tplink-camera.probe.<key>`. */
export const PROBE_SENTENCES = {
  'verdict.talks': 'This camera can talk.',
  'verdict.ourselves': 'This camera is in use by our own flows right now.',
  'verdict.unreachable': 'This camera cannot be reached.',
  'verdict.silent': 'This camera does not answer.',
  'verdict.password': 'This camera refuses the password.',
  'verdict.noPassword': 'This camera asks for a password, and none is stored.',
  'verdict.dialect': 'This camera can talk, but in another dialect.',
  'verdict.noTalk': 'This is no camera that can talk.',
  'verdict.busy': 'Somebody else is talking on this camera.',
  'verdict.saysBusy': 'This camera says that it is in use, and is spoken to all the same.',
  'verdict.refuses': 'This camera refuses to talk.',
  'verdict.brokeOff': 'This camera broke off the connection.',
  'verdict.stopped': 'The test was stopped before its end.',
  'verdict.unknown': 'This camera could not be tested.',

  'reach.ok': 'Something answers at __address__',
  'methods.ok': 'It lists the talk method MULTITRANS',
  'methods.missing': 'It does not list the talk method MULTITRANS; some firmware talks all the same',
  'multitrans.challenge': 'It answers the talk request and asks for the password',
  'multitrans.open': 'It answers the talk request',
  'httpTalk.tapo':
    "It speaks TP-Link's HTTP talk: choose the dialect Tapo. The user is admin, the password that of the TP-Link account the Tapo app logs in with, or its hash",
  'httpTalk.vigi-stream':
    "It speaks TP-Link's HTTP talk: choose the dialect VIGI over the HTTP talk. The user is admin, the password the one set on the camera",
  'httpTalk.asksTapo': 'It asks for the password of the TP-Link account, as user admin',
  'httpTalk.asksVigi': 'It asks for the password set on the camera, as user admin',
  'httpTalk.open': 'It answers, and asks for no password',
  'httpTalk.foreign':
    'Its answer is not that of a camera which talks this way (__reason__): check address, talk port and dialect',
  'httpTalk.unsupported':
    'It does not talk this way (__reason__): check talk port and dialect, and switch encryption off if it is on. Children of a hub and NVRs are not supported',
  'httpTalk.busy':
    'It is in use (__reason__): end the talk in the app and test again. A talk that broke off may hold it for minutes',
  'httpTalk.refused': 'It refuses to talk (__reason__): try another talk mode',
  'httpTalk.closed': 'It closed the connection: if it does so again, it hangs or is overloaded. Restart it',
  'login.ok': 'It accepted the user name and password',
  'login.md5': 'It accepted the password, hashed by MD5',
  'login.sha256': 'It accepted the password, hashed by SHA-256',
  'login.scrambled': "It accepted the password, encoded in TP-Link's way",
  'login.stored': 'It accepted the hash that stands for the password',
  'login.open': 'It lets anybody on the network talk without a password',
  'login.tapo':
    'Refused: talk wants the password of the TP-Link account, not that of the camera account. If it is right: is Third-Party Compatibility on in the Tapo app (Me > Tapo Lab), two-factor log-in off, and was the camera online since the password was changed? Then restart the camera',
  'login.hash':
    'It refuses this hash: some cameras want MD5 (32 digits), others SHA-256 (64), VIGI none. Enter the other one, or the password itself',
  'login.none':
    'It asks for a password, and none is stored: enter the one set on the camera, for Tapo that of the TP-Link account',
  'talk.ok': 'Granted: dialect __dialect__, mode __mode__, log-in __login__, __codec__, __packetBytes__ bytes a packet',
  'talk.busy':
    'It says busy (__reason__) and is spoken to all the same, as the settings ask: play the chime to hear whether it plays',
  'talk.ourselves':
    'Left alone: we are talking on this camera ourselves, or keep its session open for the next clip; test again afterwards',
  'web.rsa': 'Accepted: RSA (type __type__)',
  'web.md5': 'Accepted: MD5 (type __type__)',
  'web.plain': 'Accepted: encoded only (type __type__)',
  'web.none': 'Not used: the web login is set to none. Talking does not need it; volume and control do',
  'web.tapo': 'Not used: volume and control of a Tapo camera are in the Tapo app. Talking does not need them',
  'web.refused': 'Not tried: another attempt with a refused password could lock the account',
  'web.noPassword': 'Not tried: no password is stored',
  'device.ok': '__model__, firmware __firmware__',
  'device.recorder': '__model__, firmware __firmware__: a recorder (NVR). Enter the address of the camera itself',
  'device.unknown': 'It does not tell its model (__reason__)',
  'chime.ok': 'Played: __seconds__ s, first sound after __firstSoundMs__ ms',
  'chime.cut': 'Cut short by a flow',
  'tune.playing': 'Listening to sound __done__ of about __of__ …',
  'tune.found': 'Best: __value__',
  'tune.measuredIn': 'Best: __value__, measured in the mode __mode__',
  'tune.unknown': 'Could not be found out; it stays as it is',
  'tune.latency': '__latencyMs__ ms from packet to sound, all within __spreadMs__ ms',
  'tune.keep': '__levelDb__ dB of full scale, __snrDb__ dB above the noise: good as it is',
  'tune.lower': '__levelDb__ dB of full scale, distorted: turn the loudspeaker down',
  'tune.raise': 'Only __snrDb__ dB above the noise: turn the loudspeaker up',
  ...TUNE_SENTENCES,
  'stream.ok': 'It lets us listen to its microphone',
  'stream.refused':
    'It refuses the camera account, which is for listening: enter the user name and password from the Tapo app (Camera Settings > Advanced Settings > Camera Account) under Listening. They are not those of the TP-Link account',
  'stream.account':
    'A Tapo camera is listened to with its camera account: enter its user name and password under Listening',
  'stream.unsupported':
    'Its stream carries no sound we can hear (__reason__): is the microphone switched on in the camera?',
  'microphone.ok': 'Its sound arrives',
  'microphone.stalled': 'No sound came from it: it hangs, or the network does',
  'microphone.stopped': 'The microphone sent no more sound while this was playing: it hangs, or the network does',
  'chirp.ok': 'The chirp was played',
  ...CHECK_SENTENCES,

  'failed.TALK_ERR_CONNECT': 'Nothing answers (__reason__): check address, port, power and network',
  'failed.TALK_ERR_TIMEOUT': 'It did not answer in time',
  'failed.TALK_ERR_AUTH':
    'Wrong user name or password: it wants the one set on the camera, not that of the TP-Link account. If they are right, the camera may have locked this computer out: wait, or restart it',
  'failed.TALK_ERR_LOCKED':
    'Nothing was sent: held back for __seconds__ s more, so that the camera does not lock you out. Correct the password, or test the connection, which sends it once more',
  'failed.lockedOut':
    'It refuses the password that it accepted before: it was changed there, or the camera has locked this computer out after several wrong log-ins. Wait, or restart the camera',
  'failed.TALK_ERR_UNSUPPORTED':
    'It does not talk this way (__reason__): is this its RTSP port, and does the TP-Link app offer talk for it? A VIGI talks once OpenAPI is on (Settings > Network Settings > OpenAPI). For an NVR enter the address of the camera itself',
  'failed.TALK_ERR_BUSY': 'Somebody else is talking (__reason__): end the talk in the app and test again',
  'failed.sessions':
    'All its sessions are in use (__reason__): test again. For an NVR enter the address of the camera itself',
  'failed.TALK_ERR_REFUSED': 'It refuses to talk (__reason__): try another talk mode or codec',
  'failed.TALK_ERR_PROTOCOL': 'Its answer makes no sense (__reason__): is this its RTSP port?',
  'failed.TALK_ERR_CLOSED': 'It closed the connection',
  'failed.TALK_ERR_STALLED': 'It took no sound for 2 s: it hangs, or the network does',
  'failed.TALK_ERR_ABORTED': 'Stopped before the end',
  'failed.other': 'It could not be tested (__reason__)',

  'webFailed.TALK_ERR_CONNECT':
    'Nothing answers at the web port __httpPort__ (__reason__). Talking does not need it; volume and control do',
  'webFailed.TALK_ERR_TIMEOUT':
    'No answer in time at the web port __httpPort__. Talking does not need it; volume and control do',
  'webFailed.TALK_ERR_LOGIN':
    'Refused (__reason__): try another web login. Talking does not need it; volume and control do',
  'webFailed.TALK_ERR_LOCKED':
    'Held back for __seconds__ s more, so that the camera does not lock you out. Talking does not need it; volume and control do',
  'webFailed.other':
    'The web interface at port __httpPort__ is not understood (__reason__). Talking does not need it; volume and control do',
} as const;

export type ProbeKey = keyof typeof PROBE_SENTENCES;

/** What stands in for the placeholders: numbers, and text that is safe to show and to put into a translated sentence. */
export type ProbeValues = Values;

/** The English sentence. */
export function sentence(key: ProbeKey, values: ProbeValues = {}): string {
  return filled(PROBE_SENTENCES[key], values);
}
