// How many MP3s damaged at random are spoken where ffmpeg speaks them: `node --import tsx scripts/damaged-mp3.ts [how many of each] [seed]`.
import { join } from 'node:path';
import { damaged, DAMAGES, heardByFfmpeg, spoken } from '../test/helpers/damage.js';

const WAV = join(__dirname, '../test/fixtures/audio/speech-16k.wav');

async function main(each: number, seed: number): Promise<void> {
  for (const damage of DAMAGES) {
    const count = { byFfmpeg: 0, byUs: 0, cutOff: 0 };
    for (const { name, mayBeRefused, bytes } of damaged(WAV, damage, each, seed)) {
      const wanted = heardByFfmpeg(bytes);
      if (wanted === 0) continue;
      const heard = await spoken(bytes);
      count.byFfmpeg++;
      if (typeof heard === 'number' && heard > 0) count.byUs++;
      else if (mayBeRefused) count.cutOff++;
      else console.log(`${name}: ${String(heard)}, ffmpeg ${wanted.toFixed(2)} s`);
    }
    const { byFfmpeg, byUs, cutOff } = count;
    console.log(`${damage}: ffmpeg speaks ${byFfmpeg}, of these spoken ${byUs}, a good part missing ${cutOff}`);
  }
}

void main(Number(process.argv[2] ?? 200), Number(process.argv[3] ?? 1));
