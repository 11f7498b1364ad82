import { makeClips } from './clips.js';
import { prepare } from '../../src/audio/prepare.js';
import { audioSources } from '../../src/audio/source.js';
import { monotonicClock } from '../../src/clock.js';
import { PreparedCache } from '../../src/audio/cache.js';
async function main(){ const clips=makeClips(); const f=clips.speech(600,'mp3');
const p=prepare(audioSources(f),{encoding:'pcma' as never,sampleRate:8000,gainDb:0,normalize:false,maxSeconds:600,ffmpegPath:undefined,signal:new AbortController().signal,clock:monotonicClock,cache:new PreparedCache()} as never);
for(let i=0;i<60;i++){ await new Promise(r=>setTimeout(r,500)); try { p.clip.read(0,1);} catch(e){ console.log('fail',e); break;} if(p.clip.ended){console.log('ended', p.clip.available/8000);break;} console.log(p.clip.available/8000);} clips.remove(); process.exit(); }
main();
