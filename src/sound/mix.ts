// Several channels to one: the weight of each by where its loudspeaker stands, and a way out when channels cancel each other. Pure.

/** Loudspeakers by the bits of a WAV's channel mask, lowest first (Microsoft's mmreg.h, SPEAKER_…), and how loud each is in one. */
const CENTRE = 1;
const FRONT = Math.SQRT1_2;
const AROUND = 1 / 2;
const SPEAKERS: readonly number[] = [
  // Left, right, centre, low frequencies
  ...[FRONT, FRONT, CENTRE, 0],
  // Back left and right, left and right of the centre, back centre, the sides
  ...[AROUND, AROUND, FRONT, FRONT, AROUND, AROUND, AROUND],
  // Above: centre, front left to right, back left to right
  ...[AROUND, AROUND, AROUND, AROUND, AROUND, AROUND, AROUND],
];
/** Channels cancel each other when the mix is so far below what the loudest of them gives to it: two halves lose 15 dB against one. */
const CANCELLED = 10 ** (-9 / 10);
/** And no longer when it has come back to here; the gap keeps sound on the edge from going to and fro. */
const RESTORED = 10 ** (-3 / 10);
/** Loudness is judged every millisecond, over some 50 of them: a few periods of the lowest voice, less than a syllable. */
const JUDGED_PER_SECOND = 1_000;
const FORGET = Math.exp(-1 / 50);
/** From one set of weights to another in this time, s: too slow for a click, short against a syllable. */
const FADE_SECONDS = 0.01;

/**
 * The weight of each channel, all together 1, so that nothing clips. `mask` says in which of SPEAKERS the channels are; with 0 nobody knows, and all
 * are alike.
 */
export function mixWeights(channels: number, mask = 0): Float64Array {
  const placed = SPEAKERS.filter((_, bit) => ((mask >>> bit) & 1) === 1);
  const loudness = Array.from({ length: channels }, (_, channel) => placed[channel] ?? AROUND);
  const sum = loudness.reduce((total, each) => total + each, 0);
  return Float64Array.from(loudness, (each) => (sum === 0 ? 1 / channels : each / sum));
}

/** Mixes frames as they come. Where channels cancel each other, the loudest is heard alone, as loud as two of its kind in step. */
export class Mixer {
  readonly #channels: number;
  readonly #weights: Float64Array;
  readonly #judgeFrames: number;
  readonly #fadeFrames: number;
  /** What is heard now, and how much that changes with each frame of the `#fading` to come. */
  readonly #now: Float64Array;
  readonly #step: Float64Array;
  #fading = 0;
  /** The channel heard alone; −1: all. */
  #alone = -1;
  /** Of every channel and, at the end, of the mix: since the last judgement, and the remembered. */
  readonly #fresh: Float64Array;
  readonly #remembered: Float64Array;
  #untilJudged: number;

  constructor({ channels, sampleRate, mask = 0 }: { channels: number; sampleRate: number; mask?: number | undefined }) {
    this.#channels = channels;
    this.#weights = mixWeights(channels, mask);
    this.#judgeFrames = Math.max(1, Math.round(sampleRate / JUDGED_PER_SECOND));
    this.#fadeFrames = Math.max(1, Math.round(sampleRate * FADE_SECONDS));
    this.#now = Float64Array.from(this.#weights);
    this.#step = new Float64Array(channels);
    this.#fresh = new Float64Array(channels + 1);
    this.#remembered = new Float64Array(channels + 1);
    this.#untilJudged = this.#judgeFrames;
  }

  /** Fills `mono` from as many frames of interleaved samples. How the frames are cut into calls makes no difference. */
  mix(interleaved: Float32Array, mono: Float32Array): void {
    for (let from = 0; from < mono.length;) {
      const frames = Math.min(this.#untilJudged, mono.length - from);
      this.#mix(interleaved, mono, from, from + frames);
      from += frames;
      this.#untilJudged -= frames;
      if (this.#untilJudged === 0) this.#judge();
    }
  }

  #mix(interleaved: Float32Array, mono: Float32Array, from: number, to: number): void {
    const channels = this.#channels;
    const weights = this.#weights;
    const now = this.#now;
    const fresh = this.#fresh;
    let i = from * channels;
    for (let frame = from; frame < to; frame++) {
      if (this.#fading > 0) this.#fade();
      let heard = 0;
      let all = 0;
      for (let channel = 0; channel < channels; channel++) {
        const sample = interleaved[i++] ?? 0;
        heard += sample * (now[channel] ?? 0);
        all += sample * (weights[channel] ?? 0);
        fresh[channel] = (fresh[channel] ?? 0) + sample * sample;
      }
      fresh[channels] = (fresh[channels] ?? 0) + all * all;
      mono[frame] = heard;
    }
  }

  #fade(): void {
    this.#fading--;
    for (let channel = 0; channel < this.#channels; channel++) {
      this.#now[channel] =
        this.#fading === 0 ? this.#wanted(channel) : (this.#now[channel] ?? 0) + (this.#step[channel] ?? 0);
    }
  }

  #judge(): void {
    this.#untilJudged = this.#judgeFrames;
    let loudest = -1;
    let most = 0;
    for (let at = 0; at <= this.#channels; at++) {
      this.#remembered[at] = (this.#remembered[at] ?? 0) * FORGET + (this.#fresh[at] ?? 0);
      this.#fresh[at] = 0;
      const given = (this.#remembered[at] ?? 0) * (this.#weights[at] ?? 0) ** 2;
      if (at === this.#channels || given <= most) continue;
      most = given;
      loudest = at;
    }
    const mix = this.#remembered[this.#channels] ?? 0;
    if (this.#alone < 0 ? mix < most * CANCELLED : mix > most * RESTORED) this.#turnTo(this.#alone < 0 ? loudest : -1);
  }

  #turnTo(channel: number): void {
    this.#alone = channel;
    this.#fading = this.#fadeFrames;
    for (let each = 0; each < this.#channels; each++) {
      this.#step[each] = (this.#wanted(each) - (this.#now[each] ?? 0)) / this.#fadeFrames;
    }
  }

  #wanted(channel: number): number {
    if (this.#alone < 0) return this.#weights[channel] ?? 0;
    return channel === this.#alone ? 2 * (this.#weights[channel] ?? 0) : 0;
  }
}
