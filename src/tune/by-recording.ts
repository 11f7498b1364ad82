// Tuning by a recording that is heard only when all has been played: everything is tried once, at times that tell the sessions apart.
import { PACKET_BYTES, type CameraOptions, type Codec } from '../camera-options.js';
import { isTalkError } from '../errors.js';
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
  readonly codec: Exclude<Codec, 'auto'>;
  readonly packetBytes: number;
  readonly kind: SessionKind;
}

interface Played extends Planned {
  readonly sent: SentTrain;
}

/** Rejects as `playTrain` does, and with whatever reading the recording rejects with. */
export async function tuneByRecording(
  camera: CameraOptions,
  codecs: readonly [present: Planned['codec'], other: Planned['codec']],
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
  const played = await playAll(camera, codecs, deps, signal, tell);
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
    findings.heard('packetBytes', one.packetBytes, camera.mode, 'recording', report);
    return { ...one, report };
  });
  judge(heard, codecs, findings);
}

function judge(
  heard: readonly (Played & { readonly report: TrainReport })[],
  [present, other]: readonly [Planned['codec'], Planned['codec']],
  findings: Findings,
): void {
  const recognised = (codec: Planned['codec']): boolean =>
    heard.some((one) => one.codec === codec && (isClear(one.report.heard) || one.report.heard === 'noisy'));
  if (!recognised(present)) {
    findings.unheard([remark('unknown.silentCodec', { codec: present })]);
    if (!recognised(other)) return;
    findings.found('codec', other);
    findings.unheard([remark('unknown.otherCodec', { codec: other })]);
    return;
  }
  findings.found('codec', present);
  const ours = heard.filter(({ codec }) => codec === present);
  chooseSize(ours, findings);
  const whole = ours.map(({ report }) => report).filter((report) => wholeness(report) === 'whole');
  const [begin, end] = [leadIn(whole), drain(whole)];
  if ('value' in begin) findings.found('leadInMs', begin.value);
  else findings.unknown('leadInMs', begin.why);
  if ('value' in end) findings.found('drainMs', end.value);
  else findings.unknown('drainMs', end.why);
}

function chooseSize(heard: readonly (Planned & { readonly report: TrainReport })[], findings: Findings): void {
  for (const size of SIZES) {
    const reports = heard.filter(({ packetBytes }) => packetBytes === size).map(({ report }) => report);
    const said = reports.map(wholeness);
    if (said.includes('whole') && !said.includes('gaps')) {
      findings.found('packetBytes', size);
      return;
    }
    if (!said.includes('gaps') || said.includes('whole')) {
      findings.unknown('packetBytes', [remark('unknown.unsureGaps', { packetBytes: size }), problemOf(reports)]);
      return;
    }
  }
  findings.unknown('packetBytes', [remark('unknown.gaps')]);
}

const SIZES = PACKET_BYTES.filter((bytes) => bytes > 0).sort((a, b) => b - a);

/** The other codec first and last: when it is the only one that is heard, two sessions tell where they are. */
async function playAll(
  camera: CameraOptions,
  [present, other]: readonly [Planned['codec'], Planned['codec']],
  deps: TuneDeps,
  signal: AbortSignal,
  tell: (setting: TunedSetting, value: number | string, of: number) => void,
): Promise<Played[]> {
  const [largest = 0, smallest = 0] = [SIZES[0], SIZES.at(-1)];
  const play = (codec: Planned['codec'], packetBytes: number, kind: SessionKind = 'in a row'): Planned => ({
    codec,
    packetBytes,
    kind,
  });
  const plan: Planned[] = [
    play(other, largest),
    ...[...SIZES, ...new Array<number>(LARGEST_AGAIN).fill(largest)].map((size) => play(present, size)),
    // One of the two is heard whole, whichever leave gaps.
    play(present, smallest, 'rested'),
    play(present, largest, 'rested'),
    play(other, largest),
  ];
  const played: Played[] = [];
  for (const [n, planned] of plan.entries()) {
    tell(
      planned.codec === present ? 'packetBytes' : 'codec',
      planned.codec === present ? planned.packetBytes : other,
      plan.length,
    );
    try {
      played.push({
        ...planned,
        sent: await sendTrain(
          { ...camera, codec: planned.codec, packetBytes: planned.packetBytes },
          planned.kind,
          deps,
          signal,
        ),
      });
    } catch (error) {
      // A camera may hang up on a codec that it does not know.
      const refused =
        isTalkError(error) && ['TALK_ERR_CLOSED', 'TALK_ERR_STALLED', 'TALK_ERR_REFUSED'].includes(error.code);
      if (planned.codec === present || !refused) throw error;
    }
    await deps.clock.wait(LATEST_MS + n * LONGER_MS, signal);
  }
  return played;
}
