// The families of simulated cameras, and what those that talk over HTTP are like. No decisions.
import type { PasswordForm } from './secret.js';

/** `multitrans`: TL-IPC, Mercury, FAST, VIGI by RTSP. `tapo`: Tapo. `vigi-stream`: VIGI by the HTTP talk. */
export type SimulatorFamily = 'multitrans' | 'tapo' | 'vigi-stream';

export const FAMILIES: readonly SimulatorFamily[] = ['multitrans', 'tapo', 'vigi-stream'];

/** Whoever talks over HTTP is called this, whatever the password (PROTOCOL.md H4). */
export const TALK_USER = 'admin';

/** One camera’s port of the HTTP talk as one connection finds it. */
export interface HttpTalkTraits {
  /** Of the status lines. */
  readonly http: '1.0' | '1.1';
  readonly realm: string;
  /** What it takes as the password. */
  readonly form: PasswordForm;
  /** `encrypt_type` of the challenge; undefined: there is none. */
  readonly encryptType: string | undefined;
  /** Of the digest; undefined: not offered. */
  readonly algorithm: 'MD5' | 'SHA-256' | undefined;
  readonly qop: boolean;
  readonly opaque: boolean;
  /** Another line of the challenge that asks for Basic, or no other line than that. */
  readonly basic: 'no' | 'first' | 'only';
  /** Blanks after the commas of the challenge, `algorithm` and `encrypt_type` at its end: as a hub writes it. */
  readonly spacedChallenge: boolean;
  /** For which connections a nonce is good; `once`: for one answer on any. */
  readonly nonces: 'camera' | 'connection' | 'once';
  /** 401 has a body of 14 bytes. */
  readonly refusalBody: boolean;
  /** `says`: `Connection: close` and goes on. `does`: FIN after the 401 to a request without credentials. */
  readonly closes: 'no' | 'says' | 'does';
  readonly withoutLogin: boolean;
  /** 16 bytes between the head of the 200 and the first part, as its `Content-Length` says. */
  readonly strayBytes: boolean;
  /** Sound that is not encrypted is thrown away without a word. */
  readonly encryptedOnly: boolean;
  /** Takes the groups of the maker’s app, and no other parts. */
  readonly vendorGroups: boolean;
  /** Is a child behind a hub: wants the query, the client’s id and encrypted groups; the first talk only wakes it. */
  readonly hub: boolean;
  /** How long the talk slot stays taken when a talk ends without a stop, ms. */
  readonly heldMs: number;
  /** A talk without sound for so long is over, ms. */
  readonly idleMs: number;
  /** A talk is over after so long, whatever is said, ms. */
  readonly awakeMs: number;
}

const USUAL_TALK: HttpTalkTraits = {
  http: '1.0',
  realm: 'TP-Link IP-Camera',
  form: 'sha256',
  encryptType: '3',
  algorithm: 'MD5',
  qop: true,
  opaque: true,
  basic: 'no',
  spacedChallenge: false,
  nonces: 'camera',
  refusalBody: false,
  closes: 'no',
  withoutLogin: false,
  strayBytes: false,
  encryptedOnly: false,
  vendorGroups: false,
  hub: false,
  heldMs: 0,
  idleMs: Number.POSITIVE_INFINITY,
  awakeMs: Number.POSITIVE_INFINITY,
};

/** A healthy camera of the family (PROTOCOL.md H4, H12). */
export function usualTalk(family: SimulatorFamily): HttpTalkTraits {
  if (family !== 'vigi-stream') return USUAL_TALK;
  return { ...USUAL_TALK, realm: 'TP-LINK IP-Camera', form: 'encode', encryptType: undefined };
}
