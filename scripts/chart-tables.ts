// The measured part of both READMEs out of the benchmark's results: a sentence about the machine and a table. Pure.
import type { Results } from '../test/bench/report.js';
import { NotMeasured, figure } from './chart-figures.js';

export type Language = 'en' | 'zh';

const BEGIN = '<!-- measured: written by the chart script from test/bench/charts/results.json -->';
const END = '<!-- /measured -->';

/** A README with its measured part replaced. Throws when it has none. */
export function withMeasured(readme: string, results: Results, language: Language): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`The README lacks ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n${measuredPart(results, language)}\n${END}${after}`;
}

function measuredPart(results: Results, language: Language): string {
  const of: Figures = (id, which) => figure(results, id, which);
  const [machine, head, ...rows] = (language === 'en' ? english(of, results) : chinese(of, results)).flatMap(
    ifMeasured,
  );
  return [machine ?? '', '', `| ${head ?? ''} |`, '|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}

/** Nothing of a row with a figure that was not measured. */
function ifMeasured(row: Row): string[] {
  try {
    return [row()];
  } catch (error) {
    if (error instanceof NotMeasured) return [];
    throw error;
  }
}

/** A line of the table, or the sentence above it. Throws NotMeasured. */
type Row = () => string;
type Figures = (id: string, which?: 'most') => number;

function english(of: Figures, { environment }: Results): Row[] {
  const sound = (id: string): string => {
    const ms = of(id);
    return ms < 0 ? `${short(-ms)} ms before` : `${short(ms)} ms after`;
  };
  return [
    () =>
      `Medians on ${environment} (shared cores; a bare loop of timers and writes alone took ${fine(of('bare.cpu'))} s of CPU a minute there, with a p99 of ${short(of('bare.p99'))} ms):`,
    () => 'figure | measured',
    () =>
      `fresh session, warm engine, 5 s: first packet with sound, against the end of the lead-in of 300 ms | ${sound('starts.mp3.first')} (MP3), ${sound('starts.wav.first')} (WAV); where lead-in and sound share a packet it comes early`,
    () =>
      `kept session, cached clip: first packet with sound | after ${short(of('starts.kept.first'))} ms, at most ${short(of('starts.kept.first', 'most'))} ms (one packet is 128 ms)`,
    () => `packet lateness p99 / max, one stream of 60 s | ${short(of('minute.p99'))} / ${short(of('minute.max'))} ms`,
    () => `the same for 10 min | ${short(of('long.p99'))} / ${short(of('long.max'))} ms`,
    () =>
      `Node-RED's main loop blocked for 2 s: latest packet | ${short(of('blocked.pause.thread.max'))} ms, slips: ${of('blocked.pause.thread.slips')} (without the thread ${short(of('blocked.pause.bare.max'))} ms, slips: ${of('blocked.pause.bare.slips')})`,
    () =>
      `main loop blocked 80 % of the time: lateness p99 | ${short(of('blocked.pieces.thread.p99'))} ms (without the thread ${short(of('blocked.pieces.bare.p99'))} ms)`,
    () =>
      `CPU per stream-minute, decoding included | one stream ${fine(of('minute.cpu'))} s; fifty streams ${finer(of('many.cpu.1024'))} s each (packets of 1024 bytes), ${finer(of('many.cpu.160'))} s (160 bytes)`,
    () =>
      `fifty cameras from one message | ${of('many.whole')} heard it whole, first sound on the last one ${sound('many.first')} the lead-in, lateness p99 ${short(of('many.p99'))} ms, cameras apart p99 ${short(of('many.spread'))} ms, ${short(of('many.memory'))} MB resident at most`,
    () =>
      `two hundred cameras | ${of('growth.200.whole')} heard it whole, lateness p99 ${short(of('growth.200.p99'))} ms, cameras apart p99 ${short(of('growth.200.spread'))} ms, ${short(of('growth.200.share'))} % of the machine, ${short(of('growth.200.memory'))} MB`,
    () =>
      `idle in Node-RED, beside an empty one | CPU ${signed(of('idle.cpu'))} ms a minute, resident memory ${signed(of('idle.resident'))} MB`,
    () => `listening | first 100 ms of sound ${short(of('listen.first'))} ms after start`,
    () =>
      `talking and listening at once | talk packets ${signed(of('listen.talk.more'))} ms late (p99), chunks of sound ${signed(of('listen.chunks.more'))} ms of jitter (p99)`,
    () => `speech heard against ffmpeg's conversion | correlation ${of('starts.mp3.alike').toFixed(3)}`,
    () =>
      `Tapo, fresh session: first packet with sound, against the end of the lead-in of 500 ms | ${sound('tapo.starts.mp3.first')} (MP3), ${sound('tapo.starts.wav.first')} (WAV); counted from when the camera accepted the connection, ${sound('tapo.starts.mp3.accept')} and ${sound('tapo.starts.wav.accept')}`,
    () =>
      `Tapo: packet lateness p99 / max, one stream of 60 s | ${short(of('tapo.minute.p99'))} / ${short(of('tapo.minute.max'))} ms`,
    () =>
      `Tapo: CPU per stream-minute, fifty streams | ${finer(of('tapo.many.cpu.40ms'))} s each (packets of 40 ms), ${finer(of('tapo.many.cpu.20ms'))} s (20 ms)`,
    () =>
      `Tapo: fifty cameras from one message | ${of('tapo.many.whole')} heard it whole, lateness p99 ${short(of('tapo.many.p99'))} ms, cameras apart p99 ${short(of('tapo.many.spread'))} ms, ${short(of('tapo.many.memory'))} MB`,
    () =>
      `fifty cameras from one message, half of them Tapo | ${of('tapo.mixed.whole')} heard it whole, lateness p99 ${short(of('tapo.mixed.p99'))} ms, cameras apart p99 ${short(of('tapo.mixed.spread'))} ms, ${short(of('tapo.mixed.memory'))} MB`,
  ];
}

function chinese(of: Figures, { environment }: Results): Row[] {
  const sound = (id: string, end = '前导静音结束'): string => {
    const ms = of(id);
    return ms < 0 ? `比${end}早 ${short(-ms)} 毫秒` : `比${end}晚 ${short(ms)} 毫秒`;
  };
  return [
    () =>
      `${environment} 上的中位数（CPU 核为共享；仅有定时器和写操作的空循环在那里每分钟也用去 ${fine(of('bare.cpu'))} 秒 CPU，p99 为 ${short(of('bare.p99'))} 毫秒）：`,
    () => '项目 | 实测',
    () =>
      `新会话、引擎已预热、5 秒音频：第一个有声数据包，相对于 300 毫秒前导静音的结束 | ${sound('starts.mp3.first', '其')}（MP3），${sound('starts.wav.first', '其')}（WAV）；前导静音与声音同在一个包里时会提前到达`,
    () =>
      `保持的会话、已缓存的音频：第一个有声数据包 | ${short(of('starts.kept.first'))} 毫秒后，最多 ${short(of('starts.kept.first', 'most'))} 毫秒（一个数据包为 128 毫秒）`,
    () => `单路 60 秒，数据包延迟 p99 / 最大 | ${short(of('minute.p99'))} / ${short(of('minute.max'))} 毫秒`,
    () => `单路 10 分钟，同上 | ${short(of('long.p99'))} / ${short(of('long.max'))} 毫秒`,
    () =>
      `Node-RED 主循环阻塞 2 秒：最迟的数据包 | ${short(of('blocked.pause.thread.max'))} 毫秒，时间线移动 ${of('blocked.pause.thread.slips')} 次（不用线程时 ${short(of('blocked.pause.bare.max'))} 毫秒，移动 ${of('blocked.pause.bare.slips')} 次）`,
    () =>
      `主循环 80 % 的时间被阻塞：延迟 p99 | ${short(of('blocked.pieces.thread.p99'))} 毫秒（不用线程时 ${short(of('blocked.pieces.bare.p99'))} 毫秒）`,
    () =>
      `每路每分钟的 CPU 时间，含解码 | 单路 ${fine(of('minute.cpu'))} 秒；五十路同时播放时每路 ${finer(of('many.cpu.1024'))} 秒（1024 字节的包），${finer(of('many.cpu.160'))} 秒（160 字节）`,
    () =>
      `一条消息、五十台摄像机 | ${of('many.whole')} 台完整听到，最后一台的第一声${sound('many.first')}，延迟 p99 为 ${short(of('many.p99'))} 毫秒，各台之间相差 p99 为 ${short(of('many.spread'))} 毫秒，常驻内存最多 ${short(of('many.memory'))} MB`,
    () =>
      `二百台摄像机 | ${of('growth.200.whole')} 台完整听到，延迟 p99 为 ${short(of('growth.200.p99'))} 毫秒，各台之间相差 p99 为 ${short(of('growth.200.spread'))} 毫秒，占整机 CPU 的 ${short(of('growth.200.share'))} %，${short(of('growth.200.memory'))} MB`,
    () =>
      `在 Node-RED 中空闲，与空的 Node-RED 相比 | 每分钟 CPU ${signed(of('idle.cpu'))} 毫秒，常驻内存 ${signed(of('idle.resident'))} MB`,
    () => `拾音 | 启动后 ${short(of('listen.first'))} 毫秒得到最初 100 毫秒的声音`,
    () =>
      `同时对讲和拾音 | 对讲数据包延迟 ${signed(of('listen.talk.more'))} 毫秒（p99），声音块抖动 ${signed(of('listen.chunks.more'))} 毫秒（p99）`,
    () => `听到的语音与 ffmpeg 转换结果 | 相关系数 ${of('starts.mp3.alike').toFixed(3)}`,
    () =>
      `Tapo，新会话：第一个有声数据包，相对于 500 毫秒前导静音的结束 | ${sound('tapo.starts.mp3.first', '其')}（MP3），${sound('tapo.starts.wav.first', '其')}（WAV）；从摄像机接受连接算起，${sound('tapo.starts.mp3.accept', '其')}和${sound('tapo.starts.wav.accept', '其')}`,
    () =>
      `Tapo：单路 60 秒，数据包延迟 p99 / 最大 | ${short(of('tapo.minute.p99'))} / ${short(of('tapo.minute.max'))} 毫秒`,
    () =>
      `Tapo：五十路，每路每分钟的 CPU 时间 | ${finer(of('tapo.many.cpu.40ms'))} 秒（40 毫秒的包），${finer(of('tapo.many.cpu.20ms'))} 秒（20 毫秒）`,
    () =>
      `Tapo：一条消息、五十台摄像机 | ${of('tapo.many.whole')} 台完整听到，延迟 p99 为 ${short(of('tapo.many.p99'))} 毫秒，各台之间相差 p99 为 ${short(of('tapo.many.spread'))} 毫秒，${short(of('tapo.many.memory'))} MB`,
    () =>
      `一条消息、五十台摄像机，其中一半是 Tapo | ${of('tapo.mixed.whole')} 台完整听到，延迟 p99 为 ${short(of('tapo.mixed.p99'))} 毫秒，各台之间相差 p99 为 ${short(of('tapo.mixed.spread'))} 毫秒，${short(of('tapo.mixed.memory'))} MB`,
  ];
}

/** As exact as anybody reads it: 3.4, 117. */
function short(value: number): string {
  return Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${short(Math.abs(value))}`;
}

function fine(value: number): string {
  return value.toFixed(2);
}

function finer(value: number): string {
  return value.toFixed(3);
}
