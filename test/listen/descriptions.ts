// Session descriptions as cameras write them (PROTOCOL.md L3, L4), typed by hand.

const lines = (...text: readonly string[]): string => `${text.join('\r\n')}\r\n`;

/** H264, PCMA, and the line that breaks strict parsers. */
export const SDP_PCMA = lines(
  'v=0',
  'o=- 14665860 31787219 1 IN IP4 192.168.1.60',
  's=Session streamed by "TP-LINK RTSP Server"',
  't=0 0',
  'a=smart_encoder:virtualIFrame=1',
  'm=video 0 RTP/AVP 96',
  'c=IN IP4 0.0.0.0',
  'b=AS:4096',
  'a=range:npt=0-',
  'a=control:track1',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1; profile-level-id=640033; sprop-parameter-sets=Z2QAM6wVFKCgL5A=,aO48sA==',
  'm=audio 0 RTP/AVP 8',
  'a=rtpmap:8 PCMA/8000',
  'a=control:track2',
  'm=application/TP-LINK 0 RTP/AVP smart/1/90000',
  'a=rtpmap:95 TP-LINK/90000',
  'a=control:track3',
);

/** The 2020 firmware; no rtpmap for the static payload type. */
export const SDP_2020 = lines(
  'v=0',
  'o=- 0 0 IN IP4 192.168.1.60',
  's=Session streamed by "TP-LINK RTSP Server"',
  't=0 0',
  'a=control:*',
  'm=application/tp-link 0 RTP/AVP smart/0/25000',
  'a=control:track3',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H265/90000',
  'a=control:track1',
  'm=audio 0 RTP/AVP 8',
  'a=control:track2',
);

/** TL-IPC48AW-PLUS: AAC-LC, 16 kHz, mono. */
export const SDP_AAC = lines(
  'v=0',
  'o=- 14665860 31787219 1 IN IP4 192.168.1.60',
  's=Session streamed by "TP-LINK RTSP Server"',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H265/90000',
  'a=control:track1',
  'm=audio 0 RTP/AVP 97',
  'a=rtpmap:97 MPEG4-GENERIC/16000/1',
  'a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408',
  'a=control:track2',
  'm=application/TP-LINK 0 RTP/AVP smart/1/90000',
  'a=rtpmap:95 TP-LINK/90000',
  'a=control:track3',
);

/** A camera whose microphone is switched off. */
export const SDP_SILENT = lines(
  'v=0',
  's=Session streamed by "TP-LINK RTSP Server"',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=control:track1',
  'm=application/TP-LINK 0 RTP/AVP smart/1/90000',
  'a=control:track3',
);
