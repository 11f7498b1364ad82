// Every number that bounds what the simulated camera takes, does and remembers, with its unit and where it comes from.

// --- connections and talks ----------------------------------------------------------------------------------------

/** Interleaved length is 16 bits: 12 bytes of RTP header and at most 2048 of payload; 3072 and more were silent (PROTOCOL.md P6). */
export const MAX_PACKET_BYTES = 2_048;
/** More sound than this waiting in the loudspeaker is a flood, ms; cameras take bursts of 256 ms (PROTOCOL.md P11). */
export const MAX_AHEAD_MS = 250;
/** The loudspeaker may be without sound for so long inside a talk, ms. Ours: as much as may come too early may come too late. */
export const MAX_GAP_MS = 250;
/** A connection without an answer to give is closed, ms (VIGI C440: about 20 s, PROTOCOL.md T13). */
export const UNANSWERED_CLOSE_MS = 20_000;
/** How long the simulator plays dead after a request that crashed a real camera, ms. Ours; the real one wanted a reboot. */
export const CRASH_MS = 10_000;
/** A pause in the loudspeaker shorter than one 20 ms packet is not listed as a gap, ms. */
export const AUDIBLE_GAP_MS = 20;
/** Payloads kept of one talk session, bytes: about 35 minutes of A-law. */
export const MAX_RECORDED_BYTES = 16 * 1024 * 1024;
/** Talk sessions the simulator remembers; older ones are forgotten. */
export const MAX_RECORDINGS = 100;
/** A question for cameras, bytes; real ones have under 2 KiB. */
export const MAX_PROBE_BYTES = 8_192;
/** Requests and complaints the simulator remembers, each; older ones are forgotten. */
export const MAX_SIMULATOR_RECORDS = 1_000;

// --- talk over HTTP -----------------------------------------------------------------------------------------------

/** The head of a request or of a part, bytes. Real ones have under 1 KiB. */
export const MAX_TALK_HEAD_BYTES = 16_384;
/** The body of a part, bytes: what no client comes near. */
export const MAX_TALK_PART_BYTES = 65_536;
/** Sound in one part, bytes of MPEG-TS: no client that was heard sends more (PROTOCOL.md H14). */
export const MAX_TALK_SOUND_BYTES = 1_504;
/** Nonces the camera remembers. */
export const MAX_TALK_NONCES = 64;
/** Refused answers within so long count as attempts for one talk, ms. Ours. */
export const TALK_ATTEMPTS_MS = 60_000;

// --- streams ------------------------------------------------------------------------------------------------------

/** A stream session is over when nothing names it for so long, s; what `;timeout=` says (RFC 2326 section 12.37). */
export const STREAM_TIMEOUT_SECONDS = 60;
/** One G.711 packet of the microphone, ms. */
export const MICROPHONE_FRAME_MS = 20;
/** The loudspeaker waits so long with the first packet, and again after it ran dry, ms. Ours; less than the 300 ms of lead-in. */
export const LOUDSPEAKER_BUFFER_MS = 100;
/** What does not fit into the loudspeaker's buffer is lost, ms. Ours; far beyond the 250 ms that count as a flood. */
export const MAX_LOUDSPEAKER_MS = 2_000;
/** A phone records the room no longer, ms. Ours: several times what a camera needs to be tuned. */
export const MAX_PHONE_MS = 300_000;
/** Microphone packets that are due are sent in one go up to this, ms; what is older is skipped. Ours. */
export const MICROPHONE_CATCH_UP_MS = 1_000;
/** A viewer that leaves so much unread gets no further packets until it reads, bytes: 7 s of G.711 packets. */
export const MAX_STREAM_BACKLOG_BYTES = 65_536;
/** Between two sender reports (RFC 3550 section 6.2), ms. */
export const SENDER_REPORT_MS = 5_000;
/** Stream sessions the simulator remembers; older ones are forgotten. */
export const MAX_STREAM_RECORDS = 100;

// --- replayed captures --------------------------------------------------------------------------------------------

/** All files of a capture, bytes: ours are at most 1 MB and what tells about it. */
export const MAX_REPLAY_BYTES = 8 * 1024 * 1024;
/** Things that are said in it, a packet of sound each. */
export const MAX_REPLAY_STEPS = 50_000;
/** What a client has said of a message that is not whole yet, bytes. */
export const MAX_REPLAY_WAITING_BYTES = 262_144;

// --- web interface and page ---------------------------------------------------------------------------------------

/** Refused passwords until the camera locks, and for how long (PROTOCOL.md W9: 20, half an hour). */
export const WEB_LOCK_AFTER = 20;
export const WEB_LOCK_SECONDS = 1_800;
/** Open nonces, and used ones, that the camera remembers. */
export const WEB_MAX_NONCES = 64;
/** A manual alarm ends by itself after so long, ms (VIGI: about 10 s, PROTOCOL.md W20). */
export const WEB_SIREN_MS = 10_000;
/** The camera that calls itself busy wants so much time between two requests, ms (-40109, PROTOCOL.md W24). */
export const WEB_BUSY_MS = 1_000;
/** An answer that never ends stops after so much, bytes, for the sake of the machine that runs the test. */
export const WEB_ENDLESS_BYTES = 64 * 1024 * 1024;
/** The body of a web API request. Real ones have under 1 KiB. */
export const WEB_MAX_REQUEST_BYTES = 65_536;
/** A request to the simulator's web server must be complete within this time, ms. */
export const WEB_REQUEST_TIMEOUT_MS = 10_000;
export const WEB_MAX_CONNECTIONS = 128;
/** Browser tabs that may follow the simulator's page at the same time. */
export const MAX_EVENT_LISTENERS = 16;
/** Changes are sent to the page at most this often, ms: four times a second looks live. */
export const EVENT_INTERVAL_MS = 250;
/** A silent event stream shows every so often that it lives, ms. */
export const EVENT_HEARTBEAT_MS = 15_000;
/** A tab that leaves so much unread is let go, bytes. */
export const MAX_EVENT_BACKLOG_BYTES = 1024 * 1024;
