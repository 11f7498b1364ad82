// Tuning by a recording that is heard only when all has been played: everything is tried once, at times that tell the sessions apart.
import type { CameraOptions } from '../camera-options.js';
import { isTalkError } from '../errors.js';
import { codecsOf, settableMs, sizeSettingOf, sizesOf, type PacketSize, type PlayedCodec } from './choices.js';
import { drain, isClear, leadIn, problemOf, wholeness, type SessionKind, type TrainReport } from './choose.js';
import type { Findings } from './findings.js';
import { hearAt, offsetOf, trainsIn } from './recording.js';
import { sendTrain, type SentTrain, type TuneDeps } from './session.js';
import type { TunedSetting } from './result.js';
import { remark } from './sentences.js';

export type RecordingDeps = TuneDeps & { readonly readRecording: NonNullable<TuneDeps['readRecording']> };

/** How long a camera may be late with the end of a train, ms. */
const LATEST_MS = 1_500;
/** Each pause is so much longer than the one before, ms: no two sessions are as far apart as two others. */
const LONGER_MS = 400;
/** The largest packets are played so often, with which most cameras are heard whole. */
const LARGEST_AGAIN = 2;

interface Planned {
  readonly codec: PlayedCodec;
  readonly size: PacketSize;
  readonly kind: SessionKind;
}

interface Played extends Planned {
  readonly sent: SentTrain;
}

/** Rejects as `playTrain` does, and with whatever reading the recording rejects with. */
export async function tuneByRecording(
  camera: CameraOptions,
  findings: Findings,
  deps: RecordingDeps,
  {
    signal,
    tell,
  }: {
    readonly signal: AbortSignal;
    readonly tell: (setting: TunedSetting, value: number | string, of: number) => void;
  },
): Promise<void> {
  const played = await playAll(camera, deps, signal, tell);
  const samples = await deps.readRecording(signal);
  const offset = offsetOf(
    played.map(({ sent }) => sent.sentAt),
    await trainsIn(samples, deps.clock, signal),
  );
  if (offset === undefined) {
    findings.unheard([remark('unknown.notInRecording')]);
    return;
  }
  const heard = played.map((one): Played & { report: TrainReport } => {
    const { sentAt, packetMs, closedLateMs, disturbed } = one.sent;
    const report = {
      heard: disturbed ? ('disturbed' as const) : hearAt(samples, sentAt + offset, packetMs),
      closedLateMs,
      kind: one.kind,
    };
    findings.heard(one.size.setting, one.size.value, camera.mode, 'recording', report);
    return { ...one, report };
  });
  judge(camera, heard, findings);
}

function judge(
  camera: CameraOptions,
  heard: readonly (Played & { readonly report: TrainReport })[],
  findings: Findings,
): void {
  const [present, other] = codecsOf(camera);
  const recognised = (codec: PlayedCodec): boolean =>
    heard.some((one) => one.codec === codec && (isClear(one.report.heard) || one.report.heard === 'noisy'));
  if (!recognised(present)) {
    findings.unheard([remark('unknown.silentCodec', { codec: present })]);
    if (other === undefined || !recognised(other)) return;
    findings.found('codec', other);
    findings.unheard([remark('unknown.otherCodec', { codec: other })]);
    return;
  }
  findings.found('codec', present);
  const ours = heard.filter(({ codec }) => codec === present);
  chooseSize(camera, ours, findings);
  const whole = ours.map(({ report }) => report).filter((report) => wholeness(report) === 'whole');
  const [begin, end] = [leadIn(whole), drain(whole)];
  if ('value' in begin) findings.found('leadInMs', settableMs(camera, 'leadInMs', begin.value));
  else findings.unknown('leadInMs', begin.why);
  if ('value' in end) findings.found('drainMs', settableMs(camera, 'drainMs', end.value));
  else findings.unknown('drainMs', end.why);
}

function chooseSize(
  camera: CameraOptions,
  heard: readonly (Planned & { readonly report: TrainReport })[],
  findings: Findings,
): void {
  for (const { setting, value, unsure } of sizesOf(camera)) {
    const reports = heard.filter(({ size }) => size.value === value).map(({ report }) => report);
    const said = reports.map(wholeness);
    if (said.includes('whole') && !said.includes('gaps')) {
      findings.found(setting, value);
      return;
    }
    if (!said.includes('gaps') || said.includes('whole')) {
      findings.unknown(setting, [unsure, problemOf(reports)]);
      return;
    }
  }
  findings.unknown(sizeSettingOf(camera), [remark('unknown.gaps')]);
}

/** The other codec first and last: when it is the only one that is heard, two sessions tell where they are. */
async function playAll(
  camera: CameraOptions,
  deps: TuneDeps,
  signal: AbortSignal,
  tell: (setting: TunedSetting, value: number | string, of: number) => void,
): Promise<Played[]> {
  const [present, other] = codecsOf(camera);
  const sizes = sizesOf(camera);
  const [largest, smallest] = [sizes.slice(0, 1), sizes.slice(-1)];
  const play =
    (codec: PlayedCodec, kind: SessionKind = 'in a row') =>
    (size: PacketSize): Planned => ({ codec, size, kind });
  const others = other === undefined ? [] : largest.map(play(other));
  const plan: Planned[] = [
    ...others,
    ...[...sizes, ...new Array<PacketSize[]>(LARGEST_AGAIN).fill(largest).flat()].map(play(present)),
    // One of the two is heard whole, whichever leave gaps.
    ...[...smallest, ...largest].map(play(present, 'rested')),
    ...others,
  ];
  const played: Played[] = [];
  for (const [n, planned] of plan.entries()) {
    const { codec, size, kind } = planned;
    if (codec === present) tell(size.setting, size.value, plan.length);
    else tell('codec', codec, plan.length);
    try {
      played.push({
        ...planned,
        sent: await sendTrain({ ...camera, codec, ...size.options }, kind, deps, signal),
      });
    } catch (error) {
      // A camera may hang up on a codec that it does not know.
      const refused =
        isTalkError(error) && ['TALK_ERR_CLOSED', 'TALK_ERR_STALLED', 'TALK_ERR_REFUSED'].includes(error.code);
      if (codec === present || !refused) throw error;
    }
    await deps.clock.wait(LATEST_MS + n * LONGER_MS, signal);
  }
  return played;
}
