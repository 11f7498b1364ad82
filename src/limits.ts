// What a peer or a user may cost: every bound, with its unit and where it comes from. Numbers that only tune an algorithm stand beside it.

// --- time, milliseconds -------------------------------------------------------------------------------------------

/** TCP connect. go2rtc dials with 5 s, hass waits 10 s (PROTOCOL.md T12). */
export const CONNECT_TIMEOUT_MS = 5_000;
/** One RTSP request and its response. Scrypted and rtsp-backchannel use 8 s (PROTOCOL.md T12). */
export const EXCHANGE_TIMEOUT_MS = 8_000;
/** A body whose length nobody told is over when nothing more came for so long, unless its bytes tell before; cameras write an answer in one or two packets (PROTOCOL.md R8). */
export const BODY_QUIET_MS = 250;
/** A camera that reads nothing for so long is given up (PROTOCOL.md P13: 2 s). */
export const STALL_TIMEOUT_MS = 2_000;
/** After our FIN the camera has so long to send its own before the socket is destroyed. */
export const CLOSE_GRACE_MS = 500;
/** The camera has so long to answer the end of an HTTP talk before it is closed; those that answer do it at once (PROTOCOL.md H9). */
export const STOP_ANSWER_MS = 500;
/** After a 401 that says `Connection: close` so long is waited for the camera's FIN; many say it and go on (PROTOCOL.md H3). */
export const HTTP_FIN_PATIENCE_MS = 50;
/** A session opened ahead of time is held so long; longer would keep the vendor's app from its talk button. */
export const CONNECT_HOLD_MS = 30_000;
/**
 * Cameras that start together wait so long for each other once the first one is ready. Log-ins on a LAN differ by 100 to 300 ms, and one camera
 * that is switched off must not hold back an alarm on the others.
 */
export const UNISON_WINDOW_MS = 500;
/** A clip waits so long for the loudspeaker's volume beyond the lead-in; a web login takes a few hundred ms on a camera. */
export const VOLUME_PATIENCE_MS = 2_000;
/** When a camera is taken out of use, so long is waited for its volume to be given back; Node-RED grants 15 s. */
export const VOLUME_RESTORE_MS = 5_000;
/** A log-in waits so long for another one with the same password that nobody has seen accepted yet; above EXCHANGE_TIMEOUT_MS, after which one by RTSP has ended. */
export const LOGIN_TURN_MS = 10_000;
/** A log-in that is under way when we stop or close waits so long for its answer, ms; answers take under 100 ms in a house. Below THREAD_END_MS. */
export const CUT_LOGIN_MS = 2_000;
/** How long a password is held back that a camera refused, or did not answer, before anybody has seen it accepted. Lock-outs start after 3 to 20 refusals (PROTOCOL.md D10, W9). */
export const PASSWORD_GUARD_MS = 3_600_000;
/** When a password is tried again that was accepted before and is refused now: after the first refusal, the second, and so on; then at the last pace. Lock-outs last up to hours (PROTOCOL.md D10). */
export const LOCK_OUT_PAUSES_MS: readonly number[] = [60_000, 300_000, 900_000, 1_800_000];
/** How long an account is left alone that a camera calls locked without saying for how long; ours. */
export const UNTOLD_LOCK_MS = 60_000;
/** A frame later than this moves the timeline instead of being followed by a burst; cameras take bursts of 256 ms (PROTOCOL.md P11). */
export const SLIP_BUDGET_MS = 250;
/** A talkspurt fed by messages ends when no chunk came for so long (contract). */
export const LIVE_GAP_MS = 1_000;
/** A clip that is said again and again begins no round after this, counted from the first one (contract). */
export const MAX_REPEAT_MS = 3_600_000;
/** A live source without a byte for so long has ended, unless the user says otherwise (contract). */
export const STREAM_TIMEOUT_MS = 10_000;
/** Live sound at the pace of time that is older than this is left out, ms: longer than a short chime before it, too short to talk past each other for good. */
export const MAX_LIVE_DELAY_MS = 5_000;
/** What a source may take beyond the longest clip, all in all: one that drips would hold its camera for ever. */
export const SOURCE_EXTRA_MS = 60_000;
/** A server that sends a clip may pause for so long; one that makes speech on a small machine thinks for some seconds. */
export const FETCH_IDLE_MS = 15_000;
/** One web API request and its whole answer, counted from the connected socket; another client waits 8 s (PROTOCOL.md W25). */
export const WEB_EXCHANGE_TIMEOUT_MS = 8_000;
/** The longest lock we believe a camera; web pages speak of half an hour (PROTOCOL.md W9). */
export const MAX_CAMERA_LOCK_MS = 3_600_000;
/** ffmpeg may run this long for one clip; a 600 s clip takes about 3 s on two shared cores. */
export const FFMPEG_TIMEOUT_MS = 60_000;
/** ffmpeg may read its input and give nothing for so long; it begins within 0.2 s, on a Raspberry Pi within 2 s. */
export const FFMPEG_IDLE_MS = 10_000;
/** A killed ffmpeg is waited for so long before its files are removed; killing takes about 5 ms. */
export const FFMPEG_EXIT_MS = 1_000;

// --- sizes, bytes -------------------------------------------------------------------------------------------------

/** One RTSP start line or header line. */
export const MAX_LINE_BYTES = 4_096;
/** Start line and all headers of one RTSP message. Real ones have under 400 bytes. */
export const MAX_HEAD_BYTES = 16_384;
/** Header lines of one RTSP message, continuation lines included; real ones have under 10. */
export const MAX_HEADERS = 64;
/** An RTSP method; the longest known, GET_PARAMETER and SET_PARAMETER, have 13. */
export const MAX_METHOD_BYTES = 32;
/** An RTSP body; talk replies have under 100 bytes, an SDP under 2 KiB. */
export const MAX_BODY_BYTES = 65_536;
/** The body of a part of the HTTP talk; a talk's answers have under 100 bytes (PROTOCOL.md M7). Larger ones are passed over. */
export const MAX_PART_BYTES = 1_048_576;
/** A part that is passed over; more than any picture of a video has. */
export const MAX_PASSED_PART_BYTES = 16 * 1_048_576;
/** Bytes in a row that are in no body of a part: heads, junk, and parts that do not say how long they are. */
export const MAX_BETWEEN_PARTS_BYTES = MAX_PART_BYTES;
/** What separates parts (RFC 2046 section 5.1.1: 70 characters). */
export const MAX_BOUNDARY_CHARS = 70;
/** A web API answer; the longest real ones (whole configuration sections) stay far below. */
export const MAX_WEB_BODY_BYTES = 262_144;
/** A web API request made by a flow. Real ones have under 1 KiB. */
export const MAX_WEB_REQUEST_BYTES = 65_536;
/** Bytes that are neither message nor interleaved frame, before the peer is called garbage. */
export const MAX_GARBAGE_BYTES = 65_536;
/** An encoded clip as file, URL or Buffer: 600 s of 48 kHz 16-bit stereo is 115 MB. */
export const MAX_SOURCE_BYTES = 128 * 1024 * 1024;
/**
 * Sound that waits may hold 192 MB: encoded, as messages brought it, and less than that of our own, which is what follows.
 * Of that, copies of small sounds that went with their message into the engine's thread; above, and larger ones, stay with the flow until needed.
 */
export const MAX_BROUGHT_BYTES = 192 * 1024 * 1024;
export const MAX_TRAVELLING_BYTES = 16 * 1024 * 1024;
export const MAX_TRAVELLER_BYTES = 4 * 1024 * 1024;
/** Of that, the one clip being prepared that needs most: MAX_SOURCE_BYTES and the samples of 600 s while they are brought to one level. */
export const MAX_LARGE_BYTES = 148 * 1024 * 1024;
/** Of that, all others being prepared: about twenty-five of 300 kB at a time. */
export const MAX_SHARED_BYTES = 8 * 1024 * 1024;
/** Of that, prepared sound that waits: 26 minutes of A-law. With more, clips are prepared in their turn. */
export const MAX_AHEAD_BYTES = 12 * 1024 * 1024;
/** One frame of a microphone: 2 s of A-law; the largest seen have 10 kB. */
export const MAX_RTP_FRAME_BYTES = 16_384;
/** Bytes waiting in a camera's socket beyond the kernel's buffer: about 8 s of A-law. */
export const MAX_BUFFERED_BYTES = 65_536;
/** Prepared audio kept for the next time: about 35 minutes of A-law. */
export const CACHE_BYTES = 16 * 1024 * 1024;
/** Of a bridge that comes faster than it can be heard, at most: as much as the cache, whatever the longest clip is. */
export const MAX_BRIDGE_BYTES = 16 * 1024 * 1024;
/** So much live audio that nobody knows is looked through for an MP3 before msg.format is asked for: 8 s of 16 kHz 16-bit mono. */
export const MAX_LIVE_LEAD_BYTES = 256 * 1024;
/** What is kept of ffmpeg's stderr. */
export const MAX_STDERR_BYTES = 4_096;

// --- counts -------------------------------------------------------------------------------------------------------

/** Pieces of one announcement; ours. */
export const MAX_SOURCES = 1_000;
/** Arrays within arrays in an announcement, also those that hold themselves; ours. */
export const MAX_SOURCE_DEPTH = 8;
/** Clips that are prepared before their turn, at a time: each may be an ffmpeg or a connection; ours. */
export const MAX_AHEAD_CLIPS = 4;
/** Redirects followed while a clip is fetched; browsers follow 20, a file server needs one or two. */
export const MAX_REDIRECTS = 5;
/** Web API requests of one camera that wait for their turn. */
export const MAX_WEB_QUEUE = 32;
/** Nesting of JSON to and from the web API; real documents have at most 6 levels. */
export const MAX_JSON_DEPTH = 32;
/** Values in a request of the user's own, those within others included; the longest known request has about fifty. */
export const MAX_JSON_VALUES = 10_000;

// --- logging in to the web interface ------------------------------------------------------------------------------

/** Nonces have 8 characters, those of the international models some more. */
export const MAX_NONCE_CHARS = 256;
/** A token is part of a path; nobody has seen one near this long. */
export const MAX_STOK_CHARS = 512;
/** Longest key text we look at: a 4096-bit key has 736 base64 characters, three times that when percent-encoded. */
export const MAX_KEY_CHARS = 2_208;
/** Size of an RSA modulus we accept; cameras have 1024 (key) and 2048 (key_2, PROTOCOL.md W8). Whoever records a log-in can factor smaller ones. */
export const MIN_MODULUS_BITS = 1_024;
export const MAX_MODULUS_BITS = 4_096;
export const MAX_EXPONENT_BYTES = 4;
/** How much of an unexplained answer an error text shows. */
export const MAX_SHOWN_CHARS = 200;

// --- error texts, characters --------------------------------------------------------------------------------------

/** A whole error text; ours have under 350, what they quote included. */
export const MAX_ERROR_CHARS = 400;
/** Of what a user sent, in an error text: a payload may have megabytes. */
export const MAX_EXCERPT_CHARS = 100;

// --- testing a camera ---------------------------------------------------------------------------------------------

/** One press of a test button, all in all, ms: every step may use up its own time once, a healthy camera takes about one second. */
export const CAMERA_TEST_TIMEOUT_MS = 45_000;
/** What is said from the open dialog of a talk node, its preparation included, ms: nobody listens longer to a trial. */
export const SAY_NOW_TIMEOUT_MS = 300_000;
/** One sound check, all in all, ms: two sessions to open, 4 s of sound, and a clip before it that is soon over. */
export const CHECK_TIMEOUT_MS = 30_000;
/** Finding the best settings, all in all, ms: a dozen sessions of 8 s each at most, and clips of others that are soon over. */
export const TUNE_TIMEOUT_MS = 240_000;
/** Then a recording of the run, made by somebody else, is waited for so long, ms: it has to come from a phone to this machine. */
export const EAR_FILE_TIMEOUT_MS = 300_000;
/** The camera dialog's fields as JSON, bytes; filled in they have under 1 KiB. */
export const MAX_CAMERA_TEST_BYTES = 16_384;
/** What is shown of a camera's model or firmware, characters; real ones have under 40. */
export const MAX_DEVICE_TEXT_CHARS = 64;
/** What is told of a failed step, characters; our longest sentences have about 250. */
export const MAX_PARTICULARS_CHARS = 400;

// --- finding cameras ----------------------------------------------------------------------------------------------

/** How long answers are waited for, s; 0 asks nobody but those who were named. */
export const FIND_SECONDS = { usual: 5, least: 0, most: 60 } as const;
/** One look at one address, ms: all of its ports at once. A camera in the house answers within 0.2 s. */
export const LOOK_TIMEOUT_MS = 3_000;
/** Looks at a time; three connections each. */
export const MAX_LOOKS = 32;
/** Addresses that are listed, and that may be named; ours. */
export const MAX_FOUND_CAMERAS = 256;
/** An answer, bytes: real ones have under 4 KiB. Larger ones are not read. */
export const MAX_DISCOVERY_BYTES = 16_384;
/** Answers that are read: 256 cameras answer each of the probes on two interfaces. */
export const MAX_DISCOVERY_ANSWERS = 10_000;
/** Sockets that ask, one for each address of the machine; one that runs many containers has hundreds. */
export const MAX_FIND_INTERFACES = 64;

// --- listening ----------------------------------------------------------------------------------------------------

/** A camera that sends no sound for so long is given up, ms; its packets come every 20 to 128 ms. */
export const LISTEN_STALL_MS = 5_000;
/** The pauses between keep-alives, ms: half the session's time, within these bounds. */
export const MIN_KEEP_ALIVE_MS = 1_000;
export const MAX_KEEP_ALIVE_MS = 30_000;
/** A camera whose packets come and cannot be made sound of for so long is given up, ms. */
export const LISTEN_DECODE_MS = 10_000;
/** Sound that may come before its time, ms: cameras may begin with what they kept, and a network that was held up gives all at once. More is dropped. */
export const MAX_SOUND_AHEAD_MS = 10_000;
/** Lost sound is filled with silence up to this length, ms; what is longer is a break. */
export const MAX_FILL_MS = 2_000;
/** Sound of one recording, s, held in memory: 9.6 MB at 8 kHz. */
export const MAX_RECORD_SECONDS = 600;
/** Encoded sound that waits for ffmpeg, bytes: 8 s at 64 kbit/s. */
export const MAX_DECODER_BACKLOG_BYTES = 65_536;

// --- the engine's thread ------------------------------------------------------------------------------------------

/** A thread that was told to end has so long, ms: above VOLUME_RESTORE_MS, which is what giving back a volume may take. */
export const THREAD_END_MS = 7_000;
/** Pause before a lost thread is replaced for those who listen or want it warm, ms: one that dies at once must not be started in a loop. */
export const THREAD_RESTART_MS = 1_000;
/** A thread that answers nothing for so long is ended, ms: its longest piece of work takes some milliseconds. */
export const THREAD_SILENT_MS = 5_000;

// --- sound --------------------------------------------------------------------------------------------------------

/** Samples per second: from slow dictation up to eight times studio rate. */
export const MIN_SAMPLE_RATE = 1_000;
export const MAX_SAMPLE_RATE = 384_000;
/** Channels of a source; 22.2 surround has 24. */
export const MAX_CHANNELS = 32;

// --- sounds of the user's own -------------------------------------------------------------------------------------

/** One file: two minutes of 44.1 kHz 16-bit mono, or ten of MP3; ours. */
export const MAX_SOUND_BYTES = 10 * 1024 * 1024;
/** All of them; ours. */
export const MAX_SOUND_FOLDER_BYTES = 100 * 1024 * 1024;
export const MAX_SOUNDS = 200;
/** Linux and Windows have 255. */
export const MAX_SOUND_NAME_BYTES = 200;
/** Uploads at a time, each held in memory. */
export const MAX_SOUND_UPLOADS = 4;

// --- voices -------------------------------------------------------------------------------------------------------

/** A text to say: about ten minutes of speech. */
export const MAX_SAY_CHARS = 10_000;
/** An engine has so long to its first byte of sound, ms: a neural one loads its model first. */
export const VOICE_FIRST_MS = 30_000;
/** Without a further byte, ms. */
export const VOICE_IDLE_MS = 10_000;
/** For one piece of text in all, ms. */
export const VOICE_TOTAL_MS = 300_000;
/** A JSON reply of an engine: MAX_SOURCE_BYTES as base64. */
export const MAX_VOICE_JSON_BYTES = 180 * 1024 * 1024;
/** One event of a Wyoming server: header, data and PCM each; real ones have under 10 KiB. */
export const MAX_WYOMING_BYTES = 1024 * 1024;
/** The package that speaks inside Node.js is kept so long after its last word, ms: it takes 70 MB and 0.1 s to load. */
export const VOICE_PACKAGE_IDLE_MS = 60_000;

// --- captures of an exchange --------------------------------------------------------------------------------------

/** What is kept of one exchange, bytes: a sound check has some 100 kB, an answer without end MAX_WEB_BODY_BYTES. */
export const MAX_CAPTURE_BYTES = 1024 * 1024;
/** Things that were said in it, packets of sound included: a minute of a microphone has 3 000. */
export const MAX_CAPTURE_EVENTS = 10_000;
/** A clip that is tried for two minutes has about forty. */
export const MAX_CAPTURE_CONNECTIONS = 200;
/** Nonces, and realms, with which each password is looked for: a search for the best settings has some hundred. */
export const MAX_CAPTURE_NONCES = 2_000;
/** Values that are made up for others: an exchange has some hundred, most of them nonces and answers. */
export const MAX_CAPTURE_VALUES = 10_000;
