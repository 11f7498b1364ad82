// What there is to choose from on the talk channel of a camera, and in which order it is tried. Pure.
import {
  CAMERA_DEFAULTS,
  MODES,
  PACKET_BYTES,
  PACKET_MS,
  isHttpTalk,
  type CameraOptions,
  type Codec,
  type PacketMs,
  type TalkMode,
} from '../camera-options.js';
import { dialectDefaults, inDialect } from '../dialects.js';
import { TUNED, type TunedSetting } from './result.js';
import { remark, type TuneRemark } from './sentences.js';

/** Ours; that of what is lost (choose.ts). */
const STEP_MS = 20;

export type PlayedCodec = Exclude<Codec, 'auto'>;

/** A size of packets as the setting of it, and what is said when nobody can tell whether it leaves gaps. */
export interface PacketSize {
  readonly setting: 'packetBytes' | 'packetMs';
  readonly value: number;
  readonly options: Partial<Pick<CameraOptions, 'packetBytes' | 'packetMs'>>;
  readonly unsure: TuneRemark;
}

/** By the HTTP talk nobody speaks in full duplex (PROTOCOL.md H15). Echo cancellation takes the very sound away: it is tried last. */
export function modesFor({ dialect, mode: present }: CameraOptions): TalkMode[] {
  const granted = MODES.filter((mode) => !isHttpTalk(dialect) || mode !== 'full_duplex');
  const order = [present, 'full_duplex' as const, ...MODES].filter((mode) => granted.includes(mode));
  return [...new Set<TalkMode>([...order.filter((mode) => mode !== 'aec'), 'aec'])];
}

/** In the order in which they are chosen: the present one, the dialect's own; those that nobody can choose are only good to measure in. */
export function preferredModes(camera: CameraOptions): TalkMode[] {
  const { dialect, mode: present } = camera;
  const modes = modesFor(camera);
  const first = isHttpTalk(dialect) ? [present, dialectDefaults(dialect).mode] : [present];
  const order = [...first.filter((mode) => modes.includes(mode)), ...modes];
  const settable = (mode: TalkMode): boolean => isSettable(camera, mode);
  return [...new Set([...order.filter(settable), ...order])];
}

/** The present codec, which is A-law when none is chosen, and the other one, where there is one. */
export function codecsOf({ dialect, codec }: CameraOptions): readonly [present: PlayedCodec, other?: PlayedCodec] {
  if (isHttpTalk(dialect)) return ['pcma8k'];
  return codec === 'pcmu16k' ? ['pcmu16k', 'pcma8k'] : ['pcma8k', 'pcmu16k'];
}

/** The largest first. */
export function sizesOf({ dialect }: CameraOptions): PacketSize[] {
  if (isHttpTalk(dialect)) return [...PACKET_MS].sort((a, b) => b - a).map(ofMs);
  return PACKET_BYTES.filter((bytes) => bytes > 0)
    .sort((a, b) => b - a)
    .map(ofBytes);
}

function ofMs(packetMs: PacketMs): PacketSize {
  const unsure = remark('unknown.unsureGapsMs', { packetMs });
  return { setting: 'packetMs', value: packetMs, options: { packetMs }, unsure };
}

function ofBytes(packetBytes: number): PacketSize {
  const unsure = remark('unknown.unsureGaps', { packetBytes });
  return { setting: 'packetBytes', value: packetBytes, options: { packetBytes }, unsure };
}

export function sizeSettingOf({ dialect }: CameraOptions): PacketSize['setting'] {
  return isHttpTalk(dialect) ? 'packetMs' : 'packetBytes';
}

/** Which settings are looked for. */
export function tunedOf(camera: CameraOptions): TunedSetting[] {
  const isSize = (name: TunedSetting): boolean => name === 'packetBytes' || name === 'packetMs';
  return TUNED.filter((name) => !isSize(name) || name === sizeSettingOf(camera));
}

/** Whether the mode can be chosen in the dialect, where another one may stand for blank. */
export function isSettable({ dialect }: CameraOptions, mode: TalkMode): boolean {
  return inDialect(dialect, { ...CAMERA_DEFAULTS, mode }).mode === mode;
}

/** So much, or a little more where exactly that stands for blank in the dialect, ms. */
export function settableMs({ dialect }: CameraOptions, setting: 'leadInMs' | 'drainMs', ms: number): number {
  return inDialect(dialect, { ...CAMERA_DEFAULTS, [setting]: ms })[setting] === ms ? ms : ms + STEP_MS;
}
