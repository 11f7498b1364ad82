// A camera that lets its microphone be heard over RTSP/TCP, made of a scripted one: checks every digest, counts what it is asked, sends what it is told.
import { createHash } from 'node:crypto';
import { NONCE, reply, SESSION_ID, type Peer, type Script } from '../helpers/scripted-camera.js';
import { SDP_PCMA } from './descriptions.js';
import { frameBytes, type PacketParts } from './packets.js';

/** md5 of `admin:TP-LINK IP-Camera:Abc12345` (HA1 of PROTOCOL.md V1). */
const HA1 = '5fdec88826ef2699b57f30418118b1b0';

/** One request as the camera read it. */
export interface Request {
  readonly method: string;
  readonly uri: string;
  readonly cseq: string;
  /** Everything, as text. */
  readonly text: string;
}

/** Status line and headers of an answer, and its body; nothing for silence. */
export type Answer = readonly [statusLine: string, headers?: readonly string[], body?: string] | undefined;

export interface SoundScript {
  readonly sdp?: string;
  /** Answers instead of the usual ones, by method. */
  readonly answers?: Readonly<Record<string, (request: Request, peer: Peer) => Answer>>;
  /** Whether it leaves the connection open after TEARDOWN. */
  readonly staysOpen?: boolean;
  /** Runs when PLAY has been answered. */
  readonly onPlay?: (peer: Peer) => Promise<void> | void;
}

/** What a camera was asked on all its connections. */
export class SoundLog {
  readonly requests: Request[] = [];
  /** Digests that were not right. */
  refused = 0;

  get methods(): string[] {
    return this.requests.map(({ method }) => method);
  }
}

const UNAUTHORIZED = [
  'WWW-Authenticate: Basic realm="TP-LINK IP-Camera"',
  `WWW-Authenticate: Digest realm="TP-LINK IP-Camera", nonce="${NONCE}"`,
];

/** The script of one connection. */
export function soundScript(script: SoundScript, log: SoundLog): Script {
  return async (peer) => {
    for (let text = await peer.request(); text !== undefined; text = await peer.request()) {
      const [, method = '', uri = ''] = /^(\S+) (\S+) RTSP\/1\.0\r\n/.exec(text) ?? [];
      const request = { method, uri, cseq: /^CSeq: (\d+)\r$/m.exec(text)?.[1] ?? '', text };
      log.requests.push(request);
      const answer = (script.answers?.[method] ?? usualAnswer(script, log))(request, peer);
      if (answer !== undefined) {
        const [statusLine, headers = [], body] = answer;
        peer.write(reply(statusLine, [`CSeq: ${request.cseq}`, ...headers], body));
      }
      if (method === 'PLAY' && answer?.[0].startsWith('200') === true) void script.onPlay?.(peer);
      if (method === 'TEARDOWN' && script.staysOpen !== true) peer.end();
    }
  };
}

/** What a good camera answers. */
export function usualAnswer({ sdp = SDP_PCMA }: SoundScript, log: SoundLog): (request: Request) => Answer {
  return ({ method, uri, text }) => {
    const authorization = /^Authorization: Digest (.*)\r$/m.exec(text)?.[1];
    if (authorization === undefined) return ['401 Unauthorized', UNAUTHORIZED];
    if (!isRight(authorization, method, uri)) {
      log.refused += 1;
      return ['401 Unauthorized', UNAUTHORIZED];
    }
    switch (method) {
      case 'DESCRIBE':
        return ['200 OK', ['Content-Type: application/sdp', `Content-Base: ${uri}/`], sdp];
      case 'SETUP': {
        const transport = /^Transport: (.*)\r$/m.exec(text)?.[1] ?? '';
        return ['200 OK', [`Transport: ${transport};ssrc=1A2B3C4D`, `Session: ${SESSION_ID};timeout=60`]];
      }
      default:
        return text.includes(`\r\nSession: ${SESSION_ID}\r\n`)
          ? ['200 OK', [`Session: ${SESSION_ID}`]]
          : ['454 Session Not Found'];
    }
  };
}

function isRight(authorization: string, method: string, uri: string): boolean {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const field = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(authorization)?.[1] ?? '';
  return (
    field('username') === 'admin' &&
    field('uri') === uri &&
    field('response') === md5(`${HA1}:${NONCE}:${md5(`${method}:${uri}`)}`) &&
    !authorization.includes('algorithm')
  );
}

/** Packets of 20 ms of A-law, numbered from `first`; each is filled with its own number, 1 to 127, as a positive code. */
export function pcma(count: number, first = 0): PacketParts[] {
  return Array.from({ length: count }, (_, index) => ({
    sequenceNumber: first + index,
    timestamp: (first + index) * 160,
    payload: Buffer.alloc(160, 0x80 + ((first + index) % 128)),
  }));
}

export function send(peer: Peer, packets: readonly PacketParts[], channel = 0): void {
  for (const packet of packets) peer.write(frameBytes(packet, channel));
}
